"""The alarm report over a year of a noisy site: `python -m tests.bench.kpi [EVENTS]`.

Writes a journal of EVENTS alarm events (a million) spread over a year, then measures the reading
and reckoning of all of it, and how much memory that took.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
from pathlib import Path

from edge.clock import NS, Instant, ManualClock
from edge.event import Event, StateRow, Transition
from edge.journal import JournalReader
from edge.journal.queue import Batch
from edge.journal.store import Store
from edge.kpi.read import reckon
from edge.rules.alarm_kpi import kpi_rule
from edge.tag import World

CONDITIONS, YEAR_S = 3000, 365 * 86_400
LIFE = (
    ("raised", "unack"),
    ("returned", "rtn-unack"),
    ("acknowledged", "normal"),
    ("cleared", "normal"),
)
BATCH = 5000


def write(path: Path, events: int) -> None:
    """Write a year of alarms, four events a life."""
    store = Store(path, "gw", World.TEST, "boot")
    store.open(ManualClock(0, 0).now())
    dice, step_ns = random.Random(1), round(YEAR_S * NS / events)
    batch: list[Transition] = []
    at_ns = 0
    for number in range(events // len(LIFE)):
        condition = f"T-{min(int(dice.expovariate(1 / 200)), CONDITIONS)}/h"
        for kind, state in LIFE:
            at_ns += step_ns
            params = {
                "condition": condition, "tag": condition[:-2], "kind": "h", "klass": "process",
                "priority": 1 + number % 4, "level": 0, "area": "a", "value": 1.5, "limit": 1.0,
                "unit": "ppm", "latched": False, "count": 1, "state": state, "reason": "ok",
            }  # fmt: skip
            event = Event(f"alarm.{kind}", condition, Instant(at_ns, at_ns), World.TEST, params)
            batch.append(Transition(event, StateRow(condition, state, {})))
        if len(batch) >= BATCH:
            store.write(Batch(tuple(batch), (), 0), [], clock_ok=True)
            batch.clear()
    store.write(Batch(tuple(batch), (), 0), [], clock_ok=True)
    store.close()


def main() -> None:
    """Write, measure, print."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.db"
        write(path, events)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        begun = time.process_time()
        figures, _ = reckon(JournalReader(path), kpi_rule().counts, {}, 0, YEAR_S * NS)
        seconds = time.process_time() - begun
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    each = f"{1e6 * seconds / figures.events:.1f} us an event, memory +{grown / 1024:.1f} MB"
    sys.stdout.write(f"{figures.events:,} events in {seconds:.1f} s of processor time: {each}\n")


if __name__ == "__main__":
    main()
