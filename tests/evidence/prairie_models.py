"""What each model says of Prairie Grass: tables of arc maxima, areas, and what physics buys."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from edge.dispersion.passive.plume import set_plume, similarity_plume
from edge.dispersion.passive.plume.briggs import gaussian, wind_frame
from edge.dispersion.passive.plume.similarity_plume import Terms
from edge.dispersion.passive.sigma.briggs import sigma_y, sigma_z, vane_sigma_y
from edge.dispersion.passive.sigma.sets import SETS
from edge.dispersion.weather import similarity
from edge.dispersion.weather.pasquill import pasquill_class
from edge.dispersion.weather.profile import wind_at
from edge.dispersion.weather.weather import Weather
from tests.evidence.prairie_data import (
    GRASS,
    MAST_M,
    PRESSURE_PA,
    SUMMER_K,
    Run,
    arcs,
    park,
    runs,
    samplers,
    skies,
)  # fmt: skip
from tests.evidence.scores import Floats

FARTHEST_M = 1000.0
PPM = 64.066e-3 * PRESSURE_PA / (8.314462618 * SUMMER_K)  # mg/m3 of 1 ppm SO2
THRESHOLDS_MG_M3 = (0.20 * PPM, 0.75 * PPM, 30 * PPM)  # AEGL-1, 2, 3 of SO2, 10 min


@dataclass(frozen=True, slots=True)
class Table:
    """Arc maxima: observed, and what a model gives [mg/m3]; widths [m]; which run and arc."""

    run: np.ndarray
    x_m: Floats
    stable: np.ndarray
    observed: Floats
    ours: Floats
    observed_y_m: Floats
    ours_y_m: Floats

    def part(self, which: np.ndarray) -> Table:
        """Return the rows of `which`."""
        return Table(
            self.run[which], self.x_m[which], self.stable[which], self.observed[which],
            self.ours[which], self.observed_y_m[which], self.ours_y_m[which],
        )  # fmt: skip


def table_of(model: Callable[[Run, Floats], tuple[Floats, Floats]]) -> Table:
    """Return the table of a model that gives arc maxima [mg/m3] and sigma_y [m] of a run."""
    known, rows = runs(), arcs()
    found: dict[int, tuple[Floats, Floats, Floats]] = {}
    for number, run in known.items():
        x = np.array([arc.x_m for arc in rows if arc.run == number])
        found[number] = (x, *model(run, x))
    at = [(arc, int(np.nonzero(found[arc.run][0] == arc.x_m)[0][0])) for arc in rows]
    return Table(
        np.array([arc.run for arc in rows]),
        np.array([arc.x_m for arc in rows]),
        np.array([known[arc.run].stable for arc in rows]),
        np.array([arc.most_mg_m3 for arc in rows]),
        np.array([found[arc.run][1][i] for arc, i in at]),
        np.array([arc.sigma_y_m for arc in rows]),
        np.array([found[arc.run][2][i] for arc, i in at]),
    )


def _similarity(run: Run, weather: Weather, x: Floats, terms: Terms) -> tuple[Floats, Floats]:
    plume = similarity_plume.build(weather, run.source_m, terms, FARTHEST_M)
    axis = plume.unit(x, np.zeros(x.shape), run.sampler_m)
    return run.rate_mg_s * axis, plume.sigma_y(x)


@cache
def research() -> Table:
    """Return similarity with measured u*, L, sigma_theta and 2 m wind."""
    terms = Terms(uptake=GRASS)
    return table_of(lambda run, x: _similarity(run, run.weather, x, terms))


@cache
def operational() -> Table:
    """Return similarity with a park's inputs: the mean over every cloud cover."""

    def model(run: Run, x: Floats) -> tuple[Floats, Floats]:
        each = [_similarity(run, air, x, Terms()) for air in skies(run)]
        return np.mean([c for c, _ in each], axis=0), np.mean([sy for _, sy in each], axis=0)

    return table_of(model)


@cache
def careful() -> Table:
    """Return similarity with a park's inputs and the one stability that a zone is drawn with."""
    return table_of(lambda run, x: _similarity(run, park(run).weather, x, Terms()))


def _briggs(run: Run, letter: str, speed: float, x: Floats) -> tuple[Floats, Floats]:
    sy, sz = sigma_y(x, letter), sigma_z(x, letter)
    z = np.full(x.shape, run.sampler_m)
    return run.rate_mg_s * gaussian(1.0, speed, run.source_m, np.zeros(x.shape), z, sy, sz), sy


