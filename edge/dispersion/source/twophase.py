"""A liquid that boils on its way through the hole.

Homogeneous equilibrium (HEM): the flux is the greatest along the isentrope,

    G = max over p of sqrt(2 (h0 - h)) / v,   h and v of the mixture at entropy s0 (`saturation`)

which chokes by itself; a subcooled liquid first falls to its boiling pressure as a liquid.
In a hole without length the liquid has no time to boil; over the relaxation length of 0.1 m it
reaches equilibrium. Between them we take

    1/G^2 = (1 - l) / G_liquid^2 + l / G_hem^2,   l = length / 0.1 m, at most 1

after Fauske, Plant/Operations Progr. 4 (1985) 132-136, whose own form is `fauske_flux`; ours joins
equilibrium at l = 1 without a step. References: Fauske and Epstein, J. Loss Prev. 1 (1988) 75-83;
CCPS, Guidelines for Consequence Analysis (1999), section 2.1.3. Domain: no slip; below 0.9 Tc.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from edge.dispersion.notes import RefusedError
from edge.dispersion.source import liquid
from edge.dispersion.source.check import checked, driven
from edge.dispersion.source.saturation import Sat, Saturation

RELAXATION_M = 0.1
GOLDEN = 0.5 * (math.sqrt(5.0) - 1.0)
CLOSE_K = 5e-3  # the flux is flat about its greatest


@dataclass(frozen=True, slots=True)
class Inlet:
    """The fluid at rest before the hole; `quality` is the vapour's share of the mass.

    `pressure_pa` [Pa] is the boiling pressure or, of a liquid alone, more.
    """

    temperature_k: float
    pressure_pa: float
    quality: float = 0.0


@dataclass(frozen=True, slots=True)
class Throat:
    """The narrowest place: flux [kg/m2/s], pressure [Pa], temperature [K], speed [m/s], vapour."""

    flux_kg_m2_s: float
    pressure_pa: float
    temperature_k: float
    speed_m_s: float
    quality: float


@dataclass(frozen=True, slots=True)
class _Isentrope:
    """The path from rest: what the liquid gained before it boiled, and entropy and enthalpy."""

    entropy: float
    enthalpy: float
    before_j_kg: float
    boils_k: float


def hem(table: Saturation, inlet: Inlet, back_pa: float) -> Throat:
    """Return the homogeneous equilibrium flow into `back_pa` [Pa].

    Raises `RefusedError` for impossible numbers, a superheated inlet, a temperature outside the
    fluid's table (so also above critical) and where nothing would flow out.
    """
    sat = _checked_inlet(table, inlet, back_pa)
    if back_pa >= sat.pressure_pa:
        speed = liquid.speed_m_s(1.0 / sat.v_liquid, inlet.pressure_pa, back_pa, 0.0)
        return Throat(speed / sat.v_liquid, back_pa, inlet.temperature_k, speed, 0.0)
    path = _isentrope(table, sat, inlet)
    try:
        coldest = table.boiling_k(back_pa)
    except RefusedError:  # the air's pressure lies below the table: the throat does not
        coldest = table.first_k
    low, high = min(coldest, path.boils_k), path.boils_k
    a, b = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_a, at_b = _throat(table, path, a), _throat(table, path, b)
    best = max(_throat(table, path, high), at_a, at_b, key=_flux)
    while high - low > CLOSE_K:
        if at_a.flux_kg_m2_s < at_b.flux_kg_m2_s:
            low, a, at_a = a, b, at_b
            b = low + GOLDEN * (high - low)
            at_b = _throat(table, path, b)
            best = max(best, at_b, key=_flux)
        else:
            high, b, at_b = b, a, at_a
            a = high - GOLDEN * (high - low)
            at_a = _throat(table, path, a)
            best = max(best, at_a, key=_flux)
    return best


def _flux(throat: Throat) -> float:
    return throat.flux_kg_m2_s


def _checked_inlet(table: Saturation, inlet: Inlet, back_pa: float) -> Sat:
    """Return the inlet's equilibrium; refuse what is no liquid or mixture, or would not flow."""
    checked("quality", inlet.quality)
    driven(checked("pressure", inlet.pressure_pa), checked("pressure", back_pa))
    sat = table.at(checked("temperature", inlet.temperature_k))
    off = inlet.pressure_pa / sat.pressure_pa - 1.0
    if off < -1e-6 or (inlet.quality > 0.0 and off > 1e-6):
        raise RefusedError(
            "dispersion.refused.source-not-in-equilibrium",
            substance=table.substance,
            value_kpa=f"{inlet.pressure_pa / 1e3:.2f}",
            boiling_kpa=f"{sat.pressure_pa / 1e3:.2f}",
        )
    return sat


