"""Registers to readings and back: one codec, so that a simulated device and the gateway agree.

`decode` and `encode` are pure and inverse to each other over what a template can express:
`decode(plan, payloads(plan, encode(plan, readings))) == canonical readings`. The gateway decodes;
`simulator.field` encodes. Raw words are bytes as they travel, high byte first.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

from edge.drivers.base import Reading
from edge.drivers.judgement import GRAVITY, bad, ranged
from edge.drivers.layout import Cell
from edge.drivers.plan import CODES, READ_AS, GateView, Program, ReadPlan, Row, Ruling
from edge.drivers.template import BITS_OF, SIGNED, Area, Type
from edge.tag import REASONS, Quality, Reason

_new: Callable[[type[Reading], tuple[object, ...]], Reading] = cast("Any", tuple).__new__
_GOOD, _OK = Quality.GOOD, Reason.OK  # looking a member up in its class costs a third of a tag
Raw = float | Reason  # a Reason where the block that held the datum could not be read
Words = dict[tuple[Area, int], int]  # (table, zero-based address) -> word or bit
F32_MAX = 3.4028234663852886e38
NAN_32 = 0x7FC00000
MAX_DECIMALS = 3  # that a simulated device uses
MOST_DECIMALS = 9  # that are believed of a real one
MOST_PATTERNS = 1024  # of state words that are remembered for one tag


def unpack(plan: ReadPlan, payloads: Sequence[bytes | Reason]) -> list[Raw]:
    """Return the raw datum of every slot of `plan`.

    `payloads` holds one item per block: the data bytes of its answer, or the reason why there is
    none, which then stands in for each of its data.
    """
    raw: list[Raw] = [Reason.NOT_YET_READ] * len(plan.cells)
    for block, payload in zip(plan.blocks, payloads, strict=True):
        if isinstance(payload, Reason):
            for slot in block.slots:
                raw[slot] = payload
            continue
        for bit, slot in block.bits:
            raw[slot] = payload[bit >> 3] >> (bit & 7) & 1
        for reader in block.readers:
            data = swap_bytes(payload) if reader.swap else payload
            for slot, value in zip(reader.slots, reader.struct.unpack_from(data), strict=True):
                raw[slot] = value
    return raw


def swap_bytes(payload: bytes) -> bytes:
    """Return `payload` with the two bytes of every register exchanged."""
    swapped = bytearray(payload)
    swapped[0::2], swapped[1::2] = payload[1::2], payload[0::2]
    return bytes(swapped)


def decode(plan: ReadPlan, payloads: Sequence[bytes | Reason]) -> list[Reading]:
    """Return one reading per tag of `plan`, in its order; see `unpack` for `payloads`."""
    return judge(plan, unpack(plan, payloads))


def judge(plan: ReadPlan, raw: Sequence[Any]) -> list[Reading]:
    """Return one reading per tag of `plan` from the raw data (`Raw`) of its slots."""
    for check in plan.identity:
        seen = _code(raw[check.slot], check.shift, check.mask)
        if not isinstance(seen, Reason) and seen not in check.equals:
            return [bad(Reason.WRONG_DEVICE)] * len(plan.programs)
    return judge_rows(plan.rows, raw)


def judge_rows(rows: Iterable[Row], raw: Sequence[Any]) -> list[Reading]:
    """Return one reading per row, of a device that is the right one.

    What the state words say is worked out once per pattern and remembered: they rarely change, and
    a tag in order then costs a multiplication and two comparisons.
    """
    readings: list[Reading] = []
    for program, slot, states, memo, low, high, invalid in rows:
        pattern = None if states is None else states(raw)
        ruling = memo.get(pattern)
        if ruling is None:
            ruling = _remember(memo, pattern, _rule(program, raw))
        plain, scale, offset, reason = ruling
        seen = raw[slot]
        if plain and type(seen) is not Reason:  # a class of members is slow to ask by isinstance
            value = seen * scale + offset
            if low <= value <= high and seen not in invalid:
                # a NamedTuple's own constructor takes twice as long, and this line is the poll
                readings.append(_new(Reading, (value, _GOOD, _OK, None)))
                continue
        readings.append(_reading(program, seen, scale, offset, reason))
    return readings


def heartbeat(plan: ReadPlan, raw: Sequence[Raw]) -> int | None:
    """Return the heartbeat as it stands; None if there is none, or it was not read or judged."""
    beat = plan.heartbeat
    if beat is None or not beat.judged:
        return None
    seen = _code(raw[beat.slot], beat.shift, beat.mask)
    return None if isinstance(seen, Reason) else seen


def _code(raw: Raw, shift: int, mask: int | None) -> int | Reason:
    if isinstance(raw, Reason):
        return raw
    return int(raw) if mask is None else int(raw) >> shift & mask


def _remember(memo: dict[object, Ruling], pattern: object, ruling: Ruling) -> Ruling:
    if len(memo) >= MOST_PATTERNS:
        memo.clear()
    memo[pattern] = ruling
    return ruling


def _rule(program: Program, raw: Sequence[Raw]) -> Ruling:
    """Return what the device's state, unit and decimals make of the tag: see `Ruling`."""
    reason = Reason.OK
    for gate in program.gates:
        code = _code(raw[gate.slot], gate.shift, gate.mask)
        said = code if isinstance(code, Reason) else gate.reason(code)
        if GRAVITY[said] > GRAVITY[reason]:
            reason = said
    scale, offset = program.scale, program.offset
    if program.decimals is not None and GRAVITY[reason] < 3:
        places = _code(raw[program.decimals[0]], *program.decimals[1:])
        if isinstance(places, Reason):
            reason = places
        elif places > MOST_DECIMALS:
            reason = Reason.INVALID_VALUE  # no instrument shows so many: what came is not decimals
        else:
            scale /= 10**places
    if program.unit is not None and GRAVITY[reason] < 3:
        code = _code(raw[program.unit.slot], program.unit.shift, program.unit.mask)
        way = None if isinstance(code, Reason) else program.unit.table.get(code, (1.0, 0.0))
        if way is None:
            reason = code if isinstance(code, Reason) else Reason.CONFIGURATION
        else:
            scale, offset = scale * way[0], offset * way[0] + way[1]
    plain = reason is Reason.OK and program.point.mask is None
    return plain, scale, offset, reason


