"""The continuous stability: AFTOX's table, letters, floors, and no jump anywhere."""

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.dispersion.notes import RefusedError
from edge.dispersion.weather.heat import Ground, Sky
from edge.dispersion.weather.judge import Surroundings, judge
from edge.dispersion.weather.pasquill import CLASSES, pasquill_class
from edge.dispersion.weather.similarity import (
    cooled,
    friction_velocity,
    heated,
    inverse_length,
    phi_m,
    psi_m,
    wind_speed,
)
from edge.dispersion.weather.stability import (
    inverse_length_of,
    letter_of,
    stability_of,
    stability_of_letter,
)
from edge.dispersion.weather.vane import stability_of_vane
from tests.evidence.weather import MET, aftox_met_max_rel, cases

SPEEDS = st.floats(0.0, 30.0)
SUNS = st.floats(-90.0, 90.0)
SKIES = st.none() | st.builds(Sky, st.floats(0, 8), st.sampled_from([0.17, 0.26, 0.61]))
ROUGH = st.floats(0.001, 1.0)
AIRS = st.floats(233.15, 318.15)


def around(
    speed, sun, sky=None, *, snow=False, wet=False, z0=0.1, height=10.0, air=288.15, vane=None
):
    return Surroundings(speed, height, z0, air, 101_325.0, sun, Ground(snow, wet), sky, vane)


@pytest.mark.skipif(not MET.is_file(), reason="SUIAN_REFERENCE has no dispersion/aftox")
def test_aftox_weather_is_met_within_a_percent():
    """Heat flux, u*, 1/L, wind and stability of all 60 rows that AFTOX's routines printed."""
    assert (aftox_met_max_rel() or 1.0) < 0.01
    assert len(cases()) >= 300
    assert all(case.error <= case.band for case in cases())


def test_the_stability_functions_are_the_integrals_of_their_gradients():
    """psi_m(x) = integral of (1 - phi_m) / x, on both sides of neutral; 5 x near neutral."""
    for end in (-5.0, -0.5, -0.01, 0.01, 0.4, 1.0, 6.0):
        n = 20_000
        xs = [end * (i + 0.5) / n for i in range(n)]
        integral = sum((1 - phi_m(x)) / x for x in xs) * end / n
        assert psi_m(end) == pytest.approx(integral, rel=1e-4)
    assert psi_m(1e-4) == pytest.approx(-5.0e-4, rel=1e-3)
    assert psi_m(0.0) == pytest.approx(0.0, abs=1e-14)


@given(speed=st.floats(0.3, 30), flux=st.floats(0.1, 500), z0=ROUGH)
def test_a_heated_ground_closes_its_own_equation(speed, flux, z0):
    """u* that goes with the found 1/L gives the flux back."""
    over_l = heated(speed, 10.0, z0, flux, 101_325.0)
    friction = friction_velocity(speed, 10.0, z0, over_l)
    assert inverse_length(friction, flux, 101_325.0) == pytest.approx(over_l, rel=1e-6)


@given(speed=st.floats(0.3, 30), z0=ROUGH, over_l=st.floats(-0.3, 0.3))
def test_the_profile_passes_through_the_measured_wind_and_rises(speed, z0, over_l):
    """The wind at the mast's height is the mast's; higher up there is no less."""
    friction = friction_velocity(speed, 10.0, z0, over_l)
    assert wind_speed(friction, 10.0, z0, over_l) == pytest.approx(speed, rel=1e-12)
    winds = [wind_speed(friction, z, z0, over_l) for z in (0.0, 0.5, 2.0, 5.0, 10.0, 30.0, 100.0)]
    assert winds == sorted(winds)
    assert winds[0] > 0


@given(s=st.floats(0.5, 6.0), z0=st.floats(1e-4, 3.0))
def test_stability_and_length_turn_into_each_other(s, z0):
    """The scale is one to one, and neutral is 1/L = 0."""
    over_l = inverse_length_of(s, z0)
    assert stability_of(over_l, z0) == pytest.approx(s, abs=1e-9)
    assert (over_l > 0) == (s > 3.5)
    assert (over_l < 0) == (s < 3.5)


