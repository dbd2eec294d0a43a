"""The columns of a tag list that say what its data-quality checks go by (docs/quality.md)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from edge.site.model import Checks, LimitSpec
from edge.tag import Tag
from edge.units import Unit

if TYPE_CHECKING:
    from edge.site.tags_csv import Row

CHECK_COLUMNS = (
    "spike",
    "rate_max",
    "frozen_s",
    "late_s",
    "t_min_c",
    "calibration_due",
    "calibrated_on",
    "calibration_days",
)
LEAST_FROZEN_S = 60.0  # below this, readings that come slowly would be called frozen
LEAST_PERIODS = 10.0  # as many readings must have been alike
COLDEST_C, WARMEST_C = -90.0, 60.0
LONGEST_DAYS = 3660.0
_DATE = re.compile(r"^(\d{4})[-/](\d{1,2})[-/](\d{1,2})$")  # as people and spreadsheets write it


def checks_of(row: Row, tag: Tag, limits: Sequence[LimitSpec]) -> Checks | None:
    """Return what `row` says of `tag`'s data quality, None where it says nothing."""
    if not any(row.text(column) for column in CHECK_COLUMNS):
        return None
    found = Checks(
        spike=_positive(row, "spike"),
        rate_max=_positive(row, "rate_max"),
        frozen_s=_frozen(row, tag, limits),
        late_s=_positive(row, "late_s"),
        t_min_c=_coldest(row),
        calibration_due=_due(row),
    )
    if tag.unit is Unit.BOOL and (found.spike or found.rate_max):
        row.fault(
            "spike or rate_max of an on-off tag",
            "Leave them empty: it has nothing between",
            "spike",
        )
    if found.spike and found.spike >= tag.range_high - tag.range_low:
        problem = f"spike {found.spike:g} is the whole range: no jump would be seen"
        remedy = f"Write less than {tag.range_high - tag.range_low:g}, in its unit"
        row.fault(problem, remedy, "spike")
    return found


def _positive(row: Row, column: str) -> float | None:
    value = row.number(column)
    if value is not None and value < 0:
        row.fault(f"{column} is {value:g}", "Write more than 0, or 0 for no such check", column)
        return None
    return value


def _frozen(row: Row, tag: Tag, limits: Sequence[LimitSpec]) -> float | None:
    """Return frozen_s [s]. It must outlast every on-delay: a frozen reading raises nothing."""
    value = _positive(row, "frozen_s")
    if not value:
        return value
    slowest_s = max((limit.on_delay_s for limit in limits), default=0.0)
    least = max(LEAST_FROZEN_S, LEAST_PERIODS * tag.period_s, 2 * slowest_s)
    if value < least:
        remedy = f"Write {least:g} or more (ten periods, and twice the on-delay), or 0 for never"
        row.fault(f"frozen_s is {value:g}", remedy, "frozen_s")
    return value


def _coldest(row: Row) -> float | None:
    value = row.number("t_min_c")
    if value is not None and not COLDEST_C <= value <= WARMEST_C:
        remedy = "Write the lowest air temperature in °C, such as -40"
        row.fault(f"t_min_c is {value:g}", remedy, "t_min_c")
    return value


def _due(row: Row) -> date | None:
    """Return the last day of the calibration: as it is written, or counted from the last one."""
    due, done = _day(row, "calibration_due"), _day(row, "calibrated_on")
    days = row.number("calibration_days")
    if days is not None and not 0 < days <= LONGEST_DAYS:
        remedy = f"Write days from 1 to {LONGEST_DAYS:g}"
        row.fault(f"calibration_days is {days:g}", remedy, "calibration_days")
        return due
    if row.text("calibration_due") and row.text("calibration_days"):
        problem = "calibration_due and calibration_days both say when"
        remedy = "Keep one: the due day, or calibrated_on with calibration_days"
        row.fault(problem, remedy, "calibration_days")
    elif bool(row.text("calibrated_on")) != bool(row.text("calibration_days")) and due is None:
        problem = "calibrated_on and calibration_days say when only together"
        row.fault(problem, "Fill in both, or write calibration_due", "calibrated_on")
    if due is None and done is not None and days is not None:
        return done + timedelta(days=days)
    return due


def _day(row: Row, column: str) -> date | None:
    text = row.text(column)
    if not text:
        return None
    match = _DATE.fullmatch(text)
    try:
        return date(*(int(part) for part in match.groups())) if match else _refuse(row, column)
    except ValueError:
        return _refuse(row, column)


def _refuse(row: Row, column: str) -> None:
    row.fault(f"{column} is {row.text(column)!r}, not a day", "Write it as 2026-09-30", column)
