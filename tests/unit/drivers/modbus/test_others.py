"""Against servers that others wrote: pymodbus and libmodbus, over sockets, TLS and serial lines."""

from __future__ import annotations

import asyncio
import shutil
import struct
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

from edge.drivers.codec import pack_bits
from edge.drivers.modbus.link import SharedLink
from edge.drivers.modbus.listen import listen
from edge.drivers.modbus.requests import RequestError
from edge.drivers.template import Area
from edge.errors import DeviceError
from edge.site.link import Link, Serial
from edge.site.model import Device
from edge.tag import Reason
from tests.conformance.field import modbus_link
from tests.unit.drivers.modbus.others import (
    COILS,
    DISCRETES,
    HOLDING,
    INPUTS,
    Cable,
    libmodbus,
    libmodbus_server,
    pymodbus_server,
)

UNIT = Device(id="D", link="l", template="x", unit_id=1)
GHOST = Device(id="G", link="l", template="x", unit_id=2)
SERVERS = [
    ("pymodbus", "modbus-tcp"),
    ("pymodbus", "modbus-rtu-tcp"),
    ("pymodbus", "modbus-tls"),
    ("pymodbus", "modbus-rtu"),
    ("libmodbus", "modbus-tcp"),
    ("libmodbus", "modbus-rtu"),
]


@asynccontextmanager
async def served(who: str, kind: str, folder: Path) -> AsyncIterator[SharedLink]:
    """Serve a link of `kind` with `who`'s server; skips where a part of it is not installed."""
    library = libmodbus()
    if who == "libmodbus" and library is None:
        pytest.skip("libmodbus is not installed (Debian: libmodbus5)")
    if kind == "modbus-rtu" and shutil.which("socat") is None:
        pytest.skip("socat is not installed")
    if (who, kind) == ("pymodbus", "modbus-rtu") and find_spec("serial") is None:
        pytest.skip("pymodbus serves serial lines through pyserial, which is not installed")
    async with AsyncExitStack() as stack:
        link, far = modbus_link(kind, folder, timeout_s=2.0), ""
        if kind == "modbus-rtu":
            cable = Cable(folder)
            cable.plug_in()
            stack.callback(cable.unplug)
            link = Link(id="l", kind=kind, timeout_s=2.0, serial=Serial(port=cable.near))
            far = cable.far
        if who == "pymodbus":
            await stack.enter_async_context(pymodbus_server(link, folder, far))
        else:
            stack.enter_context(libmodbus_server(library, link, far))
        shared = SharedLink(link, [UNIT], folder)
        stack.callback(shared.close)
        yield shared


def words(values: tuple[int, ...]) -> bytes:
    """Return registers as they travel."""
    return struct.pack(f">{len(values)}H", *values)


@pytest.mark.parametrize(("who", "kind"), SERVERS)
async def test_every_function_is_understood(who: str, kind: str, tmp_path: Path):
    """Functions 1-6, 15, 16 and 23 against another's server; what it lacks it refuses by code."""
    async with served(who, kind, tmp_path) as link:
        for area, values in ((Area.HOLDING, HOLDING), (Area.INPUT, INPUTS)):
            for at, count in ((0, 1), (3, 125), (190, 10)):
                assert await link.read(1, area, at, count) == words(values[at : at + count])
        for area, bits in ((Area.COIL, COILS), (Area.DISCRETE, DISCRETES)):
            assert await link.read(1, area, 0, 64) == pack_bits([int(bit) for bit in bits])
            assert await link.read(1, area, 3, 11) == pack_bits([int(bit) for bit in bits[3:14]])
        await link.write(1, Area.HOLDING, 5, (0xABCD,))
        await link.write(1, Area.HOLDING, 6, (1, 2, 3))
        assert await link.read(1, Area.HOLDING, 5, 5) == words((0xABCD, 1, 2, 3, 1009))
        await link.write(1, Area.COIL, 1, (1,))
        await link.write(1, Area.COIL, 2, (1, 0, 1, 1, 0, 0, 1, 1, 1, 0))
        expected = [1, 1, 1, 0, 1, 1, 0, 0, 1, 1, 1, 0]
        assert await link.read(1, Area.COIL, 0, 12) == pack_bits(expected)
        assert await link.write_read(1, 20, (7, 8), 19, 4) == words((1019, 7, 8, 1022))
        with pytest.raises(RequestError) as caught:
            await link.read(1, Area.HOLDING, 9000, 2)
        assert (caught.value.reason, caught.value.code) == (Reason.DEVICE_EXCEPTION, 2)
        figures = link.statistics()["D"]
        assert (figures["timeouts"], figures["bad_frames"], figures["strays"]) == (0, 0, 0)


@pytest.mark.skipif(shutil.which("socat") is None, reason="socat is not installed")
async def test_an_adapter_that_is_unplugged_and_comes_back(tmp_path: Path):
    """A serial port that goes away is known at once; back under its name, it is read again."""
    library = libmodbus()
    if library is None:
        pytest.skip("libmodbus is not installed (Debian: libmodbus5)")
    cable = Cable(tmp_path)
    serial = Serial(port=cable.near)
    link = Link(id="l", kind="modbus-rtu", timeout_s=2.0, retry_s=0.2, serial=serial)
    shared = SharedLink(link, [UNIT])
    with pytest.raises(RequestError) as caught:
        await shared.read(1, Area.HOLDING, 0, 2)
    assert caught.value.reason is Reason.NOT_CONNECTED
    for _ in range(2):
        cable.plug_in()
        with libmodbus_server(library, link, cable.far):
            async with asyncio.timeout(20):
                while True:
                    try:
                        assert await shared.read(1, Area.HOLDING, 0, 2) == words(HOLDING[:2])
                        break
                    except RequestError:
                        await asyncio.sleep(0.02)
            with pytest.raises(DeviceError, match="another program"):
                await listen(link, 0.1)  # nobody listens behind the gateway's back
        cable.unplug()
        async with asyncio.timeout(20):
            while True:
                with pytest.raises(RequestError) as caught:
                    await shared.read(1, Area.HOLDING, 0, 2)
                if caught.value.reason is Reason.NOT_CONNECTED:
                    break
    shared.close()


@pytest.mark.skipif(shutil.which("socat") is None, reason="socat is not installed")
async def test_a_unit_that_is_not_there_costs_its_neighbour_nothing(tmp_path: Path):
    """A missing unit is set aside; its neighbour, deaf while it waits for that one, is asked again.

    libmodbus takes what follows a question to another unit for that unit's answer.
    """
    library = libmodbus()
    if library is None:
        pytest.skip("libmodbus is not installed (Debian: libmodbus5)")
    cable = Cable(tmp_path)
    cable.plug_in()
    link = Link(id="l", kind="modbus-rtu", serial=Serial(port=cable.near))
    shared = SharedLink(link, [UNIT, GHOST])
    with libmodbus_server(library, link, cable.far):
        assert await shared.read(1, Area.HOLDING, 0, 2) == words(HOLDING[:2])
        for _ in range(6):
            with pytest.raises(RequestError) as caught:
                await shared.read(2, Area.HOLDING, 0, 2)
            assert caught.value.reason is Reason.TIMEOUT
            assert await shared.read(1, Area.HOLDING, 0, 2) == words(HOLDING[:2])
    ghost, unit = shared.statistics()["G"], shared.statistics()["D"]
    assert ghost["silent"]
    assert isinstance(ghost["requests"], int)
    assert ghost["requests"] < 6
    assert unit["timeouts"] == unit["retries"]  # what it was deaf to was asked again
    assert not unit["silences"]
    shared.close()
    cable.unplug()
