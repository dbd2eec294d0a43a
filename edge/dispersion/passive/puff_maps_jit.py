"""Maps of puffs, compiled: look by look, the puffs that are there put onto points or a lattice.

A puff's place, spread and mass are worked out once a look for all points. It is seen within `cut`
spreads; on a lattice the corners of that square are seen too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from edge.dispersion.jit import compiled
from edge.dispersion.passive.puff import (
    AT_S,
    BORN_S,
    EAST,
    FLOOR_Y,
    FLOOR_Z,
    GROWTH,
    LID,
    LIVES_FROM_S,
    LIVES_UNTIL_S,
    MASS,
    NORTH,
    REACH_Y,
    REACH_Z,
    TABLE,
    WIND,
    Cloud,
    Ints,
    Track,
    X,
    Y,
)
from edge.dispersion.passive.puff_exp import exponential
from edge.dispersion.passive.puff_jit import read, remaining, vertical
from edge.dispersion.passive.puff_receptors_jit import Air
from edge.dispersion.passive.puff_table import SIGMA_Y, SIGMA_Z
from edge.dispersion.passive.sigma import Floats

TWO_PI = 2 * math.pi
Axes = tuple[float, float, float, float, float]  # as `puff_maps.Lattice` has them
Seen = tuple[float, float, float, float]  # x, y, sigma_y [m], c at the centre [kg/m3]


@dataclass(frozen=True, slots=True)
class Run:
    """A cloud, its track, its puffs by when they are seen, a height [m], looks [s], the cut."""

    cloud: Cloud
    track: Track
    order: Ints
    z_m: float
    times: Floats
    cut: float

    @property
    def air(self) -> Air:
        """Return what the kernels are told of the air."""
        cloud = self.cloud
        return self.z_m, cloud.height_m, cloud.reflects, cloud.deposition_m_s, cloud.decay_1_s


@compiled
def _state(
    puffs: Floats,
    k: int,
    nodes: Floats,
    m: int,
    winds: Floats,
    tables: Floats,
    air: Air,
    t: float,
) -> Seen:
    """Return puff `k`, in node `m`, at `t` [s]."""
    z, h, reflects, v_d, decay = air
    w = int(nodes[m, WIND])
    which = int(winds[w, TABLE])
    dt = t - nodes[m, AT_S]
    gone = winds[w, GROWTH] * dt
    sy = max(nodes[m, FLOOR_Y], read(tables, which, SIGMA_Y, nodes[m, REACH_Y] + gone))
    sz = max(nodes[m, FLOOR_Z], read(tables, which, SIGMA_Z, nodes[m, REACH_Z] + gone))
    mass = puffs[k, MASS] * remaining(puffs[k, BORN_S], nodes, m, winds, tables, t, v_d, decay)
    centre = mass / (TWO_PI * sy * sy) * vertical(z, h, sz, winds[w, LID], reflects)
    return nodes[m, X] + winds[w, EAST] * dt, nodes[m, Y] + winds[w, NORTH] * dt, sy, centre


@compiled
def _next(
    puffs: Floats, nodes: Floats, first: Ints, order: Ints, t: float, live: Ints, at: Ints,
    counts: Ints,
) -> int:  # fmt: skip
    """Bring `live` up to `t` and return how many are; `counts`: how many were, and were begun."""
    alive, seen = counts[0], counts[1]
    while seen < order.size and puffs[order[seen], LIVES_FROM_S] <= t:
        live[alive] = order[seen]
        alive += 1
        seen += 1
    kept = 0
    for n in range(alive):
        k = live[n]
        if puffs[k, LIVES_UNTIL_S] <= t:
            continue
        live[kept] = k
        kept += 1
        while at[k] + 1 < first[k + 1] and nodes[at[k] + 1, AT_S] <= t:
            at[k] += 1
    counts[0], counts[1] = kept, seen
    return kept


@compiled
def _factors(
    nodes: Floats, centre: float, sigma: float, reach: float, out: Floats
) -> tuple[int, int]:
    """Fill `out` with exp(-(x - centre)^2 / 2 sigma^2) within `reach`; return from and to."""
    low = int(np.searchsorted(nodes, centre - reach))
    high = int(np.searchsorted(nodes, centre + reach))
    scale = -0.5 / (sigma * sigma)
    for i in range(low, high):
        off = nodes[i] - centre
        out[i] = exponential(scale * off * off)
    return low, high


@compiled
def _on_lattice(
    puffs: Floats,
    winds: Floats,
    tables: Floats,
    nodes: Floats,
    first: Ints,
    order: Ints,
    air: Air,
    times: Floats,
    cut: float,
    axes: Axes,
    along: Floats,
    across: Floats,
    out: Floats,
) -> None:
    """Add to `out` (looks, across, along)."""
    x0, y0, east, north, left = axes
    live, at = np.empty(order.size, dtype=np.int64), first[:-1].copy()
    counts = np.zeros(2, dtype=np.int64)
    columns, rows = np.empty(along.size), np.empty(across.size)
    for look in range(times.size):
        for n in range(_next(puffs, nodes, first, order, times[look], live, at, counts)):
            k = live[n]
            x, y, sy, centre = _state(puffs, k, nodes, int(at[k]), winds, tables, air, times[look])
            dx, dy, reach = x - x0, y - y0, cut * sy
            b = left * (dy * east - dx * north)
            if centre == 0.0 or b + reach < across[0] or b - reach > across[-1]:
                continue
            i0, i1 = _factors(along, dx * east + dy * north, sy, reach, columns)
            if i0 >= i1:
                continue
            j0, j1 = _factors(across, b, sy, reach, rows)
            for j in range(j0, j1):
                row, line = centre * rows[j], out[look, j]
                for i in range(i0, i1):
                    line[i] += row * columns[i]


@compiled
def _at_points(
    puffs: Floats,
    winds: Floats,
    tables: Floats,
    nodes: Floats,
    first: Ints,
    order: Ints,
    air: Air,
    times: Floats,
    cut: float,
    xs: Floats,
    ys: Floats,
    out: Floats,
) -> None:
    """Add to `out` (looks, points); `xs` rise."""
    live, at = np.empty(order.size, dtype=np.int64), first[:-1].copy()
    counts = np.zeros(2, dtype=np.int64)
    for look in range(times.size):
        for n in range(_next(puffs, nodes, first, order, times[look], live, at, counts)):
            k = live[n]
            x, y, sy, centre = _state(puffs, k, nodes, int(at[k]), winds, tables, air, times[look])
            reach, scale = cut * sy, -0.5 / (sy * sy)
            low = int(np.searchsorted(xs, x - reach))
            high = int(np.searchsorted(xs, x + reach))
            for i in range(low, high):
                square = (xs[i] - x) ** 2 + (ys[i] - y) ** 2
                if square <= reach * reach:
                    out[look, i] += centre * exponential(scale * square)


@compiled
def _so_far(times: Floats, c: Floats, out: Floats) -> None:
    for i in range(1, times.size):
        half = 0.5 * (times[i] - times[i - 1])
        for p in range(c.shape[1]):
            out[i, p] = out[i - 1, p] + half * (c[i, p] + c[i - 1, p])


@compiled
def _place(times: Floats, when: float) -> tuple[int, float]:
    """Return the look after `when` and the share of the way to it, level beyond the ends."""
    after = min(max(int(np.searchsorted(times, when)), 1), times.size - 1)
    share = (when - times[after - 1]) / (times[after] - times[after - 1])
    return after, min(max(share, 0.0), 1.0)


@compiled
def _running_peak(times: Floats, dose: Floats, averaging: float, best: Floats) -> None:
    for i in range(times.size):
        for shift in (0.0, averaging):
            a, s = _place(times, times[i] + averaging - shift)
            b, r = _place(times, times[i] - shift)
            for p in range(best.size):
                late = dose[a - 1, p] + s * (dose[a, p] - dose[a - 1, p])
                gain = late - (dose[b - 1, p] + r * (dose[b, p] - dose[b - 1, p]))
                best[p] = max(best[p], gain)


def on_lattice(run: Run, axes: Axes, along: Floats, across: Floats) -> Floats:
    """Return c [kg/m3] at the looks on a lattice: (looks, across times along)."""
    out = np.zeros((run.times.size, across.size, along.size))
    cloud, track = run.cloud, run.track
    _on_lattice(
        cloud.puffs, cloud.winds, cloud.tables, track.nodes, track.first, run.order, run.air,
        run.times, run.cut, axes, along, across, out,
    )  # fmt: skip
    return out.reshape(run.times.size, -1)


def at_points(run: Run, x_m: Floats, y_m: Floats) -> Floats:
    """Return c [kg/m3] at the looks at points (n,) whose `x_m` rise: (looks, n)."""
    out = np.zeros((run.times.size, x_m.size))
    cloud, track = run.cloud, run.track
    _at_points(
        cloud.puffs, cloud.winds, cloud.tables, track.nodes, track.first, run.order, run.air,
        run.times, run.cut, x_m, y_m, out,
    )  # fmt: skip
    return out


def so_far(times: Floats, c: Floats) -> Floats:
    """Return the dose up to each look (looks, points) [kg s/m3]."""
    out = np.zeros(c.shape)
    _so_far(times, c, out)
    return out


def running_peak(times: Floats, dose: Floats, averaging_s: float) -> Floats:
    """As `puff_clock.running_peak`, with looks first."""
    best = np.zeros(dose.shape[1])
    _running_peak(times, dose, float(averaging_s), best)
    return best / averaging_s
