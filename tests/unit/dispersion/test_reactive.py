"""Fuming and water-reactive pools: elements, water, heat, strength, refusals."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.dispersion.notes import RefusedError
from edge.dispersion.source.ground import GROUNDS
from edge.dispersion.source.pool_air import PoolAir, Sky
from edge.dispersion.source.reactive import HOT_K, reactive_pool
from edge.dispersion.source.reactive_data import (
    ATM,
    ATOMIC_KG_MOL,
    HCL,
    HNO3,
    MMHG,
    REACTIONS,
    SO3,
    SPECIES,
    hydrochloric_acid,
    nitric_acid,
    oleum,
    water_reactive,
)
from edge.dispersion.source.reactive_emission import emissions
from edge.dispersion.source.reactive_run import UNBOUND_K
from edge.dispersion.source.reactive_spill import ReactiveSpill, Wet
from edge.substance.fluid import fluid

SUMMER, WINTER = 298.15, 240.15
REACTIVE = ("thionyl_chloride", "phosphorus_oxychloride", "phosphorus_trichloride")
FUMING = {
    "hydrochloric_acid": lambda: hydrochloric_acid(0.36),
    "nitric_acid": lambda: nitric_acid(0.98),
    "red_fuming": lambda: nitric_acid(0.98, 0.14),
    "oleum_20": lambda: oleum(0.20),
    "oleum_65": lambda: oleum(0.65),
} | {name: lambda name=name: water_reactive(fluid(name)) for name in REACTIVE}


def spilled(liquor, air_k=SUMMER, wind=3.0, humidity=0.5, mass=1000.0, ground="concrete", **more):
    """Return an hour of a reactive pool over ground as warm as the air."""
    spill = ReactiveSpill(liquor, GROUNDS[ground], air_k, mass, air_k, **more)
    return reactive_pool(spill, PoolAir(wind, air_k, humidity=humidity), Sky(), 3600.0)


def atoms(moles):
    """Return the moles of each element in `moles` of species."""
    found = dict.fromkeys(ATOMIC_KG_MOL, 0.0)
    for name, amount in moles.items():
        for atom, count in SPECIES[name].atoms.items():
            found[atom] += amount * count
    return found


def given_in(pool):
    """Return all moles that the pool was given, water it met included."""
    last = pool.moments[-1]
    moles = {
        name: last.fed_kg * share / SPECIES[name].molar_mass_kg_mol
        for name, share in pool.spill.liquor.content.items()
    }
    moles["water"] = moles.get("water", 0.0) + last.water_mol
    return moles


def mass_of(moles):
    """Return the mass [kg] of moles."""
    return sum(amount * SPECIES[name].molar_mass_kg_mol for name, amount in moles.items())


def assert_balanced(pool):
    """Elements and mass in equal those left plus those gone."""
    last = pool.moments[-1]
    there = {name: last.moles.get(name, 0.0) + last.gone_mol.get(name, 0.0) for name in SPECIES}
    before, after = atoms(given_in(pool)), atoms(there)
    scale = sum(before.values())
    for atom, amount in before.items():
        assert after[atom] == pytest.approx(amount, abs=1e-9 * scale)
    assert mass_of(there) == pytest.approx(mass_of(given_in(pool)), rel=1e-9)


@pytest.mark.parametrize("reagent", REACTIONS)
def test_reactions_balance_their_elements(reagent):
    """Every reaction has the same atoms on both sides."""
    reaction = REACTIONS[reagent]
    left = atoms({reagent: 1.0, "water": reaction.water})
    right = atoms({**reaction.gases, **reaction.residues})
    assert left == right


@pytest.mark.parametrize("name", FUMING)
def test_elements_and_mass_balance(name):
    """What was spilled and met is what lies and what has gone, atom by atom."""
    assert_balanced(spilled(FUMING[name](), wet=Wet(0.5, 2e-4)))


def test_thionyl_chloride_gives_two_hydrogen_chlorides_for_each_sulfur_dioxide():
    """SOCl2 + H2O -> SO2 + 2 HCl, whatever the water."""
    gone = spilled(water_reactive(fluid("thionyl_chloride")), wet=Wet(0.3)).moments[-1].gone_mol
    assert gone["hydrogen_chloride"] == pytest.approx(2 * gone["sulfur_dioxide"], rel=1e-12)


def test_dry_ground_and_dry_air_make_no_hydrogen_chloride():
    """Without water the liquid only evaporates."""
    pool = spilled(water_reactive(fluid("thionyl_chloride")), humidity=0.0)
    assert pool.gone_kg("hydrogen_chloride") == 0
    assert pool.gone_kg("thionyl_chloride") > 100


def test_where_liquid_is_in_excess_water_sets_the_gas():
    """All the water met reacts while there is liquid: HCl is twice it in moles."""
    pool = spilled(
        water_reactive(fluid("thionyl_chloride")), mass=20_000.0, bund_m2=500.0, wet=Wet(0.5)
    )
    last = pool.moments[-1]
    assert last.moles["thionyl_chloride"] > 0
    assert last.gone_mol["hydrogen_chloride"] == pytest.approx(2 * last.water_mol, rel=1e-9)


def test_where_water_is_in_excess_the_liquid_sets_the_gas():
    """On flooded ground all that has not boiled off reacts."""
    pool = spilled(water_reactive(fluid("thionyl_chloride")), mass=5.0, wet=Wet(20.0))
    last = pool.moments[-1]
    whole = 5.0 / SPECIES["thionyl_chloride"].molar_mass_kg_mol
    reacted = whole - last.gone_mol.get("thionyl_chloride", 0.0)
    assert last.gone_mol["sulfur_dioxide"] == pytest.approx(reacted, rel=1e-9)


def test_thionyl_chloride_cools_and_phosphorus_chlorides_heat_with_water():
    """SOCl2's hydrolysis to gas takes heat, that of PCl3 gives it."""
    first = {}
    for name in ("thionyl_chloride", "phosphorus_trichloride"):
        pool = spilled(water_reactive(fluid(name)), wet=Wet(0.5))
        first[name] = [m.temperature_k for m in pool.moments if m.time_s < 30]
    assert min(first["thionyl_chloride"]) < SUMMER - 15
    assert max(first["phosphorus_trichloride"]) > SUMMER + 5


