"""How fine a jet breaks up, and how much of it rains out.

Break-up by the air: d = We sigma / (rho_a u^2), We = 12.5 (CCPS, Guidelines for Consequence
Analysis (1999), section 2.2; TNO, CPR 14E, section 2.5.3.7), at most 1.89 hole diameters (a slow
jet's drops, Rayleigh). Break-up by boiling: with Ja = rho_l cp (T - Tb)/(rho_v L),
phi = 1 - exp(-2300 rho_v/rho_l) and the vapour's We_v = rho_v u^2 D/sigma, a jet begins to shatter
at Ja phi = 55 We_v^(-1/7) and is shattered at 150 We_v^(-1/7) (Kitamura, Morimitsu and Takahashi,
Ind. Eng. Chem. Fundam. 25 (1986) 206-211; Witlox et al., J. Loss Prev. 24 (2011), droplets "JIP");
between, ln d falls straight to 10 um.
Surface tension where none is tabulated: Brock and Bird, AIChE J. 1 (1955) 174 (Poling, 5th ed.,
eq. 12-3.3 to 12-3.5), polar liquids up to 30 % off.

Rain-out: drops are log-normal by mass about d with a geometric deviation of 1.8 (Elkotb, Prog.
Energy Combust. Sci. 8 (1982) 61); each falls from the jet's height with its terminal speed
(drag of Schiller and Naumann, 1933) and evaporates by the d^2 law of Spalding, with the heat
and vapour that air at rest can exchange at its wet-bulb temperature, Ranz-Marshall for its fall;
what is left at the ground rains out. Domain: jets into open air that hit nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from edge.dispersion.constants import AIR_KG_MOL, GRAVITY, dry_air_kg_m3
from edge.dispersion.source.outflow import Matter
from edge.dispersion.source.realgas import clamped
from edge.substance.fluid import Fluid

WEBER, FINEST_M, RAYLEIGH = 12.5, 1e-5, 1.89
BEGINS, SHATTERED = 55.0, 150.0
DEVIATION = 1.8
CP_AIR, CONDUCTIVITY, VISCOSITY = 1006.0, 0.0245, 1.78e-5
CLASSES = tuple(NormalDist().inv_cdf((i + 0.5) / 15) for i in range(15))


@dataclass(frozen=True, slots=True)
class Outside:
    """The air into which it goes: temperature [K] and pressure [Pa]."""

    temperature_k: float
    pressure_pa: float = 101_325.0

    @property
    def density_kg_m3(self) -> float:
        """Return the air's density [kg/m3]."""
        return dry_air_kg_m3(self.temperature_k, self.pressure_pa)


def surface_tension(fluid: Fluid, temperature_k: float) -> float:
    """Return the surface tension [N/m]: the fluid's own, or Brock and Bird's where it has none."""
    if fluid.surface_tension is not None:
        return clamped(fluid.surface_tension, temperature_k)
    tbr = fluid.t_boil_k / fluid.t_crit_k
    bar = fluid.p_crit_pa / 1e5
    q = 0.1196 * (1.0 + tbr * math.log(bar / 1.01325) / (1.0 - tbr)) - 0.279
    left = max(1.0 - temperature_k / fluid.t_crit_k, 1e-3)
    return 1e-3 * bar ** (2 / 3) * fluid.t_crit_k ** (1 / 3) * max(q, 0.1) * left ** (11 / 9)


def diameter_m(
    matter: Matter, hole_m: float, speed_m_s: float, inside_k: float, outside: Outside
) -> float:
    """Return the mass median drop diameter [m] of a liquid that leaves at `inside_k` [K]."""
    table = matter.table
    boils = matter.boils_at(outside.pressure_pa)
    surface = inside_k if boils is None else min(inside_k, boils)
    sigma = surface_tension(matter.fluid, surface)
    speed = max(speed_m_s, 1e-3)
    by_air = WEBER * sigma / (outside.density_kg_m3 * speed**2)
    by_air = min(max(by_air, FINEST_M), RAYLEIGH * hole_m)
    if boils is None or inside_k <= boils:
        return by_air
    at = table.at(boils)
    rho_v, rho_l = 1.0 / at.v_gas, 1.0 / at.v_liquid
    cp = clamped(matter.fluid.liquid_cp, boils)
    jakob = rho_l * cp * (inside_k - boils) / (rho_v * at.latent)
    jakob *= -math.expm1(-2300.0 * rho_v / rho_l)
    scaled = jakob * (rho_v * speed**2 * hole_m / sigma) ** (1.0 / 7.0)
    share = min(max((scaled - BEGINS) / (SHATTERED - BEGINS), 0.0), 1.0)
    return by_air ** (1.0 - share) * min(FINEST_M, by_air) ** share


