"""What a reactive pool is made from, and what it was at a moment."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from edge.dispersion.source.feed import Feed
from edge.dispersion.source.ground import Ground
from edge.dispersion.source.reactive_data import Liquor


@dataclass(frozen=True, slots=True)
class Wet:
    """The water that a pool meets: `film_kg_m2` [kg/m2] on the ground, `rain_kg_m2_s` falling."""

    film_kg_m2: float = 0.0
    rain_kg_m2_s: float = 0.0


@dataclass(frozen=True, slots=True)
class ReactiveSpill:
    """`mass_kg` [kg] of `liquor` at once at `temperature_k` [K], then `feed`; as `pool.Spill`."""

    liquor: Liquor
    ground: Ground
    ground_k: float
    mass_kg: float = 0.0
    temperature_k: float = math.nan
    feed: Feed = ()
    bund_m2: float = math.inf
    wet: Wet = Wet()


@dataclass(frozen=True, slots=True)
class ReactiveMoment:
    """A reactive pool at `time_s` [s]: area [m2], temperature [K] and what lies in it [mol].

    `gone_mol` counts what has entered the air since the start, by species (water as steam too);
    `fed_kg` and `water_mol` what the pool was given and took up.
    """

    time_s: float
    area_m2: float
    temperature_k: float
    moles: Mapping[str, float]
    gone_mol: Mapping[str, float]
    fed_kg: float
    water_mol: float
