"""Puffs and finite releases against closed forms and against FastGaussianPuff's series."""

import csv
import json
import math
from functools import cache

import numpy as np

from edge.dispersion.arrays import Floats
from edge.dispersion.emission import Emission, Kind, Step
from edge.dispersion.passive.plume import finite
from edge.dispersion.passive.plume.briggs import gaussian
from edge.dispersion.passive.puff import moving, receptors_jit, track_jit
from edge.dispersion.passive.puff.cloud import Cloud
from edge.dispersion.passive.puff.table import Curves, spread_table
from edge.dispersion.passive.sigma.briggs import sigma_y, sigma_z
from edge.dispersion.passive.sigma.face import LETTER_AT
from edge.dispersion.passive.sigma.isc3 import isc3_y, isc3_z
from edge.dispersion.passive.sigma.sets import SETS
from edge.dispersion.weather.weather import Weather
from tests.evidence.case import REFERENCE, VERIFICATION, Case

CHAPTER = VERIFICATION
TITLE = "Puffs: closed forms, finite duration, FastGaussianPuff's series"
FOLDER = REFERENCE / "dispersion/gaussian"
SERIES = REFERENCE / "dispersion/puff_timeseries"
BAND, SERIES_BAND = 0.001, 0.02
SEEN = 1e-3  # of a case's greatest minute; FastGaussianPuff drops what is fainter than its own cut
GAS_KG_M3 = 1.2268  # the gas of GasDispersion.jl's tests, for its volume fractions


def weather(letter: str, speed_m_s: float) -> Weather:
    """Return a steady west wind of a Pasquill class, without a lid."""
    stability = LETTER_AT[letter]
    return Weather(
        speed_m_s, 10.0, 270.0, 288.15, 101_325.0, 0.5, 0.1, 0.3, 0.0, stability, math.inf
    )


def cloud_at(
    mass_kg: float, letter: str, speed_m_s: float, height_m: float, place: Floats, t_s: float
) -> float:
    """Return what our puff with CCPS's puff spreads gives at `place` (x, y, z)."""
    step = Step(0.0, 0.0, 0.0, 288.15, 0.0)
    emission = Emission("gas", Kind.INSTANT, 0.0, 0.0, height_m, (step,), mass_kg)
    solution = moving.solve(
        emission,
        [(0.0, weather(letter, speed_m_s))],
        SETS["ccps-puff"],
        lambda air, _height: air.speed_m_s,
        moving.Settings(nearest_m=0.01, horizon_s=2 * t_s),
    )
    x, y, z = place
    return float(solution.concentration(np.array([x]), np.array([y]), float(z), t_s)[0])


def puff_cases() -> list[Case]:
    """Return every row of puff.csv; empty without the reference."""
    path = FOLDER / "puff.csv"
    if not path.is_file():
        return []
    found: list[Case] = []
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            place = np.array([float(row[key]) for key in ("x_m", "y_m", "z_m")])
            values = [float(row[key]) for key in ("M_kg", "u_m_s", "h_m", "t_s")]
            mass, speed, height, t_s = values
            ours = cloud_at(mass, row["class"], speed, height, place, t_s)
            where = f"{row['class']} x={row['x_m']} t={row['t_s']}"
            reference = float(row["c_kg_m3"])
            found.append(Case(f"puff-{row['id']}", where, reference, ours, "kg/m3", BAND))
    return found


def _briggs(letter: str) -> Curves:
    return lambda x: (sigma_y(x, letter), sigma_z(x, letter))


def integrated(
    rate_kg_s: float,
    height_m: float,
    place: tuple[float, float, float],
    t_s: float,
    speed_m_s: float,
    duration_s: float,
    curves: Curves,
    along: Curves | None = None,
) -> float:
    """Return the integrated puff [kg/m3]: the plume's value between its front and its tail.

    The front and the tail have the spreads of where they are (`curves`); with `along`, both have
    its spread at the receptor (Palazzi's rule).
    """
    x, y, z = (np.array([value]) for value in place)
    sy, sz = curves(x)
    steady = gaussian(rate_kg_s, speed_m_s, height_m, y, z, sy, sz)
    share = np.zeros(1)
    for since, sign in ((t_s, 1.0), (t_s - duration_s, -1.0)):
        if since > 0:
            gone = np.array([speed_m_s * since])
            spread = along(x)[0] if along else curves(gone)[0]
            share = share + sign * 0.5 * finite.erfc((x - gone) / (math.sqrt(2) * spread))
    return float((steady * share)[0])


