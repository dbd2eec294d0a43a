"""The models' limits to each other through the chain: where two must agree, they do."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.dispersion import chain
from edge.dispersion.calm import CalmCircle
from edge.dispersion.choice import Family
from edge.dispersion.combine import Envelope
from edge.dispersion.dense.solve import solve as dense
from edge.dispersion.emission import Emission, Kind, Step
from edge.dispersion.notes import RefusedError
from edge.dispersion.passive.plume.steady import SteadyPlume
from edge.dispersion.passive.plume.steady import solve as plume
from edge.dispersion.weather.station import CALM_M_S, Observation, appraise
from edge.substance.fluid import fluid

FEW = settings(max_examples=12, deadline=None)
LETTERS = st.sampled_from("ABCDEF")
SPEEDS = st.floats(1.6, 15.0)
GASES = st.sampled_from(["carbon_monoxide", "ammonia", "chlorine", "propane"])
RATES = st.sampled_from([1e-6, 1e-3, 0.1, 3.0, 100.0])
AWAY = np.array([100.0, 300.0, 1000.0, 3000.0])
AXIS = np.zeros(4)


def air(speed, letter="D", from_deg=270.0, celsius=20.0):
    seen = Observation(
        speed, 10.0, from_deg, 273.15 + celsius, 46.0, 126.0, 1_780_000_000 * 10**9,
        humidity=0.5, pressure_pa=101_325.0, letter=letter,
    )  # fmt: skip
    return appraise(seen).weather


def leak(gas, rate, seconds=1800.0, kind=Kind.POOL, height=0.0, kelvin=293.15):
    return Emission(gas, kind, 0, 0, height, (Step(0, seconds, rate, kelvin, 1.0),))


def burst(gas, mass):
    step = Step(0, 0, 0.0, 293.15, 4.0)
    return Emission(gas, Kind.INSTANT, 0, 0, 0.0, (step,), mass_kg=mass)


def solved(emission, *weathers, **more):
    series = [(600.0 * k, weather) for k, weather in enumerate(weathers)]
    return chain.solve([emission], series, fluid(emission.substance), **more)


@FEW
@given(LETTERS, SPEEDS)
def test_puffs_in_a_steady_wind_are_the_plume(letter, speed):
    """A wind that is told twice gives what it gives told once, within the puffs' one speed."""
    weather, emission = air(speed, letter), leak("carbon_monoxide", 0.1)
    closed = solved(emission, weather).solution
    train = solved(emission, weather, weather).solution
    for one in (lambda s: s.peak(AWAY, AXIS, 1.5, 600.0), lambda s: s.load(AWAY, AXIS, 1.5, 1.0)):
        ratio = one(train) / one(closed)
        assert np.all((ratio > 0.68) & (ratio < 1.5)), ratio
    there = [
        next(t for t in range(0, 6000, 20) if s.concentration(x, y, 1.5, t)[0] > 0.5 * top)
        for s in (closed, train)
        for x, y, top in [(AWAY[2:3], AXIS[2:3], s.peak(AWAY[2:3], AXIS[2:3], 1.5, 60.0)[0])]
    ]
    assert there[1] == pytest.approx(there[0], rel=0.15, abs=40)


@FEW
@given(st.sampled_from("DE"), st.floats(2.0, 12.0), st.sampled_from(["propane", "chlorine"]))
def test_a_trace_of_dense_gas_is_passive(letter, speed, gas):
    """Where too little gas is there to weigh, the dense model is the plume within a factor 2.

    In D and E to 1 km: towards A and F the two families' own spreads differ by more.
    """
    weather, emission = air(speed, letter), leak(gas, 1e-5)
    passive = plume(emission, weather, fluid(gas).molar_mass_kg_mol)
    heavy = dense(emission, weather, fluid(gas)).peak(AWAY[:3], AXIS[:3], 1.5, 600.0)
    ratio = heavy / passive.peak(AWAY[:3], AXIS[:3], 1.5, 600.0)
    assert np.all((ratio > 0.5) & (ratio < 2.0)), ratio


