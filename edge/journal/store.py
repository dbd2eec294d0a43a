"""The one connection that writes journal.db: identity, numbers and transactions; no thread.

SQLAlchemy Core carries it; the hot path is `exec_driver_sql` with tuples, a tenth above bare
sqlite3. Every method raises `sqlalchemy.exc.DBAPIError` where the disk refuses.

The samples of a transaction are one row, packed (`columns.py`): a row a sample wrote four times as
much to the card, page by page.
"""

from __future__ import annotations

import math
import sqlite3
import uuid
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from edge.clock import Instant
from edge.errors import JournalError
from edge.event import Event, StateRow
from edge.journal.chain import link, origin
from edge.journal.columns import Sheaf, pack_sheaf
from edge.journal.format import cannot_open, connect, migrate, scripts
from edge.journal.queue import Batch, Timed
from edge.journal.rows import EventRow
from edge.tag import World

_EVENT = "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_SHEAF = "INSERT INTO sheaf VALUES (?, ?, ?, ?, ?)"
_NAME = "INSERT INTO tag VALUES (?, ?)"
_KIND = "INSERT INTO state VALUES (?, ?, ?, ?, ?, ?)"
_STATE = (
    "INSERT INTO condition_state VALUES (?, ?, ?) ON CONFLICT (condition)"
    " DO UPDATE SET state = excluded.state, params = excluded.params"
)
_META = "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
PAGE_BYTES = 512  # a flush fills few pages: the smaller they are, the less is written around it
_LAST_SAMPLE = (
    "SELECT max("
    "coalesce((SELECT first_seq + samples - 1 FROM sheaf ORDER BY first_seq DESC LIMIT 1), 0),"
    " coalesce((SELECT max(last_seq) FROM part), 0), coalesce((SELECT max(seq) FROM sample), 0),"
    " coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'sample'), 0))"
)
_NEWEST_NS = (
    "SELECT utc_ns FROM (SELECT utc_ns FROM event ORDER BY seq DESC LIMIT 1)"
    " UNION ALL SELECT to_ns FROM (SELECT to_ns FROM sheaf ORDER BY first_seq DESC LIMIT 1)"
    " UNION ALL SELECT receive_ns FROM (SELECT receive_ns FROM sample ORDER BY seq DESC LIMIT 1)"
    " UNION ALL SELECT to_ns FROM (SELECT to_ns FROM part ORDER BY id DESC LIMIT 1)"
)
State = tuple[int, str, str, int, int]  # quality, reason, world, boot, clock_ok: table `state`


