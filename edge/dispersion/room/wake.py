"""The wake of the building that the gas comes out of.

A vent or door near a building breathes into its wake: the gas leaves with the size of the
building's face, not of the door. Wake size as a volume source beside a building: sigma_y0 =
W / 4.3, sigma_z0 = H / 2.15 (US EPA 1995, ISC3 user's guide, EPA-454/B-95-003a, Table 3-1).
Concentration in the near wake: C = Q / (K A u), K from 0.5 to 2 (Gifford 1968, in Meteorology and
Atomic Energy, TID-24190, section 3-5.5.2; ASME 1975, Recommended Guide for the Prediction of the
Dispersion of Airborne Effluents, p. 39); 0.5 is the careful end. The cavity's length: Hosker
(1979), Flow and diffusion around buildings, 4th Symp. on Turbulence, Diffusion and Air Pollution,
AMS, 392-397: L_r / H = 1.8 (W/H) / [(L/H)^0.3 (1 + 0.24 W/H)].
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from edge.dispersion.notes import RefusedError

CAREFUL_K = 0.5
HUBER_SNYDER_HEIGHTS = 1.2  # a stack above this many H stands out of the wake (ISC3, sec. 1.1.5.2)


@dataclass(frozen=True, slots=True)
class Building:
    """A block of `height_m`, `width_m` across and `length_m` along `along_deg` [m, deg from N]."""

    height_m: float
    width_m: float
    length_m: float
    along_deg: float = 0.0

    def __post_init__(self) -> None:
        for name in ("height_m", "width_m", "length_m"):
            value = getattr(self, name)
            if not 0 < value < 1e4:
                raise RefusedError("dispersion.refused.room.size", name=name, value=value)

    def face_m(self, wind_from_deg: float) -> float:
        """Return the width [m] that the building shows to the wind."""
        angle = math.radians(wind_from_deg - self.along_deg)
        return abs(self.width_m * math.cos(angle)) + abs(self.length_m * math.sin(angle))

    def depth_m(self, wind_from_deg: float) -> float:
        """Return the building's extent [m] along the wind."""
        angle = math.radians(wind_from_deg - self.along_deg)
        return abs(self.length_m * math.cos(angle)) + abs(self.width_m * math.sin(angle))

    def face_area_m2(self, wind_from_deg: float) -> float:
        """Return the area [m2] that the building shows to the wind."""
        return self.height_m * self.face_m(wind_from_deg)


def catches(building: Building, height_m: float) -> bool:
    """Return whether gas that comes out at `height_m` [m] goes into the building's wake."""
    return height_m <= HUBER_SNYDER_HEIGHTS * building.height_m


def initial_sigmas(building: Building, wind_from_deg: float) -> tuple[float, float]:
    """Return sigma_y0 and sigma_z0 [m] of gas that leaves the wake."""
    return building.face_m(wind_from_deg) / 4.3, building.height_m / 2.15


def near_wake(
    building: Building, rate_kg_s: float, wind_from_deg: float, speed_m_s: float
) -> float:
    """Return the careful concentration [kg/m3] in the near wake, Q / (0.5 A u).

    `speed_m_s` [m/s] is the wind at the roof. Raises `RefusedError` where it is not above 0.
    """
    if not speed_m_s > 0:
        raise RefusedError("dispersion.refused.room.no-wind", value=speed_m_s)
    return rate_kg_s / (CAREFUL_K * building.face_area_m2(wind_from_deg) * speed_m_s)


def cavity_m(building: Building, wind_from_deg: float) -> float:
    """Return how far behind the building [m] its cavity reaches, from the lee wall."""
    h, w = building.height_m, building.face_m(wind_from_deg)
    depth = building.depth_m(wind_from_deg)
    return 1.8 * w / ((depth / h) ** 0.3 * (1 + 0.24 * w / h))
