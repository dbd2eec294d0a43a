"""The strip of a tag's day: what mattered in each stretch of it, by mark as well as by colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from edge.quality.tally import ASIDE, BAD, DOUBTFUL, GOOD, MISSING, Tally

NOTICED = 0.02  # of a cell's time: less is not worth a mark
LOST = (BAD, MISSING, ASIDE)  # kinds in which no value could be used
MOST_STRETCHES = 3
LEAST_LOST = 0.01
# The gravest first: what of a cell is shown.
ORDER = (
    (BAD, "bad", "×"),
    (MISSING, "missing", "–"),
    (ASIDE, "aside", "/"),
    (DOUBTFUL, "doubt", "?"),
)


class Cell(NamedTuple):
    """One stretch: its kind, its mark, and how much of it was of that kind (0 to 1)."""

    kind: str
    mark: str
    share: float


OFF_SHARE = 0.5  # of a cell's time: less was recorded, so the gateway was mostly off
# What a cell of the whole site shows, by the share that was lost.
SITE = ((0.1, "bad", "×"), (LEAST_LOST, "doubt", "?"), (0.0, "good", " "))
OFF = Cell("off", " ", 1.0)


def cells_of(strip: Sequence[Sequence[float]], cell_s: float) -> tuple[Cell, ...]:
    """Return what to show of cells of `cell_s` [s], each given as seconds by kind.

    What is not in any kind is the gateway's outage.
    """
    return tuple(_cell(seconds, cell_s) for seconds in strip)


def together(tallies: Sequence[Tally], cell_s: float) -> tuple[Cell, ...]:
    """Return one strip for all tags: by how much of what was due could not be used."""
    found: list[Cell] = []
    for cell in range(len(tallies[0].strip) if tallies else 0):
        columns = [tally.strip[cell] for tally in tallies]
        total = sum(map(sum, columns))
        if total < OFF_SHARE * cell_s * len(tallies):
            found.append(OFF)
            continue
        lost = sum(column[kind] for column in columns for kind in LOST) / total
        found.append(next(Cell(kind, mark, lost) for least, kind, mark in SITE if lost >= least))
    return tuple(found)


class Stretch(NamedTuple):
    """A bad stretch of the site: its cell, how many tags it hit, what share was lost."""

    cell: int
    tags: int
    lost: float


def worst_stretches(tallies: Sequence[Tally]) -> list[Stretch]:
    """Return the stretches in which most was lost, worst first."""
    found: list[Stretch] = []
    for cell in range(len(tallies[0].strip) if tallies else 0):
        columns = [tally.strip[cell] for tally in tallies]
        total = sum(map(sum, columns))
        lost = sum(column[kind] for column in columns for kind in LOST)
        hit = sum(any(column[kind] > NOTICED * sum(column) for kind in LOST) for column in columns)
        if total and lost / total >= LEAST_LOST:
            found.append(Stretch(cell, hit, lost / total))
    return sorted(found, key=lambda stretch: -stretch.lost)[:MOST_STRETCHES]


def _cell(seconds: Sequence[float], cell_s: float) -> Cell:
    total = sum(seconds)
    if total < OFF_SHARE * cell_s:
        return OFF
    for kind, name, mark in ORDER:
        if seconds[kind] > NOTICED * total:
            return Cell(name, mark, seconds[kind] / total)
    return Cell("good", " ", seconds[GOOD] / total)
