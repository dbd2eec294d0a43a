"""The sheet 说明 of a point list: how to edit it, what each column means, who changed what."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from edge.site import Site
from edge.site.quantities import QUANTITY_UNITS
from edge.site.tags_csv import MANDATORY
from edge.units import Unit
from edge.words import LANGUAGES, say
from suian.points.lists import CANONICAL

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

HOW = ("edit", "import", "remove", "unit")
WIDTHS = {"A": 20, "B": 24, "C": 24, "D": 10, "E": 60, "F": 60}


def add_guide(book: Workbook, site: Site, now: datetime) -> None:
    """Add the guide as the last sheet."""
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415 - see workbook.py

    sheet = book.create_sheet(say("points.guide", "zh-CN"))
    heads = [
        _line(sheet, *(_site_title(site, language) for language in LANGUAGES)),
    ]
    for key in HOW:
        for language in LANGUAGES:
            _line(sheet, say(f"points.how.{key}", language))
    heads += _columns(sheet)
    heads += _units(sheet)
    heads += _log(sheet, site, now)
    for row in heads:
        for cell in sheet[row]:
            cell.font = Font(bold=True)
    for letter, width in WIDTHS.items():
        sheet.column_dimensions[letter].width = width
    for row in sheet.iter_rows(min_row=2 + 2 * len(HOW), min_col=5, max_col=6):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")


def _site_title(site: Site, language: str) -> str:
    title = site.file.title.zh if language == "zh-CN" else site.file.title.en
    return say("points.title", language, {"site": title})


def _line(sheet: Worksheet, *texts: str) -> int:
    """Append a row of texts, none of which is ever a formula; return its number."""
    row = sheet.max_row + 1 if sheet.max_row > 1 or sheet.cell(1, 1).value is not None else 1
    for column, text in enumerate(texts, 1):
        cell = sheet.cell(row, column, text)
        cell.data_type = "s"
    return row


def _both(key: str) -> str:
    return " ".join(say(f"points.{key}", language) for language in LANGUAGES)


def _columns(sheet: Worksheet) -> list[int]:
    _line(sheet, " ")
    titles = [_both(key) for key in ("id", "zh", "en", "needed")]
    meanings = [say("points.meaning.heading", language) for language in LANGUAGES]
    heads = [_line(sheet, _both("columns")), _line(sheet, *titles, *meanings)]
    for column in CANONICAL:
        names = [say(f"points.column.{column}", language) for language in LANGUAGES]
        meaning = [say(f"points.meaning.{column}", language) for language in LANGUAGES]
        _line(sheet, column, *names, "*" if column in MANDATORY else " ", *meaning)
    return heads


def _units(sheet: Worksheet) -> list[int]:
    _line(sheet, " ")
    heads = [_line(sheet, _both("units"), _both("unit-name"), _both("unit-of"))]
    for unit in Unit:
        used = [name for name, units in QUANTITY_UNITS.items() if unit in units]
        if used:
            _line(sheet, unit.value, say(f"unit.{unit.value}", "zh-CN"), ", ".join(used))
    return heads


def _log(sheet: Worksheet, site: Site, now: datetime) -> list[int]:
    _line(sheet, " ")
    heads = [
        _line(sheet, _both("log")),
        _line(sheet, *(_both(f"log.{key}") for key in ("date", "who", "what"))),
    ]
    said = " ".join(
        say("points.log.exported", lang, {"hash": site.hash[:12]}) for lang in LANGUAGES
    )
    _line(sheet, f"{now:%Y-%m-%d %H:%M}", "suian", said)
    return heads
