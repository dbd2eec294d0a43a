"""What the console asks of the journal: short reads, nothing held between them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from edge.clock import NS
from edge.console.board import Json
from edge.journal import JournalReader
from edge.kpi.brief import brief
from edge.kpi.read import reckon
from edge.rules.alarm_kpi import kpi_rule
from edge.site.model import LimitSpec

# A page asks often: a day before the window is enough, the state table tells of what stands longer.
BEFORE_NS = 86_400 * NS


class JournalHistory:
    """Events, trends and alarm figures of the journal at `path`. May be asked from any thread.

    A file that is not there yet raises `JournalError`, and the next call tries again.
    """

    def __init__(self, path: Path, limits: Mapping[str, LimitSpec]) -> None:
        self._reader = JournalReader(path)
        self._limits = limits

    def events(self, before: int | None, limit: int) -> list[Json]:
        """Return events with seq below `before` (None: the newest), newest first."""
        rows = self._reader.events_before(before, limit)
        return [{**row.as_dict(), "clock_ok": row.clock_ok} for row in rows]

    def trend(self, tag: str, from_ns: int, to_ns: int, points: int) -> list[Json]:
        """Return at most `points` stretches of a tag between two UTC stamps [ns]."""
        stretches = self._reader.trend(tag, from_ns, to_ns, points)
        return [stretch._asdict() for stretch in stretches]

    def kpi(self, now_ns: int, hours: int) -> Json:
        """Return how the alarm system did in the `hours` before `now_ns` [ns UTC]."""
        rule, from_ns = kpi_rule(), now_ns - hours * 3600 * NS
        span = from_ns, now_ns, BEFORE_NS
        figures, now = reckon(self._reader, rule.counts, self._limits, *span)
        return brief(figures, now, rule)
