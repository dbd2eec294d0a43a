"""A disk that refuses: nothing is lost that may not be, nobody waits, and it is told afterwards."""

from __future__ import annotations

import os
import re
import sqlite3
from pathlib import Path

import pytest

from edge.clock import ManualClock
from edge.journal import JournalReader
from edge.journal.writer import JournalWriter
from tests.unit.journal.kit import Committed, sample, transition, writer


def _limit_pages(journal: JournalWriter, pages: int) -> None:
    """Have SQLite answer "database or disk is full" beyond `pages` pages, as a full disk does."""
    journal._store._raw().execute(f"PRAGMA max_page_count = {pages}")


def _wait_until(journal: JournalWriter, clock: ManualClock, healthy: bool) -> None:
    while journal.healthy(clock.now()) != healthy:
        os.sched_yield()


def test_a_full_disk_keeps_events_in_memory_until_it_can_be_written_again(tmp_path: Path):
    """While the disk is full core goes on and is told unhealthy; after it every event is there."""
    path, committed, clock = tmp_path / "journal.db", Committed(), ManualClock()
    journal = writer(path, committed, clock=clock, queue=1000)
    journal.open()
    journal.offer([transition(1)])
    committed.wait_for(1)
    assert journal.healthy(clock.now())
    _limit_pages(journal, 1)
    for number in range(2, 400):
        journal.offer([transition(number)])
    _wait_until(journal, clock, healthy=False)
    for number in range(1500):
        journal.offer_sample(sample(number))
    clock.advance(12.5)
    _limit_pages(journal, 1 << 30)
    rows = committed.wait(lambda rows: rows[-1].kind == "journal.write-resumed")
    _wait_until(journal, clock, healthy=True)
    journal.close()
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert [row.subject for row in rows[:399]] == [f"AT-{number}/h" for number in range(1, 400)]
    assert {row.kind for row in rows[399:]} == {"journal.samples-dropped", "journal.write-resumed"}
    told = rows[-1].params
    assert told["seconds"] == 12.5
    assert "full" in str(told["error"])
    reader = JournalReader(path)
    kept = [row.value for row in reader.samples(0, 2000)]
    assert kept == [float(number) for number in range(500, 1500)], "the newest stay, in order"
    assert len(reader.states()) == 399


def test_closing_on_a_dead_disk_ends_and_leaves_a_gap_to_tell(tmp_path: Path):
    """A stop does not hang on a disk that refuses, and the next opening knows."""
    path, clock = tmp_path / "journal.db", ManualClock()
    journal = writer(path, clock=clock)
    journal.open()
    _limit_pages(journal, 1)
    journal.offer([transition(number) for number in range(200)])
    _wait_until(journal, clock, healthy=False)
    journal.close()
    committed = Committed()
    again = writer(path, committed)
    again.open()
    assert committed.wait_for(1)[0].kind == "journal.gap"
    again.close()


def test_a_stuck_commit_is_unhealthy(tmp_path: Path):
    """A commit that does not come back within 30 s is a dead disk, though no error was given."""
    path, clock, committed = tmp_path / "journal.db", ManualClock(), Committed()
    journal = writer(path, committed, clock=clock)
    journal.open()
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")  # the writer now waits for SQLite's lock
    journal.offer([transition(1)])
    while journal._writing_since_ns is None:
        os.sched_yield()
    assert journal.healthy(clock.now())
    assert not journal.healthy(clock.now().plus(31))
    holder.execute("ROLLBACK")
    holder.close()
    committed.wait_for(1)
    journal.close()
    assert not journal.healthy(clock.now()), "a closed journal keeps nothing"


def test_a_row_that_cannot_be_written_at_all_is_said_and_its_events_are_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
):
    """A mistake of ours ends the thread; core learns of it, and what is lost is said at the end."""
    path = tmp_path / "journal.db"
    journal = writer(path)
    journal.open()
    journal.offer_sample(sample(1)._replace(source_ns=1 << 70))
    journal.offer([transition(1)])
    while journal.alive:
        os.sched_yield()
    journal.offer([transition(2)])
    journal.close()
    said = caplog.text + capsys.readouterr().out
    assert "journal thread died" in said
    assert "journal closed unwritten" in said
    assert "events=2" in re.sub(r"\x1b\[[0-9;]*m", "", said)
