"""Where puffs go: their nodes, one at the start of every stretch of one wind. The readable truth.

Within a stretch a puff moves straight and its spreads are read from one table at a growing reach
(virtual distance), so that its state at any time follows from one node in closed form.
"""

from __future__ import annotations

import math

import numpy as np

from edge.dispersion.arrays import Floats
from edge.dispersion.passive.puff.cloud import (
    BORN_S,
    EAST,
    FROM_S,
    GROWTH,
    LIVES_FROM_S,
    LIVES_UNTIL_S,
    NORTH,
    SIZE_Y,
    SIZE_Z,
    TABLE,
    Cloud,
    Track,
    lost,
)
from edge.dispersion.passive.puff.table import SIGMA_Y, SIGMA_Z, read, virtual_distance


def track(cloud: Cloud) -> Track:
    """Return the nodes of every puff of `cloud` from when it is first seen to its end."""
    paths = [_path(cloud, puff) for puff in cloud.puffs]
    first = np.cumsum(np.array([0, *(len(path) for path in paths)], dtype=np.int64))
    nodes = np.array([node for path in paths for node in path]).reshape(-1, 9)
    return Track(nodes, first)


def _path(cloud: Cloud, puff: Floats) -> list[Floats]:
    """Return the nodes of one puff; those that end before it is seen are left out."""
    starts = cloud.winds[:, FROM_S]
    wind = max(int(np.searchsorted(starts, float(puff[BORN_S]), side="right")) - 1, 0)
    node = _born(cloud, puff, wind)
    nodes: list[Floats] = []
    while True:
        last = cloud.frozen or wind + 1 == len(starts)
        end = min(math.inf if last else float(starts[wind + 1]), float(puff[LIVES_UNTIL_S]))
        if end > puff[LIVES_FROM_S]:
            nodes.append(node)
        if end >= puff[LIVES_UNTIL_S]:
            return nodes
        node = _moved(cloud, node, wind, end)
        wind += 1


def _born(cloud: Cloud, puff: Floats, wind: int) -> Floats:
    """Return the first node of `puff`: at the source, as wide as the source."""
    table = cloud.tables[int(cloud.winds[wind, TABLE])]
    return np.array(
        [
            puff[BORN_S],
            cloud.x_m,
            cloud.y_m,
            virtual_distance(table, SIGMA_Y, puff[SIZE_Y]),
            virtual_distance(table, SIGMA_Z, puff[SIZE_Z]),
            max(puff[SIZE_Y], cloud.least_y_m),
            max(puff[SIZE_Z], cloud.least_z_m),
            0.0,
            wind,
        ]
    )


def _moved(cloud: Cloud, node: Floats, wind: int, end_s: float) -> Floats:
    """Return the node at `end_s`, where the wind after `wind` begins."""
    at_s, x, y, reach_y, reach_z, floor_y, floor_z, _lost, _wind = node
    row, after = cloud.winds[wind], cloud.winds[wind + 1]
    dt = end_s - at_s
    gone = row[GROWTH] * dt
    gone_lost = lost(cloud, node, end_s)
    reach_y, reach_z = reach_y + gone, reach_z + gone
    if after[TABLE] != row[TABLE]:
        old, new = cloud.tables[int(row[TABLE])], cloud.tables[int(after[TABLE])]
        sy, sz = read(old, SIGMA_Y, reach_y), read(old, SIGMA_Z, reach_z)
        reach_y = virtual_distance(new, SIGMA_Y, sy)
        reach_z = virtual_distance(new, SIGMA_Z, sz)
        floor_y, floor_z = max(floor_y, sy), max(floor_z, sz)
    x, y = x + row[EAST] * dt, y + row[NORTH] * dt
    return np.array(
        [end_s, x, y, reach_y, reach_z, floor_y, floor_z, gone_lost, wind + 1], dtype=np.float64
    )
