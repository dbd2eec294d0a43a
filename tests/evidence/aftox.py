"""AFTOX 4.1's own numbers against ours: the same equations, put together as AFTOX puts them.

AFTOX sums puffs where a release is finite or reaches the lid: 20 a minute, 4 for a release of 15 s,
all with the spreads of the receptor's distance, and with no more than 200 images of the lid (all
puffs but the first, which is well mixed by then). That sum is written here; spreads, plume and
vertical profile are ours.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping

import numpy as np

from edge.dispersion.passive.plume.briggs import gaussian
from edge.dispersion.passive.sigma.aftox import AftoxSet
from edge.dispersion.passive.sigma.averaging import POWER
from edge.dispersion.passive.vertical import vertical
from edge.dispersion.weather.weather import Weather
from tests.evidence.case import REFERENCE, VERIFICATION, Case

CHAPTER, TITLE = VERIFICATION, "AFTOX 4.1: concentrations and spreads"
POINTS = REFERENCE / "dispersion" / "aftox" / "aftox_points.csv"
BAND = 0.01
NO_LID, FOREVER_MIN = 10_000.0, 10_000.0
PLUME_TO = 0.47  # sigma_z over lid up to which AFTOX keeps its plume
SEEN_SIGMAS = 4.0
SHORT_MIN = 0.25
IMAGES = 200
LEAST_MG_M3 = 1e-9  # below, AFTOX's single precision and cut-offs speak


def cases() -> list[Case]:
    """Return sigma_y, sigma_z and the concentration of every row that has one."""
    with POINTS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found: list[Case] = []
    for row in rows:
        at = {key: float(value) for key, value in row.items() if key != "id"}
        sy, sz = spreads(at)
        where = f"x {at['x_m']:g} m, s {at['stability_param']:g}"
        found.append(Case(row["id"], f"sigma_y, {where}", at["sigma_y_m"], sy, "m", BAND))
        found.append(Case(row["id"], f"sigma_z, {where}", at["sigma_z_m"], sz, "m", BAND))
        if at["c_mg_m3"] > LEAST_MG_M3:
            ours = concentration(at, sy, sz)
            found.append(Case(row["id"], f"c, {where}", at["c_mg_m3"], ours, "mg/m3", BAND))
    return found


def figures() -> dict[str, float | None]:
    """Return the largest difference of all rows."""
    if not POINTS.is_file():
        return {"aftox_max_rel": None}
    return {"aftox_max_rel": max(case.error for case in cases())}


def spreads(at: Mapping[str, float]) -> tuple[float, float]:
    """Return sigma_y and sigma_z [m] of one row, with virtual distance and averaging time."""
    sigmas = AftoxSet(stepped=True, meander=at["avg_time_min"] > 1)
    weather = Weather(
        speed_m_s=at["u10_m_s"], height_m=10, from_deg=270, temperature_k=290, pressure_pa=1e5,
        humidity=0.5, roughness_m=at["z0_cm"] / 100, friction_m_s=0.3, inverse_length_1_m=0,
        stability=at["stability_param"], mixing_height_m=math.inf,
    )  # fmt: skip
    scale = (at["avg_time_min"] / 10) ** POWER
    near = float(sigmas.sigmas(np.array([at["source_width_m"]]), weather)[0][0]) * scale
    power = math.log(at["source_width_m"] / 4.3 / near) / 0.9  # sigma_y goes with x^0.9
    virtual = at["source_width_m"] * math.exp(power)
    sy, _ = sigmas.sigmas(np.array([at["x_m"] + virtual]), weather)
    _, sz = sigmas.sigmas(np.array([at["x_m"]]), weather)
    return float(sy[0]) * scale, float(sz[0])


def concentration(at: Mapping[str, float], sy: float, sz: float) -> float:
    """Return the concentration [mg/m3] of one row."""
    lid = math.inf if at["mixing_height_m"] == NO_LID else at["mixing_height_m"]
    steady = at["t_min"] <= at["release_duration_min"] and at["release_duration_min"] > SHORT_MIN
    if steady and sz < PLUME_TO * lid:
        if at["x_m"] + sy > 60 * at["t_min"] * at["u10_m_s"]:
            return 0.0
        rate = at["Q_g_min"] * 1000 / 60
        y, z = np.array([at["y_m"]]), np.array([at["z_m"]])
        found = gaussian(rate, at["u10_m_s"], at["h_m"], y, z, np.array([sy]), np.array([sz]))
        return float(found[0])
    return _puff_sum(at, sy, sz, lid)


def _puff_sum(at: Mapping[str, float], sy: float, sz: float, lid: float) -> float:
    speed, emits_min = at["u10_m_s"], at["release_duration_min"]
    a_minute = 4 if emits_min == SHORT_MIN else 20
    count, apart = int(emits_min * a_minute + 0.5), 60 / a_minute
    age, first = 60 * at["t_min"], 1
    oldest = (at["x_m"] + SEEN_SIGMAS * sy) / speed
    youngest = max((at["x_m"] - SEEN_SIGMAS * sy) / speed, 0.0)
    if at["t_min"] == FOREVER_MIN:
        age = oldest
    if age > oldest:
        first = int((age - oldest) / apart)
        age = oldest
    up = float(vertical(np.array([at["z_m"]]), at["h_m"], np.array([sz]), lid)[0])
    across = math.exp(-0.5 * (at["y_m"] / sy) ** 2)
    seen = math.erf(2 * lid * (IMAGES + 0.5) / sz / math.sqrt(2))
    total = 0.0
    for k in range(first, count + 1):
        puff = math.exp(-0.5 * ((at["x_m"] - speed * age) / sy) ** 2)
        total += puff if k == first else puff * seen
        age -= apart
        if age < youngest:
            break
    mass_mg = at["Q_g_min"] * 1000 / a_minute
    return mass_mg / (2 * math.pi * sy * sy) * total * across * up
