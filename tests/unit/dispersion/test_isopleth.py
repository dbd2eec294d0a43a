"""Isopleths: closed rings that hold exactly what is above the threshold."""

import itertools

import numpy as np
import pytest

from edge.dispersion.isopleth import RING_POINTS, isopleth
from edge.dispersion.passive.plume import briggs
from edge.dispersion.passive.plume.briggs import Air, Release
from edge.dispersion.rings import area, simplify

LEAK = Release(1.0, 120.0, 150.0, 1.2, 0.5)


def inside(ring, x, y):
    """Ray casting, written apart from the code under test."""
    hit = False
    for (x1, y1), (x2, y2) in itertools.pairwise(ring):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) / (y2 - y1) * (x2 - x1):
            hit = not hit
    return hit


@pytest.mark.parametrize("from_deg", [0, 33, 135, 270, 359.9])
@pytest.mark.parametrize("stability", list("ADF"))
def test_the_ring_parts_above_from_below(from_deg, stability):
    """Points 7 % inside the analytic half-width are in the ring and 7 % outside are not."""
    air, threshold = Air(2.5, from_deg, stability), 1e-4 if stability == "F" else 1e-5
    found = isopleth(LEAK, air, threshold, 1.5, briggs)
    assert not found.truncated
    (ring,) = found.rings
    assert np.array_equal(ring[0], ring[-1])
    angle = np.radians(from_deg)
    down = np.array([-np.sin(angle), -np.cos(angle)])
    left = np.array([-np.cos(angle), np.sin(angle)])
    length = np.max((ring - [120, 150]) @ down)
    for share in (0.1, 0.3, 0.6, 0.9):
        x = share * length
        axis = np.array([120, 150]) + x * down
        on_axis = briggs.field(LEAK, air, axis[:1], axis[1:], 1.5)[0]
        spread = np.hypot(briggs.sigma_y(np.array([x]), stability)[0], LEAK.size_m)
        half = spread * np.sqrt(2 * np.log(on_axis / threshold))
        for side in (-1, 1):
            assert inside(ring, *(axis + side * (0.93 * half - 0.3) * left))
            assert not inside(ring, *(axis + side * (1.07 * half + 0.3) * left))


def test_zones_of_rising_thresholds_are_nested():
    """A higher threshold's ring lies within every lower one."""
    air = Air(3.0, 240.0, "D")
    rings = [isopleth(LEAK, air, level, 1.5, briggs).rings[0] for level in (1e-6, 1e-5, 1e-4, 1e-3)]
    areas = [area(ring) for ring in rings]
    assert areas == sorted(areas, reverse=True)
    assert all(value > 0 for value in areas)  # counter-clockwise
    for outer, inner in itertools.pairwise(rings):
        middle = inner.mean(axis=0)
        assert all(inside(outer, *(middle + 0.98 * (point - middle))) for point in inner)


def test_a_zone_beyond_the_largest_distance_says_so():
    """The ring is closed at the limit and flagged, never silently cut."""
    found = isopleth(LEAK, Air(2.0, 270.0, "F"), 1e-7, 1.5, briggs, max_distance_m=2000)
    assert found.truncated
    assert found.rings[0][:, 0].max() == pytest.approx(120 + 2000, rel=0.03)


def test_a_release_too_small_for_the_threshold_has_no_zone():
    """No ring at all where the air never gets that thick at breathing height."""
    assert isopleth(Release(1e-9, 0, 0, 1), Air(2, 0, "D"), 1e-3, 1.5, briggs).rings == ()


def test_a_high_release_touches_the_ground_far_off():
    """An elevated plume's ground zone starts away from its source."""
    found = isopleth(Release(1.0, 0, 0, 20), Air(2.0, 270.0, "D"), 1e-4, 1.5, briggs)
    assert found.rings[0][:, 0].min() > 50


@pytest.mark.parametrize("threshold", [0.0, -1.0, float("nan")])
def test_a_threshold_must_be_above_zero(threshold):
    """Zero would make the whole world a zone."""
    with pytest.raises(ValueError, match="threshold"):
        isopleth(LEAK, Air(2.0, 0, "D"), threshold, 1.5, briggs)


def test_rings_stay_small():
    """However long the plume, a ring has at most 200 points of 0.1 m."""
    for threshold in (1e-7, 1e-5, 1e-3):
        for ring in isopleth(LEAK, Air(1.0, 100.0, "C"), threshold, 1.5, briggs).rings:
            assert len(ring) <= RING_POINTS
            assert np.array_equal(ring, np.round(ring, 1))


def test_simplify_keeps_the_shape():
    """A finely drawn circle keeps its area and its closure."""
    turn = np.linspace(0, 2 * np.pi, 2001)
    circle = np.column_stack([100 * np.cos(turn), 100 * np.sin(turn)])
    circle[-1] = circle[0]
    slim = simplify(circle, 60)
    assert len(slim) <= 60
    assert np.array_equal(slim[0], slim[-1])
    assert area(slim) == pytest.approx(np.pi * 1e4, rel=0.02)
