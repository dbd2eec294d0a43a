"""What to ask a Modbus device, and how each answer becomes a tag: planned once, at load. Pure.

Tags, their gates, the unit code, the identity and the heartbeat are gathered as cells; cells
become few requests (`Block`), each compiled into `struct.Struct`s: unpacking a block at once is
tens of times cheaper than converting register by register.

Byte orders: ABCD and all 16-bit data are big-endian as sent, DCBA is little-endian as sent. BADC
and CDAB are the same two after swapping the two bytes of every register, so four structs at most
read any mixture.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from edge.drivers.judgement import band
from edge.drivers.layout import Cell, DeviceMap, Point, RefError
from edge.drivers.template import Area, Gate, ReadRules, Type, span
from edge.errors import ConfigError, Fault
from edge.tag import Reason, Tag
from edge.units import LINEAR, Unit

CODES = {
    Type.U8: "xB",
    Type.S8: "xb",
    Type.U16: "H",
    Type.S16: "h",
    Type.U32: "I",
    Type.S32: "i",
    Type.F32: "f",
}
# order -> (bytes of each register swapped first, struct's byte order)
READ_AS = {"ABCD": (False, ">"), "DCBA": (False, "<"), "BADC": (True, ">"), "CDAB": (True, "<")}


@dataclass(frozen=True, slots=True)
class GateView:
    """A gate as one tag sees it: raw word -> code -> reason."""

    slot: int
    shift: int
    mask: int | None
    table: Mapping[int, Reason]
    spans: tuple[tuple[int, int, Reason], ...]
    otherwise: Reason
    own: bool  # this channel's alone: setting it leaves the other channels as they are

    def reason(self, code: int) -> Reason:
        """Return what `code` says."""
        found = self.table.get(code)
        if found is not None:
            return found
        for low, high, reason in self.spans:
            if low <= code <= high:
                return reason
        return self.otherwise


@dataclass(frozen=True, slots=True)
class UnitCode:
    """Where the device says its unit: code -> (factor, offset) to the tag's, None: no way to it."""

    slot: int
    shift: int
    mask: int | None
    table: Mapping[int, tuple[float, float] | None]
    code: int | None  # what says the tag's own unit


@dataclass(frozen=True, slots=True)
class Program:
    """How one tag is read: value = raw x `scale` + `offset`, gated and ranged."""

    tag: Tag
    point: Point
    slot: int
    scale: float
    offset: float
    decimals: tuple[int, int, int] | None  # slot, shift, mask of the number of decimals
    unit: UnitCode | None
    gates: tuple[GateView, ...]
    heartbeat: bool
    invalid: frozenset[float]


# whether nothing is out of the ordinary; scale and offset from raw to the tag's unit; the reason
Ruling = tuple[bool, float, float, Reason]


class Row(NamedTuple):
    """A program laid out for the poll's inner loop: unpacked at once, without attributes.

    `states` picks the words that quality, unit and decimals depend on; `memo` is the codec's own:
    what it made of a pattern of them.
    """

    program: Program
    slot: int
    states: Callable[[Sequence[object]], object] | None
    memo: dict[object, Ruling]
    low: float
    high: float
    invalid: frozenset[float]


