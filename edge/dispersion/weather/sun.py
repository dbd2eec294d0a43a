"""Where the sun stands."""

from __future__ import annotations

import math

from edge.clock import NS

SECONDS_PER_DAY = 86_400
J2000_UTC_S = 946_728_000  # 2000-01-01 12:00 UTC in Unix time


def sun_elevation_deg(utc_ns: int, lat_deg: float, lon_deg: float) -> float:
    """Return the sun's elevation [deg], without refraction, at `utc_ns` and a place on earth.

    Source: Michalsky (1988), Solar Energy 40(3), 227-235 (the Astronomical Almanac's algorithm,
    within 0.01 deg from 1950 to 2050). `lon_deg` counts east.
    """
    days = (utc_ns / NS - J2000_UTC_S) / SECONDS_PER_DAY
    anomaly = math.radians(357.528 + 0.9856003 * days)
    mean_longitude = 280.460 + 0.9856474 * days
    ecliptic = math.radians(
        mean_longitude + 1.915 * math.sin(anomaly) + 0.020 * math.sin(2 * anomaly)
    )
    obliquity = math.radians(23.439 - 4e-7 * days)
    ascension = math.atan2(math.cos(obliquity) * math.sin(ecliptic), math.cos(ecliptic))
    declination = math.asin(math.sin(obliquity) * math.sin(ecliptic))
    sidereal_deg = 15 * (6.697375 + 0.0657098242 * days) + 360 * ((days + 0.5) % 1.0)
    hour_angle = math.radians(sidereal_deg + lon_deg) - ascension
    lat = math.radians(lat_deg)
    return math.degrees(
        math.asin(
            math.sin(declination) * math.sin(lat)
            + math.cos(declination) * math.cos(lat) * math.cos(hour_angle)
        )
    )
