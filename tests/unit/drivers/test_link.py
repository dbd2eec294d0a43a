"""A shared link: writes first, silent units aside, and the connection looked after."""

from __future__ import annotations

import asyncio

import pytest

from edge.drivers.modbus.link import SharedLink
from edge.drivers.modbus.requests import RequestError
from edge.drivers.modbus.turn import Turn
from edge.drivers.template import Area
from edge.site.model import Device, Link
from edge.tag import Reason
from simulator.field import FieldFault, FieldServers
from tests.conformance.field import TEMPLATES, free_ports, make_site, make_tag


async def test_writes_go_before_reads_that_wait():
    """Whoever holds the link finishes; then writes in order, then reads in order."""
    turn, order = Turn(), []
    release = asyncio.Event()

    async def hold() -> None:
        async with turn.take(urgent=False):
            await release.wait()
            order.append("first")

    async def use(name: str, *, urgent: bool) -> None:
        async with turn.take(urgent=urgent):
            order.append(name)

    async with asyncio.TaskGroup() as group:
        group.create_task(hold())
        await asyncio.sleep(0)
        for name in ("r1", "w1", "r2", "w2"):
            group.create_task(use(name, urgent=name.startswith("w")))
        await asyncio.sleep(0)
        release.set()
    assert order == ["first", "w1", "w2", "r1", "r2"]


async def test_a_cancelled_waiter_passes_its_turn_on():
    """Cancelling one who waits, or who has just been called, leaves the link usable."""
    turn = Turn()
    release = asyncio.Event()

    async def hold() -> None:
        async with turn.take(urgent=False):
            await release.wait()

    async def use() -> str:
        async with turn.take(urgent=False):
            return "mine"

    holder = asyncio.create_task(hold())
    await asyncio.sleep(0)
    waiting, called, last = (asyncio.create_task(use()) for _ in range(3))
    await asyncio.sleep(0)
    waiting.cancel()
    release.set()
    await holder
    called.cancel()
    assert await asyncio.wait_for(last, 1) == "mine"


@pytest.fixture
async def three_units():
    """Three MSA units behind one port."""
    (port,) = free_ports(1)
    link = Link(id="l", kind="modbus-tcp", port=port, timeout_s=0.4, retry_s=0.5)
    devices = [
        Device(id=f"U-{n}", link="l", template="msa-ultima-x3", unit_id=n) for n in (1, 2, 3)
    ]
    tags = [make_tag(f"T-{n}", f"U-{n}", "concentration[1]") for n in (1, 2, 3)]
    field = FieldServers(make_site([link], devices, tags), TEMPLATES)
    await field.start()
    shared = SharedLink(link, devices)
    yield field, shared
    shared.close()
    await field.stop()


async def ask(shared: SharedLink, unit: int) -> float:
    """Return how long one read of `unit` took [s]; raises what it raised."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    await shared.read(unit, Area.HOLDING, 40207, 2)
    return loop.time() - started


async def test_a_silent_unit_costs_the_others_little_and_comes_back(three_units):
    """One stall below the time-out, then none; once it answers again it is read again."""
    field, shared = three_units
    loop = asyncio.get_running_loop()
    for unit in (1, 2, 3):
        await ask(shared, unit)
    field.inject("U-2", FieldFault.SILENT)
    with pytest.raises(RequestError) as caught:
        await ask(shared, 2)
    assert caught.value.reason is Reason.TIMEOUT
    stalls = 0
    until = loop.time() + 1.0
    while loop.time() < until:
        started = loop.time()
        with pytest.raises(RequestError):
            await ask(shared, 2)
        stalls += loop.time() - started > 0.05
        assert await ask(shared, 1) < 0.2
        await asyncio.sleep(0.02)
    assert stalls <= 4  # probes with back-off, not one per round
    field.inject("U-2", None)
    started = loop.time()
    while True:
        try:
            await ask(shared, 2)
            break
        except RequestError:
            await asyncio.sleep(0.02)
    assert loop.time() - started < 1.0  # retry_s and a margin


async def test_the_callers_patience_counts_as_silence(three_units):
    """A poller that gives up before our own time-out still gets the unit set aside."""
    field, shared = three_units
    await ask(shared, 3)
    field.inject("U-3", FieldFault.SILENT)
    for patience in (0.12, 0.08):  # of 0.16 and 0.1 s
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(patience):
                await shared.read(3, Area.HOLDING, 40207, 2)
    with pytest.raises(RequestError, match="not yet due"):
        await ask(shared, 3)


async def test_a_write_waits_for_one_request_at_most(three_units):
    """Behind a queue of reads a write is next."""
    _, shared = three_units
    await ask(shared, 1)
    order: list[str] = []

    async def read(n: int) -> None:
        await ask(shared, 1)
        order.append(f"r{n}")

    async def write() -> None:
        with pytest.raises(RequestError) as caught:  # a detector takes no write: exception 2
            await shared.write(1, Area.HOLDING, 40207, (1,))
        assert caught.value.code == 2
        order.append("w")

    async with asyncio.TaskGroup() as group:
        for n in range(5):
            group.create_task(read(n))
        await asyncio.sleep(0)
        group.create_task(write())
    assert order.index("w") <= 1
