"""Calm: no direction to draw, so a circle that no cloud of the next ten minutes leaves.

Not a best guess but a bound on the mean cloud. Whatever way the air wanders at speeds up to u,
what is at the distance r is at least r / u old, and has spread for so long by the least turbulence
there is. The answer is the greater of two parts.

*Diffusion*: puffs m of age tau from a source on the ground that reflects,

    c <= sum of m 2 / [(2 pi)^1.5 s^2 sz] exp(-max(r - u tau, 0)^2 / 2 s^2),
    s^2 = s0^2 + (a tau)^2,  sz^2 = s0^2 + (b tau)^2

(puffs of constant a and b in calm: Cirillo and Poli 1992, Atmospheric Environment 26A, 765-774).
a = 0.05 m/s or 0.04 u, whichever is less, b = 0.02 m/s: class F of Briggs (1973) at such winds and
AERMOD's least sigma_w (US EPA 2004, EPA-454/R-03-004). The greatest of this and of livelier a,
0.15 and 0.3 m/s, which carry less gas farther ahead.

*Dense gas*: a gravity-spread box, dr/dt = sqrt(k g' h), k = 1 (Fay and Ranck 1983, Atmospheric
Environment 17, 239-248; van Ulden 1974, 1st Loss Prevention Symp., 221-226). As g' h pi r^2 is the
buoyancy B(t) that has been let out,

    r^2 = r0^2 + 2 integral sqrt(k B / pi) dt,  A = pi [r^2 + 2 a^2 (t - tp)^2],
    dV/dt = q + A w_e,  w_e = 0.4 u* / (1 + 0.125 g' h / u*^2)

(top entrainment: Eidsvik 1980, Atmospheric Environment 14, 769-777, in the form of Britter 1989,
Annu. Rev. Fluid Mech. 21, 317-344; small, and none at the edge). The gas may pool until any time
tp and then drift as a whole: the circle is r + u (t - tp), r + u t for a cloud let out at once. No
heat is taken from the ground, which would make the box smaller.

Domain: the first 600 s of a release, flat ground, u up to a wind that wanders. Heights play no
part: the bound at the ground stands for all. Forecasts beyond 10 min are refused: by then a calm
has a direction or another calm.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from edge.dispersion.choice import air_density, mixture_density
from edge.dispersion.constants import GRAVITY
from edge.dispersion.emission import Emission, Kind
from edge.dispersion.notes import ModelUse, Note, RefusedError
from edge.dispersion.solution import Floats
from edge.dispersion.weather.profile import wind_of
from edge.dispersion.weather.station import CALM_M_S
from edge.dispersion.weather.weather import Weather
from edge.substance.fluid import Fluid

HORIZON_S = 600.0
TIMES_S = np.arange(0.0, HORIZON_S + 1, 10.0)
DISTANCES_M = np.concatenate(([0.0], np.geomspace(0.5, 1e5, 400)))
LEAST_SPREAD_M_S, LEAST_RISE_M_S = 0.05, 0.02
SPREAD_PER_WIND = 0.04
LIVELY_M_S = (0.15, 0.3)
NOTHING = 60.0  # exp(-60) is no gas
LEAST_SIZE_M = 0.5
LEAST_FRICTION_M_S = 0.02
FRONT_K = 1.0
FINE = 0.02  # age bins grow by this share: finer than a puff's spread per distance


@dataclass(frozen=True, slots=True)
class CalmCircle:
    """The bound over time and distance, as a `Solution` whose field is a circle.

    `table_kg_m3` (times, distances) never rises outward; `drift_m_s` is u; `dense_radius_m`
    (times,) is the gravity-spread box's own radius, 0 where the gas is not dense.
    """

    substance: str
    origin_m: tuple[float, float]
    drift_m_s: float
    dense_radius_m: Floats
    table_kg_m3: Floats
    models: tuple[ModelUse, ...]
    notes: tuple[Note, ...]
    heading_deg: float = 0.0
    horizon_s: float = HORIZON_S

    def concentration(self, x_m: Floats, y_m: Floats, z_m: float, t_s: float) -> Floats:
        """Return the bound [kg/m3] at `t_s` [s]: the greater of the two nearest times' tables."""
        self._check_height(z_m)
        if not t_s <= HORIZON_S:
            raise RefusedError("dispersion.refused.calm.horizon", t_s=t_s, most_s=HORIZON_S)
        if t_s < 0:
            return np.zeros(np.shape(x_m))
        place = t_s / (TIMES_S[1] - TIMES_S[0])
        rows = self.table_kg_m3[[int(np.floor(place)), int(np.ceil(place))]]
        return self._at(rows.max(axis=0), x_m, y_m)

    def peak(self, x_m: Floats, y_m: Floats, z_m: float, averaging_s: float) -> Floats:
        """Return the greatest bound within 10 min [kg/m3], which no mean exceeds."""
        self._check_height(z_m)
        if not 0 <= averaging_s < np.inf:
            raise RefusedError("dispersion.refused.calm.averaging", averaging_s=averaging_s)
        return self._at(self.table_kg_m3.max(axis=0), x_m, y_m)

    def load(self, x_m: Floats, y_m: Floats, z_m: float, exponent: float) -> Floats:
        """Return the toxic load of the bound over 10 min [(kg/m3)^n s]; n > 0."""
        self._check_height(z_m)
        if not 0 < exponent < np.inf:
            raise RefusedError("dispersion.refused.calm.exponent", exponent=exponent)
        return self._at(
            np.asarray(np.trapezoid(self.table_kg_m3**exponent, TIMES_S, axis=0)), x_m, y_m
        )

    def radius_m(self, threshold_kg_m3: float, until_s: float = HORIZON_S) -> float:
        """Return the circle [m] outside which `threshold_kg_m3` is not met until `until_s` [s]."""
        if not threshold_kg_m3 > 0:
            raise RefusedError("dispersion.refused.calm.threshold", value=threshold_kg_m3)
        bound = self.table_kg_m3[until_s + 10.0 > TIMES_S].max(axis=0)
        met = np.nonzero(bound >= threshold_kg_m3)[0]
        if not len(met):
            return 0.0
        return float(DISTANCES_M[min(met[-1] + 1, len(DISTANCES_M) - 1)])

    @staticmethod
    def _check_height(z_m: float) -> None:
        """Refuse what is no height; the bound at the ground stands for all that are one."""
        if not 0 <= z_m < np.inf:
            raise RefusedError("dispersion.refused.calm.height", z_m=z_m)

    def _at(self, row: Floats, x_m: Floats, y_m: Floats) -> Floats:
        """Return `row` (distances,) at points: the value of the next node inward, never less."""
        r = np.hypot(x_m - self.origin_m[0], y_m - self.origin_m[1])
        if not np.all(np.isfinite(r)):
            raise RefusedError("dispersion.refused.calm.place")
        node = np.searchsorted(DISTANCES_M, r, side="right") - 1
        return row[np.clip(node, 0, len(row) - 1)]


