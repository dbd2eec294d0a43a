"""The plume of surface-layer theory: published numbers, mass, limits, symmetry, refusals."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.dispersion.notes import RefusedError
from edge.dispersion.passive.plume import set_plume
from edge.dispersion.passive.plume.similarity_plume import Terms, build
from edge.dispersion.passive.sigma.sets import SETS
from edge.dispersion.passive.similarity import lateral, shape, upward
from edge.dispersion.passive.similarity.deposition import Uptake, resistance
from edge.dispersion.weather.station import with_stability
from edge.dispersion.weather.weather import Weather

AIR = Weather(4.0, 10.0, 270.0, 290.0, 1e5, 0.5, 0.05, 0.3, 0.0, 3.5, math.inf)
STABILITY, SPEED = st.floats(0.5, 6.0), st.floats(0.5, 20.0)
HEIGHT = st.floats(0.0, 60.0)
X = np.geomspace(20.0, 10_000.0, 30)
FAST = settings(max_examples=25, deadline=None)


def air(stability=3.5, speed=4.0, lid=math.inf, sigma_theta=None):
    base = replace(AIR, speed_m_s=speed, sigma_theta_deg=sigma_theta)
    return replace(with_stability(base, stability, 46.6), mixing_height_m=lid)


def test_the_constants_are_those_of_the_power_law_solution():
    """1.55, which van Ulden prints, is what s = 1.5 asks of his equation; so is B = 0.66."""
    s, g = upward.SHAPE, upward.MEAN
    assert (s * g**s) ** (-1 / (s - 1)) == pytest.approx(upward.GROWS_AT, abs=0.005)
    assert g == pytest.approx(0.66, abs=0.005)
    amplitude = s * math.gamma(2 / s) / math.gamma(1 / s) ** 2
    assert amplitude == pytest.approx(0.73, abs=0.005)


def test_neutral_growth_is_the_closed_form():
    """In neutral air van Ulden's x(zbar): k^2 x / 0.95 = zbar [ln(1.55 zbar / z0) - 1] + const."""
    path = upward.track(air(), 0.0, 5000.0)
    ends = path.mean_m[[-60, -1]]
    grown = ends * (np.log(1.55 * ends / AIR.roughness_m) - 1)
    wanted = 0.4**2 * 0.95**-1 * (path.x_m[-1] - path.x_m[-60])
    assert grown[1] - grown[0] == pytest.approx(wanted, rel=1e-4)


def test_i0_is_abramowitz_and_stegun_s():
    """exp(-v) I0(v) at the values of their table 9.8."""
    v = np.array([0.0, 1.0, 5.0, 10.0])
    wanted = [1.0, 0.4657596077, 0.1835408126, 0.1278333371]
    np.testing.assert_allclose(shape.bessel_i0e(v), wanted, rtol=3e-7)


@FAST
@given(height=st.floats(0, 200), spread=st.floats(-6, 14), lid=st.floats(201, 3000))
def test_the_vertical_shape_holds_all_the_gas(height, spread, lid):
    """D integrates to 1 over the height, with and without a lid, for any spread."""
    tau = np.array([math.exp(spread)])
    n = shape.norm(height, tau)
    z, weight = shape.heights(height, tau)
    free = shape.folded(z, height, tau, n, np.zeros(1), math.inf)
    assert np.sum(weight * free) == pytest.approx(1.0, rel=1e-6)
    mean = upward.MEAN * tau ** (1 / upward.SHAPE)
    wide = float(tau[0]) ** 0.5 > 0.05 * max(height, 1.0) ** 0.75
    if wide:
        at = np.linspace(0, lid, 60_001)
        under = shape.folded(at, height, tau, n, mean, lid)
        assert np.trapezoid(under, at) == pytest.approx(1.0, rel=5e-3)


@FAST
@given(stability=STABILITY, speed=SPEED, height=HEIGHT)
def test_all_that_is_released_passes_every_cross_section(stability, speed, height):
    """U times the integral of c over a plane across the wind is the release rate."""
    plume = build(air(stability, speed), height)
    for x in (50.0, 1000.0):
        at = np.array([x])
        speed_there = np.interp(math.log(x), np.log(plume.track.x_m[1:]), plume.track.speed_m_s[1:])
        tau = np.interp(x, plume.track.x_m, plume.track.tau)
        z, weight = shape.heights(height, np.array([tau]))
        flux = sum(
            w * plume.integrated(at, float(h))[0] * speed_there
            for h, w in zip(z[0], weight[0], strict=True)
        )
        assert flux == pytest.approx(1.0, rel=0.01)


