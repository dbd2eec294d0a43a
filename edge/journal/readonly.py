"""A file that another process writes, opened for short reads: one statement, no transaction held.

Bare sqlite3, not SQLAlchemy: a reader has no statement to build and no pool to keep, and 14 MB in
each satellite is a third of the relay's budget.
"""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Any

from edge.errors import JournalError
from edge.journal.format import check_version

Row = tuple[Any, ...]
_META = "SELECT key, value FROM meta WHERE key != 'clean'"


class ReadOnly:
    """Opens on first use, follows a file that was replaced, and may be asked from any thread."""

    def __init__(self, path: Path, newest: int) -> None:
        self._path, self._newest = path, newest
        self._db: sqlite3.Connection | None = None
        self._inode = (0, 0)  # device and inode of the file that is open
        self._generation = 0
        self._meta: dict[str, str] = {}
        self._meta_of = 0
        self._lock = threading.Lock()

    def rows(self, statement: str, values: tuple[Any, ...] = ()) -> list[Row]:
        """Return every row. Raises `JournalError` if the file is not there or not readable."""
        with self._lock:
            try:
                return self._opened().execute(statement, values).fetchall()
            except (sqlite3.Error, OSError) as error:
                self._close()
                raise JournalError(f"{self._path} cannot be read: {error}") from None

    def generation(self) -> int:
        """Return a number that changes when the file was opened anew: another after a restore.

        Raises `JournalError` as `rows` does.
        """
        with self._lock:
            try:
                self._opened()
            except (sqlite3.Error, OSError) as error:
                self._close()
                raise JournalError(f"{self._path} cannot be read: {error}") from None
            return self._generation

    def meta(self, key: str) -> str:
        """Return an entry of the file's table `meta`, "" where it has none; kept while it is open.

        Raises `JournalError` as `rows` does.
        """
        generation = self.generation()
        if generation != self._meta_of or key not in self._meta:
            self._meta = {str(name): str(value) for name, value in self.rows(_META)}
            self._meta_of = generation
        return self._meta.get(key, "")

    def close(self) -> None:
        """Close the file; the next read opens it again."""
        with self._lock:
            self._close()

    def _opened(self) -> sqlite3.Connection:
        status = self._path.stat()
        inode = (status.st_dev, status.st_ino)
        if self._db is not None and inode != self._inode:
            self._close()
        if self._db is None:
            uri = f"{self._path.absolute().as_uri()}?mode=ro"
            db = sqlite3.connect(
                uri, uri=True, isolation_level=None, check_same_thread=False, timeout=2.0
            )
            try:
                check_version(db, self._path, self._newest)
            except BaseException:
                db.close()
                raise
            self._db, self._inode = db, inode
            self._generation += 1
        return self._db

    def _close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None
