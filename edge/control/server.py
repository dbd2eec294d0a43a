"""Core's side of the control socket: one task a client, and core waits for none of them.

Everything that core says goes into a client's transport buffer at once; a client that lets more
than `BUFFER_LIMIT` bytes gather is dropped, and says hello again when it has caught its breath.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import structlog

from edge.clock import Clock, SystemClock
from edge.control.answers import Answers
from edge.control.pace import Group
from edge.control.protocol import (
    LINE_LIMIT,
    HandlersLike,
    Json,
    check_hello,
    check_path,
    decode,
    encode,
    read_command,
    read_period,
    read_samples,
)
from edge.errors import CommandError, WireError
from edge.tag import Sample

BUFFER_LIMIT = 4 << 20  # bytes of unread output; some seconds of a full site
log = structlog.get_logger(__name__)


class _Client:
    """One connection: who it is, and the way to it."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._transport = writer.transport
        self.hello: Json = {}
        self.reported = ""
        self.group: Group | None = None

    @property
    def name(self) -> str:
        return str(self.hello.get("name", "?"))

    def send(self, line: bytes) -> None:
        """Hand a line to the kernel or the buffer; drop the client if its buffer is full."""
        if self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size() > BUFFER_LIMIT:
            log.warning("control client too slow, dropped", client=self.name)
            self._transport.abort()
            return
        self._transport.write(line)


