"""A smooth curve through exact points: the natural cubic spline.

Reference: Press et al., Numerical Recipes (3rd ed. 2007), section 3.3.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spline:
    """Values and second derivatives at rising `xs`."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    bends: tuple[float, ...]

    def at(self, x: float) -> tuple[float, float]:
        """Return value and slope at `x`; beyond the ends, of the last stretch."""
        i = min(max(bisect_right(self.xs, x), 1), len(self.xs) - 1)
        x0, x1 = self.xs[i - 1], self.xs[i]
        h = x1 - x0
        a, b = (x1 - x) / h, (x - x0) / h
        m0, m1 = self.bends[i - 1], self.bends[i]
        y0, y1 = self.ys[i - 1], self.ys[i]
        value = a * y0 + b * y1 + ((a**3 - a) * m0 + (b**3 - b) * m1) * h * h / 6.0
        slope = (y1 - y0) / h + h / 6.0 * ((3.0 * b * b - 1.0) * m1 - (3.0 * a * a - 1.0) * m0)
        return value, slope


def spline(xs: Sequence[float], ys: Sequence[float]) -> Spline:
    """Return the natural spline through the points; `xs` rise and are two at least."""
    count = len(xs)
    bends, carried = [0.0] * count, [0.0] * count
    for i in range(1, count - 1):
        share = (xs[i] - xs[i - 1]) / (xs[i + 1] - xs[i - 1])
        pivot = share * bends[i - 1] + 2.0
        turn = (ys[i + 1] - ys[i]) / (xs[i + 1] - xs[i]) - (ys[i] - ys[i - 1]) / (xs[i] - xs[i - 1])
        bends[i] = (share - 1.0) / pivot
        carried[i] = (6.0 * turn / (xs[i + 1] - xs[i - 1]) - share * carried[i - 1]) / pivot
    bends[-1] = 0.0
    for i in range(count - 2, -1, -1):
        bends[i] = bends[i] * bends[i + 1] + carried[i]
    return Spline(tuple(xs), tuple(ys), tuple(bends))
