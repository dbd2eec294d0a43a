"""What a scenario's release gives to the air, as emissions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from edge.dispersion.emission import Emission, Kind, Step
from edge.dispersion.notes import RefusedError
from edge.dispersion.room.room import Room as RoomModel
from edge.dispersion.room.simple import room_of
from edge.dispersion.room.vent import vent
from edge.dispersion.source.feed import Feed
from edge.dispersion.source.ground import ground
from edge.dispersion.source.pool import Spill as PoolSpill
from edge.dispersion.source.pool import pool
from edge.dispersion.source.pool_air import PoolAir, Sky
from edge.dispersion.source.pool_emission import emission as pool_emission
from edge.dispersion.source.reactive import reactive_pool
from edge.dispersion.source.reactive_data import (
    Liquor,
    hydrochloric_acid,
    nitric_acid,
    oleum,
    water_reactive,
)
from edge.dispersion.source.reactive_emission import emissions as reactive_emissions
from edge.dispersion.source.reactive_spill import ReactiveSpill, Wet
from edge.dispersion.weather.profile import wind_of
from edge.dispersion.weather.station import Appraisal
from edge.dispersion.weather.weather import Weather
from edge.substance.fluid import fluid
from edge.units import Unit, to_si
from suian.plume.scenario import Hole, PlumeScenario, Room, Rupture, Spill, WeatherPart
from suian.plume.vessels import discharge

MINUTE_S = 60.0
ALL_LIQUID = 1 - 1e-6  # of a jet: a stream that does not boil outside
LEAST_ROOM_K = 278.15  # a room in winter is kept from freezing, unless told


def emissions(scenario: PlumeScenario, appraisal: Appraisal) -> tuple[Emission, ...]:
    """Return what enters the open air; raises `RefusedError` for what cannot be."""
    found = _released(scenario, appraisal)
    room = scenario.release.indoors
    if room is None:
        if not found:
            raise RefusedError("dispersion.refused.chain.nothing", substance=scenario.substance)
        return found
    until = scenario.horizon_min * MINUTE_S
    place = _room(scenario, room, appraisal.weather)
    through = [
        vent(place, one, appraisal.weather, fluid(one.substance), until).emissions for one in found
    ]
    out = tuple(emission for each in through for emission in each)
    if not out:
        raise RefusedError(
            "dispersion.refused.chain.stays-inside",
            substance=scenario.substance,
            minutes=f"{scenario.horizon_min:g}",
        )
    return out


def _room(scenario: PlumeScenario, part: Room, air: Weather) -> RoomModel:
    at = scenario.release.at
    return room_of(
        "room",
        part.volume_m3,
        _kelvin(part.temperature_c, max(air.temperature_k, LEAST_ROOM_K)),
        (at.x_m, at.y_m),
        part.normal_ach,
        part.emergency_ach,
        part.emergency_after_min * MINUTE_S,
        part.scrubber,
        part.door_m2,
        part.door_opens_after_min * MINUTE_S,
        part.facing_deg,
        part.height_m,
    )


def _released(scenario: PlumeScenario, appraisal: Appraisal) -> tuple[Emission, ...]:
    """Return what is released, be it outdoors or into a room."""
    release, air = scenario.release, appraisal.weather
    if release.rate is not None:
        return (_rate(scenario, air),)
    if release.puff is not None:
        return (_puff(scenario, air),)
    if release.reactive is not None:
        return tuple(_reactive(scenario, appraisal))
    if release.spill is not None:
        return (_spill(scenario, release.spill, appraisal),)
    return _vessel(scenario, appraisal)


def _kelvin(celsius: float | None, otherwise: float) -> float:
    return otherwise if celsius is None else to_si(celsius, Unit.CELSIUS)


def _disc(diameter_m: float) -> float:
    return math.pi / 4 * diameter_m**2


def _some_gas(liquid_fraction: float) -> None:
    """Refuse a release into the air that is liquid alone."""
    if liquid_fraction >= 1:
        raise RefusedError("dispersion.refused.chain.all-liquid")


def _rate(scenario: PlumeScenario, air: Weather) -> Emission:
    release, rate = scenario.release, scenario.release.rate
    assert rate is not None
    _some_gas(rate.liquid_fraction)
    step = Step(
        0.0,
        MINUTE_S * (rate.duration_min or scenario.horizon_min),
        rate.kg_s,
        _kelvin(rate.temperature_c, air.temperature_k),
        _disc(rate.diameter_m),
        rate.velocity_m_s,
        rate.liquid_fraction,
    )
    if rate.velocity_m_s > 0:
        kind = Kind.JET
    else:
        kind = Kind.POOL if release.at.height_m == 0 else Kind.VENT
    return _placed(scenario, kind, (step,), 90.0 if rate.direction == "up" else 0.0)


def _puff(scenario: PlumeScenario, air: Weather) -> Emission:
    puff = scenario.release.puff
    assert puff is not None
    _some_gas(puff.liquid_fraction)
    temperature = _kelvin(puff.temperature_c, air.temperature_k)
    step = Step(0.0, 0.0, 0.0, temperature, _disc(puff.diameter_m), 0.0, puff.liquid_fraction)
    return replace(_placed(scenario, Kind.INSTANT, (step,)), mass_kg=puff.kg)


def _placed(
    scenario: PlumeScenario, kind: Kind, steps: tuple[Step, ...], elevation_deg: float = 0.0
) -> Emission:
    at = scenario.release.at
    return Emission(
        scenario.substance, kind, at.x_m, at.y_m, at.height_m, steps, elevation_deg=elevation_deg
    )


def _vessel(scenario: PlumeScenario, appraisal: Appraisal) -> tuple[Emission, ...]:
    """Return the jet of a hole or burst, and the pool of what it rained."""
    made = discharge(scenario, appraisal.weather)
    jet, feed = made.jet, made.feed
    if jet is not None and min(step.liquid_fraction for step in jet.steps) > ALL_LIQUID:
        jet, feed = None, _fallen(jet, feed)
    found = [jet] if jet is not None else []
    if feed:
        part = scenario.release.hole or scenario.release.rupture
        assert part is not None
        found.append(_pool(scenario, part, appraisal, feed, 0.0, math.nan))
    return tuple(found)


def _fallen(jet: Emission, feed: Feed) -> Feed:
    """Return the feed with a jet that no vapour carries: what does not boil falls all the same."""
    rained = {(start, end): rate for start, end, rate, _ in feed}
    return tuple(
        (
            step.start_s,
            step.end_s,
            step.rate_kg_s + rained.get((step.start_s, step.end_s), 0.0),
            step.temperature_k,
        )
        for step in jet.steps
    )


def _spill(scenario: PlumeScenario, spill: Spill, appraisal: Appraisal) -> Emission:
    liquid, air = fluid(scenario.substance), appraisal.weather
    boiling = liquid.saturation_k(air.pressure_pa)  # on a mountain, below the table's boiling point
    temperature = _kelvin(spill.temperature_c, min(air.temperature_k, boiling))
    return _pool(
        scenario, spill, appraisal, _feed(spill, temperature), spill.kg or 0.0, temperature
    )


def _pool(
    scenario: PlumeScenario,
    spill: Spill | Hole | Rupture,
    appraisal: Appraisal,
    feed: Feed,
    mass_kg: float,
    temperature_k: float,
) -> Emission:
    at = scenario.release.at
    what = PoolSpill(
        fluid(scenario.substance),
        ground(spill.ground),
        appraisal.weather.temperature_k,
        mass_kg,
        temperature_k if mass_kg > 0 else math.nan,
        feed,
        spill.bund_m2 or math.inf,
    )
    sky = _sky(scenario.weather, appraisal.sun_elevation_deg)
    made = pool(what, _pool_air(appraisal), sky, scenario.horizon_min * MINUTE_S)
    return pool_emission(made, at.x_m, at.y_m)


def _pool_air(appraisal: Appraisal) -> PoolAir:
    air = appraisal.weather
    return PoolAir(
        wind_of(air, 10.0), air.temperature_k, air.pressure_pa, air.humidity, air.stability
    )


def _sky(part: WeatherPart, elevation_deg: float) -> Sky:
    """Return what shines on a pool: the sun through the clouds, a clear sky where they are unknown.

    990 sin e - 30 W/m2, less clouds' share: Kasten and Czeplak (1980), Solar Energy 24, 177-189.
    """
    cloud = (part.cloud_eighths or 0.0) / 8
    clear = max(990 * math.sin(math.radians(elevation_deg)) - 30, 0.0)
    return Sky(clear * (1 - 0.75 * cloud**3.4), cloud)


def _feed(spill: Spill, temperature_k: float) -> Feed:
    if spill.kg_s is None or spill.duration_min is None:
        return ()
    return ((0.0, spill.duration_min * MINUTE_S, spill.kg_s, temperature_k),)


def _reactive(scenario: PlumeScenario, appraisal: Appraisal) -> Sequence[Emission]:
    spill, at, air = scenario.release.reactive, scenario.release.at, appraisal.weather
    assert spill is not None
    temperature = _kelvin(spill.temperature_c, air.temperature_k)
    what = ReactiveSpill(
        _liquor(scenario.substance, spill.strength),
        ground(spill.ground),
        air.temperature_k,
        spill.kg or 0.0,
        temperature if spill.kg else math.nan,
        _feed(spill, temperature),
        spill.bund_m2 or math.inf,
        Wet(spill.wet_mm, spill.rain_mm_h / 3600),  # 1 mm of water is 1 kg/m2
    )
    sky = _sky(scenario.weather, appraisal.sun_elevation_deg)
    made = reactive_pool(what, _pool_air(appraisal), sky, scenario.horizon_min * MINUTE_S)
    return reactive_emissions(made, at.x_m, at.y_m)


def _liquor(name: str, strength: float | None) -> Liquor:
    """Return the liquid by its substance; acids need their strength."""
    acids = {"hydrogen_chloride": hydrochloric_acid, "nitric_acid": nitric_acid, "oleum": oleum}
    if name not in acids:
        return water_reactive(fluid(name))
    if strength is None:
        raise RefusedError("dispersion.refused.chain.strength", substance=name)
    return acids[name](strength)
