"""A calculation: samples of its input tags in, samples of one calculated tag out. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from edge.alarm.belief import believed
from edge.clock import Instant
from edge.site.alarms.calculated import CalcSpec
from edge.site.quantities import CONCENTRATION
from edge.tag import REASONS, Quality, Reason, Sample, Tag, bad_sample

_BAD = Quality.BAD


class Calculation(Protocol):
    """What works out one calculated tag.

    It is given every sample of its inputs that says something new; where `timed`, also those that
    say the same again, because time itself is news to it. It answers with a sample of its own tag
    where that says something new (`Voice`), and raises for nothing that a sample may contain.
    """

    @property
    def spec(self) -> CalcSpec:
        """What it was made from: its tag's name and its inputs'."""
        ...

    @property
    def tag(self) -> Tag:
        """The calculated tag."""
        ...

    @property
    def timed(self) -> bool:
        """Whether the result depends on time."""
        ...

    def offer(self, sample: Sample, now: Instant) -> Sample | None:
        """Take a sample of an input."""
        ...

    def tick(self, now: Instant) -> Sample | None:
        """Take it that time goes on; asked about once a second where `timed`."""
        ...


class Voice:
    """Makes the samples of one calculated tag, and none that says the last one's word again."""

    __slots__ = ("_last", "_tag")

    def __init__(self, tag: Tag) -> None:
        self._tag = tag
        self._last: tuple[float | None, Reason] | None = None

    def say(self, value: float | None, reason: Reason, now: Instant) -> Sample | None:
        """Return the sample of `value` [the tag's unit] with `reason`, None if it is no news.

        A reason that is Bad, or of something set aside, goes without a value.
        """
        rule = REASONS[reason]
        if not rule.judges:
            value = None
        if self._last == (value, reason):
            return None
        self._last = (value, reason)
        utc_ns = now.utc_ns
        tag = self._tag
        return Sample(tag.name, value, rule.quality, reason, utc_ns, utc_ns, tag.world)

    def fail(self, now: Instant) -> Sample:
        """Return what is to be said of a tag whose calculation has failed."""
        self._last = None
        return bad_sample(self._tag, Reason.DEVICE_FAULT, now.utc_ns)


def reading(sample: Sample, tag: Tag) -> tuple[float | None, Reason]:
    """Return the value that counts, None where none does, and why: as the alarm engine reads it."""
    value, bad, reason = believed(sample, tag, gas=tag.quantity == CONCENTRATION)
    if bad and REASONS[reason].quality is not _BAD:
        return None, Reason.DEVICE_BAD
    return value, reason


def weakest(reasons: Sequence[Reason]) -> Reason:
    """Return the reason of what is made of several: the first Bad, else set aside, else doubted."""
    worst, rank = Reason.OK, 0
    for reason in reasons:
        rule = REASONS[reason]
        own = 3 if rule.quality is _BAD else 2 if not rule.judges else int(rule.quality)
        if own > rank:
            worst, rank = reason, own
    return worst
