"""Physical properties over temperature: against the libraries they are from, and at their ends."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.substance import UnknownSubstanceError, substance, substances
from edge.substance.fluid import Curve, NoDataError, OutOfRangeError, fluid

NO_FLUID = {"sulfuric_acid", "oleum"}
FLUIDS = sorted(set(substances()) - NO_FLUID)
# where the reference itself says that its boiling point and its vapour pressure disagree
POOR = {"epichlorohydrin", "dmf"}
names = st.sampled_from(FLUIDS)
shares = st.floats(0, 1)


def within(low, high, share):
    """A temperature between two, never outside them by a rounding."""
    return min(max(low + share * (high - low), low), high)


@pytest.mark.parametrize(
    "name", [name for name in FLUIDS if name not in POOR and not substance(name).surrogate]
)
def test_a_fluid_boils_where_the_table_says(name):
    """The vapour pressure reaches one atmosphere within 0.5 K of the table's boiling point."""
    known = substance(name)
    assert fluid(name).t_boil_k == pytest.approx(known.t_boil_k, abs=0.5)
    assert fluid(name).vapour_pressure_pa(fluid(name).t_boil_k) == pytest.approx(101_325)


@pytest.mark.parametrize("name", FLUIDS)
def test_what_is_liquid_in_the_cold_is_known_there(name):
    """The four properties of the liquid reach from -40 degC (or melting) to its warm storage."""
    known = fluid(name)
    low, high = known.liquid_range_k()
    if known.t_crit_k < 233.15:
        return
    assert low <= max(known.t_melt_k, 233.15) + 1.0
    assert high >= min(max(known.t_boil_k + 28, 333.1), 0.97 * known.t_crit_k)


@given(names, shares, shares)
def test_pressure_rises_and_density_and_latent_heat_fall(name, one, other):
    """A warmer liquid has more vapour pressure, less density and less latent heat."""
    known = fluid(name)
    low, high = known.liquid_range_k()
    cold, warm = sorted((within(low, high, one), within(low, high, other)))
    if warm - cold < 0.01:
        return
    assert known.vapour_pressure_pa(warm) > known.vapour_pressure_pa(cold)
    assert known.liquid_density_kg_m3(warm) < known.liquid_density_kg_m3(cold)
    if not known.associates:  # their vapour falls apart as it warms: more heat, not less
        assert known.latent_heat_j_kg(warm) <= known.latent_heat_j_kg(cold)


@given(names, shares)
def test_saturation_is_vapour_pressure_backwards(name, share):
    """A liquid boils at its own vapour pressure, at every temperature of its table."""
    known = fluid(name)
    xs = known.ln_vapour_pressure.temperatures_k
    temperature = within(-1 / xs[0], -1 / xs[-1], share)
    pressure = known.vapour_pressure_pa(temperature)
    assert known.saturation_k(pressure) == pytest.approx(temperature, rel=1e-9)


@given(names, st.floats(200, 1000))
def test_a_gas_has_a_sane_heat_capacity(name, temperature):
    """The heat capacity exceeds that of a rigid rotor, and gamma lies between 1 and 5/3."""
    known = fluid(name)
    temperature = max(temperature, known.gas_cp.temperatures_k[0])
    assert known.gas_cp_j_kg_k(temperature) * known.molar_mass_kg_mol > 3.0 * 8.314
    assert 1 < known.gamma(temperature) < 1.667
    assert known.gas_density_kg_m3(temperature, 101_325) > 0


@given(names, st.floats(allow_nan=True, allow_infinity=True))
def test_no_temperature_gives_nan_or_zero(name, temperature):
    """Every property is a positive number, or refuses with its range: never NaN, never zero."""
    known = fluid(name)
    for read in (
        known.vapour_pressure_pa,
        known.liquid_density_kg_m3,
        known.liquid_cp_j_kg_k,
        known.gas_cp_j_kg_k,
        known.latent_heat_j_kg,
    ):
        refused = None
        try:
            value = read(temperature)
        except OutOfRangeError as error:
            refused, value = error, 1.0
        assert 0 < value < math.inf
        if refused is not None:
            assert refused.low < refused.high
            assert (known.surrogate or known.id) in str(refused)


