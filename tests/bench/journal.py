"""What the journal writes, keeps and delays: bytes a day, bytes a sample, an event's commit.

Run as `python -m tests.bench.journal [--json]`. `writes_mb_per_day` is a figure of the acquisition
bench, which calls it from here. The writer's store and repacker do what they do in core, in
virtual time: hours of journal in seconds, every transaction on the disk as it would be.
"""

from __future__ import annotations

import os
import random
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edge.clock import NS, ManualClock
from edge.event import Event, Transition
from edge.journal import EventRow, JournalReader
from edge.journal.queue import Batch, Timed
from edge.journal.repack import HOUR_NS, Repacker
from edge.journal.store import Store
from edge.journal.writer import JournalWriter
from edge.site.model import Journal
from edge.tag import Quality, Reason, Sample, World
from tests.bench.kit import Bench, main, median, percentile

TARGETS = {
    "writes_mb_per_day": "<= 300",
    "trend_30d_read_ms": "<= 300",
    "kept_bytes_per_sample": "<= 20",
    "event_commit_p99_ms": "<= 50",
}
START_NS = 1_700_000_000 * NS // HOUR_NS * HOUR_NS
DAY_S, MB = 86_400, 1e6
ROWS_A_SECOND, TAGS = 20, 1_500
HOURS = 4
COMMITS = 400


@dataclass(frozen=True)
class Written:
    """What a stretch of journal cost, by which of the kernel's counts, and what stays."""

    mb_per_day: float
    kept_bytes_per_sample: float
    counted_as: str


def _io_bytes() -> dict[str, int]:
    """Return the kernel's counts of bytes that this process wrote: `write_bytes` and `wchar`."""
    lines = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    return {name: int(count) for name, _, count in (line.partition(":") for line in lines)}


