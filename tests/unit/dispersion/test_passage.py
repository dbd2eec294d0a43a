"""What passes a place in one wind: compiled and readable forms, tables against the formulas."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.dispersion.emission import Emission, Kind, Step
from edge.dispersion.notes import RefusedError
from edge.dispersion.passive.plume import passage, passage_jit
from edge.dispersion.passive.plume.passage import Places
from edge.dispersion.passive.plume.steady import solve
from edge.dispersion.passive.sigma.sets import SETS
from edge.dispersion.weather.station import with_stability
from edge.dispersion.weather.weather import Weather

AIR = Weather(4.0, 10.0, 270.0, 290.0, 1e5, 0.5, 0.05, 0.3, 0.0, 3.5, 800.0)
MOLAR = 0.0709
PLUMES = [name for name, one in SETS.items() if one.averaging_s]
FAST = settings(max_examples=10, deadline=None)
FAR = np.geomspace(0.5, 15_000.0, 23)
AT = Places(FAR, FAR / 3.0, 0.15 * FAR)


@st.composite
def emitted(draw):
    """Draw steps (k, 3) one after the other, some with a gap before them, some without gas."""
    rows, now = [], draw(st.sampled_from([0.0, 40.0]))
    for _ in range(draw(st.integers(1, 6))):
        now += draw(st.sampled_from([0.0, 0.0, 25.0]))
        end = now + draw(st.floats(0.5, 900.0))
        rows.append([now, end, draw(st.sampled_from([0.0, 0.01, 1.0, 30.0]))])
        now = end
    rows[0][2] = 1.0
    return np.array(rows)


def release(steps, height=1.0, area=4.0, air_fraction=0.0):
    made = tuple(Step(a, b, rate, 290.0, area) for a, b, rate in steps)
    return Emission("chlorine", Kind.VENT, 0.0, 0.0, height, made, air_fraction=air_fraction)


@FAST
@given(steps=emitted(), t=st.floats(-10.0, 8000.0), averaging=st.sampled_from([0.0, 18.75, 3600.0]))
def test_compiled_and_readable_are_one(steps, t, averaging):
    """Rate, peak and load, over steps and gaps of all lengths, near and far."""
    rate = passage.rate(steps, AT, np.full(FAR.shape, t))
    np.testing.assert_allclose(passage_jit.rate(steps, AT, t), rate, rtol=1e-6, atol=1e-12)
    peak = passage.peak(steps, AT, averaging)
    np.testing.assert_allclose(passage_jit.peak(steps, AT, averaging), peak, rtol=1e-6, atol=1e-12)
    unit = 1 / FAR
    for n in (0.7, 2.5):
        load = passage.load(steps, AT, unit, 0.02, n)
        found = passage_jit.load(steps, AT, unit, 0.02, n)
        np.testing.assert_allclose(found, load, rtol=1e-5, atol=1e-12 * load.max())


def close(found, wanted):
    """Assert that both are one within 1 % wherever there is more than a trace."""
    there = wanted > 1e-9 * wanted.max()
    np.testing.assert_allclose(found[there], wanted[there], rtol=0.01)
    assert np.all(np.isfinite(found))
    assert np.all(found[~there] <= 1.01e-9 * wanted.max())


@settings(max_examples=10, deadline=None)
@given(
    name=st.sampled_from(PLUMES), stability=st.floats(0.5, 6.0), height=st.sampled_from([0.0, 8.0]),
    steps=emitted(), z=st.sampled_from([0.0, 1.5, 12.0]),
    averaging=st.sampled_from([0.0, 18.75, 600.0, 3600.0]), lid=st.sampled_from([60.0, 800.0]),
)  # fmt: skip
def test_maps_are_the_formulas(name, stability, height, steps, z, averaging, lid):
    """Peak, load and concentration of a map, against Palazzi's form at every point by itself."""
    air = replace(with_stability(AIR, stability, 46.6), mixing_height_m=lid)
    plume = solve(release(steps, height), air, MOLAR, name)
    x, y = np.meshgrid(np.geomspace(3.0, 9000.0, 30), np.array([-200.0, -20.0, 0.0, 1.0, 60.0]))
    unit, at = plume.plume.unit(x, y, z), passage.places(plume.plume, x)
    most = plume.most_kg_m3
    peak = np.minimum(unit * passage.peak(steps, at, averaging), most)
    close(plume.peak(x, y, z, averaging), peak)
    for n in (1.0, 2.75):
        wanted = passage.load(steps, at, unit, most, n)
        close(plume.load(x, y, z, n) ** (1 / n), wanted ** (1 / n))
    for t in (30.0, 400.0, 3000.0):
        for many in (1, 7):  # few points are reckoned one by one, many read from a table
            xs, ys = np.tile(x, (many, 1)), np.tile(y, (many, 1))
            wanted = np.minimum(unit * passage.rate(steps, at, np.full(x.shape, t)), most)
            close(plume.concentration(xs, ys, z, t)[: len(x)], wanted)


def test_a_short_strong_step_counts_in_full():
    """Five seconds at a hundred times the rate of the hour after them, against a fine sum."""
    steps = np.array([(0.0, 5.0, 100.0), (5.0, 3605.0, 1.0)])
    plume = solve(release(steps), AIR, MOLAR)
    times = np.arange(0.005, 4000.0, 0.01)
    for far in (3.0, 10.0, 40.0, 300.0, 2000.0):
        x, y = np.array([far]), np.zeros(1)
        at = passage.places(plume.plume, np.full(times.shape, far))
        c = plume.plume.unit(x, y, 1.5)[0] * passage.rate(steps, at, times)
        wanted = 0.01 * np.sum(np.minimum(c, plume.most_kg_m3) ** 2.5)
        assert plume.load(x, y, 1.5, 2.5)[0] == pytest.approx(wanted, rel=0.02)


def test_air_already_mixed_in_is_not_gas():
    """A room's air that carries a tenth of gas gives a tenth of the concentration, and no more."""
    steps, x, y = [(0.0, 600.0, 1.0)], np.array([300.0]), np.zeros(1)
    pure, mixed = (solve(release(steps, air_fraction=a), AIR, MOLAR) for a in (0.0, 0.9))
    assert mixed.peak(x, y, 1.5, 60.0) == pytest.approx(0.1 * pure.peak(x, y, 1.5, 60.0))
    assert mixed.steady(x, y, 1.5) == pytest.approx(0.1 * pure.steady(x, y, 1.5))
    whole = mixed.emission.total_kg * 0.1
    assert mixed.load(x, y, 1.5, 1.0)[0] == pytest.approx(
        whole * mixed.plume.unit(x, y, 1.5)[0], rel=0.01
    )
    # by volume: 0.9 kg of air and 0.1 kg of chlorine at the source
    volume = 0.9 / 0.0289647 + 0.1 / MOLAR
    assert mixed.most_kg_m3 == pytest.approx(0.1 / volume / MOLAR * pure.most_kg_m3)
    with pytest.raises(RefusedError):
        solve(release(steps, air_fraction=1.0), AIR, MOLAR)
