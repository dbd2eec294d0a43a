"""The state of a dense cloud where its march begins: over a pool, at a jet's mouth, or at once.

A release (`Release`) is what a deck of SLAB holds: its kind, rate, area, duration and state.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from edge.dispersion.arrays import Floats
from edge.dispersion.constants import GRAVITY
from edge.dispersion.dense import plume, puff
from edge.dispersion.dense.air import VON_KARMAN, Air, mean_wind, meander_intensity, wind
from edge.dispersion.dense.plume import Path
from edge.dispersion.dense.thermo import Gas, liquid_enthalpy, mix
from edge.substance.fluid import GAS_CONSTANT

RISEN_CORE = 0.25  # core over half-width of a risen jet
AXIS_OVER_MEAN = 1.91  # of the section that this gives
CORE_SHARE = 0.9  # of the half-width that is flat at the source
FIRST_M = 1.0  # Ermak: a jet's plume begins a metre downwind


class Shape(StrEnum):
    """How a release enters the air, after Ermak's four."""

    POOL = "pool"
    JET = "jet"
    UPWARD = "upward"
    INSTANT = "instant"


@dataclass(frozen=True, slots=True)
class Release:
    """A release in SI units.

    `rate_kg_s`, `duration_s` or, for an instant one, `mass_kg`; `area_m2` of the pool, of the
    jet's mouth, or of the cloud's base; `temperature_k`; `liquid` the droplets' mass fraction;
    `height_m` of a jet; `averaging_s` of the mean that is asked.
    """

    shape: Shape
    area_m2: float
    temperature_k: float
    rate_kg_s: float = 0.0
    duration_s: float = 0.0
    mass_kg: float = 0.0
    liquid: float = 0.0
    height_m: float = 0.0
    averaging_s: float = 10.0


def source_density(gas: Gas, air: Air, release: Release) -> float:
    """Return the density [kg/m3] of the released vapour and droplets."""
    t = release.temperature_k
    vapour = gas.molar_mass * air.pressure_pa / (GAS_CONSTANT * t)
    return 1.0 / ((1.0 - release.liquid) / vapour + release.liquid / gas.liquid_density)


def source_enthalpy(gas: Gas, air: Air, release: Release) -> float:
    """Return the enthalpy [J/kg] of the released vapour and droplets."""
    t, ta = release.temperature_k, air.temperature_k
    vapour = gas.cp * (t - ta)
    return (1.0 - release.liquid) * vapour + release.liquid * liquid_enthalpy(gas, ta, t)


def _path(gas: Gas, air: Air, release: Release, start: float, end: float, u: float) -> Path:
    pool, density = release.shape is Shape.POOL, source_density(gas, air, release)
    return Path(
        rate=release.rate_kg_s,
        start=start,
        end=end,
        enthalpy=source_enthalpy(gas, air, release),
        density=density,
        thrust=release.rate_kg_s / 2.0 * u,
        round=1.0 if release.shape is Shape.JET else 0.0,
        meander=meander_intensity(air, release.averaging_s),
        landed=1.0 if pool else 0.0,
        blow=release.rate_kg_s / (density * release.area_m2) if pool else 0.0,
    )


def _state(
    flux: float, u: float, enthalpy: float, width: float, zc: float, gas_flux: float
) -> Floats:
    y = np.zeros(plume.SIZE)
    y[plume.R], y[plume.U], y[plume.H] = flux, u, flux * enthalpy
    y[plume.B], y[plume.CORE], y[plume.ZC] = width, CORE_SHARE * width, zc
    y[plume.Q] = gas_flux
    return y


def pool_start(gas: Gas, air: Air, release: Release, width: float) -> tuple[Path, Floats]:
    """Return the path over a pool of half-width `width` [m] and the state at its upwind edge."""
    path = _path(gas, air, release, -width, width, 0.0)
    first = 0.02 * width
    supply = release.rate_kg_s / 2.0 / (2.0 * width) * first
    depth = max(0.05, 2.0 * air.roughness_m)
    u = 0.8 * mean_wind(air, depth)
    flux = max(2.0 * supply, air.density * u * width * depth)
    share = supply / flux
    y = _state(flux, u, share * path.enthalpy, width, 0.0, supply)
    return path._replace(start=-width + first), y


