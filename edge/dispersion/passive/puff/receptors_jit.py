"""What receptors see of puffs over time, compiled: equal to `cloud.series` but for the cut.

A puff moves straight within a stretch of wind, so when it comes within `cut` spreads of a
receptor, and when it leaves, follow from a quadratic; nothing is computed outside. What is cut
off is below exp(-cut^2 / 2) of that puff's own greatest value. Spreads, mass and height are worked
out once for all receptors of a stretch.
"""

from __future__ import annotations

import math

import numpy as np

from edge.dispersion.arrays import Floats, Ints
from edge.dispersion.jit import compiled
from edge.dispersion.passive.exponential import exponential
from edge.dispersion.passive.puff.clock import Clock
from edge.dispersion.passive.puff.cloud import (
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
    Track,
    X,
    Y,
)
from edge.dispersion.passive.puff.cloud_jit import TWO_PI, Air, air_of, remaining
from edge.dispersion.passive.puff.table import SIGMA_Y, SIGMA_Z
from edge.dispersion.passive.puff.table_jit import cell, read
from edge.dispersion.passive.vertical import ROOT_TWO_PI
from edge.dispersion.passive.vertical_jit import vertical

CUT = 6.0  # spreads: 1.5e-8 of a puff's greatest value
FEW = 4  # looks at a puff that are done without windows
Box = tuple[float, float, float, float]  # x from, x to, y from, y to [m]


@compiled
def _index(t: float, start: float, step: float, most: int) -> int:
    """Return the first index whose time start + i step is at or after `t`, within 0 … most."""
    at = math.ceil((t - start) / step)
    return int(min(max(at, 0), most))


@compiled
def _radius(nodes: Floats, m: int, winds: Floats, tables: Floats, t_s: float, cut: float) -> float:
    """Return how far the puff is seen at `t_s` [m]."""
    w = int(nodes[m, WIND])
    reach = nodes[m, REACH_Y] + winds[w, GROWTH] * (t_s - nodes[m, AT_S])
    return cut * max(nodes[m, FLOOR_Y], read(tables, int(winds[w, TABLE]), SIGMA_Y, reach))


@compiled
def _span(
    dx: float,
    dy: float,
    wind: tuple[float, float, float],
    radius: float,
    begins: float,
    ends: float,
) -> tuple[float, float]:
    """Return from when until when |d + w t| <= radius within a span [s]; an empty one if never.

    `wind`: east, north [m/s] and its square.
    """
    u, v, square = wind
    off = dx * dx + dy * dy - radius * radius
    if square == 0.0:
        return (begins, ends) if off <= 0 else (1.0, 0.0)
    along = dx * u + dy * v
    root = along * along - square * off
    if root < 0:
        return 1.0, 0.0
    root = math.sqrt(root)
    return max(begins, -(along + root) / square), min(ends, (root - along) / square)


@compiled
def _windows(
    nodes: Floats,
    m: int,
    winds: Floats,
    tables: Floats,
    span: tuple[float, float],
    radius: float,
    points: Floats,
    clock: Clock,
    cut: float,
    window: Ints,
) -> tuple[int, int]:
    """Fill `window` (points, 2) with the indices that see the puff; return those of all."""
    start, step, count = clock
    at, w = nodes[m, AT_S], int(nodes[m, WIND])
    u, v = winds[w, EAST], winds[w, NORTH]
    wind = (u, v, u * u + v * v)
    begins, ends = span[0] - at, span[1] - at
    low, high = count, 0
    for r in range(points.shape[0]):
        window[r, 0] = window[r, 1] = 0
        dx, dy = nodes[m, X] - points[r, 0], nodes[m, Y] - points[r, 1]
        t0, t1 = _span(dx, dy, wind, radius, begins, ends)
        if t0 <= t1 < ends:
            # spreads grow: what is seen at the end of a span bounds all of it
            less = _radius(nodes, m, winds, tables, at + t1, cut)
            t0, t1 = _span(dx, dy, wind, less, t0, t1)
        if t0 <= t1:
            window[r, 0] = _index(at + t0, start, step, count)
            window[r, 1] = _index(at + t1, start, step, count)
            if window[r, 0] < window[r, 1]:
                low, high = min(low, window[r, 0]), max(high, window[r, 1])
    return low, high


