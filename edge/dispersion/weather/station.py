"""The one door of the weather: from what a site's mast says to the `Weather` that models take.

The stability is judged from wind, sun and cloud (`judge`), never in letter
steps, on the careful side: gas that stays thicker. What a site does not know widens the band
from `Appraisal.most_unstable` to `most_stable`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from edge.dispersion.notes import Note, RefusedError
from edge.dispersion.weather import similarity
from edge.dispersion.weather.heat import MIDDLE_CLOUD, Ground, Sky
from edge.dispersion.weather.judge import LEAST_SPEED_M_S, Judgement, Surroundings, judge
from edge.dispersion.weather.lid import mixing_height
from edge.dispersion.weather.profile import standard_pressure_pa
from edge.dispersion.weather.stability import (
    LEAST,
    MOST,
    NEUTRAL,
    inverse_length_of,
    stability_of_letter,
)
from edge.dispersion.weather.sun import sun_elevation_deg
from edge.dispersion.weather.weather import Weather

CALM_M_S = 1.5  # at 10 m
CALM_SPREAD_DEG = 35.0  # of the direction over 10 min
TYPICAL_HUMIDITY = 0.5
LIMITS = {
    # what: least, most; wider than anything a station on land has read
    "speed_m_s": (0.0, 60.0),
    "height_m": (1.0, 200.0),
    "from_deg": (0.0, 360.0),
    "temperature_k": (213.15, 333.15),
    "latitude_deg": (-90.0, 90.0),
    "longitude_deg": (-180.0, 180.0),
    "roughness_m": (1e-4, 3.0),
    "sigma_theta_deg": (0.0, 105.0),  # Yamartino's greatest is 104
    "humidity": (0.0, 1.0),
    "pressure_pa": (40_000.0, 110_000.0),
    "cloud_eighths": (0.0, 8.0),
    "cloud_transmission": (0.0, 1.0),
    "altitude_m": (-500.0, 6000.0),
    "mixing_height_m": (10.0, 10_000.0),
}
LEAST_ROUGHNESSES = 2.0  # a mast below this many z0 stands among the obstacles


@dataclass(frozen=True, slots=True)
class Observation:
    """What a site has. None is "not known" (an instrument that is Bad, or none there).

    `speed_m_s` [m/s] is the mean wind at `height_m` [m] from `from_deg` [deg, clockwise from
    north], `sigma_theta_deg` [deg] its spread over 10 min; `temperature_k` [K]; `humidity` 0-1;
    `pressure_pa` [Pa]; `cloud_eighths` 0-8 and what share of sunlight a full cover of them lets
    through; `roughness_m` z0 [m] (`roughness.ROUGHNESS_M`); `altitude_m` [m] above the sea;
    `latitude_deg`, `longitude_deg` [deg, east and north > 0]; `utc_ns` [ns since 1970, UTC].
    A stated Pasquill `letter` (a regulator's "F") overrules what sun and wind say.
    """

    speed_m_s: float | None
    height_m: float
    from_deg: float | None
    temperature_k: float
    latitude_deg: float
    longitude_deg: float
    utc_ns: int
    roughness_m: float = 0.1
    sigma_theta_deg: float | None = None
    humidity: float | None = None
    pressure_pa: float | None = None
    cloud_eighths: float | None = None
    cloud_transmission: float = MIDDLE_CLOUD
    snow: bool = False
    wet: bool = False
    urban: bool = False
    altitude_m: float = 0.0
    mixing_height_m: float | None = None
    letter: str | None = None


@dataclass(frozen=True, slots=True)
class Appraisal:
    """The weather as judged, and how sure of it one may be.

    `calm` says that no plume has a direction: use `calm.circle`. The true stability lies between
    `most_unstable` and `most_stable`: ensembles draw from there (`with_stability`).
    """

    weather: Weather
    calm: bool
    most_unstable: float
    most_stable: float
    sun_elevation_deg: float
    notes: tuple[Note, ...] = ()


def appraise(seen: Observation) -> Appraisal:
    """Return the weather of `seen`; raises `RefusedError` for values that cannot be.

    Where the wind is unknown the answer is calm, and its `Weather` has the calm's greatest wind,
    1.5 m/s, from no meant direction.
    """
    check(seen)
    notes: list[Note] = []
    elevation = sun_elevation_deg(seen.utc_ns, seen.latitude_deg, seen.longitude_deg)
    bare = _measured(seen, notes)
    around = Surroundings(
        bare.speed_m_s, bare.height_m, bare.roughness_m, bare.temperature_k, bare.pressure_pa,
        elevation, Ground(seen.snow, seen.wet), _sky(seen), seen.sigma_theta_deg,
    )  # fmt: skip
    found = _stability(seen, around, notes)
    weather = with_stability(bare, found.stability, seen.latitude_deg)
    if seen.mixing_height_m is not None:
        weather = replace(weather, mixing_height_m=seen.mixing_height_m)
    calm = _calm(seen, around, notes)
    return Appraisal(weather, calm, found.most_unstable, found.most_stable, elevation, tuple(notes))


def with_stability(weather: Weather, stability: float, latitude_deg: float) -> Weather:
    """Return `weather` with another stability (0.5-6) and the u*, 1/L and lid that go with it."""
    over_l = inverse_length_of(stability, weather.roughness_m)
    friction = similarity.friction_velocity(
        max(weather.speed_m_s, LEAST_SPEED_M_S), weather.height_m, weather.roughness_m, over_l
    )
    return replace(
        weather,
        friction_m_s=friction,
        inverse_length_1_m=over_l,
        stability=stability,
        mixing_height_m=mixing_height(friction, over_l, stability, latitude_deg),
    )


def check(seen: Observation) -> None:
    """Raise `RefusedError` for a value that is no number, or that no station on land reads."""
    for name, (least, most) in LIMITS.items():
        value = getattr(seen, name)
        if value is not None and not least <= value <= most:
            raise RefusedError(
                "dispersion.refused.observation", name=name, value=value, least=least, most=most
            )
    if seen.height_m < LEAST_ROUGHNESSES * seen.roughness_m:
        raise RefusedError(
            "dispersion.refused.mast-too-low", height_m=seen.height_m, roughness_m=seen.roughness_m
        )


def _measured(seen: Observation, notes: list[Note]) -> Weather:
    """Return what was measured, what is missing filled in and noted, in neutral air."""
    pressure, humidity, speed = seen.pressure_pa, seen.humidity, seen.speed_m_s
    if pressure is None:
        pressure = standard_pressure_pa(seen.altitude_m)
        notes.append(Note("dispersion.note.pressure-assumed", {"hpa": round(pressure / 100)}))
    if humidity is None:
        humidity = TYPICAL_HUMIDITY
        notes.append(Note("dispersion.note.humidity-assumed", {"percent": 100 * humidity}))
    if speed is None:
        speed = CALM_M_S
    return Weather(
        speed, seen.height_m, (seen.from_deg or 0.0) % 360, seen.temperature_k, pressure, humidity,
        seen.roughness_m, 0.0, 0.0, NEUTRAL, math.inf, seen.sigma_theta_deg, seen.urban,
    )  # fmt: skip


def _sky(seen: Observation) -> Sky | None:
    if seen.cloud_eighths is None:
        return None
    return Sky(seen.cloud_eighths, seen.cloud_transmission)


def _stability(seen: Observation, around: Surroundings, notes: list[Note]) -> Judgement:
    if seen.letter is not None:
        stated = stability_of_letter(seen.letter)
        notes.append(Note("dispersion.note.stability-stated", {"letter": seen.letter}))
        return Judgement(stated, max(stated - 0.5, LEAST), min(stated + 0.5, MOST))
    found = judge(around)
    if around.sky is None:
        notes.append(
            Note(
                "dispersion.note.cloud-unknown",
                {
                    "stability": round(found.stability, 1),
                    "low": round(found.most_unstable, 1),
                    "high": round(found.most_stable, 1),
                },
            )
        )
    return found


def _calm(seen: Observation, around: Surroundings, notes: list[Note]) -> bool:
    """Return whether there is no direction to draw a plume in, and note why."""
    if seen.speed_m_s is None or seen.from_deg is None:
        notes.append(Note("dispersion.note.wind-unknown"))
        return True
    if around.speed_10m_m_s < CALM_M_S:
        speed = round(around.speed_10m_m_s, 1)
        notes.append(Note("dispersion.note.wind-calm", {"speed_m_s": speed}))
        return True
    if seen.sigma_theta_deg is not None and seen.sigma_theta_deg > CALM_SPREAD_DEG:
        spread = round(seen.sigma_theta_deg)
        notes.append(Note("dispersion.note.wind-wanders", {"spread_deg": spread}))
        return True
    return False
