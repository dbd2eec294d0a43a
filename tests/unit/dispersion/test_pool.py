"""Pools: winter and summer cases, mass balance, monotone laws, refusals."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.dispersion.emission import Kind
from edge.dispersion.notes import RefusedError
from edge.dispersion.source.ground import GROUNDS
from edge.dispersion.source.pool import MIXES_WITH_WATER, Spill, pool, root
from edge.dispersion.source.pool_air import (
    PoolAir,
    Sky,
    Transfer,
    air_viscosity_m2_s,
    hj169_m_s,
    long_wave_w_m2,
    mackay_matsugu_m_s,
)
from edge.dispersion.source.pool_emission import emission
from edge.dispersion.source.pool_spread import spread
from edge.substance import substances
from edge.substance.fluid import GAS_CONSTANT, fluid
from tests.unit.dispersion.cost import cpu_s
from tests.unit.dispersion.pools import AMMONIA, CHLORINE, METHANE, NIGHT, spilled

WINTER, COLD, SUMMER = 238.15, 240.15, 298.15  # -35, -33 and +25 C


def fluxes(found):
    """Return (time, kg/m2/s) of each moment after the first."""
    return [(m.time_s, m.rate_kg_s / m.area_m2) for m in found.moments[1:] if m.rate_kg_s]


def test_winter_chlorine_neither_flashes_nor_boils():
    """At -35 C chlorine lies below its boiling point and evaporates by the wind alone."""
    found = spilled(CHLORINE, "frozen-soil", WINTER, WINTER)
    assert all(m.temperature_k <= WINTER + 1e-6 for m in found.moments)
    first = found.moments[5]
    p = CHLORINE.vapour_pressure_pa(first.temperature_k)
    assert p < 101_325.0
    diameter = math.sqrt(4 * first.area_m2 / math.pi)
    schmidt = air_schmidt(CHLORINE, WINTER)
    k = mackay_matsugu_m_s(3.0, diameter, schmidt)
    density = 101_325.0 * CHLORINE.molar_mass_kg_mol / (GAS_CONSTANT * first.temperature_k)
    expected = k * density * -math.log1p(-p / 101_325.0) * first.area_m2
    assert first.rate_kg_s == pytest.approx(expected, rel=1e-3)


def air_schmidt(liquid, air_k):
    """Return the vapour's Schmidt number."""
    return air_viscosity_m2_s(air_k, 101_325.0) / liquid.diffusivity_m2_s(air_k, 101_325.0)


def test_chlorine_just_above_its_boiling_point_is_not_flashed_here():
    """At +25 C chlorine must be flashed first: the pool says so instead of guessing."""
    with pytest.raises(RefusedError, match="flash"):
        spilled(CHLORINE, "concrete", SUMMER, SUMMER)


def after(found, time_s):
    """Return the pool at the moment nearest to a time."""
    return min(found.moments, key=lambda moment: abs(moment.time_s - time_s))


def test_at_minus_33_chlorine_is_above_boiling_but_its_pool_soon_is_not():
    """Chlorine at -33 C must be flashed; what lies on ground at -33 C is cooled by the wind."""
    with pytest.raises(RefusedError, match="flash"):
        spilled(CHLORINE, "concrete", COLD, COLD)
    found = spilled(CHLORINE, "concrete", COLD, CHLORINE.t_boil_k, mass=100_000.0)
    assert after(found, 1.0).temperature_k > CHLORINE.t_boil_k - 0.2
    assert after(found, 60.0).temperature_k < CHLORINE.t_boil_k - 5.0


def test_summer_chlorine_boils_on_warm_ground_in_a_light_wind():
    """On ground at +25 C a chlorine pool boils for a minute, and gives far more than in winter."""
    summer, winter = (
        spilled(CHLORINE, "concrete", air_k, liquid_k, mass=100_000.0, wind=0.5)
        for air_k, liquid_k in ((SUMMER, CHLORINE.t_boil_k), (WINTER, WINTER))
    )
    assert after(summer, 60.0).temperature_k == pytest.approx(CHLORINE.t_boil_k, abs=0.05)
    assert after(summer, 60.0).rate_kg_s > 5 * after(winter, 60.0).rate_kg_s


def test_a_cold_pool_quickens_as_it_warms():
    """Chlorine at -70 C on ground at -35 C gives more and more until the ground has warmed it."""
    found = spilled(CHLORINE, "frozen-soil", WINTER, 203.15, bund_m2=300.0, wind=1.5)
    early = next(flux for t, flux in fluxes(found) if t > 5)
    later = max(flux for t, flux in fluxes(found) if t > 20)
    assert later > 1.5 * early


