"""The rows of a sheet below its header, each as one tag's cells with the place of every cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from edge.errors import Fault
from edge.site.parts import NAME_PATTERN
from edge.units import GAS_UNITS
from suian.points.cells import CellError, cell_text
from suian.points.grid import EMPTY, Cell, Grid, Span, tidy
from suian.points.header import Header
from suian.points.headers import LEVELS, LOWER_ALARM, PAIRS, RANGE, UPPER_ALARM, column_of
from suian.points.names import Names

_NAME = re.compile(NAME_PATTERN)
_NUMBER = r"[-+]?\d+(?:\.\d+)?"
_RANGE = re.compile(rf"^({_NUMBER})(?:~|-|–|—|至|到|to|…|\.\.\.?)({_NUMBER})(\D.*)?$")
_LEVELS = re.compile(rf"^({_NUMBER})(?:[/、,;])({_NUMBER})$")
_FOOTER = re.compile(
    r"^(编制|审核|审定|批准|校核|校对|制表|备注|说明|注|日期|会签)\s*\d*\s*[:：、]"
)


@dataclass
class PointRow:
    """One tag as a sheet states it: text by column of ours, and where each cell stands."""

    grid: Grid
    row: int
    cells: dict[str, str] = field(default_factory=dict[str, str])
    at: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])

    @property
    def tag(self) -> str:
        """The tag's name, "" where the row has none."""
        return self.cells.get("tag", "")

    def place(self, column: str = "") -> tuple[str, int]:
        """Return where the cell of `column` stands; the tag's own cell where it has none."""
        row, place = self.at.get(column) or self.at.get("tag") or (self.row, 0)
        return self.grid.place(row, place)


@dataclass
class Read:
    """What was read of all sheets: rows, faults, and what a person should know besides."""

    rows: list[PointRow] = field(default_factory=list[PointRow])
    faults: list[Fault] = field(default_factory=list[Fault])
    notes: list[str] = field(default_factory=list[str])


def read_rows(grid: Grid, header: Header, names: Names, read: Read) -> None:
    """Add the tags below `header` to `read`."""
    spans = _spans(grid.merged, header.last)
    guessed = 0
    before = len(read.rows)
    for number in range(header.last + 1, len(grid.rows) + 1):
        if not any(True for _ in grid.filled(number)) and not _spanned(spans, number, grid):
            continue
        if remark := _no_tag(grid, header, number):
            read.notes.append(f"{_where(grid, number)}: {remark}")
            continue
        point = PointRow(grid, number)
        for column, name in header.columns.items():
            _take(point, column, name, spans, read.faults)
        _split(point, header, read.faults)
        for name in list(point.cells):
            point.cells[name] = names.meant(name, point.cells[name])
        guessed += _finish(point, header, read.faults)
        if not point.tag and not any(point.cells.values()):
            continue
        read.rows.append(point)
    found = read.rows[before:]
    _note(grid, header, found, guessed, read)


def _spans(merged: Iterable[Span], last: int) -> dict[tuple[int, int], Span]:
    """Return the merged range of each cell below the header that lies in one."""
    found: dict[tuple[int, int], Span] = {}
    for span in merged:
        for row in range(max(span.top, last + 1), span.bottom + 1):
            for column in range(span.left, span.right + 1):
                found[row, column] = span
    return found


def _spanned(spans: Mapping[tuple[int, int], Span], row: int, grid: Grid) -> bool:
    return any((row, column) in spans for column in range(1, grid.width + 1))


def _where(grid: Grid, row: int) -> str:
    file, line = grid.place(row)
    return f"{file}:{line}" if line else file


def _no_tag(grid: Grid, header: Header, row: int) -> str:
    """Return what a row is that is no tag: a heading, a footer, the header again; "" if none."""
    filled = [(column, tidy(str(cell.value))) for column, cell in grid.filled(row)]
    if not filled:
        return ""
    first = filled[0][1]
    tag_column = next(c for c, name in header.columns.items() if name == "tag")
    by_column = dict(filled)
    if len(filled) > 1 and column_of(by_column.get(tag_column, "")) == "tag":
        return "the header again; not a tag"
    if _FOOTER.match(first) and not _NAME.match(by_column.get(tag_column, "")):
        return f"taken as a footer, not a tag: {first!r}"
    if len(filled) == 1 and not _NAME.match(first):
        return f"taken as a heading, not a tag: {first!r}"
    return ""


