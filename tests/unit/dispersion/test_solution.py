"""What every solution promises (`edge.dispersion.solution`), whatever the model.

A new model adds one line to `SOLVED`.
"""

import math
from dataclasses import replace

import numpy as np
import pytest

from edge.dispersion.calm import circle
from edge.dispersion.combine import Envelope, Mean, Together
from edge.dispersion.dense.solve import solve as dense
from edge.dispersion.emission import Emission, Kind, Step
from edge.dispersion.notes import RefusedError
from edge.dispersion.passive.plume.steady import solve as plume
from edge.dispersion.passive.puff.moving import solve as puffs
from edge.dispersion.passive.sigma.sets import SETS
from edge.dispersion.weather.weather import Weather
from edge.words import catalogue
from tests.unit.dispersion.fluids import CHLORINE

AIR = Weather(3.0, 10.0, 250.0, 293.0, 101_325.0, 0.6, 0.1, 0.27, 0.0, 3.5, 800.0)
LEAK = Emission("chlorine", Kind.VENT, 100.0, -50.0, 2.0, (Step(0.0, 300.0, 1.0, 293.0, 1.0),))
BURST = replace(LEAK, kind=Kind.INSTANT, steps=(Step(0, 0, 0.0, 293.0, 4.0),), mass_kg=50.0)
SERIES = [(0.0, AIR), (200.0, replace(AIR, from_deg=254.0))]
MOLAR = CHLORINE.molar_mass_kg_mol
SOLVED = {
    "plume": lambda: plume(LEAK, AIR, MOLAR),
    "plume of a set": lambda: plume(LEAK, AIR, MOLAR, "tno"),
    "puffs": lambda: puffs(LEAK, SERIES, SETS["similarity"]),
    "one puff": lambda: puffs(BURST, SERIES, SETS["ccps-puff"]),
    "dense": lambda: dense(replace(LEAK, kind=Kind.POOL, height_m=0.0), AIR, CHLORINE),
    "dense burst": lambda: dense(replace(BURST, height_m=0.0), AIR, CHLORINE),
    "calm": lambda: circle(LEAK, AIR, CHLORINE),
    "together": lambda: Together((plume(LEAK, AIR, MOLAR), plume(LEAK, AIR, MOLAR, "tno"))),
    "envelope": lambda: Envelope((plume(LEAK, AIR, MOLAR), plume(LEAK, AIR, MOLAR, "tno"))),
    "mean": lambda: Mean((plume(LEAK, AIR, MOLAR), plume(LEAK, AIR, MOLAR, "tno"))),
}
OUT_M = np.array([5.0, 30.0, 100.0, 300.0, 900.0])
X, Y = np.meshgrid(np.linspace(-300.0, 1500.0, 13), np.linspace(-400.0, 700.0, 12))


@pytest.fixture(scope="module", params=list(SOLVED))
def solution(request):
    return SOLVED[request.param]()


def test_everywhere_is_a_number_of_the_points_own_shape(solution):
    """No NaN, nothing below 0, for one point, a list, a grid and no point at all."""
    found = solution.concentration(X, Y, 1.5, 200.0)
    assert found.shape == X.shape
    assert np.all(np.isfinite(found))
    assert np.all(found >= 0)
    assert found.max() > 0
    for x, y in ((X[3], Y[3]), (X[:1, :1], Y[:1, :1]), (X[0, :0], Y[0, :0])):
        for values in (
            solution.concentration(x, y, 1.5, 200.0),
            solution.peak(x, y, 1.5, 600.0),
            solution.load(x, y, 1.5, 2.0),
        ):
            assert values.shape == x.shape


def along(solution):
    """Return points down the middle: beside it a longer mean may be the greater, by meander."""
    turn = math.radians(solution.heading_deg)
    x, y = solution.origin_m
    return x + math.sin(turn) * OUT_M, y + math.cos(turn) * OUT_M


def test_no_moment_is_above_the_peak(solution):
    """Down the middle the greatest value at once bounds every moment; no longer mean is greater."""
    x, y = along(solution)
    at_once = solution.peak(x, y, 1.5, 0.0)
    assert np.all(at_once > 0)
    for t in (5.0, 60.0, 200.0, 330.0, 500.0):
        assert np.all(solution.concentration(x, y, 1.5, t) <= 1.03 * at_once)
    minute, ten = solution.peak(x, y, 1.5, 60.0), solution.peak(x, y, 1.5, 600.0)
    assert np.all(minute <= 1.01 * at_once)
    assert np.all(ten <= 1.01 * minute)


def test_the_dose_goes_with_the_peak(solution):
    """Where gas comes there is a dose, no more than its peak for as long as the solution holds."""
    x, y = along(solution)
    dose, peak = solution.load(x, y, 1.5, 1.0), solution.peak(x, y, 1.5, 0.0)
    assert np.all(dose > 0)
    assert np.all(dose <= 1.01 * peak * solution.horizon_s)


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_what_is_no_number_is_refused(solution, wrong):
    """No answer for a point, height, time, averaging time or exponent that is none."""
    one, bad = np.array([200.0]), np.array([wrong])
    for ask in (
        lambda: solution.concentration(bad, one, 1.5, 60.0),
        lambda: solution.concentration(one, bad, 1.5, 60.0),
        lambda: solution.concentration(one, one, wrong, 60.0),
        lambda: solution.concentration(one, one, -1.0, 60.0),
        lambda: solution.concentration(one, one, 1.5, wrong),
        lambda: solution.peak(one, one, 1.5, wrong),
        lambda: solution.peak(one, one, 1.5, -1.0),
        lambda: solution.load(one, one, 1.5, wrong),
        lambda: solution.load(one, one, 1.5, 0.0),
    ):
        with pytest.raises(RefusedError):
            ask()


def test_it_says_what_it_is(solution):
    """Gas, place, heading, horizon, and models and notes whose words are in the catalogue."""
    assert solution.substance == "chlorine"
    assert solution.origin_m == (100.0, -50.0)
    assert 0 <= solution.heading_deg < 360
    assert solution.horizon_s > 0
    said = [*solution.notes, *(use.validity for use in solution.models)]
    assert solution.models
    for note in said:
        assert note.id in catalogue()
        assert "{" not in str(note)
