"""Everybody else's side of the control socket: a link that mends itself.

`messages()` yields every line core sends, and `{"t": "down"}` when core is gone; it goes on by
itself when core is back, beginning with its hello and a new snapshot.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import structlog

from edge.clock import NS, Clock, SystemClock
from edge.control.protocol import (
    LINE_LIMIT,
    VERSION,
    Json,
    check_path,
    decode,
    encode,
    publish_row,
)
from edge.errors import CommandError, WireError
from edge.tag import Sample, World

SNAPSHOT_LIMIT = 64 * LINE_LIMIT  # bytes; a snapshot holds every tag of the site
QUEUE_LIMIT = 10_000  # messages not yet taken; beyond it the link starts afresh
FIRST_WAIT_S, LONGEST_WAIT_S = 0.1, 0.5  # a try on a local socket costs nothing
log = structlog.get_logger(__name__)


class ControlClient:
    """A link to the control socket at `path`, as `name`; use it with `async with`.

    `world`, where given, is checked against core's: another world ends the link with `WireError`.
    Waits are real time, in a scaled replay too.
    """

    def __init__(
        self, path: Path, name: str, world: World | str | None = None, clock: Clock | None = None
    ) -> None:
        self._path, self._name, self._world = path, name, world
        self._clock = clock or SystemClock()
        self._writer: asyncio.StreamWriter | None = None
        self._queue: asyncio.Queue[Json | WireError] = asyncio.Queue()
        self._replies: dict[str, asyncio.Future[Json]] = {}
        self._period_s: float | None = None
        self._state = ""
        self._fatal: WireError | None = None
        self._task: asyncio.Task[None] | None = None
        self._up = asyncio.Event()
        self.core: Json = {}  # its hello, while it is there

    async def __aenter__(self) -> Self:
        check_path(self._path)
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._drop()

    # --- what we say -------------------------------------------------------------------------

    async def messages(self, period_s: float = 0.2) -> AsyncIterator[Json]:
        """Subscribe, with values gathered over `period_s` [s], and yield messages for ever.

        Raises `WireError` if core speaks another protocol or is of another world.
        """
        self._period_s = period_s
        if self.core:
            self._put(self.core)
            self._send({"t": "subscribe", "period_s": period_s})
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
        command_id: str | None = None,
        timeout_s: float = 5.0,
    ) -> Any:  # noqa: ANN401  # whatever the command's result is, as JSON
        """Have core do something; return its result.

        Raises `CommandError`: core's refusal, `control.down` if core is not there or goes
        meanwhile, `control.timeout` after `timeout_s` [s]. Ask again with the same `command_id`
        and it is done at most once.
        """
        await self._connected()
        key = command_id or uuid.uuid4().hex
        future = self._replies.get(key)
        if future is None:
            future = self._replies[key] = asyncio.get_running_loop().create_future()
        fields = {"actor": actor, "role": role, "place": place, "reason": reason}
        self._send({"t": "command", "id": key, "name": name, **fields, "args": args or {}})
        try:
            async with asyncio.timeout(timeout_s):
                reply = await asyncio.shield(future)
        except TimeoutError:
            raise CommandError("control.timeout", {"name": name}) from None
        finally:
            self._replies.pop(key, None)
        if reply.get("ok"):
            return reply.get("result")
        error: Json = reply.get("error") or {}
        raise CommandError(str(error.get("id")), error.get("params"))

    def publish(self, samples: Iterable[Sample], world: World) -> bool:
        """Send derived tags' samples; whether core was there to take them."""
        rows = [publish_row(sample) for sample in samples]
        return self._send({"t": "publish", "samples": rows, "world": str(world)})

    def report(self, state: str) -> None:
        """Say how this satellite is; said again by itself when core comes back."""
        self._state = state
        self._send({"t": "report", "state": state})

    def _send(self, message: Mapping[str, Any]) -> bool:
        if self._writer is None:
            return False
        self._writer.write(encode(message))
        return True

    async def _connected(self) -> None:
        """Wait for a link that is only just being made; raise why there is none."""
        try:
            async with asyncio.timeout(2 * FIRST_WAIT_S):
                await self._up.wait()
        except TimeoutError:
            raise self._fatal or CommandError("control.down") from None

    # --- the link ----------------------------------------------------------------------------

    async def _run(self) -> None:
        wait_s = FIRST_WAIT_S
        while True:
            began_ns = self._clock.now().mono_ns
            try:
                await self._connect_and_follow()
            except WireError as error:
                self._fatal = error
                self._queue.put_nowait(error)
                return
            except (OSError, ValueError) as error:
                log.debug("no control link", client=self._name, why=str(error))
            finally:
                self._drop()
            now_ns = self._clock.now().mono_ns
            # A link that held was a good one; one that is cut at once is not asked for in a storm.
            wait_s = FIRST_WAIT_S if now_ns - began_ns > LONGEST_WAIT_S * NS else wait_s
            await self._clock.sleep_until(now_ns + round(wait_s * NS))
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)

    async def _connect_and_follow(self) -> None:
        reader, writer = await asyncio.open_unix_connection(str(self._path), limit=SNAPSHOT_LIMIT)
        try:
            await self._follow(reader, writer)
        finally:
            writer.close()

    async def _follow(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Say hello and take lines until core is gone."""
        hello: Json = {"t": "hello", "v": VERSION, "name": self._name}
        if self._world is not None:
            hello["world"] = str(self._world)
        writer.write(encode(hello))
        line = await reader.readline()
        if not line:
            raise ConnectionError("core went before it said hello")
        core = decode(line)
        self._check(core)
        self.core, self._writer = core, writer
        if self._state:
            self.report(self._state)
        if self._period_s is not None:
            self._put(core)
            self._send({"t": "subscribe", "period_s": self._period_s})
        self._up.set()
        while line := await reader.readline():
            self._take(decode(line))

    def _check(self, core: Json) -> None:
        if core["t"] != "hello" or core.get("v") != VERSION:
            raise WireError(f"{self._path} does not speak version {VERSION}: upgrade Suian")
        if self._world is not None and core.get("world") != str(self._world):
            raise WireError(f"core is of world {core.get('world')}, this is {self._world}")

    def _take(self, message: Json) -> None:
        if message["t"] != "reply":
            self._put(message)
            return
        key = message.get("id")
        future = self._replies.get(key) if isinstance(key, str) else None
        if future is not None and not future.done():
            future.set_result(message)
        elif key is None:
            log.warning("core refused a line", client=self._name, error=message.get("error"))

    def _put(self, message: Json) -> None:
        """Queue for `messages()`, if anybody listens; start afresh if they do not keep up."""
        if self._period_s is None:
            return
        if self._queue.qsize() >= QUEUE_LIMIT:
            while not self._queue.empty():
                self._queue.get_nowait()
            raise ValueError("messages are not taken as fast as they come")
        self._queue.put_nowait(message)

    def _drop(self) -> None:
        """Let go of the connection: whoever waits for an answer learns that core is gone."""
        self._writer = None
        self._up.clear()
        if self.core:
            self.core = {}
            self._put({"t": "down"})
        for future in self._replies.values():
            if not future.done():
                future.set_result({"ok": False, "error": {"id": "control.down", "params": {}}})
