"""Columns for a terminal. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from unicodedata import east_asian_width


def columns(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield `header` and `rows` with every column as wide as its widest cell."""
    table = [header, *rows]
    widths = [max(map(_width, cells)) for cells in zip(*table, strict=True)]
    for cells in table:
        padded = (cell + " " * (w - _width(cell)) for cell, w in zip(cells, widths, strict=True))
        yield "  ".join(padded).rstrip()


def _width(text: str) -> int:
    """Return how many places `text` takes: a Chinese character takes two."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
