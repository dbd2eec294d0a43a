"""Dose, load and peak over a grid, compiled: equal to `ground.ground` but for the cut.

Every puff has its own box on the grid, `cut` spreads each way. Inside it the Gaussian is the
product of one factor per column and one per row, and each factor follows from its neighbour:

    g(i + 1) = g(i) r(i),  r(i + 1) = r(i) q,  q = exp(-dx^2 / sy^2)

walked outward from the centre, where everything falls: three exponentials an axis, whatever the
number of points (rounding grows by 1e-16 a step).
"""

from __future__ import annotations

import math

import numpy as np

from edge.dispersion.arrays import Floats, Ints
from edge.dispersion.jit import compiled
from edge.dispersion.passive.puff.clock import Clock
from edge.dispersion.passive.puff.cloud import LIVES_FROM_S, Cloud, Track
from edge.dispersion.passive.puff.cloud_jit import Air, air_of, bring, place, thickest
from edge.dispersion.passive.puff.ground import Grid, GroundField, blocks
from edge.dispersion.passive.puff.receptors_jit import CUT

NEIGHBOURS = 1.0  # cells


@compiled
def _factors(
    centre: float, sigma: float, radius: float, axis: tuple[float, float, int], out: Floats
) -> tuple[int, int]:
    """Fill `out` with exp(-(x - centre)^2 / 2 sigma^2) within `radius`; return from and to."""
    x0, dx, n = axis
    at = (centre - x0) / dx
    low = int(max(math.ceil(at - radius / dx), 0))
    high = int(min(math.floor(at + radius / dx), n - 1)) + 1
    if low >= high:
        return 0, 0
    middle = int(min(max(round(at), low), high - 1))
    scale = 0.5 / (sigma * sigma)
    q = math.exp(-2 * scale * dx * dx)
    off = x0 + middle * dx - centre
    value = math.exp(-scale * off * off)
    out[middle] = value
    ratio = math.exp(-scale * dx * (2 * off + dx))
    for i in range(middle + 1, high):
        value *= ratio
        ratio *= q
        out[i] = value
    value = out[middle]
    ratio = math.exp(-scale * dx * (dx - 2 * off))
    for i in range(middle - 1, low - 1, -1):
        value *= ratio
        ratio *= q
        out[i] = value
    return low, high


@compiled
def _reach(
    x: float,
    y: float,
    radius: float,
    axes: tuple[float, float, float, float],
    sy: float,
    factors: tuple[Floats, Floats],
) -> tuple[int, int, int, int]:
    """Fill `factors` (columns, rows) and return from and to of each; nothing where out of sight."""
    columns, rows = factors
    left, right = _factors(x, sy, radius, (axes[0], axes[1], columns.size), columns)
    if left == right:
        return 0, 0, 0, 0
    bottom, top = _factors(y, sy, radius, (axes[2], axes[3], rows.size), rows)
    return left, right, bottom, top


@compiled
def _add(
    centre: float,
    reach: tuple[int, int, int, int],
    factors: tuple[Floats, Floats],
    c: Floats,
    touched: Ints,
) -> None:
    """Add a puff to `c`; widen `touched` (rows, 2) to what it reaches."""
    columns, rows = factors
    left, right, bottom, top = reach
    for j in range(bottom, top):
        row = centre * rows[j]
        touched[j, 0] = min(touched[j, 0], left)
        touched[j, 1] = max(touched[j, 1], right)
        for i in range(left, right):
            c[j, i] += row * columns[i]


@compiled
def _settle(
    c: Floats,
    touched: Ints,
    step: float,
    exponent: float,
    dose: Floats,
    load: Floats,
    block: Floats,
) -> None:
    """Take one step's `c` into the sums where it was `touched`, and clear it."""
    for j in range(c.shape[0]):
        for i in range(touched[j, 0], touched[j, 1]):
            value = c[j, i]
            dose[j, i] += value * step
            load[j, i] += value**exponent * step
            block[j, i] += value
            c[j, i] = 0.0
        touched[j, 0], touched[j, 1] = c.shape[1], 0


@compiled
def _close_block(block: Floats, ring: Floats, slot: int, total: Floats, peak: Floats) -> None:
    """Put `block` in the `ring`, renew the running `total` and the `peak` of it (a sum)."""
    for j in range(block.shape[0]):
        for i in range(block.shape[1]):
            total[j, i] += block[j, i] - ring[slot, j, i]
            ring[slot, j, i] = block[j, i]
            block[j, i] = 0.0
            peak[j, i] = max(peak[j, i], total[j, i])


@compiled
def _ground(
    puffs: Floats,
    winds: Floats,
    tables: Floats,
    nodes: Floats,
    first: Ints,
    order: Ints,
    air: Air,
    axes: tuple[float, float, float, float],
    clock: Clock,
    exponent: float,
    cut: float,
    each: int,
    ring: Floats,
    out: Floats,
) -> None:
    """Fill `out` (dose, load, peak) x rows x columns; `order`: puffs by when they are seen."""
    start, step, count = clock
    _three, ny, nx = out.shape
    c, block, total = np.zeros((ny, nx)), np.zeros((ny, nx)), np.zeros((ny, nx))
    touched = np.zeros((ny, 2), dtype=np.int64)
    touched[:, 0] = nx
    factors = (np.empty(nx), np.empty(ny))
    live, at = np.empty(order.size, dtype=np.int64), first[:-1].copy()
    counts, slot = np.zeros(2, dtype=np.int64), 0
    for i in range(count):
        t = start + i * step
        for n in range(bring(puffs, nodes, first, order, t, live, at, counts)):
            k = live[n]
            x, y, sy = place(nodes, int(at[k]), winds, tables, t)
            # a young puff is narrower than a cell: it reaches its neighbours, which see no other
            radius = max(cut * sy, NEIGHBOURS * (axes[1] + axes[3]))
            reach = _reach(x, y, radius, axes, sy, factors)
            if reach[2] < reach[3]:
                centre = thickest(puffs[k], nodes, int(at[k]), winds, tables, air, t, sy)
                _add(centre, reach, factors, c, touched)
        _settle(c, touched, step, exponent, out[0], out[1], block)
        if (i + 1) % each == 0 or i + 1 == count:
            _close_block(block, ring, slot, total, out[2])
            slot = (slot + 1) % ring.shape[0]
    out[2] /= each * ring.shape[0]


def ground(
    cloud: Cloud,
    track: Track,
    grid: Grid,
    z_m: float,
    clock: Clock,
    exponent: float,
    averaging_s: float,
    cut: float = CUT,
) -> GroundField:
    """As `ground.ground`; `cut` [spreads] is how far a puff is seen."""
    start, step, count = float(clock[0]), float(clock[1]), int(clock[2])
    each, many = blocks(averaging_s, step)
    out = np.zeros((3, grid.ny, grid.nx))
    _ground(
        cloud.puffs,
        cloud.winds,
        cloud.tables,
        track.nodes,
        track.first,
        np.argsort(cloud.puffs[:, LIVES_FROM_S], kind="stable"),
        air_of(cloud, z_m),
        (grid.x0_m, grid.dx_m, grid.y0_m, grid.dy_m),
        (start, step, count),
        float(exponent),
        float(cut),
        each,
        np.zeros((many, grid.ny, grid.nx)),
        out,
    )
    return GroundField(grid, out[0], out[1], out[2])
