"""A site's tag lists as a workbook that people edit and import reads back, to the last digit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from edge.errors import ConfigError, Fault
from edge.site import Site, survey
from edge.site.tags_csv import MANDATORY
from edge.words import say
from suian.points.cells import NUMBERS, format_of
from suian.points.choices import add_choices
from suian.points.guide import add_guide
from suian.points.lists import CANONICAL, TagList, read_lists

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

FIRST_ROW = 3  # titles, ids, then the first tag
SPARE_ROWS = 1000  # below the list, where new tags are chosen from lists too
LONGEST_TEXT = 32_767  # a cell of a workbook holds no more
_WIDE = {"title_zh": 22, "title_en": 26, "ref": 24, "limit_source": 40, "tag": 14, "asset": 16}
_GROUPS = {  # fills that help the eye: what, how, where, when it alarms
    "DDEBF7": {"tag", "title_zh", "title_en", "quantity", "unit", "substance"},
    "FFF2CC": {"device", "ref", "range_low", "range_high", "period_s"},
    "E2EFDA": {"asset", "area", "space", "x_m", "y_m", "z_m"},
}
_OTHER_FILL = "FCE4D6"
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def export(
    path: Path, target: Path, *, overwrite: bool = False, now: datetime | None = None
) -> str:
    """Write the point list of the site at `path` to `target`; return a line that says so.

    A site with faults is written as well, so that it can be mended there.

    Raises:
        ConfigError: where the site cannot be read, a list would lose something, or `target` exists.
    """
    if target.suffix.lower() != ".xlsx":
        raise _refused(target, "a workbook's name ends in .xlsx", "Give it that name")
    if target.exists() and not overwrite:
        raise _refused(target, "the file is there already", "Choose another name, or add --force")
    site, found = survey(path)
    if site is None:
        raise ConfigError(found)
    lists = read_lists(site.root, site.tag_lists)
    if faults := [fault for one in lists for fault in _unwritable(one)]:
        raise ConfigError(faults)
    book = workbook(site, lists, now or datetime.now().astimezone())
    try:
        book.save(target)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise _refused(
            target, f"cannot be written: {reason}", "Close it in Excel, or mend"
        ) from None
    remark = f"; the site has faults ({len(found)}), see suian site check" if found else ""
    return f"{target}: {sum(len(one.rows) for one in lists)} tags{remark}"


def _refused(target: Path, problem: str, remedy: str) -> ConfigError:
    return ConfigError([Fault(str(target), 0, "file", problem, remedy)])


def _unwritable(one: TagList) -> Iterator[Fault]:
    """Yield a fault for each text that no workbook can hold."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # noqa: PLC0415 - see workbook.py

    for row, line in zip(one.rows, one.starts(), strict=True):
        for column, text in zip(one.header, row, strict=True):
            if ILLEGAL_CHARACTERS_RE.search(text) or "\r" in text:
                problem = f"{column} holds a control character"
                yield Fault(one.file, line, row[0], problem, "Take it out", column)
            elif len(text) > LONGEST_TEXT:
                problem = f"{column} is longer than a cell can be"
                yield Fault(one.file, line, row[0], problem, f"Write up to {LONGEST_TEXT}", column)


def workbook(site: Site, lists: Sequence[TagList], now: datetime) -> Workbook:
    """Return the workbook of `lists`: a sheet for each, choices, and a guide."""
    from openpyxl import Workbook  # noqa: PLC0415 - an engineer's tool, never core's

    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator = "Suian"
    book.properties.created = book.properties.modified = now.replace(tzinfo=None)
    titles: set[str] = {say("points.guide", "zh-CN"), say("points.options", "zh-CN")}
    sheets = [(one, _add_list(book, one, _title(one.file, titles))) for one in lists]
    add_guide(book, site, now)
    add_choices(book, site, sheets, FIRST_ROW, SPARE_ROWS)
    return book


def _title(file: str, taken: set[str]) -> str:
    """Return a sheet's name for a tag list: its file's, as far as a sheet may be called so."""
    base = "".join("_" if c in "[]:*?/\\'" else c for c in file.removesuffix(".csv")) or "tags"
    title, number = base[-28:], 2
    while title.casefold() in {name.casefold() for name in taken}:
        title, number = f"{base[-25:]}~{number}", number + 1
    taken.add(title)
    return title


def _add_list(book: Workbook, one: TagList, title: str) -> Worksheet:
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    sheet = book.create_sheet(title)
    header = one.header or CANONICAL
    for number, column in enumerate(header, 1):
        top = sheet.cell(1, number, _headline(column))
        top.font, top.fill = Font(bold=True), _fill(column)
        top.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
        below = sheet.cell(2, number, column)
        below.font = Font(size=8, color="808080")
        below.alignment = Alignment(horizontal="center")
        whole = sheet.column_dimensions[get_column_letter(number)]
        whole.width = _WIDE.get(column, 11)
        if column not in NUMBERS:
            whole.number_format = "@"  # of rows to come: 3-1 is a name there, not a date
    sheet.row_dimensions[1].height = 48
    sheet.freeze_panes = "B3" if header[0] == "tag" else "A3"
    for row, texts in enumerate(one.rows, FIRST_ROW):
        for number, (column, text) in enumerate(zip(header, texts, strict=True), 1):
            _fill_in(sheet.cell(row, number), column, text)
    sheet.auto_filter.ref = f"A2:{get_column_letter(len(header))}{FIRST_ROW + len(one.rows) - 1}"
    return sheet


def _headline(column: str) -> str:
    mark = " *" if column in MANDATORY else ""
    return (
        f"{say(f'points.column.{column}', 'zh-CN')}{mark}\n{say(f'points.column.{column}', 'en')}"
    )


def _fill(column: str) -> object:
    from openpyxl.styles import PatternFill  # noqa: PLC0415

    colour = next((c for c, columns in _GROUPS.items() if column in columns), _OTHER_FILL)
    return PatternFill("solid", fgColor=colour)


def _fill_in(cell: Cell, column: str, text: str) -> None:
    """Write a number as one where that gives its text back, everything else as text."""
    form = format_of(text) if column in NUMBERS and text else None
    if form is not None:
        cell.value, cell.number_format = float(text), form
        if float(text).is_integer():
            cell.value = int(float(text))
        return
    if column not in NUMBERS or text:
        cell.number_format = "@"
    if text:
        cell.value = escape(text)
        cell.data_type = "s"  # also where it begins with '=': a name, never a formula


def escape(text: str) -> str:
    """Return text as a workbook holds it: `_x0041_` would be read as the letter A."""
    return _ESCAPED.sub("_x005F_", text)
