"""The Pasquill class from wind and sun when cloud is unknown.

For the hazard daemon alone, whose plume (`passive.plume.briggs`) and wind (`profile.wind_at`) are
by letter; everything else is judged without letters (`judge`). Its predictions sound alarms, so
its weather is to change together with its plume, not before. Both take the careful side.
"""

from __future__ import annotations

import math

CLASSES = "ABCDEF"  # very unstable … moderately stable

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
