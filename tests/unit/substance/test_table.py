"""The compiled substance table: values, provenance, and what a broken table is told."""

import math
import subprocess
import sys

import pytest

from edge.errors import ConfigError
from edge.rules.setpoints import set_point_rule
from edge.substance import (
    AEGL_LEVELS,
    AEGL_MINUTES,
    UnknownSubstanceError,
    parse,
    substance,
    substances,
)

KNOWN_CONFIDENCES = {
    "verified",
    "verified-secondary",
    "verified-but-poor",
    "derived-rule",
    "extrapolated",
    "estimated",
    "memory-high",
    "memory-medium",
}
HEAD = "substance,property,value,unit,source,confidence"


def test_the_table_holds_what_was_asked_for_and_is_read_once():
    """Every substance of the build list is in the table, in SI, and the table is cached."""
    table = substances()
    assert len(table) == 50
    assert table is substances()
    chlorine = substance("chlorine")
    assert chlorine.molar_mass_kg_mol == pytest.approx(0.070906)
    assert chlorine.name_zh == "氯"
    assert {level: chlorine.aegl_ppm[level, 60] for level in AEGL_LEVELS} == {1: 0.5, 2: 2, 3: 20}
    assert chlorine.lel_fraction is None
    assert substance("ammonia").lel_fraction == pytest.approx(0.15)


def test_what_epa_has_not_set_is_absent_and_never_zero():
    """Methane has no AEGL and carbon monoxide no AEGL-1: the keys are missing."""
    assert substance("methane").aegl_ppm == {}
    assert not any(level == 1 for level, _ in substance("carbon_monoxide").aegl_ppm)
    for gas in substances().values():
        assert all(value > 0 for value in gas.aegl_ppm.values())


def test_every_value_says_who_says_so():
    """No value of the table stands without its source and confidence."""
    for gas in substances().values():
        assert gas.confidence("molar_mass") in {"verified", "derived-rule"}
        for level, minutes in gas.aegl_ppm:
            assert gas.source(f"aegl{level}_{minutes}")
    assert substance("ammonia").confidence("aegl3_10") == "memory-high"


def test_aegl_rises_with_level_and_falls_with_time():
    """A higher level needs a higher concentration; a longer exposure never a higher one."""
    for gas in substances().values():
        for (level, minutes), value in gas.aegl_ppm.items():
            assert value < gas.aegl_ppm.get((level + 1, minutes), float("inf"))
            longer = [later for later in AEGL_MINUTES if later > minutes]
            assert all(value >= gas.aegl_ppm.get((level, later), 0) for later in longer)


def test_an_unknown_substance_is_a_key_error_that_says_what_is_known():
    """The site loader can show the text as it is."""
    with pytest.raises(UnknownSubstanceError) as caught:
        substance("chlorien")
    assert "'chlorien'" in str(caught.value)
    assert "chlorine" in str(caught.value)
    assert isinstance(caught.value, KeyError)


def test_both_bases_of_the_lel_are_kept_apart():
    """Propane is 1.7 % by IEC and 2.1 % in ALOHA; the old field stays the IEC one."""
    propane = substance("propane")
    assert propane.lel_fraction == pytest.approx(0.017)
    assert propane.lel_aloha_fraction == pytest.approx(0.021)
    for gas in substances().values():
        for low, high in (
            (gas.lel_fraction, gas.uel_fraction),
            (gas.lel_aloha_fraction, gas.uel_aloha_fraction),
        ):
            assert low is None or high is None or 0 < low < high <= 1


def test_limits_of_every_kind_rise_with_their_level():
    """ERPG and PAC rise from 1 to 3; a short-term OEL is never below the 8 h mean."""
    for gas in substances().values():
        for levels in (gas.erpg_ppm, gas.pac_ppm):
            values = [levels[level] for level in sorted(levels)]
            assert values == sorted(values), gas.id
        if {"twa", "stel"} <= gas.oel_mg_m3.keys():
            assert gas.oel_mg_m3["twa"] <= gas.oel_mg_m3["stel"]
    assert substance("chlorine").oel_mg_m3 == {"mac": 1.0}
    assert substance("phosphorus_trichloride").oel_mg_m3 == {"twa": 1.0, "stel": 2.0}


def test_pac_follows_does_order():
    """Where no PAC is stated it is AEGL-60, else ERPG; thionyl chloride has only the latter."""
    assert substance("hydrogen_cyanide").pac_ppm[2] == 7.1
    assert substance("thionyl_chloride").pac_ppm == substance("thionyl_chloride").erpg_ppm
    assert substance("thionyl_chloride").confidence("pac2") == "memory-medium"
    assert substance("air").pac_ppm == {}


