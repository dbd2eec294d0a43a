"""Tanks: level and volume, and the time they take to drain."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.dispersion.notes import RefusedError
from edge.dispersion.source.blowdown import blow_down
from edge.dispersion.source.droplets import Outside
from edge.dispersion.source.outflow import Matter, Opening
from edge.dispersion.source.tank import Lying, Sphere, Upright, capacity_m3, level_m, torricelli_s
from edge.dispersion.source.vessel import Vessel
from edge.substance.fluid import fluid

AIR = 101_325.0
SHAPES = st.sampled_from((Upright(1.5, 3.0), Lying(0.8, 2.0), Sphere(4.0)))
WATER = Matter(fluid("water"))


@given(shape=SHAPES, share=st.floats(0, 1))
def test_level_and_volume_belong_together(shape, share):
    """A level's volume has that level, in every shape."""
    level = share * shape.height_m
    assert level_m(shape, shape.volume_m3(level)) == pytest.approx(level, abs=1e-5)


def test_the_shapes_have_their_known_volumes():
    """Whole and half volumes of cylinder and sphere are those of geometry."""
    for shape, whole in (
        (Upright(2.0, 3.0), 3 * math.pi),
        (Lying(2.0, 3.0), 3 * math.pi),
        (Sphere(2.0), 4 / 3 * math.pi),
    ):
        assert capacity_m3(shape) == pytest.approx(whole)
        assert shape.volume_m3(0.5 * shape.height_m) == pytest.approx(0.5 * whole)
    with pytest.raises(RefusedError, match="more than the vessel holds"):
        level_m(Sphere(2.0), 5.0)


@given(fill=st.floats(0.1, 1), d=st.floats(0.005, 0.1), over=st.floats(0, 1e5))
def test_a_vented_tank_drains_as_torricelli_says(fill, d, over):
    """An upright tank under constant pressure empties in the closed form's time."""
    tank = Upright(4.0, 6.0)
    vessel = Vessel(WATER, tank, 293.15, fill, AIR + over, vented=True)
    run = blow_down(vessel, Opening(d), Outside(293.15), 1e7)
    rho = 1.0 / WATER.table.at(293.15).v_liquid
    area, head = 0.25 * math.pi * d * d, over / (rho * 9.80665)
    whole = torricelli_s(tank, area, 0.61, fill * 6.0, 0.0, head)
    assert run.records[-1].end_s == pytest.approx(whole, rel=0.01)
    assert run.last.level_m < 2e-3
    if over > 1e3:
        half = torricelli_s(tank, area, 0.61, fill * 6.0, fill * 3.0, head)
        out = sum(r.mass_kg for r in run.records if r.end_s <= half)
        assert out == pytest.approx(0.5 * rho * fill * capacity_m3(tank), rel=0.05)
