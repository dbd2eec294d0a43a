"""A condition in the one grammar (`edge.expr`), over samples."""

from __future__ import annotations

from collections.abc import Mapping

from edge.alarm.calc.calculation import Voice, reading, weakest
from edge.clock import NS, Instant
from edge.expr import Input, compile_expression
from edge.site.alarms.calculated import ExpressionSpec
from edge.tag import REASONS, Reason, Sample, Tag


class Known:
    """The last of one input: its value, why it is believed, and when it was measured."""

    __slots__ = ("lag_s", "mono_ns", "reason", "value")

    def __init__(self, value: float | None, reason: Reason, mono_ns: int, lag_s: float) -> None:
        self.value, self.reason, self.mono_ns, self.lag_s = value, reason, mono_ns, lag_s

    def at(self, mono_ns: int) -> Input:
        """Return it as an expression takes it at `mono_ns` [ns]."""
        return Input(self.value, self.lag_s + (mono_ns - self.mono_ns) / NS, self.value is None)


class Expression:
    """1 where the expression holds, 0 where it does not; Bad where that is not known.

    An input that is Bad or set aside is unknown; the result may be known all the same (`true or
    unknown`), and is doubted then. Nothing is said before every input has been heard of.
    """

    def __init__(self, spec: ExpressionSpec, tags: Mapping[str, Tag]) -> None:
        self.spec, self.tag = spec, tags[spec.tag]
        self._inputs = {name: tags[name] for name in spec.inputs}
        units = {name: tag.unit for name, tag in self._inputs.items()}
        self._expression = compile_expression(spec.text, units)
        self.timed = self._expression.uses_age
        self._known: dict[str, Known] = {}
        self._voice = Voice(self.tag)

    def offer(self, sample: Sample, now: Instant) -> Sample | None:
        """Take a sample of an input."""
        value, reason = reading(sample, self._inputs[sample.tag])
        lag_s = max(0, sample.receive_ns - sample.source_ns) / NS
        self._known[sample.tag] = Known(value, reason, now.mono_ns, lag_s)
        return self._say(now)

    def tick(self, now: Instant) -> Sample | None:
        """Ask again: ages have grown."""
        return self._say(now)

    def _say(self, now: Instant) -> Sample | None:
        if len(self._known) < len(self._inputs):
            return None
        values = {name: known.at(now.mono_ns) for name, known in self._known.items()}
        result = self._expression.evaluate(values)
        reason = weakest([known.reason for known in self._known.values()])
        if result is None:
            why = Reason.INVALID_VALUE if REASONS[reason].judges else reason
            return self._voice.say(None, why, now)
        if not REASONS[reason].judges:
            reason = Reason.ESTIMATED
        return self._voice.say(1.0 if result else 0.0, reason, now)
