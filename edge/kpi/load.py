"""How many alarms come: by 10 minutes, hour and day, and the floods among them."""

from __future__ import annotations

from collections import Counter, deque
from typing import NamedTuple

from edge.clock import NS
from edge.kpi.watched import Span, by_bin, length_s, within
from edge.rules.alarm_kpi import Counts
from edge.words.wording import CHINA

TEN_NS = 600 * NS
PER_HOUR = 6  # bins of 10 minutes
OFFSET_NS = round(CHINA.utcoffset(None).total_seconds()) * NS
DAY_NS = 86_400 * NS


def day_of(at_ns: int) -> int:
    """Return the number of the local day that a stamp [ns UTC] lies in."""
    return (at_ns + OFFSET_NS) // DAY_NS


class FloodSpell(NamedTuple):
    """One flood: from the alarm that was too many until fewer came [ns UTC]; it may go on."""

    from_ns: int
    to_ns: int
    alarms: int  # announced in it, those that made it a flood among them
    most: int  # in any 10 minutes of it
    first: str  # the condition that came first


class Rates(NamedTuple):
    """Alarms over time. Shares are 0 to 1 of what was watched; worst: (stamp [ns UTC], alarms)."""

    total: int
    watched_s: float
    per_day: float
    per_hour: float
    per_10min: float
    busy_10min: float
    busy_hours: float
    periods: int  # of 10 minutes that were watched
    hours: int
    worst_10min: tuple[int, int]
    worst_hour: tuple[int, int]
    worst_day: tuple[int, int]
    flood_share: float
    flood_s: float
    floods: tuple[FloodSpell, ...]


class Load:
    """Counts announced alarms. A year of them is fifty thousand numbers."""

    def __init__(self, counts: Counts, from_ns: int, to_ns: int) -> None:
        self._counts, self._from_ns, self._to_ns = counts, from_ns, to_ns
        self.bins: Counter[int] = Counter()
        self.floods: list[FloodSpell] = []
        self._recent: deque[tuple[int, str]] = deque()
        self._flood: list[int] | None = None  # from, alarms, most
        self._first = ""

    def take(self, at_ns: int, condition: str) -> None:
        """Take an alarm that was announced; those before the window only begin floods."""
        if self._from_ns <= at_ns < self._to_ns:
            self.bins[at_ns // TEN_NS] += 1
        self.pass_to(at_ns)
        self._recent.append((at_ns, condition))
        count = len(self._recent)
        if self._flood is not None:
            self._flood[1] += 1
            self._flood[2] = max(self._flood[2], count)
        elif count > self._counts.flood_begin:
            self._flood = [at_ns, count, count]
            self._first = self._recent[0][1]

    def pass_to(self, at_ns: int) -> None:
        """Let time go on to `at_ns` [ns UTC]: a flood ends when few enough have come of late."""
        while self._recent and at_ns - self._recent[0][0] >= TEN_NS:
            gone_ns, _ = self._recent.popleft()
            if self._flood is not None and len(self._recent) < self._counts.flood_end:
                self._close(gone_ns + TEN_NS)

    def rates(self, watched: list[Span]) -> Rates:
        """Return the figures over what was watched of the window; nothing is taken after this."""
        self.pass_to(self._to_ns)
        if self._flood is not None:
            self._close(self._to_ns)
        seconds = length_s(watched)
        total = sum(self.bins.values())
        periods, busy, _ = self._periods(watched, 1, self._counts.busy_10min)
        hours, busy_hours, by_hour = self._periods(watched, PER_HOUR, self._counts.busy_hour)
        floods = tuple(flood for flood in self.floods if flood.to_ns > self._from_ns)
        flooded = [(max(f.from_ns, self._from_ns), min(f.to_ns, self._to_ns)) for f in floods]
        flood_s = length_s([part for one in flooded for part in within(watched, *one)])
        by_day: Counter[int] = Counter()
        for number, count in self.bins.items():
            by_day[day_of(number * TEN_NS)] += count
        return Rates(
            total=total,
            watched_s=seconds,
            per_day=_rate(total, seconds, 86_400.0),
            per_hour=_rate(total, seconds, 3600.0),
            per_10min=_rate(total, seconds, 600.0),
            busy_10min=busy / periods if periods else 0.0,
            busy_hours=busy_hours / hours if hours else 0.0,
            periods=periods,
            hours=hours,
            worst_10min=_worst(self.bins, TEN_NS),
            worst_hour=_worst(by_hour, PER_HOUR * TEN_NS),
            worst_day=_worst(by_day, DAY_NS, OFFSET_NS),
            flood_share=flood_s / seconds if seconds else 0.0,
            flood_s=flood_s,
            floods=floods,
        )

    def now(self, at_ns: int) -> tuple[int, bool]:
        """Return how many came in the 10 minutes before `at_ns` [ns UTC], and whether it floods."""
        self.pass_to(at_ns)
        return len(self._recent), self._flood is not None

    def _close(self, at_ns: int) -> None:
        assert self._flood is not None
        from_ns, alarms, most = self._flood
        self.floods.append(FloodSpell(from_ns, at_ns, alarms, most, self._first))
        self._flood = None

    def _periods(self, watched: list[Span], bins: int, bound: int) -> tuple[int, int, Counter[int]]:
        """Return how many periods of `bins` bins count, how many had over `bound`, and all counts.

        A period that was hardly watched counts only if it was too full all the same.
        """
        counts: Counter[int] = Counter()
        for number, count in self.bins.items():
            counts[number // bins] += count
        shares = by_bin(watched, bins * TEN_NS)
        full = {number for number, count in counts.items() if count > bound}
        least = self._counts.watched_share
        whole = {number for number, share in shares.items() if share >= least}
        return len(whole | full), len(full), counts


def _rate(total: int, seconds: float, per_s: float) -> float:
    return total * per_s / seconds if seconds else 0.0


def _worst(counts: Counter[int], width_ns: int, offset_ns: int = 0) -> tuple[int, int]:
    """Return when the fullest period began [ns UTC] and its count; of equals the first."""
    if not counts:
        return 0, 0
    number = min(counts, key=lambda key: (-counts[key], key))
    return number * width_ns - offset_ns, counts[number]
