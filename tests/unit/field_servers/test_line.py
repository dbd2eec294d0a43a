"""The simulated serial line: a pseudo terminal where the site names its port."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from edge.drivers.modbus.driver import ModbusDriver
from edge.errors import ConfigError, DeviceError
from edge.site.link import Link, Serial
from edge.site.model import Device
from simulator.field import FieldServers
from tests.conformance.field import TEMPLATES, make_site, make_tag
from tests.unit.drivers.modbus.others import Cable

DETECTOR = Device(id="D", link="l", template="msa-ultima-x3", unit_id=3)
TAG = make_tag("T", "D", "concentration[1]")


def field_at(port: str) -> tuple[FieldServers, Link]:
    """Return a field of one detector on the serial port `port`."""
    link = Link(id="l", kind="modbus-rtu", timeout_s=2.0, serial=Serial(port=port, baud=19200))
    return FieldServers(make_site([link], [DETECTOR], [TAG]), TEMPLATES), link


async def read(link: Link) -> float | None:
    """Return what the detector reads."""
    driver = ModbusDriver(link, [DETECTOR], TEMPLATES, frozenset())
    try:
        return (await driver.read(driver.plan(DETECTOR, [TAG])))[0].value
    finally:
        await driver.close()


async def test_a_name_becomes_a_line_and_goes_again(tmp_path: Path):
    """The port appears with the field and goes with it; what was left over is replaced."""
    port = tmp_path / "ttyGas"
    port.symlink_to("/dev/pts/9999")  # left over from a field that was killed
    field, link = field_at(str(port))
    await field.start()
    assert await read(link) == 0.0
    assert await read(link) == 0.0  # the gateway's closing it is no hang-up
    await field.stop()
    await field.stop()
    assert not port.is_symlink()
    with pytest.raises(DeviceError):
        await read(link)
    await field.start()
    assert await read(link) == 0.0
    await field.stop()


@pytest.mark.skipif(shutil.which("socat") is None, reason="socat is not installed")
async def test_the_far_end_of_a_real_port_is_served(tmp_path: Path):
    """Where the port is a device already, the field sits on it: two machines and a cable."""
    cable = Cable(tmp_path)
    cable.plug_in()
    far = str(Path(cable.far).resolve())  # noqa: ASYNC240  # once
    field, link = field_at(far)
    await field.start()
    near = link.model_copy(update={"serial": Serial(port=cable.near, baud=19200)})
    assert await read(near) == 0.0
    await field.stop()
    assert Path(far).exists()  # noqa: ASYNC240  # once
    cable.unplug()


async def test_a_port_that_cannot_be_had_is_named(tmp_path: Path):
    """A folder that does not exist is said with the link and the port."""
    field, _ = field_at(str(tmp_path / "nowhere" / "tty"))
    with pytest.raises(ConfigError, match=r"cannot serve .*nowhere/tty: No such file"):
        await field.start()
