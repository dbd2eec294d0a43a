"""Which asset leaks, and how much: least squares over rate, for every candidate and wind.

Every candidate is tried under a fan of wind directions around the measured mean and over a range
of release rates. The misfit of a detector that reads `o` where the plume gives `p` is

    r = (asinh(p / s) - asinh(o / s)) / m,      s = noise / m

which is the difference over `noise` for small readings (additive error) and the logarithm of the
ratio over `m` for large ones (multiplicative error: turbulence, model). Some readings are lower
bounds, which cost nothing where the plume gives more: those at the end of their range, and those
that the gas has not had the time to fill (`_young`). The weight of a candidate
is its likelihood exp(-sum r^2 / 2) summed over fan and rates, normalised over the candidates; its
rate and interval are the weighted median and the 5-95 % band.

`m` = 0.8 (a factor 2.2): a Gaussian plume with one wind scatters by 1.5-2.3 in the geometric
variance of Prairie Grass and METEC (VG, Chang and Hanna 2004, Meteorol. Atmos. Phys. 87), wider in
a yard with obstacles. The prior on the rate is broad and stated here, not measured: log-normal
around 10 g/s with a factor 20 (weeping flange to ruptured hose). The candidates are equally likely
beforehand. The vane's spread widens the mean plume itself; the fan is what the mast may be off by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.dispersion.arrays import Floats
from edge.dispersion.passive.plume.briggs import Kernels
from edge.dispersion.weather.profile import wind_at
from edge.hazard.evidence import Observation
from edge.site.model import Asset

Bools = NDArray[np.bool_]
MULTIPLICATIVE = 0.8  # standard deviation of ln(observed / predicted)
PRIOR_RATE_KG_S, PRIOR_LN_SD = 0.01, float(np.log(20.0))
RATES_KG_S = np.geomspace(1e-6, 1e2, 129)
SOURCE_SIZE_M = 1.0  # spread of a leak at its source: a flange, a hose, a pool's edge
FAN = np.linspace(-2.0, 2.0, 9)  # standard deviations of the wind's direction
LEAST_FAN_DEG, MOST_FAN_DEG = 10.0, 30.0
RESPONSE_S = 45.0  # a toxic gas detector shows 90 % after 30-60 s (typical data sheets)
LEAST_GAIN = 1.0  # of log likelihood over "nothing leaks here"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One asset as the source: rate and 5-95 % band [kg/s], wind [m/s], [deg], weight 0-1.

    `gain` says how much better the asset explains the readings than no release does.
    """

    asset: Asset
    rate_kg_s: float
    rate_lo_kg_s: float
    rate_hi_kg_s: float
    speed_m_s: float
    from_deg: float
    weight: float
    gain: float

    @property
    def height_m(self) -> float:
        """Return the height of the release above ground [m]."""
        return release_height(self.asset)


@dataclass(frozen=True, slots=True)
class MeanWind:
    """The measured wind: `speed_m_s` [m/s] at `measured_at_m` [m], direction and spread [deg]."""

    speed_m_s: float
    from_deg: float
    sigma_deg: float
    measured_at_m: float
    stability: str


def rank(
    candidates: Sequence[Asset],
    observations: Sequence[Observation],
    wind: MeanWind,
    kernels: Kernels,
) -> list[Candidate]:
    """Return the candidates, most likely first; none where no asset explains the readings.

    An asset explains them if some rate and wind of the fan fit better than no release does.
    Raises `ValueError` as the plume does for its wind.
    """
    if not candidates or not observations:
        return []
    offsets = FAN * fan_deg(wind.sigma_deg)
    directions = wind.from_deg + offsets
    sources = np.array([_source(asset) for asset in candidates])
    speeds = np.array(
        [
            wind_at(wind.speed_m_s, wind.measured_at_m, height, wind.stability)
            for height in sources[:, 2]
        ]
    )
    points = np.array([observation.point for observation in observations])
    unit = kernels.unit_matrix(sources, speeds, directions, wind.stability, points, wind.sigma_deg)
    bounds = _young(sources, speeds, points, observations)
    log_likelihood = _log_likelihood(unit, observations, bounds)
    none = np.zeros((1, 1, len(points)))
    nothing = float(_log_likelihood(none, observations, bounds[:1])[0, 0, 0])
    gains = np.max(log_likelihood, axis=(1, 2)) - nothing
    if float(np.max(gains)) < LEAST_GAIN:
        return []
    log_posterior = log_likelihood - 0.5 * FAN[:, None] ** 2 - 0.5 * _prior_deviation() ** 2
    peaks = np.max(log_posterior, axis=(1, 2))
    posterior = np.exp(log_posterior - peaks[:, None, None])  # each candidate's own peak is 1
    weights = posterior.sum(axis=(1, 2)) * np.exp(peaks - np.max(peaks))
    found = [
        _candidate(
            asset, posterior[k], directions, float(speeds[k]), float(weights[k] / weights.sum()),
            float(gains[k]),
        )
        for k, asset in enumerate(candidates)
    ]  # fmt: skip
    return sorted(found, key=lambda candidate: -candidate.weight)


