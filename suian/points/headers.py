"""What people write above the columns of a point list, and which column of ours they mean.

A header is compared without spaces, case, punctuation and full width, as a whole and then without
what stands in brackets: `量程下限 (ppm)` is `量程下限`. `docs/site.md` shows this table.
"""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from importlib import resources
from itertools import product

# Cells that hold two columns of ours, or whose column depends on the row: see `rows.py`.
RANGE = "range_low+range_high"
LEVELS = "h+hh"
LOWER_ALARM, UPPER_ALARM = "lower alarm", "upper alarm"
PAIRS = {RANGE: ("range_low", "range_high"), LEVELS: ("h", "hh")}

_PUNCTUATION = re.compile(r"[\s_\-·.:：*#()（）\[\]【】、,，/\\|'\"“”℃%]+")
_BRACKETED = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]")


@cache
def _known() -> dict[str, dict[str, list[str]]]:
    """Return headers.json: what people call the columns, by kind and column."""
    text = (resources.files("suian.points") / "headers.json").read_text(encoding="utf-8")
    known: dict[str, dict[str, list[str]]] = json.loads(text)
    return known


def fold(text: str) -> str:
    """Return a header as it is compared: half width, no case, no spaces, no punctuation."""
    return _PUNCTUATION.sub("", unicodedata.normalize("NFKC", text).casefold())


@cache
def synonyms() -> dict[str, tuple[str, ...]]:
    """Return each column's headers as people write them; pairs and left-out ones not included."""
    known = _known()
    made = {column: list(names) for column, names in known["columns"].items()}
    headings = known["headings"]["limits"]
    for column, names in known["limits"].items():
        made.setdefault(column, [])
        made[column] += [f"{heading}{name}" for heading, name in product(headings, names)]
    for column, names in known["limits under a heading"].items():
        made[column] += [f"{heading}{name}" for heading, name in product(headings[1:], names)]
    return {column: tuple(dict.fromkeys(names)) for column, names in made.items()}


@cache
def _by_header() -> dict[str, str]:
    found: dict[str, str] = {}
    for column, names in synonyms().items():
        if column not in {RANGE, LEVELS, LOWER_ALARM, UPPER_ALARM}:
            found[fold(column)] = column
        for name in names:
            found.setdefault(fold(name), column)
    return found


@cache
def _left_out() -> frozenset[str]:
    return frozenset(fold(name) for name in _known()["left out"]["any"])


def column_of(header: str, columns: frozenset[str] = frozenset()) -> str:
    """Return the column that `header` means, "" if none; an id of `columns` is always itself."""
    bare = header.strip()
    if bare in columns:
        return bare
    for text in (bare, _BRACKETED.sub("", bare)):
        found = _by_header().get(fold(text))
        if found:
            return found
    return ""


def is_left_out(header: str) -> bool:
    """Whether `header` is known as one that a gateway has no use for: 序号, 备注, 型号."""
    return fold(header) in _left_out() or fold(_BRACKETED.sub("", header)) in _left_out()
