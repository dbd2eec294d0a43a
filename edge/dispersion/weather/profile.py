"""The wind at a height, and the pressure at an altitude."""

from __future__ import annotations

from edge.dispersion.weather import similarity
from edge.dispersion.weather.pasquill import CLASSES
from edge.dispersion.weather.weather import Weather

# Exponents of the wind power law, A-F.
# Irwin (1979), Atmospheric Environment 13, 191-194: rural, and urban for z0 = 1 m.
IRWIN_RURAL = {"A": 0.07, "B": 0.07, "C": 0.10, "D": 0.15, "E": 0.35, "F": 0.55}
IRWIN_URBAN = {"A": 0.15, "B": 0.15, "C": 0.20, "D": 0.25, "E": 0.40, "F": 0.60}
# US EPA (1995), ISC3 user's guide, EPA-454/B-95-003b, section 1.1.3: stable urban air held back.
ISC3_URBAN = {**IRWIN_URBAN, "E": 0.30, "F": 0.30}
# Havens and Spicer (1985), LNG vapor dispersion prediction, USCG CG-D-22-85 (DEGADIS), Table III.2.
DEGADIS = {"A": 0.108, "B": 0.112, "C": 0.120, "D": 0.142, "E": 0.203, "F": 0.253}
LOWEST_WIND_HEIGHT_M = 2.0


def power_law(speed_m_s: float, measured_at_m: float, height_m: float, exponent: float) -> float:
    """Return the wind [m/s] at `height_m` [m]: u (z / z_ref)^p. Both heights are above 0."""
    return speed_m_s * (height_m / measured_at_m) ** exponent


def exponent(stability: float, table: dict[str, float]) -> float:
    """Return the power law's exponent at a continuous stability (0.5-6), straight between classes.

    A class stands at its middle (A 0.5 … F 5.5).
    """
    place = min(max(stability - 0.5, 0.0), 5.0)
    index = min(int(place), 4)
    below, above = table[CLASSES[index]], table[CLASSES[index + 1]]
    return below + (above - below) * (place - index)


def wind_at(speed_m_s: float, measured_at_m: float, height_m: float, stability: str) -> float:
    """Return the wind [m/s] at `height_m` [m] from one measured at `measured_at_m` [m].

    For models by letter (`pasquill` says which); `wind_of` is everyone else's. Power law
    u(z) = u_ref (z / z_ref)^p with Irwin's (1979) rural exponents; held constant below
    2 m, where the law does not hold. Raises `ValueError` for a height not above 0 or a class that
    is none of A-F.
    """
    if stability not in IRWIN_RURAL:
        raise ValueError(f"stability must be one of A-F, not {stability!r}")
    if not measured_at_m > 0:
        raise ValueError(f"the wind must be measured above the ground, not at {measured_at_m} m")
    z_ref = max(measured_at_m, LOWEST_WIND_HEIGHT_M)
    z = max(height_m, LOWEST_WIND_HEIGHT_M)
    return power_law(speed_m_s, z_ref, z, IRWIN_RURAL[stability])


def wind_of(weather: Weather, height_m: float) -> float:
    """Return the wind [m/s] of `weather` at `height_m` [m] by Monin-Obukhov similarity.

    It passes through the measured wind. Held constant below 3 z0; in a calm it never falls below
    the wind that u* was reckoned with.
    """
    return similarity.wind_speed(
        weather.friction_m_s, height_m, weather.roughness_m, weather.inverse_length_1_m
    )


def standard_pressure_pa(altitude_m: float) -> float:
    """Return the standard atmosphere's pressure [Pa] at `altitude_m` [m], valid to 11 km.

    Source: ICAO Doc 7488, troposphere: p = 101325 (1 - 0.0065 h / 288.15)^5.25588.
    """
    return 101_325.0 * (1 - 0.0065 * altitude_m / 288.15) ** 5.25588
