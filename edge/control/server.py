"""The control socket's server, in core. Core never waits for a client.

Values are gathered per client and sent every `period_s`; events go at once. A client that does not
read what it is sent is let go, so that it can cost neither time nor memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import structlog

from edge.control.wire import LINE_LIMIT, VERSION, Message, check_path, decode, encode, row
from edge.errors import CommandError, WireError
from edge.tag import Sample

log = structlog.get_logger(__name__)
SLOW_BYTES = 8 * 1024 * 1024  # unsent bytes after which a client is let go
SHORTEST_PERIOD_S = 0.05


class CommandRequest(NamedTuple):
    """A command as a client sent it: who asks for what, where, and why."""

    id: str
    name: str
    actor: str
    role: str
    place: str
    reason: str
    args: Mapping[str, Any]


class Handlers(Protocol):
    """What core does with what clients send. All are plain calls that must return at once."""

    def snapshot(self) -> Message:
        """Return `values` (rows), `alarms` and `outputs` as they stand."""
        ...

    def command(self, request: CommandRequest) -> Mapping[str, Any]:
        """Carry out a command. Raises `CommandError`."""
        ...

    def publish(self, rows: Sequence[Sequence[Any]], world: str) -> None:
        """Take derived samples. Raises `CommandError`."""
        ...


class _Client:
    """One connection."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        self.name = "?"
        self.pending: dict[str, Sample] | None = None  # None: not subscribed
        self.tick = 0
        self.ticker: asyncio.Task[None] | None = None

    def send(self, line: bytes) -> None:
        """Write a line without waiting; a client too far behind is let go."""
        if self.writer.is_closing():
            return
        if self.writer.transport.get_write_buffer_size() > SLOW_BYTES:
            log.warning("control.slow-client", client=self.name)
            self.writer.transport.abort()
            return
        self.writer.write(line)


