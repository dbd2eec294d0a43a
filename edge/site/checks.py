"""Cross-references of site.yaml: what no single key can tell is wrong."""

from __future__ import annotations

import math

from edge.site.alarms.calculated import CORE
from edge.site.annunciator_checks import check_annunciators, check_silence_inputs
from edge.site.faults import Faults, place_from, suggest
from edge.site.model import Device, Hazard, Link, Point, ZoneLevel
from edge.site.structure import SECTIONS, Draft
from edge.site.tags_csv import FARTHEST_M, Known

SINGULAR = {
    "areas": "area",
    "spaces": "space",
    "assets": "asset",
    "places": "place",
    "links": "link",
    "devices": "device",
    "annunciators": "annunciator",
    "conditions": "condition",
    "guidance": "guidance",
    "alarm_groups": "alarm group",
    "suppressions": "suppression",
    "people": "person",
    "major_hazards": "major hazard",
}
SITE = "site.yaml"


class Checker:
    """The checks over one draft; each notes its faults and goes on."""

    def __init__(self, draft: Draft, substances: set[str] | None, faults: Faults) -> None:
        self.draft, self.substances, self.faults = draft, substances, faults

    def all(self) -> None:
        """Run every check that needs no tag list."""
        self._ids()
        self._where()
        self._links()
        for path, device in self.draft.each("devices"):
            self._device(path, device)
        self._unit_ids()
        check_annunciators(self.draft, self.faults)
        if self.draft.hazard is not None:
            self._hazard(self.draft.hazard)

    def _fault(self, path: tuple[str | int, ...], subject: str, problem: str, remedy: str) -> None:
        self.faults.add(*self.draft.place(*path), subject, problem, remedy)

    def _known(self, path: tuple[str | int, ...], subject: str, section: str, name: str) -> bool:
        """Note a fault if `name` is not an id of `section`; an id of a broken item is known."""
        ids = self.draft.ids[section]
        if name in ids:
            return True
        noun = SINGULAR[section]
        self._fault(path, subject, f"unknown {noun} {name!r}", suggest(name, ids, noun))
        return False

    def _ids(self) -> None:
        for section in SECTIONS:
            first: dict[str, tuple[str, int]] = {}
            for path, item in self.draft.each(section):
                here = self.draft.place(*path, "id")
                if item.id in first:
                    there = place_from(here[0], first[item.id])
                    problem = f"the {SINGULAR[section]} id stands already at {there}"
                    self._fault((*path, "id"), item.id, problem, "Rename or remove one of them")
                first.setdefault(item.id, here)

    def _where(self) -> None:
        for path, space in self.draft.each("spaces"):
            self._known((*path, "area"), space.id, "areas", space.area)
            self._near((*path, "opening"), space.id, space.opening)
            if space.id == "outdoor":
                problem = "'outdoor' is always there and is no room"
                self._fault((*path, "id"), space.id, problem, "Remove it or rename it")
        spaces = self.draft.by_id("spaces")
        for path, asset in self.draft.each("assets"):
            self._known((*path, "area"), asset.id, "areas", asset.area)
            self._near((*path, "position"), asset.id, asset.position)
            self._substance((*path, "holds"), asset.id, asset.holds)
            if asset.space == "outdoor":
                continue
            if self._known((*path, "space"), asset.id, "spaces", asset.space):
                room = spaces.get(asset.space)
                if room is not None and room.area != asset.area:
                    problem = f"space {room.id!r} lies in area {room.area!r}, not {asset.area!r}"
                    self._fault(
                        (*path, "space"), asset.id, problem, "Correct the space or the area"
                    )
        for path, place in self.draft.each("places"):
            self._near((*path, "position"), place.id, place.position)

    def _near(self, path: tuple[str | int, ...], subject: str, point: Point) -> None:
        if not math.hypot(point.x_m, point.y_m) <= FARTHEST_M:  # not-a-number is far as well
            problem = f"position {point.x_m:g}, {point.y_m:g} is over {FARTHEST_M / 1000:g} km away"
            self._fault(path, subject, problem, "Give metres east and north of the site's origin")

    def _substance(self, path: tuple[str | int, ...], subject: str, name: str) -> None:
        if name and self.substances is not None and name not in self.substances:
            remedy = suggest(name, self.substances)
            self._fault(path, subject, f"unknown substance {name!r}", remedy)

    def _links(self) -> None:
        taken: dict[tuple[str, int], str] = {}
        console = self.draft.console
        if console is not None:
            taken[_host(console.host), console.port] = "the console"
        for path, link in self.draft.each("links"):
            if link.kind == "modbus-rtu":  # its port is a serial one (link_checks.py)
                continue
            address = (_host(link.host), link.port)
            if address in taken:
                problem = f"{link.host}:{link.port} is {taken[address]}'s address already"
                remedy = "Give it its own port, or put the devices on one link"
                self._fault((*path, "port"), link.id, problem, remedy)
            taken.setdefault(address, f"link {link.id}")

    def _device(self, path: tuple[str | int, ...], device: Device) -> None:
        self._known((*path, "link"), device.id, "links", device.link)
        hazard = self.draft.hazard
        if hazard is not None and device.id == hazard.device:
            problem = "this name belongs to the hazard daemon's derived tags"
            self._fault((*path, "id"), device.id, problem, "Rename the device or hazard.device")
        if device.id == CORE:
            problem = "this name belongs to what the gateway itself says"
            self._fault((*path, "id"), device.id, problem, "Rename the device")
        site = self.draft.world
        if site is None or device.world is site:
            return
        problem = f"a {device.world} device in a {site} gateway; worlds do not mix"
        if site.value == "live":
            remedy = (
                f"Put it on a {device.world} gateway with its own site file, or, if the instrument"
                " is real, write 'world: live'"
            )
        else:
            remedy = f"Write 'world: {site}' if it is simulated; a real one needs a live gateway"
        self._fault((*path, "world"), device.id, problem, remedy)

    def _unit_ids(self) -> None:
        links: dict[str, Link] = self.draft.by_id("links")
        taken: dict[tuple[str, int], str] = {}
        for path, device in self.draft.each("devices"):
            link = links.get(device.link)
            if link is None or link.kind == "opcua":  # an OPC UA server has no unit id
                continue
            key = (device.link, device.unit_id)
            if key in taken:
                problem = f"unit id {device.unit_id} on link {device.link} is {taken[key]}'s"
                remedy = "Give each device on a link its own unit_id"
                self._fault((*path, "unit_id"), device.id, problem, remedy)
            taken.setdefault(key, device.id)

    def _hazard(self, hazard: Hazard) -> None:
        if hazard.device == CORE:
            problem = "this name belongs to what the gateway itself says"
            self._fault(("hazard", "device"), "hazard.device", problem, "Write another name")
        for substance, levels in hazard.zones.items():
            path = ("hazard", "zones", substance)
            self._substance(path, f"hazard.zones.{substance}", substance)
            self._zones(path, substance, levels)

    def _zones(
        self, path: tuple[str | int, ...], substance: str, levels: tuple[ZoneLevel, ...]
    ) -> None:
        subject = f"hazard.zones.{substance}"
        if not levels:
            remedy = "Name at least one, or leave the substance out to use AEGL-1/2/3"
            self._fault(path, subject, "no levels", remedy)
        for index, level in enumerate(levels[1:], start=1):
            before = levels[index - 1]
            where = (*path, index)
            if level.unit != before.unit:
                problem = f"{level.id} is in {level.unit}, {before.id} in {before.unit}"
                self._fault((*where, "unit"), subject, problem, "Write all levels in one unit")
            elif level.value <= before.value:
                problem = f"{level.id} {level.value:g} is not above {before.id} {before.value:g}"
                self._fault(
                    (*where, "value"), subject, problem, "Order them from lowest to highest"
                )
            if any(other.id == level.id for other in levels[:index]):
                problem = f"level {level.id!r} stands twice"
                self._fault((*where, "id"), subject, problem, "Rename one of them")


