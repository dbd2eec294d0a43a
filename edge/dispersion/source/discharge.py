"""From a vessel and a hole to what enters the air and what runs on the ground.

One call a kind of release: `hole` (a vessel that empties), `steady` (a line that keeps its
pressure). Each gives a `Discharge`: the jet as an `Emission`, the rain-out as a pool's `Feed`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from edge.dispersion.emission import Emission, Kind, Step
from edge.dispersion.notes import ModelUse, Note, RefusedError
from edge.dispersion.source import droplets, outflow
from edge.dispersion.source.blowdown import blow_down
from edge.dispersion.source.check import checked
from edge.dispersion.source.droplets import Outside
from edge.dispersion.source.feed import Feed, feed_kg
from edge.dispersion.source.flash import expand
from edge.dispersion.source.outflow import Matter, Opening, Stream
from edge.dispersion.source.vessel import Blowdown, Record, Vessel

STEPS = 12  # of an emission, at most: each is a run of a dispersion model
FULL = 0.9  # a liquid that fills more than this froths out of a hole in the vapour space


@dataclass(frozen=True, slots=True)
class Place:
    """Where it leaves: site metres, `height_m` [m] of the hole above ground, and the jet's angle.

    `elevation_deg` [deg] is above the horizontal.
    """

    x_m: float = 0.0
    y_m: float = 0.0
    height_m: float = 1.0
    elevation_deg: float = 0.0

    def __post_init__(self) -> None:
        checked("height", self.height_m)
        checked("elevation", self.elevation_deg)


@dataclass(frozen=True, slots=True)
class Discharge:
    """What a release gives: `jet` into the air (None: nothing flies), `feed` to a pool.

    `left_kg` [kg] stays in the vessel; `records` is how it went. Models and notes stand in the jet
    too, where there is one.
    """

    jet: Emission | None
    feed: Feed
    left_kg: float
    records: tuple[Record, ...]
    models: tuple[ModelUse, ...]
    notes: tuple[Note, ...]


def hole(
    vessel: Vessel,
    opening: Opening,
    outside: Outside,
    place: Place,
    until_s: float = 3600.0,
    stop_pa: float = 0.0,
    steps: int = STEPS,
) -> Discharge:
    """Return what leaves `vessel` through `opening` until `until_s` [s], when it is shut off.

    `stop_pa` [Pa] as of `blow_down`; `steps` the most steps of the emission. Raises `RefusedError`
    as `blow_down` does.
    """
    run = blow_down(vessel, opening, outside, until_s, stop_pa)
    notes = [*_vessel_notes(vessel, opening, run, outside)]
    extra = ("source.blow-down",)
    made = assemble(vessel.matter, opening, outside, place, run.records, steps, extra, notes)
    return Discharge(made.jet, made.feed, run.last.mass_kg, run.records, made.models, made.notes)


def steady(
    matter: Matter,
    temperature_k: float,
    pressure_pa: float,
    opening: Opening,
    outside: Outside,
    place: Place,
    duration_s: float,
    quality: float | None = None,
) -> Discharge:
    """Return what leaves a line that keeps `temperature_k` [K] and `pressure_pa` [Pa, absolute].

    A liquid where the pressure lies over its boiling pressure, else a gas; `quality` 0-1 makes it a
    boiling mixture at `temperature_k` whatever the pressure. Raises `RefusedError` for impossible
    numbers and where nothing would flow out.
    """
    checked("duration", duration_s)
    t = checked("temperature", temperature_k)
    back = outside.pressure_pa
    if quality is not None:
        stream = outflow.of_mixture(matter, opening, t, quality, back)
    elif _is_liquid(matter, t, pressure_pa):
        stream = outflow.of_liquid(matter, opening, t, pressure_pa, back)
    else:
        stream = outflow.of_gas(matter, opening, t, pressure_pa, back)
    records = (Record(0.0, duration_s, stream.rate_kg_s * duration_s, stream),)
    return assemble(matter, opening, outside, place, records, 1, (), [])


def _is_liquid(matter: Matter, t: float, pressure_pa: float) -> bool:
    """Return whether a fluid is a liquid; refuses a temperature below its table."""
    table = matter.table
    if t > table.last_k:
        return False
    return pressure_pa > table.at(t).pressure_pa * 1.001


def assemble(
    matter: Matter,
    opening: Opening,
    outside: Outside,
    place: Place,
    records: Sequence[Record],
    steps: int,
    extra: tuple[str, ...],
    notes: list[Note],
) -> Discharge:
    """Return the discharge of `records`: expanded, rained out, in at most about `steps` steps."""
    if not records:
        raise RefusedError("dispersion.refused.source-nothing-leaves", substance=matter.fluid.id)
    rained = _Rain(matter, opening, outside, place)
    made: list[Step] = []
    feed: list[tuple[float, float, float, float]] = []
    used: dict[str, None] = {}
    for group in _groups(records, steps):
        step, landed = rained.step(group)
        made.append(step)
        used[_middle(group).model] = None
        if landed > 0.0:
            feed.append((step.start_s, step.end_s, landed, step.temperature_k))
    used |= dict.fromkeys((*extra, "source.expansion"))
    if feed:
        used["source.rain-out"] = None
    total = sum(record.mass_kg for record in records)
    fell = feed_kg(tuple(feed))
    notes += rain_notes(matter, fell / total)
    models = tuple(ModelUse(name, Note(f"dispersion.model.{name}")) for name in used)
    jet = None
    if fell < (1.0 - 1e-4) * total:
        jet = Emission(
            matter.fluid.id, Kind.JET, place.x_m, place.y_m, place.height_m, tuple(made),
            elevation_deg=place.elevation_deg, models=models, notes=tuple(notes),
        )  # fmt: skip
    return Discharge(jet, tuple(feed), 0.0, tuple(records), models, tuple(notes))


def rain_notes(matter: Matter, landed: float) -> list[Note]:
    """Return what to say of the share `landed` of the mass, and of the fluid itself."""
    notes: list[Note] = []
    if landed > 1e-3:
        notes.append(Note("dispersion.note.source-rain-out", {"percent": f"{100 * landed:.0f}"}))
    if matter.fluid.associates:
        notes.append(Note("dispersion.note.source-associates", {"substance": matter.fluid.id}))
    return notes


@dataclass(frozen=True, slots=True)
class _Rain:
    """Turns a stretch of records into what stays in the air and what falls."""

    matter: Matter
    opening: Opening
    outside: Outside
    place: Place

    def step(self, group: Sequence[Record]) -> tuple[Step, float]:
        """Return the emission's step of a group of records and the rate that falls [kg/s]."""
        start, end = group[0].start_s, group[-1].end_s
        rate = sum(record.mass_kg for record in group) / (end - start)
        stream = _middle(group)
        jet = expand(self.matter, stream, self.outside.pressure_pa)
        landed = 0.0
        if jet.liquid_fraction > 0.0:
            drops = droplets.diameter_m(
                self.matter, self.opening.diameter_m, jet.speed_m_s, stream.temperature_k,
                self.outside,
            )  # fmt: skip
            # a jet along the ground lies on it with its rim, its drops at its axis
            height = max(self.place.height_m, math.sqrt(jet.area_m2 / math.pi))
            landed = jet.liquid_fraction * droplets.rained_share(
                self.matter, drops, height, jet.temperature_k, self.outside
            )
            landed = min(landed, 1.0 - 1e-9)
        rest = jet.without(landed)
        scale = rate / stream.rate_kg_s
        step = Step(
            start, end, rate * (1.0 - landed), rest.temperature_k, rest.area_m2 * scale,
            rest.speed_m_s, rest.liquid_fraction,
        )  # fmt: skip
        return step, rate * landed