class ControlServer:
    """Serves `core.sock`. `hello` is what every client is greeted with (without `t` and `v`)."""

    def __init__(self, path: Path, hello: Mapping[str, Any], handlers: Handlers) -> None:
        self._path = path
        self._hello = {"t": "hello", "v": VERSION, **hello}
        self._handlers = handlers
        self._clients: set[_Client] = set()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.daemons: dict[str, str] = {}

    async def start(self) -> None:
        """Listen. Raises `ConfigError` (path too long), `WireError` (another core is there)."""
        check_path(self._path)
        _clear_stale(self._path)
        mask = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(
                self._serve, str(self._path), limit=LINE_LIMIT
            )
        finally:
            os.umask(mask)

    async def stop(self) -> None:
        """Let every client go and take the socket away."""
        if self._server is None:
            return
        self._server.close()
        for client in list(self._clients):
            client.writer.transport.abort()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None
        self._path.unlink(missing_ok=True)

    # --- what core pushes ----------------------------------------------------------------------

    def push_value(self, sample: Sample) -> None:
        """Note a tag's newest sample for every subscriber's next tick."""
        for client in self._clients:
            if client.pending is not None:
                client.pending[sample.tag] = sample

    def push_event(self, event: Mapping[str, Any], alarm: Mapping[str, Any] | None) -> None:
        """Send an event, and the alarm it leaves, to every subscriber at once."""
        self._broadcast({"t": "event", "event": event, "alarm": alarm})

    def push_outputs(self, outputs: Sequence[Mapping[str, Any]]) -> None:
        """Send how the annunciators' outputs stand."""
        self._broadcast({"t": "outputs", "outputs": outputs})

    def _broadcast(self, message: Message) -> None:
        line: bytes | None = None
        for client in list(self._clients):
            if client.pending is not None:
                line = line or encode(message)
                client.send(line)

    # --- what clients send ---------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        client = _Client(writer)
        self._clients.add(client)
        client.send(encode(self._hello))
        try:
            while line := await reader.readline():
                self._take(client, decode(line))
        except (WireError, ValueError) as error:  # ValueError: a line over the limit
            log.warning("control.bad-line", client=client.name, error=str(error))
            client.send(encode(_refusal("control.bad-line", {"detail": str(error)})))
        except ConnectionError:
            log.info("control.client-lost", client=client.name)
        finally:
            self._let_go(client)
            self._tasks.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    def _let_go(self, client: _Client) -> None:
        self._clients.discard(client)
        if client.ticker:
            client.ticker.cancel()
        if self.daemons.pop(client.name, None) is not None:
            self._broadcast({"t": "daemons", "daemons": {**self.daemons, client.name: "down"}})

    def _take(self, client: _Client, message: Message) -> None:
        """Act on one message. Raises `WireError` for a kind or form that is unknown."""
        try:
            kind = message["t"]
            if kind == "hello":
                self._greet(client, message)
            elif kind == "subscribe":
                self._subscribe(client, float(message.get("period_s", 0.2)))
            elif kind == "command":
                self._command(client, message)
            elif kind == "publish":
                self._publish(client, message)
            elif kind == "report":
                self.daemons[client.name] = str(message["state"])
                self._broadcast({"t": "daemons", "daemons": dict(self.daemons)})
            else:
                raise WireError(f"unknown kind {kind!r}")
        except (KeyError, TypeError) as error:
            raise WireError(f"{message.get('t')}: missing or wrong {error}") from None

    def _greet(self, client: _Client, message: Message) -> None:
        client.name = str(message["name"])
        version, world = message.get("v"), message.get("world")
        if version != VERSION:
            raise WireError(f"this core speaks version {VERSION}, not {version}: upgrade Suian")
        if world and world != self._hello["world"]:
            params = {"world": str(world), "core": str(self._hello["world"])}
            client.send(encode(_refusal("control.other-world", params)))
            client.writer.close()

    def _subscribe(self, client: _Client, period_s: float) -> None:
        client.pending = {}
        client.send(
            encode({"t": "snapshot", **self._handlers.snapshot(), "daemons": dict(self.daemons)})
        )
        if client.ticker:
            client.ticker.cancel()
        client.ticker = asyncio.create_task(self._tick(client, max(SHORTEST_PERIOD_S, period_s)))

    async def _tick(self, client: _Client, period_s: float) -> None:
        """Send what has changed, and that we live, every `period_s` [s of the machine]."""
        while not client.writer.is_closing():
            await asyncio.sleep(period_s)
            changed, client.pending = client.pending or {}, {}
            client.tick += 1
            rows = [row(sample) for sample in changed.values()]
            newest = max((sample.receive_ns for sample in changed.values()), default=None)
            client.send(
                encode({"t": "values", "tick": client.tick, "at_ns": newest, "values": rows})
            )

    def _command(self, client: _Client, message: Message) -> None:
        request = CommandRequest(
            str(message["id"]),
            str(message["name"]),
            str(message.get("actor", "")),
            str(message.get("role", "")),
            str(message.get("place", client.name)),
            str(message.get("reason", "")),
            message.get("args") or {},
        )
        answer: Message = {"t": "reply", "id": request.id}
        try:
            answer |= {"ok": True, "result": dict(self._handlers.command(request))}
        except CommandError as error:
            answer |= {"ok": False, "error": {"id": error.message_id, "params": error.params}}
        client.send(encode(answer))

    def _publish(self, client: _Client, message: Message) -> None:
        try:
            self._handlers.publish(message["samples"], str(message["world"]))
        except CommandError as error:
            client.send(encode(_refusal(error.message_id, error.params)))


def _refusal(message_id: str, params: Mapping[str, Any]) -> Message:
    return {"t": "refused", "error": {"id": message_id, "params": dict(params)}}


def _clear_stale(path: Path) -> None:
    """Take away a socket that nobody serves. Raises `WireError` where somebody does."""
    if not path.exists():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            path.unlink(missing_ok=True)
            return
    raise WireError(f"{path}: another daemon already serves this socket; stop it first")
