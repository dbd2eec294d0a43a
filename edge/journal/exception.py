"""Report by exception: which samples are journalled. Alarms, horns and screens see every one.

A sample is journalled when it is its tag's first, when quality or reason changed (of a core's one
world nothing can: a sample of another is refused, and journalled), when a value that is not Good
changed at all (but for doubts that are none of the value itself: `STANDING`), when a Good one is
farther from the last journalled value than the tag's deadband, when it lies on another side of a
set-point (or of the value at which its alarm clears) than that one did, and when the tag's maximum
interval ran out. So between two rows of a tag the value never left the deadband around the first,
and a limit was never crossed: drawing the past as steps is right to within a deadband.

Drawn as a line, a jump after a quiet minute would look like a ramp of a minute. So the sample just
before a jump of over `JUMP` deadbands, or before a change of quality or reason, is journalled as
well. Noise that leaves the deadband by little gets no such companion: it would double the rows for
a slope that nobody can see.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush

from edge.clock import NS
from edge.site.model import Journal, LimitSpec, Site
from edge.tag import Quality, Reason, Sample, Tag

JUMP = 3.0  # deadbands
# Doubts that stand for days and are none of the value itself: a detector whose calibration is
# overdue is as noisy as before, and must not fill the disk for it.
STANDING = frozenset(
    {
        Reason.CALIBRATION_OVERDUE,
        Reason.MAINTENANCE_DUE,
        Reason.LOW_TEMPERATURE,
        Reason.CLOCK_SKEW,
        Reason.MASTS_DIFFER,
    }
)
LIMIT_SHARE = 0.05  # of the way from clean air to a set-point: no default deadband is wider


class ExceptionFilter:
    """Decides for the tags of one site, sample by sample.

    `latest` are the tags' newest samples, as the cycle keeps them; a sample is put there once
    `wants` has been asked. `keep` journals the sample before a jump: it is called from within
    `wants`, before that says yes, so that the two stand in order. `stir` is told of a tag whose
    next sample has to be offered even if it is the same again.
    """

    def __init__(
        self,
        site: Site,
        latest: Mapping[str, Sample],
        keep: Callable[[Sample], None],
        stir: Callable[[str], None] = lambda _: None,
    ) -> None:
        limits: dict[str, list[LimitSpec]] = {name: [] for name in site.tags}
        for spec in site.limits.values():
            limits[spec.tag].append(spec)
        settings = site.file.journal
        self._entries = {
            name: _Entry(tag, limits[name], settings) for name, tag in site.tags.items()
        }
        self._tag_of = {spec.id: spec.tag for spec in site.limits.values()}
        self._latest, self._keep, self._stir = latest, keep, stir
        self._insisted: list[str] = []
        self._now_ns = 0  # monotonic, as of the last `due`
        self._deadlines: list[tuple[int, str]] = []
        self._begun = False

    def wants(self, sample: Sample) -> bool:
        """Return whether `sample` is to be journalled; a yes is taken as done."""
        tag, value, quality, reason, _, _, _ = sample  # by name, each costs as much as all
        entry = self._entries.get(tag)
        if entry is None:
            return True  # of a tag that is not in the site: nobody said that it may be left out
        if (
            value is not None
            and entry.low <= value <= entry.high
            and reason is entry.reason
            and quality is entry.quality
        ):
            return False
        return self._wants_change(entry, sample)

    def _wants_change(self, entry: _Entry, sample: Sample) -> bool:
        last = entry.journalled
        if (
            last is not None
            and sample.value is None
            and last.value is None
            and not entry.overdue
            and (sample.quality, sample.reason) == (last.quality, last.reason)
        ):
            return False  # still Bad for the same reason
        if last is not None:
            if not entry.overdue:  # what was due keeps its place among the others' intervals
                entry.since_ns = self._now_ns
            if entry.jumps(sample):
                before = self._latest[sample.tag]
                if before.receive_ns != last.receive_ns:  # else it is journalled
                    self._keep(before)
        entry.journal(sample)
        return True

    def insist(self, conditions: Iterable[str]) -> None:
        """Have the samples journalled at which `conditions` changed: the next, else the newest.

        Conditions that are none of a tag (a device's, a daemon's) are passed over.
        """
        for condition in conditions:
            if (name := self._tag_of.get(condition)) is not None:
                self.insist_tag(name)

    def insist_tag(self, name: str) -> None:
        """Have the tag's next sample journalled, or its newest with the next `due`."""
        if (entry := self._entries.get(name)) is not None:
            entry.demand()
            self._insisted.append(name)

    def due(self, mono_ns: int) -> Sequence[str]:
        """Return the tags whose newest sample is to be journalled at `mono_ns` [ns, monotonic].

        Their maximum interval ran out, or `insist` named them. The answer is taken as done. A tag
        of which nothing newer is known than what was journalled waits for its next sample.
        """
        self._now_ns = mono_ns
        if not self._begun:
            self._begin(mono_ns)
        found: list[str] = []
        if self._insisted:
            names, self._insisted = dict.fromkeys(self._insisted), []
            found += [n for n in names if self._entries[n].overdue and self._renew(n, mono_ns)]
        deadlines = self._deadlines
        while deadlines and deadlines[0][0] <= mono_ns:
            name = heappop(deadlines)[1]
            entry = self._entries[name]
            at_ns = entry.since_ns + entry.every_ns
            if at_ns <= mono_ns:
                if self._renew(name, mono_ns):
                    found.append(name)
                at_ns = mono_ns + entry.every_ns
            heappush(deadlines, (at_ns, name))
        return found

    def _begin(self, mono_ns: int) -> None:
        """Spread the tags over their intervals: a thousand rows in one tick would delay a horn."""
        self._begun = True
        count = len(self._entries)
        for index, entry in enumerate(self._entries.values()):
            entry.since_ns = mono_ns - entry.every_ns * index // count
        self._deadlines = [
            (entry.since_ns + entry.every_ns, name) for name, entry in self._entries.items()
        ]
        heapify(self._deadlines)

    def _renew(self, name: str, mono_ns: int) -> bool:
        """Take the tag's newest sample as journalled; False if it was, and the next one is due."""
        entry, sample = self._entries[name], self._latest[name]
        last = entry.journalled
        if last is None or sample.receive_ns == last.receive_ns:
            entry.demand()
            self._stir(name)
            return False
        entry.since_ns = mono_ns
        entry.journal(sample)
        return True


