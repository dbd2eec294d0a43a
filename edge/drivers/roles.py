"""What a site's devices are for: who may be written, and how gas signals should be read. Pure.

The gateway writes to its annunciators and to nothing else. Gas signals come through the gas
detection system's own controller (GDS, GB/T 50493) where there is one, with its own alarm states as
tags beside them: the detector has one master, and operators see what the GDS says, not only what we
make of its numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from edge.drivers.layout import DeviceMap, Point, RefError
from edge.drivers.outputs import may_be_written
from edge.drivers.template import ModbusTemplate, Template
from edge.site.model import Device, GdsTags, Site
from edge.site.quantities import CONCENTRATION
from edge.tag import Tag

CONTROLLER = "gas alarm controller"
DETECTORS = frozenset({"toxic gas", "combustible gas", "oxygen"})
GAS = frozenset({CONCENTRATION, "oxygen"})
# How maps name an alarm level of a channel: alarm_1, low_alarm, al2, a3.
_LEVEL = re.compile(
    r"^(?!any|output|rate|ltel|stel|twa)(?:.*_)?(?:alarm(?:_(?!ack|mute|relay|reset).*)?|al?_?\d)$"
)
# Alarms of a controller's zones and outputs count these, not its gas channels.
_OTHERS = re.compile(r"^(?:area|zone|output|relay|any|common)(?:_|$)")
MOST_NAMED = 4  # points that an advice names


class Finding(NamedTuple):
    """Something about `tag` ("": about `device`): what, and what to do."""

    device: str
    tag: str
    problem: str
    remedy: str


def written_wrongly(
    site: Site, device: Device, template: ModbusTemplate, tags: Sequence[Tag]
) -> Iterator[Finding]:
    """Yield each tag that names an output of a device which is not on the allow-list."""
    if any(one.device == device.id for one in site.file.annunciators):
        return
    for tag in tags:
        if tag.ref.partition("[")[0].partition(".")[0] in template.outputs:
            problem = f"{tag.ref} is an output of {device.id}, which is no annunciator"
            remedy = "Name what it reads (inputs, states), or list the device under annunciators"
            yield Finding(device.id, tag.name, problem, remedy)


def refusal(template: Template) -> str:
    """Return why a device of this template cannot be an annunciator, "" if it can."""
    if may_be_written(template.kinds):
        return ""
    kinds = ", ".join(template.kinds)
    return f"is never written: {template.id} is of kind {kinds}"


def advise(
    site: Site, templates: Mapping[str, Template], maps: Mapping[str, DeviceMap]
) -> Iterator[Finding]:
    """Yield what is possible and should be otherwise: gas read past its GDS, or without its alarms.

    `maps` are the devices that resolve; of others there are faults already.
    """
    controllers: dict[str, str] = {}  # area -> the controller that has tags there
    detectors: list[tuple[Device, list[Tag]]] = []
    for device in site.file.devices:
        template = templates.get(device.template)
        kinds = set(template.kinds) if template is not None else set[str]()
        tags = site.tags_of(device.id)
        if CONTROLLER in kinds:
            for tag in tags:
                controllers.setdefault(tag.area, device.id)
            if device.id in maps:
                yield from _without_alarms(site, device, maps[device.id], tags)
        elif kinds & DETECTORS:
            detectors.append((device, [tag for tag in tags if tag.quantity in GAS]))
    for device, tags in detectors:
        past = [tag for tag in tags if tag.area in controllers]
        if past:
            gds, area = controllers[past[0].area], past[0].area
            problem = f"is read directly, though the GDS controller {gds} stands in area {area}"
            remedy = f"Read {', '.join(tag.name for tag in past)} through {gds} where it has them"
            yield Finding(device.id, "", problem, remedy)


def _without_alarms(
    site: Site, device: Device, device_map: DeviceMap, tags: Sequence[Tag]
) -> Iterator[Finding]:
    """Yield the gas channels of a controller whose own alarm states no tag, or no row, gives."""
    levels = _levels(device_map.template)
    points = {tag.name: _point(device_map, tag.ref) for tag in tags}
    states: dict[int, list[str]] = {}
    for tag in tags:
        point = points[tag.name]
        if point is not None and tag.quantity == "state" and (not levels or point.name in levels):
            states.setdefault(point.channel, []).append(tag.name)
    for tag in tags:
        point = points[tag.name]
        if tag.quantity not in GAS or point is None:
            continue
        if point.channel in states:
            if not any(site.gds.get(tag.name, GdsTags())[:2]):
                names = ", ".join(states[point.channel][:MOST_NAMED])
                problem = f"has the controller's own alarm states beside it, as {names}"
                remedy = "Name them in its row under gds_alarm_1 and gds_alarm_2: they are mirrored"
                yield Finding(device.id, tag.name, problem, remedy)
            continue
        channel = f"[{point.channel}]" if point.per_channel else ""
        named = ", ".join(f"{level}{channel}" for level in levels[:MOST_NAMED])
        problem = f"is read from {device.id} without the controller's own alarm states"
        refs = f" with the refs {named}" if named else ""
        remedy = f"Add tags of quantity state in bool{refs}"
        yield Finding(device.id, tag.name, problem, remedy)


def _levels(template: ModbusTemplate) -> list[str]:
    """Return the points of a template that are alarm levels by their names."""
    names: list[str] = []
    for name, register in template.registers.items():
        names.append(name)
        names += [f"{name}.{part}" for part in register.fields]
    names += template.flags
    return [
        name for name in names if _LEVEL.match(name.rpartition(".")[2]) and not _OTHERS.match(name)
    ]


def _point(device_map: DeviceMap, ref: str) -> Point | None:
    try:
        return device_map.point(ref)
    except RefError:  # a fault of its own
        return None
