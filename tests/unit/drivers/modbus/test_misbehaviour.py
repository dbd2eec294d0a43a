"""Whatever a device does wrong on whatever link: no wrong value is Good, and it passes."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from edge.drivers.base import Batch, Reading
from edge.drivers.modbus.link import SharedLink
from edge.drivers.modbus.requests import RequestError
from edge.drivers.template import Area
from edge.errors import DeviceError
from edge.site.model import Device
from edge.tag import Quality
from simulator.field import FieldFault
from tests.conformance.field import modbus_link
from tests.unit.drivers.modbus.frames import rtu
from tests.unit.drivers.modbus.rigs import MODBUS, ON_LINE, Bench, bench

FAULTS = [fault for fault in FieldFault if fault is not FieldFault.FROZEN]
ROUNDS = 5
# What a device does to the connection, or to a TCP stream, its neighbours cannot but notice.
OWN_MATTER = {
    FieldFault.SILENT,
    FieldFault.EXCEPTION,
    FieldFault.SHORT,
    FieldFault.BUSY,
    FieldFault.LATE,
    FieldFault.DUPLICATE,
}


async def reading(rig: Bench, batch: Batch) -> Reading | None:
    """Return what one read brought, None if the device gave nothing."""
    try:
        return (await rig.driver.read(batch))[0]
    except DeviceError:
        return None


async def until_good(rig: Bench, tag: str, value: float) -> None:
    """Read until `tag` is good again; it must then be `value`."""
    batch = rig.batch(tag)
    async with asyncio.timeout(30):
        while True:
            found = await reading(rig, batch)
            if found is not None and found.quality is Quality.GOOD:
                break
            await asyncio.sleep(0.02)
    assert found.value == value


async def counted(rig: Bench, counter: str) -> None:
    """Return once device U-1's `counter` has counted anything."""
    async with asyncio.timeout(20):
        while True:
            if rig.figures("U-1")[counter]:
                return
            await asyncio.sleep(0.005)


async def misbehaves(kind: str, fault: FieldFault, root: Path) -> None:
    """Poll two tags of a device that does `fault`, and one of its neighbour."""
    async with bench(kind, root, timeout_s=0.12, retry_s=0.2) as rig:
        batches = {tag: rig.batch(tag) for tag in ("1a", "1b", "2a")}
        rig.field.inject("U-1", fault)
        for number in range(ROUNDS):
            for place, tag in enumerate(batches):
                value = float(3 * number + place + 1)
                rig.show(tag, value)
                found = await reading(rig, batches[tag])
                if found is not None and found.quality is Quality.GOOD:
                    assert found.value == value, (kind, fault, tag, number)
        rig.field.inject("U-1", None)
        for tag, value in (("1a", 91.0), ("1b", 92.0), ("2a", 93.0)):
            rig.show(tag, value)
            await until_good(rig, tag, value)
        assert rig.figures("U-1")["answers"]
        if fault in OWN_MATTER:
            neighbour = rig.figures("U-2")
            assert (neighbour["bad_frames"], neighbour["exceptions"]) == (0, {})


@pytest.mark.parametrize("kind", MODBUS)
async def test_no_wrong_value_is_good_and_all_passes(kind: str, tmp_path: Path):
    """Every fault, at once, each on a link of its own: right values or none, then recovery."""
    async with asyncio.TaskGroup() as group:
        for fault in FAULTS:
            group.create_task(misbehaves(kind, fault, tmp_path / fault))


@pytest.mark.parametrize(
    ("fault", "counter"),
    [
        (FieldFault.SILENT, "timeouts"),
        (FieldFault.WRONG_CRC, "bad_frames"),
        (FieldFault.TRUNCATED, "bad_frames"),
        (FieldFault.SHORT, "bad_frames"),
        (FieldFault.LATE, "strays"),
        (FieldFault.BUSY, "retries"),
    ],
)
@pytest.mark.parametrize("kind", ON_LINE)
async def test_the_statistics_name_the_fault(
    kind: str, fault: FieldFault, counter: str, tmp_path: Path
):
    """An engineer sees from a device's counters what it does wrong, and none of it elsewhere."""
    async with bench(kind, tmp_path / "s", timeout_s=0.12, retry_s=0.1) as rig:
        batch = rig.batch("1a")
        await reading(rig, rig.batch("2a"))
        await reading(rig, batch)
        rig.show("1a", 7.0)
        before = rig.figures("U-1")[counter]
        async with asyncio.timeout(20):
            while rig.figures("U-1")[counter] == before:
                # Each time from the beginning: once set aside, it may answer when nobody asks.
                rig.field.inject("U-1", None)
                await until_good(rig, "1a", 7.0)
                rig.field.inject("U-1", fault)
                for _ in range(5):
                    await reading(rig, batch)
        assert not rig.figures("U-2")[counter]