class _Entry:
    """One tag's standing: `low` <= a Good value <= `high` is no news."""

    __slots__ = (
        "_deadband",
        "_marks",
        "every_ns",
        "high",
        "journalled",
        "low",
        "overdue",
        "quality",
        "reason",
        "since_ns",
    )

    def __init__(self, tag: Tag, limits: Sequence[LimitSpec], settings: Journal) -> None:
        own = tag.journal_deadband
        self._deadband = own if own is not None else default_deadband(tag, limits, settings)
        self._marks = _marks(limits)
        every_s = tag.journal_every_s if tag.journal_every_s is not None else settings.every_s
        self.every_ns = round(every_s * NS)
        self.journalled: Sample | None = None
        self.quality, self.reason = None, None
        self.since_ns = 0
        self.demand()

    def demand(self) -> None:
        """Let no value be none of news."""
        self.overdue = True
        self.low, self.high = math.inf, -math.inf

    def journal(self, sample: Sample) -> None:
        """Measure what comes against `sample` from here on."""
        self.journalled, self.overdue = sample, False
        self.quality, self.reason = sample.quality, sample.reason
        value = sample.value
        if value is None:
            self.low, self.high = math.inf, -math.inf
            return
        believed = sample.quality is Quality.GOOD or sample.reason in STANDING
        band = self._deadband if believed else 0.0
        low, high = value - band, value + band
        for mark in self._marks:
            if value < mark:
                high = min(high, math.nextafter(mark, -math.inf))
            elif value > mark:
                low = max(low, math.nextafter(mark, math.inf))
            else:
                low = high = value
        self.low, self.high = low, high

    def jumps(self, sample: Sample) -> bool:
        """Return whether `sample` is so far from what is journalled that the way there matters."""
        last = self.journalled
        if last is None or last.value is None or sample.value is None:
            return True
        if (sample.quality, sample.reason) != (last.quality, last.reason):
            return True
        return abs(sample.value - last.value) > JUMP * self._deadband


def default_deadband(tag: Tag, limits: Sequence[LimitSpec], settings: Journal) -> float:
    """Return the deadband [the tag's unit] of a tag that states none.

    A share of the span; but a detector of 0-1000 ppm with an alarm at 5 ppm is looked at near
    5 ppm, so it is never more than `LIMIT_SHARE` of the way from clean air to a set-point.
    """
    rest = min(max(tag.background, tag.range_low), tag.range_high)
    widths = [abs(spec.limit - rest) for spec in limits if spec.limit is not None]
    share = settings.deadband_share * (tag.range_high - tag.range_low)
    return min([share, *(LIMIT_SHARE * width for width in widths if width)])


def _marks(limits: Sequence[LimitSpec]) -> tuple[float, ...]:
    """Return the values at which conditions begin or end to be true."""
    found: set[float] = set()
    for spec in limits:
        if spec.limit is not None:
            band = spec.deadband
            clears = spec.limit + band if spec.falling else spec.limit - band
            found |= {spec.limit, clears}
    return tuple(sorted(found))
