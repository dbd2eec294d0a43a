"""Holes and bursts of vessels: from a scenario's words to the discharge, jet and pool alike."""

from __future__ import annotations

import math
from dataclasses import replace

from edge.dispersion.emission import Emission
from edge.dispersion.notes import RefusedError
from edge.dispersion.source import hj169
from edge.dispersion.source.discharge import Discharge, Place, hole, steady
from edge.dispersion.source.droplets import Outside
from edge.dispersion.source.outflow import Matter, Opening
from edge.dispersion.source.rupture import rupture
from edge.dispersion.source.tank import Lying, Shape, Sphere, Upright
from edge.dispersion.source.vessel import Vessel, start
from edge.dispersion.weather.weather import Weather
from edge.substance.fluid import fluid
from edge.units import Unit, to_si
from suian.plume.scenario import At, Hole, PlumeScenario
from suian.plume.scenario import Vessel as VesselPart

MINUTE_S = 60.0
GAS_MASS_OFF = 0.25  # of the mass: what gauges, rounding and a real gas may differ by
ELEVATION_DEG = {"level": 0.0, "up": 90.0, "down": -90.0}


def discharge(scenario: PlumeScenario, air: Weather) -> Discharge:
    """Return what the hole or burst of `scenario` gives. Raises `RefusedError`."""
    release = scenario.release
    outside = Outside(air.temperature_k, air.pressure_pa)
    if release.rupture is not None:
        return rupture(
            vessel(scenario.substance, release.rupture.vessel), outside, _place(release.at)
        )
    assert release.hole is not None
    part = release.hole
    until = MINUTE_S * min(part.closed_after_min or scenario.horizon_min, scenario.horizon_min)
    content = vessel(scenario.substance, part.vessel)
    place = replace(_place(release.at), elevation_deg=ELEVATION_DEG[part.direction])
    if part.method == "hj169":
        return _by_hj169(content, part, outside, place, until)
    return hole(content, _opening(part), outside, place, until)


def vessel(substance: str, part: VesselPart) -> Vessel:
    """Return the vessel of a scenario: how full it is follows from its mass."""
    matter, temperature = Matter(fluid(substance)), to_si(part.temperature_c, Unit.CELSIUS)
    pressure = None if part.pressure_kpa is None else part.pressure_kpa * 1000
    if temperature > matter.table.last_k or (
        part.pressure_kpa is not None and _all_gas(part, matter)
    ):
        return _of_gas(matter, part, temperature, pressure)
    sat = matter.table.at(temperature)
    fill = (part.mass_kg / part.volume_m3 - 1 / sat.v_gas) / (1 / sat.v_liquid - 1 / sat.v_gas)
    if fill > 1.0:
        most = f"{part.volume_m3 / sat.v_liquid:.0f}"
        raise RefusedError(
            "dispersion.refused.chain.overfull", mass_kg=f"{part.mass_kg:g}", most_kg=most
        )
    if fill <= 0.0:
        return _of_gas(matter, part, temperature, pressure)
    return Vessel(matter, _shape(part), temperature, fill, pressure)


def _all_gas(part: VesselPart, matter: Matter) -> bool:
    """Whether a stated pressure lies below the boiling one: then there is no liquid."""
    if part.pressure_kpa is None:
        return False
    boiling = matter.table.at(to_si(part.temperature_c, Unit.CELSIUS)).pressure_pa
    return part.pressure_kpa * 1000 < boiling * (1 - 1e-6)


def _of_gas(
    matter: Matter, part: VesselPart, temperature_k: float, pressure_pa: float | None
) -> Vessel:
    """Return a vessel of gas alone; its pressure follows from its mass where it is not stated.

    Where both are stated they must agree: the mass is what a reader takes for let out.
    """
    if pressure_pa is None:
        pressure_pa = part.mass_kg * matter.gas.r * temperature_k / part.volume_m3
        return Vessel(matter, _shape(part), temperature_k, 0.0, pressure_pa)
    made = Vessel(matter, _shape(part), temperature_k, 0.0, pressure_pa)
    holds = start(made).mass_kg
    if not abs(part.mass_kg - holds) <= GAS_MASS_OFF * holds:
        raise RefusedError(
            "dispersion.refused.chain.gas-mass",
            celsius=f"{part.temperature_c:g}",
            kpa=f"{pressure_pa / 1000:g}",
            holds_kg=f"{holds:.4g}",
            mass_kg=f"{part.mass_kg:g}",
        )
    return made


def _shape(part: VesselPart) -> Shape:
    """Return the vessel's inside; without a diameter a usual slenderness (3 lying, 1.5 upright)."""
    volume = part.volume_m3
    if part.shape == "sphere":
        return Sphere((6 * volume / math.pi) ** (1 / 3))
    slender = 3.0 if part.shape == "lying" else 1.5
    diameter = part.diameter_m or (4 * volume / (math.pi * slender)) ** (1 / 3)
    length = volume / (math.pi / 4 * diameter**2)
    return Lying(diameter, length) if part.shape == "lying" else Upright(diameter, length)


def _opening(part: Hole) -> Opening:
    opening = Opening(part.diameter_mm / 1000, part.height_m, part.pipe_m)
    if part.coefficient is None:
        return opening
    return replace(opening, cd_liquid=part.coefficient, cd_gas=part.coefficient)


def _place(at: At) -> Place:
    return Place(at.x_m, at.y_m, at.height_m)


def _by_hj169(
    content: Vessel, part: Hole, outside: Outside, place: Place, until_s: float
) -> Discharge:
    """Return the discharge at the steady rate of HJ 169-2018 annex F, for as long as it lasts."""
    state, matter, opening = start(content), content.matter, _opening(part)
    wet = state.liquid_kg > 0 and state.level_m > part.height_m
    boiling = wet and matter.table.at(state.temperature_k).pressure_pa > outside.pressure_pa
    area, pressure, t = opening.area_m2, state.pressure_pa, state.temperature_k
    if boiling:
        rate, _share = hj169.two_phase_kg_s(matter, area, t, pressure, outside.pressure_pa)
    elif wet:
        density, head = 1 / matter.table.at(t).v_liquid, state.level_m - part.height_m
        rate = hj169.liquid_kg_s(area, density, pressure, outside.pressure_pa, head)
    else:
        gas, molar = matter.fluid.gamma(t), matter.fluid.molar_mass_kg_mol
        rate = hj169.gas_kg_s(area, pressure, t, gas, molar, outside.pressure_pa)
    lasts = min(until_s, state.mass_kg / rate)
    quality = 0.0 if boiling else None
    made = steady(matter, t, pressure, opening, outside, place, lasts, quality)
    ours = made.records[0].stream.rate_kg_s
    return _scaled(made, rate / ours, state.mass_kg - rate * lasts)


def _scaled(made: Discharge, by: float, left_kg: float) -> Discharge:
    """Return `made` with `by` times its rate; a jet's area grows with it."""
    jet: Emission | None = None
    if made.jet is not None:
        steps = tuple(
            replace(step, rate_kg_s=step.rate_kg_s * by, area_m2=step.area_m2 * by)
            for step in made.jet.steps
        )
        jet = replace(made.jet, steps=steps)
    feed = tuple((start_s, end_s, rate * by, t) for start_s, end_s, rate, t in made.feed)
    return replace(made, jet=jet, feed=feed, left_kg=left_kg)
