"""The OPC UA driver where it differs: namespaces, unknown nodes, stamps, and servers that hang."""

from __future__ import annotations

import asyncio
import sys

import pytest
import pytest_asyncio

from edge.drivers import open_driver
from edge.drivers.base import Reading
from edge.errors import DeviceError
from edge.site.model import Device, Link
from edge.tag import Quality, Reason
from edge.units import Unit
from simulator.field import FieldFault, FieldServers
from tests.conformance.field import (
    TEMPLATES,
    free_ports,
    make_site,
    make_tag,
    quick_opcua_servers,
)

pytest.importorskip("asyncua")
pytestmark = pytest.mark.asyncio(loop_scope="module")
DCS = Device(id="DCS", link="u", template="opcua")
TAGS = [
    make_tag("PT", "DCS", "nsu=urn:suian:field;s=PT"),
    make_tag("XV", "DCS", "nsu=urn:suian:field;s=XV", Unit.BOOL, 0, 1),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def field():
    """One OPC UA server with a number and a switch."""
    quick_opcua_servers()
    (port,) = free_ports(1)
    link = Link(id="u", kind="opcua", port=port, path="/t", timeout_s=0.5, retry_s=0.5)
    servers = FieldServers(make_site([link], [DCS], TAGS), TEMPLATES)
    await servers.start()
    yield servers, link
    await servers.stop()


async def test_unknown_nodes_and_namespaces_are_configuration_faults(field):
    """A node or namespace the server does not have is Bad with CONFIGURATION; others read on."""
    _, link = field
    driver = open_driver(link, [DCS], TEMPLATES, frozenset())
    tags = [
        make_tag("A", "DCS", "nsu=urn:nowhere;s=PT"),
        TAGS[0],
        make_tag("B", "DCS", "nsu=urn:suian:field;s=nothing"),
    ]
    readings = await driver.read(driver.plan(DCS, tags))
    assert [reading.reason for reading in readings] == [
        Reason.CONFIGURATION,
        Reason.OK,
        Reason.CONFIGURATION,
    ]
    await driver.close()


async def test_stamps_and_switches_come_through(field):
    """A value carries the server's own time, a Boolean is 1 or 0."""
    servers, link = field
    driver = open_driver(link, [DCS], TEMPLATES, frozenset())
    batch = driver.plan(DCS, TAGS)
    servers.set_tag("PT", Reading(3.5, Quality.GOOD, Reason.OK, 1_764_000_000_123_456_000))
    servers.set_tag("XV", Reading(1.0, Quality.GOOD, Reason.OK))
    pressure, valve = await driver.read(batch)
    assert (pressure.value, pressure.source_ns) == (3.5, 1_764_000_000_123_456_000)
    assert valve.value == 1.0
    assert valve.source_ns is not None
    await driver.close()


async def test_a_server_that_accepts_and_says_nothing_is_a_timeout():
    """A port where somebody listens and never speaks costs the link's time-out and no more."""

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()  # until the client hangs up
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    link = Link(id="u", kind="opcua", port=port, timeout_s=0.3)
    driver = open_driver(link, [DCS], TEMPLATES, frozenset())
    loop = asyncio.get_running_loop()
    started = loop.time()
    with pytest.raises(DeviceError) as caught:
        await driver.read(driver.plan(DCS, TAGS))
    assert caught.value.reason == Reason.TIMEOUT
    assert loop.time() - started < 1.0
    await driver.close()
    server.close()
    await server.wait_closed()


async def test_a_server_that_speaks_another_language_is_no_server():
    """Bytes that are no OPC UA fail the read with a reason and leave nothing running."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(8)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await reader.read()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    link = Link(id="u", kind="opcua", port=port, timeout_s=0.5)
    driver = open_driver(link, [DCS], TEMPLATES, frozenset())
    with pytest.raises(DeviceError) as caught:
        await driver.read(driver.plan(DCS, TAGS))
    assert caught.value.reason in {Reason.BAD_REPLY, Reason.NOT_CONNECTED, Reason.TIMEOUT}
    await driver.close()
    server.close()
    await server.wait_closed()


async def test_a_slow_server_is_connected_to_over_several_reads(field):
    """Connecting goes on while reads time out, so that a slow line gets there in the end."""
    _, link = field

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            await asyncio.sleep(0.08)  # the line's own slowness
            writer.write(data)
        writer.close()

    async def line(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(link.host, link.port)
        await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))

    server = await asyncio.start_server(line, "127.0.0.1", 0)
    slow = link.model_copy(
        update={"port": server.sockets[0].getsockname()[1], "timeout_s": 0.4, "retry_s": 0.1}
    )
    driver = open_driver(slow, [DCS], TEMPLATES, frozenset())
    batch = driver.plan(DCS, TAGS)
    with pytest.raises(DeviceError) as caught:
        await driver.read(batch)
    assert caught.value.reason == Reason.TIMEOUT
    async with asyncio.timeout(10):
        while True:
            try:
                readings = await driver.read(batch)
                break
            except DeviceError:
                await asyncio.sleep(0.05)
    assert len(readings) == 2
    await driver.close()
    server.close()
    await server.wait_closed()


async def test_a_server_that_freezes_leaves_no_tasks_behind(field):
    """After silence and close, nothing of the client goes on running."""
    servers, link = field
    before = len(asyncio.all_tasks())
    driver = open_driver(link, [DCS], TEMPLATES, frozenset())
    batch = driver.plan(DCS, TAGS)
    await driver.read(batch)
    servers.inject("DCS", FieldFault.SILENT)
    with pytest.raises(DeviceError):
        await driver.read(batch)
    await driver.close()
    servers.inject("DCS", None)
    async with asyncio.timeout(5):
        while len(asyncio.all_tasks()) > before:  # noqa: ASYNC110  # the server lets go as well
            await asyncio.sleep(0.02)


async def test_asyncua_is_loaded_by_the_first_connection_only():
    """A site without OPC UA does not pay its 30 MB, one with it does not start later for it."""
    code = (
        "import sys, edge.drivers as d; d.load_templates();"
        "from edge.site.model import Link;"
        "d.open_driver(Link(id='l', kind='modbus-tcp'), [], {}, frozenset());"
        "d.open_driver(Link(id='l', kind='opcua'), [], {}, frozenset());"
        "sys.exit('asyncua' in sys.modules)"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
    assert await process.wait() == 0