@pytest.mark.parametrize(
    ("liquid", "ground"),
    [("methane", "concrete"), ("propane", "soil-wet"), ("methane", "soil-wet")],
)
def test_boiling_pools_slow_down_as_the_ground_cools(liquid, ground):
    """A boiling pool in a bund falls as t^-1/2 while the ground feeds it."""
    liquid = fluid(liquid)
    spill = Spill(liquid, GROUNDS[ground], 298.0, 20_000.0, liquid.t_boil_k, bund_m2=100.0)
    found = pool(spill, PoolAir(0.1, 298.0), NIGHT, 400.0)
    rates = {round(t): flux for t, flux in fluxes(found) if t > 5}
    early, late = min(rates), max(rates)
    slope = math.log(rates[late] / rates[early]) / math.log(late / early)
    assert slope == pytest.approx(-0.5, abs=0.06)


def test_a_boiling_pools_rate_is_the_closed_form():
    """LNG in a bund boils at lambda dT / (L sqrt(pi alpha t)), give or take the air's little."""
    one = GROUNDS["concrete"]
    spill = Spill(METHANE, one, 288.0, 50_000.0, METHANE.t_boil_k, bund_m2=100.0)
    found = pool(spill, PoolAir(0.1, 288.0), NIGHT, 300.0)
    time_s, flux = next((t, f) for t, f in fluxes(found) if t > 100)
    driving = one.effusivity * (288.0 - METHANE.t_boil_k)
    expected = driving / math.sqrt(math.pi * time_s) / METHANE.latent_heat_j_kg(METHANE.t_boil_k)
    assert flux == pytest.approx(expected, rel=0.05)


def test_an_ammonia_pool_cools_far_below_its_boiling_point():
    """An ammonia pool under wind ends tens of kelvins below boiling, and its rate falls with it."""
    found = spilled(AMMONIA, "concrete", SUMMER, AMMONIA.t_boil_k)
    assert found.moments[-1].temperature_k < AMMONIA.t_boil_k - 15
    rates = [flux for t, flux in fluxes(found) if t > 60]
    assert rates == sorted(rates, reverse=True)


@pytest.mark.parametrize(
    ("name", "least", "most"), [("methanol", 2e-4, 3e-3), ("benzene", 5e-4, 5e-3)]
)
def test_summer_solvents_evaporate_by_the_wind(name, least, most):
    """Methanol and benzene at 25 C give some g/m2/s and cool below the air."""
    found = spilled(fluid(name), "concrete", SUMMER, SUMMER, mass=5_000.0)
    assert all(least < flux < most for t, flux in fluxes(found) if t > 30)
    assert found.moments[-1].temperature_k < SUMMER


def test_benzene_is_frozen_in_winter():
    """Benzene at -33 C is a solid: it does not spread, and the refusal says so."""
    with pytest.raises(RefusedError, match="solid"):
        spilled(fluid("benzene"), "snow", COLD, COLD)


def test_warm_benzene_on_snow_stops_at_its_melting_point():
    """Benzene spilled warm on snow at -33 C cools to its melting point and is held there."""
    found = spilled(fluid("benzene"), "snow", COLD, 290.0)
    assert found.moments[-1].temperature_k == pytest.approx(fluid("benzene").t_melt_k, abs=0.02)
    assert {note.id for note in found.notes} >= {
        "dispersion.note.pool-freezes",
        "dispersion.note.pool-soaks",
        "dispersion.note.pool-thaws",
    }


def test_winter_grounds_differ():
    """In winter, wet frozen soil feeds a boiling pool more than snow does."""
    propane = fluid("propane")
    gone = {}
    for ground in ("frozen-soil", "snow", "ice", "insulated-concrete"):
        found = spilled(propane, ground, WINTER, propane.t_boil_k, bund_m2=500.0)
        gone[ground] = found.moments[-1].evaporated_kg
    assert gone["frozen-soil"] > gone["snow"] > gone["insulated-concrete"]


def test_a_steady_feed_comes_to_its_balance():
    """Under a steady feed of boiling LNG in the open the pool comes to evaporate what it gets."""
    feed = ((0.0, 3600.0, 5.0, METHANE.t_boil_k),)
    found = pool(
        Spill(METHANE, GROUNDS["open-water"], 288.0, feed=feed), PoolAir(5.0, 288.0), NIGHT, 3600.0
    )
    assert found.moments[-1].rate_kg_s == pytest.approx(5.0, rel=0.02)