def finite_cases() -> list[Case]:
    """Return the integrated puffs of finite_duration_palazzi.csv; empty without the reference."""
    path = FOLDER / "finite_duration_palazzi.csv"
    if not path.is_file():
        return []
    found: list[Case] = []
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["sigma_x_rule"] != "intpuff":
                continue
            place = (float(row["x_m"]), float(row["y_m"]), float(row["z_m"]))
            given = [float(row[key]) for key in ("Q_kg_s", "h_m", "t_s", "u_m_s", "duration_s")]
            rate, height, t_s, speed, seconds = given
            curves = _briggs(row["class"])
            ours = integrated(rate, height, place, t_s, speed, seconds, curves)
            where = f"{row['class']} x={row['x_m']} t={row['t_s']}"
            reference = float(row["c_kg_m3"])
            found.append(Case(f"intpuff-{row['id']}", where, reference, ours, "kg/m3", BAND))
    return found


def _ccps_plume_f(x: Floats) -> tuple[Floats, Floats]:
    """Return CCPS's plume spreads of class F as GasDispersion.jl's tests have them."""
    return 0.0674 * x**0.9, 0.01122 * x**1.4024 * np.exp(-0.0540 * np.log(x) ** 2)


def _ccps_puff_f(x: Floats) -> tuple[Floats, Floats]:
    return 0.02 * x**0.89, 0.05 * x**0.61


def stated_cases() -> list[Case]:
    """Return the puff and finite entries of GasDispersion.jl's tests; empty without them."""
    path = FOLDER / "gasdispersion_expectations.json"
    if not path.is_file():
        return []
    entries = {row["id"]: row for row in json.loads(path.read_text(encoding="utf-8"))["entries"]}
    far, near = (500.0, 0.0, 10.0), (10.0, 0.0, 10.0)

    def lasting(
        curves: Curves,
        along: Curves | None,
        place: tuple[float, float, float],
        t_s: float,
    ) -> float:
        return integrated(0.1, 10.0, place, t_s, 2.0, 10.0, curves, along) / GAS_KG_M3

    puff = cloud_at(1.0, "F", 2.0, 0.0, np.array([500.0, 0.0, 0.0]), 250.0) / GAS_KG_M3
    ours = [
        ("puff_ccps_p101", "c_volfrac", puff),
        ("intpuff_inf", "c_volfrac", lasting(_ccps_puff_f, None, far, 250.0)),
        ("palazzi_default", "c_volfrac", lasting(_ccps_plume_f, _ccps_plume_f, far, 250.0)),
        (
            "palazzi_tno",
            "c_volfrac(x=10,t=5)",
            lasting(_ccps_plume_f, _ccps_plume_f, near, 5.0),
        ),
    ]
    return [
        Case(name, key, float(entries[name]["expected"][key]), value, "volfrac", BAND)
        for name, key, value in ours
    ]


def _classes(hour: float, speed_m_s: float) -> str:
    """Return the class or pair of classes that FastGaussianPuff takes (its README)."""
    by_day = ((2.0, "AB"), (3.0, "B"), (5.0, "BC"), (6.0, "CD"), (math.inf, "D"))
    by_night = ((3.0, "EF"), (5.0, "DE"), (math.inf, "D"))
    table = by_day if 7 <= hour <= 18 else by_night
    return next(letters for below, letters in table if speed_m_s < below)


def _isc3(letters: str) -> Curves:
    def curves(x: Floats) -> tuple[Floats, Floats]:
        sy = np.mean([isc3_y(letter)(x) for letter in letters], axis=0)
        return sy, np.mean([isc3_z(letter)(x) for letter in letters], axis=0)

    return curves


