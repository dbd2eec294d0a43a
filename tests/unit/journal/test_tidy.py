"""What the writer does when nothing waits: hours are repacked, old rows go, and it is told."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from edge.clock import NS, ManualClock
from edge.journal import JournalReader
from edge.journal.repack import HOUR_NS
from edge.journal.writer import DAY_S, JournalWriter
from edge.site.model import Journal
from edge.tag import World
from edge.words import catalogue
from tests.unit.journal.kit import (
    BOOT,
    GATEWAY,
    PATIENCE_S,
    T0_NS,
    Committed,
    opened,
    put,
    sample,
    transition,
    writer,
)


def _parts(path: Path) -> int:
    store = opened(path)
    found = store.rows("SELECT count(*) FROM part")[0][0]
    store.close()
    return found


def test_closed_hours_are_repacked_while_the_writer_goes_on(tmp_path: Path):
    """Events and samples are written between the steps, and the stream stays whole."""
    path, committed = tmp_path / "journal.db", Committed()
    store = opened(path)
    for hour in range(4):
        put(store, [sample(hour * 3600 + i, f"T-{i % 50}") for i in range(2000)])
    store.close()
    journal = writer(path, committed, clock=ManualClock(T0_NS + 5 * HOUR_NS))
    journal.open()
    reader, number = JournalReader(path), 0
    deadline = time.monotonic() + PATIENCE_S
    while len(reader._file.rows("SELECT id FROM part")) < 4:
        assert time.monotonic() < deadline
        number += 1
        journal.offer_sample(sample(5 * 3600 + number))
        journal.offer([transition(number)])
        committed.wait_for(number)
    journal.close()
    rows = reader.samples(0, 99_999)
    assert [row.seq for row in rows] == list(range(1, 8000 + number + 1))
    assert reader.counts() == {"events": number, "samples": 8000 + number}
    assert _parts(path) == 4
    assert journal.figures() == {
        "journal_rows_total": 2 * number,
        "journal_samples_dropped_total": 0,
        "journal_waiting": 0,
    }


def test_damaged_samples_are_an_event(tmp_path: Path):
    """Storage that lost a row is worth looking at: people are told which numbers are gone."""
    path, committed = tmp_path / "journal.db", Committed()
    store = opened(path)
    put(store, [sample(number) for number in range(10)])
    store.execute("UPDATE sheaf SET body = x'0102'")
    store.close()
    journal = writer(path, committed, clock=ManualClock(T0_NS + 5 * HOUR_NS))
    journal.open()
    (row,) = committed.wait_for(1)
    assert (row.kind, row.params) == ("journal.samples-damaged", {"first_seq": 1, "last_seq": 10})
    assert row.kind in catalogue()
    journal.close()


@pytest.mark.parametrize("trusted", [True, False])
def test_old_events_go_only_while_the_clock_is_trusted(tmp_path: Path, trusted: bool):
    """Two years on the oldest go, which is an event itself; a clock that nobody vouches for waits.

    Samples of the only part stay in any case.
    """
    path, committed = tmp_path / "journal.db", Committed()
    store = opened(path)
    put(store, [sample(1)], [transition(number) for number in range(30)])
    put(store, [], [transition(300 * DAY_S)])
    store.close()
    clock = ManualClock(T0_NS + 800 * DAY_S * NS)
    journal = JournalWriter(
        path, GATEWAY, BOOT, World.TEST, Journal(), clock, committed, lambda: trusted
    )
    journal.open()
    reader = JournalReader(path)
    if trusted:
        (told,) = committed.wait_for(1)
        assert told.kind == "journal.events-pruned"
        assert told.kind in catalogue()
        assert (told.params["count"], told.params["first_seq"]) == (30, 31)
        assert [row.seq for row in reader.events(0, 99)] == [31, 32]
    else:
        while not reader._file.rows("SELECT id FROM part") or journal._look_due_ns == 0:
            os.sched_yield()
        assert len(reader.events(0, 99)) == 31
    assert reader.broken_at() is None
    assert len(reader.samples(0, 9)) == 1
    journal.close()


def test_law_sets_the_least_that_events_are_kept():
    """Half a year of audit record cannot be configured away."""
    assert Journal().event_retention_days >= 183
    with pytest.raises(ValueError, match="event_retention_days"):
        Journal(event_retention_days=90)
