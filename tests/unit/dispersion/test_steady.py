"""The steady plume as a solution: steps that come and go, the source's own place, refusals."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.dispersion.combine import Mean
from edge.dispersion.emission import Emission, Kind, Step
from edge.dispersion.notes import RefusedError
from edge.dispersion.passive.plume.finite import erfc
from edge.dispersion.passive.plume.steady import solve
from edge.dispersion.passive.sigma.sets import SETS
from edge.dispersion.weather.station import with_stability
from edge.dispersion.weather.weather import Weather
from edge.words import say

AIR = Weather(4.0, 10.0, 270.0, 290.0, 1e5, 0.5, 0.05, 0.3, 0.0, 3.5, 800.0)
MOLAR = 0.0709
PLUMES = [name for name, one in SETS.items() if one.averaging_s]
EACH = pytest.mark.parametrize("name", PLUMES)
X = np.array([20.0, 50.0, 200.0, 1000.0, 4000.0])
Y = np.zeros(5)
FAST = settings(max_examples=20, deadline=None)


def air(stability=3.5, from_deg=270.0):
    return replace(with_stability(AIR, stability, 46.6), from_deg=from_deg)


def release(*steps, height=1.0, area=1.0):
    made = tuple(Step(a, b, rate, 290.0, area) for a, b, rate in steps)
    return Emission("chlorine", Kind.VENT, 0.0, 0.0, height, made)


LONG = release((0.0, 7200.0, 1.0))


@EACH
def test_a_long_release_becomes_steady(name):
    """After the front has passed, concentration, peak and steady value are one."""
    plume = solve(LONG, air(), MOLAR, name)
    steady = plume.steady(X, Y, 1.5)
    np.testing.assert_allclose(plume.concentration(X, Y, 1.5, 5000.0), steady, rtol=1e-3)
    np.testing.assert_allclose(plume.peak(X, Y, 1.5, 600.0), steady, rtol=1e-3)


@EACH
def test_the_dose_is_the_release_times_the_steady_plume(name):
    """Load with n = 1 is duration times steady value, whatever the front does."""
    plume = solve(release((0.0, 600.0, 1.0)), air(), MOLAR, name)
    dose = plume.load(X[1:], Y[1:], 1.5, 1.0)
    np.testing.assert_allclose(dose, 600 * plume.steady(X[1:], Y[1:], 1.5), rtol=5e-3)


def test_steps_add_up():
    """Two halves of a release are the whole one, at every time."""
    whole = solve(release((0.0, 600.0, 1.0)), air(), MOLAR)
    halves = solve(release((0.0, 300.0, 1.0), (300.0, 600.0, 1.0)), air(), MOLAR)
    for t in (30.0, 300.0, 700.0, 1500.0):
        np.testing.assert_allclose(
            halves.concentration(X, Y, 1.5, t), whole.concentration(X, Y, 1.5, t), atol=1e-12
        )


def test_nothing_before_the_front_and_nothing_long_after():
    """Before the release there is no gas, and none stays for ever."""
    plume = solve(release((0.0, 60.0, 1.0)), air(), MOLAR)
    assert np.all(plume.concentration(X, Y, 1.5, 0.0) == 0)
    assert np.all(plume.concentration(X, Y, 1.5, plume.horizon_s) < 1e-6 * plume.steady(X, Y, 1.5))


def test_a_short_cloud_gives_less_than_a_long_one():
    """A minute's release peaks below a steady one, and lower over longer averages."""
    short, long = (solve(release((0.0, d, 1.0)), air(), MOLAR) for d in (60.0, 7200.0))
    momentary, minutes = short.peak(X, Y, 1.5, 0.0), short.peak(X, Y, 1.5, 600.0)
    assert np.all(momentary <= long.steady(X, Y, 1.5) * (1 + 1e-9))
    assert np.all(minutes < momentary)


@EACH
def test_the_source_s_own_place_has_the_source_s_value(name):
    """A receptor in the source sees no zero and no NaN, and never more than pure gas."""
    plume = solve(release((0.0, 600.0, 1.0), height=10.0, area=25.0), air(), MOLAR, name)
    inside = np.array([-2.0, 0.0, 2.0])
    found = plume.steady(inside, np.zeros(3), 1.5)
    outside = plume.steady(np.array([30.0]), np.zeros(1), 1.5)
    assert np.all(found > outside)
    assert np.all(found <= plume.most_kg_m3)