@pytest.mark.parametrize("letter", CLASSES)
def test_letters_go_in_and_out(letter):
    """A letter stands at the middle of its class."""
    assert letter_of(stability_of_letter(letter)) == letter


@pytest.mark.parametrize(
    ("letter", "factor", "power"),
    [
        ("A", -11.4, 0.10), ("B", -26.0, 0.17), ("C", -123.0, 0.30),
        ("E", 123.0, 0.30), ("F", 26.0, 0.17),
    ],
)  # fmt: skip
def test_letters_stand_where_golder_has_them(letter, factor, power):
    """The TNO Yellow Book's fit of Golder's chart lies within three quarters of a class of ours.

    TNO (1997), CPR 14E, Table 4.7: L = factor z0^power.
    """
    for z0 in (0.03, 0.1, 0.3):
        length = factor * z0**power
        assert stability_of(1 / length, z0) == pytest.approx(stability_of_letter(letter), abs=0.75)


@pytest.mark.parametrize("bad", ["G", "", "AB", "a"])
def test_a_letter_that_is_none_is_refused(bad):
    """No class is guessed."""
    with pytest.raises(RefusedError, match="none of A to F"):
        stability_of_letter(bad)


@given(speed=SPEEDS, sun=SUNS, sky=SKIES, z0=ROUGH, air=AIRS, snow=st.booleans(), wet=st.booleans())
def test_every_weather_has_a_stability_within_its_band(speed, sun, sky, z0, air, snow, wet):
    """No gap and no NaN in the whole input space; night and snow keep their floors."""
    found = judge(around(speed, sun, sky, snow=snow, wet=wet, z0=z0, air=air))
    assert 0.5 <= found.most_unstable <= found.stability <= found.most_stable <= 6.0
    if sun <= 0:
        assert found.most_unstable >= 3.5
    if snow or sun <= 25:
        assert found.most_unstable >= 2.5 - 1e-12
    if (
        sun <= 0
        and around(speed, sun, z0=z0).speed_10m_m_s < 2
        and (sky is None or sky.eighths <= 3)
    ):
        assert letter_of(found.stability) == "F"


def jump_in(values, stability):
    """Return what is left of the steepest step when it is halved into its steeper half 10 times."""
    pairs = list(pairwise([(value, stability(value)) for value in values]))
    (a, fa), (b, fb) = max(pairs, key=lambda pair: abs(pair[0][1] - pair[1][1]))
    for _ in range(10):
        middle = 0.5 * (a + b)
        fm = stability(middle)
        (a, fa), (b, fb) = max(
            ((a, fa), (middle, fm)), ((middle, fm), (b, fb)), key=lambda p: abs(p[0][1] - p[1][1])
        )
    return abs(fb - fa)


@pytest.mark.parametrize("sky", [None, Sky(0), Sky(4), Sky(8, 0.17)])
@pytest.mark.parametrize("snow", [False, True])
def test_there_is_no_jump_in_wind_or_sun(sky, snow):
    """The steepest step of wind or sun, sunrise too, vanishes as it is halved: no letter jumps."""
    for wind in (0.8, 1.9, 2.5, 4.0, 7.0):

        def by_sun(sun, wind=wind):
            return judge(around(wind, sun, sky, snow=snow)).stability

        assert jump_in([-5 + 0.1 * i for i in range(900)], by_sun) < 0.005
    for sun in (-10.0, 2.0, 6.0, 12.0, 28.0, 60.0):

        def by_wind(wind, sun=sun):
            return judge(around(wind, sun, sky, snow=snow)).stability

        assert jump_in([0.05 * i for i in range(200)], by_wind) < 0.005