def rained_share(
    matter: Matter, median_m: float, height_m: float, liquid_k: float, outside: Outside
) -> float:
    """Return the share 0-1 of the drops' mass that reaches the ground from `height_m` [m].

    `liquid_k` [K] is the drops' temperature as they form.
    """
    rho = 1.0 / matter.table.at(liquid_k).v_liquid
    shrink = _shrink_m2_s(matter, liquid_k, outside)
    landed = 0.0
    for quantile in CLASSES:
        d = median_m * DEVIATION**quantile
        fall = terminal_m_s(d, rho, outside.density_kg_m3)
        reynolds = outside.density_kg_m3 * fall * d / VISCOSITY
        blown = 1.0 + 0.3 * math.sqrt(reynolds) * 0.89  # Ranz-Marshall, Pr = 0.7
        left = 1.0 - shrink * blown * height_m / (fall * d * d)
        landed += max(left, 0.0) ** 1.5
    return landed / len(CLASSES)


def terminal_m_s(d_m: float, rho_kg_m3: float, rho_air: float) -> float:
    """Return the speed [m/s] at which a drop of diameter `d_m` [m] falls."""
    stokes = rho_kg_m3 * GRAVITY * d_m * d_m / (18.0 * VISCOSITY)
    low, high = 0.0, stokes
    for _ in range(40):
        speed = 0.5 * (low + high)
        reynolds = rho_air * speed * d_m / VISCOSITY
        drag = 1.0 + 0.15 * reynolds**0.687
        if reynolds > 1000.0:
            drag = 0.44 * reynolds / 24.0
        low, high = (speed, high) if speed * drag < stokes else (low, speed)
    return max(low, 1e-9)


def _shrink_m2_s(matter: Matter, liquid_k: float, outside: Outside) -> float:
    """Return K of d^2 = d0^2 - K t [m2/s], at the drop's wet-bulb temperature."""
    table, fluid = matter.table, matter.fluid
    rho = 1.0 / table.at(liquid_k).v_liquid
    warmest = min(outside.temperature_k, table.last_k)
    boils = matter.boils_at(outside.pressure_pa)
    low, high = table.first_k, min(warmest, boils or warmest)
    if high <= low:
        return 0.0  # the air is colder than the liquid's table: it does not evaporate
    by_heat = 0.0
    for _ in range(40):
        t = 0.5 * (low + high)
        at = table.at(t)
        warmth = CP_AIR * max(outside.temperature_k - t, 0.0) / at.latent
        by_heat = 8.0 * CONDUCTIVITY / (rho * CP_AIR) * math.log1p(warmth)
        if by_heat > _shrink_by_vapour(fluid, at.pressure_pa, rho, outside):
            low = t
        else:
            high = t
    return by_heat


def _shrink_by_vapour(fluid: Fluid, vapour_pa: float, rho: float, outside: Outside) -> float:
    """Return K [m2/s] as diffusion allows it from a drop with `vapour_pa` [Pa] at its face."""
    mole = min(vapour_pa / outside.pressure_pa, 1.0)
    vapour = mole * fluid.molar_mass_kg_mol
    mass = vapour / (vapour + (1.0 - mole) * AIR_KG_MOL)
    diffusivity = fluid.diffusivity_m2_s(outside.temperature_k, outside.pressure_pa)
    return 8.0 * diffusivity * outside.density_kg_m3 / rho * -math.log(max(1.0 - mass, 1e-12))
