"""Where a function of one number is zero."""

from __future__ import annotations

from collections.abc import Callable


def crossing(
    function: Callable[[float], float], low: float, high: float, tolerance: float = 1e-10
) -> float:
    """Return where `function` changes its sign between `low` and `high`, to `tolerance`.

    The end nearer to zero where it does not change its sign. Regula falsi, Illinois' way: Dowell
    and Jarratt, BIT 11 (1971) 168-174. Infinite values are taken as very large ones.
    """
    at_low, at_high = _finite(function(low)), _finite(function(high))
    if at_low * at_high >= 0.0:
        return low if abs(at_low) < abs(at_high) else high
    for _ in range(80):
        place = high - at_high * (high - low) / (at_high - at_low)
        if not min(low, high) < place < max(low, high):
            place = 0.5 * (low + high)
        at = _finite(function(place))
        if at == 0.0:
            return place
        if (at < 0.0) != (at_high < 0.0):
            low, at_low = high, at_high
        else:
            at_low *= 0.5
        moved = abs(place - high)
        high, at_high = place, at
        if abs(high - low) < tolerance or moved < 0.1 * tolerance:
            break
    return high


def _finite(value: float) -> float:
    return min(max(value, -1e30), 1e30)
