"""relay.db: how far each stream has been acknowledged by the broker. Only the relay writes it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from edge.errors import JournalError

SCHEMA = 1


class Cursors:
    """The last acknowledged sequence of each (stream, epoch)."""

    def __init__(self, path: Path) -> None:
        try:
            self._db = sqlite3.connect(path, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            # Losing the last second of a cursor in a power cut repeats rows; it loses none.
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._migrate(path)
        except sqlite3.Error as error:
            raise JournalError(f"{path}: {error}: check that --state can be written") from None

    def _migrate(self, path: Path) -> None:
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA:
            raise JournalError(f"{path} is of a newer Suian (format {version}): upgrade")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS cursor ("
            " stream TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL,"
            " PRIMARY KEY (stream, epoch)) WITHOUT ROWID"
        )
        self._db.execute(f"PRAGMA user_version = {SCHEMA}")

    def get(self, stream: str, epoch: str) -> int:
        """Return the last acknowledged sequence, 0 for an epoch never relayed."""
        row = self._db.execute(
            "SELECT seq FROM cursor WHERE stream = ? AND epoch = ?", (stream, epoch)
        ).fetchone()
        return 0 if row is None else int(row[0])

    def put(self, stream: str, epoch: str, seq: int) -> None:
        """Set the last acknowledged sequence."""
        self._db.execute(
            "INSERT INTO cursor (stream, epoch, seq) VALUES (?, ?, ?)"
            " ON CONFLICT (stream, epoch) DO UPDATE SET seq = excluded.seq",
            (stream, epoch, seq),
        )

    def close(self) -> None:
        """Close the file."""
        self._db.close()
