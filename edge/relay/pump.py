"""From journal to broker: which rows go next, and how far each stream has been acknowledged.

Events go before hazard estimates, those before samples, each in journal order. At most `window`
messages are unacknowledged. A broker that is away costs one look a second and loses nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile
from pathlib import Path

import structlog

from edge.clock import NS, SystemClock
from edge.errors import ConfigError, Fault, JournalError
from edge.journal import JournalReader
from edge.journal.hazard_file import HazardReader
from edge.relay.broker import Broker
from edge.relay.cursors import Cursors
from edge.relay.payload import Message, Origin, event_message, hazard_message, sample_message
from edge.relay.stream import Stream
from edge.site.model import Site

log = structlog.get_logger(__name__)
SAMPLES_A_MESSAGE = 500
EVENTS_AHEAD, ESTIMATES_AHEAD = 200, 4  # messages read at a time
LOOK_AGAIN_S = 1.0  # real seconds after which the journal is looked at unasked
KEEP_S = 0.5  # cursors are written down this often: what a kill repeats at most
# Core pushes an event before the journal has committed it: these real seconds apart it is looked
# for, until it is there.
COMMITTED_S = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32)
RUNNING, NO_BROKER, NO_JOURNAL = "running", "no-broker", "no-journal"


class Pump:
    """Publishes the journal and the hazard file in `state`, while `run` runs.

    `on_state` is told `running`, `no-broker` or `no-journal`, each time it changes; `on_cycle`
    is called at least once a second while the pump is not stuck. Waits are real time.
    """

    def __init__(
        self,
        site: Site,
        state: Path,
        on_state: Callable[[str], None] | None = None,
        on_cycle: Callable[[], None] | None = None,
    ) -> None:
        assert site.file.relay is not None, "a site without a relay runs no relay daemon"
        self._settings = site.file.relay
        self._origin = Origin.of(site)
        self._units = {tag.name: str(tag.unit) for tag in site.tags.values()}
        self._pace = SystemClock()
        self._path = state / "journal.db"
        self._cursors = Cursors(state / "relay.db")
        self._journal = JournalReader(self._path)
        self._hazard = HazardReader(state / "hazard.db")
        self._broker = Broker(self._settings, self._origin, self.wake)
        self._on_state, self._on_cycle = on_state, on_cycle
        self._news = asyncio.Event()
        self._expecting: list[float] = []  # the waits that are left for an event that was pushed
        self._streams: dict[str, Stream] = {}
        self._samples_due_ns = self._keep_due_ns = 0
        self._trouble = ""
        self.state = ""
        self.published = 0

    # --- what the daemon asks and tells --------------------------------------------------------

    def figures(self) -> Mapping[str, Callable[[], float]]:
        """Return what `metrics` tells of the relay, by name."""
        return {
            "published_total": lambda: self.published,
            "in_flight": lambda: self._in_flight,
            "connected": lambda: int(self._broker.connected),
            "events_behind": lambda: self._behind("event"),
            "samples_behind": lambda: self._behind("sample"),
        }

    def wake(self) -> None:
        """Look at the journal now: there is news, room in the window, or a broker."""
        self._news.set()

    def expect(self) -> None:
        """Look for an event that core has pushed and the journal is about to commit."""
        self._expecting = list(COMMITTED_S)
        self._news.set()

    async def run(self) -> None:
        """Publish what the journal holds and will hold. Raises `ConfigError` if it is not ours."""
        link = asyncio.create_task(self._broker.run())
        try:
            while not link.done():
                self._say(self._advance())
                self._keep_cursors()
                if self._on_cycle is not None:
                    self._on_cycle()
                await self._wait()
            await link  # it ends by an error only
        finally:
            await self._broker.stop()
            link.cancel()
            await asyncio.gather(link, return_exceptions=True)
            self._keep_cursors(now=True)
            self._cursors.close()

    # --- the work ------------------------------------------------------------------------------

    def _advance(self) -> str:
        """Fill the window with what is there; return how the relay is."""
        if not self._broker.connected:
            return NO_BROKER
        try:
            self._follow()
            self._fill()
        except JournalError as error:
            if self._trouble != str(error):
                self._trouble = str(error)
                log.warning("journal not readable, trying on", why=self._trouble)
            return NO_JOURNAL
        self._trouble = ""
        return RUNNING

    def _follow(self) -> None:
        """See that each stream is of the epoch its file has now, from its own cursor on."""
        epoch = self._journal.epoch
        self._begin("event", epoch, self._read_events)
        self._begin("hazard", self._hazard.epoch, self._read_estimates)
        self._begin("sample", epoch, self._read_samples)

    def _begin(self, name: str, epoch: str, read: Callable[[int], Sequence[Message]]) -> None:
        known = self._streams.get(name)
        if not epoch or (known is not None and known.epoch == epoch):
            return
        if name == "event":
            self._check_owner()
        if known is not None:
            self._keep(known)
        cursor = self._cursors.get(name, epoch)
        self._streams[name] = Stream(name, epoch, cursor, read)
        log.info("stream begins", stream=name, epoch=epoch, cursor=cursor)

    def _check_owner(self) -> None:
        """Never publish another gateway's or another world's rows under this one's name."""
        ours = (self._origin.gateway, self._origin.world)
        if self._journal.owner != ours:
            problem = f"is of gateway and world {self._journal.owner}, the site's are {ours}"
            remedy = "Give each gateway and world a state folder of its own"
            raise ConfigError([Fault(str(self._path), 0, "journal", problem, remedy)])

    def _fill(self) -> None:
        """Send while there is room; a later stream only what the earlier ones leave."""
        for name in ("event", "hazard", "sample"):
            stream = self._streams.get(name)
            while stream is not None:
                if self._in_flight >= self._settings.window:
                    return
                message = stream.next()
                if message is None:
                    break
                self._publish(stream, message)

    def _publish(self, stream: Stream, message: Message) -> None:
        done = stream.sent(message)

        def acknowledged() -> None:
            done()
            self.published += 1
            self.wake()

        self._broker.publish(message.topic, message.body, acknowledged)

    @property
    def _in_flight(self) -> int:
        return sum(stream.in_flight for stream in self._streams.values())

    # --- reading -------------------------------------------------------------------------------

    def _read_events(self, after: int) -> Sequence[Message]:
        epoch, origin = self._streams["event"].epoch, self._origin
        rows = self._journal.events(after, EVENTS_AHEAD)
        return [event_message(origin, epoch, row) for row in rows]

    def _read_estimates(self, after: int) -> Sequence[Message]:
        epoch, origin = self._streams["hazard"].epoch, self._origin
        rows = self._hazard.after(after, ESTIMATES_AHEAD)
        return [hazard_message(origin, epoch, row) for row in rows]

    def _read_samples(self, after: int) -> Sequence[Message]:
        """Return one message: a full one at once, a short one each `batch_s`."""
        now_ns = self._pace.now().mono_ns
        rows = self._journal.samples(after, SAMPLES_A_MESSAGE)
        if not rows or (len(rows) < SAMPLES_A_MESSAGE and now_ns < self._samples_due_ns):
            return ()
        self._samples_due_ns = now_ns + round(self._settings.batch_s * NS)
        world = rows[0].world  # a message is of one world
        same = list(takewhile(lambda row: row.world is world, rows))
        epoch = self._streams["sample"].epoch
        return (sample_message(self._origin, epoch, same, self._units),)

    # --- keeping -------------------------------------------------------------------------------

    async def _wait(self) -> None:
        wait_s = self._expecting.pop(0) if self._expecting else LOOK_AGAIN_S
        try:
            async with asyncio.timeout(wait_s):
                await self._news.wait()
        except TimeoutError:
            pass  # nobody woke us: look all the same
        self._news.clear()

    def _keep_cursors(self, *, now: bool = False) -> None:
        """Write down how far each stream has been acknowledged, every `KEEP_S`."""
        at_ns = self._pace.now().mono_ns
        if now or at_ns >= self._keep_due_ns:
            self._keep_due_ns = at_ns + round(KEEP_S * NS)
            for stream in self._streams.values():
                self._keep(stream)

    def _keep(self, stream: Stream) -> None:
        if stream.kept == stream.acknowledged:
            return
        try:
            self._cursors.put(stream.name, stream.epoch, stream.acknowledged)
        except JournalError as error:  # the cost is a repeat after a restart, not a loss
            log.warning("cursor not kept", stream=stream.name, why=str(error))
        else:
            stream.kept = stream.acknowledged

    def _say(self, state: str) -> None:
        if state != self.state:
            self.state = state
            log.info("relay", state=state)
            if self._on_state is not None:
                self._on_state(state)

    def _behind(self, name: str) -> float:
        """Return how many rows of a stream the broker has not acknowledged; NaN: unknown."""
        stream = self._streams.get(name)
        if stream is None:
            return float("nan")
        try:
            event, sample = self._journal.newest()
        except JournalError:
            return float("nan")
        return (event if name == "event" else sample) - stream.acknowledged