@EACH
@pytest.mark.parametrize(
    ("from_deg", "downwind"), [(0, (0, -1)), (90, (-1, 0)), (180, (0, 1)), (225, (1, 1))]
)
def test_the_wind_carries_the_gas_away_from_where_it_comes(name, from_deg, downwind):
    """Gas is on the lee side; upwind, where the model says so, it is 0."""
    plume = solve(LONG, air(from_deg=float(from_deg)), MOLAR, name)
    east, north = downwind
    lee = plume.steady(np.array([200.0 * east]), np.array([200.0 * north]), 1.5)
    luff = plume.steady(np.array([-200.0 * east]), np.array([-200.0 * north]), 1.5)
    assert lee[0] > 0
    assert luff[0] == 0
    assert plume.heading_deg == pytest.approx((from_deg + 180) % 360)


@FAST
@given(
    name=st.sampled_from(PLUMES), stability=st.floats(0.5, 6.0), height=st.floats(0, 50),
    area=st.floats(0, 400), duration=st.floats(1, 7200), rate=st.floats(1e-6, 1e3),
    z=st.floats(0, 100), t=st.floats(0, 20_000),
)  # fmt: skip
def test_no_input_gives_a_nan_or_more_than_pure_gas(
    name, stability, height, area, duration, rate, z, t
):
    """Over the whole input space values are finite, not below 0, not above the pure gas."""
    emission = release((0.0, duration, rate), height=height, area=area)
    plume = solve(emission, air(stability), MOLAR, name)
    x, y = np.meshgrid(np.linspace(-50, 3000, 9), np.linspace(-300, 300, 5))
    for found in (
        plume.concentration(x, y, z, t),
        plume.steady(x, y, z),
        plume.peak(x, y, z, 60.0),
    ):
        assert found.shape == x.shape
        assert np.all(np.isfinite(found))
        assert np.all((found >= 0) & (found <= plume.most_kg_m3))
    assert np.all(np.isfinite(plume.load(x, y, z, 2.75)))


@FAST
@given(factor=st.floats(0.01, 100))
def test_concentration_goes_with_the_rate(factor):
    """Twice the rate is twice the gas, as long as it is far from pure."""
    one = solve(release((0.0, 600.0, 1e-3)), air(), MOLAR).steady(X, Y, 1.5)
    other = solve(release((0.0, 600.0, 1e-3 * factor)), air(), MOLAR).steady(X, Y, 1.5)
    np.testing.assert_allclose(other, factor * one, rtol=1e-12)


def test_one_answer_for_weathers_that_are_equally_likely():
    """Where the sky is not known the mean of its plumes is a solution like any other."""
    weathers = [air(), air(4.0)]
    plumes = tuple(solve(LONG, weather, MOLAR) for weather in weathers)
    mean = Mean(plumes)
    x, y = np.array([100.0, 400.0]), np.zeros(2)
    want = np.mean([plume.peak(x, y, 1.5, 600.0) for plume in plumes], axis=0)
    np.testing.assert_allclose(mean.peak(x, y, 1.5, 600.0), want)
    assert [use.id for use in mean.models] == ["passive.plume.similarity"]


def test_the_solution_says_what_it_used_and_where_it_is_strained():
    """Models and notes are there, in both languages."""
    light = replace(air(), speed_m_s=0.8, mixing_height_m=40.0)
    plume = solve(release((0.0, 60.0, 1.0), height=50.0), light, MOLAR)
    assert [use.id for use in plume.models] == ["passive.plume.similarity"]
    assert {note.id for note in plume.notes} >= {
        "dispersion.note.light-wind",
        "dispersion.note.above-lid",
    }
    for note in (*plume.notes, plume.models[0].validity):
        assert say(note.id, "zh-CN", note.params) != say(note.id, "en", note.params)


