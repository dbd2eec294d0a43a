"""The heat that the ground gives to the air, from the sun's elevation and the clouds.

Reference: Kunkel (1991), AFTOX 4.0, Phillips Laboratory PL-TR-91-2119, section 3 (insolation after
Kasten and Czeplak 1980, Solar Energy 24, 177-189; surface energy after Holtslag and van Ulden
1983, J. Climate Appl. Meteor. 22, 517-529). Domain: land, air from -35 to 31 degC.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

HIGH_CLOUD, MIDDLE_CLOUD, LOW_CLOUD = 0.61, 0.26, 0.17  # share of sunlight a full cover lets pass
GRASS_ALBEDO, SNOW_ALBEDO = 0.23, 0.75
HOTTEST_FIT_K = 304.2  # where the fit of the share of evaporation has its least value
THETA_STAR_K = 0.09  # van Ulden and Holtslag (1985), J. Climate Appl. Meteor. 24, 1196, eq. 36


@dataclass(frozen=True, slots=True)
class Sky:
    """Clouds: `eighths` of the sky, 0-8, that let `transmission` of the sunlight pass."""

    eighths: float
    transmission: float = MIDDLE_CLOUD


@dataclass(frozen=True, slots=True)
class Ground:
    """What the sun shines on: `snow` and `wet` are whether it is so."""

    snow: bool = False
    wet: bool = False


def night_flux(sky: Sky) -> float:
    """Return AFTOX's heat flux at night [W/m2]: -40 (1 - N / 8)."""
    return -40 * (1 - sky.eighths / 8)


def day_flux(elevation_deg: float, sky: Sky, temperature_k: float, ground: Ground) -> float:
    """Return the sensible heat flux by day [W/m2]; below 0 where the low sun does not yet win.

    SR = (990 sin e - 30) (1 - (1 - Tc) (N/8)^3.4)
    Q = [(1 - albedo) SR + 5.31e-13 T^6 - 5.67e-8 T^4 + 60 N/8] / (1 + c3)
    H = [(1 - alpha) + gs] / (1 + gs) (Q - G) - 20 alpha,  G = 0.1 Q (0 under snow)
    gs = 119.56 - 0.7843 T + 0.0012887 T^2; alpha, c3 = 0.45, 0.25 dry; 1, 0.12 wet; 1, 0 snow.
    """
    sun = 990 * math.sin(math.radians(elevation_deg)) - 30
    sun *= 1 - (1 - sky.transmission) * (sky.eighths / 8) ** 3.4
    alpha, c3, albedo, stored = 0.45, 0.25, GRASS_ALBEDO, 0.1
    if ground.wet:
        alpha, c3 = 1.0, 0.12
    if ground.snow:
        alpha, c3, albedo, stored = 1.0, 0.0, SNOW_ALBEDO, 0.0
    t = temperature_k
    sky_and_ground = 5.31e-13 * t**6 - 5.67e-8 * t**4 + 60 * sky.eighths / 8
    net = ((1 - albedo) * sun + sky_and_ground) / (1 + c3)
    gs = 119.56 - 0.7843 * t + 0.0012887 * t * t
    return (1 - alpha + gs) / (1 + gs) * (1 - stored) * net - 20 * alpha


def aftox_flux(elevation_deg: float, sky: Sky, temperature_k: float, ground: Ground) -> float:
    """Return AFTOX's heat flux [W/m2]: night at a sun not above 0 deg, never below 0 by day.

    Over snow above freezing AFTOX lets it go below 0 by day.
    """
    if elevation_deg <= 0:
        return night_flux(sky)
    flux = day_flux(elevation_deg, sky, temperature_k, ground)
    return flux if ground.snow and temperature_k > 273.15 else max(flux, 0.0)


@dataclass(frozen=True, slots=True)
class Warming:
    """How the ground drives the air: `flux_w_m2` >= 0 [W/m2] by day, or `theta_star_k` >= 0 [K].

    One of the two is 0; both are 0 where the air is neutral.
    """

    flux_w_m2: float
    theta_star_k: float


def warming(elevation_deg: float, sky: Sky, temperature_k: float, ground: Ground) -> Warming:
    """Return what the ground does to the air, without a jump at sunrise or sunset.

    While the day's flux is below 0, the night's theta* = 0.09 (1 - 0.5 (N/8)^2) fades with it:
    theta* H(e) / H(0). A clear sky's hour around sunrise is so still stable, as measurements show
    (Holtslag and van Ulden 1983, fig. 5), and no cut-off is needed.
    """
    t = min(temperature_k, HOTTEST_FIT_K)
    flux = day_flux(max(elevation_deg, 0.0), sky, t, ground)
    if flux >= 0:
        return Warming(flux, 0.0)
    share = min(flux / min(day_flux(0.0, sky, t, ground), -1e-9), 1.0)
    return Warming(0.0, THETA_STAR_K * (1 - 0.5 * (sky.eighths / 8) ** 2) * share)