class Store:
    """The journal of one gateway and world, open for writing."""

    def __init__(self, path: Path, gateway: str, world: World, boot_id: str) -> None:
        self._path, self._gateway, self._world = path, gateway, world
        self._boot_id = boot_id
        self._boot = 0
        self._tags: dict[str, int] = {}
        self._states: dict[State, int] = {}
        self.epoch = ""
        self.opened = False
        self.unclean = False  # whether the last writer ended without closing
        self._next_event = self._next_sample = 1
        self._prev = b""

    # --- opening -----------------------------------------------------------------------------

    def open(self, now: Instant) -> None:
        """Open or make the file. Raises `JournalError` if it cannot or may not be written."""
        try:
            raw = connect(self._path, PAGE_BYTES)
        except sqlite3.Error as error:
            raise cannot_open(self._path, error) from None
        self._db = self._through_sqlalchemy(raw)
        try:
            migrate(raw, self._path, scripts("schema"))
            with self.transaction():
                self._identify(now)
                self._resume(now)
                self.states()  # read here already, where damage can still be told
                self.newest_ns()
        except (sqlite3.Error, DBAPIError, ValueError) as error:
            self.abandon()
            cause = error.orig if isinstance(error, DBAPIError) else error
            raise cannot_open(self._path, cause or error) from None
        except JournalError:
            self.abandon()
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
        meta = dict(self.rows("SELECT key, value FROM meta"))
        if not meta:
            meta = {
                "gateway": self._gateway,
                "world": str(self._world),
                "epoch": str(uuid.uuid4()),
                "created_ns": str(now.utc_ns),
            }
            self.execute(_META, list(meta.items()))
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
        self.execute(_META, ("clean", "0"))

    def _resume(self, now: Instant) -> None:
        """Go on from the last numbers, and note this opening."""
        last = dict(self.rows("SELECT name, seq FROM sqlite_sequence"))
        self._next_event = int(last.get("event", 0)) + 1
        self._next_sample = int(self.rows(_LAST_SAMPLE)[0][0]) + 1
        self._tags = {name: key for key, name in self.rows("SELECT id, name FROM tag")}
        states = self.rows("SELECT quality, reason, world, boot, clock_ok, id FROM state")
        self._states = {tuple(row[:5]): row[5] for row in states}
        newest = self.rows("SELECT * FROM event ORDER BY seq DESC LIMIT 1")
        self._prev = link(tuple(newest[0])) if newest else self._first_link()
        self.execute(
            "INSERT INTO boot (boot_id, utc_ns, mono_ns) VALUES (?, ?, ?)",
            (self._boot_id, now.utc_ns, now.mono_ns),
        )
        self._boot = int(self.rows("SELECT max(id) FROM boot")[0][0])

    def _first_link(self) -> bytes:
        anchor = self.rows("SELECT prev FROM anchor")
        return bytes(anchor[0][0]) if anchor else origin(self.epoch)

    # --- reading what is needed to go on -------------------------------------------------------

    def states(self) -> list[StateRow]:
        """Return the conditions' states as the last transitions left them."""
        rows = self.rows("SELECT condition, state, params FROM condition_state")
        return [StateRow(name, state, orjson.loads(params)) for name, state, params in rows]

    def newest_ns(self) -> int | None:
        """Return the UTC stamp [ns] of the newest row of either stream."""
        return max((int(row[0]) for row in self.rows(_NEWEST_NS)), default=None)

    def oldest_event_ns(self) -> int | None:
        """Return the UTC stamp [ns] of the oldest event that is kept."""
        found = self.rows("SELECT utc_ns FROM event ORDER BY seq LIMIT 1")
        return int(found[0][0]) if found else None

    def rows(self, statement: str, values: tuple[Any, ...] = ()) -> Sequence[Any]:
        """Return every row of a statement."""
        return self._db.exec_driver_sql(statement, values).all()

    # --- writing -----------------------------------------------------------------------------

    def write(self, batch: Batch, extra: Sequence[Event], *, clock_ok: bool) -> list[EventRow]:
        """Write a batch, and `extra` events after it, in one transaction; return its events.

        Nothing is kept of a transaction that fails, numbers included.
        """
        events = [*(transition.event for transition in batch.transitions), *extra]
        states = {t.row.condition: t.row for t in batch.transitions if t.row is not None}
        rows, prev = self._numbered(events, clock_ok=clock_ok)
        new_tags = self._new_tags(batch.samples)
        plain, new_states = self._plain(batch.samples, clock_ok=clock_ok)
        sheaf = self._sheaf_row(batch.samples, new_tags, plain)
        with self.transaction():
            if rows:
                self.execute(_EVENT, rows)
            if states:
                packed = [(s.condition, s.state, _text(s.params)) for s in states.values()]
                self.execute(_STATE, packed)
            if new_tags:
                self.execute(_NAME, [(key, name) for name, key in new_tags.items()])
            if new_states:
                self.execute(_KIND, [(key, *state) for state, key in new_states.items()])
            if sheaf is not None:
                self.execute(_SHEAF, sheaf)
        first = self._next_event
        self._next_event += len(rows)
        self._next_sample += len(batch.samples)
        self._tags |= new_tags
        self._states |= new_states
        self._prev = prev
        return [self._event_row(first + i, event, clock_ok) for i, event in enumerate(events)]

    def execute(self, statement: str, values: Any = ()) -> None:  # noqa: ANN401 - a row, or rows
        """Run a statement, once or for each of a list of rows."""
        self._db.exec_driver_sql(statement, values)

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

    def _plain(
        self, samples: Sequence[Timed], *, clock_ok: bool
    ) -> tuple[dict[tuple[Any, ...], int], dict[State, int]]:
        """Return the number of each state among `samples`, and those that are new."""
        plain: dict[tuple[Any, ...], int] = {}
        new: dict[State, int] = {}
        for quality, reason, world in {(s.quality, s.reason, s.world) for s, _ in samples}:
            state = (int(quality), str(reason), str(world), self._boot, int(clock_ok))
            plain[quality, reason, world] = self.state_id(state, new)
        return plain, new

    def state_id(self, state: State, new: dict[State, int]) -> int:
        """Return the number of a state; one that is not known gets the next, and goes to `new`."""
        known = self._states.get(state) or new.get(state)
        if known is None:
            known = new[state] = len(self._states) + len(new) + 1
        return known

    def add_states(self, new: dict[State, int]) -> None:
        """Write states that `state_id` found to be new; within a transaction."""
        self.execute(_KIND, [(key, *state) for state, key in new.items()])
        self._states |= new

    def qualities(self) -> dict[int, int]:
        """Return the quality of each state."""
        return {key: state[0] for state, key in self._states.items()}

    def _sheaf_row(
        self,
        samples: Sequence[Timed],
        new_tags: dict[str, int],
        plain: dict[tuple[Any, ...], int],
    ) -> tuple[Any, ...] | None:
        if not samples:
            return None
        tags = self._tags | new_tags if new_tags else self._tags
        received = [sample.receive_ns for sample, _ in samples]
        sheaf = Sheaf(
            [tags[sample.tag] for sample, _ in samples],
            [plain[sample.quality, sample.reason, sample.world] for sample, _ in samples],
            received,
            [sample.source_ns - sample.receive_ns for sample, _ in samples],
            [mono_ns - sample.receive_ns for sample, mono_ns in samples],
            [math.nan if sample.value is None else sample.value for sample, _ in samples],
        )
        span = (min(received), max(received))
        return (self._next_sample, len(samples), *span, pack_sheaf(sheaf))

    def _event_row(self, seq: int, event: Event, clock_ok: bool) -> EventRow:
        kind, subject, at, world, params = event
        stamps = (at.utc_ns, at.mono_ns, self._boot_id, clock_ok)
        return EventRow(seq, kind, subject, *stamps, world, params)

    def close(self) -> None:
        """Mark the end as a clean one, and close."""
        try:
            with self.transaction():
                self.execute(_META, ("clean", "1"))
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Close without the mark: the next opening will tell of a gap."""
        self._db.close()
        self._db.engine.dispose()

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Write what is executed within whole, or not at all."""
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


def _text(params: object) -> str:
    return orjson.dumps(params, default=str).decode()
