"""The stability as judged from wind, sun, cloud, snow and vane, on the careful side.

Physics first (`heat.warming`, `similarity`), then floors that it may not be less stable than. Each
floor fades in and out over a stretch of wind, cloud or sun, so the answer is continuous in all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from edge.dispersion.weather import similarity
from edge.dispersion.weather.heat import LOW_CLOUD, MIDDLE_CLOUD, Ground, Sky, warming
from edge.dispersion.weather.stability import stability_of
from edge.dispersion.weather.vane import stability_of_vane

LEAST_SPEED_M_S = 0.3  # what a cup starts at: a calm's turbulence is reckoned with this
UNKNOWN_DAY = Sky(6.5, MIDDLE_CLOUD)  # about one step of Turner's insolation below a clear sky
CLEAR, OVERCAST = Sky(0.0), Sky(8.0, LOW_CLOUD)
B_MIDDLE, C_MIDDLE, D_MIDDLE, F_MIDDLE = 1.5, 2.5, 3.5, 5.5
NIGHT_DEG, RISEN_DEG = 0.0, 10.0  # the night's floor fades out between these elevations
BRIGHT_SUN_DEG = 45.0  # under unknown clouds B is believed from here
LOW_SUN_DEG, HIGH_SUN_DEG = 25.0, 35.0  # the low sun's floor (C) fades out between these
F_WIND_M_S, NO_F_WIND_M_S = 2.0, 4.0  # below the first F by clear night, above the second D
CLEAR_EIGHTHS, CLOUDY_EIGHTHS = 3.0, 5.0  # Turner's "<= 3/8" and what is no longer it
SOME_DARK, OVERCAST_DARK = 0.5, 0.75  # share of sunlight that clouds take
VANE_FROM_M_S, VANE_FULLY_M_S = 2.0, 3.0  # below, a vane's spread is meander, not mixing


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the judgement rests on: wind [m/s] at `height_m` [m], z0 [m], air [K, Pa], sun [deg].

    `sky` is None where nobody sees the clouds, `sigma_theta_deg` [deg] where no vane's spread is.
    """

    speed_m_s: float
    height_m: float
    roughness_m: float
    temperature_k: float
    pressure_pa: float
    elevation_deg: float
    ground: Ground
    sky: Sky | None
    sigma_theta_deg: float | None = None

    @property
    def speed_10m_m_s(self) -> float:
        """Return the wind at 10 m [m/s] by the neutral profile: at night rather too low."""
        ratio = math.log(10.0 / self.roughness_m) / math.log(self.height_m / self.roughness_m)
        return self.speed_m_s * ratio


@dataclass(frozen=True, slots=True)
class Judgement:
    """The stability (0.5-6) to reckon with, and the band that it may truly lie in."""

    stability: float
    most_unstable: float
    most_stable: float


def judge(around: Surroundings) -> Judgement:
    """Return the stability and its band: clouds one eighth off, or anywhere where unknown.

    Unknown clouds are taken on the careful side, as `pasquill.pasquill_class` does with letters:
    by night a clear sky; by day one step of insolation less than a clear sky gives, and half a
    class more stable (the more stable letter of a pair). By day a vane's sigma theta may then move
    the answer within the band (EPA sigma-A); by night never. Otherwise it sets only sigma_y.
    """
    if around.sky is not None:
        sky = around.sky
        eighths = (min(max(sky.eighths + d, 0.0), 8.0) for d in (-1.0, 0.0, 1.0))
        sides = [_under(around, Sky(n, sky.transmission)) for n in eighths]
        return Judgement(sides[1], min(sides), max(sides))
    clear, overcast = _under(around, CLEAR), _under(around, OVERCAST)
    low, high = min(clear, overcast), max(clear, overcast)
    one_step = min(max(_bare(around, UNKNOWN_DAY) + 0.5, low), high)
    day = _by_vane(around, one_step, low, high)
    by_day = _fade(around.elevation_deg, NIGHT_DEG, RISEN_DEG)
    stability = high * (1 - by_day) + max(day, _unknown_floor(around)) * by_day
    return Judgement(stability, low, max(high, stability))


def _by_vane(around: Surroundings, careful: float, low: float, high: float) -> float:
    if around.sigma_theta_deg is None:
        return careful
    said = stability_of_vane(around.sigma_theta_deg, around.height_m, around.roughness_m)
    trust = _fade(around.speed_10m_m_s, VANE_FROM_M_S, VANE_FULLY_M_S)
    return careful + trust * (min(max(said, low), high) - careful)


def _under(around: Surroundings, sky: Sky) -> float:
    """Return the stability under a known `sky`, not below its floor."""
    return max(_bare(around, sky), floor(around, sky))


def _bare(around: Surroundings, sky: Sky) -> float:
    """Return the stability that the physics alone give."""
    speed = max(around.speed_m_s, LEAST_SPEED_M_S)
    drive = warming(around.elevation_deg, sky, around.temperature_k, around.ground)
    z, z0 = around.height_m, around.roughness_m
    if drive.flux_w_m2 > 0:
        over_l = similarity.heated(speed, z, z0, drive.flux_w_m2, around.pressure_pa)
    else:
        over_l = similarity.cooled(speed, z, z0, drive.theta_star_k, around.temperature_k)
    return stability_of(over_l, z0)


def floor(around: Surroundings, sky: Sky) -> float:
    """Return the least stability that may be reckoned with under `sky`.

    By night D, and F below 2 m/s where it is clear; C with snow or the sun below 25 deg; D under
    a heavy overcast (Turner 1970, note to Table 3-1). From 0 to 10 deg of sun the night's floor
    fades into the day's, from 25 to 35 deg C's fades out (but over snow), from 2 to 4 m/s and
    from 3 to 5 eighths F's fades into D's, and the overcast's in with the sunlight it takes.
    """
    clear = 1 - _fade(sky.eighths, CLEAR_EIGHTHS, CLOUDY_EIGHTHS)
    still = 1 - _fade(around.speed_10m_m_s, F_WIND_M_S, NO_F_WIND_M_S)
    night = D_MIDDLE + (F_MIDDLE - D_MIDDLE) * clear * still
    high = 0.0 if around.ground.snow else _fade(around.elevation_deg, LOW_SUN_DEG, HIGH_SUN_DEG)
    risen = _fade(around.elevation_deg, NIGHT_DEG, RISEN_DEG)
    dark = (1 - sky.transmission) * (sky.eighths / 8) ** 3.4
    day = max(C_MIDDLE * (1 - high), D_MIDDLE * _fade(dark, SOME_DARK, OVERCAST_DARK))
    return night * (1 - risen) + day * risen


def _unknown_floor(around: Surroundings) -> float:
    """Return the day's floor under unknown clouds: D to 25 deg, B from 45 (over snow C)."""
    least = C_MIDDLE if around.ground.snow else B_MIDDLE
    return D_MIDDLE - (D_MIDDLE - least) * _fade(around.elevation_deg, LOW_SUN_DEG, BRIGHT_SUN_DEG)


def _fade(value: float, start: float, end: float) -> float:
    """Return 0 up to `start`, 1 from `end`, straight between."""
    return min(max((value - start) / (end - start), 0.0), 1.0)
