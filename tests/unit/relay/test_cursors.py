"""relay.db: a cursor for each stream and epoch, and clear words where the disk refuses."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from edge.errors import JournalError
from edge.relay.cursors import Cursors


def test_cursors_outlive_the_process_and_epochs_do_not_mix(tmp_path: Path):
    """What was acknowledged of one epoch says nothing of another, which starts at its beginning."""
    path = tmp_path / "relay.db"
    first = Cursors(path)
    first.put("event", "e-1", 7)
    first.put("event", "e-1", 9)
    first.put("sample", "e-1", 100)
    first.close()
    second = Cursors(path)
    assert (second.get("event", "e-1"), second.get("sample", "e-1")) == (9, 100)
    assert second.get("event", "e-2") == 0
    second.close()


def test_a_file_that_cannot_be_used_is_told(tmp_path: Path):
    """No folder, a newer format, a disk that refuses: each names the file."""
    with pytest.raises(JournalError, match=r"relay\.db.*folder can be written"):
        Cursors(tmp_path / "gone" / "relay.db")
    path = tmp_path / "relay.db"
    cursors = Cursors(path)
    cursors._db.execute("PRAGMA query_only = 1")
    with pytest.raises(JournalError, match=r"relay\.db cannot be written"):
        cursors.put("event", "e", 1)
    cursors.close()
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 9")
    db.close()
    with pytest.raises(JournalError, match=r"format 9.*upgrade"):
        Cursors(path)
