"""What the console asks of the journal: short reads, nothing held between them."""

from __future__ import annotations

from pathlib import Path

from edge.console.board import Json
from edge.journal import JournalReader


class JournalHistory:
    """Events and trends of the journal at `path`. May be asked from any thread.

    A file that is not there yet raises `JournalError`, and the next call tries again.
    """

    def __init__(self, path: Path) -> None:
        self._reader = JournalReader(path)

    def events(self, before: int | None, limit: int) -> list[Json]:
        """Return events with seq below `before` (None: the newest), newest first."""
        rows = self._reader.events_before(before, limit)
        return [{**row.as_dict(), "clock_ok": row.clock_ok} for row in rows]

    def trend(self, tag: str, from_ns: int, to_ns: int, points: int) -> list[Json]:
        """Return at most `points` stretches of a tag between two UTC stamps [ns]."""
        stretches = self._reader.trend(tag, from_ns, to_ns, points)
        return [stretch._asdict() for stretch in stretches]
