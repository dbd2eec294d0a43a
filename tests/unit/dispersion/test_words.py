"""No reader of a result ever meets a raw message id."""

import ast
import re
from itertools import chain
from pathlib import Path

import edge
from edge.words import catalogue

ID = re.compile(r"dispersion\.(refused|note|model)\.[a-z0-9.-]+[a-z0-9]")


def test_every_note_and_refusal_has_its_words():
    """Each message id that a model names stands in the catalogue, in both languages."""
    root = Path(edge.__file__).parent
    files = chain.from_iterable((root / room).rglob("*.py") for room in ("dispersion", "substance"))
    said = {
        node.value
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    ids = {text for text in said if ID.fullmatch(text)}
    assert len(ids) > 100
    assert ids <= catalogue().keys()
