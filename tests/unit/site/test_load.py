"""A sound site: what its tags and limits become, what is derived, and that its hash is its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import ConfigError
from edge.site import load_site, survey
from edge.site.alarms.calculated import CORE
from edge.site.faults import Faults
from edge.site.model import ConditionClass, LimitKind
from edge.site.yaml_doc import parse_yaml
from edge.tag import World
from edge.units import Unit

ROOT = Path(__file__).parents[3]
DEMO = ROOT / "deploy" / "sites" / "demo"
SOUND = ROOT / "tests" / "cases" / "site" / "sound"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SOUND, tmp_path / "site"))


def edit(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_example_site_is_sound():
    """The site that every demo runs loads, and every tag and limit refers to what is there."""
    site = load_site(DEMO)
    hazard = site.file.hazard
    assert hazard is not None
    for tag in site.tags.values():
        assert tag.device in site.devices or tag.device in {hazard.device, CORE}
        assert tag.asset in site.assets or not tag.asset
        assert tag.area in site.areas or not tag.area
        assert tag.world is World.DRILL
        made = tag.quantity == "predicted" or tag.device == CORE
        assert f"{tag.name}/bad" in site.limits or made
    assert all(limit.tag in site.tags for limit in site.limits.values())
    assert [tag.name for tag in site.tags_of("AE-110")] == ["AT-107", "AT-108", "AT-201"]


def test_a_gas_row_becomes_its_limits():
    """A gas tag's h and hh are detector levels 1 and 2; its bad quality is a system condition."""
    site = load_site(SOUND)
    high, high_high, bad = (site.limits[f"AT-1/{kind}"] for kind in ("h", "hh", "bad"))
    assert (high.kind, high.limit, high.level, high.priority) == (LimitKind.HIGH, 0.3, 1, 2)
    assert (high_high.limit, high_high.level, high_high.priority) == (0.6, 2, 1)
    assert (high.deadband, high.off_delay_s, high.on_delay_s) == (0.05, 5.0, 0.0)
    assert high.klass is ConditionClass.PROCESS
    assert high.source == "GBZ 2.1 MAC"
    assert (bad.kind, bad.limit, bad.level, bad.priority) == (LimitKind.BAD_QUALITY, None, 0, 3)
    assert bad.klass is ConditionClass.SYSTEM
    assert {limit.area for limit in (high, high_high, bad)} == {"cl2"}  # the asset's


def test_other_quantities_have_no_level(folder: Path):
    """Level, pressure and the like have limits without a detector level, of lower priority."""
    row = "LI-1,液位,Level,AE-1,level,CL2-TANK,chlorine,level,m,0,3,1,1,1,0,,,2.4,2.6,0.3,0.1"
    with (folder / "tags.csv").open("a", encoding="utf-8") as file:
        file.write(row + "\n")
    site = load_site(folder)
    found = {kind: site.limits[f"LI-1/{kind}"] for kind in ("h", "hh", "l", "ll")}
    assert {limit.level for limit in found.values()} == {0}
    assert [found[kind].priority for kind in ("h", "hh", "l", "ll")] == [3, 2, 3, 2]


def test_predictions_are_derived():
    """Each held gas gives one predicted tag per muster point and intake, at its second level."""
    site = load_site(DEMO)
    names = [name for name in site.tags if name.startswith("PRED-")]
    places = ("MP-1", "MP-2", "INTAKE-1")
    assert names == [f"PRED-{gas}-{place}" for gas in ("chlorine", "ammonia") for place in places]
    tag, limit = site.tags["PRED-chlorine-INTAKE-1"], site.limits["PRED-chlorine-INTAKE-1/h"]
    assert (tag.device, tag.ref, tag.unit) == ("hazard", "chlorine@INTAKE-1", Unit.PPM)
    assert (tag.quantity, tag.period_s, tag.position.z_m) == ("predicted", 5.0, 4.0)
    assert (limit.limit, limit.klass, limit.priority) == (2.0, ConditionClass.PREDICTED, 2)
    assert site.limits["PRED-ammonia-MP-1/h"].limit == 160.0
    health, lost = site.tags["HAZARD-OK"], site.limits["HAZARD-OK/bad"]
    assert (health.unit, health.quantity, health.device) == (Unit.BOOL, "health", "hazard")
    assert (lost.kind, lost.klass, lost.priority) == (
        LimitKind.BAD_QUALITY,
        ConditionClass.SYSTEM,
        3,
    )


