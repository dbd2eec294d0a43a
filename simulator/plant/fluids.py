"""Liquefied gases as the plant reckons them: vapour pressure, flashing, two-phase outflow.

Own small laws in SI. Constants: CoolProp 8.0.0 at the normal boiling point and at 283.15 K.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from edge.units import GAS_CONSTANT_J_MOL_K, STANDARD_PRESSURE_PA

AIR_MOLAR_MASS_KG_MOL = 0.028965


@dataclass(frozen=True, slots=True)
class Fluid:
    """A gas kept liquid by its own pressure.

    `boiling_k` [K] at 101 325 Pa, `heat_j_kg` [J/kg] heat of vaporisation there, `cp_liquid`
    [J/(kg K)] and `density_kg_m3` [kg/m3] of the liquid near 10 degC. `excess` [-] is the part of
    the airborne mass that weighs on the cloud: 1 - air's density / the cold gas's, with aerosol.
    """

    molar_mass_kg_mol: float
    boiling_k: float
    heat_j_kg: float
    cp_liquid_j_kg_k: float
    density_kg_m3: float
    excess: float

    def vapour_pressure_pa(self, temperature_k: float) -> float:
        """Return the saturation pressure [Pa] at `temperature_k` [K] (Clausius-Clapeyron).

        Within 2 % of CoolProp for chlorine and ammonia at 283 and 293 K (tested).
        """
        slope = self.heat_j_kg * self.molar_mass_kg_mol / GAS_CONSTANT_J_MOL_K
        return STANDARD_PRESSURE_PA * math.exp(slope * (1 / self.boiling_k - 1 / temperature_k))

    def flash_fraction(self, temperature_k: float) -> float:
        """Return the share [-] of liquid at `temperature_k` [K] that boils at once when let out."""
        heat = self.cp_liquid_j_kg_k * (temperature_k - self.boiling_k)
        return min(1.0, max(0.0, heat / self.heat_j_kg))

    def airborne_fraction(self, temperature_k: float) -> float:
        """Return the share [-] that stays in the air: twice the flash, the rest rains out.

        The old rule of thumb quoted by Kletz and by CCPS, *Guidelines for Chemical Process
        Quantitative Risk Analysis* (memory; not checked against print).
        """
        return min(1.0, 2 * self.flash_fraction(temperature_k))

    def flashing_flux_kg_m2_s(self, temperature_k: float) -> float:
        """Return the flashing two-phase mass flux [kg/(m2 s)] of saturated liquid.

        Equilibrium rate model G = h / v_fg / sqrt(T cp) (Fauske & Epstein 1988, J. Loss Prev.
        Process Ind. 1, 75-83), for a path of 0.1 m or more; v_fg from the ideal gas. Lies 15-20 %
        above CoolProp's homogeneous equilibrium flux (tested). Below the boiling point it is 0.
        """
        if temperature_k <= self.boiling_k:
            return 0.0
        pressure = self.vapour_pressure_pa(temperature_k)
        gas_m3_kg = GAS_CONSTANT_J_MOL_K * temperature_k / (self.molar_mass_kg_mol * pressure)
        expansion = gas_m3_kg - 1 / self.density_kg_m3
        return self.heat_j_kg / expansion / math.sqrt(temperature_k * self.cp_liquid_j_kg_k)


FLUIDS: dict[str, Fluid] = {
    "chlorine": Fluid(0.070906, 239.198, 286_963.0, 972.0, 1438.0, 0.75),
    "ammonia": Fluid(0.0170305, 239.834, 1_369_670.0, 4668.0, 625.0, 0.15),
}


def excess_of(substance: str, molar_mass_kg_mol: float) -> float:
    """Return `Fluid.excess` [-]; of a gas let out warm, by its molar mass; never below zero."""
    fluid = FLUIDS.get(substance)
    if fluid is not None:
        return fluid.excess
    return max(0.0, 1 - AIR_MOLAR_MASS_KG_MOL / molar_mass_kg_mol)
