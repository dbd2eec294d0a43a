"""A fluid's physical properties over temperature, read from the compiled table. SI only.

`Curve` is a property tabulated from melting to near the critical point when the table is built;
at run time no property library is needed. Outside its table a curve refuses.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass

GAS_CONSTANT = 8.314462618  # J/mol/K, CODATA 2018


@dataclass(frozen=True, slots=True)
class Curve:
    """A property at rising temperatures [K]; linear between them. `name` is for the refusal."""

    name: str
    temperatures_k: tuple[float, ...]
    values: tuple[float, ...]

    def at(self, temperature_k: float) -> float:
        """Return the value at `temperature_k` [K]; `ValueError` outside the table."""
        first, last = self.temperatures_k[0], self.temperatures_k[-1]
        if not first <= temperature_k <= last:
            raise ValueError(
                f"{self.name} is known from {first:.1f} to {last:.1f} K, not at {temperature_k} K"
            )
        after = min(bisect_right(self.temperatures_k, temperature_k), len(self.values) - 1)
        t0, t1 = self.temperatures_k[after - 1], self.temperatures_k[after]
        v0, v1 = self.values[after - 1], self.values[after]
        return v0 + (v1 - v0) * (temperature_k - t0) / (t1 - t0)


@dataclass(frozen=True, slots=True)
class Fluid:
    """What a substance is made of physically.

    `molar_mass_kg_mol` [kg/mol]; `t_melt_k`, `t_boil_k` (at 101,325 Pa), `t_crit_k` [K];
    `p_crit_pa` [Pa]. Curves: `ln_vapour_pressure` ln(p/Pa) over -1/T [1/K], which rises with T;
    `liquid_density` [kg/m3], `liquid_cp` [J/kg/K], `gas_cp` (ideal gas) [J/kg/K],
    `latent_heat` [J/kg] over T [K].
    """

    id: str
    molar_mass_kg_mol: float
    t_melt_k: float
    t_boil_k: float
    t_crit_k: float
    p_crit_pa: float
    ln_vapour_pressure: Curve
    liquid_density: Curve
    liquid_cp: Curve
    gas_cp: Curve
    latent_heat: Curve

    def vapour_pressure_pa(self, temperature_k: float) -> float:
        """Return the saturation pressure [Pa]."""
        return math.exp(self.ln_vapour_pressure.at(-1.0 / temperature_k))

    def saturation_k(self, pressure_pa: float) -> float:
        """Return the temperature [K] at which the liquid boils under `pressure_pa` [Pa]."""
        curve = self.ln_vapour_pressure
        return -1.0 / Curve(curve.name, curve.values, curve.temperatures_k).at(
            math.log(pressure_pa)
        )

    def liquid_density_kg_m3(self, temperature_k: float) -> float:
        """Return the saturated liquid's density [kg/m3]."""
        return self.liquid_density.at(temperature_k)

    def liquid_cp_j_kg_k(self, temperature_k: float) -> float:
        """Return the saturated liquid's heat capacity [J/kg/K]."""
        return self.liquid_cp.at(temperature_k)

    def gas_cp_j_kg_k(self, temperature_k: float) -> float:
        """Return the ideal gas's heat capacity at constant pressure [J/kg/K]."""
        return self.gas_cp.at(temperature_k)

    def latent_heat_j_kg(self, temperature_k: float) -> float:
        """Return the heat of vaporisation [J/kg]."""
        return self.latent_heat.at(temperature_k)

    def gas_density_kg_m3(self, temperature_k: float, pressure_pa: float) -> float:
        """Return the ideal gas's density [kg/m3]."""
        return pressure_pa * self.molar_mass_kg_mol / (GAS_CONSTANT * temperature_k)

    def gamma(self, temperature_k: float) -> float:
        """Return cp / cv of the ideal gas."""
        cp = self.gas_cp_j_kg_k(temperature_k)
        return cp / (cp - GAS_CONSTANT / self.molar_mass_kg_mol)

    def diffusivity_m2_s(self, temperature_k: float, pressure_pa: float) -> float:
        """Return the vapour's diffusivity in air [m2/s].

        D = D_w sqrt(M_w / M) (T / 298.15)^1.94 (101325 / p) from water's 2.4e-5 m2/s: US EPA,
        Offsite Consequence Analysis guidance, EPA 550-B-99-009, appendix D (the ratio to water).
        """
        at_298 = 2.4e-5 * math.sqrt(0.018015 / self.molar_mass_kg_mol)
        return at_298 * (temperature_k / 298.15) ** 1.94 * 101_325.0 / pressure_pa