def _reading(program: Program, seen: Raw, scale: float, offset: float, reason: Reason) -> Reading:
    """Return the reading of a tag with which something is out of the ordinary."""
    if GRAVITY[reason] == 3:
        return bad(seen if isinstance(seen, Reason) else reason)
    if isinstance(seen, Reason):
        return bad(seen)
    if program.point.mask is not None:
        seen = int(seen) >> program.point.shift & program.point.mask
    elif seen in program.invalid or not math.isfinite(seen):
        return bad(Reason.INVALID_VALUE)
    value = seen * scale + offset
    reason = ranged(program.tag, value, reason)
    return Reading(value, REASONS[reason].quality, reason)


# --- the way back ---------------------------------------------------------------------------


def expressible(program: Program) -> frozenset[Reason]:
    """Return the reasons that a device with this template can bring upon the tag by itself."""
    reasons = {Reason.OK}
    for gate in program.gates:
        reasons.update(gate.table.values(), (item[2] for item in gate.spans))
        reasons.add(gate.otherwise)
    kind = program.point.cell.type
    if program.point.mask is None:
        reasons.add(Reason.OVER_RANGE)
        if kind in SIGNED:
            reasons.add(Reason.UNDER_RANGE)
        if kind is Type.F32 or program.invalid:
            reasons.add(Reason.INVALID_VALUE)
    return frozenset(reasons)


def nearest(program: Program, reason: Reason) -> Reason:
    """Return the reason of like gravity that the device can express: `reason` itself if it can.

    What no device can say of itself (a lost link) is for the server to act out.
    """
    can = expressible(program)
    if reason in can:
        return reason
    if REASONS[reason].quality is not Quality.BAD:
        return Reason.OK
    ordered = [item for gate in program.gates for item in gate.table.values()]
    bads = [item for item in (*ordered, Reason.INVALID_VALUE) if item in can]
    return next((item for item in bads if REASONS[item].quality is Quality.BAD), Reason.OK)


def encode(plan: ReadPlan, readings: Sequence[Reading], beats: int = 0) -> Words:
    """Return the words and bits that a device shows when its tags read `readings`.

    One reading per tag of `plan`, in its order. Status words are made whole: every gate that can
    say a tag's reason says it (a channel's own gate before one that all share), all others say
    that all is well. `beats` is how often the heartbeat has stepped.
    """
    raw: list[float] = [0] * len(plan.cells)
    for program, reading in zip(plan.programs, readings, strict=True):
        _encode_value(program, reading, raw)
    _encode_gates(plan, readings, raw)  # a state that is a tag of its own bows to the quality
    for check in plan.identity:
        raw[check.slot] = _with(raw[check.slot], check.shift, check.mask, check.equals[0])
    if plan.heartbeat is not None:
        beat = plan.heartbeat
        mask = 0xFFFF if beat.mask is None else beat.mask
        raw[beat.slot] = _with(raw[beat.slot], beat.shift, mask, beats & mask)
    words: Words = {}
    for cell, value in zip(plan.cells, raw, strict=True):
        write_cell(words, cell, value)
    return words


def _with(word: float, shift: int, mask: int | None, code: int) -> int:
    if mask is None:
        return code
    return int(word) & ~(mask << shift) | (code & mask) << shift


