"""Scores of predictions against observations, and how sure they are.

FAC2: share with 0.5 <= Cp / Co <= 2; FB = 2 (mean Co - mean Cp) / (mean Co + mean Cp), above 0
where we underrate; NMSE = mean (Co - Cp)^2 / (mean Co mean Cp); MG = exp(mean ln(Co / Cp)); VG =
exp(mean ln(Co / Cp)^2): Chang and Hanna (2004), Meteor. Atmos. Phys. 87, 167-196. Intervals: 90 %,
bootstrap by run, for the arcs of one run are no independent cases.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
DRAWS, SEED = 1000, 20261128
LOW, HIGH = 5, 95


def fac2(observed: Floats, predicted: Floats) -> float:
    """Return the share within a factor two."""
    ratio = predicted / observed
    return float(np.mean((ratio >= 0.5) & (ratio <= 2.0)))


def fb(observed: Floats, predicted: Floats) -> float:
    """Return the fractional bias."""
    o, p = float(np.mean(observed)), float(np.mean(predicted))
    return 2 * (o - p) / (o + p)


def nmse(observed: Floats, predicted: Floats) -> float:
    """Return the normalised mean square error."""
    square = float(np.mean((observed - predicted) ** 2))
    return square / (float(np.mean(observed)) * float(np.mean(predicted)))


def mg(observed: Floats, predicted: Floats) -> float:
    """Return the geometric mean bias."""
    return float(np.exp(np.mean(np.log(observed / predicted))))


def vg(observed: Floats, predicted: Floats) -> float:
    """Return the geometric variance."""
    return float(np.exp(np.mean(np.log(observed / predicted) ** 2)))


SCORES: dict[str, Callable[[Floats, Floats], float]] = {
    "FAC2": fac2,
    "FB": fb,
    "NMSE": nmse,
    "MG": mg,
    "VG": vg,
}


def interval(
    score: Callable[[NDArray[np.intp]], float], runs: NDArray[np.intp]
) -> tuple[float, float]:
    """Return the 90 % interval of `score`, which is given the rows of the runs drawn."""
    names = np.unique(runs)
    rows = {name: np.nonzero(runs == name)[0] for name in names.tolist()}
    rng = np.random.default_rng(SEED)
    draws = [
        score(np.concatenate([rows[name] for name in rng.choice(names, names.size).tolist()]))
        for _ in range(DRAWS)
    ]
    return float(np.percentile(draws, LOW)), float(np.percentile(draws, HIGH))
