"""What the journal's tests share: rows to write and a writer that says what it committed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from edge.clock import NS, Instant, ManualClock
from edge.event import Event, StateRow, Transition
from edge.journal import EventRow
from edge.journal.queue import Batch, Timed
from edge.journal.repack import Repacker
from edge.journal.store import Store
from edge.journal.writer import JournalWriter
from edge.site.model import Journal
from edge.tag import Quality, Reason, Sample, World

T0_NS = 1_700_000_000 * NS
GATEWAY, BOOT = "gw-test", "boot-a"
PATIENCE_S = 20.0


class Committed:
    """Collects what the writer's thread says is on the disk; tests wait on it."""

    def __init__(self) -> None:
        self.rows: list[EventRow] = []
        self._changed = threading.Condition()

    def __call__(self, rows: list[EventRow]) -> None:
        with self._changed:
            self.rows.extend(rows)
            self._changed.notify_all()

    def wait(self, done: Callable[[list[EventRow]], bool]) -> list[EventRow]:
        """Return the rows once `done` says so of them."""
        with self._changed:
            assert self._changed.wait_for(lambda: done(self.rows), PATIENCE_S), self.rows
            return list(self.rows)

    def wait_for(self, count: int) -> list[EventRow]:
        """Return the rows once there are `count`."""
        return self.wait(lambda rows: len(rows) >= count)


def writer(
    path: Path,
    committed: Committed | None = None,
    *,
    gateway: str = GATEWAY,
    boot: str = BOOT,
    world: World = World.TEST,
    flush_s: float = 10.0,
    queue: int = 1000,
    clock: ManualClock | None = None,
) -> JournalWriter:
    """Return a writer that flushes samples only with events, unless told otherwise."""
    settings = Journal(sample_flush_s=flush_s, queue_samples=queue)
    return JournalWriter(
        path, gateway, boot, world, settings, clock or ManualClock(), committed, lambda: True
    )


def opened(path: Path, boot: str = BOOT) -> Store:
    """Return the journal's store, open, without a thread."""
    store = Store(path, GATEWAY, World.TEST, boot)
    store.open(ManualClock().now())
    return store


def put(
    store: Store,
    samples: Sequence[Sample],
    transitions: Sequence[Transition] = (),
    *,
    clock_ok: bool = True,
) -> None:
    """Write one transaction; a sample's monotonic stamp is a millisecond after its reception."""
    timed = tuple(Timed(one, one.receive_ns - T0_NS + 1_000_000) for one in samples)
    store.write(Batch(tuple(transitions), timed, 0), [], clock_ok=clock_ok)


def repack(store: Store, now_ns: int = T0_NS + (1 << 60)) -> int:
    """Repack all that is closed at `now_ns` [ns UTC]; return how many parts were made."""
    repacker = Repacker(store)
    while repacker.step(now_ns):
        pass
    assert not repacker.damaged
    return repacker.parts


def transition(number: int, state: str = "unack", kind: str = "alarm.raised") -> Transition:
    """Return a condition's transition, `number` [s] after the tests' beginning."""
    at = Instant(T0_NS + number * NS, number * NS)
    event = Event(kind, f"AT-{number}/h", at, World.TEST, {"value": number / 2, "unit": "ppm"})
    return Transition(event, StateRow(f"AT-{number}/h", state, {"since_ns": at.utc_ns}))


def sample(number: int, tag: str = "AT-1", value: float | None = None) -> Sample:
    """Return a good sample of `tag`, `number` [s] after the tests' beginning."""
    at_ns = T0_NS + number * NS
    shown = float(number) if value is None else value
    return Sample(tag, shown, Quality.GOOD, Reason.OK, at_ns - 1, at_ns, World.TEST)
