"""Outlines of any field: round, hollow, in pieces, upwind; never within the isolation circle."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.dispersion.isopleth import outline
from edge.dispersion.notes import RefusedError
from edge.dispersion.rings import Polygon, area, circle, contains, nearest_m, polygons
from edge.dispersion.window import Frame
from tests.unit.dispersion.analytic import bell, ring

HERE = Frame(0.0, 0.0, 90.0)
LEVEL = math.exp(-0.5)  # one spread from the middle


@pytest.mark.parametrize("spread", [0.5, 5.0, 80.0, 900.0, 4000.0])
def test_a_circle_about_the_source_has_its_area(spread):
    """A round cloud that reaches upwind as far as down is outlined whole, of any size."""
    found = outline(bell(0, 0, spread, spread), HERE, LEVEL)
    assert not found.truncated
    assert found.area_m2 == pytest.approx(math.pi * spread**2, rel=0.02, abs=0.1)


@pytest.mark.parametrize("place", [(2500.0, 300.0), (-40.0, 700.0), (6000.0, 0.0), (900.0, -900.0)])
def test_a_cloud_far_from_the_source_is_looked_at_closely(place):
    """A cloud of 150 m that has drifted off has its area to 2 %: the grid moves to it."""
    found = outline(bell(place[0], place[1], 150, 150), HERE, LEVEL)
    assert found.area_m2 == pytest.approx(math.pi * 150**2, rel=0.02)
    assert found.holds(*place)
    assert not found.holds(0, 0)


def test_few_looks_at_the_field():
    """A round cloud and a slender one cost at most one star and three grids."""
    looks = []

    def counted(field):
        def seen(x, y):
            looks.append(x.size)
            return field(x, y)

        return seen

    outline(counted(bell(0, 0, 300, 300)), HERE, LEVEL)
    assert len(looks) <= 4
    looks.clear()
    outline(counted(bell(1000, 0, 500, 40)), HERE, LEVEL)
    assert len(looks) <= 4
    assert sum(looks) < 4 * 9000


def test_a_hollow_cloud_has_a_hole():
    """A ring of gas keeps its clear middle, as a clockwise hole of one piece."""
    found = outline(ring(400.0, 60.0), HERE, LEVEL)
    (piece,) = found.polygons
    assert len(piece.holes) == 1
    assert area(piece.holes[0]) < 0 < area(piece.outline)
    exact = math.pi * (460**2 - 340**2)
    assert piece.area_m2 == pytest.approx(exact, rel=0.02)
    assert found.area_m2 == pytest.approx(exact, rel=0.02)
    assert not found.holds(0, 0)
    assert found.holds(400, 0)


def test_two_lobes_are_two_pieces():
    """Gas that parted is drawn as two pieces, each of its area."""

    def field(x, y):
        return bell(700, 300, 100, 100)(x, y) + bell(-300, -500, 150, 150)(x, y)

    found = outline(field, HERE, LEVEL)
    large, small = found.polygons
    assert large.area_m2 == pytest.approx(math.pi * 150**2, rel=0.03)
    assert small.area_m2 == pytest.approx(math.pi * 100**2, rel=0.03)


def test_a_small_piece_beside_a_large_one_is_kept():
    """A cloud of 60 m beside a plume of 4 km is drawn too, if roughly: few nodes fall on it."""

    def field(x, y):
        return bell(0, 0, 1800, 120)(x, y) + bell(-60, 1500, 60, 60)(x, y)

    for heading in (0.0, 77.0, 90.0, 211.0):
        found = outline(field, Frame(0.0, 0.0, heading), LEVEL)
        assert len(found.polygons) == 2
        assert found.polygons[1].area_m2 == pytest.approx(math.pi * 60**2, rel=0.35)


def test_what_reaches_beyond_the_limit_is_closed_there_and_said():
    """On every side of the source the largest distance cuts, flagged."""
    found = outline(bell(0, 0, 5000, 5000), HERE, LEVEL, max_distance_m=1000)
    assert found.truncated
    assert found.area_m2 == pytest.approx(2000**2, rel=0.05)


def test_a_field_below_the_threshold_has_no_zone():
    """No ring, and no complaint, where nothing is above the threshold."""
    assert outline(bell(top=0.1), HERE, 0.5).rings == ()


@settings(max_examples=30, deadline=None)
@given(
    heading=st.floats(0, 360),
    x=st.floats(-500, 500),
    y=st.floats(-500, 500),
    ratio=st.floats(0.05, 1.0),
    level=st.floats(0.05, 0.95),
)
def test_turning_and_moving_change_no_area(heading, x, y, ratio, level):
    """An ellipse along any heading from anywhere has its closed-form area."""
    turn = math.radians(heading)

    def field(px, py):
        along = (px - x) * math.sin(turn) + (py - y) * math.cos(turn)
        right = (px - x) * math.cos(turn) - (py - y) * math.sin(turn)
        return bell(0, 0, 400, 400 * ratio)(along, right)

    found = outline(field, Frame(x, y, heading), level)
    exact = 2 * math.pi * math.log(1 / level) * 400 * 400 * ratio
    assert found.area_m2 == pytest.approx(exact, rel=0.02)


@settings(max_examples=30, deadline=None)
@given(
    radius=st.floats(10, 1500),
    away=st.floats(0, 3000),
    turn=st.floats(0, 2 * math.pi),
    spread=st.floats(5, 800),
    slender=st.floats(0.05, 1),
)
def test_no_drawn_edge_lies_within_the_isolation_circle(radius, away, turn, spread, slender):
    """The zone joined with the circle holds both, whatever their sizes and places."""
    x0, y0 = away * math.cos(turn), away * math.sin(turn)
    spread = max(spread, 0.03 * away)  # no gas travels 1 km and stays smaller than 30 m
    field = bell(x0, y0, spread, max(spread * slender, 0.03 * away))
    bare = outline(field, HERE, LEVEL)
    found = outline(field, HERE, LEVEL, at_least_m=radius)
    assert min(nearest_m(line, 0, 0) for line in found.rings) >= radius
    assert found.holds(0, 0)
    assert found.area_m2 >= 0.97 * max(bare.area_m2, math.pi * radius**2)
    assert found.area_m2 <= 1.1 * (bare.area_m2 + math.pi * radius**2) + 20 * radius
    assert found.holds(x0, y0)


def test_the_isolation_circle_stands_where_the_field_never_reaches():
    """A release too small for any threshold is still given its circle."""
    found = outline(bell(top=0.01), HERE, 0.5, at_least_m=60)
    (line,) = found.rings
    assert nearest_m(line, 0, 0) >= 60
    assert found.area_m2 == pytest.approx(math.pi * 60**2, rel=0.02)


def test_a_field_that_falls_off_a_cliff_keeps_its_area():
    """A slab just above the threshold and nothing beside it, to 5 %."""
    found = outline(lambda x, y: np.where(np.hypot(x, y) < 350, 1.05, 0.0), HERE, 1.0)
    assert found.area_m2 == pytest.approx(math.pi * 350**2, rel=0.05)


def test_a_source_that_is_no_place_is_refused():
    """The frame itself is named, not the field."""
    with pytest.raises(RefusedError, match="heading is no number"):
        outline(bell(), Frame(0.0, 0.0, math.nan), 0.5)


@pytest.mark.parametrize("threshold", [0.0, -1.0, math.nan, math.inf])
def test_a_threshold_must_be_a_number_above_zero(threshold):
    """Anything else is refused in words."""
    with pytest.raises(RefusedError, match="threshold must be a number above 0"):
        outline(bell(), HERE, threshold)


@pytest.mark.parametrize("radius", [-1.0, 3.0, math.nan, math.inf])
def test_a_circle_of_no_size_is_refused(radius):
    """An isolation circle is 0 or a number of metres that can be drawn."""
    with pytest.raises(RefusedError, match="isolation radius"):
        outline(bell(), HERE, 0.5, at_least_m=radius)


def test_a_field_of_nans_is_refused():
    """A model's NaN never becomes the edge of a zone: the place is named."""
    with pytest.raises(RefusedError, match="NaN"):
        outline(lambda x, y: np.where(x > 10, np.nan, 1.0), HERE, 0.5)


def test_a_field_of_another_shape_is_refused():
    """One value a point, or nothing."""
    with pytest.raises(RefusedError, match="one value a point"):
        outline(lambda x, y: np.ones(3), HERE, 0.5)


def test_polygons_give_each_hole_to_the_smallest_outline_about_it():
    """An island in a lake in an island: holes go with what is around them."""
    rings = [circle(0, 0, 300), circle(0, 0, 200)[::-1], circle(0, 0, 100), circle(0, 0, 50)[::-1]]
    outer, inner = polygons(rings)
    assert isinstance(outer, Polygon)
    assert outer.area_m2 == pytest.approx(math.pi * (300**2 - 200**2), rel=0.01)
    assert inner.area_m2 == pytest.approx(math.pi * (100**2 - 50**2), rel=0.02)
    assert contains(rings[0], 0, 0)
    assert not contains(rings[0], 400, 0)