def test_a_feed_that_stops_and_comes_again_is_followed():
    """Two stretches with a gap make a pool that may dry and come again; nothing is lost."""
    feed = ((10.0, 20.0, 5.0, 111.0), (600.0, 620.0, 5.0, 111.0))
    found = pool(
        Spill(METHANE, GROUNDS["concrete"], 288.0, feed=feed), PoolAir(5.0, 288.0), NIGHT, 3600.0
    )
    last = found.moments[-1]
    assert last.fed_kg == pytest.approx(150.0, rel=1e-12)
    assert last.evaporated_kg + last.mass_kg == pytest.approx(150.0, rel=1e-12)
    gap = [m for m in found.moments if 300 < m.time_s < 600]
    assert all(m.rate_kg_s == 0 for m in gap)


def test_the_emission_holds_the_pools_mass():
    """Steps follow each other, start with the pool, and carry what evaporated to 1e-9."""
    found = spilled(AMMONIA, "concrete", SUMMER, AMMONIA.t_boil_k)
    given_off = emission(found, 3.0, 4.0)
    assert given_off.kind is Kind.POOL
    assert given_off.total_kg == pytest.approx(found.moments[-1].evaporated_kg, rel=1e-9)
    assert given_off.steps[0].start_s == 0
    for before, after in zip(given_off.steps, given_off.steps[1:], strict=False):
        assert before.end_s == after.start_s
    assert len(given_off.steps) < 60
    assert given_off.models[0].id == "source.pool"


def test_the_regulators_transfer_law_can_be_chosen():
    """HJ 169's Q3 gives the same order as Mackay and Matsugu, and is its own formula."""
    spill = Spill(fluid("methanol"), GROUNDS["concrete"], SUMMER, 5_000.0, SUMMER)
    ours = pool(spill, PoolAir(2.0, SUMMER), NIGHT, 600.0)
    theirs = pool(spill, PoolAir(2.0, SUMMER), NIGHT, 600.0, Transfer.HJ169)
    ratio = theirs.moments[-1].evaporated_kg / ours.moments[-1].evaporated_kg
    assert 0.4 < ratio < 2.5
    q3 = 4.685e-3 * 2.0 ** (1.75 / 2.25) * 10.0 ** (4.25 / 2.25)
    assert math.pi * 100.0 * hj169_m_s(2.0, 10.0, 4.0) == pytest.approx(q3, rel=1e-12)


def test_spread_is_its_own_law_integrated():
    """The closed form of the spread equals the same law in ten thousand small steps."""
    one, volume, area = GROUNDS["concrete"], 10.0, 3.0
    got = spread(area, volume, one, 800.0, math.inf, 8.0)
    radius = math.sqrt(area / math.pi)
    for _ in range(80_000):
        depth = volume / (math.pi * radius**2) - one.least_layer_m
        radius += 1e-4 * math.sqrt(2 * 9.80665 * max(0.0, depth))
    assert got == pytest.approx(math.pi * radius**2, rel=1e-3)


def test_a_bund_holds_the_pool():
    """A pool fills its bund and no more."""
    found = spilled(fluid("methanol"), "concrete", SUMMER, SUMMER, bund_m2=50.0)
    assert max(m.area_m2 for m in found.moments) == 50.0


def test_sun_and_cloud_warm_a_pool():
    """Sunshine and cloud make a pool evaporate more."""
    spill = Spill(fluid("methanol"), GROUNDS["concrete"], SUMMER, 5_000.0, SUMMER)
    gone = [
        pool(spill, PoolAir(3.0, SUMMER), sky, 3600.0).moments[-1].evaporated_kg
        for sky in (NIGHT, Sky(cloud=1.0), Sky(solar_w_m2=800.0))
    ]
    assert gone[0] < gone[1] < gone[2]
    assert long_wave_w_m2(288.15, 0.5, 0.0) == pytest.approx(300.0, abs=25.0)


def test_an_hours_pool_takes_less_than_50_ms():
    """One pool of an hour costs under 50 ms on a slow core, spread, history and all."""
    assert cpu_s(lambda: spilled(AMMONIA, "concrete", SUMMER, AMMONIA.t_boil_k)) < 0.05


def test_a_feed_of_many_stretches_stays_quick():
    """A tank's hole in sixty stretches costs no more than 50 ms either."""
    feed = tuple((60.0 * i, 60.0 * (i + 1), 5.0 - 0.05 * i, 239.0) for i in range(60))
    spill = Spill(AMMONIA, GROUNDS["concrete"], SUMMER, feed=feed)
    assert cpu_s(lambda: pool(spill, PoolAir(3.0, SUMMER), NIGHT, 3600.0)) < 0.1
    found = pool(spill, PoolAir(3.0, SUMMER), NIGHT, 3600.0)
    assert found.moments[-1].fed_kg == pytest.approx(60 * 60 * (5.0 - 0.05 * 29.5), rel=1e-9)


