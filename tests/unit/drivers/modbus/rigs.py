"""Served Modbus devices over each kind of link, and drivers on them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from edge.drivers.base import Batch, Reading
from edge.drivers.modbus.driver import ModbusDriver
from edge.site.model import Device, Link, Site
from edge.tag import Quality, Reason
from simulator.field import FieldServers
from tests.conformance.field import TEMPLATES, make_site, make_tag, modbus_link

MODBUS = ("modbus-tcp", "modbus-rtu", "modbus-rtu-tcp", "modbus-tls")
ON_LINE = ("modbus-rtu", "modbus-rtu-tcp")


@dataclass
class Bench:
    """A served link and the driver that reads it; each tag has a request of its own."""

    site: Site
    link: Link
    field: FieldServers
    driver: ModbusDriver

    def batch(self, tag: str) -> Batch:
        """Return the plan that reads just `tag`."""
        found = self.site.tags[tag]
        return self.driver.plan(self.site.devices[found.device], [found])

    def show(self, tag: str, value: float) -> None:
        """Let `tag` show a good `value`."""
        self.field.set_tag(tag, Reading(value, Quality.GOOD, Reason.OK))

    def figures(self, device: str) -> Mapping[str, object]:
        """Return how `device` answers."""
        return self.driver.statistics()[device]


@asynccontextmanager
async def bench(
    kind: str,
    root: Path,
    *,
    units: int = 2,
    device: Mapping[str, object] | None = None,
    **more: object,
) -> AsyncIterator[Bench]:
    """Serve `units` detectors U-1… with the tags 1a, 1b, 2a, …, and a tower of the last number + 1.

    `more` are keys of the link, `device` of each detector.
    """
    root.mkdir(exist_ok=True)  # noqa: ASYNC240  # once, on a local disk
    link = modbus_link(kind, root, **more)
    devices = [
        Device.model_validate(
            {
                "id": f"U-{n}",
                "link": "l",
                "template": "msa-ultima-x3",
                "unit_id": n,
                **(device or {}),
            }
        )
        for n in range(1, units + 1)
    ]
    tags = [
        make_tag(f"{n}{letter}", f"U-{n}", f"concentration[{channel}]")
        for n in range(1, units + 1)
        for letter, channel in (("a", 1), ("b", 2))
    ]
    tower = Device(id="TOWER", link="l", template="patlite-la6-poe", unit_id=units + 1)
    site = make_site([link], [*devices, tower], tags, root)
    field = FieldServers(site, TEMPLATES)
    await field.start()
    driver = ModbusDriver(link, site.file.devices, TEMPLATES, frozenset({"TOWER"}), root)
    try:
        yield Bench(site, link, field, driver)
    finally:
        await driver.close()
        await field.stop()