def test_the_oels_are_those_of_the_rule():
    """The substance table and the rule of set-points state one law: no OEL differs between them."""
    for known, oel in set_point_rule().oels.items():
        assert substance(known).oel_mg_m3[oel.kind.lower().removeprefix("pc-")] == oel.value


def test_an_aerosol_keeps_mass_units():
    """Sulfuric acid mist has AEGLs in mg/m3 and none in ppm: it is no gas."""
    acid = substance("sulfuric_acid")
    assert acid.aegl_ppm == {}
    assert acid.aegl_mg_m3[3, 60] == 160


def test_the_probit_of_chlorine_is_in_milligrams_and_minutes():
    """TNO's coefficients: half die of 30 min at 1.1 g/m3, as the coefficients say in mg/m3."""
    probit = substance("chlorine").probit
    assert probit is not None
    assert probit == (-6.35, 0.5, 2.75)
    lc50 = math.exp((5 - probit.a) / probit.b) / 30
    assert lc50 ** (1 / probit.n) == pytest.approx(1114, rel=0.01)
    assert substance("toluene").probit is None


def test_the_toxic_load_exponent_is_the_one_that_aegl_3_falls_by():
    """Where AEGL-3 falls from 30 to 60 or from 60 to 240 min, it falls about as C^n t."""
    for gas in substances().values():
        aegl = gas.aegl_ppm or gas.aegl_mg_m3
        slopes = [
            math.log(later / sooner) / math.log(aegl[3, sooner] / aegl[3, later])
            for sooner, later in ((30, 60), (60, 240))
            if aegl.get((3, sooner), 0) > aegl.get((3, later), math.inf)
        ]
        if gas.toxic_n is None or not slopes or gas.id == "sulfur_dioxide":
            continue  # the exponent of SO2 is HSE's, not EPA's
        assert any(gas.toxic_n == pytest.approx(slope, rel=0.21) for slope in slopes), gas.id


def test_the_table_knows_the_regions_water_reactive_liquids():
    """Thionyl chloride, both phosphorus chlorides, oleum, SO3, sulfuric acid; water and air."""
    for name, un in (
        ("thionyl_chloride", "1836"),
        ("phosphorus_oxychloride", "1810"),
        ("phosphorus_trichloride", "1809"),
        ("oleum", "1831"),
        ("sulfur_trioxide", "1829"),
        ("sulfuric_acid", "1830"),
    ):
        assert un in substance(name).un
        assert substance(name).erg_guide == "137"
    assert substance("water").aegl_ppm == {}
    assert substance("air").molar_mass_kg_mol == pytest.approx(0.028966, rel=1e-4)


def test_every_confidence_is_a_word_of_the_model_note():
    """A new word for how far a value was checked must be explained first."""
    for gas in substances().values():
        used = {evidence.confidence for evidence in gas.evidence.values()}
        for word in used:
            assert set(word.split("+")) <= KNOWN_CONFIDENCES


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("x,molar_mass,0.07,kg/mol,a,b", "unit"),
        ("x,molar_mass,heavy,g/mol,a,b", "not a number"),
        ("x,idlh,0,ppm,a,b", "above 0"),
        ("x,idlh,5,ppm,,b", "no source"),
        ("x,colour,5,ppm,a,b", "not one the table holds"),
        ("x,idlh,,ppm,a,b", "is empty"),
        ("x,idlh,5,ppm,a,b\nx,idlh,6,ppm,a,b", "twice"),
        ("x,idlh,5,ppm,a,b", "missing"),
        ("x,idlh,nan,ppm,a,b", "above 0"),
        ("x,idlh,5,ppm,a", "has 5 cells"),
    ],
)
def test_a_broken_table_is_refused_with_its_line(row, problem):
    """Each thing that can be wrong with a row is named."""
    with pytest.raises(ConfigError, match=problem):
        parse([HEAD, *row.splitlines()])


def test_all_faults_are_reported_at_once():
    """Two bad rows give two faults with their lines."""
    with pytest.raises(ConfigError) as caught:
        parse([HEAD, "x,colour,5,ppm,a,b", "y,idlh,-1,ppm,a,b"])
    assert [fault.line for fault in caught.value.faults] == [2, 3]


def test_loading_the_table_pulls_in_no_numerics():
    """The core daemon loads it, so numpy, numba and pydantic stay out."""
    code = (
        "import sys; from edge.substance import substances; substances();"
        "from edge.substance import association, convert, erg, fluid;"
        "fluid.fluid('chlorine'); erg.distances('chlorine');"
        "sys.exit(any(m in sys.modules for m in"
        " ('numpy', 'numba', 'pydantic', 'chemicals', 'CoolProp', 'pandas')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
