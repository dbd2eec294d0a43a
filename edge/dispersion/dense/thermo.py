"""What a mixture of gas, moist air and droplets is: its temperature from its enthalpy.

Ideal gases, each liquid pure and in equilibrium with its vapour (Ermak 1990, section on the
thermodynamics of droplets). Enthalpies [J/kg] count from vapour, air and steam at the air's
temperature. Scalar functions, compiled as they stand by `kernels_jit`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from edge.dispersion.constants import AIR_KG_MOL
from edge.dispersion.dense.air import DRY_CP, VAPOUR_CP, WATER_MOLAR_MASS, Air
from edge.substance.fluid import GAS_CONSTANT

WATER_CP = 4186.0  # J/kg/K, liquid
WATER_HEAT = 2.501e6  # J/kg at 273.15 K
COLDEST_K, WARMEST_K = 30.0, 1500.0


class Gas(NamedTuple):
    """A released substance: SI units, constant properties, saturation as ln(p/pa) = a - b/(T+c)."""

    molar_mass: float
    cp: float
    t_boil_k: float
    latent: float
    liquid_cp: float
    liquid_density: float
    sat_a: float
    sat_b: float
    sat_c: float


class Mixture(NamedTuple):
    """A mixture's state: `cp` [J/kg/K] at its phases, droplets by mass, volume fraction."""

    temperature_k: float
    density: float
    cp: float
    liquid: float
    water_liquid: float
    fraction: float


def saturation(gas: Gas, t: float) -> float:
    """Return the gas's saturation pressure over the air's pressure at `t` [K]."""
    below = t + gas.sat_c
    if below <= 1.0:
        return 0.0
    return math.exp(min(gas.sat_a - gas.sat_b / below, 50.0))


def water_saturation(line: tuple[float, float, float], t: float) -> float:
    """Return water's saturation pressure [Pa] at `t` [K] on a `line` a, b, c (`Air.steam`)."""
    below = t + line[2]
    return math.exp(line[0] - line[1] / below) if below > 50.0 else 0.0


def condensed(gas: Gas, air: Air, m: float, t: float) -> tuple[float, float, float]:
    """Return moles per kg of mixture: gas vapour, water vapour, all gas phase, at `t` [K].

    `m` is the mass fraction of the released substance.
    """
    n_s = m / gas.molar_mass
    n_w = (1.0 - m) * air.water / WATER_MOLAR_MASS
    n_a = (1.0 - m) * (1.0 - air.water) / AIR_KG_MOL
    p_s = saturation(gas, t)
    p_w = water_saturation(air.steam, t) / air.pressure_pa
    total = n_s + n_w + n_a
    dry_s = n_s <= p_s * total
    dry_w = n_w <= p_w * total
    if dry_s and dry_w:
        return n_s, n_w, total
    if not dry_s and p_s < 1.0:
        total = (n_a + n_w) / (1.0 - p_s)
        dry_w = n_w <= p_w * total
        if dry_w:
            return p_s * total, n_w, total
        if p_s + p_w < 1.0:
            total = n_a / (1.0 - p_s - p_w)
            return min(p_s * total, n_s), min(p_w * total, n_w), total
    total = (n_a + n_s) / (1.0 - min(p_w, 0.999))
    if n_s <= p_s * total or p_s >= 1.0:
        return n_s, min(p_w * total, n_w), total
    total = n_a / (1.0 - min(p_s + p_w, 0.999999))
    return min(p_s * total, n_s), min(p_w * total, n_w), total


def enthalpy(gas: Gas, air: Air, m: float, t: float) -> float:
    """Return the mixture's enthalpy [J/kg] at `t` [K]."""
    n_s, n_w, _ = condensed(gas, air, m, t)
    vapour, steam = n_s * gas.molar_mass, n_w * WATER_MOLAR_MASS
    drops = max(m - vapour, 0.0)
    fog = max((1.0 - m) * air.water - steam, 0.0)
    dry = (1.0 - m) * (1.0 - air.water)
    ta = air.temperature_k
    h = (vapour * gas.cp + dry * DRY_CP + steam * VAPOUR_CP) * (t - ta)
    h += drops * liquid_enthalpy(gas, ta, t)
    return h + fog * (VAPOUR_CP * (273.15 - ta) - WATER_HEAT + WATER_CP * (t - 273.15))


def liquid_enthalpy(gas: Gas, ta: float, t: float) -> float:
    """Return the liquid's enthalpy [J/kg] at `t` [K], from vapour at `ta` [K]."""
    return gas.cp * (gas.t_boil_k - ta) - gas.latent + gas.liquid_cp * (t - gas.t_boil_k)


def temperature(gas: Gas, air: Air, m: float, h: float) -> float:
    """Return the temperature [K] at which the mixture has the enthalpy `h` [J/kg].

    All vapour is tried first; else the enthalpy, which rises with T, is bracketed (Illinois).
    """
    water = (1.0 - m) * air.water
    cp = m * gas.cp + (1.0 - m - water) * DRY_CP + water * VAPOUR_CP
    t = air.temperature_k + h / cp
    if t > COLDEST_K:
        n_s, n_w, _ = condensed(gas, air, m, t)
        if n_s >= 0.999999 * m / gas.molar_mass and n_w >= 0.999999 * water / WATER_MOLAR_MASS:
            return min(t, WARMEST_K)
    low, high = max(COLDEST_K, t), WARMEST_K
    f_low, f_high = enthalpy(gas, air, m, low) - h, enthalpy(gas, air, m, high) - h
    if f_low >= 0.0:
        return low
    high = min(WARMEST_K, max(low + 40.0, air.temperature_k, gas.t_boil_k) + 5.0)
    f_high = enthalpy(gas, air, m, high) - h
    side = 0
    for _ in range(80):
        t = (f_low * high - f_high * low) / (f_low - f_high)
        if high - low < 1e-6 or not low < t < high:
            t = 0.5 * (low + high)
        f = enthalpy(gas, air, m, t) - h
        if abs(f) < 1e-3 or high - low < 1e-9:
            break
        if f < 0.0:
            low, f_low = t, f
            if side == -1:
                f_high *= 0.5
            side = -1
        else:
            high, f_high = t, f
            if side == 1:
                f_low *= 0.5
            side = 1
    return t


def mix(gas: Gas, air: Air, m: float, h: float) -> Mixture:
    """Return the state of a mixture of mass fraction `m` of gas and enthalpy `h` [J/kg]."""
    t = temperature(gas, air, m, h)
    n_s, n_w, total = condensed(gas, air, m, t)
    drops = max(m - n_s * gas.molar_mass, 0.0)
    fog = max((1.0 - m) * air.water - n_w * WATER_MOLAR_MASS, 0.0)
    volume = total * GAS_CONSTANT * t / air.pressure_pa
    volume += drops / gas.liquid_density + fog / 1000.0
    share = m / gas.molar_mass
    fraction = share / (share + (1.0 - m) / air.molar_mass)
    steam = (1.0 - m) * air.water - fog
    cp = (m - drops) * gas.cp + drops * gas.liquid_cp + steam * VAPOUR_CP + fog * WATER_CP
    cp += (1.0 - m) * (1.0 - air.water) * DRY_CP
    return Mixture(t, 1.0 / volume, cp, drops, fog, fraction)
