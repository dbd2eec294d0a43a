"""Fluids for tests of the rooms: made by hand, so that no table stands between cause and effect."""

from __future__ import annotations

import math

from edge.substance.fluid import Curve, Fluid


def constant(name: str, value: float, low: float = 180.0, high: float = 400.0) -> Curve:
    """Return a property that does not change with temperature."""
    return Curve(name, (low, high), (value, value))


def by_hand(
    name: str,
    molar_mass: float,
    boils_k: float,
    latent: float,
    density: float,
    cp_liquid: float,
    cp_gas: float,
) -> Fluid:
    """Return a fluid of constant properties whose vapour pressure is Clausius and Clapeyron's."""
    slope = latent * molar_mass / 8.314462618
    inverse = tuple(-1.0 / t for t in (180.0, 400.0))
    logs = tuple(math.log(101_325.0) + slope * (1 / boils_k + x) for x in inverse)
    return Fluid(
        id=name,
        molar_mass_kg_mol=molar_mass,
        t_melt_k=180.0,
        t_boil_k=boils_k,
        t_crit_k=410.0,
        p_crit_pa=8e6,
        ln_vapour_pressure=Curve("vapour pressure", inverse, logs),
        liquid_density=constant("liquid density", density),
        liquid_cp=constant("liquid cp", cp_liquid),
        gas_cp=constant("gas cp", cp_gas),
        latent_heat=constant("latent heat", latent),
    )


CHLORINE = by_hand("chlorine", 0.070906, 239.2, 287e3, 1563.0, 941.0, 479.0)
AMMONIA = by_hand("ammonia", 0.0170305, 239.8, 1370e3, 682.0, 4465.0, 2087.0)
