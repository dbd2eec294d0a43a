"""The journal as its readers see it: by cursor, in order, in short reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from edge.errors import JournalError
from edge.event import StateRow
from edge.journal.chain import broken_at, origin
from edge.journal.format import scripts
from edge.journal.readonly import ReadOnly
from edge.journal.rows import EventRow, SampleRow, TrendPoint
from edge.journal.samples import WORLDS, Samples
from edge.journal.trend import Window, trend

_EVENTS = (
    "SELECT seq, kind, subject, utc_ns, mono_ns, boot, clock_ok, world, params FROM event WHERE seq"
)
_CHAIN = "SELECT * FROM event WHERE seq > ? ORDER BY seq LIMIT ?"
_EVENT_ENDS = "SELECT (SELECT min(seq) FROM event), (SELECT max(seq) FROM event)"
_PAGE = 1_000


class JournalReader:
    """Reads journal.db at `path` beside its writer; may be asked from any thread.

    Every method raises `JournalError` if the file is not there (yet), of a newer Suian, or not
    readable. Nothing is held between calls: the writer's log can always be folded back.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = ReadOnly(path, len(scripts("schema")))
        self._samples = Samples(self._file)

    @property
    def epoch(self) -> str:
        """The journal's epoch; it changes when another file was put in place."""
        epoch = self._file.meta("epoch")
        if not epoch:
            raise JournalError(f"{self._path} has no epoch yet: its writer is making it")
        return epoch

    @property
    def owner(self) -> tuple[str, str]:
        """The gateway and the world whose journal this is."""
        return self._file.meta("gateway"), self._file.meta("world")

    def events(self, after_seq: int, limit: int) -> list[EventRow]:
        """Return at most `limit` events above `after_seq`, rising."""
        rows = self._file.rows(f"{_EVENTS} > ? ORDER BY seq LIMIT ?", (after_seq, limit))
        return self._event_rows(rows)

    def events_before(self, seq: int | None, limit: int) -> list[EventRow]:
        """Return at most `limit` events below `seq` (None: the newest), newest first."""
        before = seq if seq is not None else 1 << 62
        rows = self._file.rows(f"{_EVENTS} < ? ORDER BY seq DESC LIMIT ?", (before, limit))
        return self._event_rows(rows)

    def samples(self, after_seq: int, limit: int) -> list[SampleRow]:
        """Return at most `limit` samples above `after_seq`, rising."""
        return self._samples.after(after_seq, limit)

    def states(self) -> list[StateRow]:
        """Return the conditions' states as they are now."""
        rows = self._file.rows("SELECT condition, state, params FROM condition_state")
        return [StateRow(name, state, orjson.loads(params)) for name, state, params in rows]

    def counts(self) -> dict[str, int]:
        """Return how many rows each stream holds: "events" and "samples"."""
        low, high = self._file.rows(_EVENT_ENDS)[0]
        first, last = self._samples.ends()
        # Numbers have no holes, so the ends tell the count.
        events = 0 if low is None else high - low + 1
        return {"events": events, "samples": last - first + 1 if first else 0}

    def newest(self) -> tuple[int, int]:
        """Return the last numbers of streams event and sample, 0 where there is none yet."""
        last = self._file.rows("SELECT seq FROM sqlite_sequence WHERE name = 'event'")
        return int(last[0][0]) if last else 0, self._samples.ends()[1]

    def broken_at(self) -> int | None:
        """Return the number of the first event that the chain does not hold for; None: it holds.

        Where old events were let go it is followed from the anchor that they left.
        """
        anchor = self._file.rows("SELECT first_seq, prev FROM anchor")
        expected = bytes(anchor[0][1]) if anchor else origin(self.epoch)
        after = anchor[0][0] - 1 if anchor else 0
        while rows := self._file.rows(_CHAIN, (after, _PAGE)):
            if rows[0][0] != after + 1:
                return after + 1
            wrong, expected = broken_at(rows, expected)
            if wrong is not None:
                return wrong
            after = rows[-1][0]
        return None

    def close(self) -> None:
        """Close the file; the next read opens it again."""
        self._file.close()

    # --- trend ---------------------------------------------------------------------------------

    def trend(self, tag: str, from_ns: int, to_ns: int, max_points: int) -> list[TrendPoint]:
        """Return a tag's samples received in [`from_ns`, `to_ns`) [ns UTC], oldest first.

        The samples where they are at most `max_points`, else that many equal stretches of time
        (fewer where some are empty) with lowest, highest, last and worst quality: no peak is lost.
        Over a minute long, a stretch ends with a whole minute, counted from the samples' own.
        """
        ids = self._file.rows("SELECT id FROM tag WHERE name = ?", (tag,))
        if not ids or to_ns <= from_ns:
            return []
        window = Window(ids[0][0], from_ns, to_ns)
        return trend(self._file, self._samples, window, max_points)

    # --- rows ------------------------------------------------------------------------------------

    def _event_rows(self, rows: list[tuple[Any, ...]]) -> list[EventRow]:
        boots = self._samples.boots({row[5] for row in rows})
        return [
            EventRow(
                seq,
                kind,
                subject,
                utc_ns,
                mono_ns,
                boots[boot],
                bool(clock_ok),
                WORLDS[world],
                orjson.loads(params),
            )
            for seq, kind, subject, utc_ns, mono_ns, boot, clock_ok, world, params in rows
        ]
