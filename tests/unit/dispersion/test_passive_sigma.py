"""Sigma sets, averaging time, lid: published tables, continuity, limits, refusals."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.dispersion.notes import RefusedError
from edge.dispersion.passive.sigma import averaging
from edge.dispersion.passive.sigma.aftox import AftoxSet
from edge.dispersion.passive.sigma.face import LETTER_AT, between_letters
from edge.dispersion.passive.sigma.sets import SETS
from edge.dispersion.passive.vertical import vertical
from edge.dispersion.weather.station import with_stability
from edge.dispersion.weather.weather import Weather

AIR = Weather(4.0, 10.0, 270.0, 290.0, 1e5, 0.5, 0.05, 0.3, 0.0, 3.5, math.inf)
X = np.geomspace(1.0, 10_000.0, 60)
EACH = pytest.mark.parametrize("name", list(SETS))


def air(stability):
    return replace(with_stability(AIR, stability, 46.6), mixing_height_m=math.inf)


@EACH
@settings(max_examples=25, deadline=None)
@given(stability=st.floats(0.5, 6.0))
def test_spreads_are_finite_and_grow_with_distance(name, stability):
    """Of every set at every stability; ISC3's printed rows may step back by 3 % in sigma_z."""
    sy, sz = SETS[name].sigmas(X, air(stability))
    assert np.all(np.isfinite(sy))
    assert np.all(np.isfinite(sz))
    assert np.all(sy > 0)
    assert np.all(sz > 0)
    assert np.all(np.diff(sy) >= 0)
    assert np.all(sz[1:] >= 0.97 * sz[:-1])


@EACH
@settings(max_examples=25, deadline=None)
@given(stability=st.floats(0.5, 5.999))
def test_no_set_jumps_with_stability(name, stability):
    """A thousandth of a class changes no spread by more than 2 %."""
    before = SETS[name].sigmas(X, air(stability))
    after = SETS[name].sigmas(X, air(stability + 0.001))
    for one, other in zip(before, after, strict=True):
        np.testing.assert_allclose(other, one, rtol=0.02)


@EACH
def test_no_spread_at_the_source(name):
    """A point is a point where it leaves the source."""
    sy, sz = SETS[name].sigmas(np.zeros(1), AIR)
    assert sy[0] == 0
    assert sz[0] == 0


@EACH
@pytest.mark.parametrize("distance", [-1.0, math.nan, math.inf])
def test_a_distance_that_is_none_is_refused(name, distance):
    """No set answers for a negative, unknown or infinite distance."""
    with pytest.raises(RefusedError) as caught:
        SETS[name].sigmas(np.array([100.0, distance]), AIR)
    assert caught.value.note.id == "dispersion.refused.plume-distance"


@pytest.mark.parametrize("name", [n for n in SETS if n != "similarity"])
@pytest.mark.parametrize("stability", [0.4, 6.1, math.nan])
def test_a_stability_off_the_scale_is_refused(name, stability):
    """The scale is 0.5 to 6."""
    with pytest.raises(RefusedError):
        SETS[name].sigmas(X, replace(AIR, stability=stability))


def test_letters_stand_at_their_middles():
    """At a letter's own stability only that letter counts; F holds to the end of the scale."""
    for letter, at in LETTER_AT.items():
        low, high, share = between_letters(at)
        assert (low if share == 0 else high) == letter
    assert between_letters(6.0) == ("F", "F", 0.0)


def test_aftox_steps_only_where_it_is_asked_to():
    """AFTOX jumps at s = 5.5; our set does not, unless it is to be compared."""
    x = np.array([1000.0])
    low, high = air(5.5), air(5.501)
    ours = [AftoxSet().sigmas(x, a)[1][0] for a in (low, high)]
    theirs = [AftoxSet(stepped=True).sigmas(x, a)[1][0] for a in (low, high)]
    assert ours[1] == pytest.approx(ours[0], rel=1e-3)
    assert theirs[1] < 0.95 * theirs[0]


def test_a_longer_mean_is_wider():
    """An hour's plume is (6)^0.2 of ten minutes'; seconds end at the instantaneous plume's."""
    assert averaging.factor(3600, 600, 3.5) == pytest.approx(6**0.2)
    assert averaging.factor(600, 600, 3.5) == 1
    assert averaging.factor(0, 600, 5.5) == pytest.approx((4.6 / 600) ** 0.2)
    assert averaging.factor(0, 0, 3.5) == 1
    with pytest.raises(RefusedError):
        averaging.factor(math.nan, 600, 3.5)


@settings(max_examples=60, deadline=None)
@given(
    height=st.floats(0, 300), lid=st.floats(301, 3000), spread=st.floats(1, 20_000),
)  # fmt: skip
def test_the_lid_keeps_all_the_gas(height, lid, spread):
    """The vertical profile integrates to 1 between ground and lid, however wide."""
    z = np.linspace(0, lid, 40_001)
    found = vertical(z, height, np.full(z.size, spread), lid)
    assert np.trapezoid(found, z) == pytest.approx(1.0, rel=2e-3)


def test_beyond_the_lid_gas_is_even():
    """Once the cloud is wider than two lids its gas is even below the lid, and none is above."""
    z = np.linspace(0, 100, 11)
    np.testing.assert_allclose(vertical(z, 0.0, np.full(11, 200.0), 100.0), 0.01, rtol=1e-7)
    assert vertical(np.array([101.0]), 0.0, np.array([10.0]), 100.0)[0] == 0


def test_what_stands_above_the_lid_is_not_held_by_it():
    """A chimney above the lid still shows its gas at the ground; a lid of nothing is refused."""
    z, sz = np.array([0.0]), np.array([60.0])
    free = vertical(z, 150.0, sz, math.inf)
    assert vertical(z, 150.0, sz, 100.0)[0] == free[0] > 0
    with pytest.raises(RefusedError):
        vertical(z, 150.0, sz, 0.0)


def test_a_ground_that_keeps_the_gas_throws_nothing_back():
    """With no reflection the profile is the direct half alone; under a lid that is refused."""
    z, sz = np.array([0.0]), np.array([10.0])
    whole, half = vertical(z, 0.0, sz, math.inf), vertical(z, 0.0, sz, math.inf, reflects=False)
    assert whole[0] == pytest.approx(2 * half[0])
    with pytest.raises(RefusedError):
        vertical(z, 0.0, sz, 100.0, reflects=False)
