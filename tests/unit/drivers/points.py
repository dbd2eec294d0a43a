"""Tags for every point of a template, so that a property can be held over all templates."""

from __future__ import annotations

from edge.drivers import ModbusTemplate, OpcUaTemplate, load_templates
from edge.drivers.layout import DeviceMap, RefError, resolve
from edge.drivers.plan import ReadPlan, make_plan
from edge.drivers.template import BITS_OF, ORDERS, SIGNED, Area, Register, Type
from edge.tag import Tag
from edge.units import Unit
from tests.conformance.field import make_tag as make_device_tag

MOST_CHANNELS = 8  # of a controller's hundreds: the others are the same
TEMPLATES = load_templates()
OPCUA = next(t for t in TEMPLATES.values() if isinstance(t, OpcUaTemplate))
MODBUS = {name: t for name, t in TEMPLATES.items() if isinstance(t, ModbusTemplate)}


def make_tag(
    name: str, ref: str, unit: Unit = Unit.PPM, low: float = 0.0, high: float = 100.0
) -> Tag:
    """Return a tag with nothing special about it but what is given."""
    return make_device_tag(name, "D-1", ref, unit, low, high)


def plan_of(template: str, *tags: Tag, **settings: str | int) -> ReadPlan:
    """Return the plan that reads `tags` through a built-in template."""
    return make_plan(resolve(MODBUS[template], settings), tags)


def variants(template: ModbusTemplate) -> list[DeviceMap]:
    """Return the template with each value that an order setting may have."""
    orders = [name for name, setting in template.settings.items() if setting.type == "order"]
    if not orders:
        return [resolve(template, {})]
    return [resolve(template, {orders[0]: order}) for order in ORDERS]


def tags_for(device_map: DeviceMap) -> list[Tag]:
    """Return a tag for every register (each channel) that nothing else in the device depends on."""
    template = device_map.template
    held = {gate.source.partition(".")[0] for gate in template.gates}
    held |= {check.source.partition(".")[0] for check in template.identity}
    if template.heartbeat:
        held.add(template.heartbeat.source.partition(".")[0])
    for register in template.registers.values():
        for source in (register.units_from, register.decimals):
            if source:
                held.add(source.partition(".")[0])
    tags: list[Tag] = []
    taken: set[tuple[Area, int]] = set()  # one register may have a name for each model
    for name, register in template.registers.items():
        if name in held or register.type is Type.TEXT:
            continue
        for channel in range(1, min(register.channels, MOST_CHANNELS) + 1):
            ref = f"{name}[{channel}]"
            try:
                cell = device_map.point(ref).cell
            except RefError:  # not sent in this layout
                continue
            places = {(cell.area, cell.address + word) for word in range(cell.words)}
            if places & taken:
                continue
            taken |= places
            low, high = _range(register)
            unit = register.unit or _sent_unit(device_map, register)
            tags.append(make_tag(f"T-{len(tags)}", ref, unit, low, high))
    return tags


def _sent_unit(device_map: DeviceMap, register: Register) -> Unit:
    """Return a unit that the device can say it sends."""
    if not register.units_from:
        return Unit.COUNT
    source = device_map.point(register.units_from, 1)
    units = source.bitfield.units if source.bitfield else source.register.units
    return Unit.PPM if Unit.PPM in units.values() else next(iter(units.values()))


def _range(register: Register) -> tuple[float, float]:
    """Return a range that leaves room in the register on both sides of it."""
    if register.type is Type.BIT:
        return 0.0, 1.0
    if register.type is Type.F32 or register.decimals:
        return -50.0, 150.0
    counts = 1 << BITS_OF[register.type]
    if register.type in SIGNED:
        return -counts // 8 * register.scale, counts // 8 * register.scale
    return 0.0, counts // 4 * register.scale