def _frozen(case: dict[str, object]) -> tuple[Cloud, int]:
    """Return the puffs of one case, each with the wind of its birth, and how many seconds."""
    seconds = int(case["n_sim_steps"])  # pyright: ignore[reportArgumentType] -- JSON
    speed, from_rad = np.array(case["ws"]), np.radians(np.array(case["wd"]))
    minute = 60.0 * np.arange(speed.size)
    every = float(case["puff_dt"])  # pyright: ignore[reportArgumentType] -- JSON
    born = np.arange(0.0, seconds, every)
    # it reads the wind's two components straight between the minutes
    east = np.interp(born, minute, -speed * np.sin(from_rad))
    north = np.interp(born, minute, -speed * np.cos(from_rad))
    blows = np.hypot(east, north)
    starts = int(str(case["start"])[11:13])
    # 3.0 m/s read between two minutes may round to just below a class's border
    kinds = [_classes((starts + t / 3600) // 1, u + 1e-9) for t, u in zip(born, blows, strict=True)]
    names = sorted(set(kinds))
    which = np.array([names.index(kind) for kind in kinds], dtype=np.float64)
    still = np.full(born.size, math.inf)
    mass = np.full(born.size, float(case["q_kg_h"]) / 3600 * every)  # pyright: ignore[reportArgumentType] -- JSON
    none = np.zeros(born.size)
    puffs = np.stack([born, mass, born, born + 1200.0, none, none], axis=1)
    winds = np.stack([born, east, north, blows, which, still], axis=1)
    tables = np.stack([spread_table(_isc3(name)) for name in names])
    x, y, z = (float(value) for value in case["src"])  # pyright: ignore[reportGeneralTypeIssues] -- JSON
    return Cloud(x, y, z, puffs, winds, tables, frozen=True), seconds


@cache
def minutes() -> dict[str, tuple[Floats, Floats]]:
    """Return, by case, FastGaussianPuff's minute means and ours, each (sensors, minutes)."""
    if not (SERIES / "puff_cases.json").is_file():
        return {}
    described = json.loads((SERIES / "puff_cases.json").read_text(encoding="utf-8"))
    sensors = np.array(described["sensors_xyz_m"])
    with (SERIES / "puff_timeseries.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found: dict[str, tuple[Floats, Floats]] = {}
    for name, case in described["cases"].items():
        cloud, seconds = _frozen(case)
        track = track_jit.track(cloud)
        whole = seconds // 60
        ours = np.zeros((len(sensors), whole))
        for i, (x, y, z) in enumerate(sensors):
            at = (np.array([x]), np.array([y]), float(z), (0.0, 1.0, 60 * whole))
            ours[i] = receptors_jit.series(cloud, track, *at)[0].reshape(-1, 60).mean(axis=1)
        theirs = np.zeros(ours.shape)
        for row in rows:
            if row["case"] == name and int(row["minute"]) < whole:
                theirs[int(row["sensor"]), int(row["minute"])] = float(row["c_kg_m3_60s_mean"])
        found[name] = theirs, ours
    return found


def series_cases() -> list[Case]:
    """Return each sensor's mean and greatest minute; sensors that hardly see gas are left out."""
    found: list[Case] = []
    for name, (theirs, ours) in minutes().items():
        for sensor in range(theirs.shape[0]):
            if theirs[sensor].max() < SEEN * theirs.max():
                continue
            for where, read in (("mean", np.mean), ("greatest minute", np.max)):
                want, got = float(read(theirs[sensor])), float(read(ours[sensor]))
                place = f"sensor {sensor} {where}"
                found.append(Case(name, place, want, got, "kg/m3", SERIES_BAND))
    return found


def cases() -> list[Case]:
    """Return every row."""
    return [*puff_cases(), *finite_cases(), *stated_cases(), *series_cases()]


def figures() -> dict[str, float | None]:
    """Return no figure: the bench's own for closed forms is the Gaussian tables'."""
    return {}
