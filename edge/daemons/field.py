"""The field as core reads it: a driver per link. Over a reload the drivers of equal links stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edge.drivers import Driver, Template, check_site, load_templates, open_driver
from edge.drivers.template import ModbusTemplate
from edge.errors import ConfigError
from edge.site import Site
from edge.site.model import Link


@dataclass(frozen=True)
class Field:
    """The drivers by link, and what each was made from: equal things need no other driver."""

    drivers: dict[str, Driver]
    made_from: dict[str, object]
    t_min_c: dict[str, float]  # device -> the coldest air that its instrument is made for

    def left_by(self, newer: Field) -> list[Driver]:
        """Return the drivers that `newer` does not use any more."""
        return [d for name, d in self.drivers.items() if newer.drivers.get(name) is not d]


def templates_of(site: Site) -> dict[str, Template]:
    """Return the templates that `site` uses. Raises `ConfigError` with every fault of the field."""
    own = site.root / site.file.templates if site.file.templates else None
    templates = load_templates(own, {device.template for device in site.file.devices})
    if faults := check_site(site, templates):
        raise ConfigError(faults)
    return templates


def open_field(site: Site, templates: Mapping[str, Template], before: Field | None = None) -> Field:
    """Return a driver per link; nothing connects. Raises `ConfigError`."""
    drivers: dict[str, Driver] = {}
    made_from: dict[str, object] = {}
    for link in site.file.links:
        made_from[link.id] = _made_from(site, link, templates)
        if before is not None and before.made_from.get(link.id) == made_from[link.id]:
            drivers[link.id] = before.drivers[link.id]
        else:
            drivers[link.id] = _open(site, link, templates)
    t_min_c = {
        device.id: limit
        for device in site.file.devices
        if (limit := _t_min_c(templates[device.template])) is not None
    }
    return Field(drivers, made_from, t_min_c)


def _open(site: Site, link: Link, templates: Mapping[str, Template]) -> Driver:
    devices = [device for device in site.file.devices if device.link == link.id]
    return open_driver(link, devices, templates, _writable(site), site.root, site.file.pki)


def _writable(site: Site) -> frozenset[str]:
    return frozenset(spec.device for spec in site.file.annunciators)


def _made_from(site: Site, link: Link, templates: Mapping[str, Template]) -> object:
    devices = [device for device in site.file.devices if device.link == link.id]
    used = [templates[device.template] for device in devices]
    mine = [device.id for device in devices if device.id in _writable(site)]
    return link, devices, used, mine, site.root, site.file.pki


def _t_min_c(template: Template) -> float | None:
    return template.instrument.t_min_c if isinstance(template, ModbusTemplate) else None
