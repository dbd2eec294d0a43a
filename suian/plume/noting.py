"""Notes and figures as a reader of a report writes them: names for ids, three digits, one voice."""

from __future__ import annotations

import math
import re

from edge.dispersion.notes import Note
from edge.substance import substances
from edge.words import catalogue, say

NUMERAL = re.compile(r"-?\d+(\.\d+)?(e[-+]?\d+)?")
CLOSED = ("。", ".", "！", "!", "?", "？")
NAMED = ("ground", "path", "transfer", "sigmas", "set")  # the catalogue has words for these


def figure(value: float, digits: int = 3) -> str:
    """Return `value` with `digits` digits that count, never as a power of ten."""
    if not math.isfinite(value):
        return str(value)
    if value == 0:
        return "0"
    places = digits - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, places)
    text = f"{rounded:.{max(places, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def metres(value: float) -> str:
    """Return a distance [m] as 266 m or 3.58 km."""
    return f"{value:.0f} m" if round(value) < 1000 else f"{figure(value / 1000)} km"


def area(value: float) -> str:
    """Return an area [m2] as m², ha or km²."""
    if value < 1e4:
        return f"{figure(value)} m²"
    return f"{figure(value / 1e4)} ha" if value < 1e6 else f"{figure(value / 1e6)} km²"


def level_name(level_id: str) -> str:
    """Return a level's name, as AEGL-2 or 60 %LEL."""
    kind, _, share = level_id.partition("-")
    return f"{share} %LEL" if kind == "lel" else level_id.upper()


def gas_name(substance_id: str, language: str) -> str:
    """Return a substance's name; an id that the table lacks as it is."""
    gas = substances().get(substance_id)
    if gas is None:
        return substance_id
    return gas.name_zh if language == "zh-CN" else gas.name_en


def note_text(note: Note, language: str, digits: int = 3) -> str:
    """Return a note as a sentence: ids by their names, numbers with `digits` digits."""
    params = {key: _shown(key, value, language, digits) for key, value in note.params.items()}
    return sentence(say(note.id, language, params), language)


def sentence(text: str, language: str) -> str:
    """Return `text` with a capital and a full stop, whoever wrote it."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith(CLOSED) else text + ("。" if language == "zh-CN" else ".")


class _Figure(float):
    """A number that is written with few digits, unless the message says how."""

    digits = 3

    def __format__(self, spec: str) -> str:
        return super().__format__(spec) if spec else figure(self, self.digits)


def _shown(key: str, value: object, language: str, digits: int) -> object:
    if isinstance(value, str) and NUMERAL.fullmatch(value):
        value = float(value)
    if isinstance(value, float):
        shown = _Figure(value)
        shown.digits = digits
        return shown
    if not isinstance(value, str):
        return value
    if key == "level":
        return level_name(value)
    if key in {"substance", "gas"}:
        return gas_name(value, language)
    if key in NAMED:
        return named(key, value, language)
    return value.rstrip("。.") if key == "why" else value


def named(key: str, value: str, language: str) -> str:
    """Return the word for one of a closed list (`ground`, `shape` …) of a scenario file."""
    word = f"plume.{key}.{value}"
    return say(word, language) if word in catalogue() else value
