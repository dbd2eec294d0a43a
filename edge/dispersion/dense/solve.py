"""A dense release as a `Solution`: emission, weather and fluid in, concentrations out.

Concentrations are given as if the gas had the air's temperature, so that they turn into ppm as
those of any other model do; in a cold cloud there is more of it in a cubic metre.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from edge.dispersion.arrays import Floats
from edge.dispersion.dense import field, kernels_jit
from edge.dispersion.dense.air import Air, meander_intensity
from edge.dispersion.dense.ambient import air_of
from edge.dispersion.dense.record import record
from edge.dispersion.dense.series import DenseSeries, stretches
from edge.dispersion.dense.trace import FARTHEST_M, Trace, trace
from edge.dispersion.emission import Emission, Kind
from edge.dispersion.notes import ModelUse, Note, RefusedError
from edge.dispersion.solution import OneEmission
from edge.dispersion.weather.weather import Weather
from edge.substance.fluid import GAS_CONSTANT, Fluid

LEAST_WIND_M_S = 0.5
LONGEST_MEAN_S, LONGEST_PEAK_S = 3600.0, 86_400.0
BASE_MEAN_S = 600.0
BESIDE_M = 0.5  # as the plume has it: a small mouth fills a box of this half-width


@dataclass(frozen=True, slots=True)
class DenseCloud(OneEmission):
    """A solved dense cloud; the face is `Solution`'s.

    `steady` holds the plume's lines; `table` those up to where the puff's middle begins, then from
    `first_puff` the puff's; `pure_kg_m3` [kg/m3] is the concentration of undiluted gas, `air` the
    wind it was solved in.
    """

    emission: Emission
    weather: Weather
    life: Trace
    air: Air
    steady: Floats
    table: Floats
    first_puff: int
    pure_kg_m3: float
    use: ModelUse

    @property
    def heading_deg(self) -> float:
        """Return where the cloud goes [deg, clockwise from north]."""
        return (self.weather.from_deg + 180.0) % 360.0

    @property
    def horizon_s(self) -> float:
        """Return until when [s] the solution holds."""
        return float(self.table[-1, field.F_T]) + self.life.release.duration_s

    def concentration(self, x_m: Floats, y_m: Floats, z_m: float, t_s: float) -> Floats:
        """As `Solution.concentration`, a mean over the ten minutes that `solve` was asked for."""
        points, shape = self._points(x_m, y_m, z_m)
        out = np.zeros(len(points))
        if not math.isfinite(t_s):
            raise RefusedError("dispersion.refused.dense-time", t_s=t_s)
        if 0 <= t_s <= float(self.table[-1, field.F_T]):
            duration = self.life.release.duration_s
            kernels_jit.snapshot(self.steady, self.table, duration, t_s, points, out)
            self._at_source(points, out, 1.0 if t_s < duration else 0.0)
        return self._scaled(out, shape)

    def peak(self, x_m: Floats, y_m: Floats, z_m: float, averaging_s: float) -> Floats:
        """As `Solution.peak`: the greatest mean over `averaging_s` [s] that ever comes.

        Beyond an hour, whose meander is the longest known, the dose over that time; never more
        than the hour's mean.
        """
        if not 0 <= averaging_s <= LONGEST_PEAK_S:
            raise RefusedError("dispersion.refused.dense-averaging", averaging_s=averaging_s)
        if averaging_s > LONGEST_MEAN_S:
            hour = self.peak(x_m, y_m, z_m, LONGEST_MEAN_S)
            return np.minimum(hour, self.load(x_m, y_m, z_m, 1.0) / averaging_s)
        points, shape = self._points(x_m, y_m, z_m)
        out = np.zeros(len(points))
        base = meander_intensity(self.air, self.life.release.averaging_s)
        widen = meander_intensity(self.air, averaging_s) / base
        duration = self.life.release.duration_s
        kernels_jit.greatest(self.table, self.first_puff, duration, averaging_s, widen, points, out)
        self._at_source(points, out, min(1.0, duration / averaging_s) if averaging_s else 1.0)
        return self._scaled(out, shape)

    def load(self, x_m: Floats, y_m: Floats, z_m: float, exponent: float) -> Floats:
        """As `Solution.load`: the integral of c^n over all time [(kg/m3)^n s]; n > 0."""
        if not 0 < exponent < math.inf:
            raise RefusedError("dispersion.refused.dense-exponent", exponent=exponent)
        points, shape = self._points(x_m, y_m, z_m)
        out = np.zeros(len(points))
        duration = self.life.release.duration_s
        kernels_jit.dose(self.table, self.first_puff, duration, exponent, points, out)
        self._at_source(points, out, duration)
        return (out * self.pure_kg_m3**exponent).reshape(shape)

    def _at_source(self, points: Floats, out: Floats, value: float) -> None:
        """Give points inside a jet's or vent's mouth its own value: no line begins before it."""
        if self.emission.kind not in {Kind.JET, Kind.VENT}:
            return
        area = max(step.area_m2 for step in self.emission.steps)
        edge = max(BESIDE_M, 0.5 * math.sqrt(area))
        near = np.abs(points - (0.0, 0.0, self.emission.height_m)).max(axis=1) <= edge
        out[near] = np.maximum(out[near], value)

    def _scaled(self, fraction: Floats, shape: tuple[int, ...]) -> Floats:
        return (fraction * self.pure_kg_m3).reshape(shape)

    def _points(self, x_m: Floats, y_m: Floats, z_m: float) -> tuple[Floats, tuple[int, ...]]:
        """Return the points (n, 3) downwind, to the left and up, and the shape to give back."""
        x, y = np.asarray(x_m, dtype=np.float64), np.asarray(y_m, dtype=np.float64)
        if not (np.isfinite(x).all() and np.isfinite(y).all()):
            raise RefusedError("dispersion.refused.dense-place")
        if not 0 <= z_m < math.inf:
            raise RefusedError("dispersion.refused.dense-height", z_m=z_m)
        to = math.radians(self.heading_deg)
        east, north = math.sin(to), math.cos(to)
        dx, dy = x - self.emission.x_m, y - self.emission.y_m
        down, left = dx * east + dy * north, dy * east - dx * north
        up = np.full(down.size, z_m)
        return np.stack([down.ravel(), left.ravel(), up], axis=1), down.shape


def _check(weather: Weather, averaging_s: float) -> None:
    """Refuse weather in which no cloud drifts: `RefusedError`."""
    numbers = (weather.temperature_k, weather.pressure_pa, weather.roughness_m, weather.height_m)
    if not all(math.isfinite(one) and one > 0 for one in numbers):
        raise RefusedError("dispersion.refused.dense-weather")
    turn = (weather.inverse_length_1_m, weather.stability, weather.from_deg)
    if not all(math.isfinite(one) for one in turn) or not 0 <= weather.humidity <= 1:
        raise RefusedError("dispersion.refused.dense-weather")
    if weather.height_m <= 3 * weather.roughness_m or not 200 < weather.temperature_k < 350:
        raise RefusedError("dispersion.refused.dense-weather")
    if not LEAST_WIND_M_S <= weather.speed_m_s < 60:
        raise RefusedError("dispersion.refused.dense-wind", speed_m_s=weather.speed_m_s)
    if not 1 <= averaging_s <= LONGEST_MEAN_S:
        raise RefusedError("dispersion.refused.dense-averaging", averaging_s=averaging_s)


def field_tables(life: Trace) -> tuple[Floats, Floats, int]:
    """Return the plume's field table, the whole one, and the number of its first puff line.

    In the whole one the plume's lines end where the puff's middle begins.
    """
    plume = life.plume
    steady = np.zeros((len(plume), field.F_COLUMNS))
    kernels_jit.tabulate(plume, steady)
    if len(life.puff) and len(plume):
        plume = plume[plume[:, 0] < life.puff[0, 0]]
    rows = np.concatenate([plume, life.puff])
    table = np.zeros((len(rows), field.F_COLUMNS))
    kernels_jit.tabulate(rows, table)
    return steady, table, len(plume)


def solve(
    emission: Emission, weather: Weather, fluid: Fluid, averaging_s: float = BASE_MEAN_S
) -> DenseCloud | DenseSeries:
    """Return the dense cloud of an emission, its concentrations as means over `averaging_s` [s].

    Steps of very unequal rates become clouds one after the other, unless one of them alone is
    refused. `RefusedError`: light gas, no mass, calm, or numbers that are none.
    """
    _check(weather, averaging_s)
    whole = _solve_one(emission, weather, fluid, averaging_s)
    parts = stretches(emission)
    if len(parts) == 1:
        return whole
    try:
        clouds = tuple(_solve_one(part, weather, fluid, averaging_s) for part in parts)
    except RefusedError:
        return whole
    starts = tuple(part.steps[0].start_s for part in parts)
    return DenseSeries(clouds, starts, whole, whole.pure_kg_m3)


def _solve_one(
    emission: Emission, weather: Weather, fluid: Fluid, averaging_s: float
) -> DenseCloud:
    """Return the cloud of an emission taken at its greatest rate for the same mass."""
    air = air_of(weather)
    made = record(emission, fluid, air, averaging_s)
    life = trace(made.gas, air, made.release, kernels_jit)
    steady, table, first_puff = field_tables(life)
    if not np.isfinite(table).all() or len(table) < 2:
        raise RefusedError("dispersion.refused.dense-unsolved")
    pure = made.gas.molar_mass * weather.pressure_pa / (GAS_CONSTANT * weather.temperature_k)
    notes = list(made.notes)
    if fluid.associates:
        notes.append(Note("dispersion.note.dense-association", {"substance": fluid.id}))
    if table[-1, field.F_X] < FARTHEST_M * 0.99:
        reach = round(float(table[-1, field.F_X]))
        notes.append(Note("dispersion.note.dense-reach", {"x_m": reach}))
    validity = Note("dispersion.note.dense-validity")
    use = ModelUse(f"dense.{made.release.shape}", validity, tuple(notes))
    return DenseCloud(
        emission=emission,
        weather=weather,
        life=life,
        air=air,
        steady=steady,
        table=table,
        first_puff=first_puff,
        pure_kg_m3=pure * made.share,
        use=use,
    )
