"""Workbooks made from plain descriptions, and the sound site that they are imported into."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font

from suian.points.check import run_import
from suian.points.importing import Request

CASES = Path(__file__).parents[2] / "cases"
SOUND = CASES / "site" / "sound"
COLUMNS = (SOUND / "tags.csv").read_text(encoding="utf-8").splitlines()[0].split(",")


def sound_site(folder: Path) -> Path:
    """Return a copy of the sound site, with its four tags."""
    return Path(shutil.copytree(SOUND, folder / "site"))


def make_workbook(path: Path, sheets: Mapping[str, Mapping[str, Any]]) -> Path:
    """Write a workbook: of each sheet rows of values, and what cells are merged, hidden, struck."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, told in sheets.items():
        sheet = book.create_sheet(title)
        for number, row in enumerate(told["rows"], 1):
            for column, value in enumerate(row, 1):
                if value is not None:
                    sheet.cell(number, column, _value(value))
        for span in told.get("merged", ()):
            sheet.merge_cells(span)
        for cell, form in told.get("formats", {}).items():
            sheet[cell].number_format = form
        for number in told.get("hidden_rows", ()):
            sheet.row_dimensions[number].hidden = True
        for letter in told.get("hidden_columns", ()):
            sheet.column_dimensions[letter].hidden = True
        for cell in told.get("struck", ()):
            sheet[cell].font = Font(strike=True)
        if told.get("hidden"):
            sheet.sheet_state = "hidden"
    book.save(path)
    return path


def _value(value: object) -> object:
    """Return what a case's YAML means: `date 2026-05-01` and `time 08:30` are Excel's own."""
    if isinstance(value, str) and value.startswith("date "):
        return datetime.fromisoformat(value.removeprefix("date "))
    if isinstance(value, str) and value.startswith("time "):
        return time.fromisoformat(value.removeprefix("time "))
    assert value is None or isinstance(value, str | int | float | bool | date)
    return value


def import_told(request: Request, *, write_it: bool = True) -> list[str]:
    """Run an import; return what it says."""
    said: list[str] = []
    run_import(request, write_it=write_it, say=said.append)
    return said


def rows_of(folder: Path) -> Sequence[str]:
    """Return the lines of the site's tag list."""
    return (folder / "tags.csv").read_text(encoding="utf-8").splitlines()
