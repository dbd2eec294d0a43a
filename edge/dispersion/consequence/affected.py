"""When a place is reached: from the first moment above a threshold until the last.

A series of the solution's concentration is looked at, and each crossing is halved down to a second.
A cloud that passes between two looks shows by its peak, and the looks are made closer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from edge.dispersion.consequence.levels import SHORT_S
from edge.dispersion.consequence.zones import check_height
from edge.dispersion.notes import RefusedError
from edge.dispersion.solution import Floats, Solution
from edge.dispersion.window import check_threshold

LOOKS = 241
CLOSER = 4  # times as many looks where a cloud slipped through
MOST_LOOKS = 4000
EXACT_S = 1.0


@dataclass(frozen=True, slots=True)
class Affected:
    """When a place is above a threshold [s since the release began].

    `first_s` None: never within the solution's horizon. `until_s` None though `first_s` is not:
    still above at the horizon. `above_s` is how long in all, which is less than between the two
    where the gas comes and goes. `densest` [kg/m3] is the greatest at the looks, at `densest_s`.
    `brief` says that the place is above the threshold for a moment that no look met: when, is not
    known, so `first_s` None is then no "never".
    """

    first_s: float | None
    until_s: float | None
    above_s: float
    densest: float
    densest_s: float
    brief: bool = False


def affected(
    solution: Solution, x_m: Floats, y_m: Floats, z_m: float, threshold: float
) -> tuple[Affected, ...]:
    """Return for each place (k,) of site metres when it is at or above `threshold` [kg/m3].

    Raises `RefusedError` for a threshold or height that is none, and for places that are not
    given as two lists of one length.
    """
    check_threshold(threshold)
    check_height(z_m)
    x, y = np.atleast_1d(np.asarray(x_m, float)), np.atleast_1d(np.asarray(y_m, float))
    if x.ndim != 1 or x.shape != y.shape:
        raise RefusedError(
            "dispersion.refused.series-shape", times=str(x.shape), values=str(y.shape)
        )
    looks, brief = LOOKS, np.zeros(x.size, dtype=bool)
    while True:
        times = np.linspace(0.0, solution.horizon_s, looks)
        series = np.array([solution.concentration(x, y, z_m, float(t)) for t in times])
        if np.isnan(series).any():
            raise RefusedError("dispersion.refused.series-values")
        brief[:] = False
        unseen = ~np.any(series >= threshold, axis=0)
        if unseen.any():
            brief[unseen] = solution.peak(x[unseen], y[unseen], z_m, SHORT_S) >= threshold
        if not brief.any() or looks * CLOSER > MOST_LOOKS:
            break
        looks *= CLOSER
    places = (
        _place(solution, float(x[k]), float(y[k]), z_m, threshold, times, series[:, k])
        for k in range(x.size)
    )
    return tuple(replace(one, brief=bool(brief[k])) for k, one in enumerate(places))


def _place(
    solution: Solution,
    x_m: float,
    y_m: float,
    z_m: float,
    threshold: float,
    times: Floats,
    series: Floats,
) -> Affected:
    """Return when one place is above the threshold, from its series."""
    above = series >= threshold
    top = int(np.argmax(series))
    densest, densest_s = float(series[top]), float(times[top])
    if not above.any():
        return Affected(None, None, 0.0, densest, densest_s)
    x, y = np.array([x_m]), np.array([y_m])

    def crossing(low: float, high: float, rising: bool) -> float:
        while high - low > EXACT_S:
            middle = 0.5 * (low + high)
            over = bool(solution.concentration(x, y, z_m, middle)[0] >= threshold)
            low, high = (low, middle) if over == rising else (middle, high)
        return 0.5 * (low + high)

    starts = [float(times[0])] if above[0] else []
    ends: list[float] = []
    for k in np.nonzero(above[1:] != above[:-1])[0]:
        rising = bool(above[k + 1])
        (starts if rising else ends).append(crossing(float(times[k]), float(times[k + 1]), rising))
    until = None if above[-1] else ends[-1]
    closed_at = [*ends, float(times[-1])] if above[-1] else ends
    total = sum(end - start for start, end in zip(starts, closed_at, strict=True))
    return Affected(starts[0], until, total, densest, densest_s)
