"""The one connection that writes journal.db: identity, numbers and transactions; no thread.

SQLAlchemy Core carries it; the hot path is `exec_driver_sql` with tuples, a tenth above bare
sqlite3. Every method raises `sqlalchemy.exc.DBAPIError` where the disk refuses.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from edge.clock import Instant
from edge.errors import JournalError
from edge.event import Event, StateRow
from edge.journal.format import cannot_open, connect, migrate, scripts
from edge.journal.queue import Batch, Timed
from edge.journal.rows import EventRow
from edge.tag import Quality, Reason, World

_EVENT = "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_SAMPLE = "INSERT INTO sample VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_STATE = (
    "INSERT INTO condition_state VALUES (?, ?, ?) ON CONFLICT (condition)"
    " DO UPDATE SET state = excluded.state, params = excluded.params"
)
_META = "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
# Enum members as SQLite takes them without asking for an adapter: half the time of a row.
_PLAIN: dict[Quality | Reason | World, int | str] = {
    **{quality: int(quality) for quality in Quality},
    **{reason: str(reason) for reason in Reason},
    **{world: str(world) for world in World},
}


class Store:
    """The journal of one gateway and world, open for writing."""

    def __init__(self, path: Path, gateway: str, world: World, boot_id: str) -> None:
        self._path, self._gateway, self._world = path, gateway, world
        self._boot_id = boot_id
        self._boot = 0
        self._tags: dict[str, int] = {}
        self.epoch = ""
        self.opened = False
        self.unclean = False  # whether the last writer ended without closing
        self._next_event = self._next_sample = 1
        self._prev = b""

    # --- opening -----------------------------------------------------------------------------

    def open(self, now: Instant) -> None:
        """Open or make the file. Raises `JournalError` if it cannot or may not be written."""
        try:
            raw = connect(self._path)
        except sqlite3.Error as error:
            raise cannot_open(self._path, error) from None
        try:
            migrate(raw, self._path, scripts("schema"))
            self._db = self._through_sqlalchemy(raw)
            with self._transaction():
                self._identify(now)
                self._resume(now)
                self.states()  # read here already, where damage can still be told
                self.newest_ns()
        except (sqlite3.Error, DBAPIError, ValueError) as error:
            raw.close()
            cause = error.orig if isinstance(error, DBAPIError) else error
            raise cannot_open(self._path, cause or error) from None
        except JournalError:
            raw.close()
            raise
        self.opened = True

    @staticmethod
    def _through_sqlalchemy(raw: sqlite3.Connection) -> Connection:
        # BEGIN and COMMIT are said here, not guessed from statements by the driver.
        engine = create_engine(
            "sqlite://", creator=lambda: raw, poolclass=StaticPool, isolation_level="AUTOCOMMIT"
        )
        return engine.connect()

    def _identify(self, now: Instant) -> None:
        """Check whose journal this is, or say so in a new one."""
        meta = dict(self._rows("SELECT key, value FROM meta"))
        if not meta:
            meta = {
                "gateway": self._gateway,
                "world": str(self._world),
                "epoch": str(uuid.uuid4()),
                "created_ns": str(now.utc_ns),
            }
            self._db.exec_driver_sql(_META, list(meta.items()))
        if missing := {"gateway", "world", "epoch"} - meta.keys():
            raise ValueError(f"it does not say its {', '.join(sorted(missing))}")
        for key, ours in (("gateway", self._gateway), ("world", str(self._world))):
            if meta[key] != ours:
                raise JournalError(
                    f"{self._path} is the journal of {key} {meta[key]}, not {ours}:"
                    " give each gateway and world a state folder of its own"
                )
        self.epoch = meta["epoch"]
        self.unclean = meta.get("clean") == "0"
        self._db.exec_driver_sql(_META, ("clean", "0"))

    def _resume(self, now: Instant) -> None:
        """Go on from the last numbers, and note this opening."""
        last = dict(self._rows("SELECT name, seq FROM sqlite_sequence"))
        self._next_event = int(last.get("event", 0)) + 1
        self._next_sample = int(last.get("sample", 0)) + 1
        self._tags = {name: key for key, name in self._rows("SELECT id, name FROM tag")}
        newest = self._rows("SELECT * FROM event ORDER BY seq DESC LIMIT 1")
        self._prev = link(tuple(newest[0])) if newest else sha256(self.epoch.encode()).digest()
        self._db.exec_driver_sql(
            "INSERT INTO boot (boot_id, utc_ns, mono_ns) VALUES (?, ?, ?)",
            (self._boot_id, now.utc_ns, now.mono_ns),
        )
        self._boot = int(self._rows("SELECT max(id) FROM boot")[0][0])

    # --- reading what is needed to go on -------------------------------------------------------

    def states(self) -> list[StateRow]:
        """Return the conditions' states as the last transitions left them."""
        rows = self._rows("SELECT condition, state, params FROM condition_state")
        return [StateRow(name, state, orjson.loads(params)) for name, state, params in rows]

    def newest_ns(self) -> int | None:
        """Return the UTC stamp [ns] of the newest row of either stream."""
        rows = self._rows(
            "SELECT utc_ns FROM (SELECT utc_ns FROM event ORDER BY seq DESC LIMIT 1) UNION ALL"
            " SELECT receive_ns FROM (SELECT receive_ns FROM sample ORDER BY seq DESC LIMIT 1)"
        )
        return max((int(row[0]) for row in rows), default=None)

    def _rows(self, statement: str) -> Sequence[Any]:
        return self._db.exec_driver_sql(statement).all()

    # --- writing -----------------------------------------------------------------------------

    def write(self, batch: Batch, extra: Sequence[Event], *, clock_ok: bool) -> list[EventRow]:
        """Write a batch, and `extra` events after it, in one transaction; return its events.

        Nothing is kept of a transaction that fails, numbers included.
        """
        events = [*(transition.event for transition in batch.transitions), *extra]
        states = {t.row.condition: t.row for t in batch.transitions if t.row is not None}
        rows, prev = self._numbered(events, clock_ok=clock_ok)
        new_tags = self._new_tags(batch.samples)
        with self._transaction():
            if rows:
                self._db.exec_driver_sql(_EVENT, rows)
            if states:
                packed = [(s.condition, s.state, _text(s.params)) for s in states.values()]
                self._db.exec_driver_sql(_STATE, packed)
            if new_tags:
                pairs = [(key, name) for name, key in new_tags.items()]
                self._db.exec_driver_sql("INSERT INTO tag VALUES (?, ?)", pairs)
            if batch.samples:
                samples = self._sample_rows(batch.samples, new_tags, clock_ok=clock_ok)
                self._db.exec_driver_sql(_SAMPLE, samples)
        first = self._next_event
        self._next_event += len(rows)
        self._next_sample += len(batch.samples)
        self._tags |= new_tags
        self._prev = prev
        return [self._event_row(first + i, event, clock_ok) for i, event in enumerate(events)]

    def _numbered(
        self, events: Sequence[Event], *, clock_ok: bool
    ) -> tuple[list[tuple[Any, ...]], bytes]:
        """Return event rows, each linked to the one before, and the link for the next."""
        prev, rows = self._prev, list[tuple[Any, ...]]()
        for seq, (kind, subject, at, world, params) in enumerate(events, start=self._next_event):
            stamps = (seq, at.utc_ns, at.mono_ns, self._boot, int(clock_ok))
            row = (*stamps, str(world), kind, subject, _text(params), prev)
            rows.append(row)
            prev = link(row)
        return rows, prev

    def _new_tags(self, samples: Sequence[Timed]) -> dict[str, int]:
        names = {timed.sample.tag for timed in samples} - self._tags.keys()
        first = max(self._tags.values(), default=0) + 1
        return {name: key for key, name in enumerate(sorted(names), start=first)}

    def _sample_rows(
        self, samples: Sequence[Timed], new_tags: dict[str, int], *, clock_ok: bool
    ) -> list[tuple[Any, ...]]:
        tags = self._tags | new_tags if new_tags else self._tags
        end = (self._boot, int(clock_ok))
        return [
            (seq, tags[s[0]], s[4], s[5], s[1], _PLAIN[s[2]], _PLAIN[s[3]], _PLAIN[s[6]], at, *end)
            for seq, (s, at) in enumerate(samples, start=self._next_sample)
        ]

    def _event_row(self, seq: int, event: Event, clock_ok: bool) -> EventRow:
        kind, subject, at, world, params = event
        stamps = (at.utc_ns, at.mono_ns, self._boot_id, clock_ok)
        return EventRow(seq, kind, subject, *stamps, world, params)

    def prune(self, before_ns: int, most: int) -> int:
        """Delete the oldest samples, `most` at a time, received before `before_ns` [ns UTC].

        Returns how many went. Whatever follows the first sample young enough stays: numbers
        have no holes.
        """
        rows = self._rows("SELECT min(seq) FROM sample")
        if rows[0][0] is None:
            return 0
        low = int(rows[0][0])
        kept = self._db.exec_driver_sql(
            "SELECT min(seq) FROM sample WHERE seq < ? AND receive_ns >= ?", (low + most, before_ns)
        ).scalar()
        # The newest row stays whatever its age: it carries the stream's last number.
        end = min(low + most if kept is None else int(kept), self._next_sample - 1)
        if end <= low:
            return 0
        with self._transaction():
            self._db.exec_driver_sql("DELETE FROM sample WHERE seq < ?", (end,))
        return end - low

    def close(self) -> None:
        """Mark the end as a clean one, and close."""
        try:
            with self._transaction():
                self._db.exec_driver_sql(_META, ("clean", "1"))
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Close without the mark: the next opening will tell of a gap."""
        self._db.close()
        self._db.engine.dispose()

    @contextmanager
    def _transaction(self) -> Generator[None]:
        self._db.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            yield
            self._db.exec_driver_sql("COMMIT")
        except BaseException:
            if self._raw().in_transaction:
                self._db.exec_driver_sql("ROLLBACK")
            raise

    def _raw(self) -> sqlite3.Connection:
        driver = self._db.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        return driver


def link(row: tuple[Any, ...]) -> bytes:
    """Return the SHA-256 of an event row as it stands in the file, its own `prev` included."""
    *fields, prev = row
    return sha256(orjson.dumps(fields) + bytes(prev)).digest()


def _text(params: object) -> str:
    return orjson.dumps(params, default=str).decode()