def jet_start(gas: Gas, air: Air, release: Release) -> tuple[Path, Floats]:
    """Return the path of a level jet and the state a metre from its mouth."""
    rho = source_density(gas, air, release)
    u = release.rate_kg_s / (rho * release.area_m2)
    width = math.sqrt(release.area_m2) / 2.0
    path = _path(gas, air, release, FIRST_M, FIRST_M, u)
    half = release.rate_kg_s / 2.0
    return path, _state(half, u, path.enthalpy, width, release.height_m, half)


def instant_start(gas: Gas, air: Air, release: Release) -> tuple[puff.Cloud, Floats]:
    """Return the puff of a release at once and its first state."""
    half = math.sqrt(release.area_m2) / 2.0
    mass = release.mass_kg / 4.0
    y = np.zeros(puff.PUFF_SIZE)
    y[puff.M], y[puff.PU], y[puff.PH] = mass, 1e-4, mass * source_enthalpy(gas, air, release)
    y[puff.PB], y[puff.LENGTH] = half, half
    y[puff.PCORE], y[puff.PLUG] = CORE_SHARE * half, CORE_SHARE * half
    y[puff.PZC] = release.height_m
    return puff.Cloud(mass, meander_intensity(air, release.averaging_s), 0.0), y


def rise(gas: Gas, air: Air, release: Release) -> tuple[float, float, float]:
    """Return how far [m] an upward jet rises and drifts, and its greatest volume fraction there.

    Hoot, Meroney & Peterka (1973), The fall and dispersion of heavier-than-air gases, EPA
    contract 68-02-0282, for D the mouth's width: rise 1.32 D (W/U)^(1/3) S^(1/3) Fr^(2/3), and
    1.688 (W/U) (rise / De)^-1.85 on the axis for De the width of a round mouth; limited by
    Briggs's (1969) momentum rise 3 D W/U, the two joined by their inverse cubes.
    """
    rho = source_density(gas, air, release)
    speed = release.rate_kg_s / (rho * release.area_m2)
    width = math.sqrt(release.area_m2)
    u = max(wind(air, max(release.height_m, air.low_m)), 0.1)
    ratio, heavy = speed / u, rho / air.density
    lag = max(heavy - 1.0, 1e-3)
    froude2 = speed * speed / (GRAVITY * width * lag)
    fall = 1.32 * width * (ratio * heavy * froude2) ** (1.0 / 3.0)
    momentum = 3.0 * width * ratio
    up = max((fall**-3.0 + momentum**-3.0) ** (-1.0 / 3.0), 0.5 * width)
    drift = min(0.2 * heavy * speed * u / (GRAVITY * lag), 2.0 * up)
    return up, drift, min(1.688 * ratio * (up / (1.1284 * width)) ** -1.85, 1.0)


def upward_start(gas: Gas, air: Air, release: Release) -> tuple[Path, Floats, Air]:
    """Return the path of an upward jet's plume from its highest point, and its state there.

    The air's mean wind is held to the wind at that height, where the plume then travels.
    """
    up, drift, axis = rise(gas, air, release)
    zc = release.height_m + up
    half = release.rate_kg_s / 2.0
    share = axis / AXIS_OVER_MEAN * (1.13 - 0.09 * min(drift / up / 1.5, 1.0))
    m = share * gas.molar_mass / (share * gas.molar_mass + (1.0 - share) * air.molar_mass)
    flux = half / max(m, 1e-6)
    u = max(1.0 - m, 0.2) * max(wind(air, zc), 0.05)  # the air taken in brings the momentum
    slim = 0.5 + 0.27 * min(drift / up, 1.2)  # half-width over depth: round if it rose steeply
    path = _path(gas, air, release, FIRST_M + drift, FIRST_M + drift, 0.0)
    h = half * path.enthalpy / flux
    rho = mix(gas, air, min(m, 1.0), h).density
    depth = math.sqrt(flux / (rho * u) / slim)
    zc = max(zc, 0.5 * depth)
    y = _state(flux, u, h, slim * depth, zc, half)
    y[plume.CORE] = RISEN_CORE * y[plume.B]
    top = zc + depth / 2.0
    shift = (wind(air, zc) - mean_wind(air, top)) * top * VON_KARMAN / air.friction_m_s
    return path, y, air._replace(lift=air.lift + shift)
