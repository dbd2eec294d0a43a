"""Toxic load, scaled levels, gusts, and the death fraction that no operator sees."""

import math
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.dispersion.consequence.engineering import death_fraction, of_load
from edge.dispersion.consequence.toxic import (
    Fluctuation,
    Load,
    load_threshold,
    scaled_ppm,
    toxic_load,
)
from edge.dispersion.notes import RefusedError
from tests.unit.dispersion.analytic import Puff, Shape, bell

CHLORINE = {10.0: 2.8, 30.0: 2.8, 60.0: 2.0}
HERE = (np.array([0.0, 50.0]), np.array([0.0, 0.0]))


class Law(NamedTuple):
    """A probit's coefficients."""

    a: float
    b: float
    n: float


def test_a_load_of_n_1_is_the_dose_and_says_nothing_of_gusts():
    """The mean of the dose is the dose of the mean."""
    puff = Puff()
    load = toxic_load(puff, np.array([200.0]), np.array([0.0]), 0.0, 1.0)
    passing = math.sqrt(2 * math.pi) * puff.spread_m / puff.speed_m_s
    assert load.values[0] == pytest.approx(puff.densest * passing, rel=1e-3)
    assert load.notes == ()


@given(n=st.floats(0.1, 6), minutes=st.floats(0.1, 600))
def test_a_steady_cloud_is_its_own_equivalent(n, minutes):
    """The equivalent concentration over the cloud's own time is the cloud's."""
    cloud = Shape(bell(0, 0, 100, 100, top=1e-3), off_s=60 * minutes)
    load = toxic_load(cloud, *HERE, 1.5, n)
    assert load.equivalent(minutes) == pytest.approx(cloud.density(*HERE), rel=1e-6)
    assert load.values == pytest.approx(load_threshold(1e-3, minutes, n) * np.exp([0, -0.125 * n]))
    assert bool(load.notes) == (n > 1)


@given(
    n=st.floats(1, 5), intensity=st.floats(0, 1.5), share=st.floats(0.3, 1), more=st.floats(0, 1)
)
def test_gusts_only_add_and_add_more_as_they_grow(n, intensity, share, more):
    """The factor is at least 1 for n >= 1, and rises with intensity."""
    factor = Fluctuation(intensity, share).factor(n)
    assert factor >= 1 - 1e-12
    assert Fluctuation(intensity + more, share).factor(n) >= factor * (1 - 1e-12)
    assert Fluctuation(intensity, share).factor(1.0) == pytest.approx(1.0)


@pytest.mark.parametrize(("n", "intensity"), [(2.0, 0.5), (2.75, 1.0), (1.5, 1.2)])
def test_the_gust_factor_is_the_lognormals_moment(n, intensity):
    """Against the moment integrated numerically over the lognormal."""
    s = math.sqrt(math.log(1 + intensity**2))
    z = np.linspace(-12, 12, 40001)
    weight = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    c = np.exp(s * z - s**2 / 2)
    mean, moment = np.trapezoid(weight * c, z), np.trapezoid(weight * c**n, z)
    assert mean == pytest.approx(1.0, rel=1e-6)
    assert Fluctuation(intensity).factor(n) == pytest.approx(moment, rel=1e-4)


def test_a_corrected_load_says_by_how_much():
    """The note carries the factor instead of the warning."""
    load = toxic_load(Shape(bell()), *HERE, 1.5, 2.0, Fluctuation(1.0))
    assert load.values[0] == pytest.approx(2.0 * 3600)
    (note,) = load.notes
    assert note.params["factor"] == 2.0


def test_levels_between_published_times_follow_c_n_t_through_both():
    """The published values themselves are kept; between them log C is straight over log t."""
    assert scaled_ppm(CHLORINE, 10) == 2.8
    assert scaled_ppm(CHLORINE, 60) == 2.0
    assert scaled_ppm(CHLORINE, 20) == pytest.approx(2.8)
    n = math.log(2) / math.log(2.8 / 2.0)
    assert scaled_ppm(CHLORINE, 45) == pytest.approx(2.0 * (60 / 45) ** (1 / n))
    assert scaled_ppm(CHLORINE, 5) == 2.8
    assert scaled_ppm(CHLORINE, 240, 2.0) == pytest.approx(1.0)
    assert scaled_ppm(CHLORINE, 240) == pytest.approx(0.5)


@given(st.floats(0.1, 1400), st.floats(0.1, 1400))
def test_a_level_never_rises_with_time(one, other):
    """Who breathes it longer bears less."""
    low, high = sorted((one, other))
    assert scaled_ppm(CHLORINE, high, 2.75) <= scaled_ppm(CHLORINE, low, 2.75) * (1 + 1e-12)


@pytest.mark.parametrize("n", [0.0, -1.0, math.nan, 7.0])
def test_an_exponent_that_is_none_is_refused(n):
    """An exponent is above 0 and at most 6."""
    with pytest.raises(RefusedError, match="exponent"):
        toxic_load(Shape(bell()), *HERE, 1.5, n)


def test_half_die_at_probit_5():
    """Pr = 5 is the median; the fraction is 0.5 there and 0 without gas."""
    law = Law(5.0 - math.log(100.0), 1.0, 1.0)  # 100 mg/m3 min
    values = np.array([0.0, 100e-6 * 60, math.inf])
    found = of_load(Load(values, 1.0, ()), law).values
    assert found == pytest.approx([0.0, 0.5, 1.0])


def test_the_probit_is_in_mg_per_m3_and_minutes():
    """Chlorine by TNO's coefficients: 1 g/m3 for 30 min against the formula by hand."""
    law = Law(-6.35, 0.5, 2.75)
    cloud = Shape(bell(top=1e-3), off_s=1800)
    found = death_fraction(cloud, np.array([0.0]), np.array([0.0]), 1.5, law)
    units = -6.35 + 0.5 * math.log(1000**2.75 * 30)
    assert found.values[0] == pytest.approx(0.5 * (1 + math.erf((units - 5) / math.sqrt(2))))
    assert any(note.id == "dispersion.note.load-underrated" for note in found.notes)
    assert any("engineering only" in str(note) for note in found.notes)


@given(st.lists(st.floats(0, 1e3), min_size=2, max_size=20))
def test_the_fraction_rises_with_the_load_and_stays_within_0_and_1(values):
    """More gas never kills fewer."""
    loads = np.sort(np.array(values))
    found = of_load(Load(loads, 2.0, ()), Law(-10.0, 1.0, 2.0)).values
    assert np.all((found >= 0) & (found <= 1))
    assert np.all(np.diff(found) >= 0)


def test_a_load_of_another_n_is_refused():
    """A probit belongs to its own n."""
    with pytest.raises(RefusedError, match="own n"):
        of_load(Load(np.ones(1), 1.0, ()), Law(-10, 1, 2))
    with pytest.raises(RefusedError, match="coefficients"):
        of_load(Load(np.ones(1), 2.0, ()), Law(-10, 0, 2))
