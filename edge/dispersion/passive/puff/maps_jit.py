"""Maps of puffs, compiled: look by look, the puffs that are there put onto points or a lattice.

A puff's place, spread and mass are worked out once a look for all points. It is seen within `cut`
spreads; on a lattice the corners of that square are seen too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge.dispersion.arrays import Floats, Ints
from edge.dispersion.jit import compiled
from edge.dispersion.passive.exponential import exponential
from edge.dispersion.passive.puff.cloud import Cloud, Track
from edge.dispersion.passive.puff.cloud_jit import Air, air_of, bring, place, thickest

Axes = tuple[float, float, float, float, float]  # as `maps.Lattice` has them


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
        return air_of(self.cloud, self.z_m)


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
        for n in range(bring(puffs, nodes, first, order, times[look], live, at, counts)):
            k, t = live[n], times[look]
            x, y, sy = place(nodes, int(at[k]), winds, tables, t)
            dx, dy, reach = x - x0, y - y0, cut * sy
            b = left * (dy * east - dx * north)
            if b + reach < across[0] or b - reach > across[-1]:
                continue
            i0, i1 = _factors(along, dx * east + dy * north, sy, reach, columns)
            if i0 >= i1:
                continue
            centre = thickest(puffs[k], nodes, int(at[k]), winds, tables, air, t, sy)
            if centre == 0.0:
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
        for n in range(bring(puffs, nodes, first, order, times[look], live, at, counts)):
            k, t = live[n], times[look]
            x, y, sy = place(nodes, int(at[k]), winds, tables, t)
            reach, scale = cut * sy, -0.5 / (sy * sy)
            low = int(np.searchsorted(xs, x - reach))
            high = int(np.searchsorted(xs, x + reach))
            if low >= high:
                continue
            centre = thickest(puffs[k], nodes, int(at[k]), winds, tables, air, t, sy)
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
    """As `clock.running_peak`, with looks first."""
    best = np.zeros(dose.shape[1])
    _running_peak(times, dose, float(averaging_s), best)
    return best / averaging_s
