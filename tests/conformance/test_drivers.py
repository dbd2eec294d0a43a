"""What every driver must do, held against real servers; a new driver passes this unchanged."""

from __future__ import annotations

import asyncio

import pytest

from edge.drivers import open_driver
from edge.drivers.base import Batch, Reading
from edge.errors import ConfigError, DeviceError, WriteRefusedError
from edge.site.model import Device
from edge.tag import REASONS, Quality, Reason
from simulator.field import FieldFault
from tests.conformance.conftest import Rig
from tests.conformance.field import TEMPLATES, make_tag

pytestmark = pytest.mark.asyncio(loop_scope="session")


def good(value: float) -> Reading:
    """Return a good reading of `value`."""
    return Reading(value, Quality.GOOD, Reason.OK)


def bad(reason: Reason) -> Reading:
    """Return a reading that has no value for `reason`."""
    return Reading(None, REASONS[reason].quality, reason)


async def read_until_good(rig: Rig, batch: Batch, within_s: float) -> list[Reading]:
    """Read again and again as a poller would, until it works; fails after `within_s` [s]."""
    async with asyncio.timeout(within_s):
        while True:
            try:
                return await rig.driver.read(batch)
            except DeviceError:
                await asyncio.sleep(0.05)


async def test_values_come_in_the_plans_order(rig: Rig):
    """One reading per tag, in the order of the plan, each with the value its tag has."""
    for number, tag in enumerate(rig.site.tags_of("D-1")):
        rig.field.set_tag(tag.name, good(float(10 + number)))
    tags = list(reversed(rig.site.tags_of("D-1")))
    batch = rig.driver.plan(rig.site.devices["D-1"], tags)
    assert list(batch.tags) == tags
    assert batch.device.id == "D-1"
    readings = await rig.driver.read(batch)
    assert [reading.value for reading in readings] == [12.0, 11.0, 10.0]
    assert all(reading.quality is Quality.GOOD for reading in readings)


async def test_a_changed_value_is_read(rig: Rig):
    """The next read after a change brings it."""
    batch = rig.plan()
    rig.field.set_tag("T-11", good(1.0))
    assert (await rig.driver.read(batch))[0].value == 1.0
    rig.field.set_tag("T-11", good(2.0))
    assert (await rig.driver.read(batch))[0].value == 2.0


async def test_a_bad_tag_spoils_no_other(rig: Rig):
    """A sensor fault on one tag is its Bad reading; its neighbours read on."""
    rig.field.set_tag("T-11", good(1.0))
    rig.field.set_tag("T-12", bad(Reason.SENSOR_FAULT))
    rig.field.set_tag("T-13", good(3.0))
    first, second, third = await rig.driver.read(rig.plan())
    assert (first.value, third.value) == (1.0, 3.0)
    assert (second.value, second.quality, second.reason) == (
        None,
        Quality.BAD,
        Reason.SENSOR_FAULT,
    )


async def test_over_range_keeps_its_value(rig: Rig):
    """A burst beyond the range is Uncertain with its value, never Bad."""
    rig.field.set_tag("T-11", good(250.0))
    reading = (await rig.driver.read(rig.plan()))[0]
    assert (reading.value, reading.quality) == (250.0, Quality.UNCERTAIN)
    assert reading.reason is Reason.OVER_RANGE


async def test_a_silent_device_is_a_timeout_in_time(rig: Rig):
    """Silence raises TIMEOUT within the link's time-out and a margin, and can end."""
    loop = asyncio.get_running_loop()
    batch = rig.plan()
    await rig.driver.read(batch)
    rig.field.inject("D-1", FieldFault.SILENT)
    started = loop.time()
    with pytest.raises(DeviceError) as caught:
        await rig.driver.read(batch)
    assert caught.value.reason == Reason.TIMEOUT
    assert loop.time() - started < rig.link.timeout_s + 0.5
    rig.field.inject("D-1", None)
    readings = await read_until_good(rig, batch, 15)
    assert all(reading.quality is Quality.GOOD for reading in readings)


async def test_a_device_that_answers_nothing_but_errors(rig: Rig):
    """Refusals are Bad with the device's reason, whole or tag by tag, and pass."""
    batch = rig.plan()
    rig.field.inject("D-1", FieldFault.EXCEPTION)
    try:
        reasons = {reading.reason for reading in await rig.driver.read(batch)}
    except DeviceError as error:
        reasons = {Reason(error.reason)}
    assert reasons <= {Reason.DEVICE_EXCEPTION, Reason.DEVICE_FAULT}
    rig.field.inject("D-1", None)
    assert (await rig.driver.read(batch))[0].quality is Quality.GOOD


