"""The Gaussian plume of any sigma set, with lid, uptake and decay.

    c / Q = left(x) V(z; h, sz, H) / u * exp(-y^2 / 2 sy^2) / (sqrt(2 pi) sy)

u is the wind at the source's height, at least at 2 m (Hanna, Briggs and Hosker 1982, DOE/TIC-11223,
ch. 4). Deposition by source depletion (Chamberlain 1953, AERE HP/R 1261): d ln Q / dx =
-v_d V(0) / u, v_d at 1 m. Decay exp(-lambda x / u). The face is `similarity_plume`'s.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from edge.dispersion.arrays import Floats
from edge.dispersion.notes import RefusedError
from edge.dispersion.passive.plume.similarity_plume import FARTHEST_M, Terms
from edge.dispersion.passive.sigma.averaging import stretched
from edge.dispersion.passive.sigma.face import SigmaSet, check_distances
from edge.dispersion.passive.similarity.deposition import resistance
from edge.dispersion.passive.similarity.upward import check_weather, wind
from edge.dispersion.passive.vertical import vertical
from edge.dispersion.weather.weather import Weather

LOWEST_WIND_M = 2.0
DEPOSITS_AT_M = 1.0
DEPLETION_NODES = 400


@dataclass(frozen=True, slots=True)
class SetPlume:
    """A plume made of `sigmas`; `left` is the share that the ground has left at `nodes_m`."""

    sigmas: SigmaSet
    weather: Weather
    height_m: float
    terms: Terms
    speed_m_s: float
    nodes_m: Floats
    left: Floats

    def unit(self, x_m: Floats, y_m: Floats, z_m: float) -> Floats:
        """Return c / Q [s/m3] at `x_m` > 0 downwind, `y_m` across, `z_m` up [m]; same shape."""
        sy = self.sigma_y(x_m)
        across = np.exp(-0.5 * (y_m / sy) ** 2) / (math.sqrt(2 * math.pi) * sy)
        return across * self.integrated(x_m, z_m)

    def integrated(self, x_m: Floats, z_m: float) -> Floats:
        """Return the crosswind integral of c / Q [s/m2] at `x_m` > 0 [m]; same shape."""
        up = _profile(self, x_m, max(z_m, 0.0))
        decayed = np.exp(-self.terms.decay_1_s * self.time_s(x_m))
        return np.interp(x_m, self.nodes_m, self.left) * decayed * up / self.speed_m_s

    def time_s(self, x_m: Floats) -> Floats:
        """Return the travel time [s] to `x_m` [m]; same shape."""
        return x_m / self.speed_m_s

    def sigma_y(self, x_m: Floats) -> Floats:
        """Return sigma_y [m] at `x_m` [m]; same shape."""
        sy, _ = self.sigmas.sigmas(x_m, self.weather)
        reference, stability = self.sigmas.averaging_s, self.weather.stability
        sy = stretched(sy, self.terms.averaging_s, reference, stability)
        return np.hypot(sy, self.terms.width_m)


def _profile(plume: SetPlume, x_m: Floats, z_m: float) -> Floats:
    check_distances(x_m)
    _, sz = plume.sigmas.sigmas(x_m, plume.weather)
    sz = np.hypot(sz, math.sqrt(math.pi / 2) * plume.terms.depth_m)
    z = np.full(x_m.shape, z_m)
    return vertical(z, plume.height_m, np.maximum(sz, 1e-9), plume.weather.mixing_height_m)


def build(
    sigmas: SigmaSet,
    weather: Weather,
    height_m: float,
    terms: Terms | None = None,
    farthest_m: float = FARTHEST_M,
) -> SetPlume:
    """Return the plume of a source at `height_m` >= 0 [m]; refuses as `similarity_plume.build`."""
    check_weather(weather)
    terms = terms or Terms()
    if not 0 <= height_m < math.inf:
        raise RefusedError("dispersion.refused.plume-source-height", height_m=height_m)
    speed = wind(weather, max(height_m, LOWEST_WIND_M))
    x = np.concatenate([[0.0], np.geomspace(0.1, farthest_m, DEPLETION_NODES)])
    whole = SetPlume(sigmas, weather, height_m, terms, speed, x, np.ones(x.size))
    if terms.uptake is None:
        return whole
    velocity = 1 / resistance(weather, terms.uptake, np.array([DEPOSITS_AT_M]))[0]
    loss = np.concatenate([[0.0], velocity * _profile(whole, x[1:], 0.0) / speed])
    gone = np.concatenate([[0.0], np.cumsum(0.5 * (loss[1:] + loss[:-1]) * np.diff(x))])
    return SetPlume(sigmas, weather, height_m, terms, speed, x, np.exp(-gone))
