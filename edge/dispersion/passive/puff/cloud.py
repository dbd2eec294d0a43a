"""Gaussian puffs in a wind that changes: the readable truth.

    c = sum over puffs of m / (2 pi sy^2) exp(-r^2 / 2 sy^2) V(z; h, sz)

r is the horizontal distance to a puff's centre, V the vertical profile (`vertical`) and
sigma_x = sigma_y. A puff is carried by the wind that blows *now* (`track`), so that a shift
of the wind bends the whole cloud, and grows by the distance it has travelled, with the stability
that holds *now*, from the virtual distance at which its spread stands. Its mass falls by

    dm/dt = -m [v_d V(0) + lambda],  v_d the deposition velocity, lambda the rate of decay.

References: Turner (1970), EPA AP-26, eq. 5.21 (the puff); Ludwig, Gasiorek and Ruff (1977), Atmos.
Environ. 11, 431-436 (puffs that keep their age in changing wind: virtual distance); Scire,
Strimaitis and Yamartino (2000), A User's Guide for the CALPUFF Dispersion Model, section 2.2 (puff
sums, calm floor 0.5 m/s); Chamberlain (1953), AERE HP/R 1261 (source depletion). Domain: flat
ground, gas that neither sinks nor rises, one wind over the whole site at a time.

`receptors_jit` (few points, all times), `maps_jit` (many points), `ground_jit` (sums over a grid)
compute the same, cut where nothing is to be seen, and are tested against this.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from edge.dispersion.arrays import Floats, Ints
from edge.dispersion.passive.puff.table import GROUND, SIGMA_Y, SIGMA_Z, read
from edge.dispersion.passive.vertical import vertical

# columns of `Cloud.winds`
FROM_S, EAST, NORTH, GROWTH, TABLE, LID = range(6)
# columns of `Cloud.puffs`
BORN_S, MASS, LIVES_FROM_S, LIVES_UNTIL_S, SIZE_Y, SIZE_Z = range(6)
# columns of the nodes of a track
AT_S, X, Y, REACH_Y, REACH_Z, FLOOR_Y, FLOOR_Z, LOST, WIND = range(9)
LEAST_M = 1e-3  # a puff is never a point: at its birth it would divide by zero


@dataclass(frozen=True, slots=True)
class Cloud:
    """Puffs of one source, and the air they are in. Everything is SI; times in s of one clock.

    `x_m`, `y_m` site metres, `height_m` [m] above ground. `puffs` is (n, 6): born [s], mass [kg],
    seen from and until [s], spreads [m] across and up at birth (a source's size). `winds` is
    (w, 6): from [s], speed east and north [m/s], the speed by which spreads grow [m/s] (the wind's
    own, or a floor in calm air), which of `tables`, and the lid [m]; each row holds until the
    next, the last for good. `tables` is (k, nodes, 3), see `table`. `deposition_m_s` and
    `decay_1_s` are v_d and lambda. No spread is taken below `least_y_m`, `least_z_m` [m]: so near
    the source a train of puffs is still one cloud. `frozen` puffs keep the wind of their birth for
    life (for verification).
    """

    x_m: float
    y_m: float
    height_m: float
    puffs: Floats
    winds: Floats
    tables: Floats
    reflects: bool = True
    deposition_m_s: float = 0.0
    decay_1_s: float = 0.0
    least_y_m: float = LEAST_M
    least_z_m: float = LEAST_M
    frozen: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """A puff at one time: its centre (site metres), its spreads [m], its mass [kg], the lid [m]."""

    x_m: float
    y_m: float
    sigma_y_m: float
    sigma_z_m: float
    mass_kg: float
    lid_m: float


@dataclass(frozen=True, slots=True)
class Track:
    """Where each puff is: `nodes` (m, 9), those of puff k from `first`[k] to `first`[k + 1].

    A node is the state at the start of a stretch of one wind; the columns are named above.
    """

    nodes: Floats
    first: Ints


def state(cloud: Cloud, puff: Floats, node: Floats, t_s: float) -> State:
    """Return `puff` at `t_s` [s], which lies in the stretch that begins with `node`."""
    wind = cloud.winds[int(node[WIND])]
    table = cloud.tables[int(wind[TABLE])]
    dt = t_s - node[AT_S]
    gone = wind[GROWTH] * dt
    sy = max(float(node[FLOOR_Y]), read(table, SIGMA_Y, node[REACH_Y] + gone))
    sz = max(float(node[FLOOR_Z]), read(table, SIGMA_Z, node[REACH_Z] + gone))
    mass = puff[MASS] * math.exp(-lost(cloud, node, t_s) - cloud.decay_1_s * (t_s - puff[BORN_S]))
    x, y = node[X] + wind[EAST] * dt, node[Y] + wind[NORTH] * dt
    return State(float(x), float(y), sy, sz, float(mass), float(wind[LID]))


def lost(cloud: Cloud, node: Floats, t_s: float) -> float:
    """Return -ln of the share of a puff that deposition has left by `t_s` [s]."""
    if cloud.deposition_m_s == 0:
        return 0.0
    wind = cloud.winds[int(node[WIND])]
    table = cloud.tables[int(wind[TABLE])]
    reach = node[REACH_Z] + wind[GROWTH] * (t_s - node[AT_S])
    covered = read(table, GROUND, reach) - read(table, GROUND, node[REACH_Z])
    return float(node[LOST] + cloud.deposition_m_s / wind[GROWTH] * covered)


def states(cloud: Cloud, track: Track, t_s: float) -> list[State]:
    """Return every puff that is there at `t_s` [s]."""
    found: list[State] = []
    for k, puff in enumerate(cloud.puffs):
        if not puff[LIVES_FROM_S] <= t_s < puff[LIVES_UNTIL_S]:
            continue
        nodes = track.nodes[int(track.first[k]) : int(track.first[k + 1])]
        at = int(np.searchsorted(nodes[:, AT_S], t_s, side="right")) - 1
        found.append(state(cloud, puff, nodes[at], t_s))
    return found


def concentration(
    cloud: Cloud, track: Track, x_m: Floats, y_m: Floats, z_m: float, t_s: float
) -> Floats:
    """Return the concentration [kg/m3] at points `x_m`, `y_m` at height `z_m`; same shape."""
    total = np.zeros(x_m.shape)
    seen = states(cloud, track, t_s)
    up, lids = np.array([(puff.sigma_z_m, puff.lid_m) for puff in seen]).reshape(-1, 2).T
    heights = vertical(z_m, cloud.height_m, up, lids, cloud.reflects)
    for puff, height in zip(seen, heights.tolist(), strict=True):
        square = (x_m - puff.x_m) ** 2 + (y_m - puff.y_m) ** 2
        sy = puff.sigma_y_m
        total += puff.mass_kg / (2 * np.pi * sy**2) * np.exp(-0.5 * square / sy**2) * height
    return total


def series(cloud: Cloud, track: Track, x_m: Floats, y_m: Floats, z_m: float, t_s: Floats) -> Floats:
    """Return the concentration [kg/m3] at points (n,) at each of `t_s` [s]: (n, times)."""
    return np.stack([concentration(cloud, track, x_m, y_m, z_m, float(t)) for t in t_s], axis=1)
