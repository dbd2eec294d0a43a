"""The exported schema accepts every template that ships and refuses what editors should mark."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from edge.drivers.load import parse_template
from edge.drivers.schema import template_schema
from edge.errors import Fault

FILES = sorted((resources.files("edge.drivers") / "templates").iterdir(), key=lambda f: f.name)
SCHEMA = template_schema()
KINDS: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str, date),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def marked(data: Any, schema: dict[str, Any], at: str = "") -> list[str]:
    """Return where `data` breaks `schema`: the part of JSON Schema that the language uses."""
    if "$ref" in schema:
        return marked(data, SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]], at)
    for word in ("anyOf", "oneOf"):
        if word in schema:
            tried = [marked(data, option, at) for option in schema[word]]
            return [] if [] in tried else min(tried, key=len)
    if "const" in schema and data != schema["const"]:
        return [f"{at} is not {schema['const']}"]
    if "enum" in schema and data not in schema["enum"]:
        return [f"{at} is none of {schema['enum']}"]
    kind = schema.get("type")
    if kind and (
        not isinstance(data, KINDS[kind]) or (isinstance(data, bool) and kind != "boolean")
    ):
        return [f"{at} is no {kind}"]
    found = _bounds(data, schema, at)
    if isinstance(data, list):
        options = schema.get("prefixItems", [])
        for index, item in enumerate(data):
            option = options[index] if index < len(options) else schema.get("items", {})
            found += marked(item, option, f"{at}[{index}]")
    if isinstance(data, dict):
        found += _members(data, schema, at)
    return found


def _bounds(data: Any, schema: dict[str, Any], at: str) -> list[str]:
    size = len(data) if isinstance(data, list) else data
    low = schema.get("minItems", schema.get("minimum", schema.get("exclusiveMinimum")))
    high = schema.get("maxItems", schema.get("maximum"))
    if low is not None and size < low:
        return [f"{at} is below {low}"]
    if high is not None and size > high:
        return [f"{at} is above {high}"]
    if "pattern" in schema and not re.search(schema["pattern"], str(data)):
        return [f"{at} does not look like {schema['pattern']}"]
    return []


def _members(data: dict[Any, Any], schema: dict[str, Any], at: str) -> list[str]:
    known = schema.get("properties", {})
    found = [f"{at} lacks {name}" for name in schema.get("required", ()) if name not in data]
    for key, value in data.items():
        option = known.get(str(key))
        for pattern, one in schema.get("patternProperties", {}).items():
            option = one if option is None and re.search(pattern, str(key)) else option
        if option is None:
            option = schema.get("additionalProperties", {})
        if option is False:
            found.append(f"{at}.{key} is unknown")
        elif isinstance(option, dict):
            found += marked(value, option, f"{at}.{key}")
    return found


def load(text: str) -> Any:
    """Return YAML as an editor sees it."""
    return YAML(typ="safe", pure=True).load(text)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_template_that_ships_fits_the_schema(file: Any):
    """An editor with the schema marks nothing in a template that loads."""
    assert not marked(load(file.read_text("utf-8")), SCHEMA)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("at: 2,", "at: -2,"),
        ("type: f32", "type: f31"),
        ("registers:", "registres:"),
        ("basis: derived", "basis: guessed"),
        ("kind: counter", "kind: pulse"),
        ("when: {1: device-fault}", "when: {1: broken}"),
        ("vendor: Honeywell Analytics", "vendor: 7"),
        ("order: order", "byte_order: order"),
    ],
)
def test_what_an_editor_should_mark_is_refused(old: str, new: str):
    """A misspelt key, a wrong type or reason, a negative address."""
    text = next(file for file in FILES if file.name == "honeywell-xnx.yaml").read_text("utf-8")
    assert old in text
    assert marked(load(text.replace(old, new)), SCHEMA)


def test_every_key_is_explained_to_the_editor():
    """Each part of the language carries a description, which editors show."""
    assert all("description" in part for part in SCHEMA["$defs"].values())


def test_every_key_stands_in_the_guide():
    """The page that engineers write templates from names every key of the language."""
    guide = (Path(__file__).parents[3] / "docs" / "templates.md").read_text("utf-8")
    for name, part in SCHEMA["$defs"].items():
        for key in part.get("properties", {}):
            assert f"`{key}`" in guide, f"{name}.{key}"


def test_the_guides_example_loads():
    """The first example of the page is a sound template."""
    guide = (Path(__file__).parents[3] / "docs" / "templates.md").read_text("utf-8")
    faults: list[Fault] = []
    parse_template("guide", guide.partition("```yaml\n")[2].partition("```")[0], faults)
    assert not faults