def test_rain_quickens_hydrogen_chloride():
    """A pool in the rain gives more HCl than the same pool under dry sky."""
    liquor = water_reactive(fluid("phosphorus_trichloride"))
    dry, rain = spilled(liquor), spilled(liquor, wet=Wet(rain_kg_m2_s=10 / 3600))
    assert rain.gone_kg("hydrogen_chloride") > 1.5 * dry.gone_kg("hydrogen_chloride")


def test_winter_slows_everything():
    """At -33 C a dry SOCl2 pool gives a small part of what it gives at +25 C."""
    liquor = water_reactive(fluid("thionyl_chloride"))
    cold, warm = spilled(liquor, WINTER), spilled(liquor, SUMMER)
    assert 0 < cold.gone_kg("hydrogen_chloride") < 0.1 * warm.gone_kg("hydrogen_chloride")
    assert 0 < cold.gone_kg("thionyl_chloride") < 0.3 * warm.gone_kg("thionyl_chloride")


def test_phosphorus_oxychloride_and_oleum_are_frozen_in_winter():
    """POCl3 (melts at +1 C) and 30 % oleum (+19 C) do not spread at -33 C."""
    for liquor in (water_reactive(fluid("phosphorus_oxychloride")), oleum(0.30)):
        with pytest.raises(RefusedError, match="solid"):
            spilled(liquor, WINTER)


