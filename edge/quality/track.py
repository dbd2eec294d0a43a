"""What the stage keeps of one tag: its last readings, and what stands against them."""

from __future__ import annotations

import math

from edge.clock import NS
from edge.quality.parameters import Parameters
from edge.tag import REASONS, Quality, Reason, Sample, Tag
from edge.units import Unit

MOVES = 100  # seen in its quiet zone, before a tag is known as one that moves there
STRETCHES = 20.0  # times the longest stretch it ever stood still
FRESH_S, FRESH_PERIODS = 5.0, 5.0  # for so long after a jump, going back is no second jump
# Of several doubts a sample can carry one: the one that says most about the value itself.
DOUBTS = (
    Reason.MASTS_DIFFER,
    Reason.NO_WIND,
    Reason.LOW_TEMPERATURE,
    Reason.CALIBRATION_OVERDUE,
)


class Track:
    """One tag's standing with the stage.

    While it is `calm` and a value lies between `low` and `high`, no check can have anything to
    say of it: that is all that a quiet sample costs.
    """

    __slots__ = (
        "_before",
        "_doubts",
        "_fresh_ns",
        "_gone_ns",
        "_jumped_ns",
        "bad",
        "calm",
        "given",
        "heard_ns",
        "high",
        "last",
        "late_ns",
        "longest_ns",
        "low",
        "moved_ns",
        "moves",
        "parameters",
        "period_s",
        "raw",
        "stamp",
        "stamp_run",
        "still_ns",
        "tag",
    )

    def __init__(self, tag: Tag, parameters: Parameters) -> None:
        self.tag, self.parameters = tag, parameters
        self.period_s = tag.period_s
        self.still_ns = _ns(parameters.still_s)
        self.late_ns = _ns(parameters.late_s)
        self._fresh_ns = _ns(max(FRESH_S, FRESH_PERIODS * tag.period_s))
        self.last: float | None = None  # the value before, None where there is none to compare with
        self.raw: Sample | None = None  # the last sample with a value, as it came
        self.given: Sample | None = None  # what was made of `raw`, where it is something else
        self.bad: Reason | None = None  # stuck or iced
        self.calm = False
        self.low, self.high = math.inf, -math.inf
        self.heard_ns = self.moved_ns = 0  # monotonic: last reading, last reading that differed
        self.moves = 0  # how often it has differed
        self.longest_ns = 0  # the longest that it stood before it did
        self.stamp: Reason | None = None  # what the last source time was taken for
        self.stamp_run = (0, 0, 0)  # stamps out of order in a row; their least and greatest delay
        self._doubts: set[Reason] = set()
        self._before: float | None = None  # the value before a fresh jump
        self._jumped_ns = self._gone_ns = 0

    # --- readings ------------------------------------------------------------------------------

    def lose(self, mono_ns: int, *, worked_on: bool) -> None:
        """Take note that there is no measurement: nothing after it is a jump.

        How long the value has stood is kept over a gap, less the gap, unless the instrument was
        `worked_on` (calibration, injected test).
        """
        if self.raw is not None:
            self._gone_ns = mono_ns
        if worked_on:
            self.last = self.bad = None
        self.raw = self.given = self._before = None
        self.stamp, self.stamp_run = None, (0, 0, 0)
        self.calm = False

    def take(self, sample: Sample, value: float, mono_ns: int) -> None:
        """Keep a reading that may be judged."""
        if value == self.last:
            if self._gone_ns:
                self.moved_ns += mono_ns - self._gone_ns
        else:
            self.moved(mono_ns)
            self.last = value
        self._gone_ns = 0
        self.raw, self.heard_ns = sample, mono_ns
        parameters = self.parameters
        half = min(parameters.spike, parameters.rate * self.period_s) / 2
        self.low, self.high = value - half, value + half

    def moved(self, mono_ns: int) -> None:
        """Take note that the value is another one than before."""
        still_ns = mono_ns - self.moved_ns
        if self.last is not None:
            self.moves += 1
            self.longest_ns = max(self.longest_ns, still_ns)
        self.moved_ns = mono_ns
        if self.bad is Reason.STUCK:
            self.bad = None

    # --- jumps ---------------------------------------------------------------------------------

    def jump(self, value: float, mono_ns: int) -> Reason | None:
        """Return SPIKE or RATE if the way from the last value to this one is to be doubted.

        The very sample that jumps is marked and passed on: whether it comes back is known only
        later, and a burst does not wait. Coming back to where it was is no second jump.
        """
        last, parameters = self.last, self.parameters
        if last is None or self.raw is None:
            return None
        step = self._way(value, last)
        seconds = max((mono_ns - self.heard_ns) / NS, self.period_s)
        spike, fast = step > parameters.spike, step > parameters.rate * seconds
        if not spike and not fast:
            return None
        before = self._before
        if before is not None and mono_ns - self._jumped_ns <= self._fresh_ns:
            room = min(parameters.spike, parameters.rate * seconds) / 2
            if self._way(value, before) <= room:
                self._before = None
                return None
        self._before, self._jumped_ns = last, mono_ns
        return Reason.SPIKE if spike else Reason.RATE

    def _way(self, value: float, other: float) -> float:
        """Return how far two values are apart [unit]; directions the short way round."""
        if self.tag.unit is Unit.DEGREE:
            return abs(turn(value - other))
        return abs(value - other)

    # --- stillness -----------------------------------------------------------------------------

    def frozen(self, mono_ns: int) -> bool:
        """Return whether the value has stood for longer than the quantity can.

        Not while it stands at an end of its range: a detector in thick gas reads its end of range
        and no more. Where the tag list gives no `frozen_s`, not where clean air is (many detectors
        clamp to 0), unless the value is between the ends and the tag has moved there before: then
        after twenty times the longest stretch it has ever stood.
        """
        raw, value = self.raw, self.last
        if raw is None or value is None or mono_ns - self.moved_ns <= self.still_ns:
            return False
        tag, parameters = self.tag, self.parameters
        if value >= tag.range_high or raw.reason in {Reason.OVER_RANGE, Reason.UNDER_RANGE}:
            return False
        if not parameters.clear_low <= value <= parameters.clear_high:
            return True
        if value in {parameters.clear, tag.range_low} or self.moves < MOVES:
            return False
        return mono_ns - self.moved_ns > STRETCHES * self.longest_ns

    def forgive(self, ns: int) -> None:
        """Count no stillness and no haste over `ns` [ns] in which nobody listened."""
        self.moved_ns += ns
        self.heard_ns += ns

    # --- verdicts ------------------------------------------------------------------------------

    def doubt(self, reason: Reason, *, on: bool) -> bool:
        """Have a standing doubt begin or end; return whether that is news."""
        if (reason in self._doubts) is on:
            return False
        self._doubts ^= {reason}
        self.calm = False
        return True

    def accuse(self, reason: Reason | None) -> bool:
        """Have the tag's values be Bad for `reason`, or not (None); return whether that is news."""
        if self.bad is reason:
            return False
        self.bad = reason
        self.calm = False
        return True

    def verdict(self, sample: Sample, passing: Reason | None) -> Sample:
        """Return `sample` with the gravest thing that can be said of it.

        The device's own word goes before our doubts, and only a Bad verdict before the device's
        word. No value is ever changed: it is passed on, or taken away with the reason why.
        """
        reason = self.bad or passing or self.stamp
        if reason is None and self._doubts:
            reason = next(doubt for doubt in DOUBTS if doubt in self._doubts)
        self.calm = reason is None and sample.reason is Reason.OK
        if reason is None or (self.bad is None and sample.reason is not Reason.OK):
            self.given = None
            return sample
        rule = REASONS[reason]
        value = None if rule.quality is Quality.BAD else sample.value
        self.given = sample._replace(value=value, quality=rule.quality, reason=reason)
        return self.given


def turn(degrees: float) -> float:
    """Return an angle as a turn to the right or left, -180 to 180 [deg]."""
    return (degrees + 180.0) % 360.0 - 180.0


def _ns(seconds: float) -> int:
    """Return [s] as [ns]; infinity is further than any clock goes."""
    return round(seconds * NS) if math.isfinite(seconds) else 1 << 62
