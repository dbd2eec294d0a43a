"""A cloud's puffs at one time, compiled: what every kernel shares; as `cloud`, and tested equal."""

from __future__ import annotations

import math

from edge.dispersion.arrays import Floats, Ints
from edge.dispersion.jit import compiled
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
    LOST,
    MASS,
    NORTH,
    REACH_Y,
    REACH_Z,
    TABLE,
    WIND,
    Cloud,
    X,
    Y,
)
from edge.dispersion.passive.puff.table import GROUND, SIGMA_Y, SIGMA_Z
from edge.dispersion.passive.puff.table_jit import read
from edge.dispersion.passive.vertical_jit import vertical

TWO_PI = 2 * math.pi
Air = tuple[float, float, bool, float, float]  # z, source height, reflects, deposition, decay


def air_of(cloud: Cloud, z_m: float) -> Air:
    """Return what the kernels are told of the air of `cloud`, looked at from `z_m` [m]."""
    return float(z_m), cloud.height_m, cloud.reflects, cloud.deposition_m_s, cloud.decay_1_s


@compiled
def lost(nodes: Floats, m: int, winds: Floats, tables: Floats, t_s: float, v_d: float) -> float:
    """As `cloud.lost`, for a puff in node `m` and a deposition velocity `v_d` above 0 [m/s]."""
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
def place(
    nodes: Floats, m: int, winds: Floats, tables: Floats, t: float
) -> tuple[float, float, float]:
    """Return where the puff in node `m` is at `t` [s], x and y, and its sigma_y [m]."""
    w = int(nodes[m, WIND])
    dt = t - nodes[m, AT_S]
    reach = nodes[m, REACH_Y] + winds[w, GROWTH] * dt
    sy = max(nodes[m, FLOOR_Y], read(tables, int(winds[w, TABLE]), SIGMA_Y, reach))
    return nodes[m, X] + winds[w, EAST] * dt, nodes[m, Y] + winds[w, NORTH] * dt, sy


@compiled
def thickest(
    puff: Floats, nodes: Floats, m: int, winds: Floats, tables: Floats, air: Air, t: float,
    sy: float,
) -> float:  # fmt: skip
    """Return what `puff` (6,), in node `m` and `sy` [m] wide, has on its axis at `t` [kg/m3]."""
    z, h, reflects, v_d, decay = air
    w = int(nodes[m, WIND])
    reach = nodes[m, REACH_Z] + winds[w, GROWTH] * (t - nodes[m, AT_S])
    sz = max(nodes[m, FLOOR_Z], read(tables, int(winds[w, TABLE]), SIGMA_Z, reach))
    mass = puff[MASS] * remaining(puff[BORN_S], nodes, m, winds, tables, t, v_d, decay)
    return mass / (TWO_PI * sy * sy) * vertical(z, h, sz, winds[w, LID], reflects)


@compiled
def bring(
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