def circle(emission: Emission, weather: Weather, fluid: Fluid) -> CalmCircle:
    """Return the calm circle of `emission`; raises `RefusedError` for an emission without mass.

    The drift u is 1.5 m/s, the calm's own limit, or the measured wind where that is more: while
    the calm stands no cloud is faster.
    """
    drift = max(CALM_M_S, weather.speed_m_s, wind_of(weather, 10.0))
    released = _released(emission, TIMES_S)
    if not (np.all(np.isfinite(released)) and released[-1] > 0):
        raise RefusedError("dispersion.refused.calm.nothing", substance=emission.substance)
    share = 1 - emission.air_fraction
    table = share * _diffusion(emission, drift)
    radius, dense = _boxes(emission, weather, fluid, share * released, drift)
    table = np.minimum(np.maximum(table, dense), _pure(emission, weather, fluid))
    table = np.maximum.accumulate(table[:, ::-1], axis=1)[:, ::-1]
    use = ModelUse(
        "calm.dense" if radius[-1] > 0 else "calm.neutral", Note("dispersion.model.calm")
    )
    said = [Note("dispersion.note.calm", {"drift_m_s": round(drift, 1), "minutes": 10})]
    if emission.kind is Kind.JET:
        said.append(Note("dispersion.note.calm-jet"))
    return CalmCircle(
        emission.substance, (emission.x_m, emission.y_m), drift, radius, table,
        (*emission.models, use), (*emission.notes, *said),
    )  # fmt: skip


def _released(emission: Emission, times_s: Floats) -> Floats:
    """Return the mass [kg] that has come out until each of `times_s`, air mixed in included."""
    if emission.kind is Kind.INSTANT:
        return np.where(times_s >= 0, emission.mass_kg, 0.0)
    out = np.zeros(np.shape(times_s))
    for step in emission.steps:
        out += step.rate_kg_s * np.clip(times_s - step.start_s, 0.0, step.end_s - step.start_s)
    return out


def _size(emission: Emission) -> float:
    """Return the source's spread s0 [m]: half its equal square's side, at least half a metre.

    That of its strongest step within the ten minutes: a pool that is wider later is no thinner now.
    """
    soon = [step for step in emission.steps if step.start_s < HORIZON_S] or emission.steps
    area = max(soon, key=lambda step: step.rate_kg_s).area_m2
    return max(LEAST_SIZE_M, 0.5 * float(np.sqrt(area)))


