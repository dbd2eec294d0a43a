"""The calculations of a site: who is to be given which sample, and who asks for the time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from edge.alarm.calc.calculation import Calculation, Voice
from edge.alarm.calc.deviation import Deviation
from edge.alarm.calc.expression import Expression
from edge.alarm.calc.gds import BesideGds
from edge.alarm.calc.rate import Overfill, Rate
from edge.alarm.calc.vote import Vote
from edge.clock import Instant
from edge.site.alarms.calculated import (
    CalcSpec,
    DeviationSpec,
    ExpressionSpec,
    OverfillSpec,
    RateSpec,
    VoteSpec,
)
from edge.site.alarms.gds import GdsSpec
from edge.site.model import Site
from edge.tag import Sample, Tag

Failed = Callable[[str, Exception], None]  # tells people of a calculated tag that could not be made
Maker = Callable[[Any, Mapping[str, Tag]], Calculation]  # of a spec of its own kind, and the tags
MAKERS: dict[type[CalcSpec], Maker] = {
    RateSpec: Rate,
    DeviationSpec: Deviation,
    VoteSpec: Vote,
    OverfillSpec: Overfill,
    ExpressionSpec: Expression,
    GdsSpec: BesideGds,
}


class Calculations:
    """Every calculation of one site.

    Those of `before` whose spec and tags are the same go on, with all that they have gathered.
    """

    def __init__(self, site: Site, before: Calculations | None = None) -> None:
        self._tags = site.tags
        self._all: dict[str, Calculation] = {}
        for spec in site.calculations.values():
            kept = before.kept(spec, site.tags) if before is not None else None
            made = MAKERS[type(spec)](spec, site.tags) if kept is None else kept
            self._all[spec.tag] = made
        self.by_input: dict[str, tuple[Calculation, ...]] = {}
        for item in self._all.values():
            for name in dict.fromkeys(item.spec.inputs):
                self.by_input[name] = (*self.by_input.get(name, ()), item)
        self._said: dict[str, Sample] = {}  # by calculated tag, the last
        self._lost: set[str] = set()  # they failed since
        self._timed = [item for item in self._all.values() if item.timed]
        self.timed = frozenset(name for item in self._timed for name in item.spec.inputs)

    def offer(self, sample: Sample, now: Instant, failed: Failed) -> list[Sample]:
        """Return what is calculated of a sample; of one that fails, a Bad sample and a word."""
        made: list[Sample] = []
        for item in self.by_input.get(sample.tag, ()):
            try:
                found = item.offer(sample, now)
                if found is None and item.tag.name in self._lost:
                    found = self._again(item, now)  # it is no news to who did not fail
            except Exception as error:  # noqa: BLE001  # told by `failed`; others must not pay for it
                made.append(self._fail(item, error, now, failed))
                continue
            self._note(item, found, made)
        return made

    def tick(self, now: Instant, failed: Failed) -> list[Sample]:
        """Return what time alone has made of the calculated tags."""
        made: list[Sample] = []
        for item in self._timed:
            try:
                found = item.tick(now)
            except Exception as error:  # noqa: BLE001  # told by `failed`
                made.append(self._fail(item, error, now, failed))
                continue
            self._note(item, found, made)
        return made

    def _note(self, item: Calculation, found: Sample | None, made: list[Sample]) -> None:
        if found is not None:
            self._said[item.tag.name] = found
            self._lost.discard(item.tag.name)
            made.append(found)

    def _again(self, item: Calculation, now: Instant) -> Sample | None:
        said = self._said.get(item.tag.name)
        return said and said._replace(source_ns=now.utc_ns, receive_ns=now.utc_ns)

    def _fail(self, item: Calculation, error: Exception, now: Instant, failed: Failed) -> Sample:
        self._lost.add(item.tag.name)
        failed(item.tag.name, error)
        return Voice(item.tag).fail(now)

    def kept(self, spec: CalcSpec, tags: Mapping[str, Tag]) -> Calculation | None:
        """Return the calculation of `spec`, if it and all its tags are as `tags` has them."""
        made = self._all.get(spec.tag)
        if made is None or made.spec != spec:
            return None
        names = (spec.tag, *spec.inputs)
        return made if all(self._tags.get(n) == tags.get(n) for n in names) else None
