"""Discharge against independent tables: orifices (closed form) and HEM with CoolProp's fluids."""

from __future__ import annotations

import csv

from edge.dispersion.source import gas, liquid
from edge.dispersion.source.saturation import saturation
from edge.dispersion.source.twophase import Inlet, hem
from edge.substance.fluid import fluid
from tests.evidence.case import REFERENCE, VERIFICATION, Case

CHAPTER = VERIFICATION
TITLE = "Discharge from holes: liquid, gas, boiling liquid (source tables)"
FOLDER = REFERENCE / "dispersion/source"
LIQUID_BAND, VAPOUR_BAND = 0.02, 0.03
LEFT_OUT = {"16", "17", "20"}  # ethylene oxide below 1 atm: no flow into air
AIR_PA = 101_325.0
NAMES = {
    "Ammonia": "ammonia",
    "Chlorine": "chlorine",
    "EthyleneOxide": "ethylene_oxide",
    "Propane": "propane",
    "SulfurDioxide": "sulfur_dioxide",
    "n-Butane": "n_butane",
}
QUALITY = {"sat_liquid": 0.0, "two_phase_x0.1": 0.1, "sat_vapour": 1.0}


def cases() -> list[Case]:
    """Return every row of both tables: what it says and what our models give."""
    return [*_orifices(), *_boiling()]


def figures() -> dict[str, float | None]:
    """Return the greatest relative error of liquids at the inlet, and of vapours and mixtures."""
    if not (FOLDER / "orifice.csv").is_file():
        return {"source_liquid_max_rel": None, "source_vapour_max_rel": None}
    found = cases()
    wet = max(case.error for case in found if case.band == LIQUID_BAND)
    dry = max(case.error for case in found if case.band == VAPOUR_BAND)
    return {"source_liquid_max_rel": wet, "source_vapour_max_rel": dry}


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _orifices() -> list[Case]:
    found: list[Case] = []
    for row in _rows("orifice.csv"):
        name = f"orifice {row['id']} {row['phase']}"
        area = 0.25 * 3.141592653589793 * float(row["d_m"]) ** 2
        pressure, rho = float(row["P1_Pa_abs"]), float(row["rho_upstream"])
        cd = float(row["Cd"])
        rate, speed = float(row["mass_rate_kg_s"]), float(row["velocity_m_s"])
        if row["phase"] == "liquid":
            head = float(row["head_m"])
            ours = liquid.flux_kg_m2_s(rho, pressure, AIR_PA, head, cd) * area
            own_speed = liquid.speed_m_s(rho, pressure, AIR_PA, head)
            found.append(Case(name, "rate", rate, ours, "kg/s", LIQUID_BAND))
            found.append(Case(name, "Cd x speed", speed, cd * own_speed, "m/s", LIQUID_BAND))
            continue
        flow = gas.flow(pressure, rho, float(row["T1_K"]), float(row["k"]), AIR_PA, cd)
        found += [
            Case(name, "rate", rate, flow.flux_kg_m2_s * area, "kg/s", VAPOUR_BAND),
            Case(name, "Cd x speed", speed, cd * flow.speed_m_s, "m/s", VAPOUR_BAND),
            Case(name, "throat", float(row["P_throat_Pa"]), flow.throat_pa, "Pa", VAPOUR_BAND),
            Case(name, "throat", float(row["T_throat_K"]), flow.throat_k, "K", VAPOUR_BAND),
        ]
    return found


def _boiling() -> list[Case]:
    found: list[Case] = []
    for row in _rows("hem_critical_flux_coolprop.csv"):
        if row["id"] in LEFT_OUT:
            continue
        table = saturation(fluid(NAMES[row["fluid"]]))
        t, state = float(row["T0_K"]), row["state"]
        subcooled = state.startswith("subcooled")
        pressure = float(row["P0_Pa"]) if subcooled else table.at(t).pressure_pa
        ours = hem(table, Inlet(t, pressure, QUALITY.get(state, 0.0)), AIR_PA)
        band = LIQUID_BAND if subcooled or state == "sat_liquid" else VAPOUR_BAND
        reference = float(row["G_kg_m2s"])
        name = f"HEM {row['id']} {row['fluid']} {state}"
        found.append(Case(name, f"{t:g} K", reference, ours.flux_kg_m2_s, "kg/m2/s", band))
    return found