@pytest.mark.parametrize("pressure", [0.0, -1.0, math.nan, math.inf, 1e12])
def test_no_boiling_under_a_pressure_that_is_none(pressure):
    """The refusal names the substance, the range and the unit."""
    with pytest.raises(OutOfRangeError, match=r"chlorine boiling is known from .* Pa"):
        fluid("chlorine").saturation_k(pressure)


@pytest.mark.parametrize("name", sorted(NO_FLUID))
def test_a_substance_without_data_says_what_is_missing(name):
    """Neither sulfuric acid nor oleum is a fluid here: the error names both it and the property."""
    with pytest.raises(NoDataError, match=rf"vapour_pressure.*for {name}") as caught:
        fluid(name)
    assert caught.value.substance_id == name


def test_an_unknown_substance_is_told_what_there_is():
    """A misspelt name is no NoDataError."""
    with pytest.raises(UnknownSubstanceError):
        fluid("chlorien")


def test_a_property_nobody_published_is_named():
    """Thionyl chloride has no viscosity in the handbooks: no default is put in its place."""
    with pytest.raises(NoDataError, match="liquid_viscosity for thionyl_chloride"):
        fluid("thionyl_chloride").liquid_viscosity_pa_s(298.15)
    assert 5e-4 < fluid("chlorine").liquid_viscosity_pa_s(233.15) < 6e-4
    assert fluid("ammonia").surface_tension_n_m(240) == pytest.approx(0.0341, rel=0.01)
    assert fluid("water").liquid_conductivity_w_m_k(298.15) == pytest.approx(0.6065, rel=0.01)


def test_a_mixture_has_its_surrogates_properties_and_says_so():
    """LPG is propane, xylene is m-xylene, gasoline is n-hexane; the evidence of each says it."""
    for name, stand_in in (("lpg", "propane"), ("xylene", "m_xylene"), ("gasoline", "n_hexane")):
        assert fluid(name).surrogate == stand_in
        assert fluid(name).liquid_density == fluid(stand_in).liquid_density
        assert f"of {stand_in}" in fluid(name).evidence["liquid_density"].source


def test_a_fluid_can_be_a_key():
    """Models cache what they compute of a fluid: it is hashable, whatever its evidence says."""
    assert {fluid("chlorine"): 1}[fluid("chlorine")] == 1


def test_every_curve_says_where_it_is_from():
    """No curve stands without source and confidence; a drawn-out one says that it is."""
    for name in FLUIDS:
        known = fluid(name)
        for key in ("vapour_pressure", "liquid_density", "liquid_cp", "gas_cp", "latent_heat"):
            evidence = known.evidence[key]
            assert evidence.source
            assert evidence.confidence
            if "drawn out" in evidence.source:
                assert evidence.confidence == "extrapolated"


def test_chlorine_and_ammonia_on_a_winter_night():
    """At -35 degC neither chlorine nor ammonia boils; SO2 and HCl are as published."""
    assert fluid("chlorine").vapour_pressure_pa(238.15) == pytest.approx(96_600, rel=0.01)
    assert fluid("ammonia").vapour_pressure_pa(238.15) == pytest.approx(93_100, rel=0.01)
    assert fluid("sulfur_dioxide").vapour_pressure_pa(298.15) == pytest.approx(393e3, rel=0.01)
    assert fluid("hydrogen_chloride").t_boil_k == pytest.approx(188.17, abs=0.1)
    assert fluid("chlorine").latent_heat_j_kg(239.2) == pytest.approx(287e3, rel=0.005)


def test_a_curve_is_straight_between_its_points():
    """Linear interpolation, both ends included, and nothing beyond."""
    curve = Curve("x", (200.0, 300.0, 400.0), (1.0, 3.0, 4.0))
    assert [curve.at(t) for t in (200.0, 250.0, 300.0, 400.0)] == [1.0, 2.0, 3.0, 4.0]
    with pytest.raises(OutOfRangeError, match="known from 200 to 400 K, not at 401"):
        curve.at(401.0)
