"""Pools against closed forms and the same laws as others print them."""

from __future__ import annotations

import math
from collections.abc import Callable

from edge.dispersion.source.ground import (
    FREEZING_K,
    FUSION_J_KG,
    GROUNDS,
    ICE_KG_M3,
    Ground,
    GroundHeat,
    front,
)
from edge.dispersion.source.pool import Spill, pool
from edge.dispersion.source.pool_air import (
    PoolAir,
    Sky,
    Transfer,
    above,
    hj169_m_s,
    mackay_matsugu_m_s,
)
from edge.dispersion.source.pool_spread import spread
from edge.dispersion.source.reactive_data import HCL, HNO3, MMHG
from edge.substance.fluid import GAS_CONSTANT, fluid
from tests.evidence.case import VERIFICATION, Case

CHAPTER = VERIFICATION
EPA_R = 82.05  # cm3 atm / mol / K, as EPA's formula has it
TITLE = "Pools: conduction, transfer, spread, boiling and partial pressures"


def cases() -> list[Case]:
    """Return every closed form and what the models give."""
    return [
        *_conduction(), *_transfer(), *_spread(), *_boiling(), *_ice(), *_epa(), *_pressures(),
    ]  # fmt: skip


def figures() -> dict[str, float | None]:
    """Return the accuracy bench's keys of this field: it has none."""
    return {}


def heat_until(
    ground: Ground,
    ground_k: float,
    area: Callable[[float], float],
    pool_k: Callable[[float], float],
    ends: list[float],
) -> float:
    """Return the heat [J] out of a ground under a pool of area(t) and pool_k(t)."""
    heat = GroundHeat(ground, ground_k, area(0.0), pool_k(0.0))
    total = 0.0
    for end in ends:
        heat.begin(end)
        total += heat.heat_j(area(end), pool_k(end))
        heat.accept(area(end), pool_k(end))
    return total


def _conduction() -> list[Case]:
    """Carslaw and Jaeger (1959), section 2.4-2.5: plates of steady, growing and warming kind."""
    concrete = GROUNDS["concrete"]
    e, ends = concrete.effusivity, [0.5, 4.0, 60.0]
    steady = heat_until(concrete, 288.0, lambda _: 1.0, lambda _: 111.7, ends)
    growing = heat_until(concrete, 288.0, lambda t: t, lambda _: 111.7, ends)
    warming = heat_until(concrete, 288.0, lambda _: 1.0, lambda t: 288.0 - t, ends)
    root = math.sqrt(60.0 / math.pi)
    ref = 2 * e * 176.3 * root
    return [
        Case("plate", "steady, 60 s", ref, steady, "J", 1e-9),
        Case("plate", "area grows with t", e * 176.3 * 80.0 * root, growing, "J", 1e-9),
        Case("plate", "pool cools with t", e * 80.0 * root, warming, "J", 1e-9),
    ]


def _transfer() -> list[Case]:
    """Mackay and Matsugu's own m and h; HJ 169's whole Q3 for winter chlorine."""
    found = [
        Case(
            "Mackay-Matsugu",
            f"U {wind} m/s, X {size} m",
            0.0292 * (3600 * wind) ** 0.78 * size**-0.11 * 1.8**-0.67 / 3600,
            mackay_matsugu_m_s(wind, size, 1.8),
            "m/s",
            0.03,
        )
        for wind, size in ((1.0, 1.0), (3.0, 10.0), (10.0, 50.0))
    ]
    chlorine = fluid("chlorine")
    p, t = chlorine.vapour_pressure_pa(238.15), 238.15
    vapour = p * chlorine.molar_mass_kg_mol / (GAS_CONSTANT * t)
    for name, stability, a, n in (("B", 2.0, 3.846e-3, 0.2), ("F", 6.0, 5.285e-3, 0.3)):
        standard = a * vapour * 1.5 ** ((2 - n) / (2 + n)) * 8.0 ** ((4 + n) / (2 + n))
        ours = math.pi * 64.0 * hj169_m_s(1.5, 8.0, stability) * vapour
        found.append(Case("HJ 169 Q3", f"chlorine -35 C, {name}", standard, ours, "kg/s", 1e-9))
    return found


