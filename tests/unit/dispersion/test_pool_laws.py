"""Pools over the whole input space: mass, bounds, monotone laws."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.dispersion.source.ground import GROUNDS
from edge.dispersion.source.pool import Spill, pool
from edge.dispersion.source.pool_air import PoolAir, Transfer, above
from edge.dispersion.source.pool_emission import emission
from tests.unit.dispersion.pools import LIQUIDS, NIGHT

spills = st.builds(
    lambda liquid, share, mass: (liquid, share, mass),
    st.sampled_from(LIQUIDS),
    st.floats(0, 1),
    st.floats(0, 5).map(lambda power: 10.0**power),
)
winds = st.floats(0.1, 20)
airs = st.floats(233, 318)


def made(drawn, ground, wind, air_k, ground_k, **more):
    """Return a pool of a drawn spill; what sinks in or mixes with water lies on concrete."""
    liquid, share, mass = drawn
    if ground.is_water and liquid.id not in {"benzene", "toluene", "propane", "methane"}:
        ground = GROUNDS["concrete"]
    if ground.change == "thaws":
        ground_k = min(ground_k, 273.0)
    elif ground.is_water:
        ground_k = max(ground_k, 273.0)
    low, high = liquid.t_melt_k + 0.02, min(liquid.t_boil_k, max(air_k, liquid.t_melt_k + 1.0))
    spill = Spill(liquid, ground, ground_k, mass, low + share * (high - low), **more)
    return pool(spill, PoolAir(wind, air_k), NIGHT, 3600.0)


@settings(max_examples=150, deadline=None)
@given(spills, st.sampled_from(list(GROUNDS.values())), winds, airs, airs)
def test_every_pool_keeps_its_mass_and_its_bounds(drawn, ground, wind, air_k, ground_k):
    """Mass balances to 1e-9, rates are never negative, area never falls, T stays physical."""
    found = made(drawn, ground, wind, air_k, ground_k)
    liquid, mass = drawn[0], drawn[2]
    warmest = max(found.moments[0].temperature_k, air_k, ground_k, 280.0)
    area = evaporated = 0.0
    for moment in found.moments:
        assert all(
            math.isfinite(v) for v in (moment.rate_kg_s, moment.temperature_k, moment.area_m2)
        )
        assert moment.rate_kg_s >= 0
        assert moment.area_m2 >= area
        assert moment.evaporated_kg >= evaporated
        assert abs(moment.fed_kg - moment.evaporated_kg - moment.mass_kg) <= 1e-9 * mass
        assert liquid.t_melt_k <= moment.temperature_k <= min(liquid.t_boil_k + 1e-6, warmest + 20)
        area, evaporated = moment.area_m2, moment.evaporated_kg
    total = sum(
        m.rate_kg_s * (m.time_s - b.time_s)
        for b, m in zip(found.moments, found.moments[1:], strict=False)
    )
    assert total == pytest.approx(found.moments[-1].evaporated_kg, rel=1e-9)
    if total > 0:
        assert emission(found, 0.0, 0.0).total_kg == pytest.approx(total, rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(spills, winds, airs, airs)
def test_no_pool_cools_without_a_reason(drawn, wind, air_k, ground_k):
    """Where a pool is colder than all it began with, evaporation takes more than the air brings."""
    found = made(drawn, GROUNDS["concrete"], wind, air_k, ground_k)
    liquid = drawn[0]
    coldest = min(found.moments, key=lambda m: m.temperature_k)
    began = min(found.moments[0].temperature_k, ground_k, air_k)
    if not liquid.t_melt_k + 0.02 < coldest.temperature_k < began - 1e-3:
        return  # held at its melting point, or never colder than what it began with
    over = above(liquid.molar_mass_kg_mol, PoolAir(wind, air_k), NIGHT, Transfer.MACKAY_MATSUGU)
    film = over.film_w_m2_k(coldest.area_m2)
    brought = over.heat_w_m2(film, coldest.temperature_k)
    taken = coldest.rate_kg_s / coldest.area_m2 * liquid.latent_heat_j_kg(coldest.temperature_k)
    assert taken > brought - 0.02 * abs(brought)


@settings(max_examples=60, deadline=None)
@given(spills, st.sampled_from(list(GROUNDS.values())), st.floats(0.1, 10), airs, airs)
def test_more_wind_evaporates_more(drawn, ground, wind, air_k, ground_k):
    """Twice the wind takes at least as much at first, and over the whole hour."""
    slow = made(drawn, ground, wind, air_k, ground_k)
    fast = made(drawn, ground, 2 * wind, air_k, ground_k)
    for when in (1, -1):
        least = slow.moments[when].evaporated_kg * (1 - 1e-9)
        assert fast.moments[when].evaporated_kg >= least


@settings(max_examples=40, deadline=None)
@given(spills, winds, airs)
def test_a_bigger_spill_is_a_bigger_pool(drawn, wind, air_k):
    """Ten times the spill covers more ground and gives off more."""
    liquid, share, mass = drawn
    small = made((liquid, share, mass), GROUNDS["concrete"], wind, air_k, air_k)
    big = made((liquid, share, 10 * mass), GROUNDS["concrete"], wind, air_k, air_k)
    assert big.moments[-1].area_m2 > small.moments[-1].area_m2
    assert big.moments[-1].evaporated_kg > small.moments[-1].evaporated_kg
