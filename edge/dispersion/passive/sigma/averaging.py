"""A plume's width over another averaging time than its coefficients are for.

    sigma_y(t) = sigma_y(10 min) (max(t, t_least) / 10 min)^0.2

References: Kunkel (1991), AFTOX, PL-TR-91-2119 (the power 0.2); Spicer and Havens (1989), DEGADIS
2.1, EPA-450/4-89-019, Table III.1 (the instantaneous plume's times: 18.4 s A-C, 18.3 s D, 11.4 s E,
4.6 s F).
Domain: some seconds to an hour; beyond, the wind's turning counts, not this law.
"""

from __future__ import annotations

import math

import numpy as np

from edge.dispersion.arrays import Floats
from edge.dispersion.notes import RefusedError

POWER = 0.2
MIDDLES = (2.5, 3.5, 4.5, 5.5)  # C, D, E, F
LEAST_S = (18.4, 18.3, 11.4, 4.6)
LONGEST_S = 3600.0


def check_averaging(averaging_s: float) -> None:
    """Raise `RefusedError` unless `averaging_s` [s] is at least 0 and at most an hour."""
    if not 0 <= averaging_s <= LONGEST_S:
        raise RefusedError("dispersion.refused.plume-averaging", averaging_s=averaging_s)


def least_s(stability: float) -> float:
    """Return the time [s] below which a plume does not narrow, read straight between classes."""
    return float(np.interp(stability, MIDDLES, LEAST_S))


def factor(averaging_s: float, reference_s: float, stability: float) -> float:
    """Return sigma_y over `averaging_s` ÷ sigma_y over `reference_s` [s]; 1 for a puff's own (0).

    Raises `RefusedError` as `check_averaging` does.
    """
    check_averaging(averaging_s)
    if reference_s == 0:
        return 1.0
    return math.pow(max(averaging_s, least_s(stability)) / reference_s, POWER)


def stretched(
    sigma_y_m: Floats, averaging_s: float, reference_s: float, stability: float
) -> Floats:
    """Return `sigma_y_m` [m] of `reference_s` [s] for means over `averaging_s` [s]; same shape."""
    return sigma_y_m * factor(averaging_s, reference_s, stability)
