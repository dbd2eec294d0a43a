"""A dense cloud's whole life: its source, its steady plume, and its puff when the source ends.

The plume is marched until the gas at its head is as old as the release is long; the puff then
starts with all that was released, its middle where half of it has passed (Ermak 1990).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from edge.dispersion.arrays import Floats
from edge.dispersion.constants import GRAVITY
from edge.dispersion.dense import march, plume, puff
from edge.dispersion.dense.air import Air, meander_intensity, settled
from edge.dispersion.dense.source import (
    Release,
    Shape,
    instant_start,
    jet_start,
    pool_start,
    upward_start,
)
from edge.dispersion.dense.thermo import Gas

LEAST_FROUDE2 = 0.32  # u^2 / (g' h) over a pool: below, the cloud spreads upwind and widens it
WIDEST, WIDER = 40.0, 1.25
FARTHEST_M = 60_000.0
LONGEST_S = 90_000.0
STEADY_S = 6.0 * 3600.0


@dataclass(frozen=True, slots=True)
class Trace:
    """The rows (columns of `march`) of the plume and of the puff; either may have none."""

    plume: Floats
    puff: Floats
    release: Release
    gas: Gas
    air: Air
    lofted_peak: float


def _march_pool(
    kernels: ModuleType, gas: Gas, air: Air, release: Release, until_s: float, to_m: float
) -> Floats:
    """Return the rows over and beyond a pool that is widened until its cloud is swept away."""
    width = math.sqrt(release.area_m2) / 2.0
    rows = np.zeros((march.MOST_ROWS, march.COLUMNS))
    first = width
    while True:
        path, y = pool_start(gas, air, release, width)
        n = kernels.march_plume(gas, air, path, y, 1e9, width, rows)
        over = rows[max(n // 4, 1) : n]
        heavy = 1.0 - air.density / over[:, march.DENSITY]
        sink = GRAVITY * np.maximum(heavy, 1e-9) * over[:, march.DEPTH]
        least = float(np.min(over[:, march.SPEED] ** 2 / sink))
        if least >= LEAST_FROUDE2 or width >= WIDEST * first:
            break
        width *= min(max((LEAST_FROUDE2 / least) ** 0.5, 1.01), WIDER)
    n = kernels.march_plume(gas, air, path, y, until_s, to_m, rows)
    return rows[:n].copy()


def _march_steady(
    kernels: ModuleType, gas: Gas, air: Air, release: Release, to_m: float
) -> tuple[Floats, Air, float]:
    """Return the steady plume's rows, the air (its mean wind held to a risen plume), the rise."""
    until = min(release.duration_s, STEADY_S) * 1.05
    if release.shape is Shape.POOL:
        return _march_pool(kernels, gas, air, release, until, to_m), air, 0.0
    if release.shape is Shape.JET:
        path, y = jet_start(gas, air, release)
    else:
        path, y, air = upward_start(gas, air, release)
    rows = np.zeros((march.MOST_ROWS, march.COLUMNS))
    n = kernels.march_plume(gas, air, path, y, until, to_m, rows)
    return rows[:n].copy(), settled(air, _lowest(rows[:n])), float(y[plume.ZC])


def _lowest(rows: Floats) -> float:
    """Return how low [m] the plume's top came: what was left there of a risen plume's wind."""
    above = rows[:, march.CENTRE] + rows[:, march.DEPTH] / 2.0
    top = np.where(rows[:, march.GROUNDED] > 0.5, rows[:, march.DEPTH], above)
    return float(np.min(top))


def _middle(rows: Floats, duration_s: float) -> float:
    """Return the mean distance [m] of the gas when the release ends, at `duration_s` [s]."""
    t, x = rows[:, march.T], rows[:, march.X]
    inside = t <= duration_s
    t_in = np.append(t[inside], duration_s)
    x_in = np.append(x[inside], np.interp(duration_s, t, x))
    return float(np.trapezoid(x_in, t_in) / (t_in[-1] - t_in[0]))


def _handed_over(air: Air, release: Release, rows: Floats, x: float) -> tuple[puff.Cloud, Floats]:
    """Return the puff that the plume is when the source ends, its middle at `x` [m]."""
    s = march.STATE
    y = np.zeros(puff.PUFF_SIZE)
    at = [float(np.interp(x, rows[:, march.X], rows[:, s + i])) for i in range(plume.SIZE)]
    half = release.duration_s / 2.0
    y[puff.M] = at[plume.R] * half
    y[puff.PU], y[puff.PH] = at[plume.U], at[plume.H] * half
    y[puff.PG], y[puff.PB], y[puff.PCORE] = at[plume.G] * half, at[plume.B], at[plume.CORE]
    y[puff.PZC], y[puff.PW] = at[plume.ZC], at[plume.W] * half
    y[puff.PMEANDER], y[puff.PX] = at[plume.MEANDER], x
    y[puff.LENGTH] = at[plume.U] * half
    y[puff.PLUG] = 0.9999 * y[puff.LENGTH]
    y[puff.GX] = y[puff.PG] * y[puff.PB] / y[puff.LENGTH]
    meander = meander_intensity(air, release.averaging_s)
    touched = float(
        rows[-1, march.GROUNDED] > 0.5
        and at[plume.ZC] <= np.interp(x, rows[:, march.X], rows[:, march.DEPTH]) / 2.0
    )
    return puff.Cloud(release.rate_kg_s * half / 2.0, meander, touched), y


def trace(
    gas: Gas, air: Air, release: Release, kernels: ModuleType = march, to_m: float = FARTHEST_M
) -> Trace:
    """Return the cloud's life; `kernels` marches it (`march`, or its compiled twin)."""
    empty = np.zeros((0, march.COLUMNS))
    rows = np.zeros((march.MOST_ROWS, march.COLUMNS))
    if release.shape is Shape.INSTANT:
        cloud, y = instant_start(gas, air, release)
        n = kernels.march_puff(gas, air, cloud, y, 0.0, LONGEST_S, to_m, rows)
        return Trace(empty, rows[:n].copy(), release, gas, air, 0.0)
    steady, air, rise = _march_steady(kernels, gas, air, release, to_m)
    if steady[-1, march.T] < release.duration_s:
        return Trace(steady, empty, release, gas, air, rise)
    x = _middle(steady, release.duration_s)
    cloud, y = _handed_over(air, release, steady, x)
    n = kernels.march_puff(gas, air, cloud, y, release.duration_s, LONGEST_S, to_m, rows)
    return Trace(steady, rows[:n].copy(), release, gas, air, rise)
