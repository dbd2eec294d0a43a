"""From a source inside a room to the emissions at its doors, louvres and fans.

A source model's `Emission` is taken as what leaks into the room; the answer is one `Emission` of
kind vent for each way out that matters. Where the building's wake catches it (`wake.catches`) the
emission has the area of the building's face and stands on the ground: the wake mixes it down, and
the ground is the careful end; in calm there is no wake. The rate is the gas alone, without the
room's air that leaves with it: dilution changes neither the gas nor its buoyancy g' q, which
decides what it does. Droplets of the source are taken as gas: they rain out or evaporate in the
room, and all of it counts.
"""

from __future__ import annotations

from dataclasses import dataclass

from edge.dispersion.choice import mixture_density
from edge.dispersion.constants import dry_air_kg_m3
from edge.dispersion.emission import Emission, Kind, Step
from edge.dispersion.notes import ModelUse, Note, RefusedError
from edge.dispersion.room.flows import Outside
from edge.dispersion.room.openings import Duty
from edge.dispersion.room.room import LEAKAGE, Leak, Room, Run, simulate
from edge.dispersion.room.wake import catches
from edge.dispersion.weather.profile import wind_of
from edge.dispersion.weather.station import CALM_M_S
from edge.dispersion.weather.weather import Weather
from edge.substance.fluid import Fluid

ALIKE = 0.15  # stretches whose rates differ by less than this share become one step
MATTERS = 1e-6  # share of what leaked, below which a way out is left aside


@dataclass(frozen=True, slots=True)
class Vented:
    """A room's run, and what it gives to the open air, the strongest way out first."""

    run: Run
    emissions: tuple[Emission, ...]


def vent(room: Room, source: Emission, weather: Weather, fluid: Fluid, until_s: float) -> Vented:
    """Return what `source`, inside `room`, brings to the open air until `until_s` [s].

    Raises `RefusedError` as `room.simulate` does, and for a source that is all at once: give it
    the seconds that it takes.
    """
    if source.kind is Kind.INSTANT:
        raise RefusedError("dispersion.refused.room.instant", room=room.id)
    leaks = tuple(
        _leak(step, room, source, weather, fluid) for step in source.steps if step.rate_kg_s != 0
    )
    outside = Outside(
        dry_air_kg_m3(weather.temperature_k, weather.pressure_pa),
        weather.temperature_k,
        wind_of(weather, room.building.height_m),
        weather.from_deg,
    )
    run = simulate(room, leaks, outside, weather.pressure_pa, until_s)
    found = [
        _emission(name, run, source, weather)
        for name, masses in run.vented_kg.items()
        if sum(masses) > MATTERS * run.leaked_kg
    ]
    return Vented(run, tuple(sorted(found, key=lambda emission: -emission.total_kg)))


def _leak(step: Step, room: Room, source: Emission, weather: Weather, fluid: Fluid) -> Leak:
    """Return a source's step as a leak: pure gas at room warmth, and what enters as it is."""
    pure = fluid.gas_density_kg_m3(room.temperature_k, weather.pressure_pa)
    enters = mixture_density(step, source.air_fraction, fluid, weather.pressure_pa)
    gas = step.rate_kg_s * (1 - source.air_fraction)
    return Leak(step.start_s, step.end_s, gas, pure, enters)


def _emission(name: str, run: Run, source: Emission, weather: Weather) -> Emission:
    room, building = run.room, run.room.building
    x, y, z, area = _place(name, room)
    most = max(m / v for m, v in zip(run.vented_kg[name], run.vented_m3[name], strict=True) if v)
    params = {"room": room.id, "path": name, "most_g_m3": float(f"{1000 * most:.3g}")}
    notes = (*source.notes, Note("dispersion.note.room", params))
    if catches(building, z) and wind_of(weather, 10.0) >= CALM_M_S:
        area, z = max(area, building.face_area_m2(weather.from_deg)), 0.0
        notes = (*notes, Note("dispersion.note.room.wake", {"area_m2": round(area)}))
    steps = _steps(run, name, area)
    use = ModelUse("room.two-zone", Note("dispersion.model.room"))
    return Emission(
        source.substance, Kind.VENT, x, y, z, steps,
        models=(*source.models, use), notes=notes,
    )  # fmt: skip


def _place(name: str, room: Room) -> tuple[float, float, float, float]:
    """Return x, y, height above ground [m] and area [m2] of a way out."""
    for opening in room.openings:
        if opening.id == name:
            return opening.x_m, opening.y_m, opening.z_m, opening.area_m2
    for fan in room.fans:
        if fan.id == name and fan.duty is Duty.EXHAUST:
            return fan.x_m, fan.y_m, fan.outlet_m, fan.area_m2
    if name != LEAKAGE:
        raise ValueError(f"room {room.id} has no way out {name!r}")
    return room.x_m, room.y_m, 0.5 * room.height_m, room.leakage_m2


def _steps(run: Run, name: str, area_m2: float) -> tuple[Step, ...]:
    """Return the stretches of one path as steps of like rate, each with its whole mass."""
    steps: list[Step] = []
    times, temperature = run.times_s, run.room.temperature_k
    for start, end, mass in zip(times, times[1:], run.vented_kg[name], strict=False):
        rate = mass / (end - start)
        if steps and abs(rate - steps[-1].rate_kg_s) <= ALIKE * steps[-1].rate_kg_s:
            last = steps.pop()
            mass += last.rate_kg_s * (last.end_s - last.start_s)  # noqa: PLW2901 -- a step grows
            start = last.start_s  # noqa: PLW2901 -- as above
        steps.append(Step(start, end, mass / (end - start), temperature, area_m2))
    return tuple(steps)