@pytest.mark.parametrize("name", ["hydrochloric_acid", "nitric_acid", "oleum_65"])
def test_a_fuming_acid_weakens_as_it_fumes(name):
    """The volatile's share falls, and with it the rate from the same area."""
    pool = spilled(FUMING[name](), bund_m2=30.0)
    volatile = pool.spill.liquor.volatiles[0]
    parts = pool.spill.liquor.content
    shares = [m.moles[volatile] / sum(m.moles.get(n, 0.0) for n in parts) for m in pool.moments]
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] < shares[0]


def test_red_fuming_acid_gives_nitrogen_dioxide_first():
    """Dissolved NO2 leaves faster than the acid, and runs down."""
    pool = spilled(FUMING["red_fuming"]())
    early = pool.moments[len(pool.moments) // 8].gone_mol
    late = pool.moments[-1].gone_mol
    ratio = [gone["nitrogen_dioxide"] / gone["nitric_acid"] for gone in (early, late)]
    assert ratio[0] > 1.5 * ratio[1]


def test_wet_ground_makes_oleum_fume_more():
    """Oleum on wet ground heats and gives more SO3 at first than on dry ground."""
    wet, dry = (spilled(oleum(0.65), humidity=0.3, wet=Wet(film)) for film in (0.3, 0.0))
    at = [
        next(m for m in p.moments if m.time_s > 60).gone_mol["sulfur_trioxide"] for p in (wet, dry)
    ]
    assert at[0] > 1.5 * at[1]


@pytest.mark.parametrize(
    ("table", "share", "celsius", "published_pa", "band"),
    [
        (HCL, 0.36, 20, 105.5 * MMHG, 0.05),
        (HCL, 0.36, 25, 142.0 * MMHG, 0.05),
        (HCL, 0.20, 20, 0.205 * MMHG, 0.03),
        (HCL, 0.30, 20, 10.6 * MMHG, 0.03),
        (HNO3, 1.0, 20, 42.0 * MMHG, 0.05),
        (HNO3, 0.9, 20, 20.0 * MMHG, 0.05),
        (HNO3, 0.8, 30, 14.0 * MMHG, 0.05),
        (SO3, 0.65, 50, 0.789 * ATM, 1e-9),
        (SO3, 0.30, 121, ATM, 1e-9),
    ],
)
def test_partial_pressures_meet_table_points(table, share, celsius, published_pa, band):
    """Points of the published tables that are not, or are, the rows kept here."""
    assert table.pressure_pa(share, 273.15 + celsius) == pytest.approx(published_pa, rel=band)


@given(st.sampled_from([HCL, HNO3, SO3]), st.floats(0, 1), st.floats(233, 330), st.floats(0, 0.3))
def test_partial_pressure_rises_with_strength_and_warmth(table, share, kelvin, more):
    """No table of partial pressures falls where strength or temperature rises."""
    here = table.pressure_pa(share, kelvin)
    assert math.isfinite(here)
    assert table.pressure_pa(min(1.0, share + more), kelvin) >= here * (1 - 1e-12)
    assert table.pressure_pa(share, kelvin + 10 * more) >= here * (1 - 1e-12)


def test_each_product_is_an_emission_of_its_own():
    """HCl, SO2 and the vapour itself come as emissions whose masses are those gone."""
    pool = spilled(water_reactive(fluid("thionyl_chloride")), wet=Wet(0.3))
    found = emissions(pool, 1.0, 2.0)
    assert [e.substance for e in found] == [
        "hydrogen_chloride", "sulfur_dioxide", "thionyl_chloride",
    ]  # fmt: skip
    for one in found:
        assert one.total_kg == pytest.approx(pool.gone_kg(one.substance), rel=1e-9)
        assert one.models[0].id == "source.reactive"


def test_sulfur_trioxide_can_enter_as_acid_mist():
    """As mist SO3 weighs its water more, and is all droplets."""
    pool = spilled(oleum(0.65))
    (vapour,), (mist,) = emissions(pool, 0, 0), emissions(pool, 0, 0, mist=True)
    assert mist.substance == "sulfuric_acid"
    assert mist.total_kg / vapour.total_kg == pytest.approx(98.072 / 80.057, rel=1e-4)
    assert all(step.liquid_fraction == 1 for step in mist.steps)


def test_a_feed_is_followed():
    """A hole's feed makes the same products; elements balance."""
    feed = ((0.0, 600.0, 0.5, SUMMER), (1200.0, 1500.0, 1.0, SUMMER))
    liquor = water_reactive(fluid("phosphorus_trichloride"))
    spill = ReactiveSpill(liquor, GROUNDS["concrete"], SUMMER, feed=feed, wet=Wet(0.2))
    pool = reactive_pool(spill, PoolAir(3.0, SUMMER), Sky(), 3600.0)
    assert pool.moments[-1].fed_kg == pytest.approx(600.0, rel=1e-9)
    assert_balanced(pool)


SOLID = [one for one in GROUNDS.values() if not one.is_water]


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(sorted(FUMING)),
    st.sampled_from(SOLID),
    st.floats(0.1, 20),
    st.floats(233, 318),
    st.floats(0, 1),
    st.floats(0, 4.5),
    st.floats(0, 20),
    st.floats(0, 0.01),
)
def test_every_reactive_pool_keeps_atoms_and_bounds(
    name, ground, wind, air_k, humidity, power, film, rain
):
    """Over the whole input space elements balance and nothing is negative or not a number."""
    liquor = FUMING[name]()
    ground_k = min(air_k, 273.0) if ground.change == "thaws" else air_k
    warm = max(air_k, liquor.melt_k + 0.5)
    if sum(liquor.pressures(spill_moles(liquor), warm)) > ATM:
        warm = 290.0
    spill = ReactiveSpill(liquor, ground, ground_k, 10.0**power, warm, wet=Wet(film, rain))
    pool = reactive_pool(spill, PoolAir(wind, air_k, humidity=humidity), Sky(), 1800.0)
    assert_balanced(pool)
    area = 0.0
    for moment in pool.moments:
        assert liquor.melt_k - 1e-9 <= moment.temperature_k <= UNBOUND_K
        assert moment.area_m2 >= area
        assert all(amount >= 0 for amount in moment.moles.values())
        area = moment.area_m2
    hot = max(moment.temperature_k for moment in pool.moments) > HOT_K
    assert hot == any(note.id == "dispersion.note.reactive-hot" for note in pool.notes)


