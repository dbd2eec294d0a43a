"""When to look at a place: as often as its curve bends, so that no short cloud slips through."""

from __future__ import annotations

import numpy as np

from edge.dispersion.arrays import Bools, Floats
from edge.dispersion.consequence.levels import SHORT_S
from edge.dispersion.notes import RefusedError
from edge.dispersion.solution import Solution

FIRST, MOST = 121, 900
BLIND = 4000  # while nothing of the cloud has been seen
HINT = 0.01  # of the greatest: less has not been seen
ROUNDS = 14
BEND = 0.03  # of the greatest: a step that is larger is looked at between
WHOLE = 0.95  # of the greatest short mean: met, the cloud's top has been seen
FINEST_S = 1.0


def looks(solution: Solution, x_m: float, y_m: float, z_m: float) -> tuple[Floats, Floats]:
    """Return times [s] and the concentration then [kg/m3] at one place, over the whole horizon.

    Even looks a few minutes apart miss a cloud that passes within one: its top is known from the
    greatest short mean, and steps are halved until it, and each slope, has been seen. Raises
    `RefusedError` for a solution that gives what is no number.
    """
    x, y = np.array([x_m]), np.array([y_m])

    def at(times: Floats) -> Floats:
        return np.array([float(solution.concentration(x, y, z_m, float(t))[0]) for t in times])

    times = np.linspace(0.0, solution.horizon_s, FIRST)
    values = at(times)
    peak = float(solution.peak(x, y, z_m, SHORT_S)[0])
    most = MOST
    for _ in range(ROUNDS):
        if float(values.max()) <= HINT * peak:
            most = BLIND
        elif most == BLIND:
            most = times.size + MOST
        rough = _rough(values, peak) & (np.diff(times) > FINEST_S)
        if not rough.any() or times.size + int(rough.sum()) > most:
            break
        between = 0.5 * (times[:-1] + times[1:])[rough]
        order = np.argsort(np.concatenate([times, between]))
        values = np.concatenate([values, at(between)])[order]
        times = np.concatenate([times, between])[order]
    if np.isnan(values).any():
        raise RefusedError("dispersion.refused.series-values")
    return times, values


def _rough(values: Floats, peak: float) -> Bools:
    """Return which steps between looks hide something."""
    top = float(values.max())
    if top <= HINT * peak:
        return np.full(values.size - 1, peak > 0)
    rough = np.abs(np.diff(values)) > BEND * max(top, peak)
    if top < WHOLE * peak:  # it is beside the greatest that was seen
        best = int(np.argmax(values))
        rough[max(best - 1, 0) : best + 1] = True
    return rough
