"""Formats: an older file is brought up, a half-done step is not there, retention keeps numbers."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from unittest.mock import ANY

import pytest

from edge.errors import JournalError
from edge.journal import JournalReader, SampleRow, TrendPoint
from edge.journal.format import connect, migrate, scripts
from edge.journal.retention import Pruned, prune_events, prune_samples
from edge.tag import Quality, Reason, World
from tests.unit.journal.kit import GATEWAY, opened, put, repack, sample, transition, writer

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


def test_samples_of_the_first_form_are_read_and_repacked(first_form: Path):
    """Rows of the first release are in the stream and in trends before and after they are moved."""
    db = connect(first_form)
    db.execute("INSERT INTO tag VALUES (1, 'AT-1'), (2, 'AT-2')")
    at = [sample(number).receive_ns for number in range(100)]
    rows = [
        (n + 7, n % 2 + 1, at[n] - 5, at[n], n / 4, 0, "ok", "test", n, 1, 1) for n in range(99)
    ]
    last = (106, 2, at[99], at[99], None, 2, "stale", "test", 99, 1, 0)
    row = "INSERT INTO sample VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    db.executemany(row, [*rows, last])
    db.close()
    store = opened(first_form)
    put(store, [sample(number) for number in range(100, 120)])
    reader = JournalReader(first_form)

    def seen() -> tuple[list[SampleRow], list[TrendPoint], list[TrendPoint], dict[str, int]]:
        fine, coarse = (reader.trend("AT-2", at[10], at[99] + 1, most) for most in (1000, 4))
        return reader.samples(0, 1000), fine, coarse, reader.counts()

    before = seen()
    assert [row.seq for row in before[0]] == list(range(7, 127))
    assert before[0][1] == SampleRow(
        *(8, "AT-2", 0.25, Quality.GOOD, Reason.OK, at[1] - 5, at[1], World.TEST, 1, "boot-old"),
        clock_ok=True,
    )
    assert repack(store) == 1
    assert seen() == before
    assert store.rows("SELECT count(*) FROM sample")[0][0] == 0
    store.close()


def test_what_is_too_old_goes_and_numbers_go_on(tmp_path: Path):
    """Samples go by whole hours from the old end only, and a number is never given again."""
    path = tmp_path / "journal.db"
    store = opened(path)
    for hour in range(6):
        put(store, [sample(hour * 3600 + number) for number in range(5)])
    assert repack(store) == 6
    hour_3 = sample(3 * 3600).receive_ns
    assert prune_samples(store, hour_3, 1)
    assert not prune_samples(store, hour_3, 5), "so many stay whatever the clock says"
    while prune_samples(store, hour_3, 1):
        pass
    reader = JournalReader(path)
    assert [row.seq for row in reader.samples(0, 99)] == list(range(16, 31))
    while prune_samples(store, hour_3 + (1 << 60), 0):
        pass
    assert [row.seq for row in reader.samples(0, 99)] == list(range(26, 31)), "the newest stays"
    assert store.rows("SELECT count(*) FROM block")[0][0] == 1
    store.close()
    store = opened(path)
    put(store, [sample(99)])
    store.close()
    assert reader.newest()[1] == 31
    assert reader.counts()["samples"] == 6


def test_old_events_go_and_the_chain_holds_from_its_anchor(tmp_path: Path):
    """What is kept can still be checked; a changed row, or a removed one, is found."""
    path = tmp_path / "journal.db"
    store = opened(path)
    put(store, [], [transition(number) for number in range(1, 41)])
    reader = JournalReader(path)
    assert reader.broken_at() is None
    young_ns = transition(31).event.at.utc_ns
    assert [prune_events(store, young_ns, 20) for _ in range(3)] == [
        Pruned(20, 21, ANY),
        Pruned(10, 31, ANY),
        None,
    ]
    assert store.rows("SELECT first_seq, gone FROM anchor")[0] == (31, 30)
    assert [row.seq for row in reader.events(0, 99)] == list(range(31, 41))
    assert reader.broken_at() is None
    store.close()
    store = opened(path)
    put(store, [], [transition(50)])
    assert reader.broken_at() is None
    for harm, found in (
        ("UPDATE event SET params = '{}' WHERE seq = 35", 36),
        ("DELETE FROM event WHERE seq = 33", 34),
        ("DELETE FROM event WHERE seq < 33", 31),
    ):
        store.execute(harm)
        assert reader.broken_at() == found
    store.close()


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
