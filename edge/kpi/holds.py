"""Alarms that are held back: how often, how long, by whom, and which longer than they may."""

from __future__ import annotations

from collections import Counter

from edge.kpi.figures import HoldFigures
from edge.kpi.moment import Moment
from edge.kpi.track import HELD, Held
from edge.rules.alarm_kpi import Counts

KINDS = ("shelved", "suppressed", "out-of-service")
MOST_NAMES = 1000  # of who holds; more are counted together
OTHERS = "…"
assert set(KINDS) == HELD


class HoldCounts:
    """Counts the holds of a window [ns UTC]."""

    def __init__(self, counts: Counts, from_ns: int, to_ns: int) -> None:
        self._from_ns, self._to_ns = from_ns, to_ns
        hours = {"shelved": counts.shelf_h, "out-of-service": counts.out_of_service_h}
        self._longest_s = {kind: hour * 3600 for kind, hour in hours.items()}
        self._times: Counter[str] = Counter()
        self._seconds: dict[str, float] = dict.fromkeys(KINDS, 0.0)
        self._now: Counter[str] = Counter()
        self._overdue: Counter[str] = Counter()
        self._by: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}

    def begun(self, kind: str, by: str) -> None:
        """Count a hold that began in the window."""
        self._times[kind] += 1
        names = self._by[kind]
        names[by if by in names or len(names) < MOST_NAMES else OTHERS] += 1

    def ended(self, held: Held, now: Moment, *, still: bool = False) -> None:
        """Count the time of a hold that ended `now`, or at the window's end goes on (`still`)."""
        lasted_s = held.since.until(now)
        start_ns, end_ns = max(held.since.at_ns, self._from_ns), min(now.at_ns, self._to_ns)
        if end_ns < start_ns:
            return
        self._seconds[held.kind] += (end_ns - start_ns) / 1e9
        self._now[held.kind] += still
        longest_s = self._longest_s.get(held.kind)
        self._overdue[held.kind] += longest_s is not None and lasted_s > longest_s + 1.0

    def figures(self) -> tuple[HoldFigures, ...]:
        """Return the figures, a row a kind."""
        return tuple(
            HoldFigures(
                kind=kind,
                times=self._times[kind],
                seconds=self._seconds[kind],
                now=self._now[kind],
                overdue=self._overdue[kind],
                by=tuple(self._by[kind].most_common()),
            )
            for kind in KINDS
        )
