"""Project Prairie Grass (1956) as the models are given it: with research inputs, and with a park's.

The reference's u* and L were derived with k = 0.35: at 2 m the measured wind is u* / 0.359 times
the profile's bracket on the mean (z0 = 0.008 m; 0.378 at 0.006 m), not u* / 0.40. The same profiles
told with k = 0.40 have L times 11.6 / 9, by which Hoegstroem (1988) took Businger's functions from
k = 0.35 to 0.40; u* then follows from the measured 2 m wind. z0 = 0.006 m. SO2 is taken up by
grass: r_c = 100 s/m (Garland 1977).
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import numpy as np

from edge.dispersion.passive.similarity.deposition import SO2_OVER_GRASS_S_M, Uptake
from edge.dispersion.weather import similarity
from edge.dispersion.weather.stability import stability_of
from edge.dispersion.weather.station import Appraisal, Observation, appraise
from edge.dispersion.weather.weather import Weather
from tests.evidence.case import REFERENCE

FOLDER = REFERENCE / "field" / "prairie_grass"
ROUGHNESS_M, SPEED_AT_M, MAST_M = 0.006, 2.0, 10.0
LENGTHS = 11.6 / 9.0  # L at k = 0.40 over L at k = 0.35
LATITUDE_DEG, LONGITUDE_DEG = 42.49, -98.57  # O'Neill, Nebraska
CENTRAL = timezone(timedelta(hours=-6))
SUMMER_K, PRESSURE_PA = 295.0, 95_000.0  # the table has neither: typical of the place and season
GRASS = Uptake(SO2_OVER_GRASS_S_M)


@dataclass(frozen=True, slots=True)
class Run:
    """A 10 min release: rate [mg/s], heights [m], research weather, clock [ns], Golder's class."""

    number: int
    rate_mg_s: float
    source_m: float
    sampler_m: float
    weather: Weather
    utc_ns: int
    letter: str

    @property
    def stable(self) -> bool:
        """Whether the ground cools the air."""
        return self.weather.inverse_length_1_m > 0


@dataclass(frozen=True, slots=True)
class Arc:
    """What one arc showed: its greatest value [mg/m3] and second-moment width [m]."""

    run: int
    x_m: float
    most_mg_m3: float
    sigma_y_m: float


def runs() -> dict[int, Run]:
    """Return the runs that have a weather."""
    found: dict[int, Run] = {}
    for row in _rows("runs.csv"):
        if row["ustar_m_s"]:
            number = int(row["run"])
            found[number] = Run(
                number, 1000 * float(row["q_g_s"]), float(row["source_height_m"]),
                float(row["sampler_height_m"]), _research(row), _clock_ns(row),
                row["pasquill_golder"],
            )  # fmt: skip
    return found


def arcs() -> list[Arc]:
    """Return the arcs of the runs that have a weather."""
    known = runs()
    return [
        Arc(int(row["run"]), float(row["arc_m"]), float(row["cmax_mg_m3"]), float(row["sigma_y_m"]))
        for row in _rows("arc_summary.csv")
        if int(row["run"]) in known
    ]


def samplers(run: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return east, north [m] and concentration [mg/m3] of a run's samplers."""
    every = _rows("arc_samplers.csv")
    rows = [row for row in every if int(row["run"]) == run and row["conc_mg_m3"]]
    columns = ("x_east_m", "y_north_m", "conc_mg_m3")
    east, north, value = (np.array([float(row[name]) for row in rows]) for name in columns)
    return east, north, value


def park(run: Run, cloud_eighths: float | None = None) -> Appraisal:
    """Return the weather of what a park has: one 10 m wind, the temperature, the clock."""
    air = run.weather
    speed = similarity.wind_speed(air.friction_m_s, MAST_M, air.roughness_m, air.inverse_length_1_m)
    seen = Observation(
        speed, MAST_M, air.from_deg, SUMMER_K, LATITUDE_DEG, LONGITUDE_DEG, run.utc_ns,
        roughness_m=ROUGHNESS_M, pressure_pa=PRESSURE_PA, cloud_eighths=cloud_eighths,
    )  # fmt: skip
    return appraise(seen)


def skies(run: Run) -> list[Weather]:
    """Return the weathers under every cloud cover, 0 to 8 eighths: unknown, so equally likely."""
    return [park(run, float(eighths)).weather for eighths in range(9)]


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _research(row: dict[str, str]) -> Weather:
    over_l = 1 / (float(row["obukhov_L_m"]) * LENGTHS)
    speed = float(row["wind_speed_2m_m_s"])
    friction = similarity.friction_velocity(speed, SPEED_AT_M, ROUGHNESS_M, over_l)
    return Weather(
        speed, SPEED_AT_M, float(row["wind_from_deg"]), SUMMER_K, PRESSURE_PA, 0.5, ROUGHNESS_M,
        friction, over_l, stability_of(over_l, ROUGHNESS_M),
        float(row["mixing_height_m"] or math.inf), float(row["sigma_theta_deg"]),
    )  # fmt: skip


def _clock_ns(row: dict[str, str]) -> int:
    """Return the middle of the release."""
    start = row["time_cst"].split("-")[0]
    text = f"{row['date_cst'][:-2]}19{row['date_cst'][-2:]} {start}"
    begun = datetime.strptime(text, "%m/%d/%Y %H%M").replace(tzinfo=CENTRAL)
    return int((begun + timedelta(minutes=5)).timestamp()) * 1_000_000_000
