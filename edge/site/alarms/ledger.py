"""A site's ledger of changed alarm settings: each change with a number and two names.

The last row of a condition's setting says what is to be in force; a change of a running site is
covered by rows that lead from what was to what is.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from fnmatch import fnmatchcase
from typing import NamedTuple

from edge.site.files import is_pattern

FILE = "changes.csv"
COLUMNS = (
    "change",
    "date",
    "condition",
    "setting",
    "from",
    "to",
    "reason",
    "proposed_by",
    "approved_by",
)
FIELDS = (
    "limit",
    "deadband",
    "on_delay_s",
    "off_delay_s",
    "latch",
    "priority",
    "level",
    "class",
    "area",
    "calculation",
)
CONDITION, SUPPRESSION, FLOOD = "condition", "suppression", "flood"
SETTINGS = (*FIELDS, CONDITION, SUPPRESSION, FLOOD)  # what a row may be of
_WORDS = {"是": "yes", "true": "yes", "否": "no", "false": "no"}


class Difference(NamedTuple):
    """One setting that is `now` another than it was `before`, as people write it."""

    condition: str
    setting: str
    before: str
    now: str


class Change(NamedTuple):
    """One row: `condition` may be a pattern, where many are changed alike."""

    number: str
    day: date
    condition: str
    setting: str
    before: str
    now: str
    reason: str
    proposed_by: str
    approved_by: str
    line: int

    def is_of(self, found: Difference) -> bool:
        """Whether it speaks of the setting that differs."""
        if self.setting != found.setting:
            return False
        return self.condition == found.condition or (
            is_pattern(self.condition) and fnmatchcase(found.condition, self.condition)
        )


class Ledger:
    """The rows of changes.csv, and which of them covers a change."""

    def __init__(self, rows: Sequence[Change] = ()) -> None:
        self.rows = tuple(rows)
        self._named: dict[tuple[str, str], list[Change]] = {}
        self._patterns = [row for row in rows if is_pattern(row.condition)]
        for row in rows:
            self._named.setdefault((row.condition, row.setting), []).append(row)

    def covers(self, found: Difference) -> Change | None:
        """Return the row that brought `found` about, None where the rows do not lead to it.

        An old row covers nothing anew: it must be the last of its setting.
        """
        rows = self._named.get((found.condition, found.setting), [])
        patterned = [row for row in self._patterns if row.is_of(found)]
        if patterned:
            rows = sorted({*rows, *patterned}, key=lambda row: row.line)
        if not rows or not same(rows[-1].now, found.now):
            return None
        wanted = rows[-1].before
        for row in reversed(rows):
            if not same(row.now, wanted) and row is not rows[-1]:
                return None
            if same(row.before, found.before):
                return rows[-1]
            wanted = row.before
        return None


def same(one: str, other: str) -> bool:
    """Whether two cells say the same: 0.30 is 0.3, 是 is yes."""
    if one == other:
        return True
    try:
        return abs(float(one) - float(other)) <= 1e-9 * abs(float(one))
    except ValueError:
        return word(one) == word(other)


def word(text: str) -> str:
    """Return a cell as it is compared: spaces and case do not matter."""
    folded = " ".join(text.casefold().split())
    return _WORDS.get(folded, folded)


def row_to_write(found: Difference) -> str:
    """Return the row that would cover `found`; people fill in what is in brackets."""
    out = io.StringIO()
    cells = ("(number)", "(date)", *found, "(reason)", "(proposed by)", "(approved by)")
    csv.writer(out, lineterminator="").writerow(cells)
    return out.getvalue()