def _samples(hours: float, flush_s: float) -> Iterator[list[Timed]]:
    """Yield flushes of a park: 1,500 tags that now and then leave their deadband, jittered."""
    rng = random.Random(7)
    values = [rng.uniform(0, 100) for _ in range(TAGS)]
    per_flush = round(ROWS_A_SECOND * flush_s)
    for flush in range(round(hours * 3600 / flush_s)):
        batch: list[Timed] = []
        for number in range(per_flush):
            tag = rng.randrange(TAGS)
            values[tag] = round(values[tag] + rng.gauss(0, 0.5), 1)
            at_ns = round((flush * flush_s + number / ROWS_A_SECOND) * NS) + rng.randrange(
                NS // 500
            )
            at_ns += START_NS
            state = (Quality.GOOD, Reason.OK)
            sample = Sample(f"AT-{tag:04}", values[tag], *state, at_ns, at_ns, World.TEST)
            batch.append(Timed(sample, at_ns - START_NS + rng.randrange(NS // 1000)))
        yield batch


def written(folder: Path, flush_s: float, hours: float = HOURS) -> Written:
    """Return what `hours` of 20 rows/s cost with a flush each `flush_s`, repacks included.

    The first hour only fills the file, and is not counted. One event a minute is written too.
    """
    path = folder / f"journal-{flush_s:g}.db"
    store = Store(path, "gw-bench", World.TEST, "boot")
    store.open(ManualClock().now())
    repacker = Repacker(store)
    counted_from = _io_bytes()
    for number, batch in enumerate(_samples(hours + 1, flush_s)):
        now_ns = batch[-1].sample.receive_ns
        if now_ns - START_NS < HOUR_NS:
            counted_from = _io_bytes()
        minute = number % max(1, round(60 / flush_s)) == 0
        store.write(Batch(_event(now_ns) if minute else (), tuple(batch), 0), [], clock_ok=True)
        while repacker.step(now_ns):
            pass
    store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    used = {name: count - counted_from[name] for name, count in _io_bytes().items()}
    blocks = "SELECT sum(length(shown) + length(rest) + coalesce(length(minutes), 0)) FROM block"
    packed = store.rows("SELECT sum(last_seq - first_seq + 1) FROM part")[0][0]
    kept = store.rows(blocks)[0][0] / packed
    store.close()
    # A file system in memory counts no storage: then what SQLite wrote, log and pages, is taken.
    name = "write_bytes" if used["write_bytes"] else "wchar"
    return Written(used[name] / (hours * 3600) * DAY_S / MB, kept, name)


def _event(now_ns: int) -> tuple[Transition, ...]:
    at = ManualClock(now_ns).now()
    return (Transition(Event("alarm.raised", "AT-0001/h", at, World.TEST, {"value": 1.5}), None),)


def writes_mb_per_day(folder: Path) -> tuple[float, str]:
    """Return MB written to storage a day at 20 rows/s, as the site's defaults have it, and how."""
    flush_s = Journal().sample_flush_s
    found = written(folder, flush_s)
    note = (
        f"/proc/self/io {found.counted_as} over {HOURS} h of journal with {HOURS} repacks, flush"
        f" each {flush_s:g} s; {found.kept_bytes_per_sample:.1f} B kept a sample"
    )
    return found.mb_per_day, note


def trend_ms(folder: Path, days: int = 30) -> float:
    """Return the median ms to read `days` x 1 s of one tag for a screen of 1,000 points."""
    path = folder / "trend.db"
    store = Store(path, "gw-bench", World.TEST, "boot")
    store.open(ManualClock().now())
    repacker, rng, value = Repacker(store), random.Random(3), 5.0
    for hour in range(days * 24):
        batch: list[Timed] = []
        for second in range(3600):
            at_ns = START_NS + hour * HOUR_NS + second * NS + rng.randrange(NS // 500)
            value = round(value + rng.gauss(0, 0.1), 2)
            one = Sample("A", value, Quality.GOOD, Reason.OK, at_ns, at_ns, World.TEST)
            batch.append(Timed(one, at_ns - START_NS))
        store.write(Batch((), tuple(batch), 0), [], clock_ok=True)
        while repacker.step(START_NS + (hour + 2) * HOUR_NS):
            pass
    store.close()
    seconds: list[float] = []
    for offset in range(7):
        reader, started = JournalReader(path), time.perf_counter()
        end_ns = START_NS + days * 24 * HOUR_NS - offset * 1000 * NS
        points = reader.trend("A", end_ns - days * DAY_S * NS, end_ns, 1000)
        seconds.append(time.perf_counter() - started)
        assert 900 < len(points) <= 1000
        reader.close()
    return median(seconds) * 1000


def commit_ms(folder: Path, *, repacking: bool) -> list[float]:
    """Return ms from an event's offer to its commit, `COMMITS` times, while hours are repacked."""
    path = folder / f"commit-{repacking}.db"
    if repacking:
        store = Store(path, "gw-bench", World.TEST, "boot")
        store.open(ManualClock().now())
        for batch in _samples(10, 5.0):
            store.write(Batch((), tuple(batch), 0), [], clock_ok=True)
        store.close()
    clock, told = ManualClock(START_NS + 1000 * HOUR_NS), threading.Event()

    def committed(_rows: list[EventRow]) -> None:
        told.set()

    journal = JournalWriter(
        path, "gw-bench", "boot", World.TEST, Journal(), clock, committed, lambda: True
    )
    journal.open()
    found: list[float] = []
    for _ in range(COMMITS):
        told.clear()
        started = time.perf_counter()
        journal.offer(_event(START_NS))
        told.wait(10)
        found.append((time.perf_counter() - started) * 1000)
        time.sleep(0.01)
    journal.close()
    return found


def measure(bench: Bench) -> None:
    """Measure every figure, and what other flush intervals would write."""
    with tempfile.TemporaryDirectory(prefix="suian-b-", dir=os.environ.get("TMPDIR")) as folder:
        root = Path(folder)
        value, note = writes_mb_per_day(root)
        bench.set("writes_mb_per_day", value, note)
        kept = 0.0
        for flush_s in (1.0, 2.0, 10.0):
            found = written(root, flush_s, 2)
            bench.baselines[f"writes_mb_per_day_flush_{flush_s:g}_s"] = round(found.mb_per_day, 1)
            kept = found.kept_bytes_per_sample
        bench.set("kept_bytes_per_sample", kept, "in blocks, envelopes included")
        bench.set("trend_30d_read_ms", trend_ms(root), "reader alone, 30 days x 1 s, 1,000 points")
        calm, busy = (commit_ms(root, repacking=busy) for busy in (False, True))
        note = f"{COMMITS} events while 10 closed hours are repacked; median {median(busy):.2f} ms"
        bench.set("event_commit_p99_ms", percentile(busy, 99), note)
        bench.baselines["event_commit_p99_ms_calm"] = round(percentile(calm, 99), 2)


if __name__ == "__main__":
    main(Bench("journal", TARGETS), measure)
