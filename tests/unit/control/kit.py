"""What the control socket's tests share: a core that remembers, and a client that types lines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson

from edge.control import Command, Json
from edge.errors import CommandError
from edge.tag import Quality, Reason, Sample, World

PATIENCE_S = 10.0
HELLO: Json = {"suian": "0", "gateway": "gw", "site": "s", "world": "test", "site_hash": "h"}


class Core:
    """Handlers that note what they are called with."""

    def __init__(self) -> None:
        self.commands: list[tuple[str, Command]] = []
        self.published: list[tuple[list[Sample], World]] = []
        self.reports: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self.gate = asyncio.Event()  # "slow" commands wait for it
        self.slow = asyncio.Semaphore(0)  # released at each slow command

    def snapshot(self) -> Json:
        return {"values": [["AT-1", 1.5, 0, "ok", 1, 2]], "alarms": [], "outputs": [{"id": "horn"}]}

    def on_command(self, hello: Json, command: Command) -> Any:
        self.commands.append((hello["name"], command))
        if command.name == "refused":
            raise CommandError("alarm.no-such", {"condition": "X"})
        if command.name == "broken":
            raise RuntimeError("a mistake of ours")
        if command.name == "slow":
            self.slow.release()
            return self._slow(command)
        return {"did": command.name, "times": len(self.commands)}

    async def _slow(self, command: Command) -> Json:
        await self.gate.wait()
        if command.args.get("refuse"):
            raise CommandError("alarm.too-late")
        return {"did": "slow"}

    def on_publish(self, samples: list[Sample], world: World) -> None:
        if world is not World.TEST:
            raise CommandError("core.other-world", {"world": str(world)})
        self.published.append((samples, world))

    def on_report(self, name: str, state: str) -> None:
        self.reports.put_nowait((name, state))


class Line:
    """One raw connection to the socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def say(self, message: Json | bytes) -> None:
        raw = message if isinstance(message, bytes) else orjson.dumps(message)
        self.writer.write(raw + b"\n")

    async def hear(self) -> Json:
        """Return the next message; empty at the end of the connection."""
        async with asyncio.timeout(PATIENCE_S):
            line = await self.reader.readline()
        return orjson.loads(line) if line else {}

    async def hear_kind(self, kind: str) -> Json:
        """Return the next message of `kind`, passing over others."""
        while (message := await self.hear()).get("t") != kind:
            assert message, f"the connection ended before a {kind!r}"
        return message


@asynccontextmanager
async def line_to(path: Path, *, hello: bool = True) -> AsyncIterator[Line]:
    """Connect; with `hello`, exchange greetings first."""
    reader, writer = await asyncio.open_unix_connection(str(path), limit=1 << 24)
    line = Line(reader, writer)
    try:
        assert (await line.hear())["t"] == "hello"
        if hello:
            line.say({"t": "hello", "v": 1, "name": "tester"})
        yield line
    finally:
        writer.close()


def sample(tag: str, value: float, at_ns: int = 5) -> Sample:
    """Return a good sample of the test world."""
    return Sample(tag, value, Quality.GOOD, Reason.OK, at_ns, at_ns + 1, World.TEST)
