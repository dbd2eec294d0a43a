"""Which stretch of time a report is over, as people give it: days are China standard time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from edge.clock import NS
from edge.errors import SuianError
from edge.words.wording import CHINA, local

DAY_NS, HOUR_NS = 86_400 * NS, 3600 * NS
DAYS = 7  # of an alarm report, where none is asked for
LONGEST_DAYS = 366


def window_of(day: str, week: str, start: str, end: str, now_ns: int) -> tuple[int, int]:
    """Return the window [ns UTC] that the options name; none of them: 24 hours up to `now_ns`.

    A week is Monday to Sunday. A window ends now at the latest. Raises `SuianError` if the options
    contradict each other, are no times, or name nothing but the future.
    """
    if sum(map(bool, (day, week, start or end))) > 1:
        raise SuianError("--day, --week and --from/--to name three windows: give one of them")
    if day:
        first = _day(day, "--day")
        span = _midnight_ns(first), _midnight_ns(first + timedelta(days=1))
    elif week:
        given = _day(week, "--week")
        first = given - timedelta(days=given.weekday())
        span = _midnight_ns(first), _midnight_ns(first + timedelta(days=7))
    elif start or end:
        if not start:
            raise SuianError("--to without --from: say where the window begins")
        span = _moment(start, "--from"), _moment(end, "--to") if end else now_ns
    else:
        span = now_ns - DAY_NS, now_ns
    begin_ns, end_ns = span[0], min(span[1], now_ns)
    if begin_ns >= end_ns:
        raise SuianError("the window ends before it begins, or has not begun yet")
    if end_ns - begin_ns > LONGEST_DAYS * DAY_NS:
        raise SuianError(f"the window is over {LONGEST_DAYS} days: take less")
    return begin_ns, end_ns


def _midnight_ns(day: date) -> int:
    return round(datetime(day.year, day.month, day.day, tzinfo=CHINA).timestamp()) * NS


def _day(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SuianError(f"{option} {text!r} is no day: write it as 2026-01-31") from None


def _moment(text: str, option: str) -> int:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        hint = "write it as 2026-01-31 or 2026-01-31T08:00"
        raise SuianError(f"{option} {text!r} is no time: {hint}") from None
    if at.tzinfo is None:
        at = at.replace(tzinfo=CHINA)
    return round(at.timestamp()) * NS


class Asked(NamedTuple):
    """A window as the alarm report is asked for it; at most one of the four."""

    start: str = ""
    end: str = ""
    days: int | None = None
    week: bool = False
    shift: bool = False


def alarm_window(asked: Asked, now_ns: int, shift_starts: Sequence[int]) -> tuple[int, int]:
    """Return the window [ns UTC] of an alarm report; nothing asked: the last 7 days.

    A week is the last whole one, Monday to Sunday; a shift is the one that runs, from one of
    `shift_starts` [h, China standard time] on. Raises `SuianError` as `window_of` does.
    """
    given = (asked.start or asked.end, asked.days is not None, asked.week, asked.shift)
    if sum(map(bool, given)) > 1:
        raise SuianError("--from/--to, --days, --week and --shift name windows: give one of them")
    if asked.start or asked.end:
        return window_of("", "", asked.start, asked.end, now_ns)
    now = local(now_ns)
    if asked.week:
        monday = now.date() - timedelta(days=now.weekday())
        return _midnight_ns(monday - timedelta(days=7)), _midnight_ns(monday)
    if asked.shift:
        today = _midnight_ns(now.date())
        starts = [today + hour * HOUR_NS for hour in shift_starts]
        starts += [start - DAY_NS for start in starts]
        return max(start for start in starts if start < now_ns), now_ns
    days = DAYS if asked.days is None else asked.days
    if not 1 <= days <= LONGEST_DAYS:
        raise SuianError(f"--days {days}: give 1 to {LONGEST_DAYS}")
    return now_ns - days * DAY_NS, now_ns
