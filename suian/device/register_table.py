"""A register table as an engineer keeps it, CSV or Excel: its rows by their headers."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from edge.errors import ConfigError, Fault

CODINGS = ("utf-8-sig", "gb18030")  # what Excel writes in China, where it does not write UTF-8
DELIMITERS = ",;\t"


def read_table(path: Path) -> list[dict[str, str]]:
    """Return the rows of the table at `path`: header -> cell as text. Raises `ConfigError`."""
    try:
        data = path.read_bytes()
    except OSError as error:
        _refuse(path, f"cannot be read: {error.strerror or error}", "Name a .csv or .xlsx file")
    if path.suffix.lower() == ".xlsx":
        return _by_header(_sheet(path, data))
    return _by_header(csv.reader(io.StringIO(text := _text(path, data)), delimiter=_comma(text)))


def _text(path: Path, data: bytes) -> str:
    for coding in CODINGS:
        with suppress(UnicodeDecodeError):
            return data.decode(coding)
    return _refuse(path, "is neither UTF-8 nor GB 18030", "Save it as CSV UTF-8, or as .xlsx")


def _comma(text: str) -> str:
    """Return what parts the cells: the mark that the header has most of."""
    header = text.partition("\n")[0]
    return max(DELIMITERS, key=header.count)


def _sheet(path: Path, data: bytes) -> Iterator[list[str]]:
    try:
        from openpyxl import load_workbook  # noqa: PLC0415 - heavy, and an extra
    except ImportError:
        _refuse(path, "needs openpyxl", "Install suian[engineer], or save the table as CSV")
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        _refuse(path, f"is no Excel workbook: {error}", "Save it as .xlsx")
    sheet = book.worksheets[0]
    return ([_cell(value) for value in row] for row in sheet.iter_rows(values_only=True))


def _cell(value: object) -> str:
    if value is None:
        return ""
    whole = isinstance(value, float) and value.is_integer()  # 40001 comes as 40001.0 from some
    return str(int(value)) if whole and isinstance(value, float) else str(value)


def _by_header(lines: Iterable[list[str]]) -> list[dict[str, str]]:
    """Return the lines below the first one, by its words; empty lines keep their place."""
    rows = [[cell.strip() for cell in line] for line in lines]
    if not rows:
        return []
    header, *body = rows
    return [dict(zip(header, line, strict=False)) for line in body]


def _refuse(path: Path, problem: str, remedy: str) -> NoReturn:
    raise ConfigError([Fault(str(path), 0, "register table", problem, remedy)])
