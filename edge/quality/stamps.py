"""Source times: what an instrument's own stamp says of the reading, and of the instrument's clock.

Only devices that stamp for themselves (OPC UA) are judged; elsewhere both times are ours. A server
stamps a value when it *changes*, so an old stamp on a value that is merely repeated, or on the
first one after a connection, says nothing.
"""

from __future__ import annotations

from edge.clock import NS, Instant
from edge.quality.track import Track
from edge.tag import Reason, Sample

AHEAD_NS = 5 * NS  # nothing comes from the future; clocks may be this far apart
DAY_NS = 86_400 * NS  # a stamp this old is no delay but a clock that was never set: 2000-01-01
STEADY_STAMPS = 10  # late by the same amount so often: the clock is slow, the data are not
STEADY_NS = 2 * NS
STEP_NS = NS  # our own wall clock has been set, not merely trimmed


class Stamps:
    """Judges stamps against our own wall clock, and knows when that one has been set."""

    def __init__(self) -> None:
        self._frame_ns: int | None = None  # UTC less monotonic
        self._step_ns = 0  # by how much our clock was last set

    def look(self, now: Instant) -> None:
        """Notice whether our own wall clock has been set since the last look.

        A device that agreed with it before is not wrong now, nor is one that agrees with it now:
        a stamp is doubted only if it fits neither.
        """
        frame_ns = now.utc_ns - now.mono_ns
        if self._frame_ns is not None and abs(frame_ns - self._frame_ns) > STEP_NS:
            self._step_ns = frame_ns - self._frame_ns
        self._frame_ns = frame_ns

    def judge(self, track: Track, sample: Sample, now: Instant) -> Reason | None:
        """Return LATE, CLOCK_SKEW or None for a sample that is about to be taken by `track`."""
        raw = track.raw
        if raw is not None and raw.source_ns == sample.source_ns:
            # The same reading again: one that came late is what is read now.
            return None if track.stamp is Reason.LATE else track.stamp
        self.look(now)
        delay_ns = sample.receive_ns - sample.source_ns
        delay_ns = min(delay_ns, delay_ns - self._step_ns, key=abs)
        if delay_ns < -AHEAD_NS:
            return Reason.CLOCK_SKEW
        if delay_ns <= track.late_ns or raw is None:
            track.stamp_run = (0, 0, 0)
            return None
        if delay_ns > DAY_NS:
            return Reason.CLOCK_SKEW
        count, low_ns, high_ns = track.stamp_run
        if count and max(high_ns, delay_ns) - min(low_ns, delay_ns) <= STEADY_NS:
            track.stamp_run = (count + 1, min(low_ns, delay_ns), max(high_ns, delay_ns))
        else:
            track.stamp_run = (1, delay_ns, delay_ns)
        return Reason.CLOCK_SKEW if track.stamp_run[0] >= STEADY_STAMPS else Reason.LATE
