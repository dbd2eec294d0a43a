"""The plume of surface-layer theory: `upward` and `lateral` growth, `deposition` below.

    c / Q = left(x) D(z; x) / U(x) * exp(-y^2 / 2 sigma_y^2) / (sqrt(2 pi) sigma_y)

left(x) is what deposition and decay (exp(-lambda t)) have left. Domain as in these modules. A
source of some width begins with sigma_y0, one of some depth with a mean height, both in
quadrature with what the air adds. `build` reckons the nodes once, `unit` reads them in ln x.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from edge.dispersion.arrays import Floats
from edge.dispersion.notes import RefusedError
from edge.dispersion.passive.sigma.averaging import factor
from edge.dispersion.passive.sigma.face import check_distances
from edge.dispersion.passive.similarity import lateral, shape
from edge.dispersion.passive.similarity.deposition import Uptake, resistance
from edge.dispersion.passive.similarity.upward import Track, track
from edge.dispersion.weather.weather import Weather

AVERAGING_S = 600.0
FARTHEST_M = 20_000.0
GROUND_Z0 = 3.0  # the ground of a profile, in z0


@dataclass(frozen=True, slots=True)
class Terms:
    """What else a plume is given: the source's extent, the ground, decay, averaging time.

    `width_m` [m] is sigma_y0 and `depth_m` [m] the mean height that the gas begins with;
    `uptake` None deposits nothing; `decay_1_s` is lambda [1/s].
    """

    width_m: float = 0.0
    depth_m: float = 0.0
    uptake: Uptake | None = None
    decay_1_s: float = 0.0
    averaging_s: float = AVERAGING_S

    def __post_init__(self) -> None:
        values = (self.width_m, self.depth_m, self.decay_1_s)
        if not all(0 <= value < math.inf for value in values):
            raise RefusedError("dispersion.refused.plume-source-extent", width_m=self.width_m)


@dataclass(frozen=True, slots=True)
class SimilarityPlume:
    """A plume's nodes: `track` and, at each node, sigma_y [m], N [m], <r> [s/m], left."""

    weather: Weather
    height_m: float
    terms: Terms
    track: Track
    sigma_y_m: Floats
    norm_m: Floats
    resistance_s_m: Floats
    left: Floats

    def unit(self, x_m: Floats, y_m: Floats, z_m: float) -> Floats:
        """Return c / Q [s/m3] at `x_m` > 0 downwind, `y_m` across, `z_m` up [m]; same shape."""
        check_distances(x_m)
        read = self._reader(x_m)
        sy = read(self.sigma_y_m)
        across = np.exp(-0.5 * (y_m / sy) ** 2) / (math.sqrt(2 * math.pi) * sy)
        return across * self._integrated(z_m, read)

    def integrated(self, x_m: Floats, z_m: float) -> Floats:
        """Return the crosswind integral of c / Q [s/m2] at `x_m` > 0 [m]; same shape."""
        check_distances(x_m)
        return self._integrated(z_m, self._reader(x_m))

    def time_s(self, x_m: Floats) -> Floats:
        """Return the travel time [s] to `x_m` [m]; same shape."""
        return self._reader(x_m)(self.track.time_s)

    def sigma_y(self, x_m: Floats) -> Floats:
        """Return sigma_y [m] at `x_m` [m]; same shape."""
        return self._reader(x_m)(self.sigma_y_m)

    def _reader(self, x_m: Floats) -> Reader:
        nodes = self.track.x_m[1:]
        return Reader(np.log(nodes), np.log(np.clip(x_m, nodes[0], nodes[-1])))

    def _integrated(self, z_m: float, read: Reader) -> Floats:
        decayed = np.exp(-self.terms.decay_1_s * read(self.track.time_s))
        return read(self.left) * decayed * self._up(z_m, read) / read(self.track.speed_m_s)

    def _up(self, z_m: float, read: Reader) -> Floats:
        z = np.full(read.ln_x.shape, max(z_m, 0.0))
        tau, n = read(self.track.tau), read(self.norm_m)
        mean, lid = read(self.track.mean_m), _lid(self.weather, self.height_m)
        up = shape.folded(z, self.height_m, tau, n, mean, lid)
        if self.terms.uptake is None:
            return up
        return up * resistance(self.weather, self.terms.uptake, z) / read(self.resistance_s_m)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads node values at ln x, straight in logarithms."""

    ln_nodes: Floats
    ln_x: Floats

    def __call__(self, values: Floats) -> Floats:
        """Return `values` (whose first node is the source) at every x."""
        floor = np.maximum(values[1:], 1e-300)
        return np.exp(np.interp(self.ln_x, self.ln_nodes, np.log(floor)))


def _lid(weather: Weather, height_m: float) -> float:
    """Return the lid [m] over the plume: none where the source stands above it."""
    return weather.mixing_height_m if height_m <= weather.mixing_height_m else math.inf


def build(
    weather: Weather, height_m: float, terms: Terms | None = None, farthest_m: float = FARTHEST_M
) -> SimilarityPlume:
    """Return the plume of a source at `height_m` >= 0 [m] as far as `farthest_m` [m].

    Raises `RefusedError` for air without wind or turbulence, a height below 0, or terms that
    cannot be.
    """
    terms = terms or Terms()
    if not 0 <= height_m < math.inf:
        raise RefusedError("dispersion.refused.plume-source-height", height_m=height_m)
    path = track(weather, height_m, farthest_m, terms.depth_m)
    scale = factor(terms.averaging_s, AVERAGING_S, weather.stability)
    sigma_y = np.hypot(lateral.sigma_y(weather, path) * scale, terms.width_m)
    n = np.maximum(shape.norm(height_m, np.maximum(path.tau, 1e-12)), 1e-300)
    mean_r, left = _deposited(weather, height_m, terms, path, n)
    return SimilarityPlume(weather, height_m, terms, path, sigma_y, n, mean_r, left)


def _deposited(
    weather: Weather, height_m: float, terms: Terms, path: Track, n: Floats
) -> tuple[Floats, Floats]:
    """Return <r> [s/m] and the share of the gas that the ground has left, at the nodes."""
    if terms.uptake is None:
        return np.ones(n.shape), np.ones(n.shape)
    tau, lid = np.maximum(path.tau, 1e-12), _lid(weather, height_m)
    z, weight = shape.heights(height_m, tau)
    each = resistance(weather, terms.uptake, np.minimum(z, lid))
    mean_r = np.sum(weight * shape.bare(z, height_m, tau[:, None]) * each, axis=1) / n
    ground = np.full(n.shape, GROUND_Z0 * weather.roughness_m)
    at_ground = shape.folded(ground, height_m, tau, n, path.mean_m, lid)
    loss = at_ground / (path.speed_m_s * mean_r)
    gone = np.concatenate([[0.0], np.cumsum(0.5 * (loss[1:] + loss[:-1]) * np.diff(path.x_m))])
    return mean_r, np.exp(-gone)
