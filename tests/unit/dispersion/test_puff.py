"""Puffs: readable truth against compiled, the vertical profile, spreads that never jump, mass."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.dispersion.passive.exponential import exponential
from edge.dispersion.passive.puff import cloud as readable
from edge.dispersion.passive.puff import ground, ground_jit, receptors_jit, table_jit, track_jit
from edge.dispersion.passive.puff.ground import Grid
from edge.dispersion.passive.puff.table import (
    DISTANCES,
    GROUND,
    SIGMA_Y,
    SIGMA_Z,
    read,
    spread_table,
    virtual_distance,
)
from edge.dispersion.passive.puff.track import track as readable_track
from edge.dispersion.passive.sigma.briggs import sigma_y, sigma_z
from edge.dispersion.passive.vertical import vertical
from edge.dispersion.passive.vertical_jit import vertical as compiled_vertical
from tests.unit.dispersion.puffs import air, clouds, lasting, solved

FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
WHOLE = 60.0  # spreads: nothing is cut
POINTS = np.array([0.0, 20.0, -60.0, 150.0, 3.0]), np.array([0.0, 10.0, 40.0, -80.0, -3.0])


@FEW
@given(clouds())
def test_compiled_tracks_equal_the_truth(cloud):
    """Every node of every puff, to rounding."""
    truth, compiled = readable_track(cloud), track_jit.track(cloud)
    assert np.array_equal(truth.first, compiled.first)
    assert compiled.nodes == pytest.approx(truth.nodes, rel=1e-9, abs=1e-9)


@FEW
@given(clouds(), st.floats(0.0, 30.0))
def test_compiled_receptors_equal_the_truth(cloud, z):
    """With nothing cut the series are the same; with a cut they differ by what was cut."""
    x, y = POINTS
    track = readable_track(cloud)
    clock = (0.0, 3.7, 60)
    times = 3.7 * np.arange(60, dtype=np.float64)
    want = readable.series(cloud, track, x, y, z, times)
    got = receptors_jit.series(cloud, track, x, y, z, clock, WHOLE)
    assert got == pytest.approx(want, rel=1e-9, abs=1e-200)
    assert np.all(np.isfinite(want))
    assert np.all(want >= 0)
    cut = receptors_jit.series(cloud, track, x, y, z, clock)
    greatest = 0.0
    for t in times:
        for seen in readable.states(cloud, track, float(t)):
            up = np.array(seen.sigma_z_m)
            height = vertical(z, cloud.height_m, up, seen.lid_m, cloud.reflects)
            top = seen.mass_kg / (2 * math.pi * seen.sigma_y_m**2) * height
            greatest = max(greatest, top)
    assert np.max(want - cut) <= len(cloud.puffs) * 2e-8 * greatest


@settings(max_examples=25, deadline=None)
@given(clouds(), st.sampled_from([1.0, 2.0, 2.75]), st.sampled_from([0.0, 20.0, 90.0]))
def test_compiled_ground_equals_the_truth(cloud, exponent, averaging_s):
    """Dose, load and peak of every cell."""
    grid = Grid(-100.0, -60.0, 13.0, 11.0, 17, 12)
    track = readable_track(cloud)
    run = (grid, 1.5, (0.0, 5.0, 40), exponent, averaging_s)
    want = ground.ground(cloud, track, *run)
    got = ground_jit.ground(cloud, track, *run, WHOLE)
    for name in ("dose", "load", "peak"):
        truth = getattr(want, name)
        # walking from cell to cell, the far flank keeps its digits to about 1e-10
        assert getattr(got, name) == pytest.approx(truth, rel=1e-8, abs=1e-13 * truth.max())


@given(
    st.floats(0.0, 1.0),
    st.floats(0.0, 1.0),
    st.floats(0.01, 5.0),
    st.floats(20.0, 2000.0),
)
def test_the_vertical_profile_holds_the_mass(height, at, spread, lid):
    """Between ground and lid it sums to 1; it is even at the border of its two forms."""
    h, sz = height * lid, spread * lid
    z = (np.arange(4000) + 0.5) * lid / 4000
    total = vertical(z, h, np.array(sz), lid).sum() * lid / 4000
    assert total == pytest.approx(1.0, rel=1e-5)
    below, above = vertical(at * lid, h, lid * np.array([1 - 1e-12, 1.0]), lid)
    assert below == pytest.approx(above, rel=1e-7)


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.01, 5.0), st.floats(20.0, 2000.0))
def test_the_compiled_profile_equals_the_truth(height, at, spread, lid):
    """One height at a time, with a lid and without, to 1e-9 of itself (images left out: 1e-12)."""
    for over, reflects in ((lid, True), (math.inf, True), (math.inf, False)):
        z, h, sz = at * lid, height * lid, spread * lid
        want = float(vertical(z, h, np.array(sz), over, reflects))
        assert compiled_vertical(z, h, sz, over, reflects) == pytest.approx(want, rel=1e-9, abs=0)


def test_without_a_lid_the_ground_alone_reflects():
    """Twice the cloud's own value at the ground; once without reflection; nothing above a lid."""
    wide = np.array(3.0)
    alone = vertical(0.0, 5.0, wide, math.inf, reflects=False)
    assert vertical(0.0, 5.0, wide, math.inf) == pytest.approx(2 * alone)
    assert vertical(101.0, 5.0, wide, 100.0) == 0.0


@given(st.floats(-690.0, 0.0))
def test_our_exponential_is_the_librarys(x):
    """To two units in the last place; far below, next to nothing and never a NaN."""
    assert exponential(x) == pytest.approx(math.exp(x), rel=4.5e-16)
    assert 0 < exponential(-1e9) < 1e-300


