"""Maps of puffs: lattices and points against the readable truth, and against single receptors."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.dispersion.combine import Envelope, Mean, Together
from edge.dispersion.notes import RefusedError
from edge.dispersion.passive.puff import cloud as readable
from edge.dispersion.passive.puff import maps, track_jit
from edge.dispersion.passive.puff.clock import running_peak
from edge.dispersion.passive.puff.maps_jit import Run
from edge.dispersion.solution import peaks
from edge.dispersion.window import Frame
from tests.unit.dispersion.puffs import air, clouds, instant, lasting, solved

FAST = settings(max_examples=25, deadline=None)
TURNING = [(60.0 * k, air("D", 2.0 + 0.3 * (k % 4), 250.0 + 17.0 * (k % 3))) for k in range(30)]
AVERAGINGS = (0.0, 18.75, 600.0, 3600.0)


def lattice(heading=37.0, x=-30.0, y=12.0):
    along, across = np.geomspace(1.0, 900.0, 17) - 20.0, np.linspace(-80.0, 95.0, 11)
    return Frame(x, y, heading).site(*np.meshgrid(along, across))


@FAST
@given(heading=st.floats(0.0, 360.0), flip=st.booleans())
def test_a_lattice_is_known_whichever_way_it_lies(heading, flip):
    """Its own points come back from its rows and columns."""
    x, y = lattice(heading)
    x, y = (x[::-1], y[::-1]) if flip else (x, y)
    found = maps.lattice(x, y)
    assert found is not None
    assert (found.along.size, found.across.size) == (17, 11)


def test_what_is_no_lattice_is_taken_point_by_point():
    """A star, a sheared grid, a list, one row, a grid upside down."""
    radius, angle = np.meshgrid(np.geomspace(1.0, 100.0, 12), np.linspace(0.0, 6.0, 9))
    x, y = lattice()
    for east, north in (
        (radius * np.cos(angle), radius * np.sin(angle)),
        (x + 0.1 * y, y),
        (x.ravel(), y.ravel()),
        (x[:1], y[:1]),
        (x[:, ::-1] + 1e-3 * np.arange(17) ** 2, y),
        (np.zeros((3, 3)), np.zeros((3, 3))),
    ):
        assert maps.lattice(east, north) is None


@FAST
@given(cloud=clouds(), z=st.floats(0.0, 30.0), listed=st.booleans())
def test_a_map_is_the_truth(cloud, z, listed):
    """Every look at every point, of clouds of all kinds; nothing is cut here."""
    x, y = lattice()
    x, y = (x.ravel(), y.ravel()) if listed else (x, y)
    track, times = track_jit.track(cloud), np.array([3.0, 40.0, 41.5, 77.0, 130.0])
    run = Run(cloud, track, maps.by_sight(cloud), z, times, 38.0)
    found = np.concatenate(list(maps.series(run, x, y)), axis=1)
    wanted = readable.series(cloud, track, np.ravel(x), np.ravel(y), z, times).T
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-15 * wanted.max() + 1e-280)


def test_bands_are_one_map(monkeypatch):
    """Held a few points at a time, a map is the same."""
    cloud = solved(lasting(), TURNING, horizon_s=900.0)
    x, y = lattice()
    for east, north in ((x, y), (x.ravel(), y.ravel())):
        whole = cloud.peaks(east, north, 1.5, AVERAGINGS)
        monkeypatch.setattr(maps, "HELD", 12_000)
        np.testing.assert_allclose(cloud.peaks(east, north, 1.5, AVERAGINGS), whole, rtol=1e-12)
        monkeypatch.undo()


@FAST
@given(seed=st.integers(0, 2**32 - 1))
def test_running_peaks_are_the_receptors(seed):
    """Against the readable form, at uneven looks and any averaging time."""
    rng = np.random.default_rng(seed)
    times = np.concatenate([[0.0], np.cumsum(rng.uniform(0.1, 9.0, 40))])
    c = rng.uniform(0.0, 1.0, (41, 3))
    gained = 0.5 * np.diff(times)[:, None] * (c[1:] + c[:-1])
    dose = np.concatenate([np.zeros((1, 3)), np.cumsum(gained, axis=0)])
    averaging = float(rng.uniform(0.05, 400.0))
    wanted = running_peak(times, dose.T, averaging)
    np.testing.assert_allclose(maps.peaks(times, c, (0.0, averaging))[1], wanted, rtol=1e-10)
    np.testing.assert_allclose(maps.load(times, c, 1.0), dose[-1])


@pytest.mark.parametrize("emission", [lasting(), lasting(seconds=3000.0), instant()])
def test_a_map_is_what_its_points_see_by_themselves(emission):
    """Peaks, loads and concentrations of 187 points at once, and of each alone, within 1 %."""
    cloud = solved(emission, TURNING, horizon_s=2500.0)
    x, y = lattice(90.0)
    some = (np.ravel(x)[::9], np.ravel(y)[::9])

    def close(found, wanted):
        np.testing.assert_allclose(
            np.ravel(found)[::9], wanted, rtol=0.01, atol=1e-9 * wanted.max()
        )

    many, few = cloud.peaks(x, y, 1.5, AVERAGINGS), cloud.peaks(*some, 1.5, AVERAGINGS)
    for one, other, averaging_s in zip(many, few, AVERAGINGS, strict=True):
        close(one, other)
        np.testing.assert_array_equal(cloud.peak(*some, 1.5, averaging_s), other)
    close(cloud.load(x, y, 1.5, 2.5), cloud.load(*some, 1.5, 2.5))
    close(cloud.concentration(x, y, 1.5, 200.0), cloud.concentration(*some, 1.5, 200.0))


def test_a_cloud_holds_up_to_its_horizon():
    """At the horizon itself the gas is still there; beyond, the question is refused."""
    cloud = solved(lasting(seconds=2000.0), air(), horizon_s=900.0)
    x, y = np.array([100.0]), np.zeros(1)
    before = cloud.concentration(x, y, 1.5, 899.0)
    assert cloud.concentration(x, y, 1.5, 900.0) == pytest.approx(before, rel=0.01)
    with pytest.raises(RefusedError):
        cloud.concentration(x, y, 1.5, math.nextafter(900.0, math.inf))


@pytest.mark.parametrize("kind", [Together, Envelope, Mean])
def test_solutions_together_have_many_peaks_too(kind):
    """Asked at once or one by one, and of parts that only know one at a time."""
    one, two = (solved(lasting(x=east), TURNING, horizon_s=900.0) for east in (0.0, 60.0))
    x, y = np.array([80.0, 300.0]), np.array([0.0, 20.0])
    both = kind((one, two))
    found = peaks(both, x, y, 1.5, AVERAGINGS)
    for row, averaging_s in zip(found, AVERAGINGS, strict=True):
        np.testing.assert_allclose(row, both.peak(x, y, 1.5, averaging_s))


def test_no_points_have_no_peaks():
    """An empty map is an empty answer, and what is no time is refused."""
    cloud = solved(replace(lasting(), air_fraction=0.5), air(), horizon_s=900.0)
    nothing = np.zeros(0)
    assert cloud.peaks(nothing, nothing, 1.5, (0.0, 60.0)).shape == (2, 0)
    with pytest.raises(RefusedError):
        cloud.peaks(nothing, nothing, 1.5, (60.0, -1.0))