async def test_nobody_there_is_not_connected(rig: Rig):
    """A closed port is NOT_CONNECTED at once, without waiting out the time-out."""
    await rig.field.stop()
    loop = asyncio.get_running_loop()
    started = loop.time()
    with pytest.raises(DeviceError) as caught:
        await rig.driver.read(rig.plan())
    assert caught.value.reason == Reason.NOT_CONNECTED
    assert loop.time() - started < rig.link.timeout_s


async def test_a_restarted_server_is_found_again(rig: Rig):
    """After stop and start, reads work again soon, through the same driver and plan."""
    batch = rig.plan()
    await rig.driver.read(batch)
    await rig.field.stop()
    with pytest.raises(DeviceError):
        await rig.driver.read(batch)
    await rig.field.start()
    rig.field.set_tag("T-11", good(7.0))
    assert (await read_until_good(rig, batch, 15))[0].value == 7.0


async def test_a_server_that_starts_late_is_found(rig: Rig):
    """A driver that was there first connects once there is something to connect to."""
    batch = rig.plan()
    await rig.field.stop()
    for _ in range(3):
        with pytest.raises(DeviceError):
            await rig.driver.read(batch)
    await rig.field.start()
    assert len(await read_until_good(rig, batch, 15)) == 3


async def test_devices_of_one_link_are_told_apart(rig: Rig):
    """Two devices read at the same time each give their own values."""
    rig.field.set_tag("T-11", good(1.0))
    rig.field.set_tag("T-21", good(2.0))
    one, two = await asyncio.gather(
        rig.driver.read(rig.plan("D-1")), rig.driver.read(rig.plan("D-2"))
    )
    assert (one[0].value, two[0].value) == (1.0, 2.0)


async def test_writes_outside_the_allow_list_never_reach_the_wire(rig: Rig):
    """A device that is no annunciator is refused before anything connects or is sent."""
    heard: list[object] = []
    rig.field.on_write = lambda *write: heard.append(write)
    await rig.field.stop()  # were anything sent, it would fail as not connected
    with pytest.raises(WriteRefusedError):
        await rig.driver.write(rig.site.devices["D-1"], {"concentration[1]": 0})
    assert heard == []


async def test_an_allowed_device_takes_its_outputs_only(rig: Rig):
    """Even an annunciator is not written at a point that is no output."""
    with pytest.raises(WriteRefusedError):
        await rig.driver.write(rig.site.devices["TOWER"], {"contact_input[1]": 1})


async def test_close_may_come_twice_and_reading_goes_on(rig: Rig):
    """Closing is idempotent, before and after use; the next read connects anew."""
    await rig.driver.close()
    batch = rig.plan()
    await rig.driver.read(batch)
    await rig.driver.close()
    await rig.driver.close()
    assert len(await rig.driver.read(batch)) == 3


async def test_a_cancelled_read_leaves_the_driver_usable(rig: Rig):
    """A poller that gives up on a read can read again."""
    batch = rig.plan()
    await rig.driver.read(batch)
    rig.field.inject("D-1", FieldFault.SILENT)
    with pytest.raises((TimeoutError, DeviceError)):
        async with asyncio.timeout(0.05):
            await rig.driver.read(batch)
    rig.field.inject("D-1", None)
    assert len(await read_until_good(rig, batch, 15)) == 3


async def test_a_wrong_reference_is_a_fault_of_the_plan(rig: Rig):
    """What cannot be read is said when planning, with the tag's name, and never connects."""
    device: Device = rig.site.devices["D-1"]
    with pytest.raises(ConfigError) as caught:
        rig.driver.plan(device, [make_tag("WRONG", "D-1", "no such thing")])
    assert caught.value.faults[0].subject == "WRONG"


async def test_opening_connects_to_nothing():
    """A driver for a link where nobody listens is made without a word."""
    for kind in ("modbus-tcp", "opcua"):
        link = make_link(kind)
        driver = open_driver(link, [], TEMPLATES, frozenset())
        await driver.close()


def make_link(kind: str):
    """Return a link to a port where nobody listens."""
    from edge.site.model import Link  # noqa: PLC0415  # only here

    return Link(id="x", kind=kind, port=1)  # pyright: ignore[reportArgumentType]  # one of the two
