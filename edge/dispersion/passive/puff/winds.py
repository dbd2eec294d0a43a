"""A series of weathers made ready for puffs: winds, spread tables, and what speaks against them.

Each weather holds from its time until the next one's. In calm air a puff stays where it is and
its spreads grow as if the wind were `CALM_M_S`: the turbulence of calm air is not the wind's. The
floor is that of CALPUFF (Scire, Strimaitis and Yamartino 2000, User's Guide, section 2.2.1:
0.5 m/s, the threshold of calm).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Protocol

import numpy as np

from edge.dispersion.arrays import Floats
from edge.dispersion.notes import RefusedError
from edge.dispersion.passive.puff.cloud import EAST, NORTH
from edge.dispersion.passive.puff.table import Curves, spread_table, with_ground
from edge.dispersion.passive.sigma.averaging import factor
from edge.dispersion.weather.weather import Weather

CALM_M_S = 0.5
WindAt = Callable[[Weather, float], float]  # the wind [m/s] of a weather at a height [m]


class Spreads(Protocol):
    """A set of dispersion coefficients, as puffs use it (`sigma.face.SigmaSet` is one)."""

    @property
    def id(self) -> str:
        """Return its name."""
        ...

    @property
    def averaging_s(self) -> float:
        """Return the averaging time of its sigma_y [s]; 0 for a single puff's own spread."""
        ...

    def sigmas(self, x_m: Floats, weather: Weather) -> tuple[Floats, Floats]:
        """Return sigma_y and sigma_z [m] at travel distances `x_m` [m]; same shape."""
        ...


@dataclass(frozen=True, slots=True)
class Winds:
    """`rows` (w, 6) and `tables` (k, nodes, 3) as `cloud.Cloud` wants them."""

    rows: Floats
    tables: Floats

    @property
    def speeds(self) -> Floats:
        """Return the winds' speeds [m/s] (w,)."""
        return np.hypot(self.rows[:, EAST], self.rows[:, NORTH])


def winds(
    series: Sequence[tuple[float, Weather]],
    height_m: float,
    spreads: Spreads,
    wind_at: WindAt,
    averaging_s: float | None,
    with_deposition: bool,
) -> Winds:
    """Return `series` of (from [s], weather) for a cloud at `height_m` [m] above ground.

    `averaging_s` [s] is the mean that sigma_y is stretched to, None for the set's own. Raises
    `RefusedError` for an empty or unordered series, a weather that is not numbers, a wind
    below 0, a lid not above the release; and as `spreads` does.
    """
    _check_order(series)
    rows = np.empty((len(series), 6))
    kinds: dict[Weather, int] = {}
    tables: list[Floats] = []
    for i, (from_s, weather) in enumerate(series):
        speed = _speed(weather, height_m, wind_at)
        kind = replace(weather, from_deg=0.0)
        if kind not in kinds:
            kinds[kind] = len(tables)
            table = spread_table(_curves(spreads, weather, averaging_s))
            lid = weather.mixing_height_m
            tables.append(with_ground(table, height_m, lid) if with_deposition else table)
        angle = math.radians(weather.from_deg)
        east, north = -speed * math.sin(angle), -speed * math.cos(angle)
        growth = max(speed, CALM_M_S)
        rows[i] = (from_s, east, north, growth, kinds[kind], weather.mixing_height_m)
    return Winds(rows, np.stack(tables))


def _curves(spreads: Spreads, weather: Weather, averaging_s: float | None) -> Curves:
    """Return the spreads in one weather, sigma_y for means over `averaging_s`."""
    own = spreads.averaging_s
    wider = 1.0 if averaging_s is None else factor(averaging_s, own, weather.stability)

    def curves(x_m: Floats) -> tuple[Floats, Floats]:
        sy, sz = spreads.sigmas(x_m, weather)
        return wider * sy, sz

    return curves


def _check_order(series: Sequence[tuple[float, Weather]]) -> None:
    """Raise `RefusedError` unless there is a weather from 0 s on and each comes after the last."""
    if not series:
        raise RefusedError("dispersion.refused.puff.no-wind")
    times = [from_s for from_s, _weather in series]
    if not (math.isfinite(times[0]) and times[0] <= 0):
        raise RefusedError("dispersion.refused.puff.late-wind", value=times[0])
    for before, after in pairwise(times):
        if not (after > before and math.isfinite(after)):
            raise RefusedError("dispersion.refused.puff.wind-order", before=before, after=after)


def _speed(weather: Weather, height_m: float, wind_at: WindAt) -> float:
    """Return the wind [m/s] that carries a cloud at `height_m`, checked."""
    if not math.isfinite(weather.from_deg):
        raise RefusedError("dispersion.refused.puff.wind", value=weather.from_deg)
    if not (math.isfinite(weather.speed_m_s) and weather.speed_m_s >= 0):
        raise RefusedError("dispersion.refused.puff.wind", value=weather.speed_m_s)
    if not weather.mixing_height_m > height_m:
        raise RefusedError(
            "dispersion.refused.puff.lid", lid=weather.mixing_height_m, height=height_m
        )
    speed = wind_at(weather, height_m) if weather.speed_m_s > 0 else 0.0
    if not (math.isfinite(speed) and speed >= 0):
        raise RefusedError("dispersion.refused.puff.wind", value=speed)
    return speed