def test_short_steps_say_the_same(monkeypatch):
    """Three times shorter steps move what has evaporated by less than 1 %."""
    coarse = spilled(AMMONIA, "concrete", SUMMER, AMMONIA.t_boil_k, mass=30_000.0)
    from edge.dispersion.source import pool as module  # noqa: PLC0415 -- its steps are patched

    steps = module.times
    monkeypatch.setattr(module, "times", lambda d, m: steps(d, m, caps=400))
    fine = spilled(AMMONIA, "concrete", SUMMER, AMMONIA.t_boil_k, mass=30_000.0)
    for moment in coarse.moments[40::20]:
        other = min(fine.moments, key=lambda m: abs(m.time_s - moment.time_s))
        if abs(other.time_s - moment.time_s) < 0.02 * moment.time_s:
            share = other.evaporated_kg * moment.time_s / other.time_s
            assert moment.evaporated_kg == pytest.approx(share, rel=0.03)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"wind": 0.0}, "calm"),
        ({"wind": -1.0}, "calm"),
        ({"wind": math.nan}, "calm"),
        ({"air_k": 25.0}, "unit"),
        ({"air_k": math.nan}, "unit"),
        ({"ground_k": math.nan}, "unit"),
        ({"pressure": 101.325}, "unit"),
        ({"humidity": 50.0}, "humidity"),
        ({"mass": 0.0}, "above 0"),
        ({"mass": -5.0}, "above 0"),
        ({"mass": math.nan}, "above 0"),
        ({"mass": math.inf}, "above 0"),
        ({"liquid_k": math.nan}, "kelvin"),
        ({"liquid_k": 600.0}, "critical"),
        ({"liquid_k": 400.0}, "flash"),
        ({"liquid_k": 100.0}, "solid"),
        ({"duration": 0.0}, "duration"),
        ({"duration": math.nan}, "duration"),
        ({"bund": 0.0}, "bund"),
        ({"bund": math.nan}, "bund"),
        ({"feed": ((5.0, 3.0, 1.0, 290.0),)}, "follow"),
        ({"feed": ((0.0, 3.0, -1.0, 290.0),)}, "rate"),
        ({"feed": ((0.0, 3.0, 1.0, 290.0), (2.0, 5.0, 1.0, 290.0))}, "follow"),
        ({"ground": "open-water"}, "mixes"),
        ({"ground": "open-water", "ground_k": 260.0}, "choose ice"),
        ({"ground": "snow"}, "cannot be"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_remedy(changes, words):
    """Bad numbers are refused in words that say what to do, never answered with a zero."""
    case = {"wind": 3.0, "air_k": 290.0, "ground_k": 290.0, "pressure": 101_325.0, "humidity": 0.5}
    case |= {"mass": 100.0, "liquid_k": 290.0, "duration": 600.0, "bund": math.inf, "feed": ()}
    case |= {"ground": "concrete"} | changes
    air = PoolAir(case["wind"], case["air_k"], case["pressure"], case["humidity"])
    ground = GROUNDS[case["ground"]]
    spill = Spill(
        fluid("methanol"), ground, case["ground_k"], case["mass"], case["liquid_k"], case["feed"],
        case["bund"],
    )  # fmt: skip
    with pytest.raises(RefusedError, match=words):
        pool(spill, air, NIGHT, case["duration"])


def test_chlorine_sinks_in_water():
    """A liquid heavier than water is no floating pool."""
    with pytest.raises(RefusedError, match="sinks"):
        spilled(CHLORINE, "open-water", 275.0, WINTER)


def test_a_reactive_liquid_is_no_plain_pool():
    """SOCl2 as a plain pool would hide its HCl: it is sent to the reactive pool."""
    with pytest.raises(RefusedError, match="reactive"):
        spilled(fluid("thionyl_chloride"), "concrete", SUMMER, SUMMER)


def test_what_mixes_with_water_is_known_by_its_id():
    """Each liquid that is refused on water is one of the substance table."""
    assert set(substances()) >= MIXES_WITH_WATER


@given(st.floats(-5, 5), st.floats(0.1, 9))
def test_the_search_finds_a_rising_functions_zero(zero, power):
    """The bracketed search ends at the zero however crooked the function."""

    def crooked(x):
        return math.copysign(abs(x - zero) ** power, x - zero) + 1e-3 * (x - zero)

    assert root(crooked, zero - 3.0, zero + 7.0) == pytest.approx(zero, abs=1e-6)
