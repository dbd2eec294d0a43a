"""One bench per driver: a real field server on loopback, and the driver that reads it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from edge.drivers import Driver, open_driver
from edge.drivers.base import Batch, Reading
from edge.site.model import Device, Link, Site
from edge.tag import Quality, Reason
from edge.units import Unit
from simulator.field import FieldServers
from tests.conformance.field import (
    TEMPLATES,
    free_ports,
    make_site,
    make_tag,
    modbus_link,
    quick_opcua_servers,
    served_now,
)

KINDS = ("modbus-tcp", "modbus-rtu", "modbus-rtu-tcp", "modbus-tls", "opcua")


@dataclass
class Rig:
    """A field of one link with two devices where the protocol has such, and a driver on it."""

    site: Site
    field: FieldServers
    driver: Driver
    link: Link

    def plan(self, device: str = "D-1") -> Batch:
        """Return the plan for all tags of `device`."""
        return self.driver.plan(self.site.devices[device], self.site.tags_of(device))


def modbus_site(kind: str, root: Path) -> Site:
    """Two MSA detectors behind one link, and a signal tower on it as well."""
    link = modbus_link(kind, root, timeout_s=0.3, retry_s=0.5)
    devices = [
        Device(id="D-1", link="l", template="msa-ultima-x3", unit_id=1),
        Device(id="D-2", link="l", template="msa-ultima-x3", unit_id=2),
        Device(id="TOWER", link="l", template="patlite-la6-poe", unit_id=9),
    ]
    tags = [
        make_tag(f"T-{d}{n}", f"D-{d}", f"concentration[{n}]") for d in (1, 2) for n in (1, 2, 3)
    ]
    return make_site([link], devices, tags, root)


def opcua_site(port: int) -> Site:
    """One server with three values of each of two devices (both stand for the same server)."""
    link = Link(id="l", kind="opcua", port=port, path="/suian/test", timeout_s=5.0, retry_s=0.5)
    devices = [Device(id=f"D-{d}", link="l", template="opcua") for d in (1, 2)]
    tags = [
        make_tag(f"T-{d}{n}", f"D-{d}", f'nsu=urn:suian:field;s=unit {d}."value".{n}')
        for d in (1, 2)
        for n in (1, 2, 3)
    ]
    devices.append(Device(id="TOWER", link="l", template="opcua"))
    tags.append(make_tag("XV", "TOWER", "nsu=urn:suian:field;s=XV", Unit.BOOL, 0, 1))
    return make_site([link], devices, tags)


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=KINDS)
async def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Site, FieldServers]]:
    """A served site for each protocol; one for all tests, for an OPC UA server is slow to start."""
    if request.param == "opcua":
        pytest.importorskip("asyncua")
        quick_opcua_servers()
        site = opcua_site(free_ports(1)[0])
    else:
        site = modbus_site(request.param, tmp_path_factory.mktemp("site"))
    field = FieldServers(site, TEMPLATES)
    await field.start()
    yield site, field
    await field.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def rig(served: tuple[Site, FieldServers]) -> AsyncIterator[Rig]:
    """A driver of its own for each test, on a field where all is well."""
    site, field = served
    link = site.file.links[0]
    driver = open_driver(link, site.file.devices, TEMPLATES, frozenset({"TOWER"}), site.root)
    yield Rig(site, field, driver, link)
    await driver.close()
    for device in site.devices:
        field.inject(device, None)
    for tag in site.tags:
        field.set_tag(tag, Reading(0.0, Quality.GOOD, Reason.OK))
    if not served_now(link):
        await field.start()
