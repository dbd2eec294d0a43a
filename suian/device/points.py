"""Every point of a template as tags that read it, and what was found as lines of a table. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from edge.drivers.base import Reading
from edge.drivers.cases import plain_tag
from edge.drivers.cells import Words
from edge.drivers.codec import Raw, judge_rows
from edge.drivers.layout import DeviceMap, Point, RefError
from edge.drivers.plan import Program, ReadPlan, make_plan
from edge.drivers.states import code_at, state
from edge.drivers.template import BITS_OF, Type
from edge.drivers.texts import text_of
from edge.drivers.views import conversion, looked_up, tables
from edge.errors import ConfigError, Fault
from edge.tag import Reason, Tag
from edge.units import Unit

ENDLESS = (-1e30, 1e30)  # no site has said what the range is
SMALLEST, LARGEST = 1e-6, 1e9  # between which what an instrument sends as a float lies
NEVER_S = 1e9  # no register is asked too often by an engineer


class Line(NamedTuple):
    """One point as it stands: what came, and what it means."""

    name: str
    place: str
    words: str  # hexadecimal, as they travel
    raw: str
    value: str
    unit: str
    quality: str
    reason: str
    note: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a device; `titles` names the site's tags by place in the plan, else ""."""

    plan: ReadPlan
    titles: tuple[str, ...]
    told_units: tuple[bool, ...]  # whether a unit is known at all
    left_out: tuple[str, ...]


def ask_all(device_map: DeviceMap, most_channels: int, site_tags: Iterable[Tag] = ()) -> Asked:
    """Return the plan that reads every point; a site's own tag where it reads the same one."""
    own: dict[tuple[str, int], Tag] = {}
    left: list[str] = []
    for tag in site_tags:
        try:
            point = device_map.point(tag.ref)
        except RefError as error:
            left.append(f"tag {tag.name}: {error}")
            continue
        own[point.name, point.channel] = tag
    tags: list[Tag] = []
    titles: list[str] = []
    told: list[bool] = []
    for ref, point in _points(device_map, most_channels, left):
        mine = own.get((point.name, point.channel))
        unit = _unit(device_map, point)
        if mine is None:
            ends = (0.0, 100.0) if unit is None and point.datum.of_range else ENDLESS
            tag = plain_tag(ref, unit or Unit.COUNT, ends, NEVER_S)
        else:
            tag = replace(mine, name=ref, ref=ref, period_s=NEVER_S)
        if _readable(device_map, tag, left):
            tags.append(tag)
            titles.append(mine.name if mine else "")
            told.append(mine is not None or unit is not None)
    if not tags:
        name = device_map.template.id
        remedy = "Add a register that holds a number"
        raise ConfigError([Fault(f"template {name}", 0, name, "has no point to read", remedy)])
    return Asked(make_plan(device_map, tags), tuple(titles), tuple(told), tuple(left))


def _readable(device_map: DeviceMap, tag: Tag, left: list[str]) -> bool:
    try:
        make_plan(device_map, [tag])
    except ConfigError as error:
        left += [f"{tag.ref}: {fault.problem}. {fault.remedy}" for fault in error.faults]
        return False
    return True


def _points(device_map: DeviceMap, most: int, left: list[str]) -> Iterator[tuple[str, Point]]:
    template = device_map.template
    for name, register in template.registers.items():
        if register.type is Type.TEXT or register.epoch is not None:
            continue
        if register.channels > most:
            left.append(f"{name}: channels {most + 1} to {register.channels} (--channels)")
        yield from _channels(device_map, name, min(register.channels, most))
        for part, bitfield in register.fields.items():
            count = most if bitfield.stride else min(register.channels, most)
            yield from _channels(device_map, f"{name}.{part}", count)
    for name in template.flags:
        yield from _channels(device_map, name, most)
    for name, output in template.outputs.items():
        yield from _channels(device_map, name, min(output.channels, most))


def _channels(device_map: DeviceMap, name: str, count: int) -> Iterator[tuple[str, Point]]:
    for channel in range(1, count + 1):
        try:
            point = device_map.point(f"{name}[{channel}]")
        except RefError:  # no such channel, or not among what this device is set to send
            return
        if point.channel != channel:
            return
        yield (f"{name}[{channel}]" if point.per_channel and count > 1 else name), point


def _unit(device_map: DeviceMap, point: Point) -> Unit | None:
    datum = point.datum
    if datum.unit is not None:
        return datum.unit
    if datum.units_from is not None:
        units = _sent_units(device_map, point).values()
        return next((unit for unit in units if unit is not None), None)
    size = (point.mask or 0).bit_length() if point.mask else BITS_OF.get(point.cell.type, 1)
    return Unit.BOOL if point.flag is not None or size == 1 else None


