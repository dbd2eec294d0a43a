"""A shared link: whose turn it is, when to connect, and which units are silent.

The wire is real, so its waits are on the event loop's own clock, whatever clock the gateway has.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

import structlog

from edge.drivers.modbus.wire import Connection, RequestError
from edge.drivers.template import Area
from edge.site.model import Link
from edge.tag import Reason

FIRST_RETRY_S = 0.1
FIRST_PROBE_S = 0.5
QUIET_LIMIT = 3  # time-outs in a row, of any unit, after which the connection itself is doubted
FULL_PROBE = 20  # every so many probes a silent unit gets the link's whole time-out
KNOWN_SHARE, PROBE_SHARE = 0.4, 0.25  # of the time-out, for a unit that has answered; for a probe
PATIENCE = 10  # times a unit's longest recent wait, where that is more
_log = structlog.get_logger(__name__)
_T = TypeVar("_T")


class Turn:
    """A lock that hands over to waiting writes first, then to reads in order of arrival."""

    def __init__(self) -> None:
        self._busy = False
        self._urgent: deque[asyncio.Future[None]] = deque()
        self._patient: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def take(self, *, urgent: bool) -> AsyncGenerator[None]:
        """Hold the link for one request."""
        if self._busy:
            await self._wait(self._urgent if urgent else self._patient)
        self._busy = True
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, queue: deque[asyncio.Future[None]]) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(future)
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():
                self._pass_on()  # it was our turn, and we shall not use it
            raise

    def _pass_on(self) -> None:
        for queue in (self._urgent, self._patient):
            while queue:
                future = queue.popleft()
                if not future.done():
                    future.set_result(None)
                    return
        self._busy = False


@dataclass(slots=True)
class UnitState:
    """What we know of one unit's answering; `slowest_s` is its longest recent wait [s]."""

    number: int
    silences: int = 0
    probe_at: float = 0.0  # loop time before which a silent unit is not asked
    slowest_s: float = 0.0


class SharedLink:
    """One link's connection, taken in turns. `units` is how many units stand behind it."""

    def __init__(self, link: Link, units: int) -> None:
        self._link = link
        self._shared = units > 1
        self._turn = Turn()
        self._connection: Connection | None = None
        self._units: dict[int, UnitState] = {}
        self._quiet = 0
        self._refusals = 0
        self._retry_at = 0.0

    async def read(self, unit: int, area: Area, address: int, count: int) -> bytes:
        """Return the data bytes of one read. Raises `RequestError`.

        A unit that has fallen silent is refused at once until its next probe is due, so that it
        cannot hold up the others.
        """
        state = self._units.setdefault(unit, UnitState(unit))
        now = asyncio.get_running_loop().time()
        if self._shared and state.silences and now < state.probe_at:
            raise RequestError(Reason.TIMEOUT, "silent, and not yet due to be asked again")

        async def ask(connection: Connection) -> bytes:
            return await connection.read(unit, area, address, count)

        return await self._take(state, ask, urgent=False)

    async def verify(self, unit: int, area: Area, address: int, count: int) -> bytes:
        """Return the data bytes of a read that belongs to a write, ahead of all other reads."""
        state = self._units.setdefault(unit, UnitState(unit))

        async def ask(connection: Connection) -> bytes:
            return await connection.read(unit, area, address, count)

        return await self._take(state, ask, urgent=True)

    async def write(self, unit: int, area: Area, address: int, words: tuple[int, ...]) -> None:
        """Write ahead of waiting reads. Raises `RequestError`.

        A connection that turns out dead is replaced and the write made once more: outputs are
        states, and setting one twice is setting it.
        """
        state = self._units.setdefault(unit, UnitState(unit))

        async def ask(connection: Connection) -> None:
            await connection.write(unit, area, address, words)

        try:
            await self._take(state, ask, urgent=True)
        except RequestError as fault:
            if fault.reason not in {Reason.TIMEOUT, Reason.NOT_CONNECTED, Reason.BAD_REPLY}:
                raise
            self._drop()
            await self._take(state, ask, urgent=True)

    def close(self) -> None:
        """Let go of the connection; the next request opens another one at once."""
        self._drop()
        self._refusals, self._retry_at = 0, 0.0
        self._units.clear()

    async def _take(
        self, state: UnitState, ask: Callable[[Connection], Awaitable[_T]], *, urgent: bool
    ) -> _T:
        async with self._turn.take(urgent=urgent):
            connection = await self._connected(urgent=urgent)
            loop = asyncio.get_running_loop()
            wait = self._link.timeout_s if urgent else self._wait(state)
            started = loop.time()
            try:
                async with asyncio.timeout(wait):
                    answer = await ask(connection)
            except TimeoutError:
                self._silent(state)
                raise RequestError(Reason.TIMEOUT, f"no answer within {wait:g} s") from None
            except asyncio.CancelledError:
                if loop.time() - started > wait / 2:
                    self._silent(state)  # the caller's patience ended before ours
                raise
            except RequestError as fault:
                if fault.reason is Reason.DEVICE_EXCEPTION:
                    self._answered(state, loop.time() - started)
                elif fault.reason is Reason.NOT_CONNECTED or not connection.open:
                    self._drop()
                raise
            self._answered(state, loop.time() - started)
            return answer

    def _wait(self, state: UnitState) -> float:
        """Return how long to wait for a read's answer [s].

        Units that share a line are waited for according to what they are known to take, never
        longer than the link's time-out: one that falls silent must not cost the others a period.
        A silent one gets a short probe, and rarely a full one, lest it has only become slow.
        """
        whole = self._link.timeout_s
        if not self._shared or (state.silences and state.silences % FULL_PROBE == 0):
            return whole
        known = KNOWN_SHARE if state.slowest_s else 1.0
        share = PROBE_SHARE if state.silences else known
        return min(whole, max(whole * share, PATIENCE * state.slowest_s))

    def _answered(self, state: UnitState, took_s: float) -> None:
        if state.silences:
            _log.info("unit answers again", link=self._link.id, unit=state.number)
        state.silences = 0
        state.slowest_s = max(took_s, 0.9 * state.slowest_s)
        self._quiet = 0

    def _silent(self, state: UnitState) -> None:
        loop = asyncio.get_running_loop()
        state.silences += 1
        if state.silences > 1:
            pause = FIRST_PROBE_S * 2 ** min(state.silences - 1, 16)
            state.probe_at = loop.time() + min(pause, self._link.retry_s)
        else:
            _log.info("unit fell silent", link=self._link.id, unit=state.number)
        self._quiet += 1
        if self._quiet >= QUIET_LIMIT:
            self._drop()

    async def _connected(self, *, urgent: bool) -> Connection:
        if self._connection is not None and self._connection.open:
            return self._connection
        loop = asyncio.get_running_loop()
        if not urgent and loop.time() < self._retry_at:
            raise RequestError(Reason.NOT_CONNECTED, "not connected, and not yet due to try again")
        self._drop()
        link = self._link
        connection = Connection(link.host, link.port, link.timeout_s)
        why = f"nobody answers at {link.host}:{link.port}"
        try:
            async with asyncio.timeout(link.timeout_s):
                up = await connection.connect()
        except TimeoutError:
            up = False
        except asyncio.CancelledError:
            connection.close()
            raise
        if not up:
            connection.close()
            pause = min(FIRST_RETRY_S * 2 ** min(self._refusals, 16), link.retry_s)
            self._refusals += 1
            self._retry_at = loop.time() + pause
            raise RequestError(Reason.NOT_CONNECTED, why)
        self._connection, self._refusals, self._quiet = connection, 0, 0
        return connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
