"""Puffs, compiled: what every kernel shares, and the tracks.

The same as `puff` and `puff_track`, and tested equal.
"""

from __future__ import annotations

import math

import numpy as np

from edge.dispersion.jit import compiled
from edge.dispersion.passive import puff_vertical
from edge.dispersion.passive.puff import (
    AT_S,
    BORN_S,
    EAST,
    FLOOR_Y,
    FLOOR_Z,
    FROM_S,
    GROWTH,
    LIVES_FROM_S,
    LIVES_UNTIL_S,
    LOST,
    NORTH,
    REACH_Y,
    REACH_Z,
    SIZE_Y,
    SIZE_Z,
    TABLE,
    WIND,
    Cloud,
    Ints,
    Track,
    X,
    Y,
)
from edge.dispersion.passive.puff_table import (
    DISTANCES,
    FIRST_EXPONENT,
    FIRST_M,
    GROUND,
    LAST_M,
    PER_OCTAVE,
    SIGMA_Y,
    SIGMA_Z,
)
from edge.dispersion.passive.puff_vertical import FAR_SIGMAS, ROOT_TWO_PI
from edge.dispersion.passive.sigma import Floats

Source = tuple[float, float, float, float, float]
LAST_CELL = DISTANCES.size - 2
NODE_COLUMNS = WIND + 1

under_lid = compiled(puff_vertical.under_lid)  # the very formula: plain arithmetic, one text


@compiled
def vertical(z: float, h: float, sz: float, lid: float, reflects: bool) -> float:
    """As `puff_vertical.vertical`."""
    if z > lid:
        return 0.0
    if 2 * lid - z - h < FAR_SIGMAS * sz:
        return under_lid(z, h, sz, lid)
    thin = 1.0 / sz
    scale = -0.5 * thin * thin
    total = 1.0 if z == h else math.exp(scale * (z - h) * (z - h))
    if reflects:
        total += math.exp(scale * (z + h) * (z + h))
    return total * (thin / ROOT_TWO_PI)


@compiled
def cell(distance_m: float) -> tuple[int, float]:
    """Return the node at or below `distance_m` [m] and the share of the way to the next."""
    if distance_m < FIRST_M:
        return 0, distance_m / FIRST_M
    if distance_m >= LAST_M:
        return LAST_CELL, 1.0
    mantissa, exponent = math.frexp(distance_m)
    at = (2.0 * mantissa - 1.0) * PER_OCTAVE
    whole = int(at)
    return 1 + (exponent - 1 - FIRST_EXPONENT) * PER_OCTAVE + whole, at - whole


@compiled
def read(tables: Floats, which: int, column: int, distance_m: float) -> float:
    """As `puff_table.read`, of table `which`."""
    i, share = cell(distance_m)
    low = tables[which, i, column]
    return low + share * (tables[which, i + 1, column] - low)


@compiled
def virtual_distance(tables: Floats, which: int, column: int, sigma_m: float) -> float:
    """As `puff_table.virtual_distance`, in table `which`."""
    if sigma_m <= 0:
        return 0.0
    low, high = 0, tables.shape[1]
    while low < high:
        middle = (low + high) // 2
        if tables[which, middle, column] < sigma_m:
            low = middle + 1
        else:
            high = middle
    if low == tables.shape[1]:
        return LAST_M
    below, above = tables[which, low - 1, column], tables[which, low, column]
    share = (sigma_m - below) / (above - below)
    return DISTANCES[low - 1] + share * (DISTANCES[low] - DISTANCES[low - 1])


@compiled
def lost(nodes: Floats, m: int, winds: Floats, tables: Floats, t_s: float, v_d: float) -> float:
    """As `puff.lost`, for a puff in node `m` and a deposition velocity `v_d` above 0 [m/s]."""
    w = int(nodes[m, WIND])
    which = int(winds[w, TABLE])
    start = nodes[m, REACH_Z]
    reach = start + winds[w, GROWTH] * (t_s - nodes[m, AT_S])
    covered = read(tables, which, GROUND, reach) - read(tables, which, GROUND, start)
    return nodes[m, LOST] + v_d / winds[w, GROWTH] * covered


@compiled
def remaining(
    born_s: float, nodes: Floats, m: int, winds: Floats, tables: Floats, t_s: float, v_d: float,
    decay: float,
) -> float:  # fmt: skip
    """Return the share of a puff's mass that deposition and decay leave at `t_s` [s]."""
    if v_d == 0.0 and decay == 0.0:
        return 1.0
    gone = decay * (t_s - born_s)
    if v_d > 0:
        gone += lost(nodes, m, winds, tables, t_s, v_d)
    return math.exp(-gone)


