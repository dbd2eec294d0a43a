"""Flammable mass and the times of arrival, against clouds known in closed form."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.dispersion.consequence.affected import affected
from edge.dispersion.consequence.flammable import Limits, between, greatest_mass, mass_at
from edge.dispersion.notes import RefusedError
from tests.unit.dispersion.analytic import Puff, Shape, bell

PUFF = Puff()


@pytest.mark.parametrize("share", [0.02, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("heading", [0.0, 77.0])
def test_the_mass_between_the_limits_is_the_clouds(share, heading):
    """A Gaussian cloud's mass between two thicknesses is a difference of chi-squareds."""
    puff = Puff(heading_deg=heading, origin_m=(300.0, -50.0))
    limits = Limits(share * puff.densest, 3 * share * puff.densest)
    exact = puff.mass_above(limits.lower) - puff.mass_above(limits.upper)
    mass, beyond = mass_at(puff, limits, 100.0)
    assert mass == pytest.approx(exact, rel=0.02)
    assert not beyond


@settings(max_examples=15, deadline=None)
@given(low=st.floats(0.01, 0.9), ratio=st.floats(1.05, 50), t=st.floats(0, 600))
def test_the_flammable_mass_is_at_most_the_whole(low, ratio, t):
    """Nothing burns that was not released, and a wider range burns more."""
    limits = Limits(low * PUFF.densest, low * ratio * PUFF.densest)
    mass, _ = mass_at(PUFF, limits, t)
    wider, _ = mass_at(PUFF, Limits(limits.lower, 2 * limits.upper), t)
    assert 0 <= mass <= PUFF.mass_kg
    assert wider >= mass * (1 - 1e-9)


def test_a_cloud_too_thin_everywhere_has_none():
    """0 kg, which is what it is."""
    assert mass_at(PUFF, Limits(2 * PUFF.densest, 3 * PUFF.densest), 10.0) == (0.0, False)


def test_the_greatest_mass_over_time_is_found_between_the_looks():
    """A cloud that thins as it goes has its greatest flammable mass at a time known by hand."""

    class Growing(Puff):
        """Its spread grows with time: at first too thick, at last too thin to burn."""

        def concentration(self, x_m, y_m, z_m, t_s):
            now = Puff(100.0, 4.0 + 0.1 * t_s, 2.0)
            return now.concentration(x_m, y_m, z_m, t_s)

    limits = Limits(0.05, 0.15)
    times = np.linspace(0, 600, 2001)
    clouds = [Puff(100.0, 4.0 + 0.1 * t) for t in times]
    exact = [p.mass_above(limits.lower) - p.mass_above(limits.upper) for p in clouds]
    found = greatest_mass(Growing(), limits, np.linspace(0, 600, 13).tolist())
    assert found.greatest_kg == pytest.approx(max(exact), rel=0.03)
    assert found.greatest_s == pytest.approx(times[int(np.argmax(exact))], abs=15)
    assert found.greatest_kg >= max(found.masses_kg)
    assert not found.beyond


def test_between_is_exact_for_an_exponential_layer():
    """The part of a layer between the limits, against a fine sum."""
    below, above = np.array([1.0, 0.3, 2.0, 0.5]), np.array([0.01, 0.3, 3.0, 0.0])
    limits = Limits(0.1, 0.8)
    z = np.linspace(0, 1, 200_001)
    for k in range(4):
        low, high = max(below[k], 1e-7), max(above[k], 1e-7)
        c = low * (high / low) ** z
        inside = np.where((c >= limits.lower) & (c <= limits.upper), c, 0.0)
        assert between(below, above, limits)[k] == pytest.approx(
            np.trapezoid(inside, z), rel=1e-3, abs=1e-4
        )


@pytest.mark.parametrize(
    ("lower", "upper"), [(0, 1), (-1, 1), (2, 1), (1, 1), (math.nan, 1), (1, math.inf)]
)
def test_limits_that_are_none_are_refused(lower, upper):
    """The lower is above 0 and below the upper."""
    with pytest.raises(RefusedError, match="flammable limit"):
        Limits(lower, upper)


def test_a_time_beyond_what_was_computed_is_refused():
    """The horizon is named."""
    with pytest.raises(RefusedError, match="0 to 600"):
        mass_at(PUFF, Limits(0.1, 0.2), 601.0)
    with pytest.raises(RefusedError, match="rise"):
        greatest_mass(PUFF, Limits(0.1, 0.2), [5.0, 1.0])


def test_a_passing_cloud_arrives_and_leaves_on_time():
    """A place is above half of the densest for s sqrt(2 ln 2) before and after the middle."""
    away = 400.0
    (found,) = affected(PUFF, np.array([away]), np.array([0.0]), 0.0, 0.5 * PUFF.densest)
    half = PUFF.spread_m * math.sqrt(2 * math.log(2)) / PUFF.speed_m_s
    middle = away / PUFF.speed_m_s
    assert found.first_s == pytest.approx(middle - half, abs=1.0)
    assert found.until_s == pytest.approx(middle + half, abs=1.0)
    assert found.above_s == pytest.approx(2 * half, abs=2.0)
    assert found.densest == pytest.approx(PUFF.densest, rel=0.01)
    assert found.densest_s == pytest.approx(middle, abs=3.0)


class Peaked(Puff):
    """Its peak is known without looking through time, and lasts as its passage does."""

    def peak(self, x_m, y_m, z_m, averaging_s):
        seen = np.sqrt(2 * np.pi) * self.spread_m / self.speed_m_s / averaging_s
        return np.minimum(seen, 1.0) * self.concentration(0.0 * x_m, y_m, z_m, 0.0)


def test_a_quick_cloud_between_two_looks_is_still_found():
    """Half a minute of a ten-hour horizon, by closer looks; a second or two is at least said."""
    place, beside = np.array([4321.0]), np.array([0.0])
    quick = Peaked(spread_m=20.0, speed_m_s=4.0, horizon_s=36_000.0)
    (found,) = affected(quick, place, beside, 0.0, 0.1 * quick.densest)
    assert found.first_s == pytest.approx(4321 / 4, abs=15)
    assert not found.brief
    flash = Peaked(spread_m=20.0, speed_m_s=50.0, horizon_s=36_000.0)
    (found,) = affected(flash, place, beside, 0.0, 0.05 * quick.densest)
    assert found.brief == (found.first_s is None)


def test_still_above_at_the_horizon_has_no_end():
    """Nobody is told that it is over when that was not computed."""
    steady = Shape(bell(), off_s=1e9, horizon_s=1800.0)
    near, far = affected(steady, np.array([0.0, 1e5]), np.zeros(2), 1.5, 0.5)
    assert (near.first_s, near.until_s, near.above_s) == (0.0, None, 1800.0)
    assert (far.first_s, far.until_s, far.above_s) == (None, None, 0.0)


def test_a_broken_question_is_refused():
    """Threshold and height are checked before anything is computed."""
    here = np.zeros(1)
    with pytest.raises(RefusedError, match="threshold"):
        affected(PUFF, here, here, 1.5, math.nan)
    with pytest.raises(RefusedError, match="height"):
        affected(PUFF, here, here, -1.0, 1.0)
    with pytest.raises(RefusedError, match="one length"):
        affected(PUFF, here, np.zeros(2), 1.5, 1.0)
