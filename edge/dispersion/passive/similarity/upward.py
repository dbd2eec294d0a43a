"""How a plume from the ground grows upward, from surface-layer theory: no letters, no curves.

The crosswind-integrated concentration keeps the shape exp(-(B z / zbar)^s) with s = 1.5. Its
mean height zbar, its speed U and its travel time t follow from the profiles of wind and
diffusivity:

    dtau/dx = s^2 K(z_e) / u(z_e) z_e^(s - 2),   zbar = G tau^(1/s),   G = Gamma(2/s) / Gamma(1/s)
    z_e^2 = (1.55 zbar)^2 + h^2,   U = u(z_c),   z_c^2 = (0.6 zbar)^2 + h^2,   dt/dx = 1 / U

References: van Ulden (1978), Atmos. Environ. 12, 2125-2129 (s = 1.5, 1.55 and 0.6, his eqs. 4-10;
1.55 is what the power-law solution of s = 1.5 asks for); Horst (1979), Atmos. Environ. 13, 797-802;
Gryning, Holtslag, Irwin and Sivertsen (1987), Atmos. Environ. 21, 79-89, section 3.1. Diffusivity
of heat, taken for gas, K = k u* z / phi_h: Hoegstroem (1988), Boundary-Layer Meteor. 42, 55-78,
Table VII, k = 0.40 (0.95 (1 - 11.6 z/L)^-1/2; 0.95 + 7.8 z/L), which are Businger's with another k.
A source at height h > 0 is joined in by z_e and z_c (ours; at h = 0 it is van Ulden's).

Domain: flat ground of one roughness, gas that neither sinks nor rises, zbar up to about a tenth
of the mixing height; the wind's profile is `weather.similarity`'s. SI units.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from edge.dispersion.arrays import Floats
from edge.dispersion.notes import RefusedError
from edge.dispersion.weather import similarity
from edge.dispersion.weather.weather import Weather

SHAPE = 1.5  # s
GROWS_AT, MOVES_AT = 1.55, 0.6  # of zbar
MEAN = math.gamma(2 / SHAPE) / math.gamma(1 / SHAPE)  # G: zbar = G tau^(1/s)
HEAT_NEUTRAL, HEAT_UNSTABLE, HEAT_STABLE = 0.95, 11.6, 7.8
FIRST_M, NODES_PER_DECADE = 0.1, 40
MIDDLE_OF_LID = 0.5  # a plume mixed up to the lid moves with the wind at half of it


@dataclass(frozen=True, slots=True)
class Track:
    """The growing plume at its nodes `x_m` (n,) [m], beginning at 0.

    `tau` [m^1.5] is the spread's measure, `mean_m` zbar of a ground source [m], `centre_m` the
    height whose wind carries it, `speed_m_s` U, `time_s` the travel time t [s].
    """

    x_m: Floats
    tau: Floats
    mean_m: Floats
    centre_m: Floats
    speed_m_s: Floats
    time_s: Floats


def phi_h(zeta: float) -> float:
    """Return the dimensionless gradient of heat at z / L."""
    if zeta < 0:
        return HEAT_NEUTRAL / math.sqrt(1 - HEAT_UNSTABLE * zeta)
    return HEAT_NEUTRAL + HEAT_STABLE * zeta


def diffusivity(weather: Weather, z_m: float) -> float:
    """Return the vertical diffusivity K [m2/s] at `z_m` [m] > 0."""
    zeta = z_m * weather.inverse_length_1_m
    return similarity.KARMAN * weather.friction_m_s * z_m / phi_h(zeta)


def wind(weather: Weather, z_m: float) -> float:
    """Return the wind [m/s] at `z_m` [m]; held constant below 3 z0."""
    return similarity.wind_speed(
        weather.friction_m_s, z_m, weather.roughness_m, weather.inverse_length_1_m
    )


def check_weather(weather: Weather) -> None:
    """Raise `RefusedError` for air in which no plume has a meaning: no wind, no turbulence."""
    if not 0 < weather.speed_m_s < math.inf:
        raise RefusedError("dispersion.refused.plume-no-wind", speed_m_s=weather.speed_m_s)
    spread = weather.sigma_theta_deg
    if not (math.isfinite(weather.from_deg) and (spread is None or 0 <= spread <= 180)):
        raise RefusedError("dispersion.refused.plume-direction", from_deg=weather.from_deg)
    known = (weather.friction_m_s > 0, weather.roughness_m > 0, weather.mixing_height_m > 0)
    if not all(known) or not math.isfinite(weather.inverse_length_1_m + weather.friction_m_s):
        raise RefusedError(
            "dispersion.refused.plume-no-turbulence",
            friction_m_s=weather.friction_m_s,
            roughness_m=weather.roughness_m,
        )


def track(weather: Weather, height_m: float, farthest_m: float, start_mean_m: float = 0.0) -> Track:
    """Return the plume of a source at `height_m` [m] as far as `farthest_m` [m].

    `start_mean_m` [m] is the mean height that a source of some depth begins with. Raises
    `RefusedError` as `check_weather` does. Fourth-order Runge-Kutta on nodes even in ln x,
    tau within 1e-6.
    """
    check_weather(weather)
    count = max(2, math.ceil(NODES_PER_DECADE * math.log10(max(farthest_m, 1.0) / FIRST_M)) + 1)
    x = np.concatenate([[0.0], np.geomspace(FIRST_M, max(farthest_m, 1.0), count)])
    least = 3 * weather.roughness_m / GROWS_AT
    tau = [(max(start_mean_m, 0.0 if height_m > least else least) / MEAN) ** SHAPE]

    def slope(value: float) -> float:
        z = math.hypot(GROWS_AT * MEAN * value ** (1 / SHAPE), height_m)
        return SHAPE**2 * diffusivity(weather, z) / wind(weather, z) * z ** (SHAPE - 2)

    for step in np.diff(x).tolist():
        value = tau[-1]
        k1 = slope(value)
        k2 = slope(value + 0.5 * step * k1)
        k3 = slope(value + 0.5 * step * k2)
        k4 = slope(value + step * k3)
        tau.append(value + step / 6 * (k1 + 2 * k2 + 2 * k3 + k4))
    return _along(weather, height_m, x, np.array(tau))


def _along(weather: Weather, height_m: float, x: Floats, tau: Floats) -> Track:
    mean = MEAN * tau ** (1 / SHAPE)
    most = max(MIDDLE_OF_LID * weather.mixing_height_m, height_m)
    centre = np.minimum(np.hypot(MOVES_AT * mean, height_m), most)
    speed = np.array([wind(weather, z) for z in centre.tolist()])
    pace = 1 / speed
    time = np.concatenate([[0.0], np.cumsum(0.5 * (pace[1:] + pace[:-1]) * np.diff(x))])
    return Track(x, tau, mean, centre, speed, time)
