"""Dose, load and peak over a grid of the ground, summed as time goes by. The readable truth.

    dose = sum c dt,   load = sum c^n dt,   peak = max over t of mean of c over averaging_s

No concentration is kept but the present one: an hour of a 51 x 51 grid is a few arrays of its
size. The running mean is kept in blocks of a tenth of the averaging time and looked at as each
ends, so that a window may lie beside the worst one by half a block. Where `averaging_s` is not
above the step, the peak is the greatest concentration seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge.dispersion.arrays import Floats
from edge.dispersion.passive.puff.clock import Clock
from edge.dispersion.passive.puff.cloud import Cloud, Track, concentration

BLOCKS = 10


@dataclass(frozen=True, slots=True)
class Grid:
    """Points at `x0_m` + i `dx_m` and `y0_m` + j `dy_m` (site metres), i < `nx`, j < `ny`."""

    x0_m: float
    y0_m: float
    dx_m: float
    dy_m: float
    nx: int
    ny: int

    @property
    def x_m(self) -> Floats:
        """Return the columns' places [m] (nx,)."""
        return self.x0_m + self.dx_m * np.arange(self.nx, dtype=np.float64)

    @property
    def y_m(self) -> Floats:
        """Return the rows' places [m] (ny,)."""
        return self.y0_m + self.dy_m * np.arange(self.ny, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class GroundField:
    """What came down on a grid, each (ny, nx).

    `dose` [kg s/m3], `load` [(kg/m3)^n s], `peak` [kg/m3].
    """

    grid: Grid
    dose: Floats
    load: Floats
    peak: Floats


def blocks(averaging_s: float, step_s: float) -> tuple[int, int]:
    """Return how many steps are a block and how many blocks the averaging time; (1, 1) if none."""
    steps = max(1, round(averaging_s / step_s))
    each = max(1, steps // BLOCKS)
    return each, max(1, round(steps / each))


def ground(
    cloud: Cloud,
    track: Track,
    grid: Grid,
    z_m: float,
    clock: Clock,
    exponent: float,
    averaging_s: float,
) -> GroundField:
    """Return the dose, the load of power `exponent` and the peak at height `z_m` [m]."""
    start, step, count = clock
    x, y = np.meshgrid(grid.x_m, grid.y_m)
    dose, load, peak, block = (np.zeros(x.shape) for _ in range(4))
    each, many = blocks(averaging_s, step)
    ring = [np.zeros(x.shape) for _ in range(many)]
    for i in range(count):
        c = concentration(cloud, track, x, y, z_m, start + i * step)
        dose += c * step
        load += c**exponent * step
        block += c
        if (i + 1) % each == 0 or i + 1 == count:
            ring = [*ring[1:], block]
            peak = np.maximum(peak, sum(ring) / (each * many))
            block = np.zeros(x.shape)
    return GroundField(grid, dose, load, peak)
