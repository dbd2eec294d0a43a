"""Tags for every point of a template, so that a property can be held over all templates."""

from __future__ import annotations

from dataclasses import replace

from edge.drivers import ModbusTemplate, OpcUaTemplate, load_templates
from edge.drivers.layout import DeviceMap, RefError, resolve
from edge.drivers.logic import compile_formula
from edge.drivers.plan import ReadPlan, make_plan
from edge.drivers.template import BITS_OF, FLOATS, ORDERS, SIGNED, Area, Datum, Register, Type
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
    """Return the template with each value that an order or a choice of it may have."""
    found: list[dict[str, str]] = [{}]
    for name, setting in template.settings.items():
        if setting.type == "order":
            found = [{name: order} for order in ORDERS]
    for name, setting in template.settings.items():
        if setting.type == "choice":
            found += [{name: choice} for choice in setting.choices if choice != setting.default]
    return [resolve(template, settings) for settings in found]


def _sources(template: ModbusTemplate) -> set[str]:
    """Return the registers that something else in the device depends on."""
    refs = [gate.source for gate in template.gates]
    refs += [check.source for check in template.identity]
    refs += [template.heartbeat.source] if template.heartbeat else []
    for formula in template.flags.values():
        refs += [atom.ref for atom in compile_formula(formula).atoms]
    data: list[Datum] = []
    for register in template.registers.values():
        data += [register, *register.fields.values()]
    for datum in data:
        refs += [datum.units_from or "", datum.decimals or "", datum.multiplier or ""]
        refs.append(datum.divisor or "")
    return {ref.partition(".")[0].partition("[")[0] for ref in refs}


def tags_for(device_map: DeviceMap) -> list[Tag]:
    """Return a tag for every register (each channel) that nothing else in the device depends on."""
    template = device_map.template
    held = _sources(template)
    tags: list[Tag] = []
    taken: set[tuple[Area, int]] = set()  # one register may have a name for each model
    for name, register in template.registers.items():
        if name in held or register.type is Type.TEXT or register.wide:
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
            unit = register.unit or sent_unit(device_map, register)
            tag = make_tag(f"T-{len(tags)}", ref, unit, low, high)
            tags.append(replace(tag, period_s=max(1.0, register.min_period_s)))
    return tags


def sent_unit(device_map: DeviceMap, register: Register) -> Unit:
    """Return a unit that the device can say it sends."""
    if not register.units_from:
        return Unit.COUNT
    source = device_map.point(register.units_from, 1)
    units = source.bitfield.units if source.bitfield else source.register.units
    sent = [unit for unit in units.values() if unit]
    return Unit.PPM if Unit.PPM in sent else sent[0]


def _range(register: Register) -> tuple[float, float]:
    """Return a range that leaves room in the register on both sides of it."""
    if register.type is Type.BIT:
        return 0.0, 1.0
    if register.decimals:
        return -50.0, 150.0
    if register.type in FLOATS or register.multiplier or register.divisor:
        return -50.0, 150.0
    counts = 1 << BITS_OF[register.type]
    scale, offset = register.line
    if register.type in SIGNED:
        return -counts // 8 * scale + offset, counts // 8 * scale + offset
    return offset, counts // 4 * scale + offset
