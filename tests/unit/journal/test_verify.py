"""`suian journal verify`: a whole record is said to be whole, and every tampering is found."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from edge.clock import NS, Instant, ManualClock
from edge.event import Event, StateRow, Transition
from edge.journal import JournalReader
from edge.journal.retention import prune_events, prune_samples
from edge.journal.verify import Verdict, verify
from edge.tag import World
from edge.words import LANGUAGES, catalogue
from suian.cli import app
from tests.unit.journal.kit import T0_NS, Committed, opened, put, repack, sample, transition, writer


def alarm(number: int, kind: str, state: str, row: str | None = None) -> Transition:
    """Return an alarm's transition as the engine makes it; `row`: the state table's own word."""
    at = Instant(T0_NS + number * NS, number * NS)
    params = {"condition": "AT-1/h", "state": state}
    event = Event(kind, "AT-1/h", at, World.TEST, params)
    return Transition(event, StateRow("AT-1/h", row or state, {}))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal with three alarms' lives, samples in sheaves, and more in blocks."""
    file = tmp_path / "journal.db"
    store = opened(file)
    for hour in range(3):
        story = [
            alarm(hour * 3600, "alarm.raised", "unack"),
            alarm(hour * 3600 + 5, "alarm.latched", "latched", "latched"),
            alarm(hour * 3600 + 9, "alarm.acknowledged", "latched", "latched-acked"),
        ]
        put(store, [sample(hour * 3600 + s, f"T-{s % 7}") for s in range(300)], story)
    repack(store, T0_NS + 2 * 3600 * NS + 120 * NS)
    assert store.rows("SELECT count(*) FROM part")[0][0] > 0
    assert store.rows("SELECT count(*) FROM sheaf")[0][0] > 0
    store.close()
    return file


def test_a_whole_journal_is_whole(path: Path):
    """Events, states, sheaves and blocks: all looked at, nothing found."""
    found = verify(path)
    assert found.whole
    assert (found.first_seq, found.last_seq, found.events) == (1, 9, 9)
    assert (found.conditions, found.unjudged, found.samples) == (1, 0, 900)
    assert found.bodies > 7
    assert verify(path, samples=False).samples == 0


def _sql(*statements: str) -> Callable[[sqlite3.Connection], None]:
    def run(db: sqlite3.Connection) -> None:
        for statement in statements:
            db.execute(statement)

    return run


@pytest.mark.parametrize(
    ("tamper", "message", "broken"),
    [
        (_sql("UPDATE event SET params = '{}' WHERE seq = 4"), "audit.chain", 5),
        (_sql("UPDATE event SET utc_ns = utc_ns + 1 WHERE seq = 4"), "audit.chain", 5),
        (_sql("DELETE FROM event WHERE seq = 4"), "audit.gap", 4),
        (_sql("DELETE FROM event WHERE seq BETWEEN 1 AND 3"), "audit.gap", 1),
        (_sql("DELETE FROM event WHERE seq > 7"), "audit.tail", 8),
        (_sql("UPDATE condition_state SET state = 'normal'"), "audit.state", None),
        (_sql("DELETE FROM condition_state"), "audit.state", None),
        (_sql("UPDATE block SET shown = x'0102' WHERE rowid = 1048577"), "audit.body", None),
        (_sql("UPDATE sheaf SET body = x'0102'"), "audit.body", None),
        (_sql("DELETE FROM block WHERE rowid = 1048577"), "audit.missing", None),
        (_sql("UPDATE sheaf SET first_seq = first_seq + 5"), "audit.missing", None),
    ],
)
def test_every_tampering_is_found(path: Path, tamper, message: str, broken: int | None):
    """Changed, deleted, cut off, contradicted or damaged: said with the first bad number."""
    with sqlite3.connect(path) as db:
        tamper(db)
        assert db.total_changes
    db.close()
    found = verify(path)
    assert not found.whole
    assert message in {one.id for one in found.findings}
    assert found.broken_seq == broken
    for one in found.findings:
        for language in LANGUAGES:
            assert catalogue()[one.id][language].format_map(one.params)


def test_a_pruned_journal_is_whole_from_its_anchor_on(path: Path):
    """Old events and samples that age let go are no fault; the states they left cannot be judged.

    The first kept event changed is found all the same.
    """
    store = opened(path)
    put(store, [], [transition(900_000, kind="alarm.raised")])
    assert prune_events(store, T0_NS + 800_000 * NS, 1000)
    assert prune_samples(store, T0_NS + 800_000 * NS, 1)
    store.close()
    found = verify(path)
    assert found.whole, found.findings
    assert (found.gone, found.first_seq, found.events) == (9, 10, 1)
    assert (found.conditions, found.unjudged) == (2, 2)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE anchor SET prev = zeroblob(32)")
    db.close()
    assert verify(path).broken_seq == 10


def test_it_holds_beside_a_writer_that_writes_as_fast_as_it_can(tmp_path: Path):
    """Events, samples, repacks and prunings meanwhile are never taken for a fault."""
    path, committed = tmp_path / "journal.db", Committed()
    clock = ManualClock()
    journal = writer(path, committed, clock=clock, queue=1_000_000)
    journal.open()
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            clock.advance(20.0)
            for tag in range(20):
                journal.offer_sample(sample(number * 20, f"T-{tag}"))
            kinds = ("alarm.raised", "unack"), ("alarm.acknowledged", "acked")
            journal.offer([alarm(number * 20, *kinds[number % 2])])
            committed.wait_for(number)

    writing = threading.Thread(target=write)
    writing.start()
    found: list[Verdict] = []
    try:
        committed.wait_for(50)
        while len(found) < 30 or JournalReader(path).counts()["events"] < 800:
            found.append(verify(path))
    finally:
        stop.set()
        writing.join()
    journal.close()
    assert [one.findings for one in found if not one.whole] == []
    assert verify(path).whole


def test_the_command_says_it_and_ends_with_1(path: Path, tmp_path: Path):
    """State folder or file, words or JSON, exit code 0, 1 and 2; info beside it."""
    run = CliRunner().invoke
    done = run(app, ["journal", "verify", str(path.parent)])
    assert (done.exit_code, "结论：完整" in done.stdout) == (0, True)
    done = run(app, ["journal", "info", str(path), "--lang", "en"])
    assert "gateway: gw-test" in done.stdout
    assert "events: 9, 2023-11-15 06:13:20 to" in done.stdout
    assert orjson.loads(run(app, ["journal", "info", str(path), "--json"]).stdout)["samples"] == 900
    with sqlite3.connect(path) as db:
        db.execute("DELETE FROM event WHERE seq = 4")
    db.close()
    done = run(app, ["journal", "verify", str(path), "--lang", "en"])
    assert done.exit_code == 1
    assert "events 4 to 4 are missing" in done.stdout
    assert "from event 4 on the record cannot be trusted" in done.stdout
    done = run(app, ["journal", "verify", str(path), "--json", "--no-samples"])
    told = orjson.loads(done.stdout)
    assert (done.exit_code, told["whole"], told["broken_seq"]) == (1, False, 4)
    assert run(app, ["journal", "verify", str(tmp_path / "none")]).exit_code == 2
