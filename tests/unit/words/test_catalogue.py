"""The message catalogue as a whole: every area's file holds for every language."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import pytest

from edge import words
from edge.site.model import Asset, LimitKind, Place
from edge.site.quantities import DERIVED_QUANTITIES, QUANTITY_UNITS
from edge.tag import World
from edge.units import Unit
from edge.words import LANGUAGES, catalogue, say

FILES = sorted((Path(words.__file__).parent / "catalogue").glob("*.json"))
PARAMETER = re.compile(r"\{(\w+)")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_message_has_every_language(path: Path):
    """Each message has Chinese and English, neither empty by accident, with the same parameters."""
    for message_id, texts in json.loads(path.read_text(encoding="utf-8")).items():
        assert set(texts) == set(LANGUAGES), message_id
        parameters = {frozenset(PARAMETER.findall(text)) for text in texts.values()}
        assert len(parameters) == 1, message_id


def test_no_id_stands_twice():
    """All files together make one catalogue."""
    assert catalogue()


def test_closed_lists_have_their_words():
    """Every unit, quantity, kind, world and limit that a screen can meet has its words."""
    kinds = Asset.model_fields["kind"].annotation, Place.model_fields["kind"].annotation
    ids = [f"unit.{unit.value}" for unit in Unit] + [f"unit.symbol.{unit.value}" for unit in Unit]
    ids += [f"site.quantity.{name}" for name in (*QUANTITY_UNITS, *DERIVED_QUANTITIES)]
    ids += [f"site.asset.kind.{kind}" for kind in get_args(kinds[0])]
    ids += [f"site.place.kind.{kind}" for kind in get_args(kinds[1])]
    ids += [f"site.world.{world.value}" for world in World]
    ids += [f"alarm.kind.{kind.value}" for kind in LimitKind]
    assert not [message_id for message_id in ids if message_id not in catalogue()]


def test_unknown_messages_are_shown_raw():
    """A person in front of an alarm gets a raw id rather than an error."""
    assert say("no.such", "en", {"a": 1}) == "no.such {'a': 1}"
    assert "{limit}" in say("expr.too-deep", "en", {})
    assert say("expr.too-deep", "zh-CN", {"limit": 40}) == "嵌套超过 40 层，请拆分"
