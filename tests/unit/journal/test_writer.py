"""The writer: what is committed, in which order and numbers, and what it refuses."""

from __future__ import annotations

import sqlite3
from itertools import pairwise
from pathlib import Path

import pytest

from edge.errors import JournalError
from edge.event import StateRow
from edge.journal import JournalReader
from edge.journal.chain import link
from edge.tag import Quality, Reason, World, bad_sample
from tests.unit.journal.kit import GATEWAY, Committed, sample, transition, writer


def test_an_event_is_committed_at_once_with_its_state_and_the_samples_before_it(tmp_path: Path):
    """An event reaches the disk without waiting for a flush, and takes waiting samples along."""
    path, committed = tmp_path / "journal.db", Committed()
    journal = writer(path, committed)
    journal.open()
    journal.offer_sample(sample(1))
    journal.offer([transition(2)])
    (row,) = committed.wait_for(1)
    reader = JournalReader(path)
    assert row == reader.events(0, 10)[0]
    assert (row.seq, row.kind, row.subject, row.boot) == (1, "alarm.raised", "AT-2/h", "boot-a")
    assert row.clock_ok
    assert [one.value for one in reader.samples(0, 10)] == [1.0]
    assert reader.states() == [StateRow("AT-2/h", "unack", {"since_ns": row.utc_ns})]
    journal.close()


def test_samples_alone_are_flushed_by_time(tmp_path: Path):
    """Samples reach the disk within the flush time though no event comes."""
    path = tmp_path / "journal.db"
    journal = writer(path, flush_s=0.02)
    journal.open()
    journal.offer_sample(sample(1))
    journal.offer_sample(sample(2)._replace(value=None, quality=Quality.BAD, reason=Reason.STALE))
    reader = JournalReader(path)
    while len(rows := reader.samples(0, 10)) < 2:
        pass  # a short read each: nothing to wait on from another process's point of view
    assert [row.seq for row in rows] == [1, 2]
    assert (rows[1].value, rows[1].quality, rows[1].reason) == (None, Quality.BAD, Reason.STALE)
    assert rows[0].source_ns == rows[0].receive_ns - 1
    assert rows[0].world is World.TEST
    journal.close()


def test_restart_goes_on_with_epoch_numbers_and_states(tmp_path: Path):
    """A journal opened again keeps its epoch, counts on and hands back the conditions' states."""
    path = tmp_path / "journal.db"
    first = writer(path)
    first.open()
    epoch = first.epoch
    first.offer([transition(1), transition(1, "acked", "alarm.acknowledged")])
    first.offer_sample(sample(1))
    first.close()
    committed = Committed()
    second = writer(path, committed, boot="boot-b")
    second.open()
    assert second.epoch == epoch
    assert [(row.condition, row.state) for row in second.states()] == [("AT-1/h", "acked")]
    second.offer_sample(sample(2, "AT-9"))
    second.offer([transition(3)])
    assert [row.seq for row in committed.wait_for(1)] == [3], "a clean end leaves no gap event"
    second.close()
    reader = JournalReader(path)
    assert [(row.seq, row.boot) for row in reader.events(0, 9)] == [
        (1, "boot-a"),
        (2, "boot-a"),
        (3, "boot-b"),
    ]
    assert [(row.seq, row.tag) for row in reader.samples(0, 9)] == [(1, "AT-1"), (2, "AT-9")]


def test_every_event_is_linked_to_the_one_before(tmp_path: Path):
    """The chain holds across transactions and restarts, and a changed row breaks it."""
    path = tmp_path / "journal.db"
    for start in (1, 4):
        journal = writer(path)
        journal.open()
        for number in range(start, start + 3):
            journal.offer([transition(number)])
        journal.close()
    db = sqlite3.connect(path)

    def holds() -> bool:
        rows = db.execute("SELECT * FROM event ORDER BY seq").fetchall()
        return all(link(row) == after[-1] for row, after in pairwise(rows))

    assert holds()
    db.execute("UPDATE event SET params = '{\"value\":0}' WHERE seq = 2")
    assert not holds()
    db.close()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"gateway": "gw-other"}, f"gateway {GATEWAY}, not gw-other"),
        ({"world": World.LIVE}, "world test, not live"),
    ],
)
def test_a_journal_of_another_gateway_or_world_is_refused(tmp_path: Path, change, said):
    """One gateway's record, or a drill's, never gets another's rows."""
    path = tmp_path / "journal.db"
    first = writer(path)
    first.open()
    first.close()
    with pytest.raises(JournalError, match=said):
        writer(path, **change).open()
    again = writer(path)
    again.open()
    again.close()
    assert JournalReader(path).counts()["events"] == 0, "a refusal is no unclean end"


def test_a_journal_that_cannot_be_made_is_refused_with_path_and_remedy(tmp_path: Path):
    """A folder that is missing, or a file that is no journal, is told with what to do."""
    with pytest.raises(JournalError, match=r"gone/journal.db: the folder .* make it"):
        writer(tmp_path / "gone" / "journal.db").open()
    other = tmp_path / "journal.db"
    other.write_bytes(b"not a database, whatever its name says" * 100)
    with pytest.raises(JournalError, match=r"journal.db is no journal"):
        writer(other).open()
    folder = tmp_path / "folder.db"
    folder.mkdir()
    with pytest.raises(JournalError, match=r"folder.db cannot be opened .* right to write"):
        writer(folder).open()


def test_an_unclean_end_is_told_at_the_next_opening(tmp_path: Path):
    """A file without the mark of a clean end gets an event that says until when it reached."""
    path, committed = tmp_path / "journal.db", Committed()
    first = writer(path)
    first.open()
    first.offer_sample(sample(7))
    first.offer([transition(5)])
    first.close()
    db = sqlite3.connect(path)
    db.execute("UPDATE meta SET value = '0' WHERE key = 'clean'")
    db.commit()
    db.close()
    second = writer(path, committed)
    second.open()
    (row,) = committed.wait_for(1)
    assert (row.seq, row.kind, row.subject) == (2, "journal.gap", GATEWAY)
    assert row.params == {"last_ns": sample(7).receive_ns}
    second.close()


def test_a_full_queue_drops_the_oldest_samples_and_says_so(tmp_path: Path):
    """Beyond its bound the queue loses samples, never events, and the journal tells how many."""
    path, committed = tmp_path / "journal.db", Committed()
    journal = writer(path, committed, queue=1000)
    for number in range(1250):  # before the thread is there to take any
        journal.offer_sample(sample(number))
    journal.offer([transition(1)])
    journal.open()
    rows = committed.wait_for(2)
    assert [(row.kind, dict(row.params)) for row in rows[1:]] == [
        ("journal.samples-dropped", {"count": 250})
    ]
    journal.close()
    kept = JournalReader(path).samples(0, 2000)
    assert [row.value for row in kept] == [float(number) for number in range(250, 1250)]
    assert [row.seq for row in kept] == list(range(1, 1001)), "numbers are given at the disk"
    assert journal.samples_dropped == 250


def test_bad_samples_without_value_keep_everything_else(tmp_path: Path, make_tag):
    """A Bad sample is a row like any other: its reason, times and world stand."""
    path = tmp_path / "journal.db"
    journal = writer(path)
    journal.open()
    journal.offer_sample(bad_sample(make_tag("AT-5"), Reason.TIMEOUT, 42))
    journal.close()
    (row,) = JournalReader(path).samples(0, 9)
    assert (row.tag, row.value, row.quality, row.reason) == ("AT-5", None, Quality.BAD, "timeout")
    assert (row.source_ns, row.receive_ns, row.world) == (42, 42, World.TEST)
