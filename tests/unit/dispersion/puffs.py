"""What the puffs' tests share: weathers, emissions, and clouds drawn at random."""

import math
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from edge.dispersion.emission import Emission, Kind, Step
from edge.dispersion.passive.puff import moving
from edge.dispersion.passive.puff.cloud import Cloud
from edge.dispersion.passive.puff.table import spread_table, with_ground
from edge.dispersion.passive.sigma.briggs import sigma_y, sigma_z
from edge.dispersion.passive.sigma.face import LETTER_AT
from edge.dispersion.passive.sigma.sets import SETS
from edge.dispersion.weather.weather import Weather

PLUME, PUFF = SETS["briggs-rural"], SETS["ccps-puff"]
WEST = Weather(3.0, 10.0, 270.0, 288.15, 101_325.0, 0.5, 0.1, 0.3, 0.0, LETTER_AT["D"], math.inf)


def air(letter="D", speed=3.0, from_deg=270.0, lid=math.inf):
    """Return a weather of a class; its wind is the same at every height (`as_given`)."""
    return replace(
        WEST,
        stability=LETTER_AT[letter],
        speed_m_s=speed,
        from_deg=from_deg,
        mixing_height_m=lid,
    )


def as_given(weather, _height_m):
    return weather.speed_m_s


def lasting(rate=1.0, seconds=600.0, height=2.0, x=0.0, y=0.0, start=0.0, area=0.0):
    steps = (Step(start, start + seconds, rate, 288.15, area),)
    return Emission("gas", Kind.VENT, x, y, height, steps)


def instant(mass=10.0, height=2.0, area=0.0):
    step = Step(0.0, 0.0, 0.0, 288.15, area)
    return Emission("gas", Kind.INSTANT, 0.0, 0.0, height, (step,), mass)


def solved(emission, series, spreads=PLUME, **settings):
    if isinstance(series, Weather):
        series = [(0.0, series)]
    return moving.solve(emission, series, spreads, as_given, moving.Settings(**settings))


@st.composite
def clouds(draw):
    """Draw puffs of all ages in winds that turn, drop to nothing and change their stability."""
    letters = draw(st.lists(st.sampled_from("ABCDEF"), min_size=1, max_size=3, unique=True))
    lid = draw(st.sampled_from([math.inf, 40.0, 300.0]))
    height = draw(st.floats(0.0, 30.0))
    tables = [
        with_ground(
            spread_table(lambda x, letter=letter: (sigma_y(x, letter), sigma_z(x, letter))),
            height,
            lid,
        )
        for letter in letters
    ]
    winds = []
    for i in range(draw(st.integers(1, 4))):
        speed = draw(st.sampled_from([0.0, 0.3, 2.0, 7.0]))
        angle = draw(st.floats(0.0, 6.3))
        east, north = speed * math.sin(angle), speed * math.cos(angle)
        table = draw(st.integers(0, len(tables) - 1))
        winds.append([40.0 * i, east, north, max(speed, 0.5), table, lid])
    puffs = []
    for _ in range(draw(st.integers(1, 5))):
        born = draw(st.floats(0.0, 100.0))
        seen = born + draw(st.sampled_from([0.0, 13.0, 45.0]))
        size = draw(st.sampled_from([0.0, 2.0]))
        mass = draw(st.floats(0.01, 5.0))
        puffs.append([born, mass, seen, seen + draw(st.floats(1.0, 200.0)), size, 0.0])
    return Cloud(
        draw(st.floats(-50.0, 50.0)),
        draw(st.floats(-50.0, 50.0)),
        height,
        np.array(puffs),
        np.array(winds),
        np.stack(tables),
        deposition_m_s=draw(st.sampled_from([0.0, 0.02])),
        decay_1_s=draw(st.sampled_from([0.0, 1e-3])),
        least_y_m=draw(st.sampled_from([1e-3, 0.5])),
        least_z_m=draw(st.sampled_from([1e-3, 0.3])),
        frozen=draw(st.booleans()),
    )
