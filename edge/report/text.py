"""Text for terminals of 80 columns, in which a Chinese character takes two."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

COLUMNS = 80


def wrap(text: str, first: int = 0, rest: int = 0) -> list[str]:
    """Return `text` in lines of at most 80 columns, indented by `first`, then by `rest` columns."""
    lines: list[str] = []
    line = " " * first
    for word in _words(text):
        if width(line + word.rstrip()) > COLUMNS and line.strip():
            lines.append(line)
            line = " " * rest + word.lstrip()
        else:
            line += word
    return [*lines, line]


def _words(text: str) -> Iterable[str]:
    """Yield what may stand at a line's end: words with their space, and each wide character.

    A closing mark stays with what it closes.
    """
    word = ""
    for char in text:
        wide = unicodedata.east_asian_width(char) in "WF"
        closes = unicodedata.category(char) in {"Pe", "Po"}
        if word and wide and not closes:
            yield word
            word = ""
        word += char
        if char == " ":
            yield word
            word = ""
    if word:
        yield word


def width(text: str) -> int:
    """Return how many columns `text` takes."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def pad(text: str, columns: int) -> str:
    """Return `text` with spaces after it, to `columns`."""
    return text + " " * max(0, columns - width(text))


def right(text: str, columns: int) -> str:
    """Return `text` with spaces before it, to `columns`."""
    return " " * max(0, columns - width(text)) + text


def cut(text: str, columns: int) -> str:
    """Return `text`, shortened with … where it is wider than `columns`."""
    if width(text) <= columns:
        return text
    while width(text) > columns - 1:
        text = text[:-1]
    return text + "…"
