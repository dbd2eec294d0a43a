"""Grounds: their published constants, and the heat that they give."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.dispersion.notes import RefusedError
from edge.dispersion.source.ground import (
    FREEZING_K,
    FUSION_J_KG,
    GROUNDS,
    HJ169_GROUNDS,
    ICE_KG_M3,
    GroundHeat,
    front,
    ground,
    strength,
)

ALL = [*GROUNDS.values(), *HJ169_GROUNDS.values()]


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.id)
def test_every_ground_names_its_source(one):
    """Each ground has constants above 0 and says where they are published."""
    assert one.source
    assert one.conductivity_w_m_k > 0
    assert 1e-8 < one.diffusivity_m2_s < 1e-5
    assert 0 < one.least_layer_m <= 0.025
    assert ground(one.id) is one


def test_an_unknown_ground_is_refused():
    """A ground that nobody knows is refused with the list of those there are."""
    with pytest.raises(RefusedError, match="concrete"):
        ground("lava")


def test_the_standards_cement_is_twice_the_yellow_books_concrete():
    """HJ 169's cement gives about twice the heat of TNO's concrete: the variants differ."""
    ratio = HJ169_GROUNDS["hj169-cement"].effusivity / GROUNDS["concrete"].effusivity
    assert ratio == pytest.approx(1.91, abs=0.01)


def heat_until(one, ground_k, area, pool_k, ends):
    """Return the heat [J] out of a ground for area(t) and pool_k(t) over the steps' ends."""
    heat = GroundHeat(one, ground_k, area(0.0), pool_k(0.0))
    total = 0.0
    for end in ends:
        heat.begin(end)
        total += heat.heat_j(area(end), pool_k(end))
        heat.accept(area(end), pool_k(end))
    return total


def test_a_steady_pool_gets_the_semi_infinite_solids_heat():
    """Under a steady pool the heat is 2 e dT sqrt(t / pi), however long the steps."""
    one = GROUNDS["soil-average"]
    for ends in ([100.0], [0.1, 3.0, 100.0]):
        got = heat_until(one, 288.0, lambda t: 1.0, lambda t: 200.0, ends)
        assert got == pytest.approx(2 * one.effusivity * 88 * math.sqrt(100 / math.pi), rel=1e-12)


def test_a_spreading_pool_adds_up_its_rings():
    """Where the area grows in proportion to time, the rings' heats add up as the integral says."""
    one = GROUNDS["concrete"]
    got = heat_until(one, 290.0, lambda t: 2.0 * t, lambda t: 240.0, [1.0, 5.0, 40.0])
    rings = sum(
        2 * one.effusivity * 50 * math.sqrt((40 - s) / math.pi) * 2.0 * 0.01
        for s in (0.01 * (i + 0.5) for i in range(4000))
    )
    assert got == pytest.approx(rings, rel=1e-4)


def test_a_swinging_pool_temperature_meets_the_grounds_phase():
    """A sine of temperature draws a flux ahead by an eighth of a period (Carslaw-Jaeger 2.6)."""
    one, period, swing = GROUNDS["ice"], 100.0, 5.0
    omega = 2 * math.pi / period
    steps = [i * period / 200 for i in range(1, 1601)]
    ends = [t for t in steps if t <= 725.0]
    temperature = lambda t: 260.0 + swing * math.sin(omega * t)  # noqa: E731 -- read beside its use
    before = heat_until(one, 260.0, lambda t: 1.0, temperature, ends[:-1])
    after = heat_until(one, 260.0, lambda t: 1.0, temperature, ends)
    mean = (after - before) / (ends[-1] - ends[-2])
    middle = 0.5 * (ends[-1] + ends[-2])
    expected = -one.effusivity * swing * math.sqrt(omega) * math.sin(omega * middle + math.pi / 4)
    assert mean == pytest.approx(expected, rel=0.02)


def test_thin_ice_follows_stefan():
    """A little below 0 C the ice grows as sqrt(2 k dT t / (rho L)), Stefan's law."""
    ice = GROUNDS["ice"]
    x = front(ice, GROUNDS["still-water"], FREEZING_K - 1.0, FREEZING_K, ICE_KG_M3 * FUSION_J_KG)
    thick = 2 * x * math.sqrt(ice.diffusivity_m2_s * 3600)
    stefan = math.sqrt(2 * ice.conductivity_w_m_k * 1.0 * 3600 / (ICE_KG_M3 * FUSION_J_KG))
    assert thick == pytest.approx(stefan, rel=0.01)


def test_freezing_water_gives_more_heat_than_water_that_cannot_freeze():
    """Ice gives its heat of fusion and conducts better: a cryogen gets more from still water."""
    water = GROUNDS["still-water"]
    assert strength(water, 111.0, 288.0) > 2 * water.effusivity * (288.0 - 111.0)


def test_snow_that_thaws_holds_the_pool_back():
    """Snow under a warm pool takes more heat than the same snow that could not thaw."""
    snow = GROUNDS["snow"]
    assert strength(snow, 298.0, 263.0) < snow.effusivity * (263.0 - 298.0)


@given(st.sampled_from(ALL), st.floats(110, 330), st.floats(200, 318), st.floats(0.01, 20))
def test_a_warmer_pool_never_gets_more(one, pool_k, ground_k, warmer):
    """The strength falls as the pool warms, over every ground and front."""
    if one.change == "thaws":
        ground_k = min(ground_k, FREEZING_K)
    elif one.is_water:
        ground_k = max(ground_k, FREEZING_K)
    first, second = strength(one, pool_k, ground_k), strength(one, pool_k + warmer, ground_k)
    assert math.isfinite(first)
    assert second < first
