"""From journal to broker: which rows go next, and how far each stream has been acknowledged.

Events go before samples, both in journal order. At most `window` messages are unacknowledged; a
cursor moves to the end of the longest acknowledged run, never over a gap.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from edge.clock import NS, Clock
from edge.errors import JournalError
from edge.journal import JournalReader
from edge.journal.hazard_file import HazardReader
from edge.relay.broker import Broker
from edge.relay.cursors import Cursors
from edge.relay.payload import Origin, event_message, hazard_message, sample_message
from edge.site.model import Site

log = structlog.get_logger(__name__)
SAMPLES_A_MESSAGE = 500
READ_AHEAD = 100  # events read at a time
LOOK_AGAIN_S = 1.0  # real seconds after which the journal is looked at unasked
# Core pushes an event before the journal has committed it: these real seconds apart it is looked
# for, until it is there.
COMMITTED_S = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32)


@dataclass(slots=True)
class _Stream:
    """One stream of one epoch: what was sent, what was acknowledged, in order."""

    name: str
    sent: int
    acknowledged: int
    flight: deque[list[int]] = field(default_factory=deque[list[int]])  # [last seq, 1 if done]

    def send(self, last_seq: int) -> Callable[[], None]:
        """Note a message that ends at `last_seq`; return what its acknowledgement calls."""
        entry = [last_seq, 0]
        self.flight.append(entry)
        self.sent = last_seq

        def acknowledged() -> None:
            entry[1] = 1
            while self.flight and self.flight[0][1]:
                self.acknowledged = self.flight.popleft()[0]

        return acknowledged


class Pump:
    """Reads the journal of `state` and publishes it, until it is cancelled."""

    def __init__(self, site: Site, state: Path, clock: Clock) -> None:
        assert site.file.relay is not None, "a site without a relay runs no relay daemon"
        self._settings = site.file.relay
        self._origin = Origin.of(site)
        self._units = {tag.name: str(tag.unit) for tag in site.tags.values()}
        self._clock = clock
        self._cursors = Cursors(state / "relay.db")
        self._journal = JournalReader(state / "journal.db")
        self._hazard = HazardReader(state / "hazard.db")
        self._broker = Broker(self._settings, self._origin, lambda _up: self.wake())
        self._news = asyncio.Event()
        self._expecting: list[float] = []  # the waits that are left for an event that was pushed
        self._epoch = ""
        self._streams: dict[str, _Stream] = {}
        self._samples_due_ns = 0
        self.published = 0

    @property
    def connected(self) -> bool:
        """Whether the broker is there."""
        return self._broker.connected

    def figures(self) -> Mapping[str, float]:
        """Return what `metrics` tells of the relay."""
        flight = sum(len(stream.flight) for stream in self._streams.values())
        return {
            "relay_published_total": self.published,
            "relay_in_flight": flight,
            "relay_connected": int(self.connected),
        }

    def wake(self) -> None:
        """Look at the journal now: there is news, room in the window, or a broker."""
        self._news.set()

    def expect(self) -> None:
        """Look for an event that core has pushed and the journal is about to commit."""
        self._expecting = list(COMMITTED_S)
        self._news.set()

    async def run(self) -> None:
        """Publish what the journal holds and will hold."""
        self._broker.start()
        try:
            while True:
                if self._broker.connected:
                    self._advance()
                await self._wait()
        finally:
            self._keep_cursors()
            await self._broker.stop()
            self._keep_cursors()
            self._cursors.close()

    async def _wait(self) -> None:
        wait_s = self._expecting.pop(0) if self._expecting else LOOK_AGAIN_S
        try:
            async with asyncio.timeout(wait_s):
                await self._news.wait()
        except TimeoutError:
            if not self._expecting:
                self._keep_cursors()
        self._news.clear()

    def _advance(self) -> None:
        """Fill the window: events, then hazard estimates, then samples."""
        try:
            epoch = self._journal.epoch
        except JournalError as error:
            log.info("relay.no-journal", why=str(error))
            return
        if epoch != self._epoch:
            self._begin(epoch)
        if self._send_events() and self._send_hazard():
            self._send_samples()

    def _begin(self, epoch: str) -> None:
        """Start or change to an epoch: each stream goes on from its own cursor."""
        self._keep_cursors()
        self._epoch = epoch
        marks = {name: self._cursors.get(name, epoch) for name in ("event", "hazard", "sample")}
        self._streams = {name: _Stream(name, mark, mark) for name, mark in marks.items()}
        log.info("relay.epoch", epoch=epoch, marks=marks)

    def _keep_cursors(self) -> None:
        """Write down how far each stream has been acknowledged."""
        for stream in self._streams.values():
            self._cursors.put(stream.name, self._epoch, stream.acknowledged)

    @property
    def _room(self) -> int:
        flight = sum(len(stream.flight) for stream in self._streams.values())
        return self._settings.window - flight

    def _publish(self, stream: _Stream, last_seq: int, message: tuple[str, bytes]) -> bool:
        done = stream.send(last_seq)

        def acknowledged() -> None:
            done()
            self.published += 1
            self.wake()

        if self._broker.publish(*message, acknowledged):
            return True
        stream.flight.pop()
        stream.sent = stream.flight[-1][0] if stream.flight else stream.acknowledged
        return False

    def _send_events(self) -> bool:
        """Send events while there is room; return whether all there are have been sent."""
        stream = self._streams["event"]
        while (room := self._room) > 0:
            rows = self._journal.events(stream.sent, min(room, READ_AHEAD))
            if not rows:
                return True
            for row in rows:
                message = event_message(self._origin, self._epoch, row)
                if not self._publish(stream, row.seq, message):
                    return False
        return False

    def _send_hazard(self) -> bool:
        """Send hazard estimates while there is room; return whether all have been sent."""
        stream = self._streams["hazard"]
        while (room := self._room) > 0:
            bodies = self._hazard.after(stream.sent, min(room, READ_AHEAD))
            if not bodies:
                return True
            for body in bodies:
                message = hazard_message(self._origin, self._epoch, body)
                if not self._publish(stream, int(body["seq"]), message):
                    return False
        return False

    def _send_samples(self) -> None:
        """Send samples: full messages at once, a last short one each `batch_s`."""
        stream = self._streams["sample"]
        now_ns = self._clock.now().mono_ns
        while self._room > 0:
            rows = self._journal.samples(stream.sent, SAMPLES_A_MESSAGE)
            if not rows or (len(rows) < SAMPLES_A_MESSAGE and now_ns < self._samples_due_ns):
                return
            message = sample_message(self._origin, self._epoch, rows, self._units)
            if not self._publish(stream, rows[-1].seq, message):
                return
            self._samples_due_ns = now_ns + round(self._settings.batch_s * NS)
