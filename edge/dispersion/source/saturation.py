"""A boiling liquid and its vapour in equilibrium: pressure, volumes, entropy, enthalpy over T.

Everything follows from four measured curves without a law of gases, and is consistent:

    dp/dT from the vapour pressure;   s_g - s_l = L / T
    v_g - v_l = L / (T dp/dT)                        (Clapeyron)
    ds_l = (cp/T - beta v_l dp/dT) dT                along saturation, beta = -dln(rho)/dT
    df = v_l dp - s_l dT,   f = h_l - T s_l

so on an isentrope v = v_l + (s - s_l)/(dp/dT) and h = f + T s, exactly, whatever the errors of the
curves. The vapour pressure is taken as a smooth curve through its tabulated points (ln p over 1/T),
for its slope matters. Entropy and enthalpy are 0 at the table's cold end. Reference: Smith, Van
Ness and Abbott, Introduction to Chemical Engineering Thermodynamics (7th ed. 2005), 6.2-6.4.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from edge.dispersion.notes import RefusedError
from edge.dispersion.source.spline import Spline, spline
from edge.substance.fluid import GAS_CONSTANT, Fluid

SPACING_K = 2.0
BEND_K = 3.0  # half the stretch over which the density's slope is taken
TOP_K = 2.0  # so far below the curves' end, where latent heat vanishes


class Sat(NamedTuple):
    """The equilibrium at one temperature; specific, SI: [K, Pa, Pa/K, m3/kg, J/kg/K, J/kg]."""

    temperature_k: float
    pressure_pa: float
    slope_pa_k: float
    v_liquid: float
    v_gas: float
    s_liquid: float
    f_liquid: float
    latent: float

    @property
    def h_liquid(self) -> float:
        """Return the liquid's enthalpy [J/kg]."""
        return self.f_liquid + self.temperature_k * self.s_liquid

    @property
    def h_gas(self) -> float:
        """Return the vapour's enthalpy [J/kg]."""
        return self.h_liquid + self.latent

    @property
    def u_liquid(self) -> float:
        """Return the liquid's internal energy [J/kg]."""
        return self.h_liquid - self.pressure_pa * self.v_liquid

    @property
    def u_gas(self) -> float:
        """Return the vapour's internal energy [J/kg]."""
        return self.h_gas - self.pressure_pa * self.v_gas


@dataclass(frozen=True, slots=True)
class Saturation:
    """The equilibrium of one fluid, tabulated each `SPACING_K` from `first_k` to `last_k` [K].

    Each row holds ln p and its slope per K, dp/dT, v_l, s_l and its slope, f_l and its slope, L.
    """

    substance: str
    gas_constant: float  # J/kg/K
    first_k: float
    last_k: float
    spacing_k: float
    rows: tuple[tuple[float, ...], ...]

    def at(self, temperature_k: float) -> Sat:
        """Return the equilibrium at `temperature_k` [K]; refuses outside the table."""
        if not self.first_k <= temperature_k <= self.last_k:
            self._refuse(temperature_k)
        place = (temperature_k - self.first_k) / self.spacing_k
        index = min(int(place), len(self.rows) - 2)
        return self._between(index, place - index, temperature_k)

    def boiling_k(self, pressure_pa: float) -> float:
        """Return the temperature [K] at which the liquid boils under `pressure_pa` [Pa]."""
        wanted = math.log(pressure_pa) if pressure_pa > 0 else -math.inf
        if not self.rows[0][0] <= wanted <= self.rows[-1][0]:
            raise RefusedError(
                "dispersion.refused.source-saturation-pressure",
                substance=self.substance,
                value_kpa=f"{pressure_pa / 1e3:.3g}",
                least_kpa=f"{math.exp(self.rows[0][0]) / 1e3:.3g}",
                greatest_kpa=f"{math.exp(self.rows[-1][0]) / 1e3:.3g}",
            )
        low, high = 0, len(self.rows) - 1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.rows[middle][0] <= wanted else (low, middle)
        t = self.first_k + self.spacing_k * (low + 0.5)
        for _ in range(4):  # Newton on a nearly straight line
            here = self.at(min(max(t, self.first_k), self.last_k))
            t = here.temperature_k - (math.log(here.pressure_pa) - wanted) * (
                here.pressure_pa / here.slope_pa_k
            )
        return min(max(t, self.first_k), self.last_k)

    def _between(self, index: int, u: float, temperature_k: float) -> Sat:
        """Return the equilibrium a share `u` past row `index`: cubic where slopes are known."""
        lnp0, dln0, slope0, v0, s0, ds0, f0, df0, l0 = self.rows[index]
        lnp1, dln1, slope1, v1, s1, ds1, f1, df1, l1 = self.rows[index + 1]
        w, h = 1.0 - u, self.spacing_k
        a, b = w * w * (1.0 + 2.0 * u), u * u * (3.0 - 2.0 * u)
        c, d = h * u * w * w, -h * u * u * w
        slope = slope0**w * slope1**u
        v_liquid, latent = w * v0 + u * v1, w * l0 + u * l1
        pressure = math.exp(a * lnp0 + b * lnp1 + c * dln0 + d * dln1)
        ideal = self.gas_constant * temperature_k / pressure
        return Sat(
            temperature_k,
            pressure,
            slope,
            v_liquid,
            # no vapour is thinner than the ideal gas, however the curves disagree
            min(v_liquid + latent / (temperature_k * slope), ideal),
            a * s0 + b * s1 + c * ds0 + d * ds1,
            a * f0 + b * f1 + c * df0 + d * df1,
            latent,
        )

    def _refuse(self, temperature_k: float) -> None:
        raise RefusedError(
            "dispersion.refused.source-saturation",
            substance=self.substance,
            value_k=f"{temperature_k:.1f}",
            least_k=f"{self.first_k:.1f}",
            greatest_k=f"{self.last_k:.1f}",
        )


