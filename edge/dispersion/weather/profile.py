"""The wind at a height, and the pressure at an altitude."""

from __future__ import annotations

# Irwin (1979), Atmospheric Environment 13, 191-194: rural exponents of the wind power law, A-F.
IRWIN_RURAL = {"A": 0.07, "B": 0.07, "C": 0.10, "D": 0.15, "E": 0.35, "F": 0.55}
LOWEST_WIND_HEIGHT_M = 2.0


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
