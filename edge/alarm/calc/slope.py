"""How fast a reading changes: least squares over a window, each part of it by its median.

Why not end to end: one wrong reading at either end would be the whole answer. Why not least
squares over all readings: one wrong reading would still bend the line, and a thousand of them
would have to be kept. So the window is cut into parts, the median of each part stands for it (a
single spike goes, noise shrinks), and a line is fitted through those. A level that moves in steps
of its resolution keeps its slope, which it would not with a median of slopes.

Time is the monotonic clock's at which readings came: a step of the wall clock, an instrument's own
stamps and uneven polling change nothing. Readings may be missing: a line knows where its points
stand. After a gap of half a window it begins anew.
"""

from __future__ import annotations

from collections import deque
from statistics import median

from edge.clock import NS

PARTS = 12
LEAST_POINTS = 3
LEAST_SHARE = 0.5  # of the window that the points must span: less is no rate yet


class Slope:
    """The rate of change of one reading over the last `window_s` [s]."""

    __slots__ = ("_from_ns", "_last_ns", "_open", "_part_ns", "_parts", "_window_ns")

    def __init__(self, window_s: float) -> None:
        self._window_ns = round(window_s * NS)
        self._part_ns = self._window_ns // PARTS
        self._parts: deque[tuple[float, float]] = deque()  # [ns], value: those that are over
        self._open: list[tuple[int, float]] = []
        self._from_ns = self._last_ns = 0

    def add(self, value: float, mono_ns: int) -> None:
        """Take a finite `value` seen at `mono_ns` [ns]; what is older than the last is left out."""
        if self._open and mono_ns < self._last_ns:
            return
        if self._open and mono_ns - self._last_ns > self._window_ns * LEAST_SHARE:
            self._parts.clear()
            self._open.clear()
        if self._open and mono_ns - self._from_ns >= self._part_ns:
            self._parts.append(_middle(self._open))
            self._open.clear()
        if not self._open:
            self._from_ns = mono_ns
        self._open.append((mono_ns, value))
        self._last_ns = mono_ns
        while self._parts and self._parts[0][0] < mono_ns - self._window_ns:
            self._parts.popleft()

    def per_s(self) -> float | None:
        """Return the change per second, None while too little is known of the window."""
        if not self._open or len(self._parts) + 1 < LEAST_POINTS:
            return None
        points = [*self._parts, _middle(self._open)]
        last_ns, count = points[-1][0], len(points)
        if last_ns - points[0][0] < self._window_ns * LEAST_SHARE:
            return None
        times = [(at_ns - last_ns) / NS for at_ns, _ in points]
        mean_t = sum(times) / count
        mean_v = sum(value / count for _, value in points)
        spread = sum((t - mean_t) ** 2 for t in times)
        pairs = zip(times, points, strict=True)
        return sum((t - mean_t) * (value - mean_v) for t, (_, value) in pairs) / spread


def _middle(part: list[tuple[int, float]]) -> tuple[float, float]:
    return median(at_ns for at_ns, _ in part), median(value for _, value in part)
