"""The field on its sockets: what it serves, what it hears, and how it fails on demand."""

from __future__ import annotations

import asyncio
import socket
import struct
import time

import pytest

from edge.clock import ManualClock
from edge.drivers.base import Reading
from edge.errors import ConfigError
from edge.site.model import Device, Link
from edge.tag import Quality, Reason
from simulator.field import FieldFault, FieldServers
from tests.conformance.field import TEMPLATES, free_ports, listening, make_site, make_tag

XNX = Device(id="XNX", link="l", template="honeywell-xnx", unit_id=1)
MSA = Device(id="MSA", link="l", template="msa-ultima-x3", unit_id=2)
TOWER = Device(id="TOWER", link="l", template="patlite-la6-poe", unit_id=9)


class Client:
    """A bare Modbus TCP client: what goes out and comes back is written out byte by byte."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def open(self) -> Client:
        """Connect."""
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        return self

    async def ask(self, unit: int, pdu: bytes) -> bytes:
        """Send `pdu` and return the answer's PDU."""
        self.writer.write(struct.pack(">HHHB", 77, 0, len(pdu) + 1, unit) + pdu)
        head = await asyncio.wait_for(self.reader.readexactly(7), 1)
        tid, protocol, length, answering = struct.unpack(">HHHB", head)
        assert (tid, protocol, answering) == (77, 0, unit)
        return await self.reader.readexactly(length - 1)

    async def read(self, unit: int, address: int, count: int, function: int = 3) -> bytes:
        """Return the answer to a read."""
        return await self.ask(unit, struct.pack(">BHH", function, address, count))


@pytest.fixture
async def served():
    """A detector, a three-sensor detector and a tower behind one port."""
    (port,) = free_ports(1)
    link = Link(id="l", kind="modbus-tcp", port=port)
    tags = [make_tag("GAS", "XNX", "concentration")]
    tags += [make_tag(f"M{n}", "MSA", f"concentration[{n}]") for n in (1, 2, 3)]
    field = FieldServers(make_site([link], [XNX, MSA, TOWER], tags), TEMPLATES)
    await field.start()
    client = await Client(port).open()
    yield field, client
    client.writer.close()
    await field.stop()


async def test_registers_are_the_templates(served):
    """The XNX shows its type code, its value, a normal state and the unit code of its tag."""
    field, client = served
    field.set_tag("GAS", Reading(50.0, Quality.GOOD, Reason.OK))
    answer = await client.read(1, 0, 11)
    words = struct.unpack(">11H", answer[2:])
    assert words[0] >> 8 == 0x24
    assert words[2:4] == (0x4248, 0)
    assert words[4:7] == (0, 0, 1)
    assert words[10] == 4


async def test_value_and_state_change_together(served):
    """An inhibited XNX shows 0 and its state in the same answer."""
    field, client = served
    field.set_tag("GAS", Reading(50.0, Quality.UNCERTAIN, Reason.INHIBITED))
    words = struct.unpack(">11H", (await client.read(1, 0, 11))[2:])
    assert words[2:4] == (0, 0)
    assert words[6] == 3


@pytest.mark.parametrize(
    ("unit", "pdu", "code"),
    [
        (1, struct.pack(">BHH", 3, 20, 1), 2),  # no such register
        (1, struct.pack(">BHH", 3, 36, 2), 2),  # one of two is not there
        (1, struct.pack(">BHH", 4, 0, 1), 2),  # another table
        (1, struct.pack(">BHH", 3, 0, 126), 3),
        (1, struct.pack(">BHH", 3, 0, 0), 3),
        (1, struct.pack(">BHH", 6, 2, 1), 2),  # a detector is not written
        (1, bytes([43, 14, 1, 0, 0]), 1),
        (7, struct.pack(">BHH", 3, 0, 1), 11),  # no such unit
        (9, struct.pack(">BHHBH", 16, 0, 2, 2, 1), 3),  # counts that disagree
        (9, struct.pack(">BHH", 5, 0, 0x1234), 3),
    ],
)
async def test_what_cannot_be_answered_is_an_exception(served, unit: int, pdu: bytes, code: int):
    """Wrong addresses, counts, functions and units get the code the standard has for them."""
    _, client = served
    assert await client.ask(unit, pdu) == bytes([pdu[0] | 0x80, code])


async def test_writes_are_heard_with_their_moment(served):
    """A write is told with device, address, words and the monotonic time at which it came in."""
    field, client = served
    heard: list[tuple[str, int, tuple[int, ...], int]] = []
    field.on_write = lambda *write: heard.append(write)
    before = time.monotonic_ns()
    pdu = struct.pack(">BHHBHH", 16, 4, 2, 4, 0x0101, 0x0102)
    assert await client.ask(9, pdu) == pdu[:5]
    ((device, address, values, mono_ns),) = heard
    assert (device, address, values) == ("TOWER", 4, (0x0101, 0x0102))
    assert before < mono_ns < time.monotonic_ns()
    assert (await client.read(9, 4, 2))[2:] == struct.pack(">HH", 1, 2)
    await client.ask(9, struct.pack(">BHH", 6, 5, 0x0002))  # control byte 0: leave it
    assert field.outputs("TOWER")["buzzer[1]"] == 2


