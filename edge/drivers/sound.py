"""Whether a template holds together: everything that its types alone do not say. Pure.

Each finding names the place in the file; the loader turns that into a line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from edge.drivers.blocks import joined
from edge.drivers.layout import DeviceMap, Point, RefError, Value, resolve
from edge.drivers.outputs import check_output
from edge.drivers.template import (
    BITS_OF,
    FLOATS,
    ORDERS,
    Area,
    Datum,
    Hole,
    ModbusTemplate,
    OpcUaTemplate,
    Register,
    Type,
)
from edge.drivers.texts import bytes_of
from edge.tag import REASONS, Quality

BAD = 0x80000000  # severity bit of an OPC UA status code
Path_ = tuple[str | int, ...]
Finding = tuple[Path_, str, str]  # where in the file, problem, remedy


def check_template(template: ModbusTemplate) -> Iterator[Finding]:
    """Yield everything about `template`, and about each of its variants, that is not sound."""
    first = list(_check_settled(template, {}))
    yield from first
    if first:
        return
    for name, choices in template.variants.items():
        path = ("variants", name)
        setting = template.settings.get(name)
        if setting is None or setting.type != "choice":
            yield path, f"{name} is no choice setting", "Declare it under settings: type: choice"
            continue
        for choice in choices:
            if choice not in setting.choices:
                known = ", ".join(setting.choices)
                yield (*path, choice), f"{choice!r} is no choice", f"Write one of {known}"
                continue
            for _, problem, remedy in _check_settled(template, {name: choice}):
                yield (*path, choice), problem, remedy


def _check_settled(template: ModbusTemplate, given: Mapping[str, Value]) -> Iterator[Finding]:
    try:
        device_map = resolve(template, given)
    except RefError as error:
        yield ("settings",), error.problem, error.remedy
        return
    except KeyError as error:
        yield ("layout",), f"names {error}, which is not there", "Name a setting and its registers"
        return
    template = device_map.template
    orders = [*ORDERS, *(n for n, s in template.settings.items() if s.type == "order")]
    if template.order not in orders:
        yield ("order",), f"{template.order!r} is no order", f"Write one of {', '.join(orders)}"
        return
    for name, register in template.registers.items():
        yield from _check_register(device_map, name, register, orders)
    for name in template.flags:
        if name in template.registers:
            yield ("flags", name), "is a register as well", "Give one of them another name"
        yield from _try(device_map, name, ("flags", name))
    for name in template.outputs:
        yield from check_output(device_map, name)
    yield from _check_status(device_map)
    yield from _check_read(template)


def _check_register(
    device_map: DeviceMap, name: str, register: Register, orders: Sequence[str]
) -> Iterator[Finding]:
    path = ("registers", name)
    if register.order is not None and register.order not in orders:
        yield path, f"{register.order!r} is no order", f"Write one of {', '.join(orders)}"
        return
    if register.area.bitwise != (register.type is Type.BIT):
        yield path, f"{register.type} cannot stand in {register.area}", "Use bit for coil, discrete"
    if (register.registers is not None) != (register.type is Type.TEXT):
        yield path, "registers belongs to a text, and a text needs it", "Say how long the text is"
    if register.wide and BITS_OF.get(register.type, 32) != 32:
        yield path, f"a {register.type} does not fill a 32-bit register", "Use u32, s32 or f32"
    if register.channels > 1 and not register.stride:
        yield path, "has channels and no stride", "Say how far apart the channels are"
    if register.at is None and device_map.template.layout is None:
        yield path, "has no address", "Write at:"
        return
    for ref in (name, *(f"{name}.{part}" for part in register.fields)):
        yield from _try(device_map, ref, path)
    bits = BITS_OF.get(register.type, {Type.F32: 32, Type.BIT: 1}.get(register.type, 64))
    yield from _check_datum(device_map, register, bits, path)
    for part, field in register.fields.items():
        yield from _check_datum(device_map, field, bits, (*path, "fields", part))


def _check_datum(device_map: DeviceMap, datum: Datum, wide: int, path: Path_) -> Iterator[Finding]:
    kind = str(datum.type) if isinstance(datum, Register) else "its register"
    ends = datum.points
    if ends is not None and (datum.scale != 1.0 or datum.offset):
        yield path, "has points and a scale as well", "Write one of them"
    if ends is not None and (ends[0][0] == ends[1][0] or ends[0][1] == ends[1][1]):
        yield path, "its two points make no line", "Give two different raw numbers and values"
    elif not datum.line[0]:
        yield path, "scale is 0", "Write what one count is worth"
    if datum.of_range is not None and datum.of_range[0] == datum.of_range[1]:
        yield path, "of_range has no width", "Write the values at both ends of the range"
    for ref in (datum.decimals, datum.units_from):
        if ref:
            yield from _try(device_map, ref, path, state=True)
    for ref in (datum.multiplier, datum.divisor):
        if ref:
            yield from _try(device_map, ref, path)
    for pattern in datum.invalid:
        if pattern >> wide:
            yield path, f"invalid pattern {pattern:#x} does not fit {kind}", "Mend it"


def _check_status(device_map: DeviceMap) -> Iterator[Finding]:
    template = device_map.template
    for index, gate in enumerate(template.gates):
        path = ("gates", index)
        yield from _try(device_map, gate.source, path, state=True)
        for ref in gate.governs:
            yield from _try(device_map, ref, path)
    for index, check in enumerate(template.identity):
        path = ("identity", index)
        point = _point(device_map, check.source)
        if point is not None and point.cell.type is Type.TEXT:
            yield from _check_texts(point, check.equals, path)
            continue
        yield from _try(device_map, check.source, path, state=True)
        if any(isinstance(item, str) for item in check.equals):
            yield path, f"{check.source} is no text", "Compare it with numbers"
    if template.heartbeat is not None:
        yield from _try(device_map, template.heartbeat.source, ("heartbeat",))
        for ref in template.heartbeat.governs:
            yield from _try(device_map, ref, ("heartbeat",))
    if template.lost_master is not None and template.lost_master.flag is not None:
        yield from _try(device_map, template.lost_master.flag, ("lost_master",), state=True)


def _check_texts(point: Point, texts: Sequence[int | str], path: Path_) -> Iterator[Finding]:
    for text in texts:
        try:
            bytes_of(str(text), point.register.text, point.cell.words)
        except (ValueError, OverflowError) as error:
            yield path, f"{point.name} cannot read {text!r}: {error}", "Mend the text"
        if not isinstance(text, str):
            yield path, f"{point.name} is a text", f'Write it as one: "{text}"'


def _check_read(template: ModbusTemplate) -> Iterator[Finding]:
    rules = template.read
    for key, stretches in (("holes", rules.holes), ("whole", rules.whole)):
        for index, stretch in enumerate(stretches):
            if stretch.last < stretch.first:
                yield ("read", key, index), "runs backwards", "Write first before last"
    for index, stretch in enumerate(rules.whole):
        path = ("read", "whole", index)
        limit = rules.max_bits if stretch.area.bitwise else rules.max_registers
        near = joined([one for one in rules.whole if one.area is stretch.area])
        mine = next((one for one in near if _overlap(one, stretch)), stretch)
        if mine.last - mine.first + 1 > limit:
            more = "" if mine == stretch else ", with those that it overlaps,"
            yield path, f"is{more} longer than a request ({limit})", "Shorten it"
        if any(_overlap(hole, stretch) for hole in rules.holes):
            yield (
                path,
                "holds some of the holes, which are not read in vain",
                "Take one of them out",
            )
    for name, register in template.registers.items():
        limit = rules.max_bits if register.area.bitwise else rules.max_registers
        if register.width > limit and not register.wide:
            problem = f"takes {register.width} registers, and a request may take {limit}"
            yield ("registers", name), problem, "Mend read.max_registers, or shorten it"


def _overlap(one: Hole, other: Hole) -> bool:
    return one.area is other.area and one.first <= other.last and other.first <= one.last


def _point(device_map: DeviceMap, ref: str) -> Point | None:
    try:
        return device_map.point(ref, 1)
    except RefError:
        return None


def _try(device_map: DeviceMap, ref: str, path: Path_, *, state: bool = False) -> Iterator[Finding]:
    name = ref.partition(".")[0]
    register = device_map.template.registers.get(name)
    if register is not None and register.at is None and name not in device_map.placed:
        return  # a field that this layout does not send; known, and no fault
    try:
        point = device_map.point(ref, 1)
    except RefError as error:
        if "which channel" not in error.problem:
            yield path, error.problem, error.remedy
        return
    if state and point.cell.type in {*FLOATS, Type.TEXT}:
        yield path, f"{ref} is a {point.cell.type}; a state is a whole number", "Name another"
    if state and point.register.wide:
        yield path, f"{ref} stands in 32-bit registers, which are not read", "Name its copy"
    if point.cell.area is Area.DISCRETE and point.mask is not None:
        yield path, f"{ref} takes bits of a single bit", "Read the input itself"


def check_statuses(template: OpcUaTemplate) -> Iterator[Finding]:
    """Yield every status code whose severity and reason contradict each other."""
    for index, rule in enumerate(template.statuses):
        if bool(rule.code & BAD) != (REASONS[rule.reason].quality is Quality.BAD):
            problem = f"{rule.name} and {rule.reason} are not both bad"
            yield ("statuses", index), problem, "Give it a reason of its own severity"
