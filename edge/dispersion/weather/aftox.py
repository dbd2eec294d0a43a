"""AFTOX's own way from heat flux to u*, L, the wind at 10 m and stability, for verification.

Reference: Kunkel (1991), AFTOX 4.0, Phillips Laboratory PL-TR-91-2119, section 3. It differs from
`similarity` in what it gives up for a small machine: u* is walked in steps of 0.001 m/s from a
first guess until u* / u agrees to 0.001, and the last two are averaged; z/L is capped at 1 in
stable air (so that L jumps where the turbulence dies); phi_m = (1 - 15 z/L)^-1/4. Operational
weather (`judge`) shares only the heat flux and the scale. k = 0.40; SI units, but for the pressure
in hPa that its constant 0.0112 = k g / (rho cp T) p holds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from edge.dispersion.weather.similarity import KARMAN
from edge.dispersion.weather.stability import stability_of

NEUTRAL_W_M2 = 1.0  # a smaller flux than this is none
STEP_M_S, CLOSE = 0.001, 0.001  # of u*, and of u* / u
STABLE_SLOPE, STABLE_CAP = 5.2, 1.0


@dataclass(frozen=True, slots=True)
class Surface:
    """u* [m/s], 1/L [1/m], the wind at 10 m [m/s] and the stability that AFTOX prints."""

    friction_m_s: float
    inverse_length_1_m: float
    speed_10m_m_s: float
    stability: float


def surface(
    speed_m_s: float, height_m: float, roughness_m: float, flux_w_m2: float, pressure_hpa: float
) -> Surface:
    """Return what AFTOX makes of a wind [m/s] at `height_m` [m], a flux [W/m2] and z0 [m]."""
    if abs(flux_w_m2) <= NEUTRAL_W_M2:
        friction = KARMAN * speed_m_s / math.log(height_m / roughness_m)
        over_l = _over_l(flux_w_m2, friction, pressure_hpa)
    else:
        friction, over_l = _walk(speed_m_s, height_m, roughness_m, flux_w_m2, pressure_hpa)
    at_10 = friction / KARMAN * _profile(10.0, roughness_m, over_l, flux_w_m2)
    return Surface(friction, over_l, at_10, stability_of(over_l, roughness_m))


def _walk(
    speed_m_s: float, height_m: float, roughness_m: float, flux_w_m2: float, pressure_hpa: float
) -> tuple[float, float]:
    """Return u* [m/s] and 1/L [1/m] by AFTOX's walk from its first guess."""
    guess = (speed_m_s * (10 / height_m) ** 0.2 + 0.8 * flux_w_m2 / (flux_w_m2 + 100)) / 12
    if guess < 0:
        guess = speed_m_s / 12
    while True:
        ratio = guess / speed_m_s
        over_l = _over_l(flux_w_m2, guess, pressure_hpa)
        friction = KARMAN * speed_m_s / _profile(height_m, roughness_m, over_l, flux_w_m2)
        apart = friction / speed_m_s - ratio
        if abs(apart) < CLOSE:
            return 0.5 * (friction + guess), over_l
        guess += math.copysign(STEP_M_S, apart)


def _over_l(flux_w_m2: float, friction_m_s: float, pressure_hpa: float) -> float:
    return -0.0112 * flux_w_m2 / (pressure_hpa * friction_m_s**3)


def _profile(height_m: float, roughness_m: float, over_l: float, flux_w_m2: float) -> float:
    """Return k u / u* at `height_m`."""
    neutral = math.log(height_m / roughness_m)
    if abs(flux_w_m2) <= NEUTRAL_W_M2:
        return neutral
    if flux_w_m2 < 0:
        return neutral + STABLE_SLOPE * min(height_m * abs(over_l), STABLE_CAP)
    x, x0 = (1 - 15 * height_m * over_l) ** 0.25, (1 - 15 * roughness_m * over_l) ** 0.25
    turn = 2 * (math.atan(x) - math.atan(x0))
    return turn + math.log((x - 1) / (x0 - 1)) - math.log((x + 1) / (x0 + 1))
