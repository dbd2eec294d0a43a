"""A shared link: whose turn it is, when to connect, and which units are silent.

The wire is real, so its waits are on the event loop's own clock, whatever clock the gateway has.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import structlog

from edge.drivers.base import READ_BUDGET
from edge.drivers.modbus.requests import (
    ECHO,
    Request,
    RequestError,
    read_request,
    write_read_request,
    write_request,
)
from edge.drivers.modbus.turn import Turn
from edge.drivers.modbus.unit import JITTER, NO_PATH, NO_TARGET, Unit, rest_s
from edge.drivers.modbus.wire import Connection
from edge.drivers.template import Area, ReadRules
from edge.site.model import Device, Link
from edge.tag import Reason

FIRST_RETRY_S = 0.1
QUIET_LIMIT = 3  # time-outs in a row, of any unit, after which the connection itself is doubted
DEAF_S = 0.6  # for which instruments may wait for a neighbour's answer before they hear us again
BABBLE_S = 0.5  # longest wait for a line to come to rest before it is asked all the same
_AGAIN = frozenset({Reason.TIMEOUT, Reason.NOT_CONNECTED, Reason.BAD_REPLY})
_log = structlog.get_logger(__name__)


class SharedLink:
    """One link's connection, taken in turns by its `devices`.

    `folder` is the site's; `rules` are what templates say of how devices (by id) are asked.
    """

    def __init__(
        self,
        link: Link,
        devices: Sequence[Device],
        folder: Path | None = None,
        rules: Mapping[str, ReadRules] | None = None,
    ) -> None:
        self._link = link
        self._folder = folder or Path()
        self._turn = Turn()
        self._connection: Connection | None = None
        shared = len({device.unit_id for device in devices}) > 1
        said = rules or {}
        self._units = {
            device.unit_id: Unit(link, device, shared=shared, rules=said.get(device.id))
            for device in devices
        }
        self._rest_s = rest_s(link)
        self._rested_at = 0.0  # loop time at which the last request ended
        self._quiet = 0
        self._doubt = False  # whether the last request on a line was given up without its answer
        self._unheard: Unit | None = None  # whose silence was the last thing on the line
        self._least_wait_s = 0.0  # for any answer: `DEAF_S` once somebody was found deaf
        self._refusals = 0
        self._retry_at = 0.0
        self._connects = 0
        self._number = 0  # of the last connection's last request
        self._refused = ""

    async def read(self, unit: int, area: Area, address: int, count: int) -> bytes:
        """Return the data bytes of one read. Raises `RequestError`.

        A unit that has fallen silent is refused at once until its next probe is due, so that it
        cannot hold up the others.
        """
        state = self._units[unit]
        if state.silences and state.rests(asyncio.get_running_loop().time()):
            raise RequestError(Reason.TIMEOUT, "silent, and not yet due to be asked again")
        return await self._ask(state, read_request(area, address, count), urgent=False)

    async def verify(self, unit: int, area: Area, address: int, count: int) -> bytes:
        """Return the data bytes of a read that belongs to a write, ahead of all other reads."""
        return await self._ask(self._units[unit], read_request(area, address, count), urgent=True)

    async def write(
        self,
        unit: int,
        area: Area,
        address: int,
        words: tuple[int, ...],
        function: int | None = None,
    ) -> None:
        """Write ahead of waiting reads, by `function` where it is given. Raises `RequestError`."""
        await self._put(self._units[unit], write_request(area, address, words, function))

    async def write_read(
        self, unit: int, address: int, words: tuple[int, ...], shown: int, count: int
    ) -> bytes:
        """Write `words` and return `count` registers from `shown` on, in one request (function 23).

        Goes ahead of waiting reads. Raises `RequestError`.
        """
        return await self._put(self._units[unit], write_read_request(address, words, shown, count))

    def patience_s(self, unit: int, requests: int) -> float:
        """Return how long a device may take to answer so many requests [s]."""
        state = self._units[unit]
        return READ_BUDGET * state.timeout_s + (requests - 1) * state.min_gap_s

    def close(self) -> None:
        """Let go of the connection; the next request opens another one at once."""
        self._drop()
        self._refusals, self._retry_at = 0, 0.0
        for unit in self._units.values():
            unit.silences, unit.probe_at = 0, 0.0

    def statistics(self) -> dict[str, dict[str, object]]:
        """Return each device's figures by its id."""
        reconnects = max(self._connects - 1, 0)
        return {
            unit.device: {
                "link": self._link.id,
                "connected": self._connection is not None and self._connection.open,
                "reconnects": reconnects,
                "silent": unit.silences > 0,
                **unit.statistics.as_dict(),
            }
            for unit in self._units.values()
        }

    async def _put(self, state: Unit, request: Request) -> bytes:
        """Send a write; where the connection turns out dead, once more over a new one.

        Outputs are states, and setting one twice is setting it.
        """
        try:
            return await self._ask(state, request, urgent=True)
        except RequestError as fault:
            if fault.reason not in _AGAIN:
                raise
            self._drop()
            return await self._ask(state, request, urgent=True)

    async def _ask(self, state: Unit, request: Request, *, urgent: bool) -> bytes:
        """Ask, and ask again where that may help; others take their turn in between."""
        tries = 0
        while True:
            if left_s := state.gap_s(asyncio.get_running_loop().time()):
                await asyncio.sleep(left_s)
            try:
                async with self._turn.take(urgent=urgent):
                    return await self._once(state, request, urgent=urgent)
            except RequestError as fault:
                if fault.again_s is None:
                    state.statistics.last_error = fault.detail
                pause = state.pause_s(fault, tries)
                if pause is None:
                    raise
            if pause:
                await asyncio.sleep(pause)
            tries += 1
            state.statistics.retries += 1

    async def _once(self, state: Unit, request: Request, *, urgent: bool) -> bytes:
        connection = self._connection
        if connection is None or not connection.open:
            connection = await self._connected(urgent=urgent)
        # An answer to an older request may come first, in this unit's name or in a wrong one: what
        # is asked first is not believed then. A write is confirmed by reading back.
        doubted = self._doubt or state.doubted(connection.loop.time())
        while (doubted or state.owed) and request.size != ECHO:
            owed, doubted, self._doubt = state.owed, False, False
            await self._send(connection, state, request, urgent=urgent)
            state.owed = min(state.owed, max(owed - 1, 0))
        return await self._send(connection, state, request, urgent=urgent)

    async def _send(
        self, connection: Connection, state: Unit, request: Request, *, urgent: bool
    ) -> bytes:
        if self._rest_s:
            await self._rest(connection)
        loop, counted = connection.loop, state.statistics
        wait = max(state.wait_s(request, urgent=urgent), self._least_wait_s)
        counted.requests += 1
        state.asked_at = loop.time()
        try:
            answer = await connection.ask(state.number, request, wait, state.owed)
        except RequestError as fault:
            raise self._judged(fault, connection, state, wait) from None
        except asyncio.CancelledError:
            self._give_up(state)
            if loop.time() - state.asked_at > wait / 2:
                self._silent(state)  # the caller's patience ended before ours
            raise
        finally:
            self._rested_at = loop.time()
        self._heard(state)
        return answer

    def _judged(
        self, fault: RequestError, connection: Connection, state: Unit, wait: float
    ) -> RequestError:
        """Take note of a request that failed; return the fault as the reader is to see it."""
        if fault.reason is Reason.TIMEOUT:
            return self._timed_out(state, wait)
        if fault.reason is Reason.DEVICE_EXCEPTION:
            state.statistics.exceptions[fault.code] += 1
            if fault.code in {NO_PATH, NO_TARGET}:
                self._quiet, self._unheard = 0, None
                self._silent(state)
                detail = f"its gateway gets no answer from it (exception {fault.code})"
                return RequestError(Reason.TIMEOUT, detail, fault.code)
            self._heard(state)
            return fault
        if fault.reason is Reason.BAD_REPLY:
            self._give_up(state)
            if fault.again_s is not None:
                return fault  # only doubted
            state.statistics.bad_frames += 1
            if connection.loop.time() - state.asked_at > wait / 2:
                self._silent(state)  # half an answer that is waited for costs the others as much
        if not connection.open:
            self._drop()
        return fault

    def _timed_out(self, state: Unit, wait: float) -> RequestError:
        """Take note of a silence. On a line, one that follows another unit's may be its doing.

        Instruments that heard a question to a neighbour wait for its answer, and are deaf to ours
        meanwhile (those built on libmodbus for half a second): they are asked once more, and from
        then on the line is given that time after each question.
        """
        self._give_up(state)
        state.statistics.timeouts += 1
        self._quiet += 1
        other = self._unheard is not None and self._unheard is not state
        deaf = other and self._link.on_line and not state.silences and state.slowest_s > 0
        self._unheard = None if deaf else state
        if deaf:
            self._least_wait_s = DEAF_S
            _log.info("units of this line wait for each other's answers", link=self._link.id)
        else:
            self._silent(state)
        if self._quiet >= QUIET_LIMIT:
            self._drop()
        again_s = DEAF_S if deaf else None
        return RequestError(Reason.TIMEOUT, f"no answer within {wait:.2g} s", again_s=again_s)

    def _give_up(self, state: Unit) -> None:
        """Take note that an answer did not come, and may come yet."""
        state.owes(asyncio.get_running_loop().time())
        self._doubt = self._link.on_line

    def _heard(self, state: Unit) -> None:
        self._quiet, self._unheard = 0, None
        silent_s = state.answered(asyncio.get_running_loop().time())
        if silent_s:
            told = _log.bind(link=self._link.id, device=state.device, unit=state.number)
            told.warning("unit answers again", silent_s=round(silent_s, 1))

    def _silent(self, state: Unit) -> None:
        if state.silent(asyncio.get_running_loop().time(), random.random):
            _log.warning(
                "unit fell silent", link=self._link.id, device=state.device, unit=state.number
            )

    async def _rest(self, connection: Connection) -> None:
        """Wait until the line has rested long enough, also from what nobody asked for."""
        loop = connection.loop
        latest = loop.time() + self._rest_s + BABBLE_S
        while True:
            now = loop.time()
            left = max(self._rested_at, connection.heard_at) + self._rest_s - now
            if left <= 0 or now >= latest:
                return
            await asyncio.sleep(left)

    async def _connected(self, *, urgent: bool) -> Connection:
        loop = asyncio.get_running_loop()
        if not urgent and loop.time() < self._retry_at:
            raise RequestError(Reason.NOT_CONNECTED, "not connected, and not yet due to try again")
        self._drop()
        connection = Connection(self._link, self._folder, self._stray, self._number)
        try:
            await connection.dial()
        except RequestError as fault:
            connection.close()
            pause = min(FIRST_RETRY_S * 2 ** min(self._refusals, 16), self._link.retry_s)
            self._refusals += 1
            self._retry_at = loop.time() + pause * (1 - JITTER * random.random())  # noqa: S311  # no secret
            if fault.detail != self._refused:
                self._refused = fault.detail
                _log.warning("link cannot connect", link=self._link.id, detail=fault.detail)
            raise
        except asyncio.CancelledError:
            connection.close()
            raise
        self._connection, self._refusals, self._quiet, self._refused = connection, 0, 0, ""
        self._connects += 1
        return connection

    def _stray(self, unit: int) -> None:
        state = self._units.get(unit)
        if state is not None:
            state.strayed(asyncio.get_running_loop().time())

    def _drop(self) -> None:
        if self._connection is not None:
            self._number = self._connection.number
            self._connection.close()
        self._connection = None