@compiled
def _open_air(z: float, h: float, mass: float, wide: Floats, high: Floats) -> None:
    """Turn spreads across (`wide`) and up (`high`) into -1 / 2 sy^2 and mass V / sy^2, in place.

    For air without a lid over ground that reflects; `mass` is over 2 pi. One plain run of
    arithmetic over whole arrays, which the compiler takes several elements at a time (a
    division that might raise would stop it).
    """
    direct, mirrored = -0.5 * (z - h) * (z - h), -0.5 * (z + h) * (z + h)
    scale = mass / ROOT_TWO_PI
    for i in range(wide.size):
        thin = np.reciprocal(wide[i] * wide[i])
        low = np.reciprocal(high[i])
        both = exponential(direct * low * low) + exponential(mirrored * low * low)
        wide[i] = -0.5 * thin
        high[i] = scale * thin * low * both


@compiled
def _other_air(air: Air, lid: float, mass: float, wide: Floats, high: Floats) -> None:
    """As `_open_air`, under a lid or over ground that does not reflect."""
    for i in range(wide.size):
        thin = 1.0 / (wide[i] * wide[i])
        wide[i] = -0.5 * thin
        high[i] = mass * thin * vertical(air[0], air[1], high[i], lid, air[2])


@compiled
def _see(
    x: float, y: float, east: Floats, north: Floats, scale: Floats, factor: Floats, out: Floats
) -> None:
    """Add to `out` what a point sees of a puff over time: arrays of one length."""
    for i in range(out.size):
        dx, dy = x - east[i], y - north[i]
        out[i] += factor[i] * exponential((dx * dx + dy * dy) * scale[i])


@compiled
def _see_all(points: Floats, window: Ints, scratch: Floats, out: Floats) -> None:
    """Add to `out` (points, times) what each point sees of a puff within its `window`."""
    for r in range(points.shape[0]):
        i, j = window[r, 0], window[r, 1]
        if i < j:
            x, y, scale, factor = scratch[0, i:j], scratch[1, i:j], scratch[2, i:j], scratch[3, i:j]
            _see(points[r, 0], points[r, 1], x, y, scale, factor, out[r, i:j])


@compiled
def _glance(
    points: Floats, looks: tuple[int, int], faintest: float, scratch: Floats, out: Floats
) -> None:
    """Add what all points see of a puff in a few looks, without asking when each sees it."""
    for i in range(looks[0], looks[1]):
        x, y, scale, factor = scratch[0, i], scratch[1, i], scratch[2, i], scratch[3, i]
        for r in range(points.shape[0]):
            dx, dy = points[r, 0] - x, points[r, 1] - y
            power = (dx * dx + dy * dy) * scale
            if power > faintest:
                out[r, i] += factor * math.exp(power)


@compiled
def _profile(
    puffs: Floats,
    k: int,
    nodes: Floats,
    m: int,
    winds: Floats,
    tables: Floats,
    air: Air,
    clock: Clock,
    span: tuple[int, int],
    scratch: Floats,
) -> None:
    """Fill `scratch` (4, times): centre, -1 / 2 sy^2, and what multiplies the exponential."""
    z, h, reflects, v_d, decay = air
    w = int(nodes[m, WIND])
    which = int(winds[w, TABLE])
    start, step = clock[0], clock[1]
    at, x0, y0, growth = nodes[m, AT_S], nodes[m, X], nodes[m, Y], winds[w, GROWTH]
    east, north, mass = winds[w, EAST], winds[w, NORTH], puffs[k, MASS]
    reach_y, reach_z = nodes[m, REACH_Y], nodes[m, REACH_Z]
    floor_y, floor_z = nodes[m, FLOOR_Y], nodes[m, FLOOR_Z]
    for i in range(span[0], span[1]):
        dt = start + i * step - at
        c, share = cell(reach_y + growth * dt)
        below = tables[which, c, SIGMA_Y]
        scratch[2, i] = max(floor_y, below + share * (tables[which, c + 1, SIGMA_Y] - below))
        if reach_z != reach_y:
            c, share = cell(reach_z + growth * dt)
        below = tables[which, c, SIGMA_Z]
        scratch[3, i] = max(floor_z, below + share * (tables[which, c + 1, SIGMA_Z] - below))
    wide, high = scratch[2, span[0] : span[1]], scratch[3, span[0] : span[1]]
    if reflects and winds[w, LID] == math.inf:
        _open_air(z, h, mass / TWO_PI, wide, high)
    else:
        _other_air(air, winds[w, LID], mass / TWO_PI, wide, high)
    for i in range(span[0], span[1]):
        dt = start + i * step - at
        scratch[0, i] = x0 + east * dt
        scratch[1, i] = y0 + north * dt
    if v_d > 0 or decay > 0:
        for i in range(span[0], span[1]):
            t = start + i * step
            scratch[3, i] *= remaining(puffs[k, BORN_S], nodes, m, winds, tables, t, v_d, decay)


