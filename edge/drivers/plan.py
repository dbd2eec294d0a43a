"""What to ask a Modbus device, and how each answer becomes a tag: planned once, at load. Pure.

Tags, their gates, the unit code, the identity and the heartbeat are gathered as cells; cells
become few requests (`blocks.py`), each compiled into `struct.Struct`s: unpacking a block at once is
tens of times cheaper than converting register by register.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple

from edge.drivers.blocks import Block, make_blocks
from edge.drivers.judgement import band
from edge.drivers.layout import Cell, DeviceMap, Point, RefError
from edge.drivers.template import TextCode, Type
from edge.drivers.views import (
    FactorView,
    GateView,
    Source,
    UnitCode,
    factors_of,
    fixed_unit,
    gates_of,
    invalid_of,
    slots_of,
    source_of,
    unit_of,
)
from edge.errors import ConfigError, Fault
from edge.tag import Reason, Tag


@dataclass(frozen=True, slots=True)
class Program:
    """How one tag is read: value = raw x `scale` + `offset`, gated and ranged."""

    tag: Tag
    point: Point
    slot: int
    source: Source
    scale: float
    offset: float
    factors: tuple[FactorView, ...]
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
class IdentityCheck:
    """A cell that must read one of `equals`: codes, or texts where it holds a text."""

    slot: int
    shift: int
    mask: int | None
    equals: tuple[int | str, ...]
    text: TextCode | None = None


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
    identity = tuple(_identity(device_map, slots)) if tags else ()
    heartbeat = _heartbeat(device_map, programs, slots)
    blocks = make_blocks(slots.cells, template.read)
    shared: dict[object, Any] = {}
    rows = tuple(_row(program, shared) for program in programs)
    cells = tuple(slots.cells)
    return ReadPlan(cells, blocks, tuple(programs), rows, identity, heartbeat)


def _identity(device_map: DeviceMap, slots: _Slots) -> Iterable[IdentityCheck]:
    for check in device_map.template.identity:
        point = device_map.point(check.source)
        text = point.register.text if point.cell.type is Type.TEXT else None
        slot = slots.of(point.cell)
        yield IdentityCheck(slot, point.shift, point.mask, check.equals, text)


def _heartbeat(
    device_map: DeviceMap, programs: Sequence[Program], slots: _Slots
) -> HeartbeatView | None:
    beat = device_map.template.heartbeat
    if beat is None or not any(program.heartbeat for program in programs):
        return None
    point = device_map.point(beat.source)
    slowest_s = max(program.tag.period_s for program in programs)
    judged = beat.kind != "toggle" or slowest_s <= beat.period_s
    return HeartbeatView(slots.of(point.cell), point.shift, point.mask, beat.period_s, judged)


def _row(program: Program, shared: dict[object, Any]) -> Row:
    """Return the row of `program`; what is equal in rows is one object, for the cache's sake.

    A tag without states has one ruling for ever, made of its scale and offset.
    """
    sources = [item.source for item in (*program.gates, *program.factors)]
    if program.unit is not None:
        sources.append(program.unit.source)
    if program.source.atoms:  # a flag is worked out once per pattern of its bits, like a state
        sources.append(program.source)
    slots = slots_of(sources)
    states = itemgetter(*slots) if slots else None
    low, high = (shared.setdefault(limit, limit) for limit in band(program.tag))
    memo: dict[object, Ruling] = {}
    if states is None:
        alike = program.scale, program.offset, program.point.mask is None
        memo = shared.setdefault(alike, memo)
    return Row(program, program.slot, states, memo, low, high, program.invalid)


def _program(device_map: DeviceMap, tag: Tag, slots: _Slots) -> Program:
    point = device_map.point(tag.ref)
    _check_tag(device_map, tag, point)
    factor, offset = fixed_unit(point, tag)
    scale, shift = point.datum.line
    source = source_of(point, slots.of)
    beat = device_map.template.heartbeat
    return Program(
        tag=tag,
        point=point,
        slot=source.slot,
        source=source,
        scale=scale * factor,
        offset=shift * factor + offset,
        factors=tuple(factors_of(device_map, point, slots.of)),
        unit=unit_of(device_map, point, tag, slots.of),
        gates=tuple(gates_of(device_map, point, slots.of)),
        heartbeat=beat is not None and point.name in beat.governs,
        invalid=invalid_of(point),
    )


def _check_tag(device_map: DeviceMap, tag: Tag, point: Point) -> None:
    if point.cell.type is Type.TEXT:
        raise RefError(f"{tag.ref} is a text", "A tag needs a number")
    if point.register.wide:
        raise RefError(
            f"{tag.ref} stands in 32-bit registers, which no ordinary request reads",
            f"Read its copy in 16-bit registers. {point.register.note}".strip(),
        )
    least_s = max(point.register.min_period_s, device_map.template.read.min_period_s)
    if tag.period_s < least_s:
        raise RefError(
            f"{tag.ref} brings nothing new oftener than every {least_s:g} s",
            f"Give the tag a period of {least_s:g} s or more",
        )
