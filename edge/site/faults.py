"""Where faults are gathered: a loader never stops at the first thing wrong."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from edge.errors import Fault


class Faults:
    """Every fault found so far, over all files of a site."""

    def __init__(self, first: str) -> None:
        self._first = first  # the file whose faults are told first
        self.found: list[Fault] = []

    def add(
        self, file: str, line: int, subject: str, problem: str, remedy: str, column: str = ""
    ) -> None:
        """Note one fault; `line` is 1-based, 0 where the whole file is meant."""
        self.found.append(Fault(file, line, subject, problem, remedy, column))

    def sorted(self) -> list[Fault]:
        """Return each fault once, by file (the first one, then as they came), then by line."""
        unique = list(dict.fromkeys(self.found))
        names = dict.fromkeys([self._first, *(fault.file for fault in unique)])
        order = {name: i for i, name in enumerate(names)}
        return sorted(unique, key=lambda fault: (order[fault.file], fault.line))


def place_from(file: str, place: tuple[str, int]) -> str:
    """Return `place` (file, line) as it is called in `file`: `line 7`, or `other.csv line 7`."""
    return f"line {place[1]}" if place[0] == file else f"{place[0]} line {place[1]}"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word most like `word`, or None where none is near."""
    by_folded = {name.casefold().replace("_", "-"): name for name in known}
    folded = word.casefold().replace("_", "-")
    hits = get_close_matches(folded, by_folded, n=1, cutoff=0.6)
    return by_folded[hits[0]] if hits else None


def suggest(word: str, known: Iterable[str], noun: str = "one") -> str:
    """Return a remedy: the nearest known word, or a few of those known, or that there is none."""
    names = sorted(known)
    hit = nearest(word, names)
    if hit is not None:
        return f"Did you mean {hit!r}?"
    if not names:
        return f"There is no {noun} yet: define it first"
    shown = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    return f"Known: {shown}"