@dataclass(frozen=True, slots=True)
class Reader:
    """One struct over a block; `swap`: the bytes of each register are swapped first."""

    swap: bool
    struct: struct.Struct
    slots: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One request: `count` addresses of `area`. `parts` are the same cells asked without gaps."""

    area: Area
    address: int
    count: int
    readers: tuple[Reader, ...]
    bits: tuple[tuple[int, int], ...]  # (bit within the block, slot), of a bitwise area
    slots: tuple[int, ...]
    parts: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class IdentityCheck:
    """A cell that must read one of `equals`."""

    slot: int
    shift: int
    mask: int | None
    equals: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class HeartbeatView:
    """Where the heartbeat is; `judged` if standing still proves the instrument dead."""

    slot: int
    shift: int
    mask: int | None
    period_s: float
    judged: bool


@dataclass(frozen=True, slots=True)
class ReadPlan:
    """Everything to read some tags of one device. Slots number the raw data of one reading."""

    cells: tuple[Cell, ...]
    blocks: tuple[Block, ...]
    programs: tuple[Program, ...]
    rows: tuple[Row, ...]
    identity: tuple[IdentityCheck, ...]
    heartbeat: HeartbeatView | None


class _Slots:
    """Gives each distinct cell its number."""

    def __init__(self) -> None:
        self.cells: dict[Cell, int] = {}

    def of(self, cell: Cell) -> int:
        return self.cells.setdefault(cell, len(self.cells))


def make_plan(device_map: DeviceMap, tags: Sequence[Tag]) -> ReadPlan:
    """Return the requests and programs that read `tags`. Raises `ConfigError` with every fault."""
    slots = _Slots()
    programs: list[Program] = []
    faults: list[Fault] = []
    for tag in tags:
        try:
            programs.append(_program(device_map, tag, slots))
        except RefError as error:
            name = f"template {device_map.template.id}"
            faults.append(Fault(name, 0, tag.name, error.problem, error.remedy))
    if faults:
        raise ConfigError(faults)
    template = device_map.template
    identity: list[IdentityCheck] = []
    for check in template.identity if tags else ():
        point = device_map.point(check.source)
        identity.append(IdentityCheck(slots.of(point.cell), point.shift, point.mask, check.equals))
    heartbeat = None
    if template.heartbeat is not None and any(program.heartbeat for program in programs):
        beat = template.heartbeat
        point = device_map.point(beat.source)
        heartbeat = HeartbeatView(
            slots.of(point.cell), point.shift, point.mask, beat.period_s, beat.kind != "toggle"
        )
    blocks = make_blocks(slots.cells, template.read)
    rows = tuple(_row(program) for program in programs)
    cells = tuple(slots.cells)
    return ReadPlan(cells, blocks, tuple(programs), rows, tuple(identity), heartbeat)


def _row(program: Program) -> Row:
    slots = [gate.slot for gate in program.gates]
    if program.unit is not None:
        slots.append(program.unit.slot)
    if program.decimals is not None:
        slots.append(program.decimals[0])
    states = itemgetter(*slots) if slots else None
    low, high = band(program.tag)
    return Row(program, program.slot, states, {}, low, high, program.invalid)


def _program(device_map: DeviceMap, tag: Tag, slots: _Slots) -> Program:
    point = device_map.point(tag.ref)
    register = point.register
    if point.cell.type is Type.TEXT:
        raise RefError(f"{tag.ref} is a text", "A tag needs a number")
    factor, offset = _fixed_unit(point, tag)
    decimals = None
    if register.decimals and point.bitfield is None:
        places = device_map.point(register.decimals, point.channel)
        decimals = (slots.of(places.cell), places.shift, places.mask or 0xFFFF)
    plain = point.bitfield is None
    scale, shift = (register.scale, register.offset) if plain else (1.0, 0.0)
    beat = device_map.template.heartbeat
    return Program(
        tag=tag,
        point=point,
        slot=slots.of(point.cell),
        scale=scale * factor,
        offset=shift * factor + offset,
        decimals=decimals,
        unit=_unit_code(device_map, point, tag, slots),
        gates=tuple(_gates(device_map, point, slots)),
        heartbeat=beat is not None and point.name in beat.governs,
        invalid=_invalid(point) if plain else frozenset(),
    )


def _fixed_unit(point: Point, tag: Tag) -> tuple[float, float]:
    sent = point.register.unit if point.bitfield is None else None
    if sent is None:
        return 1.0, 0.0
    way = conversion(sent, tag.unit)
    if way is None:
        raise RefError(
            f"{tag.ref} is sent in {sent}, which cannot become {tag.unit}",
            f"Give the tag the unit {sent}",
        )
    return way


def conversion(sent: Unit, wanted: Unit) -> tuple[float, float] | None:
    """Return (factor, offset) that turns a value in `sent` into `wanted`; None if nothing does."""
    if sent is wanted:
        return 1.0, 0.0
    have, want = LINEAR.get(sent), LINEAR.get(wanted)
    if have is None or want is None or have.dimension != want.dimension:
        return None
    return have.factor / want.factor, (have.offset - want.offset) / want.factor


def _unit_code(device_map: DeviceMap, point: Point, tag: Tag, slots: _Slots) -> UnitCode | None:
    source = point.register.units_from
    if source is None or point.bitfield is not None:
        return None
    code = device_map.point(source, point.channel)
    units = code.bitfield.units if code.bitfield else code.register.units
    table = {number: conversion(unit, tag.unit) for number, unit in units.items()}
    own = next((number for number, unit in units.items() if unit is tag.unit), None)
    if own is None and all(way is None for way in table.values()):
        sends = ", ".join(sorted({str(unit) for unit in units.values()}))
        raise RefError(f"{tag.ref} is never sent in {tag.unit}", f"It can be sent in: {sends}")
    return UnitCode(slots.of(code.cell), code.shift, code.mask, table, own)


def _gates(device_map: DeviceMap, point: Point, slots: _Slots) -> Iterable[GateView]:
    for gate in device_map.template.gates:
        if point.name in gate.governs:
            at = device_map.point(gate.source, point.channel)
            table, spans = _table(gate)
            yield GateView(
                slots.of(at.cell), at.shift, at.mask, table, spans, gate.otherwise, at.per_channel
            )


def _table(gate: Gate) -> tuple[dict[int, Reason], tuple[tuple[int, int, Reason], ...]]:
    table: dict[int, Reason] = {}
    spans: list[tuple[int, int, Reason]] = []
    for key, reason in gate.when.items():
        low, high = span(key)
        if low == high:
            table[low] = reason
        else:
            spans.append((low, high, reason))
    return table, tuple(spans)


def _invalid(point: Point) -> frozenset[float]:
    """Return the raw patterns that are no value, as `struct` will unpack them (raw, unscaled)."""
    code = CODES.get(point.cell.type, "").removeprefix("x")
    if point.cell.type is Type.F32:
        found = (struct.unpack(">f", raw.to_bytes(4))[0] for raw in point.register.invalid)
        return frozenset(value for value in found if math.isfinite(value))  # others never pass
    if not code:
        return frozenset(point.register.invalid)
    size = struct.calcsize(code)
    return frozenset(
        struct.unpack(f">{code}", raw.to_bytes(size))[0] for raw in point.register.invalid
    )


def make_blocks(cells: Mapping[Cell, int], rules: ReadRules) -> tuple[Block, ...]:
    """Return the requests that read `cells` (cell -> slot): one table each, holes kept out.

    Neighbours are joined across up to `max_gap` unused addresses while the request stays within the
    device's limit; a datum of two registers is never split.
    """
    blocks: list[Block] = []
    for area in Area:
        mine = sorted((cell for cell in cells if cell.area is area), key=lambda c: c.address)
        blocks.extend(
            _block(area, group, cells, rules) for group in _groups(mine, rules, rules.max_gap)
        )
    return tuple(blocks)


def _groups(cells: Sequence[Cell], rules: ReadRules, max_gap: int) -> Iterable[list[Cell]]:
    group: list[Cell] = []
    end = 0
    for cell in cells:
        limit = rules.max_bits if cell.area.bitwise else rules.max_registers
        reach = max(end, cell.address + cell.words)
        if group and (
            cell.address - end > max_gap
            or reach - group[0].address > limit
            or _in_hole(cell.area, end, cell.address, rules)
        ):
            yield group
            group = []
            reach = cell.address + cell.words
        group.append(cell)
        end = reach
    if group:
        yield group


def _in_hole(area: Area, start: int, end: int, rules: ReadRules) -> bool:
    return any(
        hole.area is area and hole.first < end and hole.last >= start for hole in rules.holes
    )


def _block(area: Area, cells: Sequence[Cell], slots: Mapping[Cell, int], rules: ReadRules) -> Block:
    start = cells[0].address
    count = max(cell.address + cell.words for cell in cells) - start
    mine = tuple(slots[cell] for cell in cells)
    tight = list(_groups(cells, rules, 0))
    parts = tuple(_block(area, group, slots, rules) for group in tight) if len(tight) > 1 else ()
    if area.bitwise:
        bit_slots = tuple((cell.address - start, slots[cell]) for cell in cells)
        return Block(area, start, count, (), bit_slots, mine, parts)
    readers: list[Reader] = []
    left = list(cells)
    while left:
        left = _add_reader(readers, left, start, slots)
    return Block(area, start, count, tuple(readers), (), mine, parts)


def _add_reader(
    readers: list[Reader], cells: Sequence[Cell], start: int, slots: Mapping[Cell, int]
) -> list[Cell]:
    """Compile one struct for the cells that read like the first; return those it cannot take.

    Cells that overlap (one register read as two types) go to a struct of their own.
    """
    swap, order = _way(cells[0])
    layout, at, taken, left = order, start, list[int](), list[Cell]()
    for cell in cells:
        if _way(cell) != (swap, order) or cell.address < at:
            left.append(cell)
            continue
        layout += "xx" * (cell.address - at) + CODES[cell.type]
        at = cell.address + cell.words
        taken.append(slots[cell])
    readers.append(Reader(swap, struct.Struct(layout), tuple(taken)))
    return left


def _way(cell: Cell) -> tuple[bool, str]:
    return READ_AS[cell.order] if cell.words == 2 else READ_AS["ABCD"]
