"""What a site asks of its devices, held against the templates: every fault at once.

The loader of the site knows nothing of templates, so this is checked once both are there, before
anything connects.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress

from edge.drivers.layout import DeviceMap, RefError, resolve
from edge.drivers.opcua.check import check_link, check_settings
from edge.drivers.opcua.refs import check_ref
from edge.drivers.outputs import codes_of
from edge.drivers.plan import make_plan
from edge.drivers.roles import advise, refusal, written_wrongly
from edge.drivers.template import ModbusTemplate, OpcUaTemplate, Template
from edge.errors import ConfigError, Fault
from edge.site.annunciator import Annunciator, Heartbeat
from edge.site.model import Device, Site
from edge.site.where import Where

SPEAKS = {
    "modbus-tcp": "modbus",
    "modbus-rtu": "modbus",
    "modbus-rtu-tcp": "modbus",
    "modbus-tls": "modbus",
    "opcua": "opcua",
}


def check_site(site: Site, templates: Mapping[str, Template]) -> list[Fault]:
    """Return everything in `site` that its devices cannot do; empty if all is well.

    Checked are templates and link kinds, settings, unit ids that collide, the reference and unit
    of every tag, and the point and states of every annunciator output.
    """
    finder = _Lines(site)
    maps: dict[str, DeviceMap] = {}
    faults: list[Fault] = []
    for link in site.file.links:
        faults.extend(finder.link(link.id, *found) for found in check_link(link, site.root))
    for device in site.file.devices:
        faults.extend(_check_device(site, device, templates, maps, finder))
    faults.extend(_check_units(site, finder))
    for annunciator in site.file.annunciators:
        faults.extend(_check_annunciator(site, annunciator, templates, maps, finder))
    return faults


def advise_site(site: Site, templates: Mapping[str, Template]) -> list[Fault]:
    """Return what `site` may do and should not, each said like a fault; it refuses nothing."""
    finder = _Lines(site)
    maps: dict[str, DeviceMap] = {}
    for device in site.file.devices:
        template = templates.get(device.template)
        if isinstance(template, ModbusTemplate):
            with suppress(RefError):  # a fault already
                maps[device.id] = resolve(template, device.settings)
    return [
        finder.tag(found.tag, found.problem, found.remedy)
        if found.tag
        else finder.device(found.device, found.problem, found.remedy)
        for found in advise(site, templates, maps)
    ]


def _check_device(
    site: Site,
    device: Device,
    templates: Mapping[str, Template],
    maps: dict[str, DeviceMap],
    finder: _Lines,
) -> Iterator[Fault]:
    template = templates.get(device.template)
    link = site.links.get(device.link)
    if template is None:
        known = ", ".join(sorted(templates))
        problem = f"template {device.template!r} is unknown"
        yield finder.device(device.id, problem, f"Known templates: {known}")
        return
    if link is not None and SPEAKS[link.kind] != template.protocol:
        problem = f"{template.id} speaks {template.protocol}, its link {link.id} is {link.kind}"
        yield finder.device(device.id, problem, "Give it a link of its own kind")
        return
    tags = site.tags_of(device.id)
    if isinstance(template, OpcUaTemplate):
        for tag in tags:
            if problem := check_ref(tag.ref):
                remedy = "Write nsu=<namespace uri>;s=<identifier>"
                yield finder.tag(tag.name, problem, remedy)
        for problem, remedy in check_settings(template, device):
            yield finder.device(device.id, problem, remedy)
        return
    try:
        maps[device.id] = resolve(template, device.settings)
    except RefError as error:
        yield finder.device(device.id, error.problem, error.remedy)
        return
    for finding in written_wrongly(site, device, template, tags):
        yield finder.tag(finding.tag, finding.problem, finding.remedy)
    try:
        make_plan(maps[device.id], tags)
    except ConfigError as error:
        for fault in error.faults:
            yield finder.tag(fault.subject, fault.problem, fault.remedy)


def _check_units(site: Site, finder: _Lines) -> Iterator[Fault]:
    links = {link.id for link in site.file.links if SPEAKS[link.kind] == "modbus"}
    modbus = [device for device in site.file.devices if device.link in links]
    counted = Counter((device.link, device.unit_id) for device in modbus)
    for device in modbus:
        if counted[device.link, device.unit_id] > 1:
            problem = f"unit id {device.unit_id} is taken twice on link {device.link}"
            yield finder.device(device.id, problem, "Give each device on a link its own unit id")


def _check_annunciator(
    site: Site,
    annunciator: Annunciator,
    templates: Mapping[str, Template],
    maps: Mapping[str, DeviceMap],
    finder: _Lines,
) -> Iterator[Fault]:
    device = site.devices.get(annunciator.device)
    template = templates.get(device.template) if device else None
    why = refusal(template) if template is not None else ""
    device_map = maps.get(annunciator.device)
    if why:
        remedy = "Name an annunciator or an output module: nothing else is ever written"
        yield finder.annunciator(annunciator.id, f"device {annunciator.device} {why}", remedy)
    if why or device_map is None:
        return
    places: dict[tuple[str, int], str] = {}  # where -> as the first output spelled it
    for output in annunciator.outputs:
        try:
            place = device_map.output(output.point)
            spec = place.spec
            first = places.setdefault((spec.area, place.address), output.point)
            if first != output.point:  # alike, the site's own checks have told it
                problem = f"{output.point} is {first}, which another output drives"
                yield finder.output(annunciator.id, output.id, problem, "Give it its own point")
            for value in (output.on, output.acked, output.off):
                if value is not None:
                    codes_of(output.point, spec, value)
        except RefError as error:
            yield finder.output(annunciator.id, output.id, error.problem, error.remedy)
    if annunciator.heartbeat is not None:
        for problem, remedy in _check_heartbeat(annunciator, annunciator.heartbeat, device_map):
            yield finder.annunciator(annunciator.id, problem, remedy)


def _check_heartbeat(
    annunciator: Annunciator, beat: Heartbeat, device_map: DeviceMap
) -> Iterator[tuple[str, str]]:
    """Yield (problem, remedy) for a heartbeat that no watchdog would see, or that drives a horn."""
    try:
        place = device_map.output(beat.point)
        for value in beat.values:
            codes_of(beat.point, place.spec, value)
    except RefError as error:
        yield f"heartbeat: {error.problem}", error.remedy
        return
    if beat.values[0] == beat.values[1] and not place.spec.momentary:
        problem = f"heartbeat: {beat.point} would never change: both values are {beat.values[0]!r}"
        yield problem, "Write two values, as ['on', 'off']"
    for output in annunciator.outputs:
        with suppress(RefError):  # a fault already
            other = device_map.output(output.point)
            if (other.spec.area, other.address) == (place.spec.area, place.address):
                problem = f"heartbeat: {beat.point} is what output {output.id} drives"
                yield problem, "Give the watchdog a point of its own"


class _Lines:
    """Faults of things, each with the place where it stands; looked for only once there is one."""

    def __init__(self, site: Site) -> None:
        self._where = Where(site)

    def device(self, name: str, problem: str, remedy: str) -> Fault:
        return Fault(*self._where.item("devices", name), name, problem, remedy)

    def link(self, name: str, problem: str, remedy: str) -> Fault:
        return Fault(*self._where.item("links", name), name, problem, remedy)

    def output(self, annunciator: str, name: str, problem: str, remedy: str) -> Fault:
        place = self._where.item("annunciators", annunciator, "outputs", name)
        return Fault(*place, f"{annunciator}/{name}", problem, remedy)

    def annunciator(self, name: str, problem: str, remedy: str) -> Fault:
        return Fault(*self._where.item("annunciators", name), name, problem, remedy)

    def tag(self, name: str, problem: str, remedy: str) -> Fault:
        return Fault(*self._where.tag(name), name, problem, remedy, "ref")
