"""The air that a dense cloud lies in: its wind profile, stability and sideways spreading.

Ermak (1990), User's manual for SLAB, UCRL-MA-105607, describes a wind profile of Monin-Obukhov
form that fades towards the lid, du/dz = u* phi (1 - z / lid) / (k z), k = 0.41; the numbers that
the text leaves open were identified from the tables of reference runs (docs/models/dense.md).
All functions here are scalar and are compiled as they stand by `kernels_jit`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

VON_KARMAN = 0.41
ATMOSPHERE_PA = 101_325.0
WATER_MOLAR_MASS = 0.018015
DRY_CP = 1005.9  # J/kg/K
VAPOUR_CP = 1846.0  # water vapour
INSTANT_S, AVERAGED_S = 10.0, 900.0  # Ermak: a = 0.08 (t / 900 s)^0.2, for a cloud itself 10 s


class Air(NamedTuple):
    """Air with a wind profile phi = 1 + a1 z / (z + z1) + a2 z / (z + z2), z in m.

    `friction_m_s` u*; `roughness_m` z0; `lid_m`; `low_m` the height under which the wind falls
    off linearly; `inverse_length` 1/L [1/m] at `refer_m`, decreasing upwards as
    (refer + fade) / (z + fade); `lateral` the sideways spreading at 900 s (0.08 if neutral);
    `lift` [m] shifts the mean over a column (0 but for a plume that rose); `steam` a, b, c of
    water's saturation pressure ln(p / Pa) = a - b / (T + c).
    """

    friction_m_s: float
    roughness_m: float
    lid_m: float
    low_m: float
    a1: float
    z1: float
    a2: float
    z2: float
    inverse_length: float
    refer_m: float
    fade_m: float
    lateral: float
    temperature_k: float
    density: float
    molar_mass: float
    cp: float
    water: float
    pressure_pa: float
    lift: float
    steam: tuple[float, float, float]


def shape(air: Air, z: float) -> float:
    """Return U k / u* at `z` [m], linear to 0 under `low_m`."""
    if z < air.low_m:
        return shape(air, air.low_m) * max(z, 0.0) / air.low_m
    z0 = air.roughness_m
    l1 = math.log((z + air.z1) / (z0 + air.z1))
    l2 = math.log((z + air.z2) / (z0 + air.z2))
    fade = (z - z0) + air.a1 * (z - z0 - air.z1 * l1) + air.a2 * (z - z0 - air.z2 * l2)
    return math.log(z / z0) + air.a1 * l1 + air.a2 * l2 - fade / air.lid_m


def _column(air: Air, z: float) -> float:
    """Return an antiderivative of `shape` above `low_m`."""
    z0 = air.roughness_m
    l1 = math.log((z + air.z1) / (z0 + air.z1))
    l2 = math.log((z + air.z2) / (z0 + air.z2))
    s1, s2 = (z + air.z1) * (l1 - 1.0), (z + air.z2) * (l2 - 1.0)
    half = z * z / 2.0 - z0 * z
    fade = half * (1.0 + air.a1 + air.a2) - air.a1 * air.z1 * s1 - air.a2 * air.z2 * s2
    return z * (math.log(z / z0) - 1.0) + air.a1 * s1 + air.a2 * s2 - fade / air.lid_m


def wind(air: Air, z: float) -> float:
    """Return the wind [m/s] at `z` [m], constant above the lid."""
    return air.friction_m_s / VON_KARMAN * shape(air, min(z, air.lid_m))


def mean_wind(air: Air, top: float) -> float:
    """Return the wind's mean [m/s] from the ground to `top` [m], at most the wind at `top`."""
    z = min(max(top, 1e-6), air.lid_m)
    return air.friction_m_s / VON_KARMAN * min((_total(air, z) + air.lift) / z, shape(air, z))


def _total(air: Air, z: float) -> float:
    """Return the integral of `shape` from the ground to `z` [m]."""
    if z <= air.low_m:
        return shape(air, z) * z / 2.0
    low = shape(air, air.low_m) * air.low_m / 2.0
    return low + _column(air, z) - _column(air, air.low_m)


def settled(air: Air, top: float) -> Air:
    """Return the air with no more `lift` than a cloud reaching up to `top` [m] can have."""
    z = min(max(top, 1e-6), air.lid_m)
    return with_lift(air, min(air.lift, max(shape(air, z) * z - _total(air, z), 0.0)))


def with_lift(air: Air, lift: float) -> Air:
    """Return the air with another `lift`."""
    return Air(
        air.friction_m_s,
        air.roughness_m,
        air.lid_m,
        air.low_m,
        air.a1,
        air.z1,
        air.a2,
        air.z2,
        air.inverse_length,
        air.refer_m,
        air.fade_m,
        air.lateral,
        air.temperature_k,
        air.density,
        air.molar_mass,
        air.cp,
        air.water,
        air.pressure_pa,
        lift,
        air.steam,
    )


def inverse_length_at(air: Air, z: float) -> float:
    """Return 1/L [1/m] as the air at `z` [m] feels it."""
    return air.inverse_length * (air.refer_m + air.fade_m) / (z + air.fade_m)


def lateral_rate(intensity: float, size: float) -> float:
    """Return d(size)/d(x) of a width that the air's eddies spread, `size` = sqrt(3) sigma [m].

    From sigma = a x / sqrt(1 + 1e-4 x) of Briggs: the rate falls as 1 / (1 + 2e-4 sigma / a).
    """
    return intensity / (1.0 + 2e-4 * size / (math.sqrt(3.0) * intensity))


def instant_intensity(air: Air) -> float:
    """Return the sideways spreading of a cloud itself."""
    return air.lateral * (INSTANT_S / AVERAGED_S) ** 0.2


def meander_intensity(air: Air, averaging_s: float) -> float:
    """Return the spreading that meander adds to a mean over `averaging_s` [s]."""
    seen = math.sqrt(averaging_s * averaging_s + INSTANT_S * INSTANT_S)
    more = (seen / AVERAGED_S) ** 0.4 - (INSTANT_S / AVERAGED_S) ** 0.4
    return air.lateral * math.sqrt(max(more, 0.0))


def shear_rate(air: Air, height: float) -> float:
    """Return the along-wind stretching [m/s] of a cloud of `height` [m] by the wind's shear."""
    z0 = air.roughness_m
    grown = height / (height + 3.46 * z0) * (1.0 - min(height / (3.0 * air.lid_m), 1.0))
    z = height / 3.4
    phi = 1.0 + air.a1 * z / (z + air.z1) + air.a2 * z / (z + air.z2)
    return 0.6 / VON_KARMAN * air.friction_m_s * grown * phi
