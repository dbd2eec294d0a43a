"""The dense models' `Air` from a wind and a stability, or from our `Weather`."""

from __future__ import annotations

import math

from edge.dispersion.constants import AIR_KG_MOL
from edge.dispersion.dense import air as kernels
from edge.dispersion.dense.air import (
    ATMOSPHERE_PA,
    DRY_CP,
    VAPOUR_CP,
    VON_KARMAN,
    WATER_MOLAR_MASS,
    Air,
)
from edge.dispersion.dense.thermo import water_saturation
from edge.dispersion.weather.steam import STEAM
from edge.dispersion.weather.weather import Weather
from edge.substance.fluid import GAS_CONSTANT

NEUTRAL = 4.0  # the scale of stability here: 1 (A) to 6 (F), 4 is D
LEAST_LOW_M = 0.075
NEVER_LID_M = 130.0 * 2.0**6
_TERMS = tuple[float, float, float, float]


def golder_lengths(roughness_m: float) -> tuple[float, float]:
    """Return |L| [m] one and two classes from neutral: 123 z0^0.30 and 26 z0^0.17.

    Golder (1972), Boundary-Layer Meteorology 3, 47-58, as power laws of the roughness.
    """
    return 123.0 * roughness_m**0.30, 26.0 * roughness_m**0.17


def _power(roughness_m: float) -> float:
    one, two = golder_lengths(roughness_m)
    return max(math.log2(one / two), 0.3)


def inverse_length_of(stability: float, roughness_m: float) -> float:
    """Return 1/L [1/m] of a stability 1 (A) to 6 (F)."""
    away = stability - NEUTRAL
    one, _ = golder_lengths(roughness_m)
    size = abs(away) ** _power(roughness_m) / one
    if away <= -3.0:
        size = 1.0 / (11.4 * roughness_m**0.10)
    return math.copysign(size, away) if away else 0.0


def stability_of(inverse_length: float, roughness_m: float) -> float:
    """Return the stability 1 (A) to 6 (F) of a 1/L [1/m]; inverse of `inverse_length_of`."""
    one, _ = golder_lengths(roughness_m)
    away = (abs(inverse_length) * one) ** (1.0 / _power(roughness_m))
    away = min(away, 2.0 if inverse_length > 0 else 3.0)
    return NEUTRAL + math.copysign(away, inverse_length) if inverse_length else NEUTRAL


def _lateral(inverse_length: float, refer_m: float) -> float:
    """Return the sideways spreading at 900 s: 0.08 if neutral (Ermak), more if the air turns."""
    if inverse_length >= 0.0:
        felt = inverse_length * min(1.0, (refer_m / 10.0) ** (1.0 / 3.0))
        return 0.08 * (1.0 + 23.8 * felt) ** -0.52
    return 0.08 * (1.0 - 11.12 * inverse_length) ** 1.18


def _terms(inverse_length: float, refer_m: float, away: float) -> _TERMS:
    """Return a1, z1, a2, z2 of phi = 1 + 5 z/L, or of two terms that end as (1 - 16 z/L)^-1/4.

    `away` classes from neutral; the two terms are within 0.5 % of the reference's wind in B and C
    and within 1 % in A.
    """
    if inverse_length >= 0.0:
        fade = _fade(away)
        return 5.0 * inverse_length * (refer_m + fade), fade, 0.0, 1.0
    turn = max(-away, 0.0)
    end = inverse_length * (refer_m + 0.495 * 2.6**turn)
    last = (1.0 - 16.0 * end) ** -0.25 - 1.0
    near = min(0.79 + 0.021 * turn, 0.9)
    return near * last, 0.75, (1.0 - near) * last, 12.0 * 1.333**turn


def _fade(away: float) -> float:
    """Return the height [m] over which 1/L fades, `away` classes from neutral."""
    return 1.0 + 0.8 * away if away >= 0.0 else 2.25**-away


def moist(
    temperature_k: float, humidity: float, pressure_pa: float, steam: tuple[float, float, float]
) -> tuple[float, float]:
    """Return the mass fraction of steam in air and the air's molar mass [kg/mol]."""
    share = min(humidity * water_saturation(steam, temperature_k) / pressure_pa, 0.5)
    mass = share * WATER_MOLAR_MASS + (1.0 - share) * AIR_KG_MOL
    return share * WATER_MOLAR_MASS / mass, mass


def make_air(
    speed_m_s: float,
    height_m: float,
    roughness_m: float,
    inverse_length: float,
    stability: float,
    temperature_k: float,
    humidity: float,
    pressure_pa: float = ATMOSPHERE_PA,
    lid_m: float = math.inf,
    steam: tuple[float, float, float] = STEAM,
) -> Air:
    """Return the `Air` whose wind is `speed_m_s` [m/s] at `height_m` [m].

    `stability` 1 (A) to 6 (F) sets the lid, 130 m x 2^(7 - stability) (Ermak 1990), unless
    `lid_m` is lower, and how fast 1/L fades with height.
    """
    refer, fade = max(3.0, 100.0 * roughness_m), _fade(stability - NEUTRAL)
    a1, z1, a2, z2 = _terms(inverse_length, refer, stability - NEUTRAL)
    water, mass = moist(temperature_k, humidity, pressure_pa, steam)
    air = Air(
        friction_m_s=1.0,
        roughness_m=roughness_m,
        lid_m=max(min(130.0 * 2.0 ** (7.0 - stability), lid_m, NEVER_LID_M), 10.0),
        low_m=max(math.e * roughness_m, LEAST_LOW_M),
        a1=a1,
        z1=z1,
        a2=a2,
        z2=z2,
        inverse_length=inverse_length,
        refer_m=refer,
        fade_m=fade,
        lateral=_lateral(inverse_length, refer),
        temperature_k=temperature_k,
        density=pressure_pa * mass / (GAS_CONSTANT * temperature_k),
        molar_mass=mass,
        cp=(1.0 - water) * DRY_CP + water * VAPOUR_CP,
        water=water,
        pressure_pa=pressure_pa,
        lift=0.0,
        steam=steam,
    )
    return air._replace(friction_m_s=speed_m_s * VON_KARMAN / kernels.shape(air, height_m))


def air_of(weather: Weather) -> Air:
    """Return the `Air` of our weather.

    AFTOX's scale has neutral at 3.5, so half a class is added.
    """
    return make_air(
        weather.speed_m_s,
        weather.height_m,
        weather.roughness_m,
        weather.inverse_length_1_m,
        min(max(weather.stability + 0.5, 1.0), 6.0),
        weather.temperature_k,
        weather.humidity,
        weather.pressure_pa,
        weather.mixing_height_m,
    )
