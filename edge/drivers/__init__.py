"""Drivers: one `Driver` per link, described by device templates, all behind `base.Driver`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from edge.drivers.base import Batch, Driver, Reading
from edge.drivers.check import check_site
from edge.drivers.load import load_templates
from edge.drivers.modbus.driver import ModbusDriver
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
    "check_site",
    "load_templates",
    "open_driver",
]


def open_driver(
    link: Link,
    devices: Sequence[Device],
    templates: Mapping[str, Template],
    writable: frozenset[str],
) -> Driver:
    """Return the driver of `link` for its `devices`; nothing connects yet.

    `writable` holds the ids of the devices that may be written: the site's annunciators. Raises
    `ConfigError` if the link needs OPC UA and that extra is not installed.
    """
    if link.kind == "modbus-tcp":
        return ModbusDriver(link, devices, templates, writable)
    try:
        # asyncua costs 30 MB of memory: only where a site has such a link
        from edge.drivers.opcua.driver import OpcUaDriver  # noqa: PLC0415  # as said above
    except ModuleNotFoundError as error:
        remedy = "Install suian[opcua]"
        problem = f"needs OPC UA, and {error.name} is not installed"
        raise ConfigError([Fault("site.yaml", 0, link.id, problem, remedy)]) from None
    return OpcUaDriver(link, devices, templates, writable)
