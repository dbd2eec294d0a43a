"""One datum into its registers: limits of its type, its pattern for "no value", its bytes. Pure."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence

from edge.drivers.blocks import READ_AS
from edge.drivers.layout import Cell
from edge.drivers.plan import Program
from edge.drivers.template import BITS_OF, FLOATS, SIGNED, Area, Type
from edge.drivers.views import struct_code

Words = dict[tuple[Area, int], int]  # (table, zero-based address) -> word or bit
F32_MAX = 3.4028234663852886e38
F64_MAX = 1.7976931348623157e308
NAN_32 = 0x7FC00000


def limits(program: Program) -> tuple[float, float]:
    """Return the least and the most that the bits of `program`'s datum can hold (raw)."""
    kind, mask = program.point.cell.type, program.point.mask
    if mask is None and kind in FLOATS:
        most = F32_MAX if kind is Type.F32 else F64_MAX
        return -most, most
    if mask is None:
        size, signed = BITS_OF.get(kind, 1), kind in SIGNED
    else:
        size, signed = mask.bit_length(), program.source.signed
    return (-(1 << size - 1), (1 << size - 1) - 1) if signed else (0, (1 << size) - 1)


def fit(program: Program, value: float) -> float:
    """Return the raw number next to `value` that the datum can hold and that is one."""
    low, high = limits(program)
    if program.point.cell.type in FLOATS and program.point.mask is None:
        return min(max(value, low), high)
    count = min(max(round(value), low), high)
    step = -1 if count >= high else 1
    while count in program.invalid:  # a value beside a pattern that means "no value"
        count += step
    return count


def no_value(program: Program) -> float:
    """Return the raw number by which the datum says that it has no value."""
    if program.invalid:
        return next(iter(program.invalid))
    patterns = program.point.datum.invalid
    if program.point.cell.type is Type.F32:  # which NaN it is, a device may mean
        return struct.unpack(">f", (patterns[0] if patterns else NAN_32).to_bytes(4))[0]
    return math.nan


def write_cell(words: Words, cell: Cell, value: float | bytes) -> None:
    """Put one raw datum into `words`, in the cell's type and byte order."""
    if cell.area.bitwise:
        words[cell.area, cell.address] = int(bool(value))
        return
    swap, order = READ_AS[cell.order] if cell.words > 1 else READ_AS["ABCD"]
    data = struct.pack(f"{order}{struct_code(cell)}", value)
    if swap:
        data = swap_bytes(data)
    for index in range(cell.words):
        word = int.from_bytes(data[2 * index : 2 * index + 2])
        words[cell.area, cell.address + index] = word


def read_cell(words: Mapping[tuple[Area, int], int], cell: Cell) -> float | bytes | None:
    """Return the raw datum of `cell`, None where one of its words was not read."""
    found = [words.get((cell.area, cell.address + index)) for index in range(cell.words)]
    if None in found:
        return None
    told = [word for word in found if word is not None]
    if cell.area.bitwise:
        return told[0]
    swap, order = READ_AS[cell.order] if cell.words > 1 else READ_AS["ABCD"]
    data = pack_words(told)
    return struct.unpack(f"{order}{struct_code(cell)}", swap_bytes(data) if swap else data)[0]


def swap_bytes(payload: bytes) -> bytes:
    """Return `payload` with the two bytes of every register exchanged."""
    swapped = bytearray(payload)
    swapped[0::2], swapped[1::2] = payload[1::2], payload[0::2]
    return bytes(swapped)


def pack_words(values: Sequence[int]) -> bytes:
    """Return 16-bit `values` as they travel."""
    return struct.pack(f">{len(values)}H", *values)


def pack_bits(values: Sequence[int]) -> bytes:
    """Return bits as they travel: eight to a byte, the first one lowest."""
    whole = sum(1 << index for index, value in enumerate(values) if value)
    return whole.to_bytes((len(values) + 7) // 8, "little")
