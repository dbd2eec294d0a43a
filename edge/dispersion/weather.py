"""How the air mixes: sun elevation, Pasquill class, wind at a height. Plain functions, no arrays.

The class is one of six letters for now (a continuous stability comes with the puff models).
"""

from __future__ import annotations

import math

from edge.clock import NS

CLASSES = "ABCDEF"  # very unstable … moderately stable
SECONDS_PER_DAY = 86_400
J2000_UTC_S = 946_728_000  # 2000-01-01 12:00 UTC in Unix time

# Turner (1970), Workbook of Atmospheric Dispersion Estimates, EPA AP-26, Table 3-1: surface wind
# [m/s at 10 m] below which a row holds; by day strong, moderate, slight insolation; night with
# >= 4/8 cloud, with <= 3/8. Where the table prints a pair (A-B) both letters stand.
PASQUILL: tuple[tuple[float, tuple[str, str, str], str, str], ...] = (
    (2.0, ("A", "AB", "B"), "F", "F"),  # night: not in the table, F by convention
    (3.0, ("AB", "B", "C"), "E", "F"),
    (5.0, ("B", "BC", "C"), "D", "E"),
    (6.0, ("C", "CD", "D"), "D", "D"),
    (math.inf, ("C", "D", "D"), "D", "D"),
)

# Irwin (1979), Atmospheric Environment 13, 191-194: rural exponents of the wind power law, A-F.
IRWIN_RURAL = {"A": 0.07, "B": 0.07, "C": 0.10, "D": 0.15, "E": 0.35, "F": 0.55}
LOWEST_WIND_HEIGHT_M = 2.0


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


def pasquill_class(speed_10m_m_s: float, elevation_deg: float) -> str:
    """Return the Pasquill class from wind [m/s] and sun elevation [deg] when cloud is unknown.

    The table is Turner's (1970, Table 3-1), whose clear-sky insolation is strong above 60 deg,
    moderate above 35 deg and slight above 15 deg. A gateway does not see the clouds, so we take
    the careful side, where gas stays thicker: by day one step less insolation than a clear sky
    gives and the more stable letter of a pair; below 15 deg neutral D; at night a clear sky.
    Raises `ValueError` if the wind is not a number >= 0.
    """
    if not speed_10m_m_s >= 0:
        raise ValueError(f"wind speed must be >= 0 m/s, not {speed_10m_m_s}")
    row = next(row for row in PASQUILL if speed_10m_m_s < row[0])
    if elevation_deg <= 0:
        return row[3]
    if elevation_deg <= 15:
        return "D"
    _strong, moderate, slight = row[1]
    if elevation_deg > 60:
        return moderate[-1]
    return slight[-1] if elevation_deg > 35 else "D"


def wind_at(speed_m_s: float, measured_at_m: float, height_m: float, stability: str) -> float:
    """Return the wind [m/s] at `height_m` [m] from one measured at `measured_at_m` [m].

    Power law u(z) = u_ref (z / z_ref)^p with Irwin's (1979) rural exponents; held constant below
    2 m, where the law does not hold. Raises `ValueError` for a height not above 0 or a class
    that is none of A-F.
    """
    if stability not in IRWIN_RURAL:
        raise ValueError(f"stability must be one of A-F, not {stability!r}")
    if not measured_at_m > 0:
        raise ValueError(f"the wind must be measured above the ground, not at {measured_at_m} m")
    z_ref = max(measured_at_m, LOWEST_WIND_HEIGHT_M)
    z = max(height_m, LOWEST_WIND_HEIGHT_M)
    return speed_m_s * (z / z_ref) ** IRWIN_RURAL[stability]


def standard_pressure_pa(altitude_m: float) -> float:
    """Return the standard atmosphere's pressure [Pa] at `altitude_m` [m], valid to 11 km.

    Source: ICAO Doc 7488, troposphere: p = 101325 (1 - 0.0065 h / 288.15)^5.25588.
    """
    return 101_325.0 * (1 - 0.0065 * altitude_m / 288.15) ** 5.25588
