"""A sheet as it stands: cells with what the spreadsheet makes of them, before anything is read.

A workbook's sheet and a CSV file are the same here; only `place` differs: `点表!F12` or a line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

Value = None | str | bool | int | float | date | datetime | time | timedelta


class Cell(NamedTuple):
    """One cell: its value, its number format, and whether a formula there has no value yet."""

    value: Value = None
    format: str = "General"
    uncalculated: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing but space stands in it."""
        return not self.uncalculated and (
            self.value is None or (isinstance(self.value, str) and not tidy(self.value))
        )


class Span(NamedTuple):
    """A merged range; rows and columns count from 1, both ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass
class Grid:
    """One sheet: rows and columns count from 1, as people do."""

    file: str
    sheet: str  # "": a CSV file
    rows: list[list[Cell]]
    lines: list[int] = field(default_factory=list[int])  # of a CSV file: where each row begins
    merged: list[Span] = field(default_factory=list[Span])
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    struck_rows: frozenset[int] = frozenset()  # their first cell is struck through

    def place(self, row: int, column: int = 0) -> tuple[str, int]:
        """Return file and line of a cell as a fault names them; column 0: the whole row."""
        if not self.sheet:
            return self.file, self.lines[row - 1] if 0 < row <= len(self.lines) else 0
        cell = f"{letters(column)}{row}" if column else f"{row}:{row}"
        return f"{self.file} {self.sheet}!{cell}" if row else f"{self.file} {self.sheet}", 0

    def cell(self, row: int, column: int) -> Cell:
        """Return the cell; an empty one where the sheet has none."""
        cells = self.rows[row - 1] if 0 < row <= len(self.rows) else []
        return cells[column - 1] if 0 < column <= len(cells) else EMPTY

    def filled(self, row: int) -> Iterator[tuple[int, Cell]]:
        """Yield column and cell of what stands in `row`."""
        for column, cell in enumerate(self.rows[row - 1], 1):
            if not cell.empty:
                yield column, cell

    @property
    def width(self) -> int:
        """The number of columns of the widest row."""
        return max((len(row) for row in self.rows), default=0)


EMPTY = Cell()
_SPACES = "\u200b\u200c\u200d\ufeff\u2060"  # without width, and pasted from web pages


def tidy(text: str) -> str:
    """Return text without the spaces around it, of any kind, and without those of no width."""
    return text.replace("\r\n", "\n").strip().strip(_SPACES).strip()


def letters(column: int) -> str:
    """Return a column's name: 1 is A, 27 is AA."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name