def test_near_the_border_the_zone_covers_both_families():
    """The union is nowhere below either, and the mean lies between."""
    weather, x = air(5.0), np.linspace(-50, 2000, 60)
    answers = (solved(leak("chlorine", rate), weather) for rate in np.geomspace(1e-3, 10, 60))
    found = next(one for one in answers if one.choices[0].both)
    assert isinstance(found.solution, Envelope)
    y, parts = 0.02 * x, found.solution.parts
    for one in (
        lambda s: s.peak(x, y, 1.5, 60.0),
        lambda s: s.load(x, y, 1.5, 2.0),
        lambda s: s.concentration(x, y, 1.5, 300.0),
    ):
        each = np.array([one(part) for part in parts])
        assert np.all(one(found.solution) >= each.max(axis=0))
        assert np.all(one(found.inference) >= each.min(axis=0))
        assert np.all(one(found.inference) <= each.max(axis=0))


@FEW
@given(GASES, RATES, LETTERS, SPEEDS, st.floats(0, 360), st.booleans(), st.booleans())
def test_a_scene_that_is_turned_has_the_same_answer(gas, rate, letter, speed, by, puffs, sudden):
    """Source, wind and places turned and moved together: north is not special."""
    emission = burst(gas, 100 * rate) if sudden else leak(gas, rate)
    weather = air(speed, letter)
    turned = replace(weather, from_deg=(weather.from_deg + by) % 360)
    angle = math.radians(by)
    x, y = np.array([0.2, 50.0, 400.0, 400.0, -60.0]), np.array([0.0, 5.0, -30.0, 80.0, 0.0])
    far = x * math.cos(angle) + y * math.sin(angle) + 1234.0
    north = y * math.cos(angle) - x * math.sin(angle) - 567.0
    here = solved(emission, weather, *[weather] * puffs).solution
    there = solved(
        replace(emission, x_m=1234.0, y_m=-567.0), turned, *[turned] * puffs
    ).solution  # fmt: skip
    for one in (
        lambda s, x, y: s.peak(x, y, 1.5, 60.0),
        lambda s, x, y: s.load(x, y, 1.5, 1.5),
        lambda s, x, y: s.concentration(x, y, 1.5, 120.0),
    ):
        want = one(here, x, y)
        assert one(there, far, north) == pytest.approx(want, rel=2e-3, abs=1e-6 * want.max())


@FEW
@given(GASES, RATES, LETTERS, SPEEDS, st.booleans())
def test_twice_the_gas_is_never_less_harm(gas, rate, letter, speed, calm):
    """On the axis neither peak nor load falls as the rate doubles, but where the family changes."""
    weather = air(speed, letter)
    one, two = (solved(leak(gas, q), weather, calm=calm) for q in (rate, 2 * rate))
    if not calm and one.choices[0].family is not two.choices[0].family:
        return
    if not calm and one.choices[0].both is not two.choices[0].both:
        return
    for what in (lambda s: s.peak(AWAY, AXIS, 0.5, 60.0), lambda s: s.load(AWAY, AXIS, 0.5, 1.0)):
        assert np.all(what(two.solution) >= 0.9 * what(one.solution))


@FEW
@given(LETTERS, SPEEDS, st.floats(1e-3, 1e3), st.booleans())
def test_passive_gas_is_linear_in_its_rate(letter, speed, factor, puffs):
    """Plume and puffs alike; the source's own concentration is the only cap."""
    weather = air(speed, letter)
    one, many = (
        solved(leak("carbon_monoxide", rate), weather, *[weather] * puffs).solution
        for rate in (1e-4, 1e-4 * factor)
    )
    got = many.peak(AWAY, AXIS, 1.5, 600.0)
    assert got == pytest.approx(factor * one.peak(AWAY, AXIS, 1.5, 600.0), rel=1e-6)


@FEW
@given(LETTERS, SPEEDS, st.floats(60.0, 3600.0))
def test_the_dose_is_the_flux_times_how_long(letter, speed, seconds):
    """A release of any length gives its steady plume times its length.

    In A the cloud is spread along the wind by half its way: Palazzi's passing, which begins at the
    source, leaves some 2 % of it out there.
    """
    emission = leak("ammonia", 0.01, seconds)
    found = solved(emission, air(speed, letter)).solution
    assert isinstance(found, SteadyPlume)
    steady = found.steady(AWAY[:3], AXIS[:3], 1.5)
    assert found.load(AWAY[:3], AXIS[:3], 1.5, 1.0) == pytest.approx(steady * seconds, rel=0.05)


