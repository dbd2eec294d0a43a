"""The chain: emissions and a series of weathers in, one answer out, by the models that fit.

Each emission is judged by `choice` in the weather it begins in. A dense one is solved by the
shallow-layer model, a passive one by puffs that follow the wind, one near the border by both: the
answer's `solution` covers both (zones), its `inference` is their mean. In calm air no plume has a
direction: the answer is the calm's circle. Emissions of one release add up.

A plume near the ground deepens and comes into faster wind; puffs have one speed a weather. It is
that which brings surface-layer theory's plume 1 km far (`passive.similarity.upward`): at the
ground's own wind they would come four times too late and too thick.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from edge.dispersion.calm import HORIZON_S, circle
from edge.dispersion.choice import Choice, Family, choose, strongest
from edge.dispersion.combine import Envelope, Mean, Together
from edge.dispersion.dense.solve import solve as dense
from edge.dispersion.emission import Emission, Kind, Step
from edge.dispersion.notes import Note, RefusedError
from edge.dispersion.passive.plume.steady import solve as plume
from edge.dispersion.passive.puff.moving import Settings
from edge.dispersion.passive.puff.moving import solve as puffs
from edge.dispersion.passive.sigma.sets import SETS
from edge.dispersion.passive.similarity.upward import track
from edge.dispersion.solution import Solution
from edge.dispersion.weather.profile import wind_of
from edge.dispersion.weather.weather import Weather
from edge.substance.fluid import Fluid

Series = Sequence[tuple[float, Weather]]  # from [s since the release began], weather; from 0 on
SPREADS, INSTANT_SPREADS = "similarity", "ccps-puff"
REFERENCE_M = 10.0
CARRIED_M = 1000.0
SHORT_S = 18.75  # the shortest mean that any level has (`consequence.levels`)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a release: for zones, for inference, and how the models were chosen.

    `choices` stand in the order of the emissions; none in calm air.
    """

    solution: Solution
    inference: Solution
    choices: tuple[Choice, ...]
    notes: tuple[Note, ...]


def solve(
    emissions: Sequence[Emission],
    series: Series,
    fluid: Fluid,
    *,
    calm: bool = False,
    standing: Family | None = None,
    horizon_s: float | None = None,
) -> Answer:
    """Return the answer for `emissions` of `fluid` in `series`.

    `standing` is the family that this incident has so far; `horizon_s` [s] how long passive gas is
    followed (None: as the puffs decide). Raises `RefusedError` with what no model has an answer
    for.
    """
    if not emissions:
        raise RefusedError("dispersion.refused.chain.nothing", substance=fluid.id)
    if not series:
        raise RefusedError("dispersion.refused.chain.weather")
    if calm:
        air = _fastest(series, HORIZON_S)
        still = tuple(circle(emission, air, fluid) for emission in emissions)
        whole = _one(still)
        return Answer(whole, whole, (), whole.notes)
    parts = [_part(emission, series, fluid, standing, horizon_s) for emission in emissions]
    solution = _one(tuple(part.solution for part in parts))
    inference = _one(tuple(part.inference for part in parts))
    notes = {str(note): note for part in parts for note in part.notes}
    notes |= {str(note): note for note in solution.notes}
    choices = tuple(choice for part in parts for choice in part.choices)
    return Answer(solution, inference, choices, tuple(notes.values()))


def _part(
    emission: Emission,
    series: Series,
    fluid: Fluid,
    standing: Family | None,
    horizon_s: float | None,
) -> Answer:
    """Return the answer for one emission."""
    first = _weather_at(series, emission.steps[0].start_s if emission.steps else 0.0)
    lumps = lumped(emission, SHORT_S)  # what both of these ask is the strongest step
    choice = choose(lumps, fluid, first, wind_of(first, REFERENCE_M), standing)
    families = set(Family) if choice.both else {choice.family}
    found: list[Solution] = []
    notes = [choice.note, *emission.notes]
    if choice.regulator is not choice.family:
        notes.append(Note(f"dispersion.note.choice.regulator-{choice.regulator.value}"))
    if Family.DENSE in families:
        found.append(dense(lumps, first, fluid))
        if len(series) > 1:
            notes.append(Note("dispersion.note.chain.one-wind"))
    if Family.PASSIVE in families:
        found.append(_passive(emission, series, fluid, horizon_s))
    both = tuple(found)
    worst = both[0] if len(both) == 1 else Envelope(both)
    middle = both[0] if len(both) == 1 else Mean(both)
    return Answer(worst, middle, (choice,), tuple(notes))


