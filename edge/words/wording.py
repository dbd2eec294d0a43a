"""Times, durations and shares in words, for reports: in one language, China standard time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from edge.clock import NS
from edge.words import say

CHINA = timezone(timedelta(hours=8))  # all of it; the sites have no other


class Wording:
    """Says one area's messages in one language.

    `span_s` [s], how long a report is over, decides whether a clock time needs its day.
    """

    def __init__(self, area: str, language: str, span_s: float) -> None:
        self.language = language
        self._area = area
        self._with_day = span_s > 86_400

    def say(self, message: str, **params: object) -> str:
        """Return the area's message `<area>.<message>`."""
        return say(f"{self._area}.{message}", self.language, params)

    def word(self, message_id: str) -> str:
        """Return a message of another area."""
        return say(message_id, self.language)

    def moment(self, utc_ns: int) -> str:
        """Return a time of day with its date, as 01-10 14:05."""
        return local(utc_ns).strftime("%m-%d %H:%M")

    def hour(self, utc_ns: int) -> str:
        """Return a time within the report, with its date where the report has several days."""
        return local(utc_ns).strftime("%m-%d %H:%M" if self._with_day else "%H:%M")

    def lasting(self, seconds: float) -> str:
        """Return a duration in the two largest units that say something."""
        whole = round(seconds)
        if whole < 60:
            return self._time("seconds", seconds=whole)
        minutes = round(seconds / 60)
        hours, minutes = divmod(minutes, 60)
        if hours == 0:
            return self._time("minutes", minutes=minutes)
        if hours < 24:
            if minutes == 0:
                return self._time("hours", hours=hours)
            return self._time("hours-minutes", hours=hours, minutes=minutes)
        days, hours = divmod(hours, 24)
        if hours == 0:
            return self._time("days", days=days)
        return self._time("days-hours", days=days, hours=hours)

    def _time(self, message: str, **params: object) -> str:
        return say(f"time.{message}", self.language, params)


def stamp(utc_ns: int) -> str:
    """Return a stamp [ns UTC] as 2026-01-10 14:05."""
    return local(utc_ns).strftime("%Y-%m-%d %H:%M")


def local(utc_ns: int) -> datetime:
    """Return a stamp [ns UTC] as China standard time."""
    return datetime.fromtimestamp(utc_ns / NS, UTC).astimezone(CHINA)


def percent(share: float) -> str:
    """Return a share 0 to 1 as a percentage that never rounds a loss away."""
    if share in {0.0, 1.0}:
        return f"{share:.0%}"
    hundredths = 100 * share
    if hundredths > 99.9:
        return ">99.9%"
    return f"{hundredths:.1f}%" if hundredths >= 0.1 else "<0.1%"


def number(value: float) -> str:
    """Return a measured value with four digits that count."""
    return f"{value:.4g}"
