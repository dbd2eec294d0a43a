"""Pools against published figures: little of it is measured, and it is a sanity layer."""

from __future__ import annotations

from edge.dispersion.source.ground import GROUNDS
from edge.dispersion.source.pool import Spill, pool
from edge.dispersion.source.pool_air import PoolAir, Sky
from edge.dispersion.source.reactive_data import HCL, HNO3, MMHG
from edge.substance.fluid import fluid
from tests.evidence.case import VALIDATION, Case

CHAPTER = VALIDATION
TITLE = "Pools: published rates and partial pressures (a sanity layer)"
EPA_R = 82.05  # cm3 atm / mol / K, as EPA's formula has it


def cases() -> list[Case]:
    """Return every published figure and what the models give."""
    return [*_lng_on_water(), *_epa(), *_pressures()]


def figures() -> dict[str, float | None]:
    """Return the accuracy bench's keys of this field: it has none."""
    return {}


def _lng_on_water() -> list[Case]:
    """LNG on open water: 0.085 (Maplin, Burro as modelled), 0.155-0.195 (Burgess et al. 1970)."""
    methane = fluid("methane")
    spill = Spill(methane, GROUNDS["open-water"], 288.0, 10_000.0, methane.t_boil_k)
    run = pool(spill, PoolAir(5.0, 288.0), Sky(), 60.0)
    now = next(m for m in run.moments if m.time_s > 10)
    ours = now.rate_kg_s / now.area_m2
    return [
        Case("LNG on water", where, figure, ours, "kg/m2/s")
        for where, figure in (
            ("Maplin, Koopman (effective)", 0.085),
            ("Burgess 1970, low", 0.155),
            ("Burgess 1970, high", 0.195),
        )
    ]


def epa_kg_m2_s(wind_m_s: float, molar_mass_g: float, pressure_pa: float, kelvin: float) -> float:
    """Return EPA's evaporation rate [kg/m2/s] of a pool.

    EPA 550-B-99-009, appendix D, eq. D-1: 0.284 U^0.78 M^(2/3) A p / (82.05 T) in lb/min, ft2
    and mmHg.
    """
    pounds = 0.284 * wind_m_s**0.78 * molar_mass_g ** (2 / 3) * pressure_pa / MMHG
    return pounds / (EPA_R * kelvin) * 0.45359237 / 60 / 0.09290304


def _epa() -> list[Case]:
    """First rates from a bund of 10 m2 at 25 C: EPA's formula knows neither size nor cooling."""
    found: list[Case] = []
    for name in ("methanol", "benzene", "toluene", "acrylonitrile", "epichlorohydrin"):
        liquid = fluid(name)
        for wind in (1.5, 3.0):
            spill = Spill(liquid, GROUNDS["concrete"], 298.15, 500.0, 298.15, bund_m2=10.0)
            run = pool(spill, PoolAir(wind, 298.15), Sky(), 60.0)
            now = run.moments[3]
            p = liquid.vapour_pressure_pa(now.temperature_k)
            theirs = epa_kg_m2_s(wind, 1000 * liquid.molar_mass_kg_mol, p, 298.15)
            where = f"{wind} m/s, 25 C"
            found.append(
                Case(f"EPA D-1 {name}", where, theirs, now.rate_kg_s / now.area_m2, "kg/m2/s")
            )
    return found


def _pressures() -> list[Case]:
    """Table points that are not kept as rows: Perry's HCl 36 %, HNO3 at 20 and 30 C."""
    points = (
        ("HCl 36 %", HCL, 0.36, 20, 105.5 * MMHG),
        ("HCl 36 %", HCL, 0.36, 25, 142.0 * MMHG),
        ("HNO3 100 %", HNO3, 1.0, 20, 42.0 * MMHG),
        ("HNO3 90 %", HNO3, 0.9, 20, 20.0 * MMHG),
        ("HNO3 80 %", HNO3, 0.8, 30, 14.0 * MMHG),
    )
    return [
        Case(name, f"{celsius} C", p / 100, table.pressure_pa(share, 273.15 + celsius) / 100, "hPa")
        for name, table, share, celsius, p in points
    ]