def _passive(emission: Emission, series: Series, fluid: Fluid, horizon_s: float | None) -> Solution:
    """Return the passive solution: in one wind the plume's closed form, else puffs that follow."""
    instant = emission.kind is Kind.INSTANT
    if len(series) == 1 and not instant:
        return plume(emission, series[0][1], fluid.molar_mass_kg_mol, SPREADS)
    spreads = SETS[INSTANT_SPREADS if instant else SPREADS]
    return puffs(emission, series, spreads, carried, Settings(horizon_s=horizon_s))


@lru_cache(maxsize=256)
def carried(weather: Weather, height_m: float) -> float:
    """Return the wind [m/s] that carries gas released at `height_m` [m] through its first 1 km.

    Raises `RefusedError` for air without wind.
    """
    path = track(weather, height_m, CARRIED_M)
    return float(path.x_m[-1] / path.time_s[-1])


def _weather_at(series: Series, t_s: float) -> Weather:
    """Return the weather that holds at `t_s` [s]."""
    return [weather for from_s, weather in series if from_s <= max(t_s, series[0][0])][-1]


def _fastest(series: Series, until_s: float) -> Weather:
    """Return the weather with the most wind until `until_s` [s]: what a bound must reckon with."""
    felt = [weather for from_s, weather in series if from_s <= max(until_s, series[0][0])]
    return max(felt, key=lambda weather: wind_of(weather, REFERENCE_M))


def _one(parts: tuple[Solution, ...]) -> Solution:
    return parts[0] if len(parts) == 1 else Together(parts)


def strongest_step(emission: Emission) -> Step:
    """Return what a release is like at its strongest, moments shorter than any mean left aside."""
    return strongest(lumped(emission, SHORT_S))


def lumped(emission: Emission, least_s: float) -> Emission:
    """Return `emission` with its steps joined to at least `least_s` [s] each, mass for mass.

    A pool's first wetting lasts moments, and no level's mean is as short: its rate must not stand
    for the release. What a joined step is like is the mean by mass; a short rest joins the last.
    """
    if emission.kind is Kind.INSTANT or len(emission.steps) < 2:
        return emission
    groups: list[list[Step]] = [[]]
    for step in emission.steps:
        if groups[-1] and groups[-1][-1].end_s - groups[-1][0].start_s >= least_s:
            groups.append([])
        groups[-1].append(step)
    if len(groups) > 1 and groups[-1][-1].end_s - groups[-1][0].start_s < least_s:
        rest = groups.pop()
        groups[-1] += rest
    return replace(emission, steps=tuple(_joined(group) for group in groups))


def _joined(steps: Sequence[Step]) -> Step:
    """Return steps that follow each other as one."""
    if len(steps) == 1:
        return steps[0]
    start, end = steps[0].start_s, steps[-1].end_s
    masses = [step.rate_kg_s * (step.end_s - step.start_s) for step in steps]
    mass = sum(masses)
    shares = [one / mass for one in masses] if mass > 0 else [1 / len(steps)] * len(steps)

    def mean(of: Callable[[Step], float]) -> float:
        return sum(share * of(step) for share, step in zip(shares, steps, strict=True))

    return Step(
        start,
        end,
        mass / (end - start),
        mean(lambda step: step.temperature_k),
        mean(lambda step: step.area_m2),
        mean(lambda step: step.velocity_m_s),
        mean(lambda step: step.liquid_fraction),
    )


def turned(series: Series, by_deg: float, speed: float = 1.0) -> Series:
    """Return `series` with its wind turned by `by_deg` [deg] and `speed` times as strong.

    For ensembles; u* grows with the speed, the stability stays.
    """
    return [
        (
            from_s,
            replace(
                weather,
                from_deg=(weather.from_deg + by_deg) % 360,
                speed_m_s=weather.speed_m_s * speed,
                friction_m_s=weather.friction_m_s * speed,
            ),
        )
        for from_s, weather in series
    ]
