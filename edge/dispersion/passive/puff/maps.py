"""Maps of puffs: the concentration at many points at every look, a band of points at a time.

A map's points are nearly always a lattice, turned any way, its rows and columns as far apart as
they like: there a puff is one factor a row times one a column. Points of no lattice are sorted by
x. Both are `cloud.concentration` but for the cut; `maps_jit` computes them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from edge.dispersion.arrays import Floats, Ints
from edge.dispersion.passive.puff import maps_jit
from edge.dispersion.passive.puff.clock import Clock
from edge.dispersion.passive.puff.cloud import LIVES_FROM_S, Cloud
from edge.dispersion.passive.puff.maps_jit import Run

HELD = 2_000_000  # values held at once: looks times points
EXACT_M = 1e-6  # how well a lattice's points must lie on it
SQUARE = 1e-9  # cosine of what is no right angle


@dataclass(frozen=True, slots=True)
class Lattice:
    """Points at (`x_m`, `y_m`) + `along` times (`east`, `north`) + `across` to its left [m]."""

    x_m: float
    y_m: float
    east: float
    north: float
    left: float  # 1: `across` is to the left of `along`, -1: to its right
    along: Floats
    across: Floats


def lattice(x_m: Floats, y_m: Floats) -> Lattice | None:
    """Return the lattice on which the points lie, (across, along); None if on none."""
    if x_m.ndim != 2 or min(x_m.shape) < 2:
        return None
    x0, y0 = float(x_m[0, 0]), float(y_m[0, 0])
    row = float(x_m[0, -1]) - x0, float(y_m[0, -1]) - y0
    column = float(x_m[-1, 0]) - x0, float(y_m[-1, 0]) - y0
    length, width = math.hypot(*row), math.hypot(*column)
    if length == 0 or width == 0:
        return None
    east, north = row[0] / length, row[1] / length
    if abs(east * column[0] + north * column[1]) > SQUARE * width:
        return None
    left = math.copysign(1.0, east * column[1] - north * column[0])
    along = (x_m[0] - x0) * east + (y_m[0] - y0) * north
    across = left * ((y_m[:, 0] - y0) * east - (x_m[:, 0] - x0) * north)
    found = Lattice(x0, y0, east, north, left, along, across)
    if np.any(np.diff(along) < 0) or np.any(np.diff(across) < 0):
        return None
    x = x0 + along * east - left * across[:, None] * north
    y = y0 + along * north + left * across[:, None] * east
    off = max(float(np.max(np.abs(x - x_m))), float(np.max(np.abs(y - y_m))))
    return found if off <= EXACT_M else None


def by_sight(cloud: Cloud) -> Ints:
    """Return the puffs' numbers by when they are first seen (n,)."""
    return np.argsort(cloud.puffs[:, LIVES_FROM_S], kind="stable")


def series(run: Run, x_m: Floats, y_m: Floats) -> Iterator[Floats]:
    """Give c [kg/m3] at the looks of `run` (looks, points), a band of the points at a time.

    The bands follow each other in the points' own (C) order.
    """
    times = run.times
    most = max(HELD // times.size, 1)
    grid = lattice(x_m, y_m)
    if grid is not None:
        each = max(most // grid.along.size, 1)
        axes = (grid.x_m, grid.y_m, grid.east, grid.north, grid.left)
        for at in range(0, grid.across.size, each):
            across = grid.across[at : at + each]
            yield maps_jit.on_lattice(run, axes, grid.along, across)
        return
    x, y = np.ravel(x_m).astype(np.float64), np.ravel(y_m).astype(np.float64)
    for at in range(0, x.size, most):
        band = slice(at, min(at + most, x.size))
        sort = np.argsort(x[band], kind="stable")
        c = np.empty((times.size, sort.size))
        c[:, sort] = maps_jit.at_points(run, x[band][sort], y[band][sort])
        yield c


def joined(clocks: list[Clock]) -> Floats:
    """Return the times of all looks [s], each once; every stretch begins where one ended."""
    first = np.array([clocks[0][0]])
    rest = [start + step * np.arange(1, count, dtype=np.float64) for start, step, count in clocks]
    return np.concatenate([first, *rest])


def peaks(times: Floats, c: Floats, averagings_s: tuple[float, ...]) -> Floats:
    """Return the greatest running means of `c` (looks, points): (averagings, points).

    As `clock.running_peak`: windows begin and end at the looks. 0: the greatest value.
    """
    dose = maps_jit.so_far(times, c)
    out = np.empty((len(averagings_s), c.shape[1]))
    for row, averaging_s in zip(out, averagings_s, strict=True):
        if averaging_s == 0:
            row[:] = c.max(axis=0)
        else:
            row[:] = maps_jit.running_peak(times, dose, averaging_s)
    return out


def load(times: Floats, c: Floats, exponent: float) -> Floats:
    """Return the integral of c^n over the looks (points,) [(kg/m3)^n s]."""
    steps = np.diff(times)
    weights = 0.5 * (np.append(steps, 0.0) + np.insert(steps, 0, 0.0))
    return weights @ c**exponent
