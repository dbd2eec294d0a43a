"""Formats: an older file is brought up, a half-done step is not there, retention keeps numbers."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.clock import NS, ManualClock
from edge.errors import JournalError
from edge.journal import JournalReader
from edge.journal.format import connect, migrate, scripts
from edge.journal.store import Store
from edge.tag import World
from tests.unit.journal.kit import GATEWAY, sample, transition, writer

STEP = "ALTER TABLE event ADD COLUMN note TEXT;\nUPDATE event SET note = 'old';"


@pytest.fixture
def first_form(tmp_path: Path) -> Path:
    """A journal as the first release wrote it: its script alone, with rows."""
    path = tmp_path / "journal.db"
    db = connect(path)
    migrate(db, path, scripts("schema")[:1])
    db.execute("INSERT INTO meta VALUES ('gateway', ?)", (GATEWAY,))
    db.execute("INSERT INTO meta VALUES ('world', 'test'), ('epoch', 'e-1'), ('clean', '1')")
    db.execute("INSERT INTO boot VALUES (1, 'boot-old', 1, 1)")
    row = (41, 7, 7, 1, 1, "test", "alarm.raised", "AT-1/h", '{"value":1.5}', b"\0" * 32)
    db.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    db.close()
    return path


def test_an_older_file_is_brought_up_with_all_its_rows(first_form: Path):
    """The next step runs once, over the rows there are, and the version says so."""
    steps = [scripts("schema")[0], STEP]
    for _ in range(2):
        db = connect(first_form)
        migrate(db, first_form, steps)
        assert db.execute("PRAGMA user_version").fetchone() == (2,)
        assert db.execute("SELECT seq, kind, note FROM event").fetchall() == [
            (41, "alarm.raised", "old")
        ]
        db.close()


def test_a_step_that_fails_leaves_the_file_as_it_was(first_form: Path):
    """A migration is whole or not there: the old program can still read the file."""
    db = connect(first_form)
    with pytest.raises(sqlite3.Error):
        migrate(db, first_form, [scripts("schema")[0], STEP + "\nINSERT INTO nowhere VALUES (1);"])
    assert db.execute("PRAGMA user_version").fetchone() == (1,)
    assert "note" not in {row[1] for row in db.execute("PRAGMA table_info(event)")}
    db.close()


def test_the_present_program_goes_on_with_the_first_form(first_form: Path):
    """A journal of the first release is opened, numbered on and read."""
    journal = writer(first_form)
    journal.open()
    assert journal.epoch == "e-1"
    journal.offer([transition(1)])
    journal.close()
    rows = JournalReader(first_form).events(0, 9)
    assert [(row.seq, row.boot, dict(row.params).get("value")) for row in rows] == [
        (41, "boot-old", 1.5),
        (42, "boot-a", 0.5),
    ]


def test_what_is_too_old_goes_and_numbers_go_on(tmp_path: Path):
    """Retention deletes from the old end only, and a number is never given again."""
    path, clock = tmp_path / "journal.db", ManualClock()
    journal = writer(path)
    journal.open()
    for number in range(10):
        journal.offer_sample(sample(number))
    journal.close()
    store = Store(path, GATEWAY, World.TEST, "boot-b")
    store.open(clock.now())
    assert store.prune(sample(4).receive_ns, 3) == 3
    assert store.prune(sample(4).receive_ns, 3) == 1
    assert store.prune(sample(4).receive_ns, 3) == 0
    assert store.prune(sample(100).receive_ns + NS, 99) == 5, "the last row stays as an anchor"
    store.close()
    journal = writer(path)
    journal.open()
    journal.offer_sample(sample(11))
    journal.close()
    assert [row.seq for row in JournalReader(path).samples(0, 99)] == [10, 11]


def _damaged(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:] = bytes(byte ^ 0x5A for byte in content[4096:])
    path.write_bytes(content)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:20_000])


def _said(path: Path, *statements: str) -> None:
    with sqlite3.connect(path) as db:
        for statement in statements:
            db.execute(statement)
    db.close()


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (_damaged, "is damaged"),
        (_cut, "is damaged"),
        (lambda path: _said(path, "UPDATE condition_state SET params = '{'"), "is damaged"),
        (lambda path: _said(path, "DELETE FROM meta WHERE key = 'world'"), "is damaged"),
        (lambda path: _said(path, "DROP TABLE condition_state"), "is damaged"),
        (lambda path: _said(path, "PRAGMA user_version = 0"), "is another program's database"),
    ],
)
def test_a_damaged_or_foreign_file_is_refused_by_name(
    tmp_path: Path, harm: Callable[[Path], None], said: str
):
    """Whatever is broken in it, the message names the file and says to move it away."""
    path = tmp_path / "journal.db"
    journal = writer(path)
    journal.open()
    journal.offer([transition(number) for number in range(200)])
    journal.close()
    harm(path)
    with pytest.raises(JournalError, match=said) as told:
        writer(path).open()
    assert str(path) in str(told.value)
    assert "move it away" in str(told.value)
