"""Readers: cursors, trends, and reading beside a writer."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.clock import NS
from edge.errors import JournalError
from edge.journal import JournalReader
from edge.tag import Quality, Reason
from tests.unit.journal.kit import T0_NS, Committed, sample, transition, writer


@pytest.fixture
def filled(tmp_path: Path) -> JournalReader:
    """A journal of 6 events and 1,000 samples: tags A and B in turn, one a second, A peaks once."""
    journal = writer(tmp_path / "journal.db")
    journal.open()
    for number in range(1000):
        value = 99.0 if number == 500 else number / 1000
        journal.offer_sample(sample(number, "AB"[number % 2], value))
    journal.offer([transition(number) for number in range(6)])
    journal.close()
    return JournalReader(tmp_path / "journal.db")


def test_cursors_give_rows_in_order_up_to_a_limit(filled: JournalReader):
    """Rows above a cursor come rising, rows before one falling, none twice, none left out."""
    assert [row.seq for row in filled.events(2, 3)] == [3, 4, 5]
    assert [row.seq for row in filled.events_before(None, 2)] == [6, 5]
    assert [row.seq for row in filled.events_before(5, 9)] == [4, 3, 2, 1]
    assert filled.events(6, 9) == []
    assert [row.seq for row in filled.samples(997, 9)] == [998, 999, 1000]
    assert filled.counts() == {"events": 6, "samples": 1000}
    assert filled.newest() == (6, 1000)


def test_a_trend_of_few_points_is_raw(filled: JournalReader):
    """Where there is room for every sample, every sample is shown as it was."""
    points = filled.trend("A", T0_NS + 10 * NS, T0_NS + 20 * NS, 100)
    assert [point.last for point in points] == [0.010, 0.012, 0.014, 0.016, 0.018]
    assert [point.from_ns for point in points] == [T0_NS + s * NS for s in (10, 12, 14, 16, 18)]
    assert {(point.samples, point.worst) for point in points} == {(1, Quality.GOOD)}


def test_a_trend_of_many_points_loses_no_peak(filled: JournalReader):
    """Stretches keep lowest, highest and last, so that a peak between two pixels is still seen."""
    points = filled.trend("A", T0_NS, T0_NS + 1000 * NS, 10)
    assert len(points) == 10
    assert sum(point.samples for point in points) == 500
    assert max(point.highest or 0 for point in points) == 99.0
    assert points[5].lowest == 0.502
    assert points[5].last == 0.598


def test_a_trend_says_the_worst_quality_and_has_no_value_where_there_was_none(tmp_path: Path):
    """A stretch of Bad samples is a stretch without value, not a zero and not a hole."""
    journal = writer(tmp_path / "journal.db")
    journal.open()
    for number in range(40):
        one = sample(number)
        if number >= 20:
            one = one._replace(value=None, quality=Quality.BAD, reason=Reason.TIMEOUT)
        journal.offer_sample(one)
    journal.close()
    points = JournalReader(tmp_path / "journal.db").trend("AT-1", T0_NS, T0_NS + 40 * NS, 4)
    assert [point.worst for point in points] == [
        Quality.GOOD,
        Quality.GOOD,
        Quality.BAD,
        Quality.BAD,
    ]
    assert [point.highest for point in points] == [9.0, 19.0, None, None]
    assert [point.last for point in points] == [9.0, 19.0, None, None]


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(st.integers(-100, 1100), st.integers(-100, 1100), st.integers(2, 60))
def test_a_trend_holds_all_samples_of_its_window_and_no_other(filled, start, end, most):
    """Any window, any number of points: samples once, inside, in order, within the limit."""
    points = filled.trend("B", T0_NS + start * NS, T0_NS + end * NS, most)
    inside = [n for n in range(1, 1000, 2) if start <= n < end]
    assert sum(point.samples for point in points) == len(inside)
    assert len(points) <= most
    assert all(T0_NS + start * NS <= p.from_ns <= p.to_ns < T0_NS + end * NS for p in points)
    assert [point.from_ns for point in points] == sorted(point.from_ns for point in points)


def test_an_unknown_tag_or_an_empty_window_has_no_trend(filled: JournalReader):
    """Nothing asked for, nothing given: no error."""
    assert filled.trend("nobody", T0_NS, T0_NS + NS, 10) == []
    assert filled.trend("A", T0_NS, T0_NS, 10) == []


def test_a_journal_that_is_not_there_or_too_new_is_an_error_that_says_so(tmp_path: Path):
    """A reader tells a missing file from one of a newer Suian, and tries again when asked again."""
    path = tmp_path / "journal.db"
    reader = JournalReader(path)
    with pytest.raises(JournalError, match=r"journal.db cannot be read"):
        reader.events(0, 1)
    journal = writer(path)
    journal.open()
    assert reader.epoch == journal.epoch
    assert reader.events(0, 1) == []
    journal.close()
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(JournalError, match=r"format 99.*upgrade Suian"):
        JournalReader(path).events(0, 1)
    with pytest.raises(JournalError, match=r"format 99.*upgrade Suian"):
        writer(path).open()


def test_a_reader_follows_a_journal_that_was_replaced(tmp_path: Path):
    """After a restore the file is another: the reader sees its epoch and its rows."""
    path = tmp_path / "journal.db"
    first, second = writer(path), writer(tmp_path / "other.db")
    for journal in (first, second):
        journal.open()
    first.offer_sample(sample(1, "OLD"))
    second.offer_sample(sample(1, "NEW"))
    for journal in (first, second):
        journal.close()
    reader = JournalReader(path)
    assert (reader.epoch, reader.samples(0, 9)[0].tag) == (first.epoch, "OLD")
    (tmp_path / "other.db").replace(path)
    assert (reader.epoch, reader.samples(0, 9)[0].tag) == (second.epoch, "NEW")


def test_two_readers_beside_a_writer_see_every_row_once_and_in_order(tmp_path: Path):
    """Cursor readers in threads of their own never miss or repeat a row while rows are written."""
    path, committed = tmp_path / "journal.db", Committed()
    journal = writer(path, committed, queue=100_000)
    journal.open()
    rounds, per_round = 40, 25
    seen: dict[str, list[int]] = {"one": [], "two": []}

    def follow(name: str) -> None:
        reader, cursor = JournalReader(path), 0
        while cursor < rounds * per_round:
            for row in reader.samples(cursor, 7):
                assert row.value == float(row.seq)
                cursor = row.seq
                seen[name].append(cursor)

    threads = [threading.Thread(target=follow, args=(name,)) for name in seen]
    for thread in threads:
        thread.start()
    for number in range(rounds):
        for one in range(per_round):
            journal.offer_sample(sample(number * per_round + one + 1))
        journal.offer([transition(number)])
        committed.wait_for(number + 1)
    for thread in threads:
        thread.join()
    journal.close()
    everything = list(range(1, rounds * per_round + 1))
    assert seen == {"one": everything, "two": everything}
