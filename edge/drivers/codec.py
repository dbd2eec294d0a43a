"""Registers to readings and back: one codec, so that a simulated device and the gateway agree.

`decode` and `encode` are pure and inverse to each other over what a template can express:
`decode(plan, payloads(plan, encode(plan, readings))) == canonical readings`. The gateway decodes;
`simulator.field` encodes. Raw words are bytes as they travel, high byte first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

from edge.drivers.base import Reading
from edge.drivers.cells import (
    Words,
    fit,
    limits,
    no_value,
    pack_bits,
    pack_words,
    swap_bytes,
    write_cell,
)
from edge.drivers.judgement import GRAVITY, bad, ranged
from edge.drivers.plan import IdentityCheck, Program, ReadPlan, Row, Ruling
from edge.drivers.states import Raw, code_at, factor_of, put, signed, state, with_code, worth
from edge.drivers.template import FLOATS, SIGNED, Area, TextCode, Type
from edge.drivers.texts import FactPlan, bytes_of, text_of
from edge.drivers.views import FactorView, GateView, Source
from edge.tag import REASONS, Quality, Reason

__all__ = [
    "Raw",
    "Words",
    "decode",
    "encode",
    "expressible",
    "heartbeat",
    "judge",
    "nearest",
    "pack_bits",
    "pack_words",
    "payloads",
    "swap_bytes",
    "unpack",
    "write_cell",
]
_new: Callable[[type[Reading], tuple[object, ...]], Reading] = cast("Any", tuple).__new__
_GOOD, _OK = Quality.GOOD, Reason.OK  # looking a member up in its class costs a third of a tag
MOST_PATTERNS = 1024  # of state words that are remembered for one tag


def unpack(plan: ReadPlan | FactPlan, payloads: Sequence[bytes | Reason]) -> list[Raw]:
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


def decode(plan: ReadPlan, payloads: Sequence[bytes | Reason]) -> list[Reading]:
    """Return one reading per tag of `plan`, in its order; see `unpack` for `payloads`."""
    return judge(plan, unpack(plan, payloads))


def judge(plan: ReadPlan, raw: Sequence[Any]) -> list[Reading]:
    """Return one reading per tag of `plan` from the raw data (`Raw`) of its slots."""
    for check in plan.identity:
        if _is_another(check, raw[check.slot]):
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
    seen = code_at(raw[beat.slot], beat.shift, beat.mask)
    return None if isinstance(seen, Reason) else seen


def _is_another(check: IdentityCheck, raw: Raw) -> bool:
    """Whether `raw` was read and shows another device than the one that is looked for."""
    if check.text is not None and isinstance(raw, bytes):
        return text_of(raw, check.text) not in check.equals
    seen = code_at(raw, check.shift, check.mask)
    return not isinstance(seen, Reason) and seen not in check.equals


def _remember(memo: dict[object, Ruling], pattern: object, ruling: Ruling) -> Ruling:
    if len(memo) >= MOST_PATTERNS:
        memo.clear()
    memo[pattern] = ruling
    return ruling


def _rule(program: Program, raw: Sequence[Raw]) -> Ruling:
    """Return what the device's state, unit and decimals make of the tag: see `Ruling`."""
    reason = Reason.OK
    for gate in program.gates:
        code = state(raw, gate.source)
        said = code if isinstance(code, Reason) else gate.reason(code)
        if GRAVITY[said] > GRAVITY[reason]:
            reason = said
    scale, offset = program.scale, program.offset
    for factor in program.factors:
        by = factor_of(raw, factor)
        if isinstance(by, Reason):
            reason = by if GRAVITY[reason] < 3 else reason
        else:
            scale *= by
    if program.unit is not None and GRAVITY[reason] < 3:
        code = state(raw, program.unit.source)
        way = None if isinstance(code, Reason) else program.unit.table.get(code, (1.0, 0.0))
        if way is None:
            reason = code if isinstance(code, Reason) else Reason.CONFIGURATION
        else:
            scale, offset = scale * way[0], offset * way[0] + way[1]
    if program.source.atoms:
        flag = state(raw, program.source)
        if isinstance(flag, Reason):
            reason = flag if GRAVITY[reason] < 3 else reason
        else:
            scale, offset = 0.0, flag * scale + offset
    plain = reason is Reason.OK and program.point.mask is None
    return plain, scale, offset, reason


