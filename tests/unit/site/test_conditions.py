"""`conditions:`: each kind loads, the documented examples do, and what they make is a tag."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from edge.alarm import engine_of
from edge.alarm.calc import Calculations
from edge.site import load_site, survey
from edge.site.alarms.calculated import CORE
from edge.site.alarms.conditions import ConditionRow
from edge.site.model import ConditionClass, LimitKind, SiteFile

ROOT = Path(__file__).parents[3]
CASE = ROOT / "tests/cases/site/conditions"
KINDS = {"state", "rate", "dev", "vote", "overfill", "expr"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CASE, tmp_path / "site"))


def rewritten(folder: Path, conditions: list[dict[str, Any]]) -> Path:
    """Give the site of `folder` other conditions, and nothing that names them."""
    yaml = YAML(typ="safe")
    path = folder / "site.yaml"
    data = yaml.load(path)
    data["conditions"] = conditions
    data.pop("suppressions", None)
    with path.open("w", encoding="utf-8") as stream:
        yaml.dump(data, stream)
    return folder


def test_each_kind_has_its_limit_on_its_own_tag():
    """A row's limit has the row's id; its tag is core's, of the row's name, but for a state."""
    site = load_site(CASE)
    rows = {row.id: row for row in site.file.conditions}
    assert {str(site.limits[name].kind) for name in rows} == KINDS
    for name in rows:
        limit = site.limits[name]
        if limit.kind is LimitKind.STATE:
            assert (limit.tag, limit.limit, limit.falling) == ("XV-1", 0.0, True)
            continue
        assert limit.tag == name
        assert site.tags[name].device == CORE
        assert site.calculations[name].tag == name
        assert limit.klass is ConditionClass.PROCESS
        assert f"{name}/bad" not in site.limits
    assert site.limits["PI-1-FALLS"].limit == pytest.approx(50)  # kPa, of 0.05 MPa
    assert site.limits["LI-DIFFER"].limit == pytest.approx(0.05)
    assert site.limits["FILLS-UNSEEN"].area == "nh3"
    assert site.limits["CL2-VOTE"].level == 2


def test_what_loads_can_be_made_and_judged():
    """Engine and calculations take every spec that the loader gives."""
    site = load_site(CASE)
    made = Calculations(site)
    assert {"AT-1", "LI-1", "XV-1", "P-1", "LI-1-FILLS"} <= made.by_input.keys()
    assert {"PI-1", "LI-1", "LI-2", "LI-3"} == made.timed
    assert engine_of(site).alarms() == []


def test_the_documented_examples_are_sound(folder: Path):
    """The page's rows, one of each kind, are those of a site that loads."""
    page = (ROOT / "docs/alarms.md").read_text(encoding="utf-8")
    [block] = re.findall(r"```yaml\n(conditions:.*?)```", page, re.DOTALL)
    rows = YAML(typ="safe").load(block)["conditions"]
    site = load_site(rewritten(folder, rows))
    assert {str(site.limits[row["id"]].kind) for row in rows} == KINDS


def test_an_included_file_adds_conditions(folder: Path):
    """A contractor's file of an area has its own conditions; a fault in it names it."""
    (folder / "area.yaml").write_text(
        "conditions:\n"
        "  - {id: P-1-ON, title: {zh: 泵, en: pump}, state: {tag: P-1}}\n"
        "  - {id: P-9-ON, title: {zh: 泵, en: pump}, state: {tag: P-9}}\n",
        encoding="utf-8",
    )
    text = (folder / "site.yaml").read_text(encoding="utf-8")
    (folder / "site.yaml").write_text(text + "\ninclude: [area.yaml]\n", encoding="utf-8")
    site, faults = survey(folder)
    assert site is not None
    assert "P-1-ON" in site.limits
    assert [(fault.file, fault.line, fault.subject) for fault in faults] == [
        ("area.yaml", 3, "P-9-ON")
    ]


def test_no_unknown_tag_where_a_list_cannot_be_read(folder: Path):
    """A row whose tags stand in a list that cannot be read is no second fault."""
    rows = YAML(typ="safe").load(folder / "site.yaml")["conditions"]
    rewritten(folder, rows)
    (folder / "tags.csv").write_bytes(b"\xff\xfe nothing")
    _, faults = survey(folder)
    assert {fault.file for fault in faults} == {"tags.csv"}


def test_the_schema_knows_every_test():
    """An editor completes what the loader takes."""
    row = SiteFile.model_json_schema()["$defs"]["ConditionRow"]["properties"]
    assert {"state", "rate", "deviation", "vote", "overfill", "expression"} <= row.keys()
    assert row.keys() == ConditionRow.model_fields.keys()


NUMBER = st.one_of(st.floats(), st.integers(-10, 10_000), st.none(), st.text(max_size=3))
TAG = st.sampled_from(["LI-1", "LI-2", "XV-1", "AT-1/hh", "AT-1", "LI-3", "nope", "", "C-2", "C-3"])
UNIT = st.sampled_from(["", "m", "mm", "kPa", "ppm", "%LEL", "parsec"])
TESTS = st.one_of(
    st.fixed_dictionaries({"state": st.fixed_dictionaries({"tag": TAG})}),
    st.fixed_dictionaries(
        {
            "rate": st.fixed_dictionaries(
                {"tag": TAG, "rise_per_min": NUMBER, "unit": UNIT, "deadband": NUMBER}
            )
        }
    ),
    st.fixed_dictionaries(
        {
            "deviation": st.fixed_dictionaries(
                {"tags": st.lists(TAG, max_size=3), "limit": NUMBER, "unit": UNIT}
            )
        }
    ),
    st.fixed_dictionaries(
        {
            "vote": st.fixed_dictionaries(
                {
                    "votes": NUMBER,
                    "channels": st.lists(TAG, max_size=4),
                    "limit": NUMBER,
                    "unit": UNIT,
                }
            )
        }
    ),
    st.fixed_dictionaries(
        {
            "overfill": st.fixed_dictionaries(
                {
                    "tag": TAG,
                    "full": NUMBER,
                    "response_s": NUMBER,
                    "table": st.lists(st.tuples(NUMBER, NUMBER), max_size=3),
                }
            )
        }
    ),
    st.fixed_dictionaries({"expression": st.text(max_size=30)}),
)


@given(st.lists(TESTS, min_size=1, max_size=3))
@settings(max_examples=40, deadline=None)
def test_whatever_is_written_is_sound_or_a_fault(tmp_path_factory: Any, tests: list[Any]):
    """No row is taken that the engine could not run, and none makes the loader fall over."""
    folder = tmp_path_factory.mktemp("site") / "s"
    shutil.copytree(CASE, folder)
    rows = [
        {"id": f"C-{i}", "title": {"zh": "试", "en": "t"}, **test} for i, test in enumerate(tests)
    ]
    site, faults = survey(rewritten(folder, rows))
    if not faults:
        assert site is not None
        engine_of(site)
        Calculations(site)
