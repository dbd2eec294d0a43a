"""Text to tokens.

Three decisions make the grammar free of traps:

- A bare name takes hyphens and dots that a letter or digit follows, so `AT-101` is one name;
  subtraction needs a space: `a - b`. Any name may stand in brackets: `[AT-101]`.
- A unit stands only after a number and is one of the closed list: `0.6 ppm`, `3 m/s`, `50 %LEL`.
- Words and units are case-sensitive, as tag names are.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from edge.expr.messages import refusal
from edge.units import Unit

MAX_TEXT = 4000
_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:[.-][A-Za-z0-9_]+)*")
_OPERATOR = re.compile(r"<=|>=|==|!=|[<>+\-*/(),]")
_SPACE = re.compile(r"\s*")
_UNITS = re.compile(
    "(?:"
    + "|".join(re.escape(unit.value) for unit in sorted(Unit, key=len, reverse=True))
    + r")(?![A-Za-z0-9_])"
)
KEYWORDS = frozenset({"and", "or", "not", "true", "false"})


class Token(NamedTuple):
    """A piece of the text: its kind, its text, and where it starts (from 0).

    Kinds: number, name (bare), tag (bracketed), word (and, or, …), operator, end. `value` is a
    number's value and `unit` the unit that follows it.
    """

    kind: str
    text: str
    offset: int
    value: float = 0.0
    unit: Unit | None = None


def tokens_of(text: str) -> list[Token]:
    """Return the tokens of `text`, an `end` token last. Raises `ExpressionError`."""
    if len(text) > MAX_TEXT:
        raise refusal(text[:60] + "…", 0, "expr.too-long", limit=str(MAX_TEXT))
    found: list[Token] = []
    offset = _skip(text, 0)
    while offset < len(text):
        token, after = _token(text, offset)
        found.append(token)
        offset = _skip(text, after)
    found.append(Token("end", "", len(text)))
    return found


def _skip(text: str, offset: int) -> int:
    match = _SPACE.match(text, offset)
    return match.end() if match else offset


def _token(text: str, offset: int) -> tuple[Token, int]:
    if text[offset] == "[":
        end = text.find("]", offset)
        name = text[offset + 1 : end].strip() if end > 0 else ""
        if end < 0 or "[" in name:
            raise refusal(text, offset, "expr.open-bracket")
        if not name:
            raise refusal(text, offset, "expr.no-name")
        return Token("tag", name, offset), end + 1
    if match := _NUMBER.match(text, offset):
        return _number(text, match)
    if match := _NAME.match(text, offset):
        word = match.group()
        return Token("word" if word in KEYWORDS else "name", word, offset), match.end()
    if match := _OPERATOR.match(text, offset):
        return Token("operator", match.group(), offset), match.end()
    raise refusal(text, offset, "expr.unknown-character", found=repr(text[offset]))


def _number(text: str, match: re.Match[str]) -> tuple[Token, int]:
    value = float(match.group())
    if not math.isfinite(value):
        raise refusal(text, match.start(), "expr.number-too-large", found=match.group())
    start = _skip(text, match.end())
    unit = _UNITS.match(text, start)
    if unit is None:
        return Token("number", match.group(), match.start(), value), match.end()
    whole = text[match.start() : unit.end()]
    return Token("number", whole, match.start(), value, Unit(unit.group())), unit.end()