def test_zones_of_the_site_go_before_aegl(folder: Path):
    """A site's own threat levels give the predicted limit; mg/m3 is turned to ppm at 25 °C."""
    level = "{{id: z{0}, title: {{zh: 级, en: zone}}, value: {1}, unit: mg/m3, source: site rule}}"
    zones = f"zones: {{chlorine: [{level.format(1, 1)}, {level.format(2, 2.9)}]}}"
    edit(folder, "site.yaml", "wind_from_tag: WD-1}", f"wind_from_tag: WD-1, {zones}}}")
    limit = load_site(folder).limits["PRED-chlorine-MP-1/h"]
    assert limit.limit == pytest.approx(1.0006, rel=1e-4)  # 2.9 mg/m3 * 24.465 L/mol / 70.906 g/mol
    assert limit.source == "site rule"


def test_without_hazard_nothing_is_derived(folder: Path):
    """A site without a hazard daemon has no derived tags, but those of core's own facts."""
    edit(folder, "site.yaml", "hazard: {wind_speed_tag: WS-1, wind_from_tag: WD-1}", "")
    own = ["SETTINGS-OK", "tower-1-OK"]
    assert list(load_site(folder).tags) == ["AT-1", "AT-2", "WS-1", "WD-1", *own]


def test_hash_is_of_every_file(folder: Path, tmp_path: Path):
    """The same files give the same hash anywhere; a change in any of them gives another."""
    first = load_site(folder).hash
    moved = Path(shutil.copytree(folder, tmp_path / "elsewhere"))
    assert load_site(moved).hash == first
    edit(folder, "tags.csv", "Wind speed", "Wind Speed")
    second = load_site(folder).hash
    (folder / "plan.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    assert len({first, second, load_site(folder).hash}) == 3


def test_site_templates_count_into_the_hash(folder: Path):
    """A site's own device template is part of what core and satellites must agree on."""
    edit(folder, "site.yaml", "origin:", "templates: devices\norigin:")
    (folder / "devices").mkdir()
    first = load_site(folder).hash
    (folder / "devices" / "own.yaml").write_text("id: own\n")
    assert load_site(folder).hash != first


def test_excel_ways_of_csv_are_read(folder: Path):
    """A byte order mark, CRLF, blank lines, quoted commas and trailing empty columns are sound."""
    text = (folder / "tags.csv").read_text(encoding="utf-8")
    text = text.replace("Wind speed", '"Wind, speed"').replace("\n", ",,\n") + ",,,\n\n"
    (folder / "tags.csv").write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
    assert load_site(folder).tags["WS-1"].title_en == "Wind, speed"


def test_several_tag_lists_are_one(folder: Path):
    """Tags of all lists make one site, and a tag that two lists name is told with both places."""
    lines = (folder / "tags.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    edit(folder, "site.yaml", "origin:", "tags: [tags.csv, met.csv]\norigin:")
    (folder / "tags.csv").write_text("".join(lines[:3]), encoding="utf-8")
    (folder / "met.csv").write_text("".join([lines[0], *lines[3:]]), encoding="utf-8")
    assert list(load_site(folder).tags)[:4] == ["AT-1", "AT-2", "WS-1", "WD-1"]
    (folder / "met.csv").write_text("".join(lines), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"met\.csv:2: AT-1: .* at tags\.csv line 2"):
        load_site(folder)


@given(st.text() | st.text(alphabet="{}[]:,-&*!|>'\"%@# \n\tab1.").map("a: {}".format))
def test_any_text_is_yaml_or_a_fault(text: str):
    """No text makes the reader fail: it gives a document or a fault that says what is wrong."""
    faults = Faults("site.yaml")
    document = parse_yaml(text, "site.yaml", faults)
    assert document is not None or faults.found


@pytest.mark.parametrize(
    "text", ["a: &x [*x]", "a: " + "[" * 600, "a: {b: !!python/object:os.system x}", "? [1]\n: 2"]
)
def test_hostile_yaml_is_a_fault_or_plain_text(text: str):
    """An alias of itself, endless nesting, tags and list keys are faults or text, never run."""
    faults = Faults("site.yaml")
    document = parse_yaml(text, "site.yaml", faults)
    assert faults.found or (document is not None and document.data["a"] == {"b": "x"})


def test_too_little_and_too_much_oxygen_have_detector_levels():
    """Horns, calls and what must always speak go by them, as with any other detector."""
    site, _ = survey(Path(__file__).parents[2] / "cases" / "site" / "oxygen")
    assert site is not None
    found = {name: limit.level for name, limit in site.limits.items() if limit.tag == "AI-2"}
    found |= {name: limit.level for name, limit in site.limits.items() if limit.tag == "AI-4"}
    assert found == {
        "AI-2/l": 1,
        "AI-2/ll": 2,
        "AI-2/h": 1,
        "AI-2/bad": 0,
        "AI-4/l": 1,
        "AI-4/h": 1,
        "AI-4/hh": 2,
        "AI-4/bad": 0,
    }
