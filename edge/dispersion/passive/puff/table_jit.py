"""Spread tables, compiled: as `table`, and tested equal."""

from __future__ import annotations

import math

from edge.dispersion.arrays import Floats
from edge.dispersion.jit import compiled
from edge.dispersion.passive.puff.table import (
    DISTANCES,
    FIRST_EXPONENT,
    FIRST_M,
    LAST_M,
    PER_OCTAVE,
)

LAST_CELL = DISTANCES.size - 2


@compiled
def cell(distance_m: float) -> tuple[int, float]:
    """Return the node at or below `distance_m` [m] and the share of the way to the next."""
    if distance_m < FIRST_M:
        return 0, distance_m / FIRST_M
    if distance_m >= LAST_M:
        return LAST_CELL, 1.0
    mantissa, exponent = math.frexp(distance_m)
    at = (2.0 * mantissa - 1.0) * PER_OCTAVE
    whole = int(at)
    return 1 + (exponent - 1 - FIRST_EXPONENT) * PER_OCTAVE + whole, at - whole


@compiled
def read(tables: Floats, which: int, column: int, distance_m: float) -> float:
    """As `table.read`, of table `which`."""
    i, share = cell(distance_m)
    low = tables[which, i, column]
    return low + share * (tables[which, i + 1, column] - low)


@compiled
def virtual_distance(tables: Floats, which: int, column: int, sigma_m: float) -> float:
    """As `table.virtual_distance`, in table `which`."""
    if sigma_m <= 0:
        return 0.0
    low, high = 0, tables.shape[1]
    while low < high:
        middle = (low + high) // 2
        if tables[which, middle, column] < sigma_m:
            low = middle + 1
        else:
            high = middle
    if low == tables.shape[1]:
        return LAST_M
    below, above = tables[which, low - 1, column], tables[which, low, column]
    share = (sigma_m - below) / (above - below)
    return DISTANCES[low - 1] + share * (DISTANCES[low] - DISTANCES[low - 1])
