"""Water's saturation pressure: one line for every model that has moist air in it.

Alduchov and Eskridge (1996), Journal of Applied Meteorology 35, 601-609, over water:
p = 610.94 Pa exp(17.625 t / (t + 243.04)), t in deg C; domain -40 to 50 deg C, held beyond.
"""

from __future__ import annotations

import math

# ln(p / Pa) = a - b / (T + c), T in K
STEAM = (17.625 + math.log(610.94), 17.625 * 243.04, 243.04 - 273.15)


def water_pressure_pa(temperature_k: float) -> float:
    """Return water's saturation pressure [Pa] over liquid."""
    a, b, c = STEAM
    return math.exp(a - b / (temperature_k + c))
