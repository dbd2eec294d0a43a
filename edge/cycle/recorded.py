"""A person's command is answered once it is on the disk; the horn has not waited for that.

What a command does, it does at once. Only the answer waits, for the transaction that holds the
command's events, and no longer than `PATIENCE_S`: a disk that is slow or refuses is the journal's
own trouble, and the person is told that the act stands and its record does not (`recorded`).
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, cast

from edge.clock import Clock, Instant
from edge.control.protocol import Command, HandlersLike, Json
from edge.errors import CommandError
from edge.tag import Sample, World

PATIENCE_S = 1.0  # of the machine's time


class Commits(Protocol):
    """What the answer needs of the journal; no call waits for the disk."""

    @property
    def offered(self) -> int:
        """How many transitions were offered so far."""
        ...

    def healthy(self, now: Instant) -> bool:
        """Whether what is offered reaches the disk."""
        ...

    def when_committed(self, told: Callable[[], None]) -> None:
        """Call `told` once all that was offered until now is on the disk, from any thread."""
        ...


class Recorded:
    """`handlers` with answers that wait for the record; a question waits for nothing."""

    def __init__(
        self,
        handlers: HandlersLike,
        journal: Commits,
        clock: Clock,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._handlers, self._journal, self._clock = handlers, journal, clock
        self._patience_s = patience_s

    def snapshot(self) -> Json:
        """Return what a new client has to know."""
        return self._handlers.snapshot()

    def on_publish(self, samples: list[Sample], world: World) -> None:
        """Take a satellite's samples. Raises `CommandError`."""
        self._handlers.on_publish(samples, world)

    def on_report(self, name: str, state: str) -> None:
        """Record how a satellite says it is."""
        self._handlers.on_report(name, state)

    def on_command(self, hello: Json, command: Command) -> Any:  # noqa: ANN401  # a result, or what will be one
        """Do what a person wants at once; a refusal is raised, or comes with its record as well."""
        before = self._journal.offered
        try:
            result = self._handlers.on_command(hello, command)
        except CommandError as error:
            if self._journal.offered == before:
                raise
            return self._refuse(error)
        if inspect.isawaitable(result):
            return self._later(result)
        return result if self._journal.offered == before else self._answer(result)

    async def _later(self, result: Awaitable[Any]) -> Any:  # noqa: ANN401  # as `on_command`
        try:
            done = await result
        except CommandError as error:
            await self._refuse(error)
        else:
            return await self._answer(done)

    async def _answer(self, result: object) -> object:
        recorded = await self.recorded()
        if not isinstance(result, dict):
            return result
        return {**cast("Json", result), "recorded": recorded}

    async def _refuse(self, error: CommandError) -> Any:  # noqa: ANN401  # it never returns
        await self.recorded()
        raise error

    async def recorded(self) -> bool:
        """Return whether all that was offered until now is on the disk, within `patience_s`."""
        if not self._journal.healthy(self._clock.now()):
            return False
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()

        def tell() -> None:
            if not done.done():
                done.set_result(None)

        def told() -> None:
            with contextlib.suppress(RuntimeError):  # core has ended meanwhile: nobody waits
                loop.call_soon_threadsafe(tell)

        self._journal.when_committed(told)
        try:
            async with asyncio.timeout(self._patience_s):
                await done
        except TimeoutError:
            return False
        return True
