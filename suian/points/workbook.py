"""Spreadsheets and CSV files of any make to grids."""

from __future__ import annotations

import codecs
import csv
import io
import re
import warnings
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge.errors import ConfigError, Fault
from suian.points.grid import EMPTY, Cell, Grid, Span, letters

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

MOST_ROWS = 100_000  # of a sheet; more is a sheet formatted to its very end
MOST_COLUMNS = 500
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DELIMITERS = ",;\t，"
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")  # as workbooks write what XML cannot hold


def read_workbook(path: Path, only: tuple[str, ...] = ()) -> tuple[list[Grid], list[str]]:
    """Return the sheets of an .xlsx file, and the names of hidden sheets, which are not read.

    `only` names the sheets to read, hidden or not; () means all that are shown.

    Raises:
        ConfigError: if the file cannot be read as a workbook, or lacks a sheet of `only`.
    """
    book = _open(path, values=True)
    sheets: list[Worksheet] = list(book.worksheets)
    names = [sheet.title for sheet in sheets]
    if missing := [name for name in only if name not in names]:
        remedy = f"Its sheets: {', '.join(names)}"
        raise ConfigError(
            [Fault(path.name, 0, n, f"there is no sheet {n!r}", remedy) for n in missing]
        )
    hidden = [s.title for s in sheets if s.sheet_state != "visible" and s.title not in only]
    wanted = [s for s in sheets if s.title not in hidden and (not only or s.title in only)]
    formulas = _open(path, values=False) if _has_formulas(path) else None
    grids = [
        _grid(path.name, s, formulas[s.title] if formulas is not None else None) for s in wanted
    ]
    return grids, hidden


def read_delimited(path: Path) -> Grid:
    """Return a CSV file as one sheet: UTF-8, UTF-16 or GBK; commas, semicolons or tabs.

    Raises:
        ConfigError: if it cannot be read, or is not text.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error.strerror or type(error).__name__) from None
    text = decode(raw)
    if text is None:
        raise ConfigError([Fault(path.name, 0, "encoding", "neither UTF-8 nor GBK", _RESAVE)])
    text = text.removeprefix("\ufeff")
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[Cell]] = []
    lines: list[int] = []
    start = 1
    try:
        for cells in reader:
            rows.append([Cell(cell) for cell in cells])
            lines.append(start)
            start = reader.line_num + 1
    except csv.Error as error:
        remedy = "Look for a quotation mark that is not closed"
        raise ConfigError([Fault(path.name, start, "row", f"not CSV: {error}", remedy)]) from None
    return Grid(path.name, "", rows, lines)


_RESAVE = "Open it in Excel or WPS and save it as .xlsx or CSV UTF-8"


def decode(raw: bytes) -> str | None:
    """Return text saved as UTF-8 (its mark is kept), UTF-16 or GBK; None if it is none of them."""
    encodings = ["utf-16"] if raw.startswith(_UTF16) else ["utf-8", "gb18030"]
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\0" in text else text
    return None


def _unreadable(path: Path, reason: str) -> ConfigError:
    return ConfigError([Fault(path.name, 0, "file", f"cannot be read: {reason}", _RESAVE)])


def _open(path: Path, *, values: bool) -> Any:  # noqa: ANN401 - openpyxl's types come with its stubs only
    """Open a workbook; what is wrong with a damaged one, its parts tell in many ways."""
    from openpyxl import load_workbook  # noqa: PLC0415 - an engineer's tool, never core's
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        with warnings.catch_warnings():  # of parts that are not kept: this reads only
            warnings.simplefilter("ignore")
            return load_workbook(path, data_only=values)
    except OSError as error:
        raise _unreadable(path, error.strerror or type(error).__name__) from None
    except (InvalidFileException, zipfile.BadZipFile):
        reason = "no .xlsx workbook (an old .xls, encrypted, or damaged)"
        raise _unreadable(path, reason) from None
    except Exception as error:  # noqa: BLE001 - damaged parts raise whatever their parser meets
        raise _unreadable(path, f"damaged: {type(error).__name__}: {error}") from None


def _has_formulas(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        parts = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        return any(b"<f" in archive.read(name) for name in parts if name.endswith(".xml"))


def _grid(file: str, sheet: Worksheet, formulas: Worksheet | None) -> Grid:
    if (sheet.max_row or 0) > MOST_ROWS:
        problem = f"sheet {sheet.title!r} has {sheet.max_row} rows"
        remedy = "Delete the empty rows below the list, and save"
        raise ConfigError([Fault(file, 0, sheet.title, problem, remedy)])
    if (sheet.max_column or 0) > MOST_COLUMNS:
        beyond = sheet.iter_rows(min_col=MOST_COLUMNS + 1, values_only=True)
        if any(value is not None for row in beyond for value in row):
            problem = f"something stands right of column {letters(MOST_COLUMNS)}"
            raise ConfigError([Fault(file, 0, sheet.title, problem, "Delete it, and save")])
    rows: list[list[Cell]] = []
    for cells in sheet.iter_rows(max_col=min(sheet.max_column or 1, MOST_COLUMNS)):
        row = [_cell(cell) for cell in cells]
        while row and row[-1].value is None and formulas is None:
            row.pop()
        rows.append(row)
    if formulas is not None:
        _mark_uncalculated(rows, formulas)
    struck = {row for row in range(1, len(rows) + 1) if rows[row - 1] and _is_struck(sheet, row)}
    return Grid(
        file,
        sheet.title,
        rows,
        merged=[
            Span(m.min_row, m.min_col, m.max_row, m.max_col) for m in sheet.merged_cells.ranges
        ],
        hidden_rows=frozenset(r for r, d in sheet.row_dimensions.items() if d.hidden),
        hidden_columns=frozenset(_hidden_columns(sheet)),
        struck_rows=frozenset(struck),
    )


def _cell(cell: Any) -> Cell:  # noqa: ANN401 - of many classes, with and without types
    value = cell.value
    if value is None:
        return EMPTY
    if isinstance(value, str):
        value = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)
    return Cell(value, cell.number_format)


def _mark_uncalculated(rows: list[list[Cell]], formulas: Worksheet) -> None:
    """Mark cells that hold a formula without a value: a program wrote it, none calculated it."""
    for number, row in enumerate(rows, 1):
        for column, cell in enumerate(row, 1):
            if cell.value is None and formulas.cell(number, column).data_type == "f":
                row[column - 1] = Cell(None, cell.format, uncalculated=True)


def _is_struck(sheet: Worksheet, row: int) -> bool:
    for column in range(1, 4):
        cell = sheet.cell(row, column)
        if cell.value is not None:
            return bool(cell.font is not None and cell.font.strike)
    return False


def _hidden_columns(sheet: Worksheet) -> set[int]:
    found: set[int] = set()
    for dimension in sheet.column_dimensions.values():
        if dimension.hidden and dimension.min is not None and dimension.max is not None:
            found.update(range(dimension.min, min(dimension.max, MOST_COLUMNS) + 1))
    return found
