"""Registers to readings and back: one codec, so that a simulated device and the gateway agree.

`decode` and `encode` are pure and inverse to each other over what a template can express:
`decode(plan, payloads(plan, encode(plan, readings))) == canonical readings`. The gateway decodes;
`simulator.field` encodes. Raw words are bytes as they travel, high byte first.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence

from edge.drivers.base import Reading
from edge.drivers.layout import Cell
from edge.drivers.plan import CODES, READ_AS, GateView, Program, ReadPlan
from edge.drivers.template import BITS_OF, SIGNED, Area, Type
from edge.tag import REASONS, Quality, Reason, Tag

Raw = float | Reason  # a Reason where the block that held the datum could not be read
Words = dict[tuple[Area, int], int]  # (table, zero-based address) -> word or bit
F32_MAX = 3.4028234663852886e38
NAN_32 = 0x7FC00000
MAX_DECIMALS = 3
UNDER_RANGE_DEAD_ZONE = 0.02  # of the span: a zero that drifts a little is not a fault
OVER_RANGE_SLACK = 1e-6  # of the span: 1.6 sent as a 32-bit float reads 1.60000002


def _grave(reason: Reason) -> int:
    rule = REASONS[reason]
    if rule.quality is Quality.BAD:
        return 3
    if rule.quality is Quality.GOOD:
        return 0
    return 1 if rule.judges else 2


GRAVITY = {reason: _grave(reason) for reason in Reason}
_QUALITY = {reason: REASONS[reason].quality for reason in Reason}
_BAD = {r: Reading(None, _QUALITY[r], r) for r in Reason if _QUALITY[r] is Quality.BAD}


def bad(reason: Reason) -> Reading:
    """Return the reading without a value that `reason` (a Bad one) makes."""
    return _BAD[reason]


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


def judge(plan: ReadPlan, raw: Sequence[Raw]) -> list[Reading]:
    """Return one reading per tag of `plan` from the raw data of its slots."""
    for check in plan.identity:
        seen = _code(raw[check.slot], check.shift, check.mask)
        if not isinstance(seen, Reason) and seen not in check.equals:
            return [bad(Reason.WRONG_DEVICE)] * len(plan.programs)
    return [_reading(program, raw) for program in plan.programs]


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


def _reading(program: Program, raw: Sequence[Raw]) -> Reading:
    seen = raw[program.slot]
    if isinstance(seen, Reason):
        return bad(seen)
    reason, gravity = Reason.OK, 0
    for gate in program.gates:
        code = _code(raw[gate.slot], gate.shift, gate.mask)
        said = code if isinstance(code, Reason) else gate.reason(code)
        if GRAVITY[said] > gravity:
            reason, gravity = said, GRAVITY[said]
    if gravity == 3:
        return bad(reason)
    if program.point.mask is not None:
        seen = int(seen) >> program.point.shift & program.point.mask
    elif seen in program.invalid or not math.isfinite(seen):
        return bad(Reason.INVALID_VALUE)
    value = _engineering(program, seen, raw)
    if isinstance(value, Reason):
        return bad(value)
    if gravity <= 1:
        reason = ranged(program.tag, value, reason)
    return Reading(value, _QUALITY[reason], reason)


def ranged(tag: Tag, value: float, reason: Reason) -> Reason:
    """Return `reason`, or what the tag's range says of `value` [its unit] if that weighs more.

    Over range goes before any other doubt, because an alarm latches on it; under range stands
    where nothing else is wrong. What has been set aside (calibration, inhibit) stays so.
    """
    gravity = GRAVITY[reason]
    width = tag.range_high - tag.range_low
    if gravity <= 1 and value > tag.range_high + OVER_RANGE_SLACK * width:
        return Reason.OVER_RANGE
    if gravity == 0 and value < tag.range_low - UNDER_RANGE_DEAD_ZONE * width:
        return Reason.UNDER_RANGE
    return reason


def _engineering(program: Program, seen: float, raw: Sequence[Raw]) -> float | Reason:
    value = seen * program.scale + program.offset
    if program.decimals is not None:
        places = _code(raw[program.decimals[0]], *program.decimals[1:])
        if isinstance(places, Reason):
            return places
        value = seen / 10**places * program.scale + program.offset
    if program.unit is not None:
        code = _code(raw[program.unit.slot], program.unit.shift, program.unit.mask)
        if isinstance(code, Reason):
            return code
        way = program.unit.table.get(code, (1.0, 0.0))
        if way is None:
            return Reason.CONFIGURATION
        value = value * way[0] + way[1]
    return float(value)


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
    if _QUALITY[reason] is not Quality.BAD:
        return Reason.OK
    ordered = [item for gate in program.gates for item in gate.table.values()]
    bads = [item for item in (*ordered, Reason.INVALID_VALUE) if item in can]
    return next((item for item in bads if _QUALITY[item] is Quality.BAD), Reason.OK)


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