def _take(
    point: PointRow,
    column: int,
    name: str,
    spans: Mapping[tuple[int, int], Span],
    faults: list[Fault],
) -> None:
    """Read one cell; a cell merged downwards says the same for all its rows."""
    span = spans.get((point.row, column))
    row, source = (span.top, span.left) if span is not None else (point.row, column)
    cell: Cell = point.grid.cell(row, source) if source == column else EMPTY
    point.at[name] = (row, source)
    if span is not None and span.left != span.right and source == column:
        problem, remedy = "merged over several columns", "Split it: one cell for each column"
        faults.append(Fault(*point.grid.place(row, source), name, problem, remedy, name))
    if span is not None and name == "tag" and row != point.row:
        problem = f"one tag merged over {span.bottom - span.top + 1} rows"
        remedy = "Split it: each row is a tag of its own name"
        faults.append(Fault(*point.grid.place(row, source), name, problem, remedy, name))
        return
    try:
        point.cells[name] = cell_text(cell, "h" if name in _ALARMS else name)
    except CellError as error:
        place = point.grid.place(row, source)
        subject = point.tag or "row"
        faults.append(Fault(*place, subject, f"{name}: {error.problem}", error.remedy, name))
        point.cells[name] = ""


_ALARMS = frozenset({LOWER_ALARM, UPPER_ALARM})


def _split(point: PointRow, header: Header, faults: list[Fault]) -> None:
    """Take cells apart that hold two: a range `0~100`, levels `25/50`."""
    for pair, pattern in ((RANGE, _RANGE), (LEVELS, _LEVELS)):
        if pair not in point.cells:
            continue
        text, at = "".join(point.cells.pop(pair).split()), point.at[pair]
        low, high = PAIRS[pair]
        found = pattern.match(text)
        if found:
            point.cells |= {low: found[1], high: found[2]}
            if pair == RANGE and found[3] and not point.cells.get("unit"):
                point.cells["unit"], point.at["unit"] = found[3], at
        elif pair == LEVELS and re.fullmatch(_NUMBER, text):
            point.cells |= {low: text}
        elif text:
            title = header.texts[at[1]]
            example = "0~100" if pair == RANGE else "25/50"
            remedy = f"Write it as {example}, or in two columns"
            problem = f"{title}: {text!r} cannot be taken apart"
            faults.append(Fault(*point.grid.place(*at), point.tag or title, problem, remedy, low))
        point.at[low] = point.at[high] = at


def _finish(point: PointRow, header: Header, faults: list[Fault]) -> int:
    """Settle what depends on the whole row; return 1 where the quantity was taken from it."""
    cells = point.cells
    taken = 0
    gas = cells.get("substance") and cells.get("unit") in GAS_UNITS
    if gas and not cells.get("quantity"):
        cells["quantity"] = "concentration"
        point.at.setdefault("quantity", point.at.get("substance", (point.row, 0)))
        taken = 1
    # A gas controller's 低报 and 高报 are its two levels; a tank's are its low and high limit.
    four = {"hh", "ll"} & set(header.columns.values())
    levels = cells.get("quantity") == "concentration" and not four
    for alarm, column in (
        (LOWER_ALARM, "h" if levels else "l"),
        (UPPER_ALARM, "hh" if levels else "h"),
    ):
        if alarm not in cells:
            continue
        text, at = cells.pop(alarm), point.at[alarm]
        if text and cells.get(column) and cells[column] != text:
            problem = (
                f"{header.texts[at[1]]} {text} and {column} {cells[column]} mean the same limit"
            )
            place = point.grid.place(*at)
            faults.append(Fault(*place, point.tag, problem, "Keep one of them", column))
        elif text or column not in cells:
            cells[column], point.at[column] = text, at
    return taken


def _note(grid: Grid, header: Header, found: list[PointRow], guessed: int, read: Read) -> None:
    sheet = f"{grid.file} {grid.sheet}".strip()
    hidden = [p.row for p in found if p.row in grid.hidden_rows]
    struck = [p.row for p in found if p.row in grid.struck_rows]
    columns = [header.texts[c] for c in header.columns if c in grid.hidden_columns]
    means = {name for name in header.columns.values() if name in _ALARMS}
    for remark in (
        f"{len(found)} tags below the header in row {header.last}",
        header.left_out and f"columns left out: {', '.join(header.left_out)}",
        hidden and f"hidden rows are read as well: {_ranges(hidden)}",
        columns and f"hidden columns are read as well: {', '.join(columns)}",
        struck and f"rows struck through are read as well: {_ranges(struck)}",
        guessed
        and f"quantity is taken as concentration where a row has a gas and its unit: {guessed}",
        means and "低报 and 高报 are levels 1 and 2 of a gas concentration, else limits l and h",
    ):
        if remark:
            read.notes.append(f"{sheet}: {remark}")


def _ranges(numbers: list[int]) -> str:
    return ", ".join(_runs(numbers))


def _runs(numbers: list[int]) -> Iterator[str]:
    """Yield runs of rising numbers as `3-5`."""
    start = end = numbers[0]
    for number in [*numbers[1:], -1]:
        if number == end + 1:
            end = number
            continue
        yield str(start) if start == end else f"{start}-{end}"
        start = end = number
