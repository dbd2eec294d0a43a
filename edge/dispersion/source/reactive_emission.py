"""From a reactive pool to one emission for each substance that enters the air."""

from __future__ import annotations

from itertools import pairwise

from edge.dispersion.emission import Emission, Kind
from edge.dispersion.notes import ModelUse, Note, RefusedError
from edge.dispersion.source.pool import Moment
from edge.dispersion.source.pool_emission import steps
from edge.dispersion.source.reactive import ReactivePool
from edge.dispersion.source.reactive_data import SPECIES

MIST = {"sulfur_trioxide": "sulfuric_acid"}  # SO3 takes its water from moist air within seconds


def emissions(
    pool: ReactivePool, x_m: float, y_m: float, mist: bool = False
) -> tuple[Emission, ...]:
    """Return what `pool` gives off at (`x_m`, `y_m`) [site metres], a substance each.

    With `mist`, SO3 enters as the sulphuric acid droplets that it makes of the air's moisture,
    heavier by that water. Steam is left out. `RefusedError` where nothing entered the air.
    """
    last = pool.moments[-1].gone_mol
    found = tuple(
        _emission(pool, species, x_m, y_m, mist)
        for species, amount in sorted(last.items())
        if amount > 0 and species != "water"
    )
    if not found:
        raise RefusedError("dispersion.refused.pool-nothing", substance=pool.spill.liquor.id)
    return found


def _emission(pool: ReactivePool, species: str, x_m: float, y_m: float, mist: bool) -> Emission:
    """Return the emission of one species."""
    substance = MIST.get(species, species) if mist else species
    mass = SPECIES[substance].molar_mass_kg_mol
    use = ModelUse(
        "source.reactive",
        Note("dispersion.model.reactive", {"transfer": pool.transfer.value}),
        pool.notes,
    )
    return Emission(
        substance=substance,
        kind=Kind.POOL,
        x_m=x_m,
        y_m=y_m,
        height_m=0.0,
        steps=steps(_moments(pool, species, mass), liquid=float(substance != species)),
        models=(use,),
        notes=pool.notes,
    )


def _moments(pool: ReactivePool, species: str, mass_kg_mol: float) -> tuple[Moment, ...]:
    """Return the pool as if `species`, `mass_kg_mol` each, were all that left it."""
    first = pool.moments[0]
    found = [Moment(first.time_s, 0.0, first.area_m2, first.temperature_k, 0.0, 0.0, 0.0)]
    for before, now in pairwise(pool.moments):
        gone, was = (mass_kg_mol * m.gone_mol.get(species, 0.0) for m in (now, before))
        rate = max(0.0, gone - was) / (now.time_s - before.time_s)
        found.append(
            Moment(now.time_s, 0.0, now.area_m2, now.temperature_k, rate, now.fed_kg, gone)
        )
    return tuple(found)
