"""What the relay's tests share: a site, journals with rows, an obedient broker."""

from __future__ import annotations

import asyncio
import dataclasses
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from edge.clock import NS, Instant, ManualClock
from edge.event import Event, Transition
from edge.journal.writer import JournalWriter
from edge.relay import Pump
from edge.site import Site, load_site
from edge.site.model import Journal, Relay
from edge.tag import Quality, Reason, Sample, World

ROOT = Path(__file__).resolve().parents[3]
T0_NS = 1_700_000_000 * NS
PATIENCE_S = 20.0


@cache
def _demo() -> Site:
    return load_site(ROOT / "deploy" / "sites" / "demo")


def demo_site(**relay: Any) -> Site:
    """Return the example site with a relay section of these settings."""
    site = _demo()
    file = site.file.model_copy(update={"relay": Relay.model_validate(relay)})
    return dataclasses.replace(site, file=file)


def at(site: Site, port: int) -> Site:
    """Return the site with its broker at `port`."""
    assert site.file.relay is not None
    relay = site.file.relay.model_copy(update={"port": port})
    return dataclasses.replace(site, file=site.file.model_copy(update={"relay": relay}))


def open_journal(folder: Path, gateway: str = "gw-demo", world: World = World.DRILL):
    """Return an open journal of the example site's gateway in `folder`."""
    settings = Journal(sample_flush_s=0.05, queue_samples=1_000_000)
    path = folder / "journal.db"
    journal = JournalWriter(
        path, gateway, "boot", world, settings, ManualClock(), None, lambda: True
    )
    journal.open()
    return journal


def event(number: int, kind: str = "alarm.raised") -> Transition:
    """Return a transition without a state."""
    at = Instant(T0_NS + number, number)
    return Transition(Event(kind, f"AT-{number}/h", at, World.DRILL, {"n": number}), None)


def sample(number: int, world: World = World.DRILL) -> Sample:
    """Return a good sample of a tag of the example site."""
    at_ns = T0_NS + number
    return Sample("AT-101", float(number), Quality.GOOD, Reason.OK, at_ns, at_ns, world)


class Publish(NamedTuple):
    """A PUBLISH packet as it came."""

    topic: str
    body: dict[str, Any]
    mid: int
    dup: bool
    retain: bool
    connection: int

    @property
    def kind(self) -> str:
        """The part of the topic that says what it is."""
        return self.topic.split("/", 4)[4]


class FakeBroker:
    """Speaks as much MQTT 3.1.1 and 5 as a QoS 1 publisher can see, and misbehaves on request."""

    def __init__(self) -> None:
        self.code = 0  # of CONNACK
        self.hold = False  # keep acknowledgements back
        self.got: list[Publish] = []
        self.connects: list[bytes] = []
        self.port = 0
        self._held: list[tuple[asyncio.StreamWriter, int]] = []
        self._writers: set[asyncio.StreamWriter] = set()
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def serve(self, port: int = 0, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
        """Listen on the loopback while the block runs."""
        server = await asyncio.start_server(self._session, "127.0.0.1", port, ssl=tls)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self.port
        finally:
            server.close()
            self.cut()

    def cut(self) -> None:
        """Cut every connection without a word."""
        for writer in self._writers:
            writer.transport.abort()

    async def until(self, done: Callable[[], bool]) -> None:
        """Wait until `done` of what came in."""
        async with asyncio.timeout(PATIENCE_S), self._changed:
            await self._changed.wait_for(done)

    def rows(self, kind: str = "event/alarm.raised") -> list[Publish]:
        """Return the messages of one kind, in order."""
        return [one for one in self.got if one.kind == kind]

    def release(self, count: int | None = None, *, backwards: bool = False) -> None:
        """Send acknowledgements that were kept back, oldest first or newest first."""
        held = self._held[::-1] if backwards else self._held[:]
        for writer, mid in held[:count]:
            self._held.remove((writer, mid))
            writer.write(b"\x40\x02" + mid.to_bytes(2, "big"))

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        version = 4
        try:
            while True:
                head = (await reader.readexactly(1))[0]
                packet = await reader.readexactly(await _varint(reader))
                if head >> 4 == 1:
                    version = packet[6]
                    writer.write(_connack(self.code, version))
                    self.connects.append(packet)
                elif head >> 4 == 3:
                    self._publish(head, packet, version, writer)
                elif head >> 4 == 12:
                    writer.write(b"\xd0\x00")
                elif head >> 4 == 14:
                    break
                async with self._changed:
                    self._changed.notify_all()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the relay went, or we cut it off
        finally:
            self._writers.discard(writer)
            writer.close()

    def _publish(self, head: int, packet: bytes, version: int, writer: asyncio.StreamWriter):
        size = int.from_bytes(packet[:2], "big")
        topic, rest = packet[2 : 2 + size].decode(), packet[2 + size :]
        mid, payload = int.from_bytes(rest[:2], "big"), rest[2:]
        if version == 5:
            assert payload[0] == 0, "no property travels: all is in the body"
            payload = payload[1:]
        dup, retain = bool(head & 8), bool(head & 1)
        body = orjson.loads(payload)
        self.got.append(Publish(topic, body, mid, dup, retain, len(self.connects)))
        if self.hold and not topic.endswith("/status"):
            self._held.append((writer, mid))
        else:
            writer.write(b"\x40\x02" + mid.to_bytes(2, "big"))


def _connack(code: int, version: int) -> bytes:
    body = bytes([0, code]) + (b"\x00" if version == 5 else b"")
    return bytes([0x20, len(body)]) + body


async def _varint(reader: asyncio.StreamReader) -> int:
    value = shift = 0
    while True:
        byte = (await reader.readexactly(1))[0]
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value


@asynccontextmanager
async def pumping(pump: Pump) -> AsyncIterator[Pump]:
    """Run a pump while the block runs, and end it as the daemon does."""
    task = asyncio.create_task(pump.run())
    try:
        yield pump
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