def _diffusion(emission: Emission, drift_m_s: float) -> Floats:
    """Return the diffusive bound of all that comes out (times, distances) [kg/m3]."""
    size = _size(emission)
    if emission.kind is Kind.INSTANT:
        ages, mass = TIMES_S, emission.mass_kg * np.eye(len(TIMES_S))
    else:
        edges = _age_edges(size, drift_m_s)
        ages = 0.5 * (edges[1:] + edges[:-1])
        since = TIMES_S[:, None]
        mass = _released(emission, since - edges[:-1]) - _released(emission, since - edges[1:])
    rise = np.hypot(size, LEAST_RISE_M_S * ages)
    ahead = np.maximum(DISTANCES_M - (drift_m_s * ages)[:, None], 0.0)
    best = np.zeros((len(TIMES_S), len(DISTANCES_M)))
    for spread in (_least_spread(drift_m_s), *LIVELY_M_S):
        s = np.hypot(size, spread * ages)
        power = 0.5 * (ahead / s[:, None]) ** 2
        tail = np.where(power < NOTHING, np.exp(-np.minimum(power, NOTHING)), 0.0)
        puff = tail * (2 / ((2 * np.pi) ** 1.5 * s**2 * rise))[:, None]
        np.maximum(best, mass @ puff, out=best)
    return best


def _least_spread(drift_m_s: float) -> float:
    return min(LEAST_SPREAD_M_S, SPREAD_PER_WIND * drift_m_s)


def _age_edges(size_m: float, drift_m_s: float) -> Floats:
    """Return bins of age [s] from 0 to the horizon, each shorter than a puff is long."""
    edges = [0.0]
    while edges[-1] < HORIZON_S:
        edges.append(edges[-1] + max(0.3 * size_m / drift_m_s, FINE * edges[-1]))
    edges[-1] = HORIZON_S
    return np.array(edges)


def _boxes(
    emission: Emission, weather: Weather, fluid: Fluid, released: Floats, drift_m_s: float
) -> tuple[Floats, Floats]:
    """Return the whole dense box's radius (times,) [m] and the bound of all boxes [kg/m3].

    The gas may have pooled until any time tp and drifted since: what came later is not in that
    box. The bound, (times, distances), is the greatest over tp; both are 0 for a light gas.
    """
    volume, buoyancy = _volume_and_buoyancy(emission, weather, fluid)
    bound = np.zeros((len(TIMES_S), len(DISTANCES_M)))
    if buoyancy[-1] <= 0:
        return np.zeros(len(TIMES_S)), bound
    first = (volume[0] / np.pi) ** (1 / 3)  # an instant cloud begins as high as it is wide
    start = max(_size(emission), float(first))
    friction = max(weather.friction_m_s, LEAST_FRICTION_M_S)
    whole = np.zeros(len(TIMES_S))
    for pooled in range(len(TIMES_S)):
        b = np.maximum(np.minimum(buoyancy, buoyancy[pooled]), 0.0)
        v, m = np.minimum(volume, volume[pooled]), released[pooled]
        square = start**2 + 2 * _integral(np.sqrt(FRONT_K * b / np.pi))
        away = np.maximum(TIMES_S - TIMES_S[pooled], 0.0)
        area = np.pi * (square + 2 * (_least_spread(drift_m_s) * away) ** 2)
        richardson = b / (area * friction**2)
        entrained = _integral(area * 0.4 * friction / (1 + 0.125 * richardson))
        total = v + entrained
        inside = np.divide(m, total, out=np.zeros(len(total)), where=total > 0)
        radius = np.sqrt(square)
        whole[pooled] = radius[pooled]
        reach = (radius + drift_m_s * away)[pooled:, None]
        here = np.where(reach >= DISTANCES_M, inside[pooled:, None], 0.0)
        np.maximum(bound[pooled:], here, out=bound[pooled:])
    return whole, bound


def _volume_and_buoyancy(
    emission: Emission, weather: Weather, fluid: Fluid
) -> tuple[Floats, Floats]:
    """Return the mixture's volume [m3] and buoyancy [m4/s2] let out until each of the times."""
    air = air_density(weather)
    volume, buoyancy = np.zeros(len(TIMES_S)), np.zeros(len(TIMES_S))
    for step in emission.steps:
        density = mixture_density(step, emission.air_fraction, fluid, weather.pressure_pa)
        part = _released(replace(emission, steps=(step,)), TIMES_S)
        volume += part / density
        buoyancy += GRAVITY * part * (1 / air - 1 / density)
    return volume, buoyancy


def _integral(values: Floats) -> Floats:
    """Return the running integral over `TIMES_S` by trapezoids, from 0."""
    pieces = 0.5 * (values[1:] + values[:-1]) * np.diff(TIMES_S)
    return np.concatenate(([0.0], np.cumsum(pieces)))


def _pure(emission: Emission, weather: Weather, fluid: Fluid) -> float:
    """Return what the source itself has [kg/m3] at most: the gas without the air mixed in."""
    return max(
        (1 - emission.air_fraction)
        * mixture_density(step, emission.air_fraction, fluid, weather.pressure_pa)
        for step in emission.steps
    )
