"""hazard.db: one row a finished estimate. The hazard daemon writes it, console and relay read.

The estimate is JSON as docs/wire.md and the hazard daemon say; here it is a dict that gets a `seq`.
Stream "hazard" has an epoch of its own: it is another file than the journal.
"""

from __future__ import annotations

import sqlite3
import uuid
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from edge.errors import JournalError
from edge.journal.format import cannot_open, connect, migrate, scripts
from edge.journal.readonly import ReadOnly

Estimate = dict[str, Any]
_SCHEMA = "hazard_schema"
KEPT = 20_000  # estimates; a day of one every 5 s
_LEVEL = 3  # of zlib: rings of numbers shrink to a third in a millisecond


class HazardWriter:
    """The only writer of hazard.db at `path`; the newest `kept` estimates stay.

    Raises `JournalError` if the file cannot be opened, or is of a newer Suian.
    """

    def __init__(self, path: Path, kept: int = KEPT) -> None:
        self._path, self._kept = path, kept
        try:
            self._db = connect(path)
            migrate(self._db, path, scripts(_SCHEMA))
            epoch = ("epoch", str(uuid.uuid4()))
            self._db.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", epoch)
            row = self._db.execute("SELECT max(seq) FROM sqlite_sequence").fetchone()
        except sqlite3.Error as error:
            raise cannot_open(path, error) from None
        self._next = int(row[0] or 0) + 1

    def write(self, estimate: Mapping[str, Any], inputs: Mapping[str, Any]) -> int:
        """Keep an estimate with what it was made from; return its seq.

        Raises `JournalError` if the disk refuses; the number is then given to the next one.
        """
        seq = self._next
        body, record = _pack({**estimate, "seq": seq}), _pack(inputs)
        row = (seq, int(estimate["at_ns"]), str(estimate["state"]), body, record)
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("INSERT INTO estimate VALUES (?, ?, ?, ?, ?)", row)
            self._db.execute("DELETE FROM estimate WHERE seq <= ?", (seq - self._kept,))
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise JournalError(f"{self._path} cannot be written: {error}") from None
        self._next += 1
        return seq

    def close(self) -> None:
        """Close the file."""
        self._db.close()


class HazardReader:
    """Reads hazard.db at `path` beside its writer.

    A file that is not there yet holds no estimate. Raises `JournalError` if it is there and
    cannot be read, or is of a newer Suian.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = ReadOnly(path, len(scripts(_SCHEMA)))

    @property
    def epoch(self) -> str:
        """The file's epoch; empty while there is no file."""
        return self._file.meta("epoch") if self._path.exists() else ""

    def latest(self) -> Estimate | None:
        """Return the newest estimate."""
        rows = self._rows("SELECT body FROM estimate ORDER BY seq DESC LIMIT 1")
        return _estimate(rows[0]) if rows else None

    def after(self, seq: int, limit: int) -> list[Estimate]:
        """Return at most `limit` estimates above `seq`, rising."""
        statement = "SELECT body FROM estimate WHERE seq > ? ORDER BY seq LIMIT ?"
        return [_estimate(row) for row in self._rows(statement, (seq, limit))]

    def inputs(self, seq: int) -> Estimate | None:
        """Return what estimate `seq` was made from; None where it is not (or no longer) kept."""
        rows = self._rows("SELECT inputs FROM estimate WHERE seq = ?", (seq,))
        return _estimate(rows[0]) if rows else None

    def close(self) -> None:
        """Close the file; the next read opens it again."""
        self._file.close()

    def _rows(self, statement: str, values: tuple[int, ...] = ()) -> list[tuple[Any, ...]]:
        if not self._path.exists():
            return []
        return self._file.rows(statement, values)


def _pack(document: Mapping[str, Any]) -> bytes:
    return zlib.compress(orjson.dumps(document), _LEVEL)


def _estimate(row: tuple[Any, ...]) -> Estimate:
    return orjson.loads(zlib.decompress(row[0]))
