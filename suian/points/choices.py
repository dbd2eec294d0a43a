"""The lists that cells of a point list are chosen from, and their sheet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from edge.site import Site
from edge.site.quantities import QUANTITY_UNITS
from edge.substance import substances
from edge.units import Unit
from edge.words import say
from suian.points.cells import PRIORITIES
from suian.points.lists import TagList

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet


def choices(site: Site) -> dict[str, list[str]]:
    """Return what each column is chosen from on this site."""
    file = site.file
    return {
        "device": [device.id for device in file.devices],
        "asset": [asset.id for asset in file.assets],
        "area": [area.id for area in file.areas],
        "space": ["outdoor", *(space.id for space in file.spaces)],
        "substance": sorted(substances()),
        "quantity": list(QUANTITY_UNITS),
        "unit": [unit.value for unit in Unit],
        "latch": ["yes", "no"],
    }


def add_choices(
    book: Workbook,
    site: Site,
    sheets: Sequence[tuple[TagList, Worksheet]],
    first: int,
    spare: int,
) -> None:
    """Add the sheet of choices, hidden, and let the cells of `sheets` be chosen from it."""
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 - see workbook.py
    from openpyxl.worksheet.datavalidation import DataValidation  # noqa: PLC0415

    title = say("points.options", "zh-CN")
    options = book.create_sheet(title)
    options.sheet_state = "hidden"
    ranges: dict[str, str] = {}
    for number, (column, names) in enumerate(choices(site).items(), 1):
        options.cell(1, number, column)
        for row, name in enumerate(names, 2):
            options.cell(row, number, name)
        letter = get_column_letter(number)
        if names:
            ranges[column] = f"'{title}'!${letter}$2:${letter}${len(names) + 1}"
    for one, sheet in sheets:
        last = first + len(one.rows) + spare
        for number, column in enumerate(one.header, 1):
            if column in PRIORITIES:
                kind, formula, hint = "list", '"1,2,3,4"', say("points.choose.priority", "zh-CN")
            elif column in ranges:
                kind, formula, hint = "list", ranges[column], say("points.choose", "zh-CN")
            else:
                continue
            rule = DataValidation(type=kind, formula1=formula, allow_blank=True)
            rule.error, rule.errorTitle, rule.showErrorMessage = hint, column, True
            letter = get_column_letter(number)
            rule.add(f"{letter}{first}:{letter}{last}")
            sheet.add_data_validation(rule)
