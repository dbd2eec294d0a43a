"""The adaptive marches along a plume and through a puff's life.

Bogacki & Shampine (1989), Applied Mathematics Letters 2, 321-325: a third-order step with a
second-order one inside to judge it; a step that leaves the cloud without mass, speed or width,
or that is not a number, is halved. Scalar functions, compiled as they stand by `kernels_jit`.
"""

from __future__ import annotations

import math

import numpy as np

from edge.dispersion.arrays import Floats
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
    Section,
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

TOLERANCE = 3e-4
MOST_ROWS = 400
MOST_TRIES = 4000
LANDING = 1.2  # edge speed over the fall that turned into it
SLOWEST = 0.01  # m/s that a cloud keeps: below, the calm rules hold, not this model
# the columns of a row that a march writes, the state itself after them
X, T, FRACTION, HALF, CORE_COL, CENTRE, DEPTH, SPEED, TEMPERATURE, DENSITY, MASS, MEAN = range(12)
LONG, PLUG_COL, GROUNDED = 12, 13, 14
STATE = 15
TRIAL, FINE, COARSE = 4, 5, 6  # rows of a step's work, after its four slopes
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


def _derive(
    gas: Gas, air: Air, path: Path, cloud: Cloud, plume: bool, x: float, y: Floats, out: Floats
) -> None:
    """Write the derivative of a plume's or a puff's state to `out`."""
    if plume:
        slopes(gas, air, path, x, y, out)
    else:
        rates(gas, air, cloud, y, out)


def _try(
    gas: Gas,
    air: Air,
    path: Path,
    cloud: Cloud,
    plume: bool,
    x: float,
    y: Floats,
    step: float,
    work: Floats,
) -> float:
    """Return a step's error over what is allowed, its end in `work[FINE]`; inf if it fails.

    `work[0]` holds the slope at the start.
    """
    size = SIZE if plume else PUFF_SIZE
    for i in range(size):
        work[TRIAL, i] = y[i] + 0.5 * step * work[0, i]
    if not _fits(work[TRIAL], size):
        return math.inf
    _derive(gas, air, path, cloud, plume, x + 0.5 * step, work[TRIAL], work[1])
    for i in range(size):
        work[TRIAL, i] = y[i] + 0.75 * step * work[1, i]
    if not _fits(work[TRIAL], size):
        return math.inf
    _derive(gas, air, path, cloud, plume, x + 0.75 * step, work[TRIAL], work[2])
    for i in range(size):
        sum3 = 2.0 * work[0, i] + 3.0 * work[1, i] + 4.0 * work[2, i]
        work[FINE, i] = y[i] + step * sum3 / 9.0
    if not _fits(work[FINE], size):
        return math.inf
    _derive(gas, air, path, cloud, plume, x + step, work[FINE], work[3])
    for i in range(size):
        sum4 = 7.0 * work[0, i] + 6.0 * work[1, i] + 8.0 * work[2, i] + 3.0 * work[3, i]
        work[COARSE, i] = y[i] + step * sum4 / 24.0
    worst = _error(y, work[FINE], work[COARSE], size)
    return worst if math.isfinite(worst) else math.inf


def _shrink(worst: float) -> float:
    """Return by what a step that failed is shortened."""
    return max(0.2, 0.9 * worst ** (-1.0 / 3.0)) if math.isfinite(worst) else 0.25


def _grow(worst: float) -> float:
    """Return by what the step after a good one is changed."""
    return min(4.0, 0.9 * max(worst, 1e-4) ** (-1.0 / 3.0))


def plume_row(gas: Gas, air: Air, path: Path, x: float, y: Floats, row: Floats) -> None:
    """Write the row of the plume at `x` [m]."""
    s = section(gas, air, path, y)
    row[X], row[T] = x, y[TIME]
    row[FRACTION], row[HALF], row[CORE_COL] = s.mixture.fraction, y[B], y[5]
    row[CENTRE], row[DEPTH], row[SPEED] = y[ZC], s.depth, y[U]
    row[TEMPERATURE], row[DENSITY] = s.mixture.temperature_k, s.mixture.density
    row[MASS], row[MEAN] = min(y[Q] / y[R], 1.0), y[MEANDER]
    row[LONG], row[PLUG_COL], row[GROUNDED] = 0.0, 0.0, 1.0 if s.grounded else 0.0
    for i in range(SIZE):
        row[STATE + i] = y[i]