@pytest.mark.parametrize("letter", "ABCDEF")
def test_the_table_is_the_curve(letter):
    """Between its nodes to 2e-5, from a centimetre to 100 km; D counts the ground's share."""
    table = spread_table(lambda x: (sigma_y(x, letter), sigma_z(x, letter)))
    x = np.geomspace(0.01, 1e5, 700)
    ours = np.array([[read(table, SIGMA_Y, at), read(table, SIGMA_Z, at)] for at in x])
    assert ours[:, 0] == pytest.approx(sigma_y(x, letter), rel=2e-5)
    assert ours[:, 1] == pytest.approx(sigma_z(x, letter), rel=2e-5)
    assert np.all(np.diff(table[:, :GROUND], axis=0) >= 0)


@given(st.sampled_from("ABCDEF"), st.floats(0.0, 1e5))
def test_a_spread_has_its_distance(letter, distance):
    """The virtual distance of a spread gives the spread back, in both layers."""
    table = spread_table(lambda x: (sigma_y(x, letter), sigma_z(x, letter)))
    for column in (SIGMA_Y, SIGMA_Z):
        sigma = read(table, column, distance)
        back = virtual_distance(table, column, sigma)
        assert read(table, column, back) == pytest.approx(sigma, rel=1e-12)
        tables = table[np.newaxis]
        assert table_jit.virtual_distance(tables, 0, column, sigma) == pytest.approx(
            back, rel=1e-12
        )
        assert table_jit.read(tables, 0, column, distance) == pytest.approx(sigma, rel=1e-12)


def test_the_table_ends_quietly():
    """Before its first node a straight line, beyond its last the last value, in both layers."""
    table = spread_table(lambda x: (0.1 * x, np.minimum(0.1 * x, 50.0)))
    for at in (0.0, 1e-5, 2 * float(DISTANCES[-1])):
        want = read(table, SIGMA_Y, at)
        assert table_jit.read(table[np.newaxis], 0, SIGMA_Y, at) == pytest.approx(want, abs=1e-15)
    assert virtual_distance(table, SIGMA_Z, 60.0) == DISTANCES[-1]
    assert table_jit.virtual_distance(table[np.newaxis], 0, SIGMA_Z, 60.0) == DISTANCES[-1]


@FEW
@given(clouds())
def test_spreads_never_fall_or_jump(cloud):
    """Across every change of wind and stability a puff goes on from the spread that it has."""
    track = readable_track(cloud)
    for k, one in enumerate(cloud.puffs):
        nodes = track.nodes[int(track.first[k]) : int(track.first[k + 1])]
        for before, after in pairwise(nodes):
            t = float(after[readable.AT_S])
            old, new = readable.state(cloud, one, before, t), readable.state(cloud, one, after, t)
            assert new.sigma_y_m == pytest.approx(old.sigma_y_m, rel=1e-9)
            assert new.sigma_z_m == pytest.approx(old.sigma_z_m, rel=1e-9)
            assert new.mass_kg == pytest.approx(old.mass_kg, rel=1e-9)
            assert (new.x_m, new.y_m) == pytest.approx((old.x_m, old.y_m), abs=1e-9)
        spreads = [
            readable.state(cloud, one, node, float(node[readable.AT_S]) + dt).sigma_z_m
            for node in nodes[-1:]
            for dt in np.linspace(0.0, 50.0, 11)
        ]
        assert np.all(np.diff(spreads) >= 0)


def test_what_is_in_the_air_is_what_came_out():
    """Concentrations summed over the whole air are the mass released so far."""
    solution = solved(lasting(rate=2.0, seconds=600.0), air(), nearest_m=20.0)
    for t in (59.0, 120.0):
        grid = Grid(-60.0, -140.0, 2.0, 2.0, 290, 141)
        x, y = np.meshgrid(grid.x_m, grid.y_m)
        z = (np.arange(60) + 0.5) * 2.0
        c = [solution.concentration(x, y, float(height), t).sum() for height in z]
        out = sum(p.mass_kg for p in readable.states(solution.cloud, solution.track, t))
        assert sum(c) * 8.0 == pytest.approx(out, rel=2e-3)
        assert out == pytest.approx(2.0 * t, rel=0.02)


def test_what_deposits_is_what_the_cloud_loses():
    """v_d times the dose of the ground, over all of it, is the mass that left the air."""
    cloud = solved(lasting(seconds=10.0), air(), nearest_m=2.0, deposition_m_s=0.05)
    end = 150.0
    grid = Grid(-100.0, -200.0, 5.0, 5.0, 160, 81)
    clock = (0.0, 0.5, round(end / 0.5))
    field = ground_jit.ground(cloud.cloud, cloud.track, grid, 0.0, clock, 1.0, 0.0)
    left = sum(p.mass_kg for p in readable.states(cloud.cloud, cloud.track, end))
    assert left < 9.5
    assert 0.05 * field.dose.sum() * 25.0 == pytest.approx(10.0 - left, rel=0.03)


def test_decay_is_exponential():
    """After t seconds exp(-lambda t) of a puff is left."""
    plain = solved(lasting(seconds=1.0), air())
    dying = solved(lasting(seconds=1.0), air(), decay_1_s=0.01)
    x, y = np.array([150.0]), np.array([0.0])
    share = dying.concentration(x, y, 1.5, 50.5) / plain.concentration(x, y, 1.5, 50.5)
    assert share[0] == pytest.approx(math.exp(-0.5), rel=1e-3)