def _reading(
    program: Program, seen: float | Reason, scale: float, offset: float, reason: Reason
) -> Reading:
    """Return the reading of a tag with which something is out of the ordinary."""
    if GRAVITY[reason] == 3:
        return bad(seen if isinstance(seen, Reason) else reason)
    if isinstance(seen, Reason):
        return bad(seen)
    if program.point.mask is not None:
        code = int(seen) >> program.point.shift & program.point.mask
        seen = signed(code, program.source.mask) if program.source.signed else code
    if seen in program.invalid or not math.isfinite(seen):
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
    kind, mask = program.point.cell.type, program.point.mask
    if mask is None and program.point.flag is None:
        reasons.add(Reason.OVER_RANGE)
        if kind in SIGNED:
            reasons.add(Reason.UNDER_RANGE)
        if kind in FLOATS:
            reasons.add(Reason.INVALID_VALUE)
    if program.invalid:
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
    raw: list[Any] = [b"" if cell.type is Type.TEXT else 0 for cell in plan.cells]
    for program, reading in zip(plan.programs, readings, strict=True):
        _encode_value(program, reading, raw)
    _encode_gates(plan, readings, raw)  # a state that is a tag of its own bows to the quality
    for check in plan.identity:
        equals = check.equals[0]
        if isinstance(equals, str):
            width = plan.cells[check.slot].words
            raw[check.slot] = bytes_of(equals, check.text or TextCode.ASCII, width)
        else:
            raw[check.slot] = with_code(raw[check.slot], check.shift, check.mask, equals)
    if plan.heartbeat is not None:
        beat = plan.heartbeat
        mask = 0xFFFF if beat.mask is None else beat.mask
        raw[beat.slot] = with_code(raw[beat.slot], beat.shift, beat.mask, beats & mask)
    words: Words = {}
    for cell, value in zip(plan.cells, raw, strict=True):
        write_cell(words, cell, value)
    return words


def _encode_gates(plan: ReadPlan, readings: Sequence[Reading], raw: list[Any]) -> None:
    said: dict[Source, Reason] = {}
    gates: dict[Source, GateView] = {}
    for program, reading in zip(plan.programs, readings, strict=True):
        reason = nearest(program, reading.reason)
        for gate in program.gates:
            gates.setdefault(gate.source, gate)
        able = [gate for gate in program.gates if _says(gate, reason) is not None]
        own = [gate for gate in able if gate.own]
        for gate in own or able:
            if GRAVITY[reason] >= GRAVITY[said.get(gate.source, Reason.OK)]:
                said[gate.source] = reason
    for source, gate in sorted(gates.items(), key=lambda item: bool(item[0].atoms)):
        reason = said.get(source, Reason.OK)
        now = state(raw, source)
        if isinstance(now, Reason) or gate.reason(now) is not reason:  # else it says so already
            put(raw, source, _says(gate, reason) or 0)


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


def _encode_value(program: Program, reading: Reading, raw: list[Any]) -> None:
    value = 0.0 if reading.value is None else reading.value
    if reading.reason in program.point.datum.zero_while:
        value = 0.0
    if program.unit is not None:
        code = program.unit.code
        if code is None:
            code, way = next(item for item in program.unit.table.items() if item[1] is not None)
            value = (value - way[1]) / way[0] if way else value
        put(raw, program.unit.source, code)
    value = (value - program.offset) / program.scale
    if program.source.atoms:
        put(raw, program.source, round(value))
        return
    for factor in program.factors:
        value /= _encode_factor(program, factor, raw)
    if reading.value is None and nearest(program, reading.reason) is Reason.INVALID_VALUE:
        fitted = no_value(program)
    else:
        fitted = fit(program, value)
    shift, mask = program.point.shift, program.point.mask
    if mask is not None:
        fitted = with_code(raw[program.slot], shift, mask, int(fitted))
    raw[program.slot] = fitted


def _encode_factor(program: Program, factor: FactorView, raw: list[Any]) -> float:
    """Choose the finest factor with which twice the tag's range still fits; return it."""
    _, high = limits(program)
    reach = 2 * max(abs(program.tag.range_low), abs(program.tag.range_high), 1e-9)
    reach /= abs(program.scale)
    options: dict[float, float] = {}  # what the raw number is worth -> what the register says
    if factor.listed:
        says = [*factor.table.items(), *((low, meaning) for low, _, meaning in factor.spans)]
        for code, meaning in says:
            options.setdefault(worth(factor, meaning), code)
    else:
        tens = (0, 1, 2, 3) if factor.kind == "decimals" else (1, 10, 100, 1000)
        scale, offset = factor.line
        for meaning in tens if factor.kind != "multiplier" else (1,):
            options[worth(factor, meaning)] = (meaning - offset) / scale
    fine = sorted(options, key=abs)
    chosen = next((item for item in fine if reach <= abs(item) * high), fine[-1])
    code = options[chosen]
    if factor.floating:
        raw[factor.source.slot] = code
    else:
        put(raw, factor.source, round(code))
    return chosen


def payloads(plan: ReadPlan | FactPlan, words: Mapping[tuple[Area, int], int]) -> list[bytes]:
    """Return what a device that shows `words` answers to each block of `plan`; the rest reads 0."""
    answers: list[bytes] = []
    for block in plan.blocks:
        span = range(block.address, block.address + block.count)
        values = [words.get((block.area, address), 0) for address in span]
        answers.append(pack_bits(values) if block.area.bitwise else pack_words(values))
    return answers
