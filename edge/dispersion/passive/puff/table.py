"""Spreads by distance travelled, tabulated: what a puff grows by.

A table holds sigma_y, sigma_z and the ground's share D at the nodes

    x = 0 and 2^e (1 + k / 128),  e = -10 … 17, k = 0 … 127  [m]

and is straight between them: a node is found from a number's own exponent and mantissa, without
a logarithm. Against a power law x^p that is wrong by at most p (p - 1) / 8 / 128^2, 1.5e-5 for
p = 2. Sigma never falls with distance (where a published set has a step down, it is level), so
that every spread has a distance: the *virtual distance* from which a puff goes on growing when
the stability changes, without a jump.

D(x) is the integral of V(0) dx, V the vertical profile [1/m]; what a puff leaves on the ground is
in it (`cloud.Cloud`). It counts from 1 m on: nearer, a ground source's V grows without limit.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from edge.dispersion.arrays import Floats
from edge.dispersion.passive.vertical import vertical

Curves = Callable[[Floats], tuple[Floats, Floats]]  # distance [m] -> sigma_y, sigma_z [m]

PER_OCTAVE = 128
FIRST_EXPONENT, OCTAVES = -10, 28
FIRST_M = 2.0**FIRST_EXPONENT
LAST_M = 2.0 ** (FIRST_EXPONENT + OCTAVES)
SIGMA_Y, SIGMA_Z, GROUND = 0, 1, 2  # the columns of a table
GROUND_FROM_M = 1.0

_EXPONENTS = 2.0 ** np.arange(FIRST_EXPONENT, FIRST_EXPONENT + OCTAVES)
_MANTISSAS = 1 + np.arange(PER_OCTAVE) / PER_OCTAVE
DISTANCES = np.concatenate(([0.0], np.outer(_EXPONENTS, _MANTISSAS).ravel(), [LAST_M]))


def spread_table(curves: Curves) -> Floats:
    """Return the table (nodes, 3) of a set of `curves`; its D is 0 until `with_ground`."""
    sy, sz = curves(DISTANCES[1:])
    table = np.zeros((DISTANCES.size, 3))
    table[1:, SIGMA_Y] = np.maximum.accumulate(sy)
    table[1:, SIGMA_Z] = np.maximum.accumulate(sz)
    return table


def with_ground(table: Floats, height_m: float, lid_m: float) -> Floats:
    """Return `table` with D for puffs at `height_m` [m] under a lid at `lid_m` [m]."""
    share, counts = np.zeros(DISTANCES.size), DISTANCES >= GROUND_FROM_M
    share[counts] = vertical(0.0, height_m, table[counts, SIGMA_Z], lid_m)
    steps = 0.5 * (share[1:] + share[:-1]) * np.diff(DISTANCES) * (share[:-1] > 0)
    out = table.copy()
    out[1:, GROUND] = np.cumsum(steps)
    return out


def read(table: Floats, column: int, distance_m: float) -> float:
    """Return a column of `table` at `distance_m` >= 0 [m]; its last value beyond the table."""
    return float(np.interp(distance_m, DISTANCES, table[:, column]))


def virtual_distance(table: Floats, column: int, sigma_m: float) -> float:
    """Return the least distance [m] at which a sigma of `table` is `sigma_m` [m].

    The table's end where it never comes so far.
    """
    values = table[:, column]
    after = int(np.searchsorted(values, sigma_m))
    if after == 0:
        return 0.0
    if after == values.size:
        return LAST_M
    low, high = values[after - 1], values[after]
    share = (sigma_m - low) / (high - low)
    return float(DISTANCES[after - 1] + share * (DISTANCES[after] - DISTANCES[after - 1]))
