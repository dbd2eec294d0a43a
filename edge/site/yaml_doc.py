"""YAML with its line numbers: plain data to validate, and the line of every key in it.

Only the node tree is composed (YAML 1.2, no constructors, nothing is executed); a line is looked
up when a fault needs it, so a sound file pays nothing for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from edge.site.faults import Faults

Plain = None | bool | int | float | str | list["Plain"] | dict[str, "Plain"]
_TAG = "tag:yaml.org,2002:"
_MAX_DEPTH = 60
_INT_BASES = {"0x": 16, "0o": 8, "0b": 2}
_FLOATS = {".inf": "inf", "+.inf": "inf", "-.inf": "-inf", ".nan": "nan"}
_Node = Any  # ruamel's nodes carry no types: `id` is mapping, sequence or scalar


def _compose(text: str) -> _Node:
    yaml: Any = YAML(typ="safe", pure=True)
    return yaml.compose(text)


@dataclass(frozen=True)
class Document:
    """One YAML file: `data` as plain Python, and the way back to its lines."""

    file: str
    data: dict[str, Plain]
    root: _Node

    def line(self, path: Sequence[str | int]) -> int:
        """Return the 1-based line of `path`, or of the deepest part of it that the file has."""
        node, line = self.root, _line(self.root)
        for part in path:
            step = _step(node, part)
            if step is None:
                break
            node, line = step
        return line


def parse_yaml(text: str, file: str, faults: Faults) -> Document | None:
    """Return `text` as a document whose top is a mapping; None, with faults noted, if it is not."""
    try:
        root: _Node = _compose(text)
    except MarkedYAMLError as error:
        told: Any = error  # untyped library
        mark = told.problem_mark or told.context_mark
        line = int(mark.line) + 1 if mark else 0
        problem = f"not YAML: {told.problem or told.context or 'cannot be read'}"
        faults.add(file, line, "syntax", problem, "Mend the line, or the one above it")
        return None
    except (YAMLError, RecursionError, ValueError) as error:
        first = str(error).strip().split("\n", 1)[0] or type(error).__name__
        faults.add(file, 0, "syntax", f"not YAML: {first}", "Mend the file")
        return None
    if root is None or root.id != "mapping":
        problem = "the file is empty" if root is None else "the file is not a mapping of keys"
        faults.add(file, 1, "file", problem, "Start it with 'key: value' lines")
        return None
    before = len(faults.found)
    data = _mapping(root, file, faults, 0)
    return None if len(faults.found) > before and not data else Document(file, data, root)


def _line(node: _Node) -> int:
    return int(node.start_mark.line) + 1


def _step(node: _Node, part: str | int) -> tuple[_Node, int] | None:
    if node.id == "mapping":
        for key, value in node.value:
            if key.id == "scalar" and str(key.value) == str(part):
                return value, _line(key)
    elif node.id == "sequence" and isinstance(part, int) and part < len(node.value):
        return node.value[part], _line(node.value[part])
    return None


def _mapping(node: _Node, file: str, faults: Faults, depth: int) -> dict[str, Plain]:
    data: dict[str, Plain] = {}
    for key, value in node.value:
        if key.id != "scalar":
            faults.add(file, _line(key), "syntax", "a key is not a word", "Write 'key: value'")
            continue
        name = str(key.value)
        if name in data:
            remedy = "Keep one of them; the file must say it once"
            faults.add(file, _line(key), name, "the key stands twice", remedy)
            continue
        data[name] = _plain(value, file, faults, depth + 1)
    return data


def _plain(node: _Node, file: str, faults: Faults, depth: int) -> Plain:
    if depth > _MAX_DEPTH:  # also ends an alias that contains itself
        faults.add(file, _line(node), "syntax", "nested too deeply", "Flatten it")
        return None
    if node.id == "mapping":
        return _mapping(node, file, faults, depth)
    if node.id == "sequence":
        return [_plain(item, file, faults, depth + 1) for item in node.value]
    return _scalar(node, file, faults)


def _scalar(node: _Node, file: str, faults: Faults) -> Plain:
    kind, text = str(node.tag).removeprefix(_TAG), str(node.value)
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    bare = text.replace("_", "")
    try:
        if kind == "int":
            return int(bare, _INT_BASES.get(bare.lstrip("+-")[:2].lower(), 10))
        if kind == "float":
            return float(_FLOATS.get(bare.lower(), bare))
    except ValueError:
        remedy = "Write it in plain decimal, or quote it if it is text"
        faults.add(file, _line(node), text, "not a number that can be read", remedy)
    return text
