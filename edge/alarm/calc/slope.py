"""How fast a reading changes: least squares over a window, each part of it by its median.

Why not end to end: one wrong reading at either end would be the whole answer. Why not least
squares over all readings: one wrong reading would still bend the line, and a thousand of them
would have to be kept. So the window is cut into parts, the median of each part that is over stands
for it (where it holds three readings, a spike goes and noise shrinks), and a line is fitted through
those. A level that moves in steps of its resolution keeps its slope, which it would not with a
median of slopes.

Time is the monotonic clock's at which readings came: a step of the wall clock, an instrument's own
stamps and uneven polling change nothing. Readings may be missing: a line knows where its points
stand. After a gap of half a window it begins anew.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from statistics import median

from edge.clock import NS

PARTS = 12
LEAST_POINTS = 3
LEAST_SHARE = 0.5  # of the window that the points must span: less is no rate yet


class Slope:
    """The rate of change of one reading over the last `window_s` [s]."""

    __slots__ = ("_from_ns", "_last_ns", "_open", "_part_ns", "_parts", "_window_ns", "per_s")

    def __init__(self, window_s: float) -> None:
        self._window_ns = round(window_s * NS)
        self._part_ns = self._window_ns // PARTS
        self._parts: deque[tuple[float, float]] = deque()  # [ns], value: those that are over
        self._open: list[tuple[int, float]] = []
        self._from_ns = self._last_ns = 0
        self.per_s: float | None = None  # the change per second; None: too little is known yet

    def add(self, value: float, mono_ns: int) -> None:
        """Take a finite `value` seen at `mono_ns` [ns]; what is older than the last is left out."""
        if self._open and mono_ns < self._last_ns:
            return
        if self._open and mono_ns - self._last_ns > self._window_ns * LEAST_SHARE:
            self._parts.clear()
            self._open.clear()
            self.per_s = None
        if self._open and mono_ns - self._from_ns >= self._part_ns:
            self._parts.append(_middle(self._open))
            self._open.clear()
            while self._parts[0][0] < mono_ns - self._window_ns:
                self._parts.popleft()
            self.per_s = _fitted(self._parts, self._window_ns * LEAST_SHARE)
        if not self._open:
            self._from_ns = mono_ns
        self._open.append((mono_ns, value))
        self._last_ns = mono_ns


def _fitted(points: Sequence[tuple[float, float]], least_ns: float) -> float | None:
    """Return the slope [1/s] of the line through `points`; None if they span less than asked."""
    count = len(points)
    if count < LEAST_POINTS or points[-1][0] - points[0][0] < least_ns:
        return None
    last_ns = points[-1][0]
    times = [(at_ns - last_ns) / NS for at_ns, _ in points]
    mean_t = sum(times) / count
    mean_v = sum(value / count for _, value in points)
    spread = sum((t - mean_t) ** 2 for t in times)
    pairs = zip(times, points, strict=True)
    slope = sum((t - mean_t) * (value - mean_v) for t, (_, value) in pairs) / spread
    return slope if math.isfinite(slope) else None


def _middle(part: list[tuple[int, float]]) -> tuple[float, float]:
    return median(at_ns for at_ns, _ in part), median(value for _, value in part)
