"""A passive cloud in changing wind: puffs behind the face of every solution.

`solve` takes an emission (steady, changing, finite or all at once) and a series of weathers, and
gives a `MovingCloud`: concentrations at any time, peaks of running means, doses and toxic loads at
points, and ground fields. A plume's spreads belong to a steady or finite release, a single puff's
own (relative) spread to one that comes all at once: the set that fits is the caller's to give, and
one that does not is said in the notes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from edge.dispersion.arrays import Floats, Ints
from edge.dispersion.emission import Emission, Kind
from edge.dispersion.notes import ModelUse, Note, RefusedError
from edge.dispersion.passive.puff import ground_jit, maps, receptors_jit, track_jit
from edge.dispersion.passive.puff.clock import Clock, clocks, running_peak, trapezoid
from edge.dispersion.passive.puff.cloud import EAST, FROM_S, GROWTH, LID, MASS, NORTH, Cloud, Track
from edge.dispersion.passive.puff.ground import Grid, GroundField
from edge.dispersion.passive.puff.maps_jit import Run
from edge.dispersion.passive.puff.release import ladder, puffs
from edge.dispersion.passive.puff.table import SIGMA_Y, SIGMA_Z, read, virtual_distance
from edge.dispersion.passive.puff.winds import CALM_M_S, Spreads, WindAt, Winds, winds
from edge.dispersion.solution import OneEmission
from edge.dispersion.weather.profile import wind_of
from edge.dispersion.weather.weather import Weather

FARTHEST_M = 10_000.0  # the sets of spreads end here
LONGEST_S = 7200.0  # how long a cloud is followed after the release unless told
FEW = 128  # points up to which each is followed by itself; more are a map
MOST_LOOKS = 200_000  # of a ground field
MOST_FINE = 50_000  # puffs of the finest train: a long release is resolved from further out


@dataclass(frozen=True, slots=True)
class Settings:
    """How a moving cloud is computed.

    The cloud is resolved from `nearest_m` [m] of travel on; nearer, it is shown as wide as there.
    `horizon_s` [s] is how long it is followed: None, to 10 km in the mean wind, 2 h at most after
    the release ends. `deposition_m_s` and `decay_1_s` are v_d [m/s] and lambda [1/s]; without
    `reflects` the ground takes all that comes down. `averaging_s` [s] is the mean that sigma_y is
    for: a series of 1 min winds bends the cloud by itself what a 10 min sigma_y has in it, so give
    60 there; None keeps the set's own. `cut` [spreads] is how far a puff is seen.
    `frozen` puffs keep the wind of their birth (for verification).
    """

    nearest_m: float = 5.0
    horizon_s: float | None = None
    deposition_m_s: float = 0.0
    decay_1_s: float = 0.0
    reflects: bool = True
    cut: float = receptors_jit.CUT
    averaging_s: float | None = None
    frozen: bool = False


def solve(
    emission: Emission,
    series: Sequence[tuple[float, Weather]],
    spreads: Spreads,
    wind_at: WindAt = wind_of,
    settings: Settings = Settings(),
) -> MovingCloud:
    """Return the cloud of `emission` in `series` of (from [s], weather).

    The first weather holds from 0 s or before. `wind_at` gives the wind of a weather at a height.
    Raises `RefusedError` for what is no release, no wind series or no setting.
    """
    _check(emission, settings)
    deposits = settings.deposition_m_s > 0
    air = winds(series, emission.height_m, spreads, wind_at, settings.averaging_s, deposits)
    if not settings.reflects and np.any(np.isfinite(air.rows[:, LID])):
        raise RefusedError("dispersion.refused.puff.lid-without-ground")
    horizon = settings.horizon_s or _horizon(emission, air)
    fastest, slowest = float(np.max(air.speeds)), float(np.min(air.rows[:, GROWTH]))
    settings = replace(settings, nearest_m=_resolved(emission, air, settings.nearest_m))
    rungs = ladder(air.tables, fastest, slowest, settings.nearest_m, horizon)
    made = puffs(emission, rungs, math.nextafter(horizon, math.inf))  # still there at the horizon
    made[:, MASS] *= 1 - emission.air_fraction
    cloud = _cloud(emission, made, air, settings)
    notes = _notes(emission, air, spreads, settings, horizon)
    use = ModelUse("passive.puff", Note("dispersion.model.puff", {"set": spreads.id}), notes)
    track, order = track_jit.track(cloud), maps.by_sight(cloud)
    return MovingCloud(emission, cloud, track, order, settings, horizon, fastest, use)


def _cloud(emission: Emission, made: Floats, air: Winds, settings: Settings) -> Cloud:
    """Return the cloud of the puffs `made` in `air`."""
    return Cloud(
        emission.x_m,
        emission.y_m,
        emission.height_m,
        made,
        air.rows,
        air.tables,
        reflects=settings.reflects,
        deposition_m_s=settings.deposition_m_s,
        decay_1_s=settings.decay_1_s,
        least_y_m=min(read(table, SIGMA_Y, settings.nearest_m) for table in air.tables),
        least_z_m=min(read(table, SIGMA_Z, settings.nearest_m) for table in air.tables),
        frozen=settings.frozen,
    )


def _check(emission: Emission, settings: Settings) -> None:
    """Raise `RefusedError` for a release or settings that are not numbers in their range."""
    if not emission.steps:
        raise RefusedError("dispersion.refused.puff.nothing", substance=emission.substance)
    amounts = [emission.mass_kg, *(step.rate_kg_s for step in emission.steps)]
    areas = [step.area_m2 for step in emission.steps]
    times = [time for step in emission.steps for time in (step.start_s, step.end_s)]
    values = [*amounts, *areas, *times, emission.height_m, emission.air_fraction]
    for value in [*values, settings.deposition_m_s, settings.decay_1_s]:
        if not (math.isfinite(value) and value >= 0):
            raise RefusedError("dispersion.refused.puff.value", value=value)
    if not (math.isfinite(emission.x_m) and math.isfinite(emission.y_m)):
        raise RefusedError("dispersion.refused.puff.place", x=emission.x_m, y=emission.y_m)
    if times != sorted(times) or emission.air_fraction >= 1 or not emission.total_kg > 0:
        raise RefusedError("dispersion.refused.puff.nothing", substance=emission.substance)
    horizon = 1.0 if settings.horizon_s is None else settings.horizon_s
    for value in (settings.nearest_m, settings.cut, horizon):
        if not (math.isfinite(value) and value > 0):
            raise RefusedError("dispersion.refused.puff.setting", value=value)


def _resolved(emission: Emission, air: Winds, nearest_m: float) -> float:
    """Return from what travel [m] on the cloud is resolved: `nearest_m`, more if it lasts long."""
    apart = max(float(np.max(air.speeds)), CALM_M_S) * emission.duration_s / MOST_FINE
    return max(nearest_m, *(virtual_distance(table, SIGMA_Y, apart) for table in air.tables))


def _horizon(emission: Emission, air: Winds) -> float:
    """Return the end of the release and the time to 10 km, 2 h at most [s]."""
    mean = max(float(np.mean(air.speeds)), CALM_M_S)
    ends = emission.duration_s or emission.steps[0].start_s
    return ends + min(FARTHEST_M / mean, LONGEST_S)


def _notes(
    emission: Emission, air: Winds, spreads: Spreads, settings: Settings, horizon_s: float
) -> tuple[Note, ...]:
    """Return what strains the model in this case."""
    found = [Note("dispersion.note.puff.near", {"nearest": round(settings.nearest_m, 1)})]
    instant = emission.kind is Kind.INSTANT
    if instant and spreads.averaging_s > 0:
        found.append(Note("dispersion.note.puff.plume-spreads", {"set": spreads.id}))
    if not instant and spreads.averaging_s == 0:
        found.append(Note("dispersion.note.puff.puff-spreads", {"set": spreads.id}))
    if float(np.min(air.speeds)) < CALM_M_S:
        found.append(Note("dispersion.note.puff.calm", {"floor": CALM_M_S}))
    between = float(np.min(np.diff(air.rows[:, FROM_S]), initial=np.inf))
    if between < (settings.averaging_s or spreads.averaging_s):
        params = {"series": round(between), "sigma": round(spreads.averaging_s)}
        found.append(Note("dispersion.note.puff.meander", params))
    if emission.kind is Kind.JET:
        found.append(Note("dispersion.note.puff.jet"))
    if float(np.max(air.speeds)) * horizon_s > FARTHEST_M:
        found.append(Note("dispersion.note.puff.far", {"km": FARTHEST_M / 1000}))
    if settings.frozen:
        found.append(Note("dispersion.note.puff.frozen"))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class MovingCloud(OneEmission):
    """The puffs of one emission: a `Solution`. Made by `solve`.

    `order` is the puffs by when they are first seen; `fastest_m_s` [m/s] is the greatest wind of
    the series.
    """

    emission: Emission
    cloud: Cloud
    track: Track
    order: Ints
    settings: Settings
    horizon_s: float
    fastest_m_s: float
    use: ModelUse

    @property
    def heading_deg(self) -> float:
        """Return where the wind of the first hour of the release goes on the mean [deg]."""
        rows = self.cloud.winds
        end = min(self.horizon_s, 3600.0)
        spans = np.diff(np.clip(np.append(rows[:, FROM_S], np.inf), 0.0, end))
        east, north = float(np.sum(rows[:, EAST] * spans)), float(np.sum(rows[:, NORTH] * spans))
        return math.degrees(math.atan2(east, north)) % 360.0

    def concentration(self, x_m: Floats, y_m: Floats, z_m: float, t_s: float) -> Floats:
        """Return the concentration [kg/m3]; 0 before the release. Refused beyond the horizon."""
        _check_points(x_m, y_m, z_m)
        if not (math.isfinite(t_s) and t_s <= self.horizon_s):
            raise RefusedError("dispersion.refused.puff.time", t=t_s, horizon=self.horizon_s)
        if x_m.size <= FEW:
            return self._series(x_m, y_m, z_m, (t_s, 1.0, 1))[:, 0].reshape(x_m.shape)
        return self._mapped(x_m, y_m, z_m, np.array([t_s]), lambda c: c)[0]

    def peak(self, x_m: Floats, y_m: Floats, z_m: float, averaging_s: float) -> Floats:
        """Return the greatest running mean over `averaging_s` [s] (0: the greatest value)."""
        return self.peaks(x_m, y_m, z_m, (averaging_s,))[0]

    def peaks(
        self, x_m: Floats, y_m: Floats, z_m: float, averagings_s: tuple[float, ...]
    ) -> Floats:
        """Return the greatest running means over each time [s]: (times, *shape of `x_m`)."""
        _check_points(x_m, y_m, z_m)
        for averaging_s in averagings_s:
            _check_averaging(averaging_s)
        if x_m.size > FEW:
            times = self._looks()
            return self._mapped(x_m, y_m, z_m, times, lambda c: maps.peaks(times, c, averagings_s))
        stretches = list(self._stretches(x_m, y_m, z_m))
        greatest = np.max([c.max(axis=1) for _clock, c in stretches], axis=0)
        so_far = _dose_so_far(stretches)
        found = [running_peak(*so_far, one) if one > 0 else greatest for one in averagings_s]
        return np.reshape(found, (len(averagings_s), *x_m.shape))

    def load(self, x_m: Floats, y_m: Floats, z_m: float, exponent: float) -> Floats:
        """Return the integral of c^n [(kg/m3)^n s] up to the horizon; n = `exponent` > 0."""
        _check_points(x_m, y_m, z_m)
        _check_exponent(exponent)
        if x_m.size > FEW:
            times = self._looks()
            return self._mapped(
                x_m, y_m, z_m, times, lambda c: maps.load(times, c, exponent)[None]
            )[0]
        parts = self._stretches(x_m, y_m, z_m)
        total = np.sum([trapezoid(c**exponent, clock[1]) for clock, c in parts], axis=0)
        return np.reshape(total, x_m.shape)

    def ground(
        self,
        grid: Grid,
        z_m: float,
        exponent: float,
        averaging_s: float,
        step_s: float | None = None,
    ) -> GroundField:
        """Return dose, load and peak over `grid`, looked at every `step_s` [s].

        None: 1 / 400 of the release, and no less than a fifth of the time in which a puff, half a
        cell old, passes a point; 10 s at most.
        """
        _check_points(grid.x_m, grid.y_m, z_m)
        _check_exponent(exponent)
        _check_averaging(averaging_s)
        if not (grid.dx_m > 0 and grid.dy_m > 0 and grid.nx > 0 and grid.ny > 0):
            raise RefusedError("dispersion.refused.puff.grid", dx=grid.dx_m, dy=grid.dy_m)
        if step_s is None:
            step_s = self._step(0.5 * min(grid.dx_m, grid.dy_m))
        if not (step_s > 0 and self.horizon_s / step_s <= MOST_LOOKS):
            raise RefusedError("dispersion.refused.puff.setting", value=step_s)
        clock = (0.0, step_s, math.ceil(self.horizon_s / step_s))
        return ground_jit.ground(
            self.cloud, self.track, grid, z_m, clock, exponent, averaging_s, self.settings.cut
        )

    def _step(self, travel_m: float) -> float:
        """Return how often a ground field looks [s] that begins to see the cloud at `travel_m`."""
        reach = max(travel_m, self.settings.nearest_m)
        spread = min(read(table, SIGMA_Y, reach) for table in self.cloud.tables)
        passing = 0.2 * spread / max(self.fastest_m_s, CALM_M_S)
        wanted = max(passing, self.emission.duration_s / 400, self.horizon_s / MOST_LOOKS)
        return min(wanted, 10.0)

    def _series(self, x_m: Floats, y_m: Floats, z_m: float, clock: Clock) -> Floats:
        return receptors_jit.series(self.cloud, self.track, x_m, y_m, z_m, clock, self.settings.cut)

    def _mapped(
        self,
        x_m: Floats,
        y_m: Floats,
        z_m: float,
        times: Floats,
        of: Callable[[Floats], Floats],
    ) -> Floats:
        """Return `of` the series (looks, points) of many points, (answers, *shape of `x_m`)."""
        cut = self.settings.cut
        run = Run(self.cloud, self.track, self.order, float(z_m), times, cut)
        found = [of(c) for c in maps.series(run, x_m, y_m)]
        return np.concatenate(found, axis=1).reshape(-1, *x_m.shape)

    def _looks(self) -> Floats:
        """Return the times at which a map is looked at [s]."""
        return maps.joined(self._clocks())

    def _clocks(self) -> list[Clock]:
        ends = self.emission.duration_s or self.emission.steps[0].start_s
        until = (ends, self.horizon_s)
        changes = [at for step in self.emission.steps for at in (step.start_s, step.end_s)]
        return clocks(self.cloud, self.fastest_m_s, self.settings.nearest_m, until, changes)

    def _stretches(self, x_m: Floats, y_m: Floats, z_m: float) -> Iterator[tuple[Clock, Floats]]:
        """Give the concentration at points (n,) in every stretch of looks, (n, times)."""
        for clock in self._clocks():
            yield clock, self._series(x_m, y_m, z_m, clock)


def _dose_so_far(stretches: list[tuple[Clock, Floats]]) -> tuple[Floats, Floats]:
    """Return the times of all looks and the dose up to each (points, times)."""
    times: list[Floats] = [np.zeros(1)]
    doses: list[Floats] = [np.zeros((stretches[0][1].shape[0], 1))]
    for (start, step, count), c in stretches:
        times.append(start + step * np.arange(1, count, dtype=np.float64))
        gained = np.cumsum(0.5 * step * (c[:, 1:] + c[:, :-1]), axis=1)
        doses.append(doses[-1][:, -1:] + gained)
    return np.concatenate(times), np.concatenate(doses, axis=1)


def _check_points(x_m: Floats, y_m: Floats, z_m: float) -> None:
    """Raise `RefusedError` unless all points are numbers and above the ground."""
    if not (np.all(np.isfinite(x_m)) and np.all(np.isfinite(y_m))):
        raise RefusedError("dispersion.refused.puff.points")
    if not (math.isfinite(z_m) and z_m >= 0):
        raise RefusedError("dispersion.refused.puff.value", value=z_m)


def _check_averaging(averaging_s: float) -> None:
    """Raise `RefusedError` unless a mean can be taken over this [s]."""
    if not (math.isfinite(averaging_s) and averaging_s >= 0):
        raise RefusedError("dispersion.refused.puff.value", value=averaging_s)


def _check_exponent(exponent: float) -> None:
    """Raise `RefusedError` unless a load can have this exponent."""
    if not (math.isfinite(exponent) and exponent > 0):
        raise RefusedError("dispersion.refused.puff.setting", value=exponent)