@compiled
def _near(
    nodes: Floats, m: int, winds: Floats, tables: Floats, until: float, cut: float, box: Box
) -> float:
    """Return how far the puff is seen in this stretch [m]; 0 if `box` is never within it."""
    w = int(nodes[m, WIND])
    dt = until - nodes[m, AT_S]
    radius = _radius(nodes, m, winds, tables, until, cut)
    x0, y0 = nodes[m, X], nodes[m, Y]
    x1, y1 = x0 + winds[w, EAST] * dt, y0 + winds[w, NORTH] * dt
    if min(x0, x1) - radius > box[1] or max(x0, x1) + radius < box[0]:
        return 0.0
    if min(y0, y1) - radius > box[3] or max(y0, y1) + radius < box[2]:
        return 0.0
    return radius


@compiled
def _series(
    puffs: Floats,
    winds: Floats,
    tables: Floats,
    nodes: Floats,
    first: Ints,
    air: Air,
    points: Floats,
    clock: Clock,
    cut: float,
    out: Floats,
) -> None:
    """Add every puff to `out` (points, times)."""
    start, step, count = clock
    over = start + count * step
    window = np.zeros((points.shape[0], 2), dtype=np.int64)
    scratch = np.empty((4, count))
    box = (points[:, 0].min(), points[:, 0].max(), points[:, 1].min(), points[:, 1].max())
    for k in range(puffs.shape[0]):
        for m in range(first[k], first[k + 1]):
            begins = max(nodes[m, AT_S], puffs[k, LIVES_FROM_S])
            ends = puffs[k, LIVES_UNTIL_S] if m + 1 == first[k + 1] else nodes[m + 1, AT_S]
            looks = (_index(begins, start, step, count), _index(ends, start, step, count))
            if looks[0] >= looks[1]:
                continue  # it comes and goes between two looks
            radius = _near(nodes, m, winds, tables, min(ends, over), cut, box)
            if radius == 0.0:
                continue
            if looks[1] - looks[0] <= FEW:
                _profile(puffs, k, nodes, m, winds, tables, air, clock, looks, scratch)
                _glance(points, looks, -0.5 * cut * cut, scratch, out)
                continue
            low, high = _windows(
                nodes, m, winds, tables, (begins, ends), radius, points, clock, cut, window
            )
            if low >= high:
                continue
            _profile(puffs, k, nodes, m, winds, tables, air, clock, (low, high), scratch)
            _see_all(points, window, scratch, out)


def series(
    cloud: Cloud,
    track: Track,
    x_m: Floats,
    y_m: Floats,
    z_m: float,
    clock: Clock,
    cut: float = CUT,
) -> Floats:
    """Return the concentration [kg/m3] at points (n,) at the times of `clock`: (n, times).

    `clock` is start [s], step [s] and how many. `cut` [spreads] is how far a puff is seen.
    """
    points = np.stack([np.ravel(x_m), np.ravel(y_m)], axis=1).astype(np.float64)
    start, step, count = float(clock[0]), float(clock[1]), int(clock[2])
    out = np.zeros((len(points), count))
    if len(points) == 0 or len(cloud.puffs) == 0:
        return out
    air = air_of(cloud, z_m)
    _series(
        cloud.puffs,
        cloud.winds,
        cloud.tables,
        track.nodes,
        track.first,
        air,
        points,
        (start, step, count),
        float(cut),
        out,
    )
    return out
