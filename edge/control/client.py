"""The control socket's client: hazard, console, relay and the command line."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from edge.control.wire import LINE_LIMIT, VERSION, Message, decode, encode
from edge.errors import CommandError, WireError

FIRST_RETRY_S = 0.05
LONGEST_RETRY_S = 1.0
ANSWER_S = 5.0
QUEUE = 4096


class ControlClient:
    """A connection that keeps coming back.

    `messages()` yields what core sends, and `{"t": "down"}` each time core is lost; after a
    reconnect core's `hello` and `snapshot` come again. With `subscribe=False` nothing is pushed:
    such a client only sends commands. A subscriber must keep reading `messages()`.
    """

    def __init__(
        self,
        path: Path,
        name: str,
        *,
        world: str = "",
        subscribe: bool = True,
        period_s: float = 0.2,
    ) -> None:
        self._path = path
        self._name = name
        self._world = world
        self._subscribe = subscribe
        self._period_s = period_s
        self._writer: asyncio.StreamWriter | None = None
        self._connected = asyncio.Event()
        self._replies: dict[str, asyncio.Future[Message]] = {}
        self._queue: asyncio.Queue[Message | WireError] = asyncio.Queue(QUEUE)
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name=f"control-{self._name}")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    @property
    def connected(self) -> bool:
        """Whether core is there now."""
        return self._connected.is_set()

    async def messages(self) -> AsyncIterator[Message]:
        """Yield what core sends, for ever. Raises `WireError` where core refuses this client."""
        while True:
            message = await self._queue.get()
            if isinstance(message, WireError):
                raise message
            yield message

    async def command(
        self,
        name: str,
        args: Mapping[str, Any] | None = None,
        *,
        actor: str = "",
        role: str = "",
        place: str = "",
        reason: str = "",
        command_id: str = "",
    ) -> Message:
        """Send a command and return its result.

        Raises `CommandError` where core refuses it, is not there, or does not answer in 5 s.
        """
        identity = command_id or str(uuid.uuid4())
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._replies[identity] = future
        request = {
            "t": "command",
            "id": identity,
            "name": name,
            "actor": actor,
            "role": role,
            "place": place,
            "reason": reason,
            "args": dict(args or {}),
        }
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._connected.wait()
                self._send(request)
                answer = await future
        except TimeoutError:
            raise CommandError("control.core-down") from None
        finally:
            self._replies.pop(identity, None)
        if not answer["ok"]:
            raise CommandError(answer["error"]["id"], answer["error"]["params"])
        return answer["result"]

    def publish(self, rows: Sequence[Sequence[Any]], world: str) -> bool:
        """Send derived samples, rows `[tag, value, quality, reason, source_ns]`; False: no core."""
        return self._send({"t": "publish", "samples": [list(one) for one in rows], "world": world})

    def report(self, state: str) -> bool:
        """Say how this daemon is (`preparing`, `running`, …); False: no core to hear it."""
        return self._send({"t": "report", "state": state})

    def _send(self, message: Message) -> bool:
        if self._writer is None or self._writer.is_closing():
            return False
        self._writer.write(encode(message))
        return True

    async def _run(self) -> None:
        """Connect, read until core is lost, and again, waiting a little longer each time."""
        wait_s = FIRST_RETRY_S
        while True:
            try:
                await self._one_connection()
                wait_s = FIRST_RETRY_S
            except OSError:
                wait_s = min(LONGEST_RETRY_S, wait_s * 2)
            except WireError as error:
                await self._queue.put(error)
                return
            await asyncio.sleep(wait_s)

    async def _one_connection(self) -> None:
        reader, writer = await asyncio.open_unix_connection(str(self._path), limit=LINE_LIMIT)
        self._writer = writer
        try:
            hello: Message = {"t": "hello", "v": VERSION, "name": self._name}
            self._send(hello | ({"world": self._world} if self._world else {}))
            if self._subscribe:
                self._send({"t": "subscribe", "period_s": self._period_s})
            while line := await reader.readline():
                await self._take(decode(line))
        finally:
            was_up = self._connected.is_set()
            self._connected.clear()
            self._writer = None
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            if was_up:
                self._lose()

    def _lose(self) -> None:
        """Tell the reader, and whoever waits for an answer, that core is gone."""
        with contextlib.suppress(asyncio.QueueFull):
            self._queue.put_nowait({"t": "down"})
        for future in self._replies.values():
            if not future.done():
                future.set_exception(CommandError("control.core-down"))

    async def _take(self, message: Message) -> None:
        kind = message["t"]
        if kind == "hello":
            if message.get("v") != VERSION:
                raise WireError(f"core speaks version {message.get('v')}: upgrade Suian")
            self._connected.set()
        if kind == "refused" and message["error"]["id"] == "control.other-world":
            params = message["error"]["params"]
            raise WireError(f"{self._path}: core is of world {params['core']}, not {self._world}")
        if kind == "reply":
            future = self._replies.get(message["id"])
            if future and not future.done():
                future.set_result(message)
        elif self._subscribe:
            await self._queue.put(message)
