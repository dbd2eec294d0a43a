"""The discharge formulas of HJ 169-2018, annex F, for reports that must follow it.

    liquid     Q = Cd A rho sqrt(2 (p - pa)/rho + 2 g h)
    gas        Q = Y Cd A p sqrt(M k/(R T) (2/(k+1))^((k+1)/(k-1)))
               Y = 1 choked, else (pa/p)^(1/k) sqrt(1 - (pa/p)^((k-1)/k))
                                  sqrt(2/(k-1) ((k+1)/2)^((k+1)/(k-1)))
    two-phase  Q = Cd A sqrt(2 rho_m (p - pc)),   pc = 0.55 p
               1/rho_m = Fv/rho_v + (1 - Fv)/rho_l,   Fv = cp (T - Tc)/H

Tc is the boiling point at pc; Fv > 0.2 counts as gas, a small Fv as liquid. Reference: HJ
169-2018 (建设项目环境风险评价技术导则), annex F.1. The library's own models are better
physics; these are its regulator's. Its constants: docs/models/discharge.md.
"""

from __future__ import annotations

import math
from enum import StrEnum

from edge.dispersion.constants import GRAVITY
from edge.dispersion.source.check import checked, driven
from edge.dispersion.source.gas import critical_ratio
from edge.dispersion.source.outflow import Matter
from edge.dispersion.source.realgas import clamped
from edge.substance.fluid import GAS_CONSTANT

CRITICAL_SHARE = 0.55  # pc / p
TWO_PHASE_CD = 0.8


class HoleShape(StrEnum):
    """The shape of a crack; the standard calls the first 圆形（多边形）."""

    ROUND = "round"
    TRIANGLE = "triangle"
    SLOT = "slot"


# Cd of a liquid at Re > 100, at Re <= 100, and Cd of a gas
CD: dict[HoleShape, tuple[float, float, float]] = {
    HoleShape.ROUND: (0.65, 0.50, 1.00),
    HoleShape.TRIANGLE: (0.60, 0.45, 0.95),
    HoleShape.SLOT: (0.55, 0.40, 0.90),
}


def liquid_kg_s(
    area_m2: float, density_kg_m3: float, pressure_pa: float, back_pa: float, head_m: float,
    shape: HoleShape = HoleShape.ROUND, reynolds: float = 1e4,
) -> float:  # fmt: skip
    """Return a liquid's rate [kg/s]; pressures [Pa] absolute, `head_m` [m] over the hole.

    Raises `RefusedError` for impossible numbers and where nothing would flow out.
    """
    rho = checked("density", density_kg_m3)
    inside = checked("pressure", pressure_pa) + rho * GRAVITY * checked("head", head_m)
    driven(inside, checked("pressure", back_pa))
    cd = CD[shape][0 if reynolds > 100.0 else 1]
    return cd * checked("area", area_m2) * rho * math.sqrt(2.0 * (inside - back_pa) / rho)


def gas_kg_s(
    area_m2: float, pressure_pa: float, temperature_k: float, gamma: float,
    molar_mass_kg_mol: float, back_pa: float, shape: HoleShape = HoleShape.ROUND,
) -> float:  # fmt: skip
    """Return an ideal gas's rate [kg/s]; refuses as `liquid_kg_s`."""
    k, t = checked("gamma", gamma), checked("temperature", temperature_k)
    driven(checked("pressure", pressure_pa), checked("pressure", back_pa))
    root = k / (GAS_CONSTANT * t) * (2.0 / (k + 1.0)) ** ((k + 1.0) / (k - 1.0))
    choked = (
        CD[shape][2] * checked("area", area_m2) * pressure_pa * math.sqrt(molar_mass_kg_mol * root)
    )
    return choked * outflow_factor(k, back_pa / pressure_pa)


def outflow_factor(gamma: float, ratio: float) -> float:
    """Return Y (流出系数) at the pressure `ratio` outside / inside."""
    if ratio <= critical_ratio(gamma):
        return 1.0
    k = gamma
    fall = -math.expm1((k - 1.0) / k * math.log(ratio))
    scale = 2.0 / (k - 1.0) * (0.5 * (k + 1.0)) ** ((k + 1.0) / (k - 1.0))
    return ratio ** (1.0 / k) * math.sqrt(fall * scale)


def two_phase_kg_s(
    matter: Matter, area_m2: float, temperature_k: float, pressure_pa: float, back_pa: float
) -> tuple[float, float]:
    """Return a boiling liquid's rate [kg/s] and its vapour's share Fv.

    Raises `RefusedError` for impossible numbers, above critical, and where nothing would flow out.
    """
    driven(checked("pressure", pressure_pa), checked("pressure", back_pa))
    table = matter.table
    hot = table.at(checked("temperature", temperature_k))
    critical = max(CRITICAL_SHARE * pressure_pa, back_pa)
    cold = table.at(table.boiling_k(critical))
    cp = clamped(matter.fluid.liquid_cp, temperature_k)
    share = min(max(cp * (temperature_k - cold.temperature_k) / cold.latent, 0.0), 1.0)
    volume = share * cold.v_gas + (1.0 - share) * hot.v_liquid
    rate = (
        TWO_PHASE_CD * checked("area", area_m2) * math.sqrt(2.0 * (pressure_pa - critical) / volume)
    )
    return rate, share
