"""The sigma set of surface-layer theory, for models that are built of sigmas (puffs, dense gas).

sigma_y is `lateral.sigma_y`; sigma_z is that of the half Gaussian over the ground whose mean height
is the plume's, sigma_z = (pi / 2)^1/2 zbar. It is a source's on the ground: a set is not told the
height. Continuous in every input, from 1/L, u*, z0 and the vane; no letters at all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from edge.dispersion.arrays import Floats
from edge.dispersion.passive.sigma.face import check_distances
from edge.dispersion.passive.similarity import lateral
from edge.dispersion.passive.similarity.upward import track
from edge.dispersion.weather.weather import Weather

LEAST_REACH_M = 1000.0


@dataclass(frozen=True, slots=True)
class SimilaritySet:
    """The set of Monin-Obukhov similarity and the measured spread of direction."""

    id: str = "similarity"
    averaging_s: float = 600.0

    def sigmas(self, x_m: Floats, weather: Weather) -> tuple[Floats, Floats]:
        """As `SigmaSet.sigmas`; raises `RefusedError` as `upward.check_weather` too."""
        check_distances(x_m)
        path = track(weather, 0.0, max(float(np.max(x_m, initial=0.0)), LEAST_REACH_M))
        x = np.maximum(x_m, path.x_m[1])
        nodes = np.log(path.x_m[1:])
        straight = np.minimum(x_m / path.x_m[1], 1.0)
        sy = np.exp(np.interp(np.log(x), nodes, np.log(lateral.sigma_y(weather, path)[1:])))
        mean = np.exp(np.interp(np.log(x), nodes, np.log(path.mean_m[1:])))
        return sy * straight, math.sqrt(math.pi / 2) * mean * straight
