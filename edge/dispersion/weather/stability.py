"""The continuous stability: one number from 0.5 (very unstable) to 6 (moderately stable), and 1/L.

    s = 3.5 + 21.67 / L + B log10(z0 / 1 cm),  B = sign(L) min(0.48, 43.63 |1/L|^1.08)

Kunkel (1991), AFTOX 4.0, PL-TR-91-2119, section 3: a fit to the chart of Golder (1972),
Boundary-Layer Meteor. 3, 47-58, fig. 4, which relates Pasquill's classes to 1/L and z0. Class A is
below 1, B 1-2, C 2-3, D 3-4, E 4-5, F 5 and above; a letter's own value is the middle, D = 3.5
being neutral. Domain: z0 from 0.5 to 40 cm; the fit is held beyond (below 0.3 cm it is not
monotone).
"""

from __future__ import annotations

import math

from edge.dispersion.notes import RefusedError
from edge.dispersion.weather.pasquill import CLASSES

LEAST, MOST, NEUTRAL = 0.5, 6.0, 3.5
LEAST_FIT_CM, MOST_FIT_CM = 0.5, 40.0
SLOPE_M, ROUGH, ROUGH_NEAR, ROUGH_POWER = 21.67, 0.48, 43.63, 1.08


def _roughness_term(roughness_m: float, least_cm: float = LEAST_FIT_CM) -> float:
    return math.log10(min(max(100 * roughness_m, least_cm), MOST_FIT_CM))


def _from_neutral(inverse_length_1_m: float, term: float) -> float:
    """Return |s - 3.5| at |1/L| [1/m]."""
    a = abs(inverse_length_1_m)
    return SLOPE_M * a + min(ROUGH, ROUGH_NEAR * a**ROUGH_POWER) * term


def stability_of(inverse_length_1_m: float, roughness_m: float) -> float:
    """Return s, 0.5-6, at 1/L [1/m] over roughness z0 [m]."""
    away = _from_neutral(inverse_length_1_m, _roughness_term(roughness_m))
    return min(max(NEUTRAL + math.copysign(away, inverse_length_1_m), LEAST), MOST)


def inverse_length_of(stability: float, roughness_m: float) -> float:
    """Return the 1/L [1/m] that has `stability` over z0 [m]: `stability_of` turned round.

    Raises `RefusedError` for a stability outside 0.5-6.
    """
    if not LEAST <= stability <= MOST:
        raise RefusedError("dispersion.refused.stability", value=stability)
    away, term = abs(stability - NEUTRAL), _roughness_term(roughness_m)
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        if _from_neutral(middle, term) < away:
            low = middle
        else:
            high = middle
    return math.copysign(0.5 * (low + high), stability - NEUTRAL) if away else 0.0


def letter_of(stability: float) -> str:
    """Return the Pasquill class of `stability`."""
    return CLASSES[min(max(int(stability), 0), 5)]


def stability_of_letter(letter: str) -> float:
    """Return the middle of a Pasquill class; raises `RefusedError` if it is none of A-F."""
    if len(letter) != 1 or letter not in CLASSES:
        raise RefusedError("dispersion.refused.stability-letter", value=letter)
    return CLASSES.index(letter) + 0.5
