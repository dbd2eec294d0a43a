"""changes.csv of a site, read and checked: a row without two different names is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from edge.site.alarms.ledger import COLUMNS, FILE, SETTINGS, Change, Ledger, same, word
from edge.site.csv_lines import CsvLines
from edge.site.faults import Faults, suggest
from edge.site.files import Files

FILLED = tuple(column for column in COLUMNS if column not in {"from", "to"})
_DATE = re.compile(r"^(\d{4})[-/](\d{1,2})[-/](\d{1,2})$")


def read_changes(files: Files, faults: Faults) -> Ledger:
    """Return the site's ledger, empty where it has none; what is wrong in it is noted."""
    if not (files.root / FILE).is_file():
        return Ledger()
    text = files.text(FILE)
    rows: list[Change] = []
    for line, cells in _lines(text or "", faults):
        row = _row(line, cells, faults)
        if row is not None:
            rows.append(row)
    _check_order(rows, faults)
    return Ledger(rows)


def _lines(text: str, faults: Faults) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield each row's line and cells by column."""
    header: list[str] | None = None
    for line, cells in CsvLines(text, FILE, faults):
        if header is not None:
            yield line, dict(zip(header, cells, strict=False))
            continue
        header = cells
        if not _sound_header(header, line, faults):
            return


def _sound_header(header: list[str], line: int, faults: Faults) -> bool:
    missing = [column for column in COLUMNS if column not in header]
    for column in header:
        if column not in COLUMNS:
            remedy = suggest(column, COLUMNS, "column")
            faults.add(FILE, line, column or "header", f"unknown column {column!r}", remedy)
    for column in missing:
        faults.add(FILE, line, column, f"column {column!r} is missing", "Add it")
    return not missing


def _row(line: int, cells: dict[str, str], faults: Faults) -> Change | None:
    subject = cells.get("change", "") or "row"
    before = len(faults.found)

    def fault(problem: str, remedy: str, column: str) -> None:
        faults.add(FILE, line, subject, problem, remedy, column)

    for column in FILLED:
        if not cells.get(column):
            fault(f"{column} is empty", "Every change has all of it: fill it in", column)
    proposed, approved = cells.get("proposed_by", ""), cells.get("approved_by", "")
    if proposed and word(proposed) == word(approved):
        problem = f"{proposed} proposed it and approved it"
        fault(problem, "Two people answer for a change: have another one approve", "approved_by")
    setting = cells.get("setting", "")
    if setting and setting not in SETTINGS:
        fault(f"unknown setting {setting!r}", suggest(setting, SETTINGS, "setting"), "setting")
    was, now = cells.get("from", ""), cells.get("to", "")
    if same(was, now):
        fault(f"from and to are both {was!r}", "Write what it was and what it is", "to")
    day = _day(cells.get("date", ""))
    if day is None and cells.get("date"):
        fault(f"date is {cells['date']!r}, not a day", "Write it as 2026-09-30", "date")
    if len(faults.found) > before or day is None:
        return None
    reason, condition = cells["reason"], cells["condition"]
    return Change(subject, day, condition, setting, was, now, reason, proposed, approved, line)


def _day(text: str) -> date | None:
    match = _DATE.fullmatch(text)
    try:
        return date(*(int(part) for part in match.groups())) if match else None
    except ValueError:
        return None


def _check_order(rows: Sequence[Change], faults: Faults) -> None:
    """Note a row that does not go on from where the one before it left its setting."""
    left: dict[tuple[str, str], Change] = {}
    for row in rows:
        before = left.get((row.condition, row.setting))
        if before is not None and not same(before.now, row.before):
            problem = f"from is {row.before!r}, and line {before.line} left it at {before.now!r}"
            remedy = "Correct one of them, or add the change between them"
            faults.add(FILE, row.line, row.number, problem, remedy, "from")
        left[row.condition, row.setting] = row
