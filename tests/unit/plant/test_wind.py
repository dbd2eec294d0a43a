"""The wind that meanders."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulator.plant.actions import SetWind
from simulator.plant.settings import Weather
from simulator.plant.wind import PUFF_SHARE, SIGMA_DIRECTION_DEG, Wind


def make(seed: int = 1, **weather: object) -> Wind:
    return Wind(Weather.model_validate(weather), np.random.Generator(np.random.PCG64(seed)))


def test_meander_has_the_class_deviation_and_mean():
    """Over hours the direction swings by its class's deviation, less the puffs' share."""
    wind = make(wind_speed_m_s=5.0, wind_from_deg=90.0, stability="D")
    turns, speeds = [], []
    for _ in range(40_000):
        wind.step(5.0)
        now = wind.now()
        turns.append((now.from_deg - 90 + 180) % 360 - 180)
        speeds.append(now.speed_m_s)
    expected = SIGMA_DIRECTION_DEG["D"] * math.sqrt(1 - PUFF_SHARE)

    assert np.mean(turns) == pytest.approx(0, abs=0.7)
    assert np.std(turns) == pytest.approx(expected, rel=0.1)
    assert np.mean(speeds) == pytest.approx(5.0, rel=0.02)


def test_meander_does_not_depend_on_the_step():
    """The deviation is the process's, whatever the step (exact Ornstein-Uhlenbeck)."""
    spread = []
    for dt in (0.1, 10.0):
        wind = make(2)
        values = []
        for _ in range(200_000 if dt == 0.1 else 20_000):
            wind.step(dt)
            values.append(wind._quick)
        spread.append(np.std(values))

    assert spread[0] == pytest.approx(1.0, rel=0.1)
    assert spread[1] == pytest.approx(1.0, rel=0.1)


def test_light_wind_swings_wider():
    """As the wind falls, its direction wanders further."""
    swing = {}
    for speed in (0.5, 5.0):
        wind = make(3, wind_speed_m_s=speed, wind_from_deg=0.0)
        turns = []
        for _ in range(5000):
            wind.step(5.0)
            turns.append((wind.now().from_deg + 180) % 360 - 180)
        swing[speed] = np.std(turns)

    assert swing[0.5] > 1.5 * swing[5.0]


def test_wind_can_be_turned_over_time_the_short_way():
    """A turn from 350 to 10 degrees goes through north, evenly."""
    wind = make(4, wind_from_deg=350.0, wind_speed_m_s=4.0)
    wind.set(SetWind(do="set_wind", from_deg=10.0, speed_m_s=6.0, over_s=20.0))
    for _ in range(100):
        wind.step(0.1)
    half = wind.means
    for _ in range(150):
        wind.step(0.1)

    assert half == pytest.approx((5.0, 0.0), abs=1e-6) or half == pytest.approx((5.0, 360.0))
    assert wind.means == pytest.approx((6.0, 10.0))