@pytest.mark.parametrize(
    ("emission", "molar", "name", "note"),
    [
        (replace(LONG, kind=Kind.INSTANT, mass_kg=1.0), MOLAR, "similarity", "instant"),
        (replace(LONG, steps=()), MOLAR, "similarity", "instant"),
        (release((0.0, 60.0, -1.0)), MOLAR, "similarity", "rate"),
        (release((0.0, 60.0, 0.0)), MOLAR, "similarity", "rate"),
        (release((0.0, 60.0, math.nan)), MOLAR, "similarity", "rate"),
        (release((60.0, 0.0, 1.0)), MOLAR, "similarity", "emission"),
        (release((0.0, 60.0, 1.0), area=-1.0), MOLAR, "similarity", "emission"),
        (replace(LONG, x_m=math.nan), MOLAR, "similarity", "emission"),
        (replace(LONG, height_m=-1.0), MOLAR, "similarity", "source-height"),
        (LONG, 0.0, "similarity", "molar-mass"),
        (LONG, math.nan, "similarity", "molar-mass"),
        (LONG, MOLAR, "ccps-puff", "sigma-set"),
        (LONG, MOLAR, "none such", "sigma-set"),
    ],
)
def test_what_is_no_plume_is_refused(emission, molar, name, note):
    """Each with its own reason."""
    with pytest.raises(RefusedError) as caught:
        solve(emission, air(), molar, name)
    assert caught.value.note.id == f"dispersion.refused.plume-{note}"


@EACH
@pytest.mark.parametrize("speed", [0.0, -2.0, math.nan])
def test_calm_is_refused(name, speed):
    """No wind is no plume."""
    with pytest.raises(RefusedError):
        solve(LONG, replace(AIR, speed_m_s=speed), MOLAR, name)


@EACH
@pytest.mark.parametrize(
    "change",
    [
        {"from_deg": math.nan},
        {"sigma_theta_deg": -1.0},
        {"sigma_theta_deg": math.nan},
        {"pressure_pa": 0.0},
        {"mixing_height_m": math.nan},
    ],
)
def test_weather_that_is_no_number_is_refused(name, change):
    """Whatever set is used."""
    with pytest.raises(RefusedError):
        solve(LONG, replace(AIR, **change), MOLAR, name)


def test_one_point_and_none_are_answered():
    """A grid of one cell has one value, an empty one none."""
    plume = solve(LONG, air(), MOLAR)
    assert plume.peak(np.array([[100.0]]), np.array([[0.0]]), 1.5, 60.0).shape == (1, 1)
    assert plume.peak(np.zeros(0), np.zeros(0), 1.5, 60.0).shape == (0,)
    assert plume.load(np.array([-100.0]), np.zeros(1), 1.5, 2.0)[0] == 0


def test_odd_questions_are_refused():
    """A negative average, an exponent of 0, a place, height or time that is no number."""
    plume = solve(LONG, air(), MOLAR)
    for x, z in ((math.nan, 1.5), (100.0, -1.0), (100.0, math.nan)):
        with pytest.raises(RefusedError):
            plume.concentration(np.array([x]), np.zeros(1), z, 100.0)
    with pytest.raises(RefusedError):
        plume.concentration(X, Y, 1.5, math.nan)
    with pytest.raises(RefusedError):
        plume.peak(X, Y, 1.5, -1.0)
    with pytest.raises(RefusedError):
        plume.load(X, Y, 1.5, 0.0)


def test_the_peak_is_the_greatest_mean_of_the_series():
    """Against a fine scan of the concentration itself, one step and several."""
    x, y = np.array([800.0]), np.zeros(1)
    many = release((0.0, 100.0, 1.0), (100.0, 200.0, 3.0), (200.0, 500.0, 0.5))
    times = np.arange(0.0, 2500.0, 2.0)
    for emission in (release((0.0, 120.0, 1.0)), many):
        plume = solve(emission, air(), MOLAR)
        series = np.array([plume.concentration(x, y, 1.5, t)[0] for t in times])
        sums = np.concatenate([[0.0], np.cumsum(0.5 * (series[1:] + series[:-1]) * 2.0)])
        scanned = max(sums[60:] - sums[:-60]) / 120.0
        assert plume.peak(x, y, 1.5, 120.0)[0] == pytest.approx(scanned, rel=0.01)
        assert plume.peak(x, y, 1.5, 0.0)[0] == pytest.approx(series.max(), rel=0.01)


def test_erfc_is_the_error_function():
    """Against the standard library's, in its far tail too."""
    v = np.linspace(-5, 8, 200)
    wanted = [math.erfc(x) for x in v]
    np.testing.assert_allclose(erfc(v), wanted, rtol=1.3e-7)