def _sent_units(device_map: DeviceMap, point: Point) -> dict[int, Unit | None]:
    source = device_map.point(point.datum.units_from or "", point.channel)
    return dict(source.datum.units)


def with_units(device_map: DeviceMap, asked: Asked, raw: Sequence[Raw]) -> Asked:
    """Return `asked` with the units the device says it sends now; a site's tags keep theirs."""
    tags: list[Tag] = []
    for program, title in zip(asked.plan.programs, asked.titles, strict=True):
        tag = program.tag
        if program.unit is not None and not title:
            code = state(raw, program.unit.source)
            sent = _sent_units(device_map, program.point)
            unit = None if isinstance(code, Reason) else sent.get(code)
            if unit is not None and conversion(unit, unit) is not None:
                tag = replace(tag, unit=unit)
        tags.append(tag)
    return replace(asked, plan=make_plan(device_map, tags))


def lines(asked: Asked, raw: Sequence[Raw], words: Words) -> list[Line]:
    """Return the table: each point with what came and what it means."""
    readings = judge_rows(asked.plan.rows, raw)
    return [
        _line(program, reading, raw, words, title, unit_told=told)
        for program, reading, title, told in zip(
            asked.plan.programs, readings, asked.titles, asked.told_units, strict=True
        )
    ]


def _line(
    program: Program,
    reading: Reading,
    raw: Sequence[Raw],
    words: Words,
    title: str,
    *,
    unit_told: bool,
) -> Line:
    point = program.point
    seen = state(raw, program.source) if _coded(program) else raw[program.slot]
    return Line(
        name=f"{program.tag.ref} = {title}" if title else program.tag.ref,
        place=_place(point),
        words=_hex(point, words),
        raw="-" if isinstance(seen, Reason) else _number(seen),
        value="-" if reading.value is None else _number(reading.value),
        unit=str(program.tag.unit) if unit_told else "",
        quality=reading.quality.name.lower(),
        reason=str(reading.reason),
        note=_meaning(point, seen),
    )


def _coded(program: Program) -> bool:
    return bool(program.source.atoms) or program.point.mask is not None


def _meaning(point: Point, seen: Raw) -> str:
    if isinstance(seen, float) and seen and not SMALLEST < abs(seen) < LARGEST:
        return "no likely value: another word order? (--scan)"
    if not point.datum.values or not isinstance(seen, int):
        return ""
    table, spans = tables(point.datum.values)
    return looked_up(table, spans, seen, "a code that the template does not list")


def _place(point: Point) -> str:
    cell = point.cell
    if point.flag is not None:
        return "flag"
    ends = (
        f"{cell.address}" if cell.words == 1 else f"{cell.address}-{cell.address + cell.words - 1}"
    )
    bits = ""
    if point.bitfield is not None and point.mask is not None:
        high = point.shift + point.mask.bit_length() - 1
        bits = f" bit {high}" if high == point.shift else f" bits {high}..{point.shift}"
    order = f" {cell.order}" if cell.words > 1 else ""
    return f"{cell.area} {ends}{bits} {cell.type}{order}"


def _hex(point: Point, words: Words) -> str:
    cell = point.cell
    if point.flag is not None:
        return ""
    found = [words.get((cell.area, cell.address + index)) for index in range(cell.words)]
    width = 1 if cell.area.bitwise else 4
    return " ".join("?" * width if word is None else f"{word:0{width}X}" for word in found)


def _number(value: float | bytes) -> str:
    if isinstance(value, bytes):
        return value.hex()
    return str(value) if isinstance(value, int) else f"{value:.7g}"


def identity_lines(plan: ReadPlan, raw: Sequence[Raw]) -> list[str]:
    """Return what the identity check says, a line for each thing that is compared."""
    found: list[str] = []
    for check in plan.identity:
        cell, seen = plan.cells[check.slot], raw[check.slot]
        wanted = " or ".join(map(str, check.equals))
        if check.text is not None and isinstance(seen, bytes):
            shows: object = text_of(seen, check.text)
        else:
            shows = code_at(seen, check.shift, check.mask) if not isinstance(seen, Reason) else seen
        where = f"{cell.area} {cell.address}"
        if isinstance(shows, Reason):
            found.append(f"identity at {where}: not read ({shows})")
        elif shows in check.equals:
            found.append(f"identity at {where}: {shows}, as the template says")
        else:
            found.append(
                f"identity at {where}: {shows}, THE TEMPLATE SAYS {wanted}: this is another device "
                "(or another address); the gateway reads nothing from it (wrong-device)"
            )
    return found