def spill_moles(liquor):
    """Return the moles in a kilogram as delivered."""
    return {n: share / SPECIES[n].molar_mass_kg_mol for n, share in liquor.content.items()}


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: hydrochloric_acid(0.55), "outside the table"),
        (lambda: hydrochloric_acid(36.0), "outside the table"),
        (lambda: nitric_acid(math.nan), "outside the table"),
        (lambda: nitric_acid(0.98, 0.5), "outside the table"),
        (lambda: oleum(0.05), "outside the table"),
        (lambda: water_reactive(fluid("methanol")), "no hydrolysis"),
        (lambda: spilled(oleum(0.65), wind=0.0), "calm"),
        (lambda: spilled(oleum(0.65), mass=0.0), "above 0"),
        (lambda: spilled(oleum(0.65), mass=math.nan), "above 0"),
        (lambda: spilled(oleum(0.65), air_k=math.nan), "unit"),
        (lambda: spilled(oleum(0.65), ground="open-water"), "mixes"),
        (lambda: spilled(oleum(0.65), wet=Wet(-1.0)), "film"),
        (lambda: spilled(oleum(0.65), wet=Wet(300.0)), "pond"),
        (lambda: spilled(oleum(0.65), wet=Wet(0.0, math.nan)), "rain"),
        (lambda: spilled(oleum(0.65), bund_m2=-1.0), "bund"),
    ],
)
def test_what_makes_no_sense_is_refused(make, words):
    """Bad strengths, water and weather are refused in words that say what to do."""
    with pytest.raises(RefusedError, match=words):
        make()
