"""The compiled substance table: values, provenance, and what a broken table is told."""

import subprocess
import sys

import pytest

from edge.errors import ConfigError
from edge.substance import (
    AEGL_LEVELS,
    AEGL_MINUTES,
    UnknownSubstanceError,
    parse,
    substance,
    substances,
)

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
        "sys.exit(any(m in sys.modules for m in ('numpy', 'numba', 'pydantic')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
