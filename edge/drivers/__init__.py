"""Drivers: one `Driver` per link, described by device templates, all behind `base.Driver`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from edge.drivers.base import Batch, Counts, Driver, Reading
from edge.drivers.check import SPEAKS, advise_site, check_site
from edge.drivers.load import load_templates
from edge.drivers.modbus.driver import ModbusDriver
from edge.drivers.opcua.driver import OpcUaDriver
from edge.drivers.template import ModbusTemplate, OpcUaTemplate, Template
from edge.errors import ConfigError, Fault
from edge.site.model import Device, Link

__all__ = [
    "Batch",
    "Driver",
    "ModbusTemplate",
    "OpcUaTemplate",
    "Reading",
    "Template",
    "advise_site",
    "check_site",
    "load_templates",
    "open_driver",
    "statistics_of",
]


def open_driver(
    link: Link,
    devices: Sequence[Device],
    templates: Mapping[str, Template],
    writable: frozenset[str],
    root: Path = Path(),
    pki: str = "pki",
) -> Driver:
    """Return the driver of `link` for its `devices`; nothing connects yet.

    `writable` holds the ids of the devices that may be written: the site's annunciators. `root` is
    the folder of the site's files, `pki` in it (or anywhere) that of certificates. Raises
    `ConfigError` if the link needs OPC UA and that extra is not installed.
    """
    if SPEAKS[link.kind] == "modbus":
        return ModbusDriver(link, devices, templates, writable, root)
    if find_spec("asyncua") is None:  # loaded, at a cost of 30 MB, by the first connection only
        remedy = "Install suian[opcua]"
        problem = "needs OPC UA, and asyncua is not installed"
        raise ConfigError([Fault("site.yaml", 0, link.id, problem, remedy)])
    return OpcUaDriver(link, devices, templates, writable, root, pki)


def statistics_of(drivers: Mapping[str, Driver]) -> dict[str, dict[str, object]]:
    """Return how each device answers, by its id, of all drivers that count."""
    found: dict[str, dict[str, object]] = {}
    for driver in drivers.values():
        if isinstance(driver, Counts):
            found |= driver.statistics()
    return found
