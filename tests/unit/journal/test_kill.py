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
from tests.unit.journal.kit import Committed, writer

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
