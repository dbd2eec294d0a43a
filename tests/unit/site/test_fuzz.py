"""Whatever stands in a site's files, the answer is a site or a list of faults."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.site import survey
from edge.site.faults import Faults
from edge.site.tags_csv import COLUMNS, Known, read_tags
from edge.site.yaml_doc import parse_yaml
from edge.substance import substances
from edge.tag import World

SOUND = Path(__file__).parents[2] / "cases" / "site" / "sound"
ROWS = (SOUND / "tags.csv").read_text(encoding="utf-8")

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


def sound() -> dict[str, Any]:
    document = parse_yaml((SOUND / "site.yaml").read_text("utf-8"), "site.yaml", Faults("site"))
    assert document is not None
    return document.data


def paths(node: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    keys = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node if isinstance(node, list) else [])
    )
    return [path, *(deeper for key, item in keys for deeper in paths(item, (*path, key)))]


DATA = json.dumps(sound())
PATHS = [path for path in paths(sound()) if path]


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(PATHS), anything), min_size=1, max_size=3))
def test_any_value_anywhere_is_a_fault_or_sound(changes: list[tuple[tuple[str | int, ...], Any]]):
    """Any value in any place of site.yaml gives faults with a line, never a traceback."""
    data = json.loads(DATA)
    for path, value in changes:
        node = data
        try:
            for part in path[:-1]:
                node = node[part]
            node[path[-1]] = value
        except (TypeError, KeyError, IndexError):
            continue  # an earlier change took this place away
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "site.yaml").write_text(json.dumps(data), encoding="utf-8")
        (Path(name) / "tags.csv").write_text(ROWS, encoding="utf-8")
        site, faults = survey(name)
    assert site is not None or faults
    assert all(fault.problem and fault.remedy for fault in faults)


def known() -> Known:
    return Known(World.LIVE, {"AE-1"}, {"cl2"}, {}, set(), {}, {"CL2-TANK"}, {*substances()}, "")


@given(st.text())
def test_any_text_is_a_tag_list_or_a_fault(text: str):
    """Any text as a tag list gives tags or faults."""
    faults = Faults("tags.csv")
    read_tags(text, "tags.csv", known(), faults)
    assert faults.found  # no such text is a sound list


columns = st.sampled_from(sorted(COLUMNS))
cells = st.text(max_size=6).filter(lambda text: "\0" not in text) | st.sampled_from(
    ["0", "1", "-1", "1e308", "ppm", "%LEL", "concentration", "chlorine", "AE-1", "CL2-TANK", "cl2"]
)


@given(st.dictionaries(columns, cells))
def test_any_cells_are_a_tag_or_faults(row: dict[str, str]):
    """Any cells in any columns give a tag with its limits, or faults that name the line."""
    quoted = ['"' + cell.replace('"', '""') + '"' for cell in row.values()]
    text = ",".join(["tag", "title_zh", *row]) + "\nAT-1,氯," + ",".join(quoted)
    faults, found = Faults("tags.csv"), known()
    read_tags(text, "tags.csv", found, faults)
    assert found.tags or faults.found
    assert all(fault.line >= 1 for fault in faults.found)
