"""From a scenario to all that its report shows: zones, places, masses, bands. No words yet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from edge.dispersion import chain
from edge.dispersion.consequence.affected import Affected, when_above
from edge.dispersion.consequence.direction import half_angle_deg, swept
from edge.dispersion.consequence.engineering import EngineeringFraction, death_fraction
from edge.dispersion.consequence.flammable import FlammableMass, Limits, greatest_mass
from edge.dispersion.consequence.indoor import Airing, Indoor, indoors
from edge.dispersion.consequence.levels import Level, known, level
from edge.dispersion.consequence.looks import looks
from edge.dispersion.consequence.toxic import Load, toxic_load
from edge.dispersion.consequence.zones import ThreatZone, frame_of, threat_zones
from edge.dispersion.emission import Emission
from edge.dispersion.isopleth import Isopleth
from edge.dispersion.notes import Note, RefusedError
from edge.dispersion.rings import circle
from edge.dispersion.solution import Floats, Solution
from edge.substance import Substance, substance
from edge.substance.convert import mg_m3
from edge.substance.erg import isolation_m
from edge.substance.fluid import NoDataError, OutOfRangeError, fluid
from suian.plume.build import Built, build
from suian.plume.scenario import PlumeScenario, Receptor
from suian.plume.uncertain import Uncertain, uncertain

LARGE_KG = 208.0  # ERG 2024: a small spill is up to 208 L, taken as kg
PEAK_S = 60.0  # what a place's peak is a mean over
PREFERRED = (  # the first of these groups that a gas has is drawn where the file names no zones
    ("aegl-1", "aegl-2", "aegl-3"),
    ("erpg-1", "erpg-2", "erpg-3"),
    ("pac-1", "pac-2", "pac-3"),
)
FLAMMABLE = ("lel-60", "lel-10")


@dataclass(frozen=True, slots=True)
class Place:
    """What comes to a receptor: greatest minute's mean [kg/m3], when above the lowest zone.

    `level` is the highest zone reached, "" none; `indoor` where its air changes are known.
    """

    receptor: Receptor
    peak_kg_m3: float
    level: str
    when: Affected | None
    times_s: Floats
    outdoor: Floats
    indoor: Indoor | None
    load: Load | None
    fraction: EngineeringFraction | None


@dataclass(frozen=True, slots=True)
class Result:
    """All that is known of one substance of a scenario."""

    gas: Substance
    emissions: tuple[Emission, ...]
    answer: chain.Answer
    zones: tuple[ThreatZone, ...]
    lines: tuple[Isopleth, ...]  # where each zone may lie as the wind turns, in their order
    angle_deg: float
    places: tuple[Place, ...]
    flammable: FlammableMass | None
    uncertain: Uncertain | None


@dataclass(frozen=True, slots=True)
class Run:
    """A scenario's results, a substance each (a reacting liquid gives off several)."""

    scenario: PlumeScenario
    built: Built
    results: tuple[Result, ...]


def run(scenario: PlumeScenario, *, engineering: bool = False) -> Run:
    """Return what `scenario` leads to; `engineering` adds what only an engineer may read.

    Raises `RefusedError` with what no model has an answer for, and with what the substance table
    does not hold.
    """
    try:
        return _run(scenario, engineering)
    except NoDataError as error:
        raise RefusedError(
            "dispersion.refused.chain.no-data",
            substance=error.substance_id,
            properties=error.properties,
        ) from None
    except OutOfRangeError as error:
        raise RefusedError(
            "dispersion.refused.chain.out-of-range",
            name=error.name,
            value=f"{error.value:.6g}",
            low=f"{error.low:.6g}",
            high=f"{error.high:.6g}",
            unit=error.unit,
        ) from None


def _run(scenario: PlumeScenario, engineering: bool) -> Run:
    built = build(scenario)
    results = tuple(
        _result(scenario, built, name, emissions, engineering)
        for name, emissions in built.emissions.items()
    )
    return Run(scenario, built, results)


def _result(
    scenario: PlumeScenario,
    built: Built,
    name: str,
    emissions: tuple[Emission, ...],
    engineering: bool,
) -> Result:
    gas, air = _gas(name), built.appraisal.weather
    answer = chain.solve(emissions, built.series, fluid(name), calm=built.appraisal.calm)
    if gas.surrogate:
        said = Note("dispersion.note.chain.surrogate", {"substance": name, "gas": gas.surrogate})
        answer = replace(answer, notes=(*answer.notes, said))
    levels = _levels(scenario, gas, built)
    held = _held_kg(scenario, emissions)
    spill = scenario.spill_class or ("large" if held > LARGE_KG else "small")
    isolated = isolation_m(name, spill, held) or 0.0
    zones = threat_zones(answer.solution, levels, scenario.height_m, isolated)
    angle = 180.0 if built.appraisal.calm else half_angle_deg(air)
    if built.appraisal.calm:
        zones = tuple(_round(zone, answer.solution.origin_m) for zone in zones)
    frame = frame_of(answer.solution)
    lines = tuple(swept(zone.modelled, frame, angle) for zone in zones)
    return Result(
        gas,
        emissions,
        answer,
        zones,
        lines,
        angle,
        _places(scenario, gas, answer.solution, levels, engineering),
        _flammable(gas, answer.solution, built),
        _uncertain(scenario, built, emissions, name, levels),
    )