WIND_TAGS = {
    "wind_speed_tag": "wind_speed",
    "wind_from_tag": "wind_from",
    "temperature_tag": "temperature",
}


def check_named_tags(draft: Draft, known: Known, faults: Faults) -> None:
    """Check that the tags which site.yaml names exist and measure what they should."""
    if draft.hazard is not None:
        for key, quantity in WIND_TAGS.items():
            _check_tag(draft, known, faults, ("hazard", key), getattr(draft.hazard, key), quantity)
    if draft.quality is not None:
        path = ("quality", "ambient_tag")
        _check_tag(draft, known, faults, path, draft.quality.ambient_tag, "temperature")
    check_silence_inputs(draft, known, faults)


def _check_tag(
    draft: Draft, known: Known, faults: Faults, path: tuple[str, str], name: str, quantity: str
) -> None:
    """Check that the tag `name` ("": none is wanted) is there and measures `quantity`."""
    tags, subject = known.tags, ".".join(path)
    place = draft.place(*path)
    if name and name not in known.lines:
        if not known.whole:  # it may stand in what could not be read
            return
        fitting = [tag.name for tag in tags.values() if tag.quantity == quantity]
        remedy = suggest(name, fitting or tags, "tag")
        faults.add(*place, subject, f"unknown tag {name!r}", remedy)
    elif name in tags and tags[name].quantity != quantity:
        problem = f"{name} measures {tags[name].quantity}, not {quantity}"
        remedy = f"Name a tag whose quantity is {quantity}"
        faults.add(*place, subject, problem, remedy)


def _host(host: str) -> str:
    return "127.0.0.1" if host in {"localhost", "::1", "0.0.0.0"} else host.lower()
