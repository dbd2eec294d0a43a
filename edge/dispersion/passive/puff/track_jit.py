"""Tracks of puffs, compiled: as `track`, and tested equal."""

from __future__ import annotations

import numpy as np

from edge.dispersion.arrays import Floats, Ints
from edge.dispersion.jit import compiled
from edge.dispersion.passive.puff.cloud import (
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
    Track,
    X,
    Y,
)
from edge.dispersion.passive.puff.cloud_jit import lost
from edge.dispersion.passive.puff.table import SIGMA_Y, SIGMA_Z
from edge.dispersion.passive.puff.table_jit import read, virtual_distance

Source = tuple[float, float, float, float, float]
NODE_COLUMNS = WIND + 1


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
    """As `track.track`."""
    first = _stretches(cloud.puffs, np.ascontiguousarray(cloud.winds[:, FROM_S]), cloud.frozen)
    nodes = np.empty((int(first[-1]), NODE_COLUMNS))
    source = (cloud.x_m, cloud.y_m, cloud.least_y_m, cloud.least_z_m, cloud.deposition_m_s)
    _walk(source, cloud.puffs, cloud.winds, cloud.tables, first, cloud.frozen, nodes)
    return Track(nodes, first)