@pytest.mark.parametrize("sun", [-10.0, 2.0, 6.0, 12.0, 28.0, 60.0])
def test_there_is_no_jump_in_cloud_temperature_or_vane(sun):
    """Neither a cloud more nor a warmer air nor a wider swing of the vane makes a jump."""
    assert (
        jump_in([0.05 * i for i in range(161)], lambda n: judge(around(2.2, sun, Sky(n))).stability)
        < 0.005
    )
    assert (
        jump_in(range(230, 325), lambda t: judge(around(2.2, sun, Sky(2), air=t)).stability) < 0.005
    )
    assert jump_in(range(1, 60), lambda s: judge(around(2.7, sun, vane=s)).stability) < 0.005


@given(speed=st.floats(0.5, 20), sun=SUNS, z0=ROUGH, snow=st.booleans())
def test_unknown_clouds_are_taken_on_the_careful_side(speed, sun, z0, snow):
    """Never more unstable than B, nor than the clear sky that may be there."""
    unknown = judge(around(speed, sun, None, z0=z0, snow=snow))
    clear = judge(around(speed, sun, Sky(0), z0=z0, snow=snow))
    assert unknown.stability >= min(1.5, unknown.most_stable)
    if sun <= 0 or sun >= 10:
        assert unknown.stability >= min(clear.stability, 3.5) - 1e-9
    assert unknown.most_unstable <= clear.stability <= unknown.most_stable


def test_unknown_clouds_stay_near_the_letters_of_the_same_policy():
    """Within about a class of `pasquill_class`, whose policy the continuous answer follows."""
    for sun in (-10, 20, 30, 40, 50, 60, 70):
        for speed in (1.0, 2.5, 3.0, 4.0, 5.0, 6.0, 9.0):
            letter = stability_of_letter(pasquill_class(speed, sun))
            assert judge(around(speed, sun)).stability == pytest.approx(letter, abs=1.15)


def test_more_wind_brings_the_air_nearer_to_neutral():
    """By day from below, by night from above."""
    day = [judge(around(u, 50, Sky(0))).stability for u in (2, 3, 4, 6, 9, 15)]
    night = [judge(around(u, -20, Sky(0))).stability for u in (1, 2, 3, 4, 6, 9, 15)]
    assert day == sorted(day)
    assert night == sorted(night, reverse=True)
    assert day[-1] <= 3.5 <= night[-1]


def test_a_winter_noon_over_snow_is_not_unstable():
    """Anda in December: the sun stands at 20 deg over snow; wind does not make it B."""
    for speed in (1.0, 2.0, 4.0):
        assert (
            letter_of(judge(around(speed, 20.2, Sky(0), snow=True, air=253.15)).stability) in "CDEF"
        )


@pytest.mark.parametrize(
    ("spread", "stability"),
    [(30, 0.5), (22.5, 1.0), (17.5, 2.0), (12.5, 3.0), (7.5, 4.0), (3.8, 5.0), (1, 6.0)],
)  # fmt: skip
def test_the_vane_gives_epas_classes(spread, stability):
    """EPA-454/R-99-005 Table 6-8a at 10 m over 15 cm; rough ground and low masts spread more."""
    assert stability_of_vane(spread, 10.0, 0.15) == pytest.approx(stability, abs=1e-6)
    assert stability_of_vane(spread, 10.0, 0.5) >= stability


def test_a_vane_speaks_by_day_under_unknown_clouds_only():
    """At night a swinging vane is meander; under known clouds the sky has spoken."""
    by_day = around(4.0, 50, None, vane=24.0)
    assert judge(by_day).stability < judge(replace(by_day, sigma_theta_deg=None)).stability
    for other in (around(4.0, -5, None, vane=24.0), around(4.0, 50, Sky(4), vane=24.0)):
        assert judge(other) == judge(replace(other, sigma_theta_deg=None))


@given(speed=st.floats(0.3, 30), z0=ROUGH, theta=st.floats(0, 0.2))
def test_a_cooling_ground_always_has_a_root(speed, z0, theta):
    """However light the wind, u* is above 0 and 1/L finite and not below 0."""
    over_l = cooled(speed, 10.0, z0, theta, 280.0)
    assert 0 <= over_l < math.inf
