"""Spills for tests of the pools."""

from __future__ import annotations

from edge.dispersion.source.ground import GROUNDS
from edge.dispersion.source.pool import Spill, pool
from edge.dispersion.source.pool_air import PoolAir, Sky
from edge.substance.fluid import fluid

NIGHT = Sky()
CHLORINE, AMMONIA, METHANE = fluid("chlorine"), fluid("ammonia"), fluid("methane")
LIQUIDS = [
    fluid(name)
    for name in ("chlorine", "ammonia", "methanol", "benzene", "toluene", "propane", "methane")
]


def spilled(liquid, ground, air_k, liquid_k, mass=10_000.0, wind=3.0, **more):
    """Return an hour of a pool over ground as cold as the air."""
    spill = Spill(liquid, GROUNDS[ground], air_k, mass, liquid_k, **more)
    return pool(spill, PoolAir(wind, air_k), NIGHT, 3600.0)
