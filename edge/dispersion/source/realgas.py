"""A gas that is not ideal: the Peng-Robinson equation, for densities and energies in vessels.

    p = R T/(v - b) - a(T) / (v^2 + 2 b v - b^2)
    a = 0.45724 R^2 Tc^2/pc [1 + m (1 - sqrt(T/Tc))]^2,   b = 0.07780 R Tc/pc
    m = 0.37464 + 1.54226 w - 0.26992 w^2,                w = -1 - log10(ps(0.7 Tc)/pc)

References: Peng and Robinson, Ind. Eng. Chem. Fundam. 15 (1976) 59-64, eq. 1-18; the acentric
factor w where the table has no ps(0.7 Tc): Lee and Kesler, AIChE J. 21 (1975) 510-527, eq. 20.
Domain: gases and vapours; density within 1-3 % up to 20 MPa, no associating vapour (HF).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass, replace

from edge.substance.fluid import GAS_CONSTANT, Curve, Fluid

ROOT2 = math.sqrt(2.0)
COLD_K = 298.15
EXPONENTS = (1.02, 5.0)  # beyond them the equation has left the gas


@dataclass(frozen=True, slots=True)
class RealGas:
    """One fluid's gas; specific and SI: `r` [J/kg/K], `a_crit` [Pa m6/kg2], `b` [m3/kg], `m`."""

    fluid: Fluid
    r: float
    a_crit: float
    b: float
    m: float
    sums: tuple[float, ...]  # J/kg, the integral of cp to each of its curve's points
    at_cold: float

    def _attraction(self, t: float) -> tuple[float, float]:
        """Return a [Pa m6/kg2] and da/dT at `t` [K]."""
        root = max(1.0 + self.m * (1.0 - math.sqrt(t / self.fluid.t_crit_k)), 0.0)
        slope = -self.a_crit * root * self.m / math.sqrt(t * self.fluid.t_crit_k)
        return self.a_crit * root**2, slope

    def pressure_pa(self, temperature_k: float, volume_m3_kg: float) -> float:
        """Return the pressure [Pa] of the gas at a specific volume."""
        v, b = volume_m3_kg, self.b
        a, _ = self._attraction(temperature_k)
        return self.r * temperature_k / (v - b) - a / (v * v + 2.0 * b * v - b * b)

    def volume_m3_kg(self, temperature_k: float, pressure_pa: float) -> float:
        """Return the gas's specific volume [m3/kg]: the greatest root of the cubic."""
        rt = self.r * temperature_k
        a, _ = self._attraction(temperature_k)
        big_a, big_b = a * pressure_pa / rt**2, self.b * pressure_pa / rt
        c2 = big_b - 1.0
        c1 = big_a - 3.0 * big_b**2 - 2.0 * big_b
        c0 = big_b**3 + big_b**2 - big_a * big_b
        return greatest_root(c2, c1, c0) * rt / pressure_pa

    def departure(self, temperature_k: float, volume_m3_kg: float) -> float:
        """Return u(T, v) - u of the ideal gas at T [J/kg]."""
        a, slope = self._attraction(temperature_k)
        v, b = volume_m3_kg, self.b
        log = math.log((v + (1.0 + ROOT2) * b) / (v + (1.0 - ROOT2) * b))
        return (temperature_k * slope - a) / (2.0 * ROOT2 * b) * log

    def cp(self, temperature_k: float) -> float:
        """Return the ideal gas's cp [J/kg/K]; beyond its curve, the value at the curve's end."""
        return clamped(self.fluid.gas_cp, temperature_k)

    def gamma(self, temperature_k: float) -> float:
        """Return the ideal gas's cp/cv."""
        cp = self.cp(temperature_k)
        return cp / (cp - self.r)

    def isentropic_exponent(self, temperature_k: float, volume_m3_kg: float) -> float:
        """Return n = -(v/p) (dp/dv)_s, which is cp/cv of an ideal gas; within `EXPONENTS`."""
        t, v, b = temperature_k, volume_m3_kg, self.b
        a, slope = self._attraction(t)
        root = max(1.0 + self.m * (1.0 - math.sqrt(t / self.fluid.t_crit_k)), 0.0)
        bend = (
            self.a_crit
            * self.m
            * (self.m + root * math.sqrt(self.fluid.t_crit_k / t))
            / (2.0 * t * self.fluid.t_crit_k)
        )
        spread = v * v + 2.0 * b * v - b * b
        log = math.log((v + (1.0 + ROOT2) * b) / (v + (1.0 - ROOT2) * b))
        cv = self.cp(t) - self.r + t * bend / (2.0 * ROOT2 * b) * log
        dp_dt = self.r / (v - b) - slope / spread
        dp_dv = -self.r * t / (v - b) ** 2 + 2.0 * a * (v + b) / spread**2
        # (dp/dv)_s = (dp/dv)_T - T (dp/dT)_v^2 / cv
        n = -v / self.pressure_pa(t, v) * (dp_dv - t * dp_dt**2 / cv)
        return min(max(n, EXPONENTS[0]), EXPONENTS[1])

    def throat_exponent(self, temperature_k: float, volume_m3_kg: float) -> float:
        """Return the mean n between rest and a choked throat: API 520 part 1, annex B's way."""
        n0 = self.isentropic_exponent(temperature_k, volume_m3_kg)
        p0 = self.pressure_pa(temperature_k, volume_m3_kg)
        ratio = (2.0 / (n0 + 1.0)) ** (n0 / (n0 - 1.0))
        v = volume_m3_kg * ratio ** (-1.0 / n0)
        low = 0.5 * temperature_k
        at_low, at_high = self.pressure_pa(low, v), self.pressure_pa(temperature_k, v)
        share = (ratio * p0 - at_low) / (at_high - at_low)  # p is almost straight over T
        t = low + min(max(share, 0.0), 1.0) * (temperature_k - low)
        return 0.5 * (n0 + self.isentropic_exponent(t, v))

    def ideal_enthalpy(self, temperature_k: float) -> float:
        """Return the ideal gas's enthalpy above 298.15 K [J/kg]."""
        return self._cp_below(temperature_k) - self.at_cold

    def _cp_below(self, temperature_k: float) -> float:
        """Return the integral of cp from its curve's first point [J/kg]; cp is straight lines."""
        ts = self.fluid.gas_cp.temperatures_k
        i = max(bisect_right(ts, temperature_k) - 1, 0)
        mean = 0.5 * (self.cp(ts[i]) + self.cp(temperature_k))
        return self.sums[i] + mean * (temperature_k - ts[i])

    def energy(self, temperature_k: float, volume_m3_kg: float) -> float:
        """Return the internal energy [J/kg] above the ideal gas's enthalpy at 298.15 K."""
        ideal = self.ideal_enthalpy(temperature_k) - self.r * temperature_k
        return ideal + self.departure(temperature_k, volume_m3_kg)

    def enthalpy(self, temperature_k: float, pressure_pa: float) -> float:
        """Return the enthalpy [J/kg] on the scale of `energy`."""
        v = self.volume_m3_kg(temperature_k, pressure_pa)
        return self.energy(temperature_k, v) + pressure_pa * v

    def temperature_of_energy(self, energy: float, volume_m3_kg: float, near_k: float) -> float:
        """Return the temperature [K] at which the gas has `energy` [J/kg] at a volume."""
        t = near_k
        for _ in range(20):
            step = (energy - self.energy(t, volume_m3_kg)) / (self.cp(t) - self.r)
            t = min(max(t + step, 0.5 * t), 2.0 * t)
            if abs(step) < 1e-7 * t:
                break
        return t

    def temperature_of_enthalpy(self, enthalpy: float, pressure_pa: float, near_k: float) -> float:
        """Return the temperature [K] at which the gas has `enthalpy` [J/kg] at a pressure."""
        t = near_k
        for _ in range(30):
            step = (enthalpy - self.enthalpy(t, pressure_pa)) / (1.1 * self.cp(t))
            t = min(max(t + step, 0.5 * t), 2.0 * t)
            if abs(step) < 1e-6 * t:
                break
        return t