class ControlServer:
    """The socket at `path` (mode 0600). `hello` is what it says first; see `HandlersLike`.

    `clock` stamps what is sent; `pace` times the ticks, in real seconds even in a scaled replay.
    Entering raises `ConfigError` for a path no socket can have, and `OSError` (EADDRINUSE) if a
    running daemon already serves it.
    """

    def __init__(
        self,
        path: Path,
        hello: Mapping[str, Any],
        handlers: HandlersLike,
        clock: Clock | None = None,
        pace: Clock | None = None,
    ) -> None:
        self._path = path
        self._hello = encode({**hello, "t": "hello", "v": 1})
        self._world = str(hello.get("world", "live"))
        self._handlers = handlers
        self._clock = clock or SystemClock()
        self._pace = pace or SystemClock()
        self._answers = Answers(handlers)
        self._groups: dict[float, Group] = {}
        self._clients: set[_Client] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.daemons: dict[str, str] = {}

    # --- life --------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        sock = bind(self._path)
        try:
            self._server = await asyncio.start_unix_server(
                self._serve, sock=sock, limit=LINE_LIMIT, backlog=16
            )
        except BaseException:
            sock.close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.close()
        await self._answers.end()
        for task in tuple(self._tasks):
            task.cancel()
        for group in self._groups.values():
            group.end()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._path.unlink(missing_ok=True)

    # --- what core says ----------------------------------------------------------------------

    def push_values(self, samples: Iterable[Sample]) -> None:
        """Have `samples` go out with the next tick of every subscriber; a plain call."""
        if self._groups:
            newest = {sample.tag: sample for sample in samples}
            for group in self._groups.values():
                group.pending |= newest

    def push_event(self, event: Mapping[str, Any], alarm: Mapping[str, Any] | None) -> None:
        """Send an event, and its alarm's state after it, to every subscriber now."""
        self._tell({"t": "event", "event": event, "alarm": alarm})

    def push_calls(self, calls: Mapping[str, Any]) -> None:
        """Send the calls and notices that stand, whole, to every subscriber now."""
        self._tell({**calls, "t": "calls"})

    def renew(self, hello: Mapping[str, Any]) -> None:
        """Say a new `hello`, and to subscribers all that is: core has taken up another site."""
        self._hello = encode({**hello, "t": "hello", "v": 1})
        for client in tuple(self._clients):
            client.send(self._hello)
            if client.group:
                client.send(self._snapshot())

    def _snapshot(self) -> bytes:
        return encode({"daemons": self.daemons, **self._handlers.snapshot(), "t": "snapshot"})

    def _tell(self, message: Mapping[str, Any]) -> None:
        listeners = [client for client in self._clients if client.group]
        if listeners:
            line = encode(message)
            for client in listeners:
                client.send(line)

    # --- what clients say --------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # a stream's callback runs as a task
        self._tasks.add(task)
        client = _Client(writer)
        self._clients.add(client)
        client.send(self._hello)
        try:
            await self._listen(client, reader)
        except WireError as error:
            log.warning("control client refused", client=client.name, why=str(error))
            client.send(_error(None, "control.bad-line", {"detail": str(error)}))
        except (ConnectionError, asyncio.CancelledError):
            pass  # it went, or core ends: either way there is nobody to answer
        finally:
            self._tasks.discard(task)
            self._forget(client)
            writer.close()

    async def _listen(self, client: _Client, reader: asyncio.StreamReader) -> None:
        while line := await _read_line(reader):
            message = decode(line)
            if not client.hello:
                check_hello(message, self._world)
                client.hello = message
            else:
                self._take(client, message)

    def _take(self, client: _Client, message: Json) -> None:
        kind = message["t"]
        if kind == "subscribe":
            self._subscribe(client, read_period(message))
        elif kind == "command":
            command = read_command(message)
            self._answers.give(client.hello, command, client.send)
        elif kind == "publish":
            samples, world = read_samples(message, self._clock.now().utc_ns)
            try:
                self._handlers.on_publish(samples, world)
            except CommandError as error:
                client.send(_error(None, error.message_id, error.params))
        elif kind == "report":
            self._report(client, message)
        else:
            raise WireError(f"unknown t {kind[:32]!r}")

    def _subscribe(self, client: _Client, period_s: float) -> None:
        """Send what is, then have all that changes go the same way."""
        if client.group:
            client.group.leave(client)
        group = self._groups.get(period_s)
        if group is None:
            group = self._groups[period_s] = Group(period_s, self._clock, self._pace)
        client.group = group
        client.send(self._snapshot())
        group.join(client)

    def _report(self, client: _Client, message: Json) -> None:
        state = message.get("state")
        if not isinstance(state, str) or not state:
            raise WireError("a report must have a text 'state'")
        client.reported = state
        self._note(client.name, state)

    def _note(self, name: str, state: str) -> None:
        """Keep a satellite's state, tell everybody, and core."""
        if self.daemons.get(name) == state:
            return
        self.daemons[name] = state
        self._tell({"t": "daemons", "daemons": self.daemons})
        self._handlers.on_report(name, state)

    def _forget(self, client: _Client) -> None:
        self._clients.discard(client)
        if client.group:
            client.group.leave(client)
            if client.group.empty:
                self._groups.pop(client.group.period_s, None)
        # A satellite that came back on a new connection before this one was seen to end is alive.
        again = any(other.reported and other.name == client.name for other in self._clients)
        if client.reported and not again:
            self._note(client.name, "down")


async def _read_line(reader: asyncio.StreamReader) -> bytes:
    """Return a line with its end; empty at the end of the stream."""
    try:
        line = await reader.readline()
    except ValueError:
        raise WireError(f"a line is longer than {LINE_LIMIT} bytes") from None
    return line if line.endswith(b"\n") else b""


def _error(command_id: str | None, message_id: str, params: Mapping[str, Any]) -> bytes:
    error = {"id": message_id, "params": params}
    return encode({"t": "reply", "id": command_id, "ok": False, "error": error})


def bind(path: Path) -> socket.socket:
    """Return a bound Unix socket at `path` that its owner alone may open.

    A socket file that nobody listens on is a dead daemon's and is removed; one that answers is a
    living daemon's: `OSError` (EADDRINUSE). Any other file there is nobody's to remove.
    """
    check_path(path)
    _clear_stale(path)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.bind(str(path))
        path.chmod(0o600)  # before it listens, so that nobody gets in meanwhile
    except OSError as error:
        sock.close()
        raise OSError(error.errno, f"socket {path}: {error.strerror}") from None
    return sock


def _clear_stale(path: Path) -> None:
    if not path.is_socket():
        return
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
            return
        except FileNotFoundError:
            return
    raise OSError(errno.EADDRINUSE, f"socket {path}: {os.strerror(errno.EADDRINUSE)}")