@pytest.mark.parametrize("sudden", [True, False])
def test_a_later_horizon_never_lowers(sudden):
    """Gas that is followed for longer is met at no fewer places."""
    weather = air(2.0)
    emission = burst("carbon_monoxide", 10.0) if sudden else leak("carbon_monoxide", 0.1, 600.0)
    peaks, loads = np.zeros(4), np.zeros(4)
    for horizon in (60.0, 600.0, 1800.0, 7200.0, None):
        found = solved(emission, weather, weather, horizon_s=horizon).solution
        for so_far, now in (
            (peaks, found.peak(AWAY, AXIS, 1.5, 60.0)),
            (loads, found.load(AWAY, AXIS, 1.5, 1.0)),
        ):
            assert np.all(now >= so_far * (1 - 1e-3))
            so_far[:] = now
    assert np.all(peaks > 0)


@FEW
@given(GASES, RATES, LETTERS)
def test_the_calms_circle_covers_the_plume_at_its_border(gas, rate, letter):
    """As the wind rises past 1.5 m/s no zone grows: the circle had it, but for a thin front."""
    weather, emission = air(CALM_M_S + 0.02, letter), leak(gas, rate, 600.0)
    windy, still = (solved(emission, weather, calm=calm).solution for calm in (False, True))
    x = np.array([5.0, 20.0, 60.0, 200.0, 500.0])
    z = 1.5
    for t in (60.0, 200.0, 600.0):
        now = windy.concentration(x, 0 * x, z, t)
        met = now > 0.5 * windy.peak(x, 0 * x, z, 0.0)
        assert np.all(still.concentration(x, 0 * x, z, t)[met] >= now[met])
    assert np.all(still.peak(x, 0 * x, z, 60.0) >= windy.peak(x, 0 * x, z, 60.0))


def test_the_calms_circle_reckons_with_the_wind_that_comes():
    """A calm that ends within its ten minutes drifts as fast as what follows."""
    emission, still, later = leak("chlorine", 0.1), air(0.5), air(6.0)
    found = solved(emission, still, later, calm=True).solution
    assert isinstance(found, CalmCircle)
    assert found.drift_m_s == pytest.approx(6.0, rel=0.01)


@pytest.mark.parametrize(
    ("gas", "kelvin", "told"),
    [
        ("methane", 283.15, "no droplets at 10 °C"),
        ("sulfur_trioxide", 239.85, "no droplets at -33 °C"),
        ("n_hexane", 1073.15, "no droplets at 800 °C"),
    ],
)
def test_droplets_of_what_is_no_liquid_are_refused(gas, kelvin, told):
    """In wind and in calm alike, with what to do."""
    spray = leak(gas, 1.0)
    spray = replace(spray, steps=(Step(0, 60, 1.0, kelvin, 1.0, 0.0, 0.5),))
    for calm in (False, True):
        with pytest.raises(RefusedError, match=told):
            solved(spray, air(3.0), calm=calm)


def test_the_family_of_a_trace_is_passive():
    """However heavy, a milligram a second has no weight."""
    assert solved(leak("chlorine", 1e-6), air(3.0)).choices[0].family is Family.PASSIVE


@FEW
@given(
    st.lists(st.tuples(st.floats(0.02, 40.0), st.floats(0.0, 500.0)), min_size=1, max_size=30),
)
def test_steps_are_joined_mass_for_mass(parts):
    """Nothing is lost, no joined step is short, and none is stronger than what it is made of."""
    steps, start = [], 0.0
    for lasts, rate in parts:
        steps.append(Step(start, start + lasts, rate, 250.0 + rate / 10, 1.0 + rate))
        start += lasts
    emission = replace(leak("chlorine", 1.0), steps=tuple(steps))
    joined = chain.lumped(emission, 18.75)
    assert joined.total_kg == pytest.approx(emission.total_kg, rel=1e-9)
    assert joined.duration_s == emission.duration_s
    if emission.duration_s >= 18.75 and len(steps) > 1:
        assert min(step.end_s - step.start_s for step in joined.steps) >= 18.74
    most = max(step.rate_kg_s for step in steps)
    assert max(step.rate_kg_s for step in joined.steps) <= most * (1 + 1e-9)
    assert all(249 < step.temperature_k < 301 for step in joined.steps)