def fan_deg(sigma_deg: float) -> float:
    """Return the standard deviation [deg] of the direction that carried the gas.

    Half the direction's own spread, for a mean is steadier than the vane; at least 10 deg, which
    is what a vane's mounting and the tanks between mast and leak are good for.
    """
    return float(np.clip(np.hypot(LEAST_FAN_DEG, 0.5 * sigma_deg), LEAST_FAN_DEG, MOST_FAN_DEG))


def release_height(asset: Asset) -> float:
    """Return the height above ground [m] that `asset` would leak from."""
    return asset.position.z_m + asset.release_height_m


def _source(asset: Asset) -> tuple[float, float, float, float]:
    return asset.position.x_m, asset.position.y_m, release_height(asset), SOURCE_SIZE_M


def _prior_deviation() -> Floats:
    return np.log(RATES_KG_S / PRIOR_RATE_KG_S) / PRIOR_LN_SD


def _young(
    sources: Floats, speeds: Floats, points: Floats, observations: Sequence[Observation]
) -> Bools:
    """Return which readings (sources, points) say too little yet, if that source leaks.

    A detector that rose less than a response time ago still climbs. A quiet one farther from the
    source than the first that rose needs the wind's time from there, and a response time; a quiet
    one that is nearer has had both, and speaks at once.
    """
    risen = np.array([np.nan if o.risen_s is None else o.risen_s for o in observations])
    climbing = risen < RESPONSE_S
    if not np.isfinite(risen).any():
        return np.zeros((len(sources), len(points)), dtype=bool)
    first = int(np.nanargmax(risen))
    distance = np.hypot(
        points[None, :, 0] - sources[:, None, 0], points[None, :, 1] - sources[:, None, 1]
    )
    beyond = distance - distance[:, first : first + 1]
    awaited = risen[first] < beyond / speeds[:, None] + RESPONSE_S
    return climbing | (np.isnan(risen) & (beyond > 0) & awaited)


def _log_likelihood(unit: Floats, observations: Sequence[Observation], young: Bools) -> Floats:
    """Return the log likelihood (sources, winds, rates) of all observations."""
    scale = np.array([o.noise_kg_m3 for o in observations]) / MULTIPLICATIVE
    read = np.arcsinh(np.array([o.density_kg_m3 for o in observations]) / scale)
    at_least = np.array([o.at_least for o in observations]) | young
    predicted = unit[:, :, None, :] * RATES_KG_S[:, None] / scale
    misfit = (np.arcsinh(predicted) - read) / MULTIPLICATIVE
    misfit[(misfit > 0) & at_least[:, None, None, :]] = 0.0
    return -0.5 * np.sum(misfit**2, axis=-1)


def _candidate(
    asset: Asset, posterior: Floats, directions: Floats, speed: float, weight: float, gain: float
) -> Candidate:
    """Return one candidate with rate, band and wind from its posterior (winds, rates)."""
    share = np.cumsum(posterior.sum(axis=0)) / posterior.sum()
    low, median, high = np.exp(np.interp([0.05, 0.5, 0.95], share, np.log(RATES_KG_S)))
    direction = float(np.sum(directions * posterior.sum(axis=1)) / posterior.sum()) % 360
    return Candidate(asset, float(median), float(low), float(high), speed, direction, weight, gain)
