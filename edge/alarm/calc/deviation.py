"""How far two tags are apart that should read the same."""

from __future__ import annotations

from collections.abc import Mapping

from edge.alarm.calc.calculation import Voice, reading, weakest
from edge.clock import Instant
from edge.site.alarms.calculated import DeviationSpec
from edge.tag import Reason, Sample, Tag


class Deviation:
    """|a - b| in the unit of the first, as good as the worse of the two."""

    timed = False

    def __init__(self, spec: DeviationSpec, tags: Mapping[str, Tag]) -> None:
        self.spec, self.tag = spec, tags[spec.tag]
        self._inputs = {name: tags[name] for name in spec.inputs}
        self._known: dict[str, tuple[float | None, Reason]] = {}
        self._voice = Voice(self.tag)

    def offer(self, sample: Sample, now: Instant) -> Sample | None:
        """Take a sample of one of the two."""
        self._known[sample.tag] = reading(sample, self._inputs[sample.tag])
        if len(self._known) < len(self._inputs):
            return None
        (first, why_first), (second, why_second) = (self._known[n] for n in self.spec.inputs)
        reason = weakest((why_first, why_second))
        if first is None or second is None:
            return self._voice.say(None, reason, now)
        spec = self.spec
        apart = abs(first - (second * spec.factor + spec.offset))
        if spec.turn:
            apart %= spec.turn
            apart = min(apart, spec.turn - apart)
        return self._voice.say(apart, reason, now)

    def tick(self, now: Instant) -> Sample | None:  # noqa: ARG002  # time is no part of it
        """Do nothing."""
        return None
