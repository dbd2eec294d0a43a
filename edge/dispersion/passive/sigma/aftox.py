"""AFTOX's dispersion coefficients, continuous in stability.

    sigma_y = (0.479 - 0.1232 s + 0.00904 s^2) x^0.9 (z0 / 3 cm)^0.2
    sigma_z = a x^b (z0 / 3 cm)^0.2, a and b of the curves around s, read straight between them

Reference: Kunkel (1991), User's Guide for the Air Force Toxic Chemical Dispersion Model (AFTOX),
PL-TR-91-2119, sigma equations and table. Domain: s 0.5-6, x to about 10 km, 10 min means.

AFTOX itself uses the last vertical curve from s = 5.5 on, a step of up to 9 %; we read on
straight to s = 6 (`stepped` gives AFTOX's own numbers back, for verification).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge.dispersion.arrays import Floats
from edge.dispersion.passive.sigma.face import check_distances, check_stability
from edge.dispersion.weather.weather import Weather

NODES = (0.5, 1.5, 2.5, 3.5, 4.5, 6.0)
# (branch at [m], a and b up to it, a and b beyond it) at each of NODES
Z = (
    (745.0, 0.0414, 1.3155, 1.928e-4, 2.1234),
    (745.0, 0.1036, 1.0026, 0.0534, 1.1029),
    (2000.0, 0.1173, 0.9112, 0.4422, 0.7382),
    (1100.0, 0.0975, 0.8414, 0.6097, 0.5808),
    (1400.0, 0.1050, 0.7692, 0.8788, 0.4771),
    (1400.0, 0.0617, 0.7884, 0.9990, 0.4052),
)
ROUGHNESS_M, ROUGHNESS_POWER = 0.03, 0.2
LAST_CURVE_FROM = 5.5001  # where AFTOX steps
MEANDER_AS = 3.5  # the stability that AFTOX gives sigma_y when the wind meanders (s = 6)


@dataclass(frozen=True, slots=True)
class AftoxSet:
    """AFTOX's set. `stepped` takes its last vertical curve from s = 5.5 on, as AFTOX does.

    `meander` gives sigma_y the stability 3.5 at s = 6, as AFTOX does for averages over 1 min.
    """

    id: str = "aftox"
    averaging_s: float = 600.0
    stepped: bool = False
    meander: bool = False

    def sigmas(self, x_m: Floats, weather: Weather) -> tuple[Floats, Floats]:
        """As `SigmaSet.sigmas`; uses the stability and the roughness of `weather`."""
        check_distances(x_m)
        check_stability(weather.stability)
        s = weather.stability
        rough = (weather.roughness_m / ROUGHNESS_M) ** ROUGHNESS_POWER
        aside = MEANDER_AS if self.meander and s == NODES[-1] else s
        sy = (0.479 - 0.1232 * aside + 0.00904 * aside**2) * x_m**0.9
        return sy * rough, self._vertical(x_m, s) * rough

    def _vertical(self, x_m: Floats, s: float) -> Floats:
        if self.stepped and s > LAST_CURVE_FROM:
            return _curve(x_m, len(Z) - 1)
        high = max(1, int(np.searchsorted(NODES, s)))
        share = (s - NODES[high - 1]) / (NODES[high] - NODES[high - 1])
        return (1 - share) * _curve(x_m, high - 1) + share * _curve(x_m, high)


def _curve(x_m: Floats, node: int) -> Floats:
    branch, near_a, near_b, far_a, far_b = Z[node]
    return np.where(x_m > branch, far_a * x_m**far_b, near_a * x_m**near_b)
