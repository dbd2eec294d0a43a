"""relay.db: how far each stream has been acknowledged by the broker. Only the relay writes it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from edge.errors import JournalError

FORMAT = 1


class Cursors:
    """The last acknowledged sequence of each (stream, epoch).

    Every method raises `JournalError`, naming the file, if the disk refuses.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._db = sqlite3.connect(path, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            # Losing the last second of a cursor in a power cut repeats rows; it loses none.
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._make()
        except sqlite3.Error as error:
            raise JournalError(f"{path}: {error}: see that its folder can be written") from None

    def _make(self) -> None:
        found = self._db.execute("PRAGMA user_version").fetchone()[0]
        if found > FORMAT:
            raise JournalError(f"{self._path} has format {found}, this knows {FORMAT}: upgrade")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS cursor ("
            " stream TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL,"
            " PRIMARY KEY (stream, epoch)) WITHOUT ROWID"
        )
        self._db.execute(f"PRAGMA user_version = {FORMAT}")

    def get(self, stream: str, epoch: str) -> int:
        """Return the last acknowledged sequence, 0 for an epoch never relayed."""
        statement = "SELECT seq FROM cursor WHERE stream = ? AND epoch = ?"
        try:
            row = self._db.execute(statement, (stream, epoch)).fetchone()
        except sqlite3.Error as error:
            raise JournalError(f"{self._path} cannot be read: {error}") from None
        return 0 if row is None else int(row[0])

    def put(self, stream: str, epoch: str, seq: int) -> None:
        """Set the last acknowledged sequence."""
        statement = (
            "INSERT INTO cursor (stream, epoch, seq) VALUES (?, ?, ?)"
            " ON CONFLICT (stream, epoch) DO UPDATE SET seq = excluded.seq"
        )
        try:
            self._db.execute(statement, (stream, epoch, seq))
        except sqlite3.Error as error:
            raise JournalError(f"{self._path} cannot be written: {error}") from None

    def close(self) -> None:
        """Close the file."""
        self._db.close()