def _isentrope(table: Saturation, sat: Sat, inlet: Inlet) -> _Isentrope:
    """Return the path from rest at `inlet`, whose own equilibrium is `sat`."""
    if inlet.quality > 0.0:
        entropy = sat.s_liquid + inlet.quality * sat.latent / sat.temperature_k
        enthalpy = sat.f_liquid + sat.temperature_k * entropy
        return _Isentrope(entropy, enthalpy, 0.0, sat.temperature_k)
    # a liquid cools a little as it is let down: dT = T beta v dp / cp, taken from the table's ds
    step = min(1.0, sat.temperature_k - table.first_k)
    colder = table.at(sat.temperature_k - step) if step > 0 else sat
    beta = (sat.v_liquid / colder.v_liquid - 1.0) / step if step > 0 else 0.0
    warmth = sat.temperature_k * (sat.s_liquid - colder.s_liquid) / step if step > 0 else 1e3
    cp = warmth + sat.temperature_k * beta * sat.v_liquid * sat.slope_pa_k
    boils = sat
    for _ in range(2):
        drop = inlet.pressure_pa - boils.pressure_pa
        cooling = sat.temperature_k * beta * sat.v_liquid * drop / cp
        boils = table.at(max(sat.temperature_k - cooling, table.first_k))
    before = boils.v_liquid * max(inlet.pressure_pa - boils.pressure_pa, 0.0)
    return _Isentrope(boils.s_liquid, boils.h_liquid, before, boils.temperature_k)


def _throat(table: Saturation, path: _Isentrope, temperature_k: float) -> Throat:
    """Return the flow as it would be if its narrowest place had `temperature_k` [K]."""
    t, p, slope, v_liquid, v_gas, s_liquid, f, latent = table.at(temperature_k)
    x = (path.entropy - s_liquid) * t / latent
    if x <= 1.0:
        v = v_liquid + (path.entropy - s_liquid) / slope
        h = f + t * path.entropy
    else:  # a vapour that dries as it expands: ideal from the dew point on
        h_gas, cp = f + t * s_liquid + latent, _dry_cp(table, temperature_k)
        warmer = t * math.exp((path.entropy - s_liquid - latent / t) / cp)
        v, h = v_gas * warmer / t, h_gas + cp * (warmer - t)
        t, x = warmer, 1.0
    energy = max(path.before_j_kg + path.enthalpy - h, 0.0)
    speed = math.sqrt(2.0 * energy)
    return Throat(speed / v, p, t, speed, min(max(x, 0.0), 1.0))


def _dry_cp(table: Saturation, temperature_k: float) -> float:
    """Return the dew-point vapour's cp [J/kg/K] = dh_g/dT less the pressure's part."""
    low = max(temperature_k - 1.0, table.first_k)
    high = min(temperature_k + 1.0, table.last_k)
    a, b = table.at(low), table.at(high)
    entropy = (b.s_liquid + b.latent / high) - (a.s_liquid + a.latent / low)
    # ds_g = cp dT/T - (dv/dT)_p dp; (dv/dT)_p = v/T of an ideal gas
    middle = table.at(temperature_k)
    per_k = entropy / (high - low) + middle.v_gas / temperature_k * middle.slope_pa_k
    return max(temperature_k * per_k, 1.1 * table.gas_constant)


def erm_flux(sat: Sat, liquid_cp: float) -> float:
    """Return Fauske's equilibrium rate G = L/v_fg / sqrt(T cp) [kg/m2/s] of a boiling liquid."""
    return sat.latent / (sat.v_gas - sat.v_liquid) / math.sqrt(sat.temperature_k * liquid_cp)


def fauske_flux(
    sat: Sat, liquid_cp: float, back_pa: float, length_m: float, cd: float = liquid.SHARP_CD
) -> float:
    """Return Fauske's flux [kg/m2/s] of a saturated liquid through a hole of `length_m` <= 0.1.

    G = G_erm / sqrt(N), N = G_erm^2 / (2 (p - pa) rho Cd^2) + length / 0.1 m.
    """
    erm2 = erm_flux(sat, liquid_cp) ** 2
    frozen = liquid.flux_kg_m2_s(1.0 / sat.v_liquid, sat.pressure_pa, back_pa, 0.0, cd)
    share = min(checked("length", length_m) / RELAXATION_M, 1.0)
    return math.sqrt(erm2 / (erm2 / frozen**2 + share))