async def test_a_change_is_told_once_as_it_is_served(served):
    """The tag and the moment are told by the first answer that covers the value, and only then."""
    field, client = served
    told: list[tuple[str, int]] = []
    field.on_served = lambda *served_: told.append(served_)
    field.set_tag("GAS", Reading(1.0, Quality.GOOD, Reason.OK))
    await client.read(1, 4, 2)
    assert told == []
    before = time.monotonic_ns()
    await client.read(1, 2, 2)
    await client.read(1, 2, 2)
    ((tag, mono_ns),) = told
    assert tag == "GAS"
    assert before < mono_ns < time.monotonic_ns()


async def test_heartbeats_step_with_the_clock():
    """The XNX's counter is one further every five seconds of the field's clock."""
    (port,) = free_ports(1)
    link = Link(id="l", kind="modbus-tcp", port=port)
    clock = ManualClock()
    site = make_site([link], [XNX], [make_tag("GAS", "XNX", "concentration")])
    field = FieldServers(site, TEMPLATES, clock)
    await field.start()
    client = await Client(port).open()
    seen = []
    for _ in range(3):
        seen.append(struct.unpack(">H", (await client.read(1, 7, 1))[2:])[0])
        clock.advance(5)
    assert [seen[1] - seen[0], seen[2] - seen[1]] == [1, 1]
    field.inject("XNX", FieldFault.FROZEN)
    still = await client.read(1, 0, 11)
    clock.advance(60)
    field.set_tag("GAS", Reading(9.0, Quality.GOOD, Reason.OK))
    assert await client.read(1, 0, 11) == still
    client.writer.close()
    await field.stop()


async def test_several_requests_in_one_packet_are_all_answered(served):
    """TCP may join or cut requests as it likes."""
    _, client = served
    pdu = struct.pack(">BHH", 3, 0, 1)
    frame = struct.pack(">HHHB", 77, 0, 6, 1) + pdu
    client.writer.write(frame[:5])
    await client.writer.drain()
    client.writer.write(frame[5:] + frame)
    answers = await asyncio.wait_for(client.reader.readexactly(22), 1)
    assert answers[:11] == answers[11:]


async def test_what_is_no_modbus_is_hung_up_on(served):
    """Noise ends the connection and nothing else."""
    field, client = served
    client.writer.write(b"GET / HTTP/1.1\r\n\r\n")
    with pytest.raises((asyncio.IncompleteReadError, ConnectionResetError)):
        await asyncio.wait_for(client.reader.readexactly(1), 1)
    other = await Client(client.port).open()
    assert len(await other.read(1, 0, 1)) == 4
    other.writer.close()
    assert field.tags == {"GAS", "M1", "M2", "M3"}


async def test_a_port_in_use_names_link_and_port():
    """Both links in trouble are named at once, and what was started is stopped again."""
    ports = free_ports(3)
    links = [Link(id=f"l{n}", kind="modbus-tcp", port=port) for n, port in enumerate(ports)]
    taken = [socket.create_server(("127.0.0.1", port)) for port in ports[1:]]
    field = FieldServers(make_site(links, [], []), TEMPLATES)
    with pytest.raises(ConfigError) as caught:
        await field.start()
    for fault, port in zip(caught.value.faults, ports[1:], strict=True):
        assert str(port) in fault.problem
    assert [fault.subject for fault in caught.value.faults] == ["link l1", "link l2"]
    assert not listening(ports[0])
    for sock in taken:
        sock.close()


async def test_a_site_its_templates_cannot_serve_is_refused():
    """What check_site finds stops the field before it opens a socket."""
    link = Link(id="l", kind="modbus-tcp")
    with pytest.raises(ConfigError, match="no point 'level'"):
        FieldServers(make_site([link], [XNX], [make_tag("T", "XNX", "level")]), TEMPLATES)


async def test_stop_and_start_again(served):
    """A stopped field is gone from its port; a started one serves what it served before."""
    field, client = served
    field.set_tag("GAS", Reading(50.0, Quality.GOOD, Reason.OK))
    await field.stop()
    await field.stop()
    assert not listening(client.port)
    await field.start()
    again = await Client(client.port).open()
    assert (await again.read(1, 2, 2))[2:] == struct.pack(">f", 50.0)
    again.writer.close()


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
async def test_a_reading_that_counts_needs_a_value(served, value: float | None):
    """A plant that hands over no number for a good reading is told so at once."""
    field, _ = served
    with pytest.raises(ValueError, match="GAS"):
        field.set_tag("GAS", Reading(value, Quality.GOOD, Reason.OK))
    field.set_tag("GAS", Reading(value, Quality.BAD, Reason.SENSOR_FAULT))


async def test_unknown_names_are_errors(served):
    """A tag or device that is not served is a KeyError, not silence."""
    field, _ = served
    with pytest.raises(KeyError):
        field.set_tag("NONE", Reading(1.0, Quality.GOOD, Reason.OK))
    with pytest.raises(KeyError):
        field.inject("NONE", None)
