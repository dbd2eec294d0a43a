"""A pool of a liquid that fumes or reacts with water, and what it gives to the air.

REACTPOOL's idea (Kapias and Griffiths 2001, J. Hazardous Materials 81, 19-30 and 223-249; HSE
RR457, 2006): the pool spreads as any other, meets water, reacts at once with what it gets, and
what is left evaporates. Water comes from a film on newly covered ground, from rain, and from the
air's moisture, which the wind brings as it takes vapour away (no water pressure at the surface).

    mol reacted = min(reagent, water / water per mol),   gases leave, residues stay
    m_i = A k_i P M_i / (R T) ln(1 / (1 - p / P)) p_i / p,   p = sum p_i(T, composition)
    C dT/dt = feed + ground + A (air + sun + sky) + heat of reaction - sum m_i L_i

A pool whose pressure reaches the air's boils on the heat it gets. Reaction at once is an upper
limit; so is that gases leave whole (none stays dissolved in spare water). Elements and mass
balance to rounding. What is not covered: docs/models/pool.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from edge.dispersion.notes import Note, RefusedError
from edge.dispersion.source.pool_air import PoolAir, Sky, Transfer, above
from edge.dispersion.source.pool_check import check_ground, check_supply, check_time
from edge.dispersion.source.reactive_data import SPECIES, contents
from edge.dispersion.source.reactive_run import Run
from edge.dispersion.source.reactive_spill import ReactiveMoment, ReactiveSpill

DEEPEST_FILM_KG_M2 = 20.0  # a puddle; deeper water is a pond, in which these liquids sink
HOT_K = 480.0  # phosphoric and sulphuric acid start to give off water and SO3 themselves


@dataclass(frozen=True, slots=True)
class ReactivePool:
    """What became of the spill."""

    spill: ReactiveSpill
    transfer: Transfer
    moments: tuple[ReactiveMoment, ...]
    notes: tuple[Note, ...]

    def gone_kg(self, species: str) -> float:
        """Return the mass of `species` that entered the air [kg]."""
        mass = SPECIES[species].molar_mass_kg_mol
        return self.moments[-1].gone_mol.get(species, 0.0) * mass


def reactive_pool(
    spill: ReactiveSpill,
    air: PoolAir,
    sky: Sky,
    duration_s: float,
    transfer: Transfer = Transfer.MACKAY_MATSUGU,
) -> ReactivePool:
    """Return the pool over `duration_s` [s]; `RefusedError` outside the domain."""
    over = above(SPECIES[spill.liquor.volatiles[0]].molar_mass_kg_mol, air, sky, transfer)
    _check(spill, duration_s, air.pressure_pa)
    run = Run(spill, over, air.humidity)
    moments = run.run(duration_s)
    notes = [Note(spill.liquor.note, {"substance": spill.liquor.id})]
    if spill.ground.porosity > 0:
        notes.append(Note("dispersion.note.pool-soaks", {"porosity": spill.ground.porosity}))
    if run.froze:
        notes.append(Note("dispersion.note.pool-freezes", {"limit_k": spill.liquor.melt_k}))
    hottest = max(moment.temperature_k for moment in moments)
    if hottest > HOT_K:
        notes.append(Note("dispersion.note.reactive-hot", {"temperature_k": hottest}))
    return ReactivePool(spill, transfer, moments, tuple(notes))


def _check(spill: ReactiveSpill, duration_s: float, pressure_pa: float) -> None:
    """Raise `RefusedError` for what is no pool."""
    liquor = spill.liquor
    check_time(duration_s)
    check_supply(spill.mass_kg, spill.feed)
    check_ground(spill.ground, spill.ground_k, spill.bund_m2)
    if spill.ground.is_water:
        raise RefusedError("dispersion.refused.pool-mixes", substance=liquor.id)
    wet = spill.wet
    if not (0 <= wet.film_kg_m2 <= DEEPEST_FILM_KG_M2 and 0 <= wet.rain_kg_m2_s <= 0.1):
        raise RefusedError(
            "dispersion.refused.reactive-wet",
            film_kg_m2=wet.film_kg_m2,
            rain_kg_m2_s=wet.rain_kg_m2_s,
        )
    for temperature in [t for *_, t in spill.feed] + [spill.temperature_k] * (spill.mass_kg > 0):
        params = {"substance": liquor.id, "temperature_k": temperature}
        if not 0 < temperature < liquor.hottest_k:
            raise RefusedError("dispersion.refused.pool-temperature", **params)
        if temperature < liquor.melt_k:
            raise RefusedError("dispersion.refused.pool-frozen", **params, limit_k=liquor.melt_k)
        if sum(liquor.pressures(contents(liquor, 1.0), temperature)) > pressure_pa:
            raise RefusedError("dispersion.refused.reactive-boiling", **params)
