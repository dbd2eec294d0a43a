"""The journal's writer: core offers, one thread commits, and a dead disk stops nobody.

`offer` and `offer_sample` are plain calls that never wait for the disk. Events are committed at
once, with everything that waits; samples at least every `sample_flush_s`. While the disk refuses,
events stay in memory without a bound and samples within theirs, and the thread keeps trying.
Between two commits, and a few milliseconds at a time, it repacks closed hours and lets old rows go.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import structlog
from sqlalchemy.exc import DBAPIError

from edge.clock import NS, Clock, Instant, SystemClock
from edge.errors import JournalError
from edge.event import Event, Params, StateRow, Transition
from edge.journal.queue import Batch, Queue, Timed
from edge.journal.repack import Repacker
from edge.journal.retention import prune_events, prune_samples
from edge.journal.rows import EventRow
from edge.journal.store import Store
from edge.journal.trust import clock_is_synchronised
from edge.journal.waiters import Waiters
from edge.site.model import Journal
from edge.tag import Sample, World

SAMPLES_A_TRANSACTION = 10_000  # some 30 ms, so that an event never waits longer for its turn
FIRST_RETRY_S, LONGEST_RETRY_S = 0.5, 10.0
STALL_S = 30.0  # a commit that takes longer is a dead disk
TRUST_EVERY_S = 10.0  # the wall clock's standing is asked for this often
PAUSE_S = 0.02  # between two steps of work that can wait; an event ends it
LOOK_EVERY_S = 5.0  # whether there is such work
PRUNE_EVENTS = 2_000  # rows in one step
DAY_S, PARTS_A_DAY = 86_400, 24
log = structlog.get_logger(__name__)


class JournalWriter:
    """Writes journal.db at `path` for one gateway and world.

    `on_committed` is called *in the writer's thread* with the events of each transaction once it
    is on the disk; core hops to its loop from there. `clock` stamps; the thread itself waits in
    real time, in a scaled replay too.
    """

    def __init__(
        self,
        path: Path,
        gateway: str,
        boot_id: str,
        world: World,
        settings: Journal,
        clock: Clock,
        on_committed: Callable[[list[EventRow]], None] | None = None,
        clock_ok: Callable[[], bool] = clock_is_synchronised,
    ) -> None:
        self._store = Store(path, gateway, world, boot_id)
        self._path, self._gateway, self._world = path, gateway, world
        self._settings = settings
        self._clock = clock
        self._pace = SystemClock()
        self._queue = Queue(settings.queue_samples)
        self._states: list[StateRow] = []
        self._thread: threading.Thread | None = None
        self._clock_ok = clock_ok
        self._trusted, self._trust_due_ns, self._look_due_ns = False, 0, 0
        self._repacker = Repacker(self._store)
        self._failing: tuple[Instant, str] | None = None  # since when, and why
        self._writing_since_ns: int | None = None
        self.on_committed = on_committed
        self._waiters = Waiters()
        self.rows_written = 0
        self.samples_dropped = 0

    # --- what core calls ---------------------------------------------------------------------

    def open(self) -> None:
        """Open the file and start the thread.

        Raises `JournalError`, naming path and remedy, if the file cannot be written, is of a
        newer Suian, or belongs to another gateway or world.
        """
        self._open_store()
        self._states = self._store.states()
        self._start()

    def begin(self) -> None:
        """Open, or where that cannot be start without: the alarm path comes before its record.

        Until the thread has opened the file, which it keeps trying, what is offered waits in
        memory and nothing is known of former states. Those that stand in a file that is opened
        late stay there until a transition overwrites them.
        """
        try:
            self.open()
        except JournalError as error:
            self._fail(str(error))
            self._start()

    def _open_store(self) -> None:
        self._store.open(self._clock.now())
        if self._store.unclean:
            params = {"last_ns": self._store.newest_ns()}
            self._queue.put([self._own_event("journal.gap", params)])

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
        self._thread.start()

    @property
    def epoch(self) -> str:
        """The journal's epoch: a UUID made with the file; empty before `open`."""
        return self._store.epoch

    def states(self) -> list[StateRow]:
        """Return the conditions' states as they were when the journal was opened."""
        return self._states

    def offer_sample(self, sample: Sample) -> None:
        """Queue a sample."""
        self._queue.put_sample(Timed(sample, self._clock.now().mono_ns))

    def offer(self, transitions: Iterable[Transition]) -> None:
        """Queue transitions; they are committed at once."""
        self._queue.put(transitions)

    @property
    def offered(self) -> int:
        """How many transitions were offered so far."""
        return self._queue.put_total

    def when_committed(self, told: Callable[[], None]) -> None:
        """Call `told` once all transitions offered until now are on the disk.

        It is called in the writer's thread, or here and now where they are. A disk that refuses
        keeps it waiting.
        """
        self._waiters.add(self._queue.put_total, told)

    def apply(self, settings: Journal) -> None:
        """Keep the record by other settings from now on; the queue's bound stays as it is."""
        self._settings = settings

    def healthy(self, now: Instant) -> bool:
        """Whether what is offered reaches the disk: the thread lives, writes, and is not stuck."""
        since = self._writing_since_ns
        stuck = since is not None and now.mono_ns - since > STALL_S * NS
        alive = self._thread is not None and self._thread.is_alive()
        return alive and not stuck and self._failing is None

    @property
    def alive(self) -> bool:
        """Whether the writer's thread lives; a disk that refuses does not end it."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def waiting(self) -> tuple[int, int]:
        """How many transitions and samples are not yet written."""
        return self._queue.waiting

    def figures(self) -> dict[str, int]:
        """Return the journal's figures, by the names under which metrics show them."""
        return {
            "journal_rows_total": self.rows_written,
            "journal_samples_dropped_total": self.samples_dropped,
            "journal_waiting": sum(self._queue.waiting),
        }

    def close(self) -> None:
        """Write what waits, mark a clean end, close. What the disk refuses then is lost, loudly."""
        if self._thread is None:
            return
        self._queue.close()
        self._thread.join()
        self._thread = None
        if any(self._queue.waiting):  # the thread gave up, or died of our own mistake before this
            events, samples = self._queue.waiting
            path = str(self._path)
            log.error("journal closed unwritten", path=path, events=events, samples=samples)

    # --- the thread --------------------------------------------------------------------------

    def _work(self) -> None:
        """Run; a mistake of ours ends the thread, and so starves the watchdog, but not unsaid."""
        try:
            self._run()
        except Exception:
            log.exception("journal thread died", path=str(self._path))

    def _run(self) -> None:
        retry_s = FIRST_RETRY_S
        flush_ns = self._pace_ns()
        while True:
            closing = self._queue.closed
            try:
                if not self._store.opened:
                    self._open_store()
                if closing or self._queue.has_transitions or self._pace_ns() >= flush_ns:
                    self._write_all()
                    flush_ns = self._pace_ns() + round(self._settings.sample_flush_s * NS)
                if closing:
                    self._store.close()
                    return
                wait_s = PAUSE_S if self._tidy() else LOOK_EVERY_S
            except (DBAPIError, JournalError) as error:
                self._fail(str(error.orig if isinstance(error, DBAPIError) else error))
                if closing:
                    if self._store.opened:
                        self._store.abandon()
                    return
                self._queue.wait_closed(retry_s)
                retry_s = min(2 * retry_s, LONGEST_RETRY_S)
                flush_ns = self._pace_ns()
                continue
            retry_s = FIRST_RETRY_S
            self._queue.wait(min(wait_s, max(0.0, (flush_ns - self._pace_ns()) / NS)))

    def _write_all(self) -> None:
        """Write until nothing waits: first everything with the events, then full batches."""
        while True:
            batch = self._queue.take(SAMPLES_A_TRANSACTION)
            if not (batch.transitions or batch.samples or batch.dropped or self._failing):
                return
            self._write(batch)
            if len(batch.samples) < SAMPLES_A_TRANSACTION and not self._queue.has_transitions:
                return

    def _write(self, batch: Batch) -> None:
        extra = self._news(batch)
        self._writing_since_ns = self._clock.now().mono_ns
        try:
            rows = self._store.write(batch, extra, clock_ok=self._trust())
        except Exception:
            self._queue.give_back(batch)
            raise
        finally:
            self._writing_since_ns = None
        self.rows_written += len(rows) + len(batch.samples)
        self.samples_dropped += batch.dropped
        if self._failing is not None:
            log.warning("journal can be written again", path=str(self._path))
            self._failing = None
        if rows and self.on_committed is not None:
            self.on_committed(rows)
        self._waiters.committed(len(batch.transitions))

    def _news(self, batch: Batch) -> list[Event]:
        """Return what the journal has to say of itself: samples it dropped, a disk that is back."""
        news: list[Event] = []
        if batch.dropped:
            news.append(self._own_event("journal.samples-dropped", {"count": batch.dropped}).event)
        if self._failing is not None:
            since, why = self._failing
            seconds = round((self._clock.now().mono_ns - since.mono_ns) / NS, 1)
            params = {"seconds": seconds, "error": why}
            news.append(self._own_event("journal.write-resumed", params).event)
        return news

    def _own_event(self, kind: str, params: Params) -> Transition:
        event = Event(kind, self._gateway, self._clock.now(), self._world, params)
        return Transition(event, None)

    def _fail(self, why: str) -> None:
        if self._failing is None:
            self._failing = (self._clock.now(), why)
            log.error("journal cannot be written, trying on", path=str(self._path), why=why)

    def _trust(self) -> bool:
        now_ns = self._pace_ns()
        if now_ns >= self._trust_due_ns:
            self._trusted = self._clock_ok()
            self._trust_due_ns = now_ns + round(TRUST_EVERY_S * NS)
        return self._trusted

    def _tidy(self) -> bool:
        """Do a little of what can wait; return whether there is more of it."""
        now_ns = self._pace_ns()
        if now_ns < self._look_due_ns:
            return False
        more = self._repacker.step(self._clock.now().utc_ns) or self._prune()
        for first, last in self._repacker.damaged:
            params = {"first_seq": first, "last_seq": last}
            self._queue.put([self._own_event("journal.samples-damaged", params)])
        self._repacker.damaged.clear()
        if not more:
            self._look_due_ns = now_ns + round(LOOK_EVERY_S * NS)
        return more

    def _prune(self) -> bool:
        """Let a little go that is older than the site keeps it; return whether something went."""
        now_ns, settings = self._clock.now().utc_ns, self._settings
        before_ns = now_ns - settings.retention_days * DAY_S * NS
        if prune_samples(self._store, before_ns, settings.retention_days * PARTS_A_DAY):
            return True
        if not self._trust():
            return False
        before_ns = now_ns - settings.event_retention_days * DAY_S * NS
        # A day's worth at once: each time is an event of its own.
        oldest_ns = self._store.oldest_event_ns()
        if oldest_ns is None or oldest_ns >= before_ns - DAY_S * NS:
            return False
        pruned = prune_events(self._store, before_ns, PRUNE_EVENTS)
        if pruned is None:
            return False
        params = {"count": pruned.rows, "first_seq": pruned.first_seq, "prev": pruned.prev.hex()}
        self._queue.put([self._own_event("journal.events-pruned", params)])
        return True

    def _pace_ns(self) -> int:
        return self._pace.now().mono_ns
