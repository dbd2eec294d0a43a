"""The field's side of the seats' socket: frames out five times a second, commands in."""

from __future__ import annotations

import asyncio
import contextlib
import errno
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import structlog

from edge.errors import WireError
from simulator.plant.actions import Action
from simulator.seat.client import SeatClient
from simulator.seat.protocol import LONGEST_LINE, pack, parse_action, unpack

FULL_BYTES = 1 << 20  # a seat that has so much unread misses frames, not facts
REMEMBERED = 40  # facts that a seat which comes late is told
log = structlog.get_logger(__name__)


class FeedServer:
    """Serves every seat on one Unix socket.

    `command(seat, action)` takes a command and returns why it is refused, or "".
    """

    def __init__(
        self, path: Path, hello: Mapping[str, Any], command: Callable[[str, Action], str]
    ) -> None:
        self._path = path
        self._hello = pack(hello)
        self._command = command
        self._writers: set[asyncio.StreamWriter] = set()
        self._facts: deque[bytes] = deque(maxlen=REMEMBERED)
        self._server: asyncio.Server | None = None

    @property
    def seats(self) -> int:
        """How many seats are connected."""
        return len(self._writers)

    async def start(self) -> None:
        """Listen; a socket file left behind by a dead process is taken over. Raises `OSError`."""
        if self._path.is_socket():
            probe = SeatClient(self._path, "")
            if probe.connect():
                probe.close()
                raise OSError(errno.EADDRINUSE, f"{self._path} is in use by another field")
            self._path.unlink()
        self._server = await asyncio.start_unix_server(
            self._serve, str(self._path), limit=LONGEST_LINE
        )
        self._path.chmod(0o600)

    async def stop(self) -> None:
        """Let every seat go and take the socket away."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        for writer in list(self._writers):
            writer.close()
        await server.wait_closed()
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()

    def frame(self, state: Mapping[str, Any]) -> None:
        """Send a state to every seat that keeps up."""
        line = pack(state)
        for writer in list(self._writers):
            if writer.transport.get_write_buffer_size() < FULL_BYTES:
                writer.write(line)

    def tell(self, fact: Mapping[str, Any]) -> None:
        """Send a fact to every seat, and to those still to come."""
        line = pack(fact)
        self._facts.append(line)
        for writer in list(self._writers):
            writer.write(line)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(self._hello + b"".join(self._facts))
        self._writers.add(writer)
        try:
            while line := await reader.readline():
                writer.write(pack(self._answer(line)))
                await writer.drain()
        except (ConnectionError, ValueError) as error:  # ValueError: a line beyond all measure
            log.warning("seat.lost", error=str(error))
        finally:
            self._writers.discard(writer)
            writer.close()

    def _answer(self, line: bytes) -> dict[str, Any]:
        """Return the reply to one line of a seat."""
        identity: Any = None
        try:
            message = unpack(line)
            identity = message.get("id")
            if message["t"] != "command":
                raise WireError(f"a seat does not say {message['t']!r}")
            action = parse_action(message.get("action"))
            problem = self._command(str(message.get("seat", "")), action)
        except WireError as error:
            problem = str(error)
        return {"t": "reply", "id": identity, "ok": not problem, "error": problem}
