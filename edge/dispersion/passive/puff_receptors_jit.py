"""What receptors see of puffs over time, compiled: equal to `puff.series` but for the cut.

A puff moves straight within a stretch of wind, so when it comes within `cut` spreads of a
receptor, and when it leaves, follow from a quadratic; nothing is computed outside. What is cut
off is below exp(-cut^2 / 2) of that puff's own greatest value. Spreads, mass and height are worked
out once for all receptors of a stretch.
"""

from __future__ import annotations

import math

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
from edge.dispersion.passive.puff_jit import cell, read, remaining, vertical
from edge.dispersion.passive.puff_table import SIGMA_Y, SIGMA_Z
from edge.dispersion.passive.sigma import Floats

CUT = 6.0  # spreads: 1.5e-8 of a puff's greatest value
TWO_PI = 2 * math.pi
Clock = tuple[float, float, int]  # start [s], step [s], how many
Air = tuple[float, float, bool, float, float]  # z, source height, reflects, deposition, decay
Box = tuple[float, float, float, float]  # x from, x to, y from, y to [m]


@compiled
def _within(dx: float, dy: float, u: float, v: float, radius: float) -> tuple[float, float]:
    """Return from when until when [s] |d + w t| <= radius; an empty span if never."""
    a = u * u + v * v
    c = dx * dx + dy * dy - radius * radius
    if a == 0.0:
        return (-math.inf, math.inf) if c <= 0 else (1.0, -1.0)
    b = dx * u + dy * v
    square = b * b - a * c
    if square < 0:
        return 1.0, -1.0
    root = math.sqrt(square)
    return (-b - root) / a, (-b + root) / a


@compiled
def _index(t: float, start: float, step: float, most: int) -> int:
    """Return the first index whose time start + i step is at or after `t`, within 0 … most."""
    at = math.ceil((t - start) / step)
    return int(min(max(at, 0), most))


@compiled
def _windows(
    nodes: Floats,
    m: int,
    wind: tuple[float, float],
    span: tuple[float, float],
    radius: float,
    points: Floats,
    clock: Clock,
    window: Ints,
) -> tuple[int, int]:
    """Fill `window` (points, 2) with the indices that see the puff; return those of all."""
    start, step, count = clock
    begins, ends = span
    last = _index(ends, start, step, count)
    low, high = count, 0
    for r in range(points.shape[0]):
        dx, dy = nodes[m, X] - points[r, 0], nodes[m, Y] - points[r, 1]
        into, out_of = _within(dx, dy, wind[0], wind[1], radius)
        t0 = max(begins, nodes[m, AT_S] + into)
        t1 = min(ends, nodes[m, AT_S] + out_of)
        window[r, 0] = window[r, 1] = 0
        if t0 <= t1:
            window[r, 0] = _index(t0, start, step, count)
            window[r, 1] = min(_index(t1, start, step, count), last)
            if window[r, 0] < window[r, 1]:
                low, high = min(low, window[r, 0]), max(high, window[r, 1])
    return low, high


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
    """Fill `scratch` (times, 4): centre, -1 / 2 sy^2, and what multiplies the exponential."""
    z, h, reflects, v_d, decay = air
    w = int(nodes[m, WIND])
    which = int(winds[w, TABLE])
    start, step = clock[0], clock[1]
    at, x0, y0, growth = nodes[m, AT_S], nodes[m, X], nodes[m, Y], winds[w, GROWTH]
    east, north, lid, mass = winds[w, EAST], winds[w, NORTH], winds[w, LID], puffs[k, MASS]
    reach_y, reach_z = nodes[m, REACH_Y], nodes[m, REACH_Z]
    floor_y, floor_z = nodes[m, FLOOR_Y], nodes[m, FLOOR_Z]
    loses = v_d > 0 or decay > 0
    for i in range(span[0], span[1]):
        t = start + i * step
        dt = t - at
        c, share = cell(reach_y + growth * dt)
        below = tables[which, c, SIGMA_Y]
        sy = max(floor_y, below + share * (tables[which, c + 1, SIGMA_Y] - below))
        if reach_z != reach_y:
            c, share = cell(reach_z + growth * dt)
        below = tables[which, c, SIGMA_Z]
        sz = max(floor_z, below + share * (tables[which, c + 1, SIGMA_Z] - below))
        left = mass
        if loses:
            left *= remaining(puffs[k, BORN_S], nodes, m, winds, tables, t, v_d, decay)
        scratch[i, 0] = x0 + east * dt
        scratch[i, 1] = y0 + north * dt
        scratch[i, 2] = -0.5 / (sy * sy)
        scratch[i, 3] = left / (TWO_PI * sy * sy) * vertical(z, h, sz, lid, reflects)


@compiled
def _near(
    nodes: Floats, m: int, winds: Floats, tables: Floats, until: float, cut: float, box: Box
) -> float:
    """Return how far the puff is seen in this stretch [m]; 0 if `box` is never within it."""
    w = int(nodes[m, WIND])
    dt = until - nodes[m, AT_S]
    reach = nodes[m, REACH_Y] + winds[w, GROWTH] * dt
    radius = cut * max(nodes[m, FLOOR_Y], read(tables, int(winds[w, TABLE]), SIGMA_Y, reach))
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
    scratch = np.empty((count, 4))
    box = (points[:, 0].min(), points[:, 0].max(), points[:, 1].min(), points[:, 1].max())
    for k in range(puffs.shape[0]):
        for m in range(first[k], first[k + 1]):
            begins = max(nodes[m, AT_S], puffs[k, LIVES_FROM_S])
            ends = puffs[k, LIVES_UNTIL_S] if m + 1 == first[k + 1] else nodes[m + 1, AT_S]
            if ends <= start or begins >= over or begins >= ends:
                continue
            radius = _near(nodes, m, winds, tables, min(ends, over), cut, box)
            if radius == 0.0:
                continue
            w = int(nodes[m, WIND])
            wind = (winds[w, EAST], winds[w, NORTH])
            low, high = _windows(nodes, m, wind, (begins, ends), radius, points, clock, window)
            if low >= high:
                continue
            _profile(puffs, k, nodes, m, winds, tables, air, clock, (low, high), scratch)
            for r in range(points.shape[0]):
                for i in range(window[r, 0], window[r, 1]):
                    dx = points[r, 0] - scratch[i, 0]
                    dy = points[r, 1] - scratch[i, 1]
                    out[r, i] += scratch[i, 3] * math.exp((dx * dx + dy * dy) * scratch[i, 2])


def series(
    cloud: Cloud,
    track: Track,
    x_m: Floats,
    y_m: Floats,
    z_m: float,
    clock: tuple[float, float, int],
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
    air = (
        float(z_m),
        cloud.height_m,
        cloud.reflects,
        cloud.deposition_m_s,
        cloud.decay_1_s,
    )
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
