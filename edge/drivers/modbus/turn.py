"""Whose turn it is on a shared link: writes first, then reads in the order they came."""

from __future__ import annotations

import asyncio
from collections import deque
from types import TracebackType


class Turn:
    """A lock that hands over to waiting writes first, then to reads in order of arrival."""

    def __init__(self) -> None:
        self._busy = False
        self._queues = {True: deque[asyncio.Future[None]](), False: deque[asyncio.Future[None]]()}
        self._ways = {urgent: _Hold(self, urgent=urgent) for urgent in (True, False)}

    def take(self, *, urgent: bool) -> _Hold:
        """Hold the link for one request: `async with turn.take(urgent=False)`."""
        return self._ways[urgent]

    async def acquire(self, *, urgent: bool) -> None:
        """Return once it is our turn."""
        if not self._busy:
            self._busy = True
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues[urgent].append(future)
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():
                self.release()  # it was our turn, and we shall not use it
            raise

    def release(self) -> None:
        """Hand over to whoever is next."""
        for queue in (self._queues[True], self._queues[False]):
            while queue:
                future = queue.popleft()
                if not future.done():
                    future.set_result(None)
                    return
        self._busy = False


class _Hold:
    def __init__(self, turn: Turn, *, urgent: bool) -> None:
        self._turn = turn
        self._urgent = urgent

    async def __aenter__(self) -> None:
        await self._turn.acquire(urgent=self._urgent)

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._turn.release()
