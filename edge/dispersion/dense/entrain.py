"""How fast air mixes into a dense cloud.

Vertical: w = 1.5 k u* (1 - z / lid) / phi, scaled by U(4 m) / U(top); phi is 1 + 5 x if stable
and (1 - 16 x)^-1/2 if not, x = z ((u*a)^2 / L(z) + 0.025 g') / u*^2. u*^2 sums the ground's
stress, the shear against the wind (0.02) and the ground's heat, (0.14 w^3)^(2/3); a cloud aloft
mixes above and below (0.04). After Ermak (1990) and Zeman (1982); see docs/models/dense.md.
"""

from __future__ import annotations

import math

from edge.dispersion.constants import GRAVITY
from edge.dispersion.dense.air import (
    VON_KARMAN,
    Air,
    instant_intensity,
    inverse_length_at,
    lateral_rate,
    shape,
)

ENTRAIN = 1.5
REFERENCE_M = 4.0
GROUND_SHEAR, LOFT_SHEAR = 0.02, 0.04
BUOYANCY = 0.025
HEAT = 0.14
BLOW, COLD_BLOW = 0.051, 0.026
SIDE_SHEAR = (ENTRAIN * VON_KARMAN) ** 2 / 2.0 * LOFT_SHEAR


def _inverse_phi(x: float) -> float:
    return 1.0 / (1.0 + 5.0 * x) if x >= 0.0 else math.sqrt(1.0 - 16.0 * x)


def drag_coefficient(air: Air, ua: float) -> float:
    """Return (u* / mean wind)^2, the ground's friction on a cloud in a mean wind `ua`."""
    return (air.friction_m_s / max(ua, 1e-3)) ** 2


def upward(
    air: Air,
    height: float,
    zc: float,
    u: float,
    ua: float,
    vg: float,
    density: float,
    t: float,
    blow: float,
) -> float:
    """Return w [m/s], what is mixed in through the top, and below too when the cloud is aloft.

    `height` [m], centre `zc` [m], speeds `u`, `ua` (mean wind), `vg` (its sideways flow, at the
    edge), `blow` (the vapour's off a pool below) [m/s], `density` [kg/m3] and `t` [K] of the cloud.
    """
    ratio = air.density / density
    slip = (u - ua) * (u - ua)
    grounded = zc <= height / 2.0
    top = height if grounded else zc + height / 2.0
    if grounded:
        speed2 = u * u + vg * vg / 4.0
        cf = drag_coefficient(air, ua)
        warm = max(air.temperature_k - t, 0.0) * 2.0 / (air.temperature_k + t)
        heat = HEAT * GRAVITY * height * warm * cf * math.sqrt(speed2)
        shear = GROUND_SHEAR * ratio * ratio * (slip + vg * vg / 4.0)
        stir2 = cf * speed2 + shear + heat ** (2.0 / 3.0)
        cold = COLD_BLOW * GRAVITY * height * warm / max(ua, 0.1)
        stir2 += blow * (BLOW * ua + cold)
    else:
        stir2 = air.friction_m_s**2 + LOFT_SHEAR * ratio * ratio * slip
    weight = BUOYANCY * GRAVITY * max(1.0 - ratio, 0.0)
    share = (air.friction_m_s**2 * inverse_length_at(air, top) + weight) * top / stir2
    mixing = _inverse_phi(share) * max(1.0 - top / air.lid_m, 0.0)
    if not grounded:
        low = zc - height / 2.0
        share = (air.friction_m_s**2 * inverse_length_at(air, low) + weight) * low / stir2
        mixing += _inverse_phi(share) * max(1.0 - low / air.lid_m, 0.0)
    profile = shape(air, REFERENCE_M) / max(shape(air, min(top, air.lid_m)), 1e-6)
    return ENTRAIN * VON_KARMAN * math.sqrt(stir2) * mixing * profile


def sideways(air: Air, width: float, u: float, ua: float, density: float) -> float:
    """Return v [m/s], what the sides of a cloud of half-width `width` [m] mix in."""
    ratio = air.density / density
    eddies = ua * lateral_rate(instant_intensity(air), width)
    return math.sqrt(eddies * eddies + SIDE_SHEAR * (ratio * (u - ua)) ** 2)
