"""What a tag's quality, scale and unit depend on, compiled from its template for the codec. Pure.

A `Source` is where a code stands: some bits of a slot, or a flag over several. Gates, unit codes
and factors are tables over the code of a source.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from edge.drivers.layout import Cell, DeviceMap, Point, RefError
from edge.drivers.template import FLOATS, Gate, Type, span
from edge.tag import Reason, Tag
from edge.units import LINEAR, Unit

T = TypeVar("T")
SlotOf = Callable[[Cell], int]
Spans = tuple[tuple[int, int, T], ...]
CODES = {
    Type.U8: "xB",
    Type.S8: "xb",
    Type.U8_HIGH: "Bx",
    Type.S8_HIGH: "bx",
    Type.U16: "H",
    Type.S16: "h",
    Type.U32: "I",
    Type.S32: "i",
    Type.F32: "f",
    Type.U64: "Q",
    Type.S64: "q",
    Type.F64: "d",
}


def struct_code(cell: Cell) -> str:
    """Return how `struct` reads `cell`."""
    return f"{2 * cell.words}s" if cell.type is Type.TEXT else CODES[cell.type]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a code stands. With `atoms` it is a flag: see `layout.Flag`."""

    slot: int
    shift: int
    mask: int | None
    signed: bool = False
    atoms: tuple[tuple[Source, int, int], ...] = ()
    table: tuple[bool, ...] = ()

    @property
    def slots(self) -> tuple[int, ...]:
        """Every slot that decides the code."""
        return tuple(atom.slot for atom, _, _ in self.atoms) or (self.slot,)


@dataclass(frozen=True, slots=True)
class GateView:
    """A gate as one tag sees it: raw word -> code -> reason."""

    source: Source
    table: Mapping[int, Reason]
    spans: Spans[Reason]
    otherwise: Reason
    own: bool  # this channel's alone: setting it leaves the other channels as they are

    def reason(self, code: int) -> Reason:
        """Return what `code` says."""
        return looked_up(self.table, self.spans, code, self.otherwise)


@dataclass(frozen=True, slots=True)
class UnitCode:
    """Where the device says its unit: code -> (factor, offset) to the tag's, None: no way to it."""

    source: Source
    table: Mapping[int, tuple[float, float] | None]
    code: int | None  # what says the tag's own unit


@dataclass(frozen=True, slots=True)
class FactorView:
    """A register that moves the decimal point, multiplies or divides; through its own table."""

    source: Source
    kind: Literal["decimals", "multiplier", "divisor"]
    table: Mapping[int, float]
    spans: Spans[float]
    line: tuple[float, float]  # from its raw number to what it says, where there is no table
    floating: bool

    @property
    def listed(self) -> bool:
        """Whether its codes stand in a table, and another code says nothing."""
        return bool(self.table) or bool(self.spans)


def looked_up(table: Mapping[int, T], spans: Spans[T], code: int, otherwise: T) -> T:
    """Return what `code` means by its own entry, else by the first span it lies in."""
    found = table.get(code)
    if found is not None:
        return found
    for low, high, meaning in spans:
        if low <= code <= high:
            return meaning
    return otherwise


def source_of(point: Point, slot_of: SlotOf) -> Source:
    """Return where the code of `point` stands."""
    if point.flag is not None:
        atoms = tuple((source_of(at, slot_of), low, high) for at, low, high in point.flag.atoms)
        return Source(atoms[0][0].slot, 0, None, atoms=atoms, table=point.flag.table)
    signed = point.bitfield is not None and point.bitfield.signed
    return Source(slot_of(point.cell), point.shift, point.mask, signed)


def gates_of(device_map: DeviceMap, point: Point, slot_of: SlotOf) -> Iterator[GateView]:
    """Yield the gates that govern `point`, in the template's order."""
    for gate in device_map.template.gates:
        if point.name in gate.governs:
            at = device_map.point(gate.source, point.channel)
            yield _gate(gate, source_of(at, slot_of), own=at.per_channel)