def clamped(curve: Curve, temperature_k: float) -> float:
    """Return a curve's value, its end value beyond its ends."""
    first, last = curve.temperatures_k[0], curve.temperatures_k[-1]
    return curve.at(min(max(temperature_k, first), last))


def greatest_root(c2: float, c1: float, c0: float) -> float:
    """Return the greatest real root of x^3 + c2 x^2 + c1 x + c0 (Cardano)."""
    q = (c2 * c2 - 3.0 * c1) / 9.0
    r = (2.0 * c2**3 - 9.0 * c2 * c1 + 27.0 * c0) / 54.0
    if r * r < q**3:
        angle = math.acos(max(-1.0, min(1.0, r / math.sqrt(q**3))))
        return -2.0 * math.sqrt(q) * math.cos((angle + 2.0 * math.pi) / 3.0) - c2 / 3.0
    part = -math.copysign((abs(r) + math.sqrt(r * r - q**3)) ** (1.0 / 3.0), r)
    other = q / part if part else 0.0
    return part + other - c2 / 3.0


def real_gas(fluid: Fluid) -> RealGas:
    """Return the gas of `fluid`."""
    r = GAS_CONSTANT / fluid.molar_mass_kg_mol
    rtc = r * fluid.t_crit_k
    w = acentric(fluid)
    m = 0.37464 + 1.54226 * w - 0.26992 * w * w
    ts, cps = fluid.gas_cp.temperatures_k, fluid.gas_cp.values
    sums = [0.0]
    for i in range(1, len(ts)):
        sums.append(sums[-1] + 0.5 * (cps[i - 1] + cps[i]) * (ts[i] - ts[i - 1]))
    a, b = 0.45724 * rtc**2 / fluid.p_crit_pa, 0.07780 * rtc / fluid.p_crit_pa
    made = RealGas(fluid, r, a, b, m, tuple(sums), 0.0)
    return replace(made, at_cold=made.ideal_enthalpy(COLD_K))


def acentric(fluid: Fluid) -> float:
    """Return Pitzer's acentric factor, from the vapour pressure at 0.7 Tc or from Tb."""
    curve = fluid.ln_vapour_pressure
    at = -1.0 / (0.7 * fluid.t_crit_k)
    if curve.temperatures_k[0] <= at <= curve.temperatures_k[-1]:
        return -1.0 - (curve.at(at) - math.log(fluid.p_crit_pa)) / math.log(10.0)
    tr, atm = fluid.t_boil_k / fluid.t_crit_k, fluid.p_crit_pa / 101_325.0
    top = -math.log(atm) - 5.92714 + 6.09648 / tr + 1.28862 * math.log(tr) - 0.169347 * tr**6
    bottom = 15.2518 - 15.6875 / tr - 13.4721 * math.log(tr) + 0.43577 * tr**6
    return top / bottom
