"""Rate of change, and what follows from it: in how long a vessel is full."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence

from edge.alarm.calc.calculation import Voice, reading
from edge.alarm.calc.slope import Slope
from edge.clock import Instant
from edge.site.alarms.calculated import OverfillSpec, RateSpec
from edge.tag import Reason, Sample, Tag

MINUTE_S = 60.0


class Rate:
    """How fast a tag rises or falls, per minute. Not known (`warm-up`) before half a window."""

    timed = True

    def __init__(self, spec: RateSpec, tags: Mapping[str, Tag]) -> None:
        self.spec, self.tag = spec, tags[spec.tag]
        self._input = tags[spec.inputs[0]]
        self._slope = Slope(spec.window_s)
        self._voice = Voice(self.tag)

    def offer(self, sample: Sample, now: Instant) -> Sample | None:
        """Take a sample of the tag."""
        value, reason = reading(sample, self._input)
        if value is None:
            return self._voice.say(None, reason, now)
        self._slope.add(value, now.mono_ns)
        rate = self._slope.per_s
        if rate is None:
            return self._voice.say(None, Reason.WARM_UP, now)
        return self._voice.say(self.spec.sign * rate * MINUTE_S, reason, now)

    def tick(self, now: Instant) -> Sample | None:  # noqa: ARG002  # a silent tag goes stale, and says so
        """Do nothing: only a sample says something new."""
        return None


class Overfill:
    """In how many seconds a vessel is full at the rate at which it fills now.

    `far_s` where it is later, or where the vessel does not fill; 0 where it is full.
    """

    timed = True

    def __init__(self, spec: OverfillSpec, tags: Mapping[str, Tag]) -> None:
        self.spec, self.tag = spec, tags[spec.tag]
        self._input = tags[spec.inputs[0]]
        self._slope = Slope(spec.window_s)
        self._full_m3 = volume_m3(spec.volumes, spec.full)
        self._voice = Voice(self.tag)

    def offer(self, sample: Sample, now: Instant) -> Sample | None:
        """Take a sample of the level."""
        level, reason = reading(sample, self._input)
        if level is None:
            return self._voice.say(None, reason, now)
        volume = volume_m3(self.spec.volumes, level)
        self._slope.add(volume, now.mono_ns)
        if level >= self.spec.full:
            return self._voice.say(0.0, reason, now)
        fills_m3_s = self._slope.per_s
        if fills_m3_s is None:
            return self._voice.say(None, Reason.WARM_UP, now)
        left_s = self.spec.far_s
        if fills_m3_s >= self.spec.least_m3_s:
            left_s = min(left_s, max(0.0, self._full_m3 - volume) / fills_m3_s)
        return self._voice.say(left_s, reason, now)

    def tick(self, now: Instant) -> Sample | None:  # noqa: ARG002  # a silent tag goes stale, and says so
        """Do nothing: only a sample says something new."""
        return None


def volume_m3(table: Sequence[tuple[float, float]], level: float) -> float:
    """Return the volume [m3] at `level` by a rising table, continued straight at its ends."""
    levels = [at for at, _ in table]
    index = min(max(bisect_right(levels, level), 1), len(table) - 1)
    (low, below), (high, above) = table[index - 1], table[index]
    return below + (above - below) * (level - low) / (high - low)
