"""A gateway file's format: numbered scripts, and `user_version` saying how far they were run."""

from __future__ import annotations

import sqlite3
from importlib import resources
from pathlib import Path

from edge.errors import JournalError

CHECKPOINT_BYTES = 4 << 20  # of log, after which it is folded back
_DAMAGE = ("malformed", "no such", "corrupt")  # in SQLite's messages on a broken file


def scripts(folder: str) -> list[str]:
    """Return the scripts 0001.sql, 0002.sql, … of a folder of this package, in order."""
    entries = sorted(
        (entry for entry in (resources.files(__package__ or "") / folder).iterdir()),
        key=lambda entry: entry.name,
    )
    texts = [entry.read_text(encoding="utf-8") for entry in entries if entry.name.endswith(".sql")]
    assert texts, f"no scripts in {folder}"
    return texts


def migrate(db: sqlite3.Connection, path: Path, steps: list[str]) -> None:
    """Bring the file to the newest format, each step whole or not at all.

    `db` is in autocommit mode. Raises `JournalError` if the file is newer than this program, or
    some other program's.
    """
    check_version(db, path, len(steps))
    done = int(db.execute("PRAGMA user_version").fetchone()[0])
    if not done and db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        raise JournalError(f"{path} is another program's database: move it away")
    for number, script in enumerate(steps[done:], start=done + 1):
        try:
            db.executescript(
                f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;"
            )
        except sqlite3.Error:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise


def check_version(db: sqlite3.Connection, path: Path, newest: int) -> None:
    """Raise `JournalError` if the file is of a format that this program does not know."""
    found = int(db.execute("PRAGMA user_version").fetchone()[0])
    if found > newest:
        raise JournalError(
            f"{path} has format {found}, this program knows {newest}: upgrade Suian to open it"
        )


def connect(path: Path, page_bytes: int = 4096) -> sqlite3.Connection:
    """Return a writing connection in WAL mode and autocommit; it may move between threads.

    A file that is there already keeps the page size it was made with.
    """
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)
    db.execute(f"PRAGMA page_size = {page_bytes}")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA journal_size_limit = 8388608")
    (page_bytes,) = db.execute("PRAGMA page_size").fetchone()
    db.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_BYTES // page_bytes}")
    # Pages that were freed need not be written once more to be zero.
    db.execute("PRAGMA secure_delete = OFF")
    return db


def cannot_open(path: Path, error: Exception) -> JournalError:
    """Return the error that names the file, what is wrong with it and what to do."""
    folder = path.parent
    if not folder.is_dir():
        return JournalError(f"{path}: the folder {folder} is not there: make it")
    if "not a database" in str(error):
        return JournalError(f"{path} is no journal ({error}): move it away or restore a copy")
    if isinstance(error, ValueError) or any(words in str(error) for words in _DAMAGE):
        return JournalError(f"{path} is damaged ({error}): move it away or restore a copy")
    return JournalError(
        f"{path} cannot be opened ({error}): give the user that runs the daemons the right to"
        f" write in {folder}, and see that the disk is neither full nor read-only"
    )
