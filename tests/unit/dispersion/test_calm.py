"""The calm circle: no cloud of the next ten minutes leaves it, whatever way the air wanders."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.dispersion.calm import HORIZON_S, TIMES_S, circle
from edge.dispersion.emission import Emission, Kind, Step
from edge.dispersion.notes import RefusedError
from edge.dispersion.weather.station import Observation, appraise
from edge.substance.fluid import Curve, Fluid

WEATHER = appraise(
    Observation(0.6, 10.0, 90.0, 268.15, 46.4, 125.35, 1_798_000_000 * 10**9)
).weather
FLAT = Curve("flat", (100.0, 600.0), (1000.0, 1000.0))
AEGL_2 = 8e-6  # kg/m3, about that of chlorine


def gas(molar_mass):
    return Fluid("gas", molar_mass, 150, 239, 417, 7e6, FLAT, FLAT, FLAT, FLAT, FLAT)


CHLORINE, AMMONIA, LIKE_AIR = gas(0.0709), gas(0.01703), gas(0.0289647)


def leak(rate, end=600.0, area=0.01):
    return Emission("gas", Kind.JET, 0, 0, 1, (Step(0, end, rate, 268.15, area),))


def burst(mass):
    step = Step(0, 0, 0.0, 268.15, 1.0)
    return Emission("gas", Kind.INSTANT, 0, 0, 1, (step,), mass_kg=mass)


def at(found, r, t):
    return float(found.concentration(np.array([r]), np.array([0.0]), 1.5, t)[0])


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    rate=st.floats(1e-4, 10),
    spread=st.floats(0.05, 0.3),
    rise=st.floats(0.02, 0.3),
    turn=st.floats(0.0, 0.6),
)
def test_no_wandering_cloud_passes_the_bound(seed, rate, spread, rise, turn):
    """Puffs in a wind up to 1.5 m/s that turns, stops and starts stay below the bound."""
    rng = np.random.default_rng(seed)
    angle, wind, places = rng.uniform(0, 2 * np.pi), 0.0, []
    for _ in range(600):
        angle += turn * rng.normal()
        wind = float(np.clip(wind + 0.2 * rng.normal(), 0, 1.5))
        places.append((wind * math.sin(angle), wind * math.cos(angle)))
    steps = np.array(places)
    found = circle(leak(rate), WEATHER, LIKE_AIR)
    for end in (60, 300, 600):
        ages = end - np.arange(end) - 0.5
        gone = np.cumsum(steps[:end][::-1], axis=0)[::-1]  # what a puff of each second has drifted
        points = rng.uniform(-400, 400, (60, 2))
        points[:20] = gone[rng.integers(0, end, 20)]  # in the thick of it
        s, sz = np.hypot(0.5, spread * ages), np.hypot(0.5, rise * ages)
        apart = ((points[:, None, :] - gone[None]) ** 2).sum(axis=2)
        truth = (rate * 2 / ((2 * np.pi) ** 1.5 * s**2 * sz) * np.exp(-apart / (2 * s**2))).sum(1)
        bound = found.concentration(points[:, 0], points[:, 1], 1.5, float(end))
        truth = np.minimum(truth, float(found.table_kg_m3.max()))  # at most pure gas
        assert np.all(truth <= 1.02 * bound + 1e-12)


def test_the_dense_box_spreads_as_van_ulden_has_it():
    """An instant cloud: r^2 = r0^2 + 2 sqrt(g' V0 / pi) t, whatever is entrained."""
    found = circle(burst(1000.0), WEATHER, CHLORINE)
    air = WEATHER.pressure_pa * 0.0289647 / (8.314462618 * WEATHER.temperature_k)
    heavy = air * 0.0709 / 0.0289647
    volume = 1000.0 / heavy
    buoyancy = 9.80665 * (heavy - air) / air * volume
    start = (volume / np.pi) ** (1 / 3)
    exact = np.sqrt(start**2 + 2 * np.sqrt(buoyancy / np.pi) * TIMES_S)
    assert found.dense_radius_m == pytest.approx(exact, rel=1e-12)


def test_a_dense_cloud_fills_its_circle_and_the_drift():
    """Inside r + u t there is gas above AEGL-2, beyond it none of the box."""
    found = circle(burst(1000.0), WEATHER, CHLORINE)
    reach = found.dense_radius_m[-1] + 1.5 * HORIZON_S
    assert at(found, reach - 30, HORIZON_S) > AEGL_2
    assert found.radius_m(AEGL_2) >= reach
    assert at(found, 3 * reach, HORIZON_S) == 0.0


def test_a_light_gas_is_not_made_dense():
    """Ammonia vapour has no gravity-spread box, but its circle."""
    found = circle(leak(1.0), WEATHER, AMMONIA)
    assert np.all(found.dense_radius_m == 0)
    assert found.radius_m(AEGL_2) > 300
    assert [use.id for use in found.models] == ["calm.neutral"]


def test_a_jet_in_a_calm_says_that_its_momentum_is_left_out():
    """What a jet does by itself is in no circle; what has no momentum has nothing to say."""
    jet, gone = circle(leak(1.0), WEATHER, CHLORINE), circle(burst(5.0), WEATHER, CHLORINE)
    assert "dispersion.note.calm-jet" in [note.id for note in jet.notes]
    assert "dispersion.note.calm-jet" not in [note.id for note in gone.notes]


@settings(max_examples=30, deadline=None)
@given(rate=st.floats(1e-5, 100), end=st.floats(1, 2000), molar=st.floats(0.002, 0.3))
def test_the_circle_grows_with_rate_and_time_and_never_dips(rate, end, molar):
    """More gas, more time, a lower threshold: no smaller circle; finite and falling outward."""
    found = circle(leak(rate, end), WEATHER, gas(molar))
    more = circle(leak(2 * rate, end), WEATHER, gas(molar))
    table = found.table_kg_m3
    assert np.all(np.isfinite(table))
    assert np.all(table >= 0)
    assert np.all(np.diff(table, axis=1) <= 0)
    for t in (60.0, 300.0, 600.0):
        assert more.radius_m(AEGL_2, t) >= found.radius_m(AEGL_2, t)
        assert found.radius_m(AEGL_2 / 10, t) >= found.radius_m(AEGL_2, t)
    assert found.radius_m(AEGL_2, 60.0) <= found.radius_m(AEGL_2, 600.0)


def test_peak_and_load_bound_the_concentration():
    """The peak is no less than any moment, the load no less than the moments' sum."""
    found = circle(leak(0.5), WEATHER, CHLORINE)
    x, y = np.array([[20.0, 200.0], [-500.0, 3000.0]]), np.zeros((2, 2))
    moments = np.array([found.concentration(x, y, 1.5, t) for t in range(0, 601, 5)])
    assert np.all(found.peak(x, y, 1.5, 60.0) >= moments.max(axis=0))
    assert found.load(x, y, 1.5, 2.0) == pytest.approx(
        np.trapezoid(moments[::2] ** 2, dx=10.0, axis=0), rel=0.05
    )
    assert found.concentration(x, y, 1.5, -1.0).sum() == 0


def test_a_faster_wandering_wind_reaches_farther():
    """Where the vane wanders in a wind of 4 m/s, the circle is drawn for 4 m/s."""
    seen = Observation(
        4.0, 10.0, 90.0, 268.15, 46.4, 125.35, 1_798_000_000 * 10**9, sigma_theta_deg=50.0
    )
    found = appraise(seen)
    assert found.calm
    wide = circle(leak(5.0), found.weather, CHLORINE)
    assert wide.drift_m_s == pytest.approx(4.0)
    assert wide.radius_m(AEGL_2) > circle(leak(5.0), WEATHER, CHLORINE).radius_m(AEGL_2)


def test_what_the_circle_cannot_say_is_refused():
    """No forecast beyond ten minutes, no threshold of nothing, no release of nothing."""
    found = circle(leak(1.0), WEATHER, CHLORINE)
    spot = np.zeros(1)
    for late in (601.0, math.nan, math.inf):
        with pytest.raises(RefusedError, match="new wind"):
            found.concentration(spot, spot, 1.5, late)
    for threshold in (0.0, -1.0, math.nan):
        with pytest.raises(RefusedError, match="above 0"):
            found.radius_m(threshold)
    with pytest.raises(RefusedError, match="coordinates"):
        found.peak(np.array([math.nan]), spot, 1.5, 60.0)
    for nothing in (leak(0.0), leak(math.nan), burst(0.0)):
        with pytest.raises(RefusedError, match="nothing is released"):
            circle(nothing, WEATHER, CHLORINE)
    assert found.notes
    assert found.horizon_s == HORIZON_S


def test_air_already_mixed_in_is_not_gas():
    """A release that is nine tenths air gives a tenth of the gas, at once or as it leaks."""
    for emission in (leak(1.0), burst(20.0)):
        mixed = circle(replace(emission, air_fraction=0.9), WEATHER, LIKE_AIR)
        pure = circle(emission, WEATHER, LIKE_AIR)
        assert at(mixed, 300.0, 500.0) == pytest.approx(0.1 * at(pure, 300.0, 500.0))
