"""Weather against AFTOX's own routines and the tabled wind power laws."""

import csv

from edge.dispersion.weather.aftox import surface
from edge.dispersion.weather.heat import Ground, Sky, aftox_flux
from edge.dispersion.weather.profile import (
    DEGADIS,
    IRWIN_RURAL,
    IRWIN_URBAN,
    ISC3_URBAN,
    power_law,
)
from tests.evidence.case import REFERENCE, VERIFICATION, Case

CHAPTER = VERIFICATION
TITLE = "Weather: AFTOX heat flux, u*, L, wind and stability; wind power laws"
MET = REFERENCE / "dispersion/aftox/aftox_met.csv"
POWER_LAWS = REFERENCE / "dispersion/gaussian/wind_powerlaw.csv"
BAND = 0.01
TABLES = {
    "default": DEGADIS,
    "irwin_rural": IRWIN_RURAL,
    "irwin_urban_ccps": IRWIN_URBAN,
    "isc3_urban": ISC3_URBAN,
}


def met_cases() -> list[Case]:
    """Return AFTOX's weather table: flux, u*, 1/L, wind at 10 m, stability; empty without it."""
    if not MET.is_file():
        return []
    with MET.open(encoding="utf-8") as file:
        return [case for row in csv.DictReader(file) for case in _met(row)]


def _met(row: dict[str, str]) -> list[Case]:
    v = {name: float(text) for name, text in row.items()}
    flux = aftox_flux(
        v["solar_elev_deg"],
        Sky(v["cloud_eighths"], v["cloud_transmission"]),
        v["T_air_C"] + 273.15,
        Ground(wet=bool(v["ground_wet"])),
    )
    found = surface(v["wind_m_s"], v["wind_height_m"], v["z0_cm"] / 100, flux, v["pressure_mb"])
    length = v["monin_obukhov_L_m"]
    over_l = 0.0 if abs(length) > 1e12 else 1 / length  # AFTOX prints 1e15 for neutral air
    return [
        Case(f"aftox-met-{row['id']}", where, reference, ours, unit, BAND)
        for where, reference, ours, unit in (
            ("H", v["sensible_heat_W_m2"], flux, "W/m2"),
            ("u*", v["ustar_m_s"], found.friction_m_s, "m/s"),
            ("1/L", over_l, found.inverse_length_1_m, "1/m"),
            ("u10", v["u10_m_s"], found.speed_10m_m_s, "m/s"),
            ("s", v["stability_param"], found.stability, ""),
        )
    ]


def wind_cases() -> list[Case]:
    """Return the power laws' table; empty without it."""
    if not POWER_LAWS.is_file():
        return []
    with POWER_LAWS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [
        Case(
            f"power-law-{row['set']}-{row['class']}",
            f"{row['z_ref']} to {row['z']} m",
            float(row["u"]),
            power_law(
                float(row["u_ref"]),
                float(row["z_ref"]),
                float(row["z"]),
                TABLES[row["set"]][row["class"]],
            ),
            "m/s",
            1e-9,
        )
        for row in rows
    ]


def cases() -> list[Case]:
    """Return every case of the weather."""
    return met_cases() + wind_cases()


def aftox_met_max_rel() -> float | None:
    """Return the greatest relative difference to AFTOX's weather table, None without it."""
    return max((case.error for case in met_cases()), default=None)


def figures() -> dict[str, float | None]:
    """Return the keys of the accuracy bench: none of its own (see `aftox_met_max_rel`)."""
    return {}
