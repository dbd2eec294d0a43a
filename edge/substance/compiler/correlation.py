"""A correlation of one property, and the grid on which the table keeps it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

SIGNIFICANT = 6  # digits of a tabulated value
INSIDE = (0.2, 0.4, 0.5, 0.6, 0.8)  # where between two points the chord is held against the curve
MOST = 200  # points of one curve


@dataclass(frozen=True, slots=True)
class Correlation:
    """A property of a pure substance, `value(T)` in SI, known from `low_k` to `high_k` [K]."""

    low_k: float
    high_k: float
    value: Callable[[float], float]
    source: str
    confidence: str = "verified"


def grid(
    value: Callable[[float], float], low: float, high: float, tolerance: float, relative: bool
) -> tuple[list[float], list[float]]:
    """Return rising x and the values there, so that straight lines between miss by `tolerance`.

    Halves whichever piece misses by more, in share of the value where `relative`. Raises
    `ValueError` where a curve needs more than `MOST` points: it is then broken, or has a pole.
    """
    done: list[tuple[float, float]] = [(low, value(low))]
    todo: list[tuple[float, float]] = [(high, value(high))]
    while todo:
        (x0, y0), (x1, y1) = done[-1], todo[-1]
        misses = False
        for share in INSIDE:
            truth = value(x0 + share * (x1 - x0))
            allowed = tolerance * (abs(truth) if relative else 1.0)
            misses = misses or abs(y0 + share * (y1 - y0) - truth) > allowed
        if misses:
            middle = (x0 + x1) / 2
            todo.append((middle, value(middle)))
        else:
            done.append(todo.pop())
        if len(done) + len(todo) > MOST:
            raise ValueError(f"more than {MOST} points between {low} and {high}")
    return [x for x, _ in done], [y for _, y in done]


def written(number: float) -> str:
    """Return `number` as the table writes it."""
    return f"{number:.{SIGNIFICANT}g}"