def _gate(gate: Gate, source: Source, *, own: bool) -> GateView:
    table, spans = tables(gate.when)
    return GateView(source, table, spans, gate.otherwise, own)


def tables(listed: Mapping[int | str, T]) -> tuple[dict[int, T], Spans[T]]:
    """Return single codes and spans of codes apart."""
    table: dict[int, T] = {}
    spans: list[tuple[int, int, T]] = []
    for key, meaning in listed.items():
        low, high = span(key)
        if low == high:
            table[low] = meaning
        else:
            spans.append((low, high, meaning))
    return table, tuple(spans)


def factors_of(device_map: DeviceMap, point: Point, slot_of: SlotOf) -> Iterator[FactorView]:
    """Yield what moves the decimal point of `point`, multiplies or divides it."""
    datum = point.datum
    kinds: tuple[Literal["decimals", "multiplier", "divisor"], ...]
    kinds = ("decimals", "multiplier", "divisor")
    for kind, ref in zip(kinds, (datum.decimals, datum.multiplier, datum.divisor), strict=True):
        if ref is None:
            continue
        at = device_map.point(ref, point.channel)
        table, spans = tables(at.datum.scales)
        floating = at.cell.type in FLOATS and at.mask is None
        yield FactorView(source_of(at, slot_of), kind, table, spans, at.datum.line, floating)


def unit_of(device_map: DeviceMap, point: Point, tag: Tag, slot_of: SlotOf) -> UnitCode | None:
    """Return where the device says the unit of `point`.

    Raises `RefError` if none that it can say leads to the tag's.
    """
    if point.datum.units_from is None:
        return None
    code = device_map.point(point.datum.units_from, point.channel)
    units = code.datum.units
    table = {n: conversion(unit, tag.unit) if unit else None for n, unit in units.items()}
    own = next((number for number, unit in units.items() if unit is tag.unit), None)
    if own is None and all(way is None for way in table.values()):
        sends = ", ".join(sorted({str(unit) for unit in units.values() if unit}))
        raise RefError(f"{tag.ref} is never sent in {tag.unit}", f"It can be sent in: {sends}")
    return UnitCode(source_of(code, slot_of), table, own)


def fixed_unit(point: Point, tag: Tag) -> tuple[float, float]:
    """Return (factor, offset) from the value that `point` sends to the tag's unit.

    A datum that stands for a share of the range is spread over the tag's, unless the tag is in the
    unit that is sent. Raises `RefError` if nothing leads from one to the other.
    """
    datum = point.datum
    way = (1.0, 0.0) if datum.unit is None else conversion(datum.unit, tag.unit)
    if datum.of_range is not None and (datum.unit is None or way is None):
        low, high = datum.of_range
        factor = (tag.range_high - tag.range_low) / (high - low)
        return factor, tag.range_low - low * factor
    if way is None:
        raise RefError(
            f"{tag.ref} is sent in {datum.unit}, which cannot become {tag.unit}",
            f"Give the tag the unit {datum.unit}",
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


def invalid_of(point: Point) -> frozenset[float]:
    """Return the raw patterns that are no value, as they will be unpacked (raw, unscaled)."""
    patterns = point.datum.invalid
    if point.mask is not None:
        turn = point.mask + 1 if point.bitfield is not None and point.bitfield.signed else 0
        return frozenset(p - turn if turn and p > point.mask >> 1 else p for p in patterns)
    code = CODES.get(point.cell.type, "").strip("x")
    if not code:
        return frozenset(patterns)
    size = struct.calcsize(f">{code}")
    found = (struct.unpack(f">{code}", raw.to_bytes(size))[0] for raw in patterns)
    return frozenset(value for value in found if math.isfinite(value))  # others never pass


def slots_of(sources: Iterable[Source]) -> list[int]:
    """Return every slot that decides one of `sources`, each once."""
    return list(dict.fromkeys(slot for source in sources for slot in source.slots))
