"""When a place is reached: from the first moment above a threshold until the last.

A place's series (`looks`) is read, and each crossing is halved down to a second. A cloud that
passes between two looks all the same shows by its peak.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge.dispersion.consequence.levels import SHORT_S
from edge.dispersion.consequence.looks import looks
from edge.dispersion.consequence.zones import check_height
from edge.dispersion.notes import RefusedError
from edge.dispersion.solution import Floats, Solution
from edge.dispersion.window import check_threshold

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
    places = zip(x.tolist(), y.tolist(), strict=True)
    return tuple(
        when_above(solution, (one, other), z_m, threshold, looks(solution, one, other, z_m))
        for one, other in places
    )


def when_above(
    solution: Solution,
    place_m: tuple[float, float],
    z_m: float,
    threshold: float,
    looked: tuple[Floats, Floats],
) -> Affected:
    """Return when one place is above the threshold, from the times and values of its `looks`."""
    times, series = looked
    x, y = (np.array([one]) for one in place_m)
    above = series >= threshold
    top = int(np.argmax(series))
    densest, densest_s = float(series[top]), float(times[top])
    if not above.any():
        brief = bool(solution.peak(x, y, z_m, SHORT_S)[0] >= threshold)
        return Affected(None, None, 0.0, densest, densest_s, brief)

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
