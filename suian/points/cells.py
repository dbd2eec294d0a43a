"""One cell of a point list to the text that tags.csv holds: as written, and never guessed."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta

from suian.points.grid import Cell, tidy

NUMBERS = frozenset(
    [
        "range_low",
        "range_high",
        "period_s",
        "x_m",
        "y_m",
        "z_m",
        "background",
        "lel_fraction",
        "h",
        "hh",
        "l",
        "ll",
        "on_delay_s",
        "off_delay_s",
        "deadband",
        "journal_deadband",
        "journal_every_s",
        "spike",
        "rate_max",
        "frozen_s",
        "late_s",
        "t_min_c",
        "calibration_days",
    ]
)
PRIORITIES = frozenset(["h_priority", "hh_priority", "l_priority", "ll_priority", "bad_priority"])
DATES = frozenset({"calibration_due", "calibrated_on"})
FREE_TEXT = frozenset({"title_zh", "title_en", "limit_source"})  # full width is meant there
_NOTHING = frozenset(
    ("/", "-", "--", "—", "——", "－", "–", "\\", "无", "n/a", "na", "none", "null")
)
_ERRORS = frozenset(("#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"))
_DECIMALS = re.compile(r"^0\.(0+)(?:_ )?$")
_MINUS = str.maketrans("−–﹣－", "----")
_DATE = re.compile(r"^(\d{4})\s*[.年]\s*(\d{1,2})\s*[.月]\s*(\d{1,2})\s*日?$")


class CellError(Exception):
    """A cell that cannot be taken as it is: what is wrong, and what to do."""

    def __init__(self, problem: str, remedy: str) -> None:
        self.problem, self.remedy = problem, remedy
        super().__init__(problem)


def cell_text(cell: Cell, column: str) -> str:
    """Return what `cell` says in `column`, "" for nothing.

    Raises:
        CellError: where the spreadsheet made something else of it than a person can have meant.
    """
    value = cell.value
    if cell.uncalculated:
        raise CellError("the formula has no value", "Open the file in Excel or WPS and save it")
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return _number(value, cell.format, column)
    if isinstance(value, datetime | date):
        return _date(value, column)
    if isinstance(value, time | timedelta):
        raise CellError(f"the spreadsheet has made a time of it ({value})", _AS_TEXT)
    return _text(value, column)


_AS_TEXT = "Format the cell as text (文本) and write it again"


def _number(value: float, form: str, column: str) -> str:
    percent = "%" in re.sub(r'"[^"]*"', "", form)
    if percent and column != "lel_fraction":
        shown = f"{value * 100:.12g} %"
        problem = f"the cell is formatted as a percentage: {value:.12g}, shown as {shown}"
        raise CellError(problem, f"Format it as a number and write {value * 100:.12g}")
    return number_text(value, form)


def number_text(value: float, form: str = "General") -> str:
    """Return a number as it was written: with the decimals of its format if that is the value."""
    decimals = _DECIMALS.match(form)
    if decimals:
        text = f"{value:.{len(decimals[1])}f}"
        if float(text) == value:
            return text
    if isinstance(value, int) or (value.is_integer() and abs(value) < 1e15):
        return str(int(value))
    return f"{value:.15g}"  # as many digits as a spreadsheet shows: 0.1 + 0.2 is 0.3


def format_of(text: str) -> str | None:
    """Return the number format that gives `text` back when its value is read; None if none does."""
    try:
        value = float(text)
    except ValueError:
        return None
    if float(f"{value:.15g}") != value:  # more digits than a spreadsheet keeps
        return None
    decimals = len(text.partition(".")[2])
    form = "0." + "0" * decimals if decimals else "General"
    for given in ("General", form):
        if number_text(value, given) == text:
            return given
    return None


def _date(value: date, column: str) -> str:
    if column not in DATES:
        raise CellError(f"the spreadsheet has made a date of it ({value:%Y-%m-%d})", _AS_TEXT)
    return f"{value:%Y-%m-%d}"


def _text(value: str, column: str) -> str:
    text = tidy(value)
    if text in _ERRORS:
        raise CellError(f"the formula gives {text}", "Mend the formula, or write the value")
    if any(c < " " and c not in "\n\t" for c in text):
        raise CellError("a control character stands in it", "Write the text again")
    if column in FREE_TEXT or (column == "ref" and "nsu=" in text):
        return text
    plain = tidy(unicodedata.normalize("NFKC", text))
    if column != "tag" and plain.casefold() in _NOTHING:
        return ""
    if column in NUMBERS | PRIORITIES:
        plain = "".join(plain.translate(_MINUS).split())
    if column in DATES and (found := _DATE.match(plain)):
        return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"
    return plain