@FAST
@given(stability=STABILITY, speed=SPEED, height=HEIGHT, z=st.floats(0, 50), y=st.floats(-500, 500))
def test_no_nan_and_symmetry_about_the_axis(stability, speed, height, z, y):
    """Every value is finite and not below 0, and left equals right."""
    plume = build(air(stability, speed), height)
    there = plume.unit(X, np.full(X.shape, y), z)
    assert np.all(np.isfinite(there))
    assert np.all(there >= 0)
    np.testing.assert_allclose(there, plume.unit(X, np.full(X.shape, -y), z), rtol=1e-12)
    assert np.all(there <= plume.unit(X, np.zeros(X.shape), z))


@FAST
@given(stability=STABILITY, speed=SPEED)
def test_the_ground_s_plume_thins_with_distance(stability, speed):
    """From a source on the ground the axis only ever falls; spreads only ever grow."""
    plume = build(air(stability, speed), 0.0)
    axis = plume.unit(X, np.zeros(X.shape), 0.0)
    assert np.all(np.diff(axis) < 0)
    assert np.all(np.diff(plume.track.mean_m) > 0)
    assert np.all(np.diff(plume.sigma_y_m) >= 0)


@FAST
@given(stability=st.floats(0.5, 5.99), height=HEIGHT)
def test_no_jump_with_stability(stability, height):
    """A hundredth of a class changes the axis by less than a tenth, through neutral too."""
    one = build(air(stability), height).unit(X, np.zeros(X.shape), height)
    other = build(air(stability + 0.01), height).unit(X, np.zeros(X.shape), height)
    np.testing.assert_allclose(other, one, rtol=0.1)


@FAST
@given(stability=st.floats(0.6, 6.0), scale=st.floats(0.3, 3.0))
def test_twice_the_wind_halves_the_gas_at_the_same_stability(stability, scale):
    """With 1/L kept and a vane's spread given, c goes with 1 / u but for beta's tiny part."""
    slow = air(stability, 4.0, sigma_theta=10.0)
    fast = replace(slow, speed_m_s=slow.speed_m_s * scale, friction_m_s=slow.friction_m_s * scale)
    near = X < 500
    one = build(slow, 1.0).integrated(X[near], 1.5)
    other = build(fast, 1.0).integrated(X[near], 1.5)
    np.testing.assert_allclose(other * scale, one, rtol=1e-6)


def test_stable_air_keeps_the_gas_low():
    """The mean height after 1 km falls steadily from very unstable to very stable air."""
    means = [float(upward.track(air(s), 0.0, 1000.0).mean_m[-1]) for s in np.linspace(0.5, 6, 12)]
    assert means == sorted(means, reverse=True)


def test_a_high_source_is_a_gaussian_round_its_height():
    """Near a 100 m source the profile is even about 100 m, with variance 2 K x / u."""
    plume = build(air(), 100.0)
    x = np.array([30.0])
    up, down = plume.integrated(x, 101.0)[0], plume.integrated(x, 99.0)[0]
    assert up == pytest.approx(down, rel=0.05)
    variance = 2 * upward.diffusivity(air(), 100.0) * 30.0 / upward.wind(air(), 100.0)
    centre = plume.integrated(x, 100.0)[0]
    assert up / centre == pytest.approx(math.exp(-0.5 / variance), rel=0.02)


def test_a_vane_that_swings_more_widens_the_plume():
    """Width grows with sigma_theta, but a vane too dull for small eddies narrows nothing."""
    wide = [
        float(build(air(sigma_theta=s), 1.0).sigma_y(np.array([500.0]))[0]) for s in (5, 10, 20)
    ]
    assert wide == sorted(wide)
    dull = build(air(sigma_theta=0.1), 1.0).sigma_y(np.array([500.0]))[0]
    none = lateral.GROUND_VARIANCE * air().friction_m_s ** 2
    assert lateral.variances(air(sigma_theta=0.1)) == (pytest.approx(none), 0.0)
    assert dull > 0.3 * wide[0]


def test_eddies_that_are_outlived_spread_no_more():
    """F falls from 1 at once to 0 long after, and ends as 1 / a: Taylor's two limits."""
    a = np.geomspace(1e-4, 1e4, 50)
    left = lateral.smoothed(a)
    assert left[0] == pytest.approx(1.0, abs=0.01)
    assert np.all(np.diff(left) <= 0)
    far = lateral.smoothed(np.array([1e3, 2e3]))
    assert far[0] / far[1] == pytest.approx(2.0, rel=0.05)