def saturation(fluid: Fluid) -> Saturation:
    """Return the equilibrium table of `fluid` over the temperatures that all its curves know.

    Raises `RefusedError` where the curves have no stretch in common (no liquid data).
    """
    pressures = fluid.ln_vapour_pressure.temperatures_k
    curves = (fluid.liquid_density, fluid.liquid_cp, fluid.latent_heat)
    first = max(-1.0 / pressures[0], *(curve.temperatures_k[0] for curve in curves))
    last = min(-1.0 / pressures[-1], *(curve.temperatures_k[-1] for curve in curves))
    last = min(last, fluid.t_crit_k) - TOP_K
    count = int((last - first) / SPACING_K)
    if count < 2:
        raise RefusedError("dispersion.refused.source-no-liquid-data", substance=fluid.id)
    spacing = (last - first) / count
    smooth = spline(pressures, fluid.ln_vapour_pressure.values)
    rows: list[tuple[float, ...]] = []
    s, f = 0.0, 0.0
    for index in range(count + 1):
        t = min(first + index * spacing, last)
        lnp, dln, slope, v, ds, latent = _local(fluid, smooth, t, (first, last))
        if rows:  # trapezium of s, then of df with its new slope
            s = rows[-1][4] + 0.5 * spacing * (rows[-1][5] + ds)
            f = rows[-1][6] + 0.5 * spacing * (rows[-1][7] + v * slope - s)
        rows.append((lnp, dln, slope, v, s, ds, f, v * slope - s, latent))
    return Saturation(
        fluid.id, GAS_CONSTANT / fluid.molar_mass_kg_mol, first, last, spacing, tuple(rows)
    )


def _local(fluid: Fluid, smooth: Spline, t: float, ends: tuple[float, float]) -> tuple[float, ...]:
    """Return ln p, its slope per K, dp/dT, v_l, ds_l/dT, L at `t` [K]."""
    lnp, per_inverse = smooth.at(-1.0 / t)
    dln = per_inverse / t**2
    slope = math.exp(lnp) * dln
    rho = fluid.liquid_density_kg_m3
    v = 1.0 / rho(t)
    low, high = max(t - BEND_K, ends[0]), min(t + BEND_K, ends[1])
    beta = -math.log(rho(high) / rho(low)) / (high - low)
    ds = fluid.liquid_cp_j_kg_k(t) / t - beta * v * slope
    return lnp, dln, slope, v, ds, fluid.latent_heat_j_kg(t)
