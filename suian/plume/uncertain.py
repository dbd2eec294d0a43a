"""How far the answer may be off: the scenario many times, its inputs drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from edge.dispersion import chain
from edge.dispersion.combine import Mean
from edge.dispersion.consequence.direction import sigma_theta_deg
from edge.dispersion.consequence.levels import Level
from edge.dispersion.emission import Emission
from edge.dispersion.ensemble import (
    Band,
    Choice,
    Distribution,
    Ensemble,
    LogNormal,
    Measure,
    Normal,
    latin_hypercube,
    run,
)
from edge.dispersion.isopleth import Isopleth
from edge.dispersion.solution import Floats, Solution, peaks
from edge.dispersion.weather.stability import LEAST, MOST
from edge.dispersion.weather.station import with_stability
from edge.substance.fluid import Fluid
from suian.plume.build import NOWHERE_LAT_DEG, Built
from suian.plume.scenario import PlumeScenario, Uncertainty

SHARES = (0.05, 0.5, 0.95)
LIKELY = (0.9, 0.5, 0.1)  # outlines of the probability map
MODELS = "model"
SMALL, MOST_KEPT = 5000, 2000  # points of a look that is kept, and how many looks are


@dataclass(frozen=True, slots=True)
class Likely:
    """A level's reach [m] at 5, 50, 95 % of the members, and where it is reached how often."""

    level: Level
    band: Band
    outlines: tuple[tuple[float, Isopleth], ...]


@dataclass(frozen=True, slots=True)
class Uncertain:
    """What the ensemble says of each level; its notes say how many members gave an answer."""

    ensemble: Ensemble
    likely: tuple[Likely, ...]


def uncertain(
    scenario: PlumeScenario,
    part: Uncertainty,
    built: Built,
    emissions: tuple[Emission, ...],
    gas: Fluid,
    levels: tuple[Level, ...],
) -> Uncertain:
    """Return the ensemble of a scenario. Raises `RefusedError` where most members refuse."""
    air = built.appraisal.weather
    direction = part.direction_deg
    inputs: dict[str, Distribution] = {
        "turn_deg": Normal(0.0, sigma_theta_deg(air) if direction is None else direction),
        "speed": LogNormal(1.0, 1 + part.speed_pct / 100),
        "rate": LogNormal(1.0, 1 + part.rate_pct / 100),
        "stability": Normal(air.stability, part.stability),
        MODELS: Choice((1.0, 1.0)),
    }
    samples = latin_hypercube(inputs, part.members, part.seed)

    def member(sample: Mapping[str, float]) -> Solution:
        return _member(scenario, built, emissions, gas, sample)

    found = run(member, samples)
    looks = _Looks(levels, scenario.height_m)
    likely = tuple(_likely(found, level, looks) for level in levels)
    return Uncertain(found, likely)


class _Looks:
    """The members' greatest means, kept for points that are looked at again.

    Every outline of every level begins with the same star of points; for puffs a look is slow.
    """

    def __init__(self, levels: Sequence[Level], z_m: float) -> None:
        times = {one.averaging_s for level in levels for one in level.binding()}
        self.times_s, self.z_m = tuple(sorted(times)), z_m
        self.kept: dict[tuple[int, bytes, bytes], Floats] = {}

    def of(self, level: Level) -> Measure:
        """Return the measure of how many times over `level` is reached."""

        def measure(solution: Solution, x: Floats, y: Floats) -> Floats:
            if x.size > SMALL:  # of no use to another level: its own times are enough
                return level.reached(solution, x, y, self.z_m)
            means = self._means(solution, x, y)
            return level.share(lambda times: means[[self.times_s.index(t) for t in times]])

        return measure

    def _means(self, solution: Solution, x: Floats, y: Floats) -> Floats:
        key = id(solution), x.tobytes(), y.tobytes()
        if key in self.kept:
            return self.kept[key]
        means = peaks(solution, x, y, self.z_m, self.times_s)
        if len(self.kept) < MOST_KEPT:
            self.kept[key] = means
        return means


def _member(
    scenario: PlumeScenario,
    built: Built,
    emissions: tuple[Emission, ...],
    gas: Fluid,
    sample: Mapping[str, float],
) -> Solution:
    """Return one member's solution; near the border of the families, one of the two by lot."""
    lat = scenario.origin.lat_deg if scenario.origin else NOWHERE_LAT_DEG
    shift = sample["stability"] - built.appraisal.weather.stability
    series = [
        (at, with_stability(weather, min(max(weather.stability + shift, LEAST), MOST), lat))
        for at, weather in chain.turned(built.series, sample["turn_deg"], sample["speed"])
    ]
    scaled = [_scaled(emission, sample["rate"]) for emission in emissions]
    answer = chain.solve(scaled, series, gas, calm=built.appraisal.calm)
    if isinstance(answer.inference, Mean):
        return answer.inference.parts[int(sample[MODELS])]
    return answer.inference


def _scaled(emission: Emission, by: float) -> Emission:
    steps = tuple(replace(step, rate_kg_s=step.rate_kg_s * by) for step in emission.steps)
    return replace(emission, steps=steps, mass_kg=emission.mass_kg * by)


def _likely(found: Ensemble, level: Level, looks: _Looks) -> Likely:
    measure = looks.of(level)
    band = found.distances(measure, 1.0, SHARES)
    outlines = tuple((share, found.zone(measure, 1.0, share)) for share in LIKELY)
    return Likely(level, band, outlines)