def _tidy_plume(s: Section, air: Air, path: Path, y: Floats) -> Path:
    """Hold a plume's state to what it can be after a step; return its path, landed or not.

    Landing turns the fall of a cloud from aloft into a spread along the ground.
    """
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
    return path


def march_plume(
    gas: Gas, air: Air, path: Path, y0: Floats, until_s: float, to_m: float, rows: Floats
) -> int:
    """March from `path.start` until the gas is `until_s` [s] old or at `to_m` [m]; return rows."""
    cloud, work, y = Cloud(0.0, 0.0, 0.0), np.zeros((7, PUFF_SIZE)), y0.copy()
    x = path.start
    plume_row(gas, air, path, x, y, rows[0])
    n, step = 1, 0.02 * max(y[B], 0.05)
    slopes(gas, air, path, x, y, work[0])
    for _ in range(MOST_TRIES):
        if n >= rows.shape[0] or x >= to_m or y[TIME] >= until_s:
            break
        edge = path.end if x < path.end else to_m
        step = min(step, max(edge - x, 1e-6), 0.25 * (abs(x - path.start) + 4.0 * y[B]))
        worst = _try(gas, air, path, cloud, True, x, y, step, work)
        if worst > 1.0 and (step > 1e-6 or not math.isfinite(worst)):
            step *= _shrink(worst)
            continue
        x += step
        for i in range(SIZE):
            y[i] = work[FINE, i]
        s = section(gas, air, path, y)
        path = _tidy_plume(s, air, path, y)
        air = settled(air, s.depth if s.grounded else y[ZC] + s.depth / 2.0)
        plume_row(gas, air, path, x, y, rows[n])
        slopes(gas, air, path, x, y, work[0])
        n += 1
        step *= _grow(worst)
    return n


def puff_row(gas: Gas, air: Air, cloud: Cloud, t: float, y: Floats, row: Floats) -> None:
    """Write the row of the puff at `t` [s]."""
    s = body(gas, air, cloud, y)
    row[X], row[T] = y[PX], t
    row[FRACTION], row[HALF], row[CORE_COL] = s.mixture.fraction, y[PB], y[5]
    row[CENTRE], row[DEPTH], row[SPEED] = y[PZC], s.depth, y[PU]
    row[TEMPERATURE], row[DENSITY] = s.mixture.temperature_k, s.mixture.density
    row[MASS], row[MEAN] = min(cloud.mass / y[M], 1.0), y[PMEANDER]
    row[LONG], row[PLUG_COL], row[GROUNDED] = y[LENGTH], y[PLUG], 1.0 if s.grounded else 0.0
    for i in range(PUFF_SIZE):
        row[STATE + i] = y[i]


def _tidy_puff(s: Section, air: Air, cloud: Cloud, y: Floats) -> Cloud:
    """Hold a puff's state to what it can be after a step; return the puff, landed or not."""
    y[PU] = max(y[PU], 1e-4)
    y[PZC] = max(y[PZC], 0.0)
    if s.grounded:
        y[PZC] = min(y[PZC], s.depth / 2.0)
        if cloud.landed < 0.5:
            cloud = Cloud(cloud.mass, cloud.meander, 1.0)
            y[PG] = max(y[PG], -LANDING * y[PW])
            y[GX] = max(y[GX], -LANDING * y[PW])
    if s.mixture.density <= air.density:
        y[PG], y[GX] = 0.0, 0.0
    return cloud


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
    path = Path(0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    work, y, t = np.zeros((7, PUFF_SIZE)), y0.copy(), from_s
    puff_row(gas, air, cloud, t, y, rows[0])
    n, step = 1, 0.01
    rates(gas, air, cloud, y, work[0])
    for _ in range(MOST_TRIES):
        if n >= rows.shape[0] or t >= until_s or y[PX] >= to_m:
            break
        step = min(step, until_s - t)
        worst = _try(gas, air, path, cloud, False, t, y, step, work)
        if worst > 1.0 and (step > 1e-7 or not math.isfinite(worst)):
            step *= _shrink(worst)
            continue
        t += step
        for i in range(PUFF_SIZE):
            y[i] = work[FINE, i]
        s = body(gas, air, cloud, y)
        cloud = _tidy_puff(s, air, cloud, y)
        air = settled(air, s.depth if s.grounded else y[PZC] + s.depth / 2.0)
        puff_row(gas, air, cloud, t, y, rows[n])
        rates(gas, air, cloud, y, work[0])
        n += 1
        step *= _grow(worst)
    return n
