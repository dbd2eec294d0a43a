"""A vessel that bursts: all of it is outside at once.

What boils off at once is x = (s - s_l(Tb)) Tb/L if it pushes the air away without losses
(isentropic), more if it does not (isenthalpic, the careful one for the cloud); as much liquid
again flies as droplets (HSE's and CCPS' rule: airborne = 2 x flash), the rest falls into a pool
at the boiling point. References: CCPS, Guidelines for Consequence Analysis (1999), section 2.2;
Kaiser and Walker, Atmos. Environ. 12 (1978) 2289-2300. Domain: liquefied gases and compressed
gases; a liquid below its boiling point only spills.
"""

from __future__ import annotations

import math
from enum import StrEnum

from edge.dispersion.emission import Emission, Kind, Step
from edge.dispersion.notes import ModelUse, Note
from edge.dispersion.source.check import checked
from edge.dispersion.source.discharge import Discharge, Place, rain_notes
from edge.dispersion.source.droplets import Outside
from edge.dispersion.source.feed import Feed
from edge.dispersion.source.flash import expand, sphere_radius_m
from edge.dispersion.source.outflow import Matter, Stream
from edge.dispersion.source.vessel import State, Vessel, start

SPILL_S = 1.0  # the time in which the rest reaches the ground


class Path(StrEnum):
    """How the contents expand."""

    ISENTHALPIC = "isenthalpic"
    ISENTROPIC = "isentropic"


def rupture(
    vessel: Vessel, outside: Outside, place: Place, path: Path = Path.ISENTHALPIC
) -> Discharge:
    """Return what the burst of `vessel` gives: an instant emission and a short feed to a pool.

    Raises `RefusedError` for impossible vessels, and where the outside pressure lies beyond the
    fluid's table.
    """
    checked("temperature", outside.temperature_k)
    checked("pressure", outside.pressure_pa)
    state = start(vessel)
    if state.liquid_kg <= 0.0:
        return _gas_burst(vessel.matter, state, outside, place)
    table = vessel.matter.table
    hot = table.at(state.temperature_k)
    if hot.pressure_pa <= outside.pressure_pa:
        return _spill(vessel.matter, state, outside, place)
    cold = table.at(table.boiling_k(outside.pressure_pa))
    wet = state.liquid_kg / state.mass_kg
    if path is Path.ISENTROPIC:
        s = hot.s_liquid + (1.0 - wet) * hot.latent / hot.temperature_k
        boiled = (s - cold.s_liquid) * cold.temperature_k / cold.latent
    else:
        h = hot.h_liquid + (1.0 - wet) * hot.latent
        boiled = (h - cold.h_liquid) / cold.latent
    boiled = min(max(boiled, 0.0), 1.0)
    airborne = min(2.0 * boiled, 1.0)
    droplets = 1.0 - boiled / airborne if airborne > 0.0 else 0.0
    volume = cold.v_gas + droplets * (cold.v_liquid - cold.v_gas)
    mass = airborne * state.mass_kg
    rest = state.mass_kg - mass
    feed: Feed = ((0.0, SPILL_S, rest / SPILL_S, cold.temperature_k),) if rest > 0.0 else ()
    return _made(vessel.matter, place, mass, (volume, cold.temperature_k, droplets), feed, rest)


def _gas_burst(matter: Matter, state: State, outside: Outside, place: Place) -> Discharge:
    """Return the burst of a vessel of gas: it expands against the air with its own enthalpy."""
    enthalpy = state.energy_j / state.mass_kg + outside.pressure_pa * state.volume_m3_kg
    stream = Stream(1.0, 1.0, enthalpy, state.temperature_k, False, False, "source.rupture")
    jet = expand(matter, stream, outside.pressure_pa)
    after = (jet.volume_m3_kg, jet.temperature_k, jet.liquid_fraction)
    return _made(matter, place, state.mass_kg, after, (), 0.0)


def _spill(matter: Matter, state: State, outside: Outside, place: Place) -> Discharge:
    """Return the burst of a vessel of liquid that does not boil: a spill, its vapour aside."""
    vapour = state.mass_kg - state.liquid_kg
    t = state.temperature_k
    feed: Feed = ((0.0, SPILL_S, state.liquid_kg / SPILL_S, t),)
    volume = matter.gas.r * t / outside.pressure_pa
    return _made(matter, place, vapour, (volume, t, 0.0), feed, state.liquid_kg)


def _made(
    matter: Matter,
    place: Place,
    mass_kg: float,
    after: tuple[float, float, float],
    feed: Feed,
    spilt_kg: float,
) -> Discharge:
    """Return the discharge; `after` is volume [m3/kg], temperature [K] and droplets' share."""
    volume, temperature, droplets = after
    total = mass_kg + spilt_kg
    notes = [Note("dispersion.note.source-burst"), *rain_notes(matter, spilt_kg / total)]
    models = (ModelUse("source.rupture", Note("dispersion.model.source.rupture")),)
    radius = sphere_radius_m(mass_kg * volume)
    jet = None
    if mass_kg > 1e-9 * total:
        step = Step(0.0, 0.0, 0.0, temperature, math.pi * radius**2, 0.0, droplets)
        jet = Emission(
            matter.fluid.id, Kind.INSTANT, place.x_m, place.y_m, place.height_m, (step,),
            mass_kg=mass_kg, models=models, notes=tuple(notes),
        )  # fmt: skip
    return Discharge(jet, feed, 0.0, (), models, tuple(notes))
