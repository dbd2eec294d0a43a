"""The set-point rule: its values, their provenance, and that the files are read strictly."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from edge.errors import ConfigError
from edge.rules import files, set_point_rule
from edge.units import Unit

REFERENCE = Path(os.environ.get("SUIAN_REFERENCE", Path(__file__).parents[4] / "shared/reference"))
MOLAR_MASS = {
    "chlorine": 0.070906,
    "hydrogen_sulfide": 0.0340809,
    "ammonia": 0.0170305,
    "carbon_monoxide": 0.0280101,
    "methane": 0.0160425,
    "nitric_acid": 0.0630128,
}

# Worked from GBZ 2.1 at 20 °C: mg/m3 * 24.055 L/mol / molar mass.
WORKED = [
    ("chlorine", 0.339, 0.679),
    ("hydrogen_sulfide", 7.06, 14.12),
    ("ammonia", 28.2, 56.5),
    ("carbon_monoxide", 17.2, 34.4),
]


@pytest.mark.parametrize(("substance", "first", "second"), WORKED)
def test_levels_of_toxic_gas(substance: str, first: float, second: float):
    """A toxic gas's levels are at most 100 % and 200 % of its exposure limit, in ppm at 20 °C."""
    rule, mass = set_point_rule(), MOLAR_MASS[substance]
    for level, worked in ((1, first), (2, second)):
        most = rule.maximum(substance, level, Unit.PPM, mass, 0.05, 100.0)
        assert most is not None
        assert most.value == pytest.approx(worked, rel=5e-3)
        assert "GBZ 2.1" in most.source


def test_levels_of_combustible_gas():
    """A %LEL channel, and a gas without an exposure limit, answer to 25 and 50 % of the LEL."""
    rule, mass = set_point_rule(), MOLAR_MASS["methane"]
    own = [rule.maximum("ammonia", level, Unit.PERCENT_LEL, mass, 0.15, 300.0) for level in (1, 2)]
    assert [most.value for most in own if most] == [25.0, 50.0]
    ppm = rule.maximum("methane", 1, Unit.PPM, mass, 0.044, None)
    vol = rule.maximum("methane", 2, Unit.PERCENT_VOL, mass, 0.044, None)
    assert ppm is not None
    assert ppm.value == pytest.approx(11_000)
    assert vol is not None
    assert vol.value == pytest.approx(2.2)


def test_idlh_counts_where_nothing_else_does():
    """Without OEL and LEL, or where the site says so, 5 and 10 % of the IDLH count."""
    rule = set_point_rule()
    acid = rule.maximum("nitric_acid", 1, Unit.PPM, MOLAR_MASS["nitric_acid"], None, 25.0)
    assert acid is not None
    assert acid.value == pytest.approx(1.25)
    mass = MOLAR_MASS["chlorine"]
    said = rule.maximum("chlorine", 2, Unit.PPM, mass, None, 10.0, use_idlh=True)
    assert said is not None
    assert said.value == pytest.approx(1.0)
    assert rule.maximum("xenon", 1, Unit.PPM, 0.131, None, None) is None


def test_every_value_says_how_far_it_was_checked():
    """Nothing here was read in a printed standard, and nothing claims to be."""
    rule = set_point_rule()
    told = {rule.levels.confidence, rule.limits.confidence, rule.levels.oel_order.confidence}
    told |= {oel.confidence for oel in rule.oels.values()}
    assert "verified" not in told
    assert all(oel.source for oel in rule.oels.values())
    assert rule.oels["chlorine"].kind == "MAC"
    assert rule.oels["ammonia"].kind == "PC-TWA"  # before its PC-STEL


def test_exposure_limits_are_those_of_the_reference():
    """The table agrees, value and confidence, with the reference folder's facts."""
    path = REFERENCE / "chemicals_facts.csv"
    if not path.is_file():
        pytest.skip(f"no reference data at {path}: set SUIAN_REFERENCE")
    with path.open(encoding="utf-8", newline="") as file:
        facts = {
            (row["slug"], row["property"]): (float(row["value"]), row["confidence"])
            for row in csv.DictReader(file)
            if row["property"].startswith("gbz_")
        }
    own = {
        (row.substance, f"gbz_{row.kind}"): (row.value, row.confidence)
        for row in files.read_oels("gbz_2_1.csv")
    }
    assert own == facts


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("rule.yaml", "rule: x\nversion: one\n", "rule.yaml: version"),
        ("rule.yaml", "rule: [x\n", "rule.yaml: syntax"),
        ("rule.yaml", "- 1\n", "rule.yaml"),
        ("table.csv", "substance,value\nchlorine,1\n", "table.csv:1: header"),
        (
            "table.csv",
            "substance,kind,value,unit,source,confidence\nchlorine,mac,-1,mg/m3,x,verified\n",
            "table.csv:2: value",
        ),
    ],
)
def test_unsound_rule_file_is_refused(
    name: str, text: str, said: str, monkeypatch: pytest.MonkeyPatch
):
    """A rule file with a wrong key, value or unit is refused with its name and line."""
    monkeypatch.setattr(files, "_text", {name: text}.__getitem__)
    table = name.endswith(".csv")
    with pytest.raises(ConfigError) as caught:
        files.read_oels(name) if table else files.read_rule(name, files.OelFile)
    assert said in str(caught.value)
