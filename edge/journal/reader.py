"""The journal as its readers see it: by cursor, in order, in short reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from edge.errors import JournalError
from edge.event import StateRow
from edge.journal.format import scripts
from edge.journal.readonly import ReadOnly
from edge.journal.rows import EventRow, SampleRow, TrendPoint
from edge.tag import Quality, Reason, World

# By value: an enum's own look-up costs as much as the rest of a row.
_QUALITIES = {int(quality): quality for quality in Quality}
_REASONS = {str(reason): reason for reason in Reason}
_WORLDS = {str(world): world for world in World}

_EVENTS = (
    "SELECT seq, kind, subject, utc_ns, mono_ns, boot, clock_ok, world, params FROM event WHERE seq"
)
_SAMPLES = (
    "SELECT seq, tag, value, quality, reason, source_ns, receive_ns, world, mono_ns, boot, clock_ok"
    " FROM sample WHERE seq > ? ORDER BY seq LIMIT ?"
)


class JournalReader:
    """Reads journal.db at `path` beside its writer; may be asked from any thread.

    Every method raises `JournalError` if the file is not there (yet), of a newer Suian, or not
    readable. Nothing is held between calls: the writer's log can always be folded back.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = ReadOnly(path, len(scripts("schema")))
        self._names_of = 0  # the file's generation that the two maps below are of
        self._tags: dict[int, str] = {}
        self._boots: dict[int, str] = {}

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
        rows = self._file.rows(_SAMPLES, (after_seq, limit))
        self._learn({row[1] for row in rows}, {row[9] for row in rows})
        tags, boots = self._tags, self._boots
        return [
            SampleRow(
                seq,
                tags[tag],
                value,
                _QUALITIES[quality],
                _REASONS[reason],
                source_ns,
                receive_ns,
                _WORLDS[world],
                mono_ns,
                boots[boot],
                bool(clock_ok),
            )
            for (
                seq,
                tag,
                value,
                quality,
                reason,
                source_ns,
                receive_ns,
                world,
                mono_ns,
                boot,
                clock_ok,
            ) in rows
        ]

    def states(self) -> list[StateRow]:
        """Return the conditions' states as they are now."""
        rows = self._file.rows("SELECT condition, state, params FROM condition_state")
        return [StateRow(name, state, orjson.loads(params)) for name, state, params in rows]

    def counts(self) -> dict[str, int]:
        """Return how many rows each stream holds: "events" and "samples"."""
        found: dict[str, int] = {}
        for name, table in (("events", "event"), ("samples", "sample")):
            # Numbers have no holes, so the ends tell the count.
            (low, high) = self._file.rows(
                f"SELECT (SELECT min(seq) FROM {table}), (SELECT max(seq) FROM {table})"  # noqa: S608 - two names from above
            )[0]
            found[name] = 0 if low is None else high - low + 1
        return found

    def newest(self) -> tuple[int, int]:
        """Return the last numbers of streams event and sample, 0 where there is none yet."""
        last = dict(self._file.rows("SELECT name, seq FROM sqlite_sequence"))
        return int(last.get("event", 0)), int(last.get("sample", 0))

    def close(self) -> None:
        """Close the file; the next read opens it again."""
        self._file.close()

    # --- trend ---------------------------------------------------------------------------------

    def trend(self, tag: str, from_ns: int, to_ns: int, max_points: int) -> list[TrendPoint]:
        """Return a tag's samples received in [`from_ns`, `to_ns`) [ns UTC], oldest first.

        Raw samples where they are at most `max_points`, else that many equal stretches of time
        (fewer where some are empty) with lowest, highest, last and worst quality: no peak is lost.
        """
        ids = self._file.rows("SELECT id FROM tag WHERE name = ?", (tag,))
        if not ids or to_ns <= from_ns:
            return []
        where = (self._seq_at(from_ns), self._seq_at(to_ns), ids[0][0], from_ns, to_ns)
        (count,) = self._file.rows(f"SELECT count(*) {_IN_WINDOW}", where)[0]
        if count <= max_points:
            return [
                _raw(row) for row in self._file.rows(f"{_RAW} {_IN_WINDOW} ORDER BY seq", where)
            ]
        return self._stretches(where, from_ns, -(-(to_ns - from_ns) // max_points))

    def _stretches(self, where: tuple[Any, ...], from_ns: int, width_ns: int) -> list[TrendPoint]:
        rows = self._file.rows(
            f"{_STRETCH} {_IN_WINDOW} GROUP BY (receive_ns - ?) / ? ORDER BY 1",
            (*where, from_ns, width_ns),
        )
        last = {row[0]: row[1] for row in self._last_values([row[6] for row in rows])}
        return [
            TrendPoint(at, end, low, high, last.get(seq), _QUALITIES[worst], count)
            for at, end, low, high, worst, count, seq in rows
        ]

    def _last_values(self, seqs: list[int]) -> list[tuple[Any, ...]]:
        """Return (seq, value) of the rows named."""
        text = orjson.dumps(seqs).decode()
        statement = "SELECT seq, value FROM sample WHERE seq IN (SELECT value FROM json_each(?))"
        return self._file.rows(statement, (text,))

    def _seq_at(self, utc_ns: int) -> int:
        """Return the first seq received at or after `utc_ns`, by halving: there is no time index.

        Rows are in the order of reception; a wall clock that was stepped back misplaces at most
        the rows of the step.
        """
        rows = self._file.rows("SELECT min(seq), max(seq) FROM sample")
        if rows[0][0] is None:
            return 0
        low, high = int(rows[0][0]), int(rows[0][1]) + 1
        while low < high:
            middle = (low + high) // 2
            stamp = self._file.rows(
                "SELECT receive_ns FROM sample WHERE seq >= ? ORDER BY seq LIMIT 1", (middle,)
            )
            if stamp and stamp[0][0] < utc_ns:
                low = middle + 1
            else:
                high = middle
        return low

    # --- rows ------------------------------------------------------------------------------------

    def _event_rows(self, rows: list[tuple[Any, ...]]) -> list[EventRow]:
        self._learn(set(), {row[5] for row in rows})
        boots = self._boots
        return [
            EventRow(
                seq,
                kind,
                subject,
                utc_ns,
                mono_ns,
                boots[boot],
                bool(clock_ok),
                _WORLDS[world],
                orjson.loads(params),
            )
            for seq, kind, subject, utc_ns, mono_ns, boot, clock_ok, world, params in rows
        ]

    def _learn(self, tags: set[int], boots: set[int]) -> None:
        """See that the names of these tags and boots are known, and are this file's."""
        generation = self._file.generation()
        known = tags <= self._tags.keys() and boots <= self._boots.keys()
        if known and generation == self._names_of:
            return
        self._tags = dict(self._file.rows("SELECT id, name FROM tag"))
        self._boots = dict(self._file.rows("SELECT id, boot_id FROM boot"))
        self._names_of = generation


_IN_WINDOW = (
    "FROM sample WHERE seq >= ? AND seq < ? AND tag = ? AND receive_ns >= ? AND receive_ns < ?"
)
_RAW = "SELECT receive_ns, value, quality"
_STRETCH = (
    "SELECT min(receive_ns), max(receive_ns), min(value), max(value), max(quality), count(*),"
    " max(seq)"
)


def _raw(row: tuple[Any, ...]) -> TrendPoint:
    at, value, quality = row
    return TrendPoint(at, at, value, value, value, _QUALITIES[quality], 1)
