"""kill -9 in the middle of writing: what was acknowledged is there, and nothing needs repair."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from edge.journal import JournalReader
from edge.journal.chain import link
from edge.journal.repack import HOUR_NS, Repacker
from tests.unit.journal.kit import (
    T0_NS,
    Committed,
    opened,
    put,
    repack,
    sample,
    transition,
    writer,
)

# Writes as fast as it can and prints each event's number once it is committed.
CHILD = """
import os, sys
from pathlib import Path
from tests.unit.journal.kit import sample, transition, writer

def told(rows):
    os.write(1, b"".join(b"%d\\n" % row.seq for row in rows))

journal = writer(Path(sys.argv[1]), told, queue=1_000_000)
journal.open()
number = 0
while True:
    number += 1
    journal.offer_sample(sample(number))
    if number % 3 == 0:
        journal.offer([transition(number)])
    while journal.waiting[0] > 100:
        os.sched_yield()
"""


@pytest.mark.system
def test_acknowledged_events_survive_kill_9_without_repair(tmp_path: Path):
    """Three kills in a row: acknowledged numbers are all there, gap-free, linked, and told of."""
    path = tmp_path / "journal.db"
    acknowledged = 0
    for _ in range(3):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(path)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        last = 0
        for line in child.stdout:
            last = int(line)
            if last > acknowledged + 200:
                break
        os.kill(child.pid, signal.SIGKILL)
        # What it had printed before it died was acknowledged as well.
        tail = [int(line) for line in child.stdout.read().split("\n") if line.strip()]
        child.wait()
        child.stdout.close()
        acknowledged = max([last, *tail[:-1]])
        reader = JournalReader(path)
        high, _ = reader.newest()
        assert high >= acknowledged
        events = reader.events(0, high)
        assert [row.seq for row in events] == list(range(1, high + 1))
        samples = reader.samples(0, 1_000_000)
        assert [row.seq for row in samples] == list(range(1, len(samples) + 1))
        acknowledged = high
    committed = Committed()
    journal = writer(path, committed)
    journal.open()
    (gap,) = committed.wait_for(1)
    assert gap.kind == "journal.gap"
    rows = journal._store.rows("SELECT * FROM event ORDER BY seq")
    assert all(link(tuple(a)) == b[-1] for a, b in pairwise(rows))
    journal.close()


# Hour after hour of samples, repacked as it goes; prints the last number that is on the disk.
REPACKING = """
import os, sys
from pathlib import Path
from edge.journal.repack import Repacker
from tests.unit.journal.kit import T0_NS, opened, put, sample, transition

store = opened(Path(sys.argv[1]))
repacker, number = Repacker(store), store._next_sample - 1
while True:
    put(store, [sample((number + i) * 30, f"T-{(number + i) % 40}", number + i + 1.0) for i in range(60)], [transition(number)])
    number += 60
    os.write(1, b"%d\\n" % number)
    for _ in range(3):
        repacker.step(T0_NS + number * 30 * 10**9)
"""  # noqa: E501 - one statement of a script


@pytest.mark.system
def test_samples_survive_kill_9_in_the_middle_of_a_repack(tmp_path: Path):
    """Whatever was being moved: each number once, as it was written, none acknowledged missing."""
    path, acknowledged = tmp_path / "journal.db", 0
    for kill in range(6):
        child = subprocess.Popen(
            [sys.executable, "-c", REPACKING, str(path)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        for line in child.stdout:
            acknowledged = int(line)
            if acknowledged % 9000 >= 3000 + kill * 60:
                break
        os.kill(child.pid, signal.SIGKILL)
        lines = [line for line in child.stdout.read().split("\n")[:-1] if line]
        child.wait()
        child.stdout.close()
        acknowledged = max([acknowledged, *map(int, lines)])
        reader = JournalReader(path)
        rows = reader.samples(0, 1_000_000)
        assert len(rows) >= acknowledged
        assert [(row.seq, row.value) for row in rows] == [
            (number, float(number)) for number in range(1, len(rows) + 1)
        ]
        assert reader.broken_at() is None
        reader.close()
    store = opened(path)
    assert store.rows("SELECT count(*) FROM part")[0][0] > 0
    before = JournalReader(path).samples(0, 1_000_000)
    repack(store)
    assert JournalReader(path).samples(0, 1_000_000) == before
    store.close()


def test_a_log_torn_anywhere_opens_with_all_that_came_before(tmp_path: Path):
    """Power gone in the middle of a page: the file opens, and its streams end earlier, whole."""
    path = tmp_path / "journal.db"
    store = opened(path)
    repacker = Repacker(store)
    for hour in range(3):
        put(store, [sample(hour * 3600 + s, f"T-{s % 7}") for s in range(300)], [transition(hour)])
        for _ in range(4):
            repacker.step(T0_NS + hour * HOUR_NS)
    whole = JournalReader(path).samples(0, 9999)
    body, log = path.read_bytes(), Path(f"{path}-wal").read_bytes()
    store.close()
    assert len(log) > 20_000, "it is the log that is cut here"
    seen: set[int] = set()
    for number, end in enumerate(range(len(log), 0, -len(log) // 37)):
        torn = tmp_path / f"torn-{number}.db"
        torn.write_bytes(body)
        Path(f"{torn}-wal").write_bytes(log[:end])
        again = opened(torn)
        reader = JournalReader(torn)
        rows, events = reader.samples(0, 9999), reader.events(0, 99)
        assert rows == whole[: len(rows)]
        assert [row.seq for row in events] == list(range(1, len(events) + 1))
        repack(again)
        put(again, [sample(99_999)])
        assert [row.seq for row in reader.samples(0, 9999)] == list(range(1, len(rows) + 2))
        seen.add(len(rows))
        reader.close()
        again.close()
    assert len(seen) > 2