def _spread() -> list[Case]:
    """The spread's law in small steps, for a jug and a tank on two grounds."""
    found: list[Case] = []
    for ground, volume, time_s in (("concrete", 10.0, 8.0), ("gravel", 0.2, 3.0)):
        one = GROUNDS[ground]
        area = math.pi * (volume / math.pi) ** (2 / 3)
        radius = math.sqrt(area / math.pi)
        steps = 20_000
        for _ in range(steps):
            depth = max(0.0, volume / (math.pi * radius**2) - one.least_layer_m)
            radius += time_s / steps * math.sqrt(2 * 9.80665 * depth)
        ours = spread(area, volume, one, 800.0, math.inf, time_s)
        found.append(
            Case("spread", f"{volume} m3 on {ground}", math.pi * radius**2, ours, "m2", 0.002)
        )
    return found


def _boiling() -> list[Case]:
    """LNG boils in a bund on what ground (TNO Yellow Book, section 3.5), air and sky bring."""
    methane, found = fluid("methane"), list[Case]()
    air, boiling = PoolAir(0.5, 288.0), methane.t_boil_k
    over = above(methane.molar_mass_kg_mol, air, Sky(), Transfer.MACKAY_MATSUGU)
    besides = over.heat_w_m2(over.film_w_m2_k(100.0), boiling)
    for ground in ("concrete", "soil-average", "soil-wet"):
        one = GROUNDS[ground]
        run = pool(Spill(methane, one, 288.0, 5_000.0, boiling, bund_m2=100.0), air, Sky(), 300.0)
        before, now = next(
            (b, m) for b, m in zip(run.moments, run.moments[1:], strict=False) if m.time_s > 60
        )
        mean = 2 / (math.sqrt(before.time_s) + math.sqrt(now.time_s))  # of t^-1/2 over the step
        conducted = one.effusivity * (288.0 - boiling) * mean / math.sqrt(math.pi)
        reference = (conducted + besides) / methane.latent_heat_j_kg(boiling)
        found.append(
            Case("LNG boils", ground, reference, now.rate_kg_s / now.area_m2, "kg/m2/s", 0.02)
        )
    return found


def _ice() -> list[Case]:
    """Stefan's law of thin ice, sqrt(2 k dT t / (rho L)), an hour at 2 K below freezing."""
    ice = GROUNDS["ice"]
    x = front(ice, GROUNDS["still-water"], FREEZING_K - 2, FREEZING_K, ICE_KG_M3 * FUSION_J_KG)
    stefan = math.sqrt(2 * ice.conductivity_w_m_k * 2 * 3600 / (ICE_KG_M3 * FUSION_J_KG))
    ours = 2 * x * math.sqrt(ice.diffusivity_m2_s * 3600)
    return [Case("ice", "-2 C, 1 h", stefan, ours, "m", 0.01)]


def epa_kg_m2_s(wind_m_s: float, molar_mass_g: float, pressure_pa: float, kelvin: float) -> float:
    """Return EPA's evaporation rate [kg/m2/s] of a pool.

    EPA 550-B-99-009, appendix D, eq. D-1: 0.284 U^0.78 M^(2/3) A p / (82.05 T) in lb/min, ft2
    and mmHg.
    """
    pounds = 0.284 * wind_m_s**0.78 * molar_mass_g ** (2 / 3) * pressure_pa / MMHG
    return pounds / (EPA_R * kelvin) * 0.45359237 / 60 / 0.09290304


def _epa() -> list[Case]:
    """First rates from a bund of 10 m2 at 25 C.

    EPA's formula comes of Mackay and Matsugu's too, without size and cooling: kin, not proof.
    """
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
                Case(f"EPA D-1 {name}", where, theirs, now.rate_kg_s / now.area_m2, "kg/m2/s", 0.1)
            )
    return found


def _pressures() -> list[Case]:
    """Points of the same tables that are not kept as rows: they test what lies between rows."""
    points = (
        ("HCl 36 %", HCL, 0.36, 20, 105.5 * MMHG),
        ("HCl 36 %", HCL, 0.36, 25, 142.0 * MMHG),
        ("HNO3 100 %", HNO3, 1.0, 20, 42.0 * MMHG),
        ("HNO3 90 %", HNO3, 0.9, 20, 20.0 * MMHG),
        ("HNO3 80 %", HNO3, 0.8, 30, 14.0 * MMHG),
    )
    return [
        Case(
            name,
            f"{celsius} C",
            p / 100,
            table.pressure_pa(share, 273.15 + celsius) / 100,
            "hPa",
            0.05,
        )
        for name, table, share, celsius, p in points
    ]