def _groups(records: Sequence[Record], steps: int) -> list[list[Record]]:
    """Return the records in groups of like mass, liquid and gas apart."""
    total = sum(record.mass_kg for record in records)
    groups: list[list[Record]] = []
    mass = 0.0
    for record in records:
        full = mass >= total / max(steps, 1) * (1.0 - 1e-9)
        if not groups or full or record.stream.liquid != groups[-1][-1].stream.liquid:
            groups.append([])
            mass = 0.0
        groups[-1].append(record)
        mass += record.mass_kg
    return groups


def _middle(group: Sequence[Record]) -> Stream:
    """Return the stream at half of a group's mass."""
    half = 0.5 * sum(record.mass_kg for record in group)
    for record in group:
        half -= record.mass_kg
        if half <= 0.0:
            return record.stream
    return group[-1].stream


def _vessel_notes(vessel: Vessel, opening: Opening, run: Blowdown, outside: Outside) -> list[Note]:
    """Return what a reader must know of how the vessel was taken."""
    notes: list[Note] = []
    first, last = run.first, run.last
    if vessel.fill > FULL and first.level_m <= opening.height_m:
        notes.append(Note("dispersion.note.source-froth"))
    wet = vessel.fill > 0.0
    if wet and first.pressure_pa > 1.02 * vessel.matter.table.at(first.temperature_k).pressure_pa:
        notes.append(Note("dispersion.note.source-pad"))
    if wet and not vessel.vented and last.pressure_pa < outside.pressure_pa:
        notes.append(Note("dispersion.note.source-air-drawn-in"))
    if last.liquid_kg > 0.01 * first.mass_kg:
        left = {"left_kg": f"{last.liquid_kg:.0f}", "celsius": f"{last.temperature_k - 273.15:.0f}"}
        notes.append(Note("dispersion.note.source-left", left))
    return notes
