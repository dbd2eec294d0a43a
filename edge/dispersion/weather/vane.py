"""What a vane's spread of direction says of stability: EPA's sigma-A method, made continuous.

Reference: US EPA (2000), Meteorological Monitoring Guidance for Regulatory Modeling Applications,
EPA-454/R-99-005, section 6.4.4.2 and Tables 6-8a, 6-8b: class limits of the lateral spread at
10 m over z0 = 15 cm; scaled by (z0 / 15 cm)^0.2 and, from another height, by (z / 10 m)^p. The
method's hourly value is the root mean square of four 15 min values, so that meander stays out.
"""

from __future__ import annotations

from itertools import pairwise

REFERENCE_ROUGHNESS_M, REFERENCE_HEIGHT_M = 0.15, 10.0
ROUGHNESS_POWER = 0.2
# (spread [deg], stability): the limits between A|B, B|C, C|D, D|E, E|F of Table 6-8a, with the
# scale's ends half a class beyond.
LIMITS_DEG = (
    (2.0, 6.0),
    (3.8, 5.0),
    (7.5, 4.0),
    (12.5, 3.0),
    (17.5, 2.0),
    (22.5, 1.0),
    (25.0, 0.5),
)
# Height exponents of Table 6-8b at the classes' middles, A to E (F as E).
HEIGHT_POWERS = (0.06, 0.15, 0.17, 0.23, 0.38, 0.38)


def stability_of_vane(sigma_theta_deg: float, height_m: float, roughness_m: float) -> float:
    """Return the stability 0.5-6 that the spread [deg] of a vane at `height_m` [m] stands for.

    The height's exponent depends on the class that is sought: found by three substitutions,
    enough for 0.01, beginning at neutral. Domain: height 2-50 m, steady wind above 2 m/s.
    """
    rough = (roughness_m / REFERENCE_ROUGHNESS_M) ** ROUGHNESS_POWER
    stability = 3.5
    for _ in range(3):
        power = _between_middles(stability)
        stability = _of(sigma_theta_deg / rough / (height_m / REFERENCE_HEIGHT_M) ** power)
    return stability


def _between_middles(stability: float) -> float:
    place = min(max(stability - 0.5, 0.0), 5.0)
    index = min(int(place), 4)
    return HEIGHT_POWERS[index] + (HEIGHT_POWERS[index + 1] - HEIGHT_POWERS[index]) * (
        place - index
    )


def _of(spread_deg: float) -> float:
    for (x0, s0), (x1, s1) in pairwise(LIMITS_DEG):
        if spread_deg < x1:
            return s0 + (s1 - s0) * max(spread_deg - x0, 0.0) / (x1 - x0)
    return LIMITS_DEG[-1][1]
