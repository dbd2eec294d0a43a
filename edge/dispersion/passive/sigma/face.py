"""Sets of dispersion coefficients behind one face: how wide and how high a cloud is after x metres.

A set answers `sigmas(x_m, weather)`; it is defined for continuous stability and never jumps by
letters. Sets that were published by letter are read between two letters on the logarithm of sigma;
a letter stands at its middle on AFTOX's scale (`LETTER_AT`; Kunkel 1991,
PL-TR-91-2119). sigma_x of a puff is its sigma_y.

A plume's sigma_y belongs to an averaging time (`averaging_s`); `averaging.stretched` takes it to
another. The sets themselves are in `sets`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np

from edge.dispersion.arrays import Floats
from edge.dispersion.notes import RefusedError
from edge.dispersion.weather.weather import Weather

LETTER_AT = {"A": 0.5, "B": 1.5, "C": 2.5, "D": 3.5, "E": 4.5, "F": 5.5}
NEAREST_M = 1.0  # below, every curve is a straight line through the source
Curve = Callable[[Floats], Floats]


class SigmaSet(Protocol):
    """One set of dispersion coefficients."""

    @property
    def id(self) -> str:
        """Return its name, as in `SETS`."""
        ...

    @property
    def averaging_s(self) -> float:
        """Return the averaging time of its sigma_y [s]; 0 for a single puff's own spread."""
        ...

    def sigmas(self, x_m: Floats, weather: Weather) -> tuple[Floats, Floats]:
        """Return sigma_y and sigma_z [m] at travel distances `x_m` >= 0 [m]; same shape.

        Both are 0 at the source and never fall with distance. Raises `RefusedError` for a
        distance below 0 or not a number, or a stability outside 0.5-6.
        """
        ...


def check_distances(x_m: Floats) -> None:
    """Raise `RefusedError` unless every travel distance [m] is finite and at least 0."""
    wrong = ~((x_m >= 0) & np.isfinite(x_m))
    if np.any(wrong):
        raise RefusedError("dispersion.refused.plume-distance", distance=float(x_m[wrong].flat[0]))


def check_stability(stability: float) -> None:
    """Raise `RefusedError` unless `stability` is on AFTOX's scale, 0.5-6."""
    if not 0.5 <= stability <= 6.0:
        raise RefusedError("dispersion.refused.plume-stability", stability=stability)


def between_letters(stability: float) -> tuple[str, str, float]:
    """Return the two letters around a continuous `stability` and the share of the second."""
    check_stability(stability)
    letters = list(LETTER_AT)
    for low, high in pairwise(letters):
        if stability <= LETTER_AT[high]:
            share = (stability - LETTER_AT[low]) / (LETTER_AT[high] - LETTER_AT[low])
            return low, high, share
    return "F", "F", 0.0


@dataclass(frozen=True, slots=True)
class LetterSet:
    """A set published by letter: `y` and `z` give sigma [m] at x [m] for each of A-F."""

    id: str
    averaging_s: float
    y: Mapping[str, Curve]
    z: Mapping[str, Curve]

    def sigmas(self, x_m: Floats, weather: Weather) -> tuple[Floats, Floats]:
        """As `SigmaSet.sigmas`; between two letters ln(sigma) is read straight."""
        check_distances(x_m)
        low, high, share = between_letters(weather.stability)
        x = np.maximum(x_m, NEAREST_M)
        straight = np.minimum(x_m / NEAREST_M, 1.0)
        sy = self.y[low](x) ** (1 - share) * self.y[high](x) ** share
        sz = self.z[low](x) ** (1 - share) * self.z[high](x) ** share
        return sy * straight, sz * straight
