"""The Modbus driver against real servers that misbehave, and its writes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest

from edge.drivers import ModbusTemplate, open_driver
from edge.drivers.base import Reading
from edge.drivers.modbus import driver as driver_module
from edge.drivers.modbus.driver import ModbusDriver
from edge.drivers.template import ReadRules
from edge.errors import DeviceError
from edge.site.model import Device, Link
from edge.tag import Quality, Reason
from edge.units import Unit
from simulator.field import FieldFault, FieldServers
from tests.conformance.field import TEMPLATES, free_ports, make_site, make_tag

XNX = Device(id="XNX", link="l", template="honeywell-xnx", unit_id=1)
LEVEL = Device(id="LT", link="l", template="rosemount-5300", unit_id=246)
TOWER = Device(id="TOWER", link="t", template="patlite-la6-poe", unit_id=1)


@dataclass
class Bench:
    """A served detector, level gauge and tower, with a driver for each link."""

    field: FieldServers
    main: ModbusDriver
    tower: ModbusDriver


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    """Serve two links and open their drivers."""
    ports = free_ports(2)
    links = [
        Link(id="l", kind="modbus-tcp", port=ports[0], timeout_s=0.3, retry_s=0.3),
        Link(id="t", kind="modbus-tcp", port=ports[1], timeout_s=0.3, retry_s=0.3),
    ]
    tags = [make_tag("GAS", "XNX", "concentration"), make_tag("LEV", "LT", "pv")]
    field = FieldServers(make_site(links, [XNX, LEVEL, TOWER], tags), TEMPLATES)
    await field.start()
    allowed = frozenset({"TOWER"})
    main = ModbusDriver(links[0], [XNX, LEVEL], TEMPLATES, allowed)
    tower = ModbusDriver(links[1], [TOWER], TEMPLATES, allowed)
    yield Bench(field, main, tower)
    await main.close()
    await tower.close()
    await field.stop()


GAS = make_tag("GAS", "XNX", "concentration")


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (FieldFault.GARBAGE, Reason.BAD_REPLY),
        (FieldFault.SHORT, Reason.BAD_REPLY),
        (FieldFault.EXCEPTION, Reason.DEVICE_EXCEPTION),
        (FieldFault.CLOSE, Reason.NOT_CONNECTED),
        (FieldFault.SILENT, Reason.TIMEOUT),
    ],
)
async def test_each_misbehaviour_has_its_reason_and_passes(
    bench: Bench, fault: FieldFault, reason: Reason
):
    """What a device does wrong is told apart; garbage and hang-ups are known without waiting."""
    batch = bench.main.plan(XNX, [GAS])
    await bench.main.read(batch)
    bench.field.inject("XNX", fault)
    loop = asyncio.get_running_loop()
    started = loop.time()
    with pytest.raises(DeviceError) as caught:
        await bench.main.read(batch)
    assert caught.value.reason == reason
    if fault is not FieldFault.SILENT:
        assert loop.time() - started < 0.14
    bench.field.inject("XNX", None)
    assert (await bench.main.read(batch))[0].reason is Reason.OK
    other = await bench.main.read(bench.main.plan(LEVEL, [make_tag("LEV", "LT", "pv")]))
    assert other[0].reason is Reason.OK


async def test_a_refused_block_costs_only_its_own_tags(bench: Bench):
    """An address the device does not have makes its tag Bad, not its neighbours."""
    template = TEMPLATES["rosemount-5300"]
    assert isinstance(template, ModbusTemplate)
    ghost = template.registers["pv"].model_copy(update={"at": 9000})
    altered = template.model_copy(update={"registers": {**template.registers, "ghost": ghost}})
    link = Link(id="l", kind="modbus-tcp", port=_port(bench.main), timeout_s=0.3)
    driver = open_driver(link, [LEVEL], {"rosemount-5300": altered}, frozenset())
    tags = [make_tag("LEV", "LT", "pv"), make_tag("G", "LT", "ghost")]
    readings = await driver.read(driver.plan(LEVEL, tags))
    assert [reading.reason for reading in readings] == [Reason.OK, Reason.DEVICE_EXCEPTION]
    await driver.close()


async def test_a_gap_that_may_not_be_read_is_learnt_once(bench: Bench):
    """A request across a hole is refused once; then its parts are read, and stay so."""
    template = TEMPLATES["honeywell-xnx"]
    assert isinstance(template, ModbusTemplate)
    altered = template.model_copy(update={"read": ReadRules(max_gap=30)})  # 17 to 36 are not there
    link = Link(id="l", kind="modbus-tcp", port=_port(bench.main), timeout_s=0.3)
    driver = open_driver(link, [XNX], {"honeywell-xnx": altered}, frozenset())
    supply = make_tag("V", "XNX", "supply_24v", Unit.VOLT)
    batch = driver.plan(XNX, [GAS, supply])
    assert isinstance(batch, driver_module.ModbusBatch)
    assert [(block.address, block.count) for block in batch.plan.blocks] == [(0, 38)]
    readings = await driver.read(batch)
    assert [reading.reason for reading in readings] == [Reason.OK, Reason.OK]
    learnt = batch.plan.blocks
    assert len(learnt) > 1
    await driver.read(batch)
    assert batch.plan.blocks is learnt
    await driver.close()


async def test_a_frozen_instrument_is_found_by_its_heartbeat(bench: Bench, monkeypatch):
    """A value that still comes, under a heartbeat that stands still, is Bad: heartbeat lost."""
    monkeypatch.setattr(driver_module, "BEATS_MISSED", 0.02)  # of 5 s: a tenth of a second
    batch = bench.main.plan(XNX, [GAS])
    bench.field.set_tag("GAS", Reading(3.0, Quality.GOOD, Reason.OK))
    assert (await bench.main.read(batch))[0].value == 3.0
    bench.field.inject("XNX", FieldFault.FROZEN)
    reasons: set[Reason] = set()
    async with asyncio.timeout(3):
        while Reason.HEARTBEAT_LOST not in reasons:
            reasons.add((await bench.main.read(batch))[0].reason)
    assert (await bench.main.read(batch))[0].quality is Quality.BAD


async def test_a_write_arrives_and_is_verified(bench: Bench):
    """Horn and beacon arrive in one request, and what the tower shows is what was asked."""
    heard: list[tuple[str, int, tuple[int, ...]]] = []
    bench.field.on_write = lambda device, at, values, _: heard.append((device, at, values))
    await bench.tower.write(TOWER, {"buzzer": 2, "tier[1]": "flashing"})
    assert heard == [("TOWER", 0, (0x0102, 0, 0, 0, 0, 0x0102))]
    shown = bench.field.outputs("TOWER")
    assert (shown["buzzer[1]"], shown["tier[1]"], shown["tier[2]"]) == (2, 2, 0)
    await bench.tower.write(TOWER, {"buzzer": 0})
    assert heard[-1] == ("TOWER", 5, (0x0100,))


async def test_a_tower_that_does_not_follow_is_a_device_fault(bench: Bench, monkeypatch):
    """A write that is acknowledged and not carried out is found by reading back."""
    monkeypatch.setattr(bench.field._modbus["TOWER"], "write", lambda *_: True)
    with pytest.raises(DeviceError) as caught:
        await bench.tower.write(TOWER, {"buzzer": 2})
    assert caught.value.reason == Reason.DEVICE_FAULT


async def test_a_write_survives_a_connection_that_died_unseen(bench: Bench):
    """The horn sounds though its server restarted since the last write, or hangs up on it."""
    await bench.tower.write(TOWER, {"buzzer": 0})
    await bench.field.stop_link("t")
    await bench.field.start_link("t")
    await bench.tower.write(TOWER, {"buzzer": 1})
    assert bench.field.outputs("TOWER")["buzzer[1]"] == 1


async def test_a_write_to_a_dead_tower_says_so(bench: Bench):
    """Silence, refusal and a closed port each come back as a reason."""
    for fault, reason in (
        (FieldFault.SILENT, Reason.TIMEOUT),
        (FieldFault.EXCEPTION, Reason.DEVICE_EXCEPTION),
    ):
        bench.field.inject("TOWER", fault)
        with pytest.raises(DeviceError) as caught:
            await bench.tower.write(TOWER, {"buzzer": 2})
        assert caught.value.reason == reason
    bench.field.inject("TOWER", None)
    await bench.field.stop()
    with pytest.raises(DeviceError) as caught:
        await bench.tower.write(TOWER, {"buzzer": 2})
    assert caught.value.reason == Reason.NOT_CONNECTED


async def test_a_half_open_connection_is_doubted_after_three_silences(bench: Bench):
    """When nobody on a link answers, the connection itself is replaced."""
    batch = bench.main.plan(XNX, [GAS])
    await bench.main.read(batch)
    connection = bench.main._link._connection
    for device in ("XNX", "LT"):
        bench.field.inject(device, FieldFault.SILENT)
    level = bench.main.plan(LEVEL, [make_tag("LEV", "LT", "pv")])
    for _ in range(2):
        for one in (batch, level):
            with pytest.raises(DeviceError):
                await bench.main.read(one)
    assert bench.main._link._connection is not connection


async def test_closing_tells_who_waits(bench: Bench):
    """A read under way when the driver is closed fails at once, not when its time is over."""
    batch = bench.main.plan(XNX, [GAS])
    await bench.main.read(batch)
    bench.field.inject("XNX", FieldFault.SILENT)
    reading = asyncio.create_task(bench.main.read(batch))
    for _ in range(5):  # it goes as far as it can: to the answer that does not come
        await asyncio.sleep(0)
    await bench.main.close()
    with pytest.raises(DeviceError) as caught:
        await reading
    assert caught.value.reason == Reason.NOT_CONNECTED


async def test_a_wrong_device_is_not_believed(bench: Bench):
    """Another type code at the address makes every tag of the device WRONG_DEVICE."""
    served = bench.field._modbus["XNX"]
    checks = tuple(replace(check, equals=(0x25,)) for check in served.plan.identity)
    served.plan = replace(served.plan, identity=checks)
    readings = await bench.main.read(bench.main.plan(XNX, [GAS]))
    assert readings[0].reason is Reason.WRONG_DEVICE


def _port(driver: ModbusDriver) -> int:
    return driver._link._link.port