def test_the_grass_takes_what_the_resistances_say():
    """Over short grass SO2 goes at about 1 cm/s, and never faster than 1 / r_c."""
    speed = 1 / resistance(air(), Uptake(100.0), np.array([1.0]))[0]
    assert 0.005 < speed < 0.01


@FAST
@given(stability=STABILITY, surface=st.floats(0, 1e4))
def test_uptake_takes_gas_and_no_uptake_is_its_limit(stability, surface):
    """What is left falls along the wind and lies between 0 and 1; a sealed ground takes nothing."""
    left = build(air(stability), 1.0, Terms(uptake=Uptake(surface))).left
    assert np.all((left > 0) & (left <= 1))
    assert np.all(np.diff(left) <= 0)
    sealed = build(air(stability), 1.0, Terms(uptake=Uptake(1e12)))
    bare = build(air(stability), 1.0)
    np.testing.assert_allclose(sealed.integrated(X, 1.5), bare.integrated(X, 1.5), rtol=1e-3)


def test_gas_that_decays_is_halved_in_its_half_life():
    """exp(-lambda t) along the plume's own travel time."""
    bare, fading = build(air(), 1.0), build(air(), 1.0, Terms(decay_1_s=0.01))
    share = fading.integrated(X, 1.5) / bare.integrated(X, 1.5)
    np.testing.assert_allclose(share, np.exp(-0.01 * bare.time_s(X)), rtol=1e-3)


def test_far_beyond_a_lid_the_gas_is_even_below_it():
    """Well mixed: c is 1 / (U lid) at every height below, nothing above."""
    plume = build(air(1.0, lid=100.0), 1.0)
    far = np.array([9000.0])
    speed = plume.track.speed_m_s[-1]
    for z in (0.0, 50.0, 99.0):
        assert plume.integrated(far, z)[0] == pytest.approx(1 / (speed * 100.0), rel=0.02)
    assert plume.integrated(far, 101.0)[0] == 0


def test_the_set_and_the_plume_agree_on_what_they_share():
    """The similarity set has the plume's own sigma_y and mean height."""
    sy, sz = SETS["similarity"].sigmas(X, air())
    plume = build(air(), 0.0)
    np.testing.assert_allclose(sy, plume.sigma_y(X), rtol=1e-2)
    mean = np.interp(np.log(X), np.log(plume.track.x_m[1:]), plume.track.mean_m[1:])
    np.testing.assert_allclose(sz * math.sqrt(2 / math.pi), mean, rtol=1e-2)


@pytest.mark.parametrize("name", [n for n, s in SETS.items() if s.averaging_s])
def test_every_plume_set_passes_all_the_gas(name):
    """The wind times the integral over height is 1 for each set, with decay and uptake off."""
    plume = set_plume.build(SETS[name], air(2.0), 5.0)
    z = np.concatenate([np.linspace(0, 50, 60), np.geomspace(51, 2e5, 400)])
    x = np.array([500.0])
    flux = [plume.integrated(x, float(h))[0] * plume.speed_m_s for h in z]
    assert np.trapezoid(flux, z) == pytest.approx(1.0, rel=1e-3)


@pytest.mark.parametrize(
    ("change", "note"),
    [
        ({"speed_m_s": 0.0}, "no-wind"),
        ({"speed_m_s": -1.0}, "no-wind"),
        ({"speed_m_s": math.nan}, "no-wind"),
        ({"friction_m_s": 0.0}, "no-turbulence"),
        ({"roughness_m": math.nan}, "no-turbulence"),
        ({"inverse_length_1_m": math.nan}, "no-turbulence"),
    ],
)
def test_air_that_carries_nothing_is_refused(change, note):
    """No wind or no turbulence is no plume, and the refusal says what to do."""
    with pytest.raises(RefusedError) as caught:
        build(replace(AIR, **change), 1.0)
    assert caught.value.note.id == f"dispersion.refused.plume-{note}"


@pytest.mark.parametrize("height", [-1.0, math.nan, math.inf])
def test_a_source_below_ground_is_refused(height):
    """A release height is at least 0."""
    with pytest.raises(RefusedError):
        build(AIR, height)


@pytest.mark.parametrize(
    "wrong",
    [{"width_m": -1.0}, {"depth_m": math.nan}, {"decay_1_s": -1e-3}],
)
def test_terms_that_cannot_be_are_refused(wrong):
    """A negative width, an unknown depth, a gas that grows."""
    with pytest.raises(RefusedError):
        Terms(**wrong)
    with pytest.raises(RefusedError):
        Uptake(-1.0)
