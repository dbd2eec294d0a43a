"""What means the same in every room: gravity, dry air. A model's own constants stay with it."""

from __future__ import annotations

from edge.substance.fluid import GAS_CONSTANT

GRAVITY = 9.80665  # m/s2, standard
AIR_KG_MOL = 0.0289647  # kg/mol, dry air, ISO 2533:1975


def dry_air_kg_m3(temperature_k: float, pressure_pa: float) -> float:
    """Return the density of dry air, an ideal gas [kg/m3]."""
    return pressure_pa * AIR_KG_MOL / (GAS_CONSTANT * temperature_k)