@pytest.mark.parametrize("kind", MODBUS)
async def test_a_busy_device_is_asked_again_until_it_has_time(kind: str, tmp_path: Path):
    """Exception 6 means wait and ask again; the reader gets a value, not an exception."""
    async with bench(kind, tmp_path / "s", timeout_s=1.0) as rig:
        rig.show("1a", 5.0)
        rig.field.inject("U-1", FieldFault.BUSY)
        assert (await rig.driver.read(rig.batch("1a")))[0].value == 5.0
        figures = rig.figures("U-1")
        assert figures["retries"]
        assert figures["exceptions"] == {"6": figures["retries"]}


async def test_a_damaged_answer_is_asked_for_again_at_once(tmp_path: Path):
    """One wrong frame on a line costs a retry, not a sample; without retries it is a bad reply."""
    for retries, reason in ((1, None), (0, "bad-reply")):
        async with bench("modbus-rtu-tcp", tmp_path / str(retries), retries=retries) as rig:
            rig.show("1a", 5.0)
            rig.field.inject("U-1", FieldFault.WRONG_CRC)
            asking = asyncio.create_task(rig.driver.read(rig.batch("1a")))
            await counted(rig, "bad_frames")
            rig.field.inject("U-1", None)
            if reason is None:
                assert (await asking)[0].value == 5.0
            else:
                with pytest.raises(DeviceError) as caught:
                    await asking
                assert caught.value.reason == reason


async def test_a_devices_own_timeout_and_retries_hold(tmp_path: Path):
    """A slow device's own time-out is kept, and its retries are made also when it is silent."""
    own = {"timeout_s": 0.2, "retries": 2}
    async with bench("modbus-tcp", tmp_path / "s", device=own, timeout_s=30.0) as rig:
        rig.field.inject("U-1", FieldFault.SILENT)
        async with asyncio.timeout(20):
            with pytest.raises(DeviceError) as caught:
                await rig.driver.read(rig.batch("1a"))
        assert caught.value.reason == "timeout"
        assert rig.figures("U-1")["retries"] == 2
        assert rig.figures("U-1")["timeouts"] == 3


@pytest.mark.parametrize("kind", MODBUS)
async def test_a_write_goes_ahead_of_reads_and_never_into_an_open_request(
    kind: str, tmp_path: Path
):
    """Behind a queue of reads the horn is next, and no request is sent before an answer came."""
    async with bench(kind, tmp_path / "s", timeout_s=2.0) as rig:
        batch, order = rig.batch("1a"), list[str]()
        await rig.driver.read(batch)

        async def read(number: int) -> None:
            await rig.driver.read(batch)
            order.append(f"read {number}")

        async def write() -> None:
            await rig.driver.write(rig.site.devices["TOWER"], {"buzzer": 2})
            order.append("horn")

        async with asyncio.TaskGroup() as group:
            for number in range(6):
                group.create_task(read(number))
            await asyncio.sleep(0)
            group.create_task(write())
        assert order.index("horn") <= 1 + 1  # one read was under way; one may follow the write
        assert rig.field.outputs("TOWER")["buzzer[1]"] == 2
        for device in ("U-1", "TOWER"):
            figures = rig.figures(device)
            assert figures["requests"] == figures["answers"]


@pytest.mark.parametrize("kind", MODBUS)
async def test_function_23_writes_and_reads_in_one_request(kind: str, tmp_path: Path):
    """Outputs are driven and read back in one frame where a device has function 23."""
    async with bench(kind, tmp_path / "s", timeout_s=2.0) as rig:
        data = await rig.driver._link.write_read(3, 0, (0x0102, 0x0102), 0, 2)
        assert data == bytes.fromhex("00020002")
        assert rig.field.outputs("TOWER")["tier[1]"] == 2


