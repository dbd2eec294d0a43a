"""The adaptive marches along a plume and through a puff's life.

Bogacki & Shampine (1989), Applied Mathematics Letters 2, 321-325: a third-order step with a
second-order one inside to judge it; a step that leaves the cloud without mass, speed or width,
or that is not a number, is halved. Scalar functions, compiled as they stand by `kernels_jit`.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from edge.dispersion.dense.air import Air, settled
from edge.dispersion.dense.plume import (
    MEANDER,
    SIZE,
    TIME,
    ZC,
    B,
    G,
    Path,
    Q,
    R,
    U,
    W,
    landed,
    least_speed,
    section,
    slopes,
)
from edge.dispersion.dense.puff import (
    GX,
    LENGTH,
    PB,
    PG,
    PLUG,
    PMEANDER,
    PU,
    PUFF_SIZE,
    PW,
    PX,
    PZC,
    Cloud,
    M,
    body,
    rates,
)
from edge.dispersion.dense.thermo import Gas

Floats = NDArray[np.float64]
TOLERANCE = 3e-4
MOST_ROWS = 400
MOST_TRIES = 4000
LANDING = 1.3  # edge speed over the fall that turned into it
SLOWEST = 0.01  # m/s that a cloud keeps: below, the calm rules hold, not this model
# the columns of a row that a march writes, the state itself after them
X, T, FRACTION, HALF, CORE_COL, CENTRE, DEPTH, SPEED, TEMPERATURE, DENSITY, MASS, MEAN = range(12)
LONG, PLUG_COL, GROUNDED = 12, 13, 14
STATE = 15
COLUMNS = STATE + PUFF_SIZE


def _fits(y: Floats, size: int) -> bool:
    """Return whether a trial state is one of a cloud."""
    for i in range(size):
        if not math.isfinite(y[i]):
            return False
    if y[0] <= 0.0 or y[1] <= 0.0 or y[4] <= 0.0:
        return False
    return size == SIZE or y[LENGTH] > 0.0


def _error(y: Floats, fine: Floats, coarse: Floats, size: int) -> float:
    """Return the greatest error of a step over what is allowed."""
    worst = 0.0
    across = abs(fine[0]) * 0.05 * (abs(fine[1]) + 0.1)
    for i in range(size):
        scale = max(abs(y[i]), abs(fine[i]))
        if i in (G, W, GX) and not (size == SIZE and i == 12):
            scale = max(scale, across)
        elif i == ZC:
            scale = max(scale, 0.1)
        elif i == 2:
            scale = max(scale, abs(fine[0]) * 1e3)
        elif i in (MEANDER, TIME, Q):
            scale = max(scale, 0.1)
        worst = max(worst, abs(fine[i] - coarse[i]) / (TOLERANCE * scale + 1e-12))
    return worst


def plume_row(gas: Gas, air: Air, path: Path, x: float, y: Floats, row: Floats) -> bool:
    """Write the row of the plume at `x` [m]; return whether it lies on the ground."""
    s = section(gas, air, path, y)
    row[X], row[T] = x, y[TIME]
    row[FRACTION], row[HALF], row[CORE_COL] = s.mixture.fraction, y[B], y[5]
    row[CENTRE], row[DEPTH], row[SPEED] = y[ZC], s.depth, y[U]
    row[TEMPERATURE], row[DENSITY] = s.mixture.temperature_k, s.mixture.density
    row[MASS], row[MEAN] = min(y[Q] / y[R], 1.0), y[MEANDER]
    row[LONG], row[PLUG_COL], row[GROUNDED] = 0.0, 0.0, 1.0 if s.grounded else 0.0
    for i in range(SIZE):
        row[STATE + i] = y[i]
    return s.grounded


def march_plume(
    gas: Gas, air: Air, path: Path, y0: Floats, until_s: float, to_m: float, rows: Floats
) -> int:
    """March from `path.start` until the gas is `until_s` [s] old or at `to_m` [m]; return rows.

    Landing turns the fall of a cloud from aloft into a spread of the same speed.
    """
    y, k1, k2 = y0.copy(), np.zeros(SIZE), np.zeros(SIZE)
    k3, k4, trial = np.zeros(SIZE), np.zeros(SIZE), np.zeros(SIZE)
    fine, coarse = np.zeros(SIZE), np.zeros(SIZE)
    x = path.start
    plume_row(gas, air, path, x, y, rows[0])
    n, step = 1, 0.02 * max(y[B], 0.05)
    slopes(gas, air, path, x, y, k1)
    for _ in range(MOST_TRIES):
        if n >= rows.shape[0] or x >= to_m or y[TIME] >= until_s:
            break
        edge = path.end if x < path.end else to_m
        step = min(step, max(edge - x, 1e-6), 0.25 * (abs(x - path.start) + 4.0 * y[B]))
        for i in range(SIZE):
            trial[i] = y[i] + 0.5 * step * k1[i]
        good = _fits(trial, SIZE)
        if good:
            slopes(gas, air, path, x + 0.5 * step, trial, k2)
            for i in range(SIZE):
                trial[i] = y[i] + 0.75 * step * k2[i]
            good = _fits(trial, SIZE)
        if good:
            slopes(gas, air, path, x + 0.75 * step, trial, k3)
            for i in range(SIZE):
                fine[i] = y[i] + step * (2.0 * k1[i] + 3.0 * k2[i] + 4.0 * k3[i]) / 9.0
            good = _fits(fine, SIZE)
        if not good:
            step *= 0.25
            continue
        slopes(gas, air, path, x + step, fine, k4)
        for i in range(SIZE):
            coarse[i] = y[i] + step * (7.0 * k1[i] + 6.0 * k2[i] + 8.0 * k3[i] + 3.0 * k4[i]) / 24.0
        worst = _error(y, fine, coarse, SIZE)
        if not math.isfinite(worst) or (worst > 1.0 and step > 1e-6):
            step *= 0.25 if not math.isfinite(worst) else max(0.2, 0.9 * worst ** (-1.0 / 3.0))
            continue
        x += step
        for i in range(SIZE):
            y[i] = fine[i]
        s = section(gas, air, path, y)
        y[U] = max(y[U], SLOWEST, least_speed(air, s, y))
        y[Q] = min(y[Q], path.rate / 2.0)
        y[ZC] = max(y[ZC], 0.0)
        if s.grounded:
            y[ZC] = min(y[ZC], s.depth / 2.0)
            if path.landed < 0.5:
                path = landed(path)
                y[G] = max(y[G], -LANDING * y[W])
        if s.mixture.density <= air.density:
            y[G] = 0.0
        air = settled(air, s.depth if s.grounded else y[ZC] + s.depth / 2.0)
        plume_row(gas, air, path, x, y, rows[n])
        slopes(gas, air, path, x, y, k1)
        n += 1
        step *= min(4.0, 0.9 * max(worst, 1e-4) ** (-1.0 / 3.0))
    return n


def puff_row(gas: Gas, air: Air, cloud: Cloud, t: float, y: Floats, row: Floats) -> bool:
    """Write the row of the puff at `t` [s]; return whether it lies on the ground."""
    s = body(gas, air, cloud, y)
    row[X], row[T] = y[PX], t
    row[FRACTION], row[HALF], row[CORE_COL] = s.mixture.fraction, y[PB], y[5]
    row[CENTRE], row[DEPTH], row[SPEED] = y[PZC], s.depth, y[PU]
    row[TEMPERATURE], row[DENSITY] = s.mixture.temperature_k, s.mixture.density
    row[MASS], row[MEAN] = min(cloud.mass / y[M], 1.0), y[PMEANDER]
    row[LONG], row[PLUG_COL], row[GROUNDED] = y[LENGTH], y[PLUG], 1.0 if s.grounded else 0.0
    for i in range(PUFF_SIZE):
        row[STATE + i] = y[i]
    return s.grounded


def march_puff(
    gas: Gas,
    air: Air,
    cloud: Cloud,
    y0: Floats,
    from_s: float,
    until_s: float,
    to_m: float,
    rows: Floats,
) -> int:
    """March the puff from `from_s` until `until_s` [s] or its centre is at `to_m` [m]."""
    y, k1, k2 = y0.copy(), np.zeros(PUFF_SIZE), np.zeros(PUFF_SIZE)
    k3, k4, trial = np.zeros(PUFF_SIZE), np.zeros(PUFF_SIZE), np.zeros(PUFF_SIZE)
    fine, coarse = np.zeros(PUFF_SIZE), np.zeros(PUFF_SIZE)
    t = from_s
    puff_row(gas, air, cloud, t, y, rows[0])
    n, step = 1, 0.01
    rates(gas, air, cloud, y, k1)
    for _ in range(MOST_TRIES):
        if n >= rows.shape[0] or t >= until_s or y[PX] >= to_m:
            break
        step = min(step, until_s - t)
        for i in range(PUFF_SIZE):
            trial[i] = y[i] + 0.5 * step * k1[i]
        good = _fits(trial, PUFF_SIZE)
        if good:
            rates(gas, air, cloud, trial, k2)
            for i in range(PUFF_SIZE):
                trial[i] = y[i] + 0.75 * step * k2[i]
            good = _fits(trial, PUFF_SIZE)
        if good:
            rates(gas, air, cloud, trial, k3)
            for i in range(PUFF_SIZE):
                fine[i] = y[i] + step * (2.0 * k1[i] + 3.0 * k2[i] + 4.0 * k3[i]) / 9.0
            good = _fits(fine, PUFF_SIZE)
        if not good:
            step *= 0.25
            continue
        rates(gas, air, cloud, fine, k4)
        for i in range(PUFF_SIZE):
            coarse[i] = y[i] + step * (7.0 * k1[i] + 6.0 * k2[i] + 8.0 * k3[i] + 3.0 * k4[i]) / 24.0
        worst = _error(y, fine, coarse, PUFF_SIZE)
        if not math.isfinite(worst) or (worst > 1.0 and step > 1e-7):
            step *= 0.25 if not math.isfinite(worst) else max(0.2, 0.9 * worst ** (-1.0 / 3.0))
            continue
        t += step
        for i in range(PUFF_SIZE):
            y[i] = fine[i]
        y[PU] = max(y[PU], 1e-4)
        y[PZC] = max(y[PZC], 0.0)
        s = body(gas, air, cloud, y)
        if s.grounded:
            y[PZC] = min(y[PZC], s.depth / 2.0)
            if cloud.landed < 0.5:
                cloud = Cloud(cloud.mass, cloud.meander, 1.0)
                y[PG] = max(y[PG], -LANDING * y[PW])
                y[GX] = max(y[GX], -LANDING * y[PW])
        if s.mixture.density <= air.density:
            y[PG], y[GX] = 0.0, 0.0
        air = settled(air, s.depth if s.grounded else y[PZC] + s.depth / 2.0)
        puff_row(gas, air, cloud, t, y, rows[n])
        rates(gas, air, cloud, y, k1)
        n += 1
        step *= min(4.0, 0.9 * max(worst, 1e-4) ** (-1.0 / 3.0))
    return n
