"""Tables of published formulas: sigma sets, plumes, Palazzi's finite release, a book's number."""

from __future__ import annotations

import csv
import json
import math

import numpy as np

from edge.dispersion.arrays import Floats
from edge.dispersion.passive.plume.briggs import gaussian
from edge.dispersion.passive.plume.finite import passing
from edge.dispersion.passive.sigma.face import LETTER_AT
from edge.dispersion.passive.sigma.sets import SETS
from edge.dispersion.passive.vertical import vertical
from edge.dispersion.weather.weather import Weather
from tests.evidence.case import REFERENCE, VERIFICATION, Case

CHAPTER, TITLE = VERIFICATION, "Gaussian tables: sigma sets, plume, finite release"
TABLES = REFERENCE / "dispersion" / "gaussian"
BAND = 0.01
NAMES = {
    "briggs_rural": "briggs-rural",
    "briggs_urban": "briggs-urban",
    "isc3_pg_rural": "isc3",
    "tno_plume": "tno",
    "ccps_puff": "ccps-puff",
}
LEAST_SHARE = 1e-9  # of a steady plume: below, nothing has arrived


def cases() -> list[Case]:
    """Return every row of a set that we have."""
    return [*_sigmas(), *_plumes(), *_palazzi(), *_stated()]


def figures() -> dict[str, float | None]:
    """Return the largest difference of all rows."""
    if not TABLES.is_dir():
        return {"gaussian_max_rel": None}
    return {"gaussian_max_rel": max(case.error for case in cases())}


def spreads(name: str, letter: str, x_m: float) -> tuple[Floats, Floats]:
    """Return sigma_y and sigma_z (1,) [m] of the reference's set `name`."""
    air = Weather(3, 10, 270, 290, 1e5, 0.5, 0.1, 0.3, 0, LETTER_AT[letter], math.inf)
    return SETS[NAMES[name]].sigmas(np.array([x_m]), air)


def _rows(name: str) -> list[dict[str, str]]:
    with (TABLES / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _sigmas() -> list[Case]:
    found: list[Case] = []
    for row in _rows("sigma.csv"):
        if row["set"] in NAMES:
            where = f"{row['class']}, {row['x_m']} m"
            pair = spreads(row["set"], row["class"], float(row["x_m"]))
            for axis, ours in zip("yz", pair, strict=True):
                wanted = float(row[f"sigma_{axis}_m"])
                name = f"{row['set']} sigma_{axis}"
                found.append(Case(name, where, wanted, float(ours[0]), "m", BAND))
    return found


def _plumes() -> list[Case]:
    found: list[Case] = []
    for row in _rows("plume.csv"):
        if row["set"] not in NAMES or float(row["c_kg_m3"]) <= 0:
            continue
        sy, sz = spreads(row["set"], row["class"], float(row["x_m"]))
        y, z = np.array([float(row["y_m"])]), np.array([float(row["z_m"])])
        rate, speed, height = float(row["Q_kg_s"]), float(row["u_m_s"]), float(row["h_m"])
        up = vertical(z, height, sz, math.inf)
        ours = rate / speed * up * np.exp(-0.5 * (y / sy) ** 2) / (math.sqrt(2 * math.pi) * sy)
        where = f"{row['class']}, {row['x_m']} m"
        wanted = float(row["c_kg_m3"])
        found.append(
            Case(f"{row['set']} plume {row['id']}", where, wanted, float(ours[0]), "kg/m3", BAND)
        )
    return found


def _palazzi() -> list[Case]:
    """Return the finite releases: sigma_x at the receptor, or ("tno") at the cloud gone past it."""
    found: list[Case] = []
    for row in _rows("finite_duration_palazzi.csv"):
        rule, name = row["sigma_x_rule"], row["set"].split(" ")[0]
        if rule not in ("default", "tno"):
            continue
        x, speed, t_s = float(row["x_m"]), float(row["u_m_s"]), float(row["t_s"])
        sy, sz = spreads(name, row["class"], x)
        gone = rule == "tno" and t_s > float(row["duration_s"])
        along = spreads(name, row["class"], speed * t_s)[0] if gone else sy
        share = passing(
            np.array([t_s]), float(row["duration_s"]), np.array([x]), np.array([speed]), along
        )
        y, z = np.array([float(row["y_m"])]), np.array([float(row["z_m"])])
        steady = gaussian(float(row["Q_kg_s"]), speed, float(row["h_m"]), y, z, sy, sz)
        wanted, ours = float(row["c_kg_m3"]), float((steady * share)[0])
        if wanted > LEAST_SHARE * float(steady[0]):
            where = f"{row['class']}, {x:g} m, {t_s:g} s"
            found.append(Case(f"palazzi {rule} {row['id']}", where, wanted, ours, "kg/m3", BAND))
    return found


def _stated() -> list[Case]:
    """Return CCPS (1999) p. 97 as GasDispersion.jl's tests state it, with the book's spreads."""
    text = (TABLES / "gasdispersion_expectations.json").read_text(encoding="utf-8")
    entry = next(e for e in json.loads(text)["entries"] if e["id"] == "plume_ccps_p97")
    x = 500.0
    sy = np.array([0.0674 * x**0.9])
    sz = np.array([0.01122 * x**1.4024 * math.exp(-0.0540 * math.log(x) ** 2)])
    ours = gaussian(0.1, 2.0, 0.0, np.zeros(1), np.zeros(1), sy, sz)
    wanted = entry["expected"]["c_kg_m3(500,0,0)"]
    return [Case("CCPS 1999 p. 97", "F, 500 m", wanted, float(ours[0]), "kg/m3", BAND)]
