"""Alarms by the hour of the day, a row a day: where in the week they were."""

from __future__ import annotations

from typing import NamedTuple

from edge.clock import NS
from edge.kpi.figures import Figures
from edge.kpi.load import DAY_NS, OFFSET_NS, day_of
from edge.kpi.watched import by_bin
from edge.rules.alarm_kpi import Counts
from edge.words.wording import local

HOUR_NS = 3600 * NS
MOST_DAYS = 31  # more rows say nothing
GROUPS = ((0, "zero"), (2, "few"), (12, "some"), (30, "many"))  # up to so many; above: "flood"


class HeatCell(NamedTuple):
    """One hour: how many, and how it is shown ("off": the gateway did not watch)."""

    alarms: int
    kind: str


class HeatRow(NamedTuple):
    """One local day."""

    day: str
    cells: tuple[HeatCell, ...]
    total: int


def heat(figures: Figures, counts: Counts) -> tuple[HeatRow, ...]:
    """Return the days of a window, none where they are too many."""
    first, last = day_of(figures.from_ns), day_of(figures.to_ns - 1)
    if last - first + 1 > MOST_DAYS or not figures.rates.watched_s:
        return ()
    shares = by_bin(list(figures.watched), HOUR_NS)
    rows: list[HeatRow] = []
    for day in range(first, last + 1):
        start_ns = day * DAY_NS - OFFSET_NS
        begin = start_ns // HOUR_NS
        found = [
            _cell(figures.hours.get(hour, 0), shares.get(hour, 0.0), counts)
            for hour in range(begin, begin + 24)
        ]
        total = sum(cell.alarms for cell in found)
        rows.append(HeatRow(local(start_ns).strftime("%m-%d"), tuple(found), total))
    return tuple(rows)


def _cell(count: int, watched: float, counts: Counts) -> HeatCell:
    if watched < 1 - counts.watched_share and not count:
        return HeatCell(0, "off")
    return HeatCell(count, next((kind for most, kind in GROUPS if count <= most), "flood"))