def _gas(name: str) -> Substance:
    """Return a substance; a mixture that has no explosive limits of its own has its surrogate's."""
    known = substance(name)
    if not known.surrogate or known.lel_fraction is not None:
        return known
    stand_in = substance(known.surrogate)
    return replace(known, lel_fraction=stand_in.lel_fraction, uel_fraction=stand_in.uel_fraction)


def _round(zone: ThreatZone, origin_m: tuple[float, float]) -> ThreatZone:
    """Return a calm's zone as the circle that it is, not as a grid saw it."""
    reach = zone.distance_m(origin_m)
    whole = max(reach, zone.isolation_m)
    modelled, drawn = (
        Isopleth((circle(*origin_m, radius),) if radius > 0 else (), zone.modelled.truncated)
        for radius in (reach, whole)
    )
    return replace(zone, modelled=modelled, drawn=drawn)


def _uncertain(
    scenario: PlumeScenario,
    built: Built,
    emissions: tuple[Emission, ...],
    name: str,
    levels: tuple[Level, ...],
) -> Uncertain | None:
    part = scenario.uncertainty
    if part is None or built.appraisal.calm:  # a calm's circle is a bound already
        return None
    return uncertain(scenario, part, built, emissions, fluid(name), levels)


def _held_kg(scenario: PlumeScenario, emissions: tuple[Emission, ...]) -> float:
    """Return what was in the vessel [kg]; where none is told, what is let out."""
    release = scenario.release
    part = release.hole or release.rupture
    return part.vessel.mass_kg if part else sum(one.total_kg for one in emissions)


def _levels(scenario: PlumeScenario, gas: Substance, built: Built) -> tuple[Level, ...]:
    """Return the levels that are drawn, rising; those of the file, else what the gas has."""
    air = built.appraisal.weather
    ids: Sequence[str] = scenario.zones
    if not ids:
        there = known(gas)
        toxic = next((g for g in PREFERRED if any(one in there for one in g)), ())
        ids = [one for one in (*toxic, *FLAMMABLE) if one in there]
    if not ids:
        raise RefusedError("dispersion.refused.chain.no-level", substance=gas.id)
    found = [level(gas, one, air, scenario.exposure_min) for one in ids]
    return tuple(sorted(found, key=lambda one: one.criteria[0].threshold_kg_m3))


def _places(
    scenario: PlumeScenario,
    gas: Substance,
    solution: Solution,
    levels: tuple[Level, ...],
    engineering: bool,
) -> tuple[Place, ...]:
    return tuple(_place(one, gas, solution, levels, engineering) for one in scenario.receptors)


def _place(
    receptor: Receptor,
    gas: Substance,
    solution: Solution,
    levels: tuple[Level, ...],
    engineering: bool,
) -> Place:
    x, y, z = np.array([receptor.x_m]), np.array([receptor.y_m]), receptor.height_m
    peak = float(solution.peak(x, y, z, PEAK_S)[0])
    reached = [one.id for one in levels if float(one.reached(solution, x, y, z)[0]) >= 1]
    lowest = levels[0].criteria[0].threshold_kg_m3
    at = receptor.x_m, receptor.y_m
    times, outdoor = looks(solution, *at, z)
    when = when_above(solution, at, z, lowest, (times, outdoor)) if peak > 0 else None
    indoor = None
    if receptor.ach is not None:
        indoor = indoors(times, outdoor, (Airing(0.0, receptor.ach),))
    load = None if gas.toxic_n is None else toxic_load(solution, x, y, z, gas.toxic_n)
    fraction = None
    if engineering and gas.probit is not None:
        fraction = death_fraction(solution, x, y, z, gas.probit)
    last = reached[-1] if reached else ""
    return Place(receptor, peak, last, when, times, outdoor, indoor, load, fraction)


def _flammable(gas: Substance, solution: Solution, built: Built) -> FlammableMass | None:
    if gas.lel_fraction is None or gas.uel_fraction is None:
        return None
    air = built.appraisal.weather
    lower, upper = (
        mg_m3(fraction * 1e6, gas, air.temperature_k, air.pressure_pa) * 1e-6
        for fraction in (gas.lel_fraction, gas.uel_fraction)
    )
    if not math.isfinite(upper):
        return None
    return greatest_mass(solution, Limits(lower, upper))