async def test_a_gateways_word_for_a_silent_unit_is_believed(tmp_path: Path):
    """Exception 11 is silence of that unit, not of the link: it is set aside, the others go on."""
    async with bench("modbus-tcp", tmp_path / "s", timeout_s=2.0) as rig:
        del rig.field._servers["l"].units[1]  # pyright: ignore[reportAttributeAccessIssue]  # unplugged behind the gateway
        batch = rig.batch("1a")
        for _ in range(3):
            with pytest.raises(DeviceError) as caught:
                await rig.driver.read(batch)
            assert caught.value.reason == "timeout"
        figures = rig.figures("U-1")
        assert figures["exceptions"] == {"11": 2}  # the third time it is not yet due
        assert figures["silent"]
        assert (await rig.driver.read(rig.batch("2a")))[0].quality is Quality.GOOD
        assert rig.figures("U-2")["reconnects"] == 0


async def test_a_late_answer_is_not_taken_for_the_next_ones(tmp_path: Path):
    """On a line without numbers, what was given up on may still come: it is asked twice then."""

    def answer(asked: bytes) -> bytes:
        return rtu(bytes([1, 3, 4]) + bytes(2) + asked[2:4])  # the value is the address

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.readexactly(8)  # answered only when the next one comes
        second = await reader.readexactly(8)
        writer.write(answer(first))
        third = await reader.readexactly(8)
        writer.write(answer(second))
        await asyncio.sleep(0)
        writer.write(answer(third))
        while asked := await reader.read(8):
            writer.write(answer(asked))
        writer.close()

    link = modbus_link("modbus-rtu-tcp", tmp_path, timeout_s=0.2, retries=0)
    server = await asyncio.start_server(serve, "127.0.0.1", link.port)
    shared = SharedLink(link, [Device(id="D", link="l", template="x", unit_id=1)])
    with pytest.raises(RequestError) as caught:
        await shared.read(1, Area.HOLDING, 10, 2)
    assert caught.value.reason == "timeout"
    for address in (20, 30, 40):
        assert await shared.read(1, Area.HOLDING, address, 2) == bytes([0, 0, 0, address])
    shared.close()
    server.close()
    await server.wait_closed()


async def test_equal_blocks_are_read_however_short_the_timeout(tmp_path: Path):
    """Two places that read the same, on a line that is given little time, are good at once."""
    async with bench("modbus-rtu-tcp", tmp_path / "s", timeout_s=0.1) as rig:
        batches = [rig.batch("1a"), rig.batch("1b")]
        for _ in range(3):
            for batch in batches:
                await until_good(rig, batch.tags[0].name, 0.0)
        assert rig.figures("U-1")["strays"] == 0


async def test_the_kernel_watches_for_a_peer_that_is_gone(tmp_path: Path):
    """A machine that loses power says no goodbye: unanswered bytes end the connection in time."""
    async with bench("modbus-tcp", tmp_path / "s", timeout_s=0.5) as rig:
        await rig.driver.read(rig.batch("1a"))
        connection = rig.driver._link._connection
        assert connection is not None
        sock = connection.transport.get_extra_info("socket")
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 1500
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


@pytest.mark.parametrize("kind", MODBUS)
async def test_who_takes_connections_and_never_answers(kind: str, tmp_path: Path):
    """When no unit answers, each is a time-out in time, and the connection is made anew."""
    async with bench(kind, tmp_path / "s", timeout_s=0.5, retry_s=0.1) as rig:
        batches = [rig.batch(tag) for tag in ("1a", "2a")]
        for batch in batches:
            await rig.driver.read(batch)
        for device in ("U-1", "U-2"):
            rig.field.inject(device, FieldFault.SILENT)
        async with asyncio.timeout(30):
            while True:
                assert [await reading(rig, batch) for batch in batches] == [None, None]
                await asyncio.sleep(0.02)
                if rig.figures("U-1")["reconnects"]:
                    break
        for device in ("U-1", "U-2"):
            rig.field.inject(device, None)
        rig.show("1a", 8.0)
        await until_good(rig, "1a", 8.0)


async def test_half_answers_do_not_hold_up_the_neighbours(tmp_path: Path):
    """A device whose answers never become whole over TCP is set aside like a silent one."""
    async with bench("modbus-tcp", tmp_path / "s", timeout_s=0.3, retry_s=30.0) as rig:
        batch = rig.batch("1a")
        await rig.driver.read(batch)
        rig.field.inject("U-1", FieldFault.TRUNCATED)
        for _ in range(8):
            assert await reading(rig, batch) is None
        assert rig.figures("U-1")["bad_frames"] == 2
        rig.show("2a", 4.0)
        await until_good(rig, "2a", 4.0)