@compiled
def _stretches(puffs: Floats, starts: Floats, frozen: bool) -> Ints:
    """Return where each puff's nodes begin (n + 1,)."""
    first = np.zeros(puffs.shape[0] + 1, dtype=np.int64)
    for k in range(puffs.shape[0]):
        count = 1
        if not frozen:
            seen = max(puffs[k, LIVES_FROM_S], puffs[k, BORN_S])
            begins = max(int(np.searchsorted(starts, float(seen), side="right")) - 1, 0)
            ends = max(
                int(np.searchsorted(starts, float(puffs[k, LIVES_UNTIL_S]), side="left")) - 1, 0
            )
            count = max(ends - begins + 1, 1)
        first[k + 1] = first[k] + count
    return first


@compiled
def _born(
    source: Source, puffs: Floats, k: int, winds: Floats, tables: Floats, node: Floats
) -> None:
    """Set `node` (1, 9) to the first node of puff `k`."""
    x0, y0, least_y, least_z, _v_d = source
    w = max(int(np.searchsorted(winds[:, FROM_S], float(puffs[k, BORN_S]), side="right")) - 1, 0)
    which = int(winds[w, TABLE])
    node[0, AT_S], node[0, X], node[0, Y] = puffs[k, BORN_S], x0, y0
    node[0, REACH_Y] = virtual_distance(tables, which, SIGMA_Y, puffs[k, SIZE_Y])
    node[0, REACH_Z] = virtual_distance(tables, which, SIGMA_Z, puffs[k, SIZE_Z])
    node[0, FLOOR_Y] = max(puffs[k, SIZE_Y], least_y)
    node[0, FLOOR_Z] = max(puffs[k, SIZE_Z], least_z)
    node[0, LOST], node[0, WIND] = 0.0, w


@compiled
def _moved(node: Floats, winds: Floats, tables: Floats, end_s: float, v_d: float) -> None:
    """Take `node` (1, 9) to `end_s`, where the next wind begins."""
    w = int(node[0, WIND])
    dt = end_s - node[0, AT_S]
    if v_d > 0:
        node[0, LOST] = lost(node, 0, winds, tables, end_s, v_d)
    node[0, REACH_Y] += winds[w, GROWTH] * dt
    node[0, REACH_Z] += winds[w, GROWTH] * dt
    if winds[w + 1, TABLE] != winds[w, TABLE]:
        old, new = int(winds[w, TABLE]), int(winds[w + 1, TABLE])
        sy = read(tables, old, SIGMA_Y, node[0, REACH_Y])
        sz = read(tables, old, SIGMA_Z, node[0, REACH_Z])
        node[0, REACH_Y] = virtual_distance(tables, new, SIGMA_Y, sy)
        node[0, REACH_Z] = virtual_distance(tables, new, SIGMA_Z, sz)
        node[0, FLOOR_Y] = max(node[0, FLOOR_Y], sy)
        node[0, FLOOR_Z] = max(node[0, FLOOR_Z], sz)
    node[0, X] += winds[w, EAST] * dt
    node[0, Y] += winds[w, NORTH] * dt
    node[0, AT_S] = end_s
    node[0, WIND] = w + 1


@compiled
def _walk(
    source: Source,
    puffs: Floats,
    winds: Floats,
    tables: Floats,
    first: Ints,
    frozen: bool,
    nodes: Floats,
) -> None:
    """Fill `nodes`; `source`: x, y, least spreads, deposition velocity."""
    node = np.empty((1, NODE_COLUMNS))
    for k in range(puffs.shape[0]):
        _born(source, puffs, k, winds, tables, node)
        until = puffs[k, LIVES_UNTIL_S]
        at = first[k]
        while at < first[k + 1]:
            w = int(node[0, WIND])
            last = frozen or w + 1 == winds.shape[0]
            end = until if last else min(until, winds[w + 1, FROM_S])
            if end > puffs[k, LIVES_FROM_S]:
                for column in range(NODE_COLUMNS):
                    nodes[at, column] = node[0, column]
                at += 1
            if end >= until:
                break
            _moved(node, winds, tables, end, source[4])


def track(cloud: Cloud) -> Track:
    """As `puff_track.track`."""
    first = _stretches(cloud.puffs, np.ascontiguousarray(cloud.winds[:, FROM_S]), cloud.frozen)
    nodes = np.empty((int(first[-1]), 9))
    source = (cloud.x_m, cloud.y_m, cloud.least_y_m, cloud.least_z_m, cloud.deposition_m_s)
    _walk(source, cloud.puffs, cloud.winds, cloud.tables, first, cloud.frozen, nodes)
    return Track(nodes, first)