def _encode_gates(plan: ReadPlan, readings: Sequence[Reading], raw: list[float]) -> None:
    said: dict[tuple[int, int, int | None], Reason] = {}
    gates: dict[tuple[int, int, int | None], GateView] = {}
    for program, reading in zip(plan.programs, readings, strict=True):
        reason = nearest(program, reading.reason)
        for gate in program.gates:
            gates.setdefault((gate.slot, gate.shift, gate.mask), gate)
        able = [gate for gate in program.gates if _says(gate, reason) is not None]
        own = [gate for gate in able if gate.own]
        for gate in own or able:
            key = (gate.slot, gate.shift, gate.mask)
            if GRAVITY[reason] >= GRAVITY[said.get(key, Reason.OK)]:
                said[key] = reason
    for key, gate in gates.items():
        code = _says(gate, said.get(key, Reason.OK))
        raw[gate.slot] = _with(raw[gate.slot], gate.shift, gate.mask, code or 0)


def _says(gate: GateView, reason: Reason) -> int | None:
    """Return the first code by which `gate` says `reason`, None if it cannot."""
    for code, meaning in gate.table.items():
        if meaning is reason:
            return code
    for low, _, meaning in gate.spans:
        if meaning is reason:
            return low
    if gate.otherwise is reason:
        return next(code for code in range(0x10000) if gate.reason(code) is reason)
    return None


def _encode_value(program: Program, reading: Reading, raw: list[float]) -> None:
    value = 0.0 if reading.value is None else reading.value
    if reading.reason in program.point.register.zero_while:
        value = 0.0
    if program.unit is not None:
        code = program.unit.code
        if code is None:
            code, way = next(item for item in program.unit.table.items() if item[1] is not None)
            value = (value - way[1]) / way[0] if way else value
        raw[program.unit.slot] = _with(
            raw[program.unit.slot], program.unit.shift, program.unit.mask, code
        )
    value = (value - program.offset) / program.scale
    if program.decimals is not None:
        slot, shift, mask = program.decimals
        places = _places(program)
        raw[slot] = _with(raw[slot], shift, mask, places)
        value *= 10**places
    if reading.value is None and nearest(program, reading.reason) is Reason.INVALID_VALUE:
        raw[program.slot] = _no_value(program)
        return
    fitted = _fit(program.point.cell.type, value)
    if program.point.mask is None:
        raw[program.slot] = fitted
    else:
        raw[program.slot] = _with(
            raw[program.slot], program.point.shift, program.point.mask, int(fitted)
        )


def _places(program: Program) -> int:
    """Return the decimals with which twice the tag's range still fits the register."""
    limit = (1 << BITS_OF[program.point.cell.type] - 1) - 1
    reach = 2 * max(abs(program.tag.range_low), abs(program.tag.range_high), 1e-9)
    fitting = [n for n in range(MAX_DECIMALS + 1) if reach / program.scale * 10**n <= limit]
    return max(fitting, default=0)


def _fit(kind: Type, value: float) -> float:
    if kind is Type.F32:
        return min(max(value, -F32_MAX), F32_MAX)
    size = BITS_OF.get(kind, 1)
    low, high = (-(1 << size - 1), (1 << size - 1) - 1) if kind in SIGNED else (0, (1 << size) - 1)
    return min(max(round(value), low), high)


def _no_value(program: Program) -> float:
    if program.invalid:
        return next(iter(program.invalid))
    patterns = program.point.register.invalid
    return struct.unpack(">f", (patterns[0] if patterns else NAN_32).to_bytes(4))[0]


def write_cell(words: Words, cell: Cell, value: float) -> None:
    """Put one raw datum into `words`, in the cell's type and byte order."""
    if cell.area.bitwise:
        words[cell.area, cell.address] = int(bool(value))
        return
    swap, order = READ_AS[cell.order] if cell.words == 2 else READ_AS["ABCD"]
    data = struct.pack(f"{order}{CODES[cell.type]}", value)
    if swap:
        data = swap_bytes(data)
    for index in range(cell.words):
        word = int.from_bytes(data[2 * index : 2 * index + 2])
        words[cell.area, cell.address + index] = word


def payloads(plan: ReadPlan, words: Mapping[tuple[Area, int], int]) -> list[bytes]:
    """Return what a device that shows `words` answers to each block of `plan`; the rest reads 0."""
    answers: list[bytes] = []
    for block in plan.blocks:
        span = range(block.address, block.address + block.count)
        values = [words.get((block.area, address), 0) for address in span]
        answers.append(pack_bits(values) if block.area.bitwise else pack_words(values))
    return answers


def pack_words(values: Sequence[int]) -> bytes:
    """Return 16-bit `values` as they travel."""
    return struct.pack(f">{len(values)}H", *values)


def pack_bits(values: Sequence[int]) -> bytes:
    """Return bits as they travel: eight to a byte, the first one lowest."""
    whole = sum(1 << index for index, value in enumerate(values) if value)
    return whole.to_bytes((len(values) + 7) // 8, "little")
