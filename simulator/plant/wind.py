"""The wind as the plant has it: never steady. It is what the gateway's plume does not know.

Speed and direction are Ornstein-Uhlenbeck processes about the scenario's mean:

- direction = mean + slow meander (time scale 300 s) + quick swing (30 s). The class's standard
  deviation of direction is split 50 % slow, 30 % quick, 20 % inside the puffs (shares of variance),
  so that what the wind resolves is not counted again by the puffs' own growth.
- speed = mean x exp(s), s of time scale 90 s and deviation 0.2, kept unbiased.

Deviation of direction and elevation by stability class: the middle of EPA-454/R-99-005 (2000),
tables 6-8a and 6-9a (memory; not checked against print). In light wind the sideways motion does
not die: its deviation is kept above 0.25 m/s (the order of Hanna 1983, J. Climate Appl. Meteor.
22, 1424-1430), so directions swing wider as the wind falls.
Profile: u(z) = u10 ln(1 + z/z0) / ln(1 + 10/z0), at least 0.2 m/s.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from simulator.plant.actions import SetWind
from simulator.plant.settings import Stability, Weather

SLOW_S, QUICK_S, SPEED_S = 300.0, 30.0, 90.0
SLOW_SHARE, QUICK_SHARE, PUFF_SHARE = 0.5, 0.3, 0.2
SPEED_DEVIATION = 0.2
LEAST_SIDEWAYS_M_S = 0.25
LEAST_SPEED_M_S = 0.2
WIDEST_RAD = math.radians(60)
SIGMA_DIRECTION_DEG: dict[Stability, float] = {
    "A": 25.0,
    "B": 20.0,
    "C": 15.0,
    "D": 10.0,
    "E": 5.5,
    "F": 3.0,
}
SIGMA_ELEVATION_DEG: dict[Stability, float] = {
    "A": 12.5,
    "B": 10.7,
    "C": 8.9,
    "D": 6.4,
    "E": 3.7,
    "F": 1.8,
}


class WindNow(NamedTuple):
    """The wind of one moment: `speed_m_s` at 10 m, `from_deg` meteorological.

    `sideways` and `upward` [-] are the intensities, deviation over mean speed, of the eddies that
    grow a puff; they are taken to hold at every height that a puff travels at.
    """

    speed_m_s: float
    from_deg: float
    sideways: float
    upward: float
    roughness_m: float

    def at(self, height_m: float) -> float:
        """Return the speed [m/s] at `height_m` [m] above ground."""
        ratio = math.log1p(height_m / self.roughness_m) / math.log1p(10 / self.roughness_m)
        return max(LEAST_SPEED_M_S, self.speed_m_s * ratio)


class Wind:
    """The meandering wind; steps on its own generator, so nothing else can shift its course."""

    def __init__(self, weather: Weather, generator: np.random.Generator) -> None:
        self._weather = weather
        self._generator = generator
        self._mean_speed = weather.wind_speed_m_s
        self._mean_from = weather.wind_from_deg
        self._change: tuple[float, float, float] | None = None  # deg/s, m/s per s, seconds left
        self._lateral = math.radians(SIGMA_DIRECTION_DEG[weather.stability])
        self._vertical = math.radians(SIGMA_ELEVATION_DEG[weather.stability])
        # In units of each process's own deviation; a story starts at the mean it states.
        self._slow = self._quick = self._gust = 0.0

    @property
    def means(self) -> tuple[float, float]:
        """The mean speed [m/s] and direction [deg] that the wind meanders about now."""
        return self._mean_speed, self._mean_from

    def set(self, action: SetWind) -> None:
        """Turn the mean wind to what `action` says, over its time."""
        turn = 0.0
        if action.from_deg is not None:
            turn = (action.from_deg - self._mean_from + 180) % 360 - 180
        rise = 0.0 if action.speed_m_s is None else action.speed_m_s - self._mean_speed
        if action.over_s <= 0:
            self._mean_from = (self._mean_from + turn) % 360
            self._mean_speed += rise
            self._change = None
        else:
            self._change = (turn / action.over_s, rise / action.over_s, action.over_s)

    def step(self, dt_s: float) -> None:
        """Move the wind on by `dt_s` [s]: the exact step of each Ornstein-Uhlenbeck process."""
        if self._change is not None:
            turn, rise, left = self._change
            part = min(dt_s, left)
            self._mean_from = (self._mean_from + turn * part) % 360
            self._mean_speed += rise * part
            self._change = (turn, rise, left - part) if left > part else None
        slow, quick, gust = self._generator.standard_normal(3).tolist()
        self._slow = _relax(self._slow, dt_s / SLOW_S, slow)
        self._quick = _relax(self._quick, dt_s / QUICK_S, quick)
        self._gust = _relax(self._gust, dt_s / SPEED_S, gust)

    def now(self) -> WindNow:
        """Return the wind of this moment."""
        log_speed = SPEED_DEVIATION * self._gust - SPEED_DEVIATION**2 / 2
        speed = max(LEAST_SPEED_M_S, self._mean_speed * math.exp(log_speed))
        sideways = math.hypot(self._lateral * speed, LEAST_SIDEWAYS_M_S)
        swing = min(sideways / speed, WIDEST_RAD)
        turn = swing * (math.sqrt(SLOW_SHARE) * self._slow + math.sqrt(QUICK_SHARE) * self._quick)
        return WindNow(
            speed_m_s=speed,
            from_deg=(self._mean_from + math.degrees(turn)) % 360,
            sideways=math.sqrt(PUFF_SHARE) * sideways / speed,
            upward=self._vertical,
            roughness_m=self._weather.roughness_m,
        )

    def state(self) -> tuple[float, ...]:
        """Return everything the next step depends on, for the plant's digest."""
        change = self._change or (0.0, 0.0, 0.0)
        means = (self._mean_speed, self._mean_from)
        return (*means, self._slow, self._quick, self._gust, *change)


def _relax(value: float, steps: float, noise: float) -> float:
    """Return an Ornstein-Uhlenbeck value of unit deviation after `steps` of its time scale."""
    keep = math.exp(-steps)
    return value * keep + math.sqrt(1 - keep * keep) * noise
