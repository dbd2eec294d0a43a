"""Correlations from CoolProp's equations of state, where it has the fluid (build time only)."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from edge.substance.compiler.correlation import Correlation

# the property of a curve -> CoolProp's output for the saturated liquid
LIQUID = {
    "vapour_pressure": "P",
    "liquid_density": "D",
    "liquid_cp": "C",
    "liquid_viscosity": "V",
    "liquid_conductivity": "L",
    "surface_tension": "I",
}
NEAR_CRITICAL = 0.98


def correlation(fluid: str, property_name: str) -> Correlation | None:
    """Return `property_name` of CoolProp's `fluid` on the saturation line; None if it has none."""
    library: Any = import_module("CoolProp.CoolProp")
    low = max(library.PropsSI("Ttriple", fluid), library.PropsSI("Tmin", fluid)) + 0.01
    high = NEAR_CRITICAL * library.PropsSI("Tcrit", fluid)
    equation = f"CoolProp {import_module('CoolProp').__version__}, {fluid}"
    source = f"{equation}, saturation line"
    if property_name == "latent_heat":

        def latent(temperature_k: float) -> float:
            return library.PropsSI("H", "T", temperature_k, "Q", 1, fluid) - library.PropsSI(
                "H", "T", temperature_k, "Q", 0, fluid
            )

        return Correlation(low, high, latent, source)
    if property_name == "gas_cp":

        def ideal(temperature_k: float) -> float:
            return library.PropsSI("CP0MASS", "T", temperature_k, "P", 1000.0, fluid)

        return Correlation(low, 1000.0, ideal, f"{equation}, ideal gas")
    output = LIQUID.get(property_name)
    if output is None:
        return None

    def value(temperature_k: float) -> float:
        return library.PropsSI(output, "T", temperature_k, "Q", 0, fluid)

    try:  # CoolProp has no way to ask whether it models a transport property of a fluid
        value((low + high) / 2)
    except ValueError:
        return None
    return Correlation(low, high, value, source)
