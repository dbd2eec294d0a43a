"""The mixing height: how far up the air near the ground mixes."""

from __future__ import annotations

import math
from itertools import pairwise

EARTH_1_S = 7.2921e-5  # the earth's rotation
LEAST_LATITUDE_DEG = 10.0  # below it the rotation no longer rules the depth
LEAST_LID_M, MOST_LID_M = 30.0, 3000.0
# GB/T 3840-1991, appendix E, table E1 (Heilongjiang and its neighbours): h = a u10 / f for A-D;
# taken here relative to D at the classes' middles.
DEEPER = ((0.5, 0.073 / 0.019), (1.5, 0.060 / 0.019), (2.5, 0.041 / 0.019), (3.5, 1.0))


def mixing_height(
    friction_m_s: float, inverse_length_1_m: float, stability: float, latitude_deg: float
) -> float:
    """Return the mixing height [m], 30-3000, continuous in all its arguments.

    Stable and neutral: h = L / 3.8 [-1 + sqrt(1 + 2.28 u* / (f L))], Nieuwstadt (1981), Boundary-
    Layer Meteor. 20, 3-17, eq. 29, which is 0.3 u* / f in neutral air. Unstable: that neutral depth
    times the ratio of GB/T 3840-1991 between the class and D. f is Coriolis's parameter [1/s].
    """
    latitude = max(abs(latitude_deg), LEAST_LATITUDE_DEG)
    f = 2 * EARTH_1_S * math.sin(math.radians(latitude))
    a = max(inverse_length_1_m, 0.0)
    depth = friction_m_s / f
    # L / 3.8 (-1 + sqrt(1 + 2.28 d / L)) = 0.6 d / (1 + sqrt(1 + 2.28 d / L)), whole at 1/L = 0.
    height = 0.6 * depth / (1 + math.sqrt(1 + 2.28 * depth * a))
    return min(max(height * _deeper(stability), LEAST_LID_M), MOST_LID_M)


def _deeper(stability: float) -> float:
    """Return the unstable depth over the neutral one, straight between the classes' middles."""
    for (s0, r0), (s1, r1) in pairwise(DEEPER):
        if stability < s1:
            return r0 + (r1 - r0) * max(stability - s0, 0.0) / (s1 - s0)
    return 1.0