@cache
def briggs_research() -> Table:
    """Return the textbook plume: Briggs' curves, Golder's class of 1/L, the 2 m wind."""

    def model(run: Run, x: Floats) -> tuple[Floats, Floats]:
        return _briggs(run, run.letter, run.weather.speed_m_s, x)

    return table_of(model)


@cache
def briggs_operational() -> Table:
    """Return Briggs' curves with a park's inputs: Turner's class, the power law to 2 m."""

    def model(run: Run, x: Floats) -> tuple[Floats, Floats]:
        found = park(run)
        speed = found.weather.speed_m_s
        letter = pasquill_class(speed, found.sun_elevation_deg)
        return _briggs(run, letter, wind_at(speed, MAST_M, run.source_m, letter), x)

    return table_of(model)


def gains(ours: Table, other: Table) -> Floats:
    """Return how much nearer we are than `other`, in |ln(Co / Cp)|, for each arc."""
    far = np.abs(np.log(other.observed / other.ours))
    return far - np.abs(np.log(ours.observed / ours.ours))


@cache
def area() -> tuple[float, float]:
    """Return hit / (hit + miss) and false / (hit + miss) of samplers over all thresholds.

    A sampler counts as hit where both it and the operational plume are above the threshold.
    """
    hit = miss = false = 0
    for run in runs().values():
        east, north, seen = samplers(run.number)
        down, cross = wind_frame(east, north, run.weather.from_deg)
        there = np.zeros(east.shape)
        front = down > 0
        airs = skies(run)
        for air in airs:
            plume = similarity_plume.build(air, run.source_m, Terms(), FARTHEST_M)
            there[front] += plume.unit(down[front], cross[front], run.sampler_m)
        there *= run.rate_mg_s / len(airs)
        for threshold in THRESHOLDS_MG_M3:
            above, drawn = seen >= threshold, there >= threshold
            hit += int(np.sum(above & drawn))
            miss += int(np.sum(above & ~drawn))
            false += int(np.sum(~above & drawn))
    return hit / (hit + miss), false / (hit + miss)


@cache
def ablations() -> dict[str, Table]:
    """Return what is left when one piece of physics is taken away, research inputs."""
    whole = Terms(uptake=GRASS)

    def air(change: dict[str, float | None]) -> Table:
        return table_of(
            lambda run, x: _similarity(run, replace(run.weather, **change), x, whole)  # pyright: ignore[reportArgumentType] -- fields by name
        )

    return {
        "all of it": research(),
        "no uptake by the grass": table_of(
            lambda run, x: _similarity(run, run.weather, x, Terms())
        ),
        "no lid": air({"mixing_height_m": math.inf}),
        "sigma_theta not measured": air({"sigma_theta_deg": None}),
        "neutral air": table_of(lambda run, x: _similarity(run, _neutral(run), x, whole)),
        "Gaussian of the similarity set": table_of(lambda run, x: _set(run, "similarity", x)),
        "Draxler's sigma_y": table_of(_draxler),
        "AFTOX's set": table_of(lambda run, x: _set(run, "aftox", x)),
        "Briggs, class of 1/L, 2 m wind": briggs_research(),
    }


def _neutral(run: Run) -> Weather:
    air = run.weather
    friction = similarity.friction_velocity(air.speed_m_s, air.height_m, air.roughness_m, 0.0)
    return replace(air, inverse_length_1_m=0.0, friction_m_s=friction, stability=3.5)


def _set(run: Run, name: str, x: Floats) -> tuple[Floats, Floats]:
    terms = Terms(uptake=GRASS)
    plume = set_plume.build(SETS[name], run.weather, run.source_m, terms, FARTHEST_M)
    axis = plume.unit(x, np.zeros(x.shape), run.sampler_m)
    return run.rate_mg_s * axis, plume.sigma_y(x)


def _draxler(run: Run, x: Floats) -> tuple[Floats, Floats]:
    """Return the vertical of similarity with sigma_theta x / (1 + 0.9 (t / 1000 s)^1/2) aside."""
    air = run.weather
    plume = similarity_plume.build(air, run.source_m, Terms(uptake=GRASS), FARTHEST_M)
    sy = vane_sigma_y(x, air.speed_m_s, math.radians(air.sigma_theta_deg or 0.0))
    whole = plume.integrated(x, run.sampler_m)
    return run.rate_mg_s * whole / (math.sqrt(2 * math.pi) * sy), sy
