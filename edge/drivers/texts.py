"""Names, serial numbers and dates in registers, both ways; for people and the identity. Pure.

A text is no tag: it has no range and no alarm. `suian device probe` shows it, the identity check
compares it. A number of seconds since an epoch reads as a time likewise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from edge.drivers.blocks import Block, make_blocks
from edge.drivers.layout import Cell, DeviceMap, Point, RefError
from edge.drivers.template import TextCode, Type
from edge.tag import Reason

CENTURY = 2000  # of two-digit years


@dataclass(frozen=True, slots=True)
class FactPlan:
    """How the texts of a device are read: give it to `codec.unpack`, then the raw to `facts`."""

    cells: tuple[Cell, ...]
    blocks: tuple[Block, ...]
    points: tuple[Point, ...]


def plan_facts(device_map: DeviceMap) -> FactPlan:
    """Return the requests that read every text and every time of a device."""
    points: list[Point] = []
    for name, register in device_map.template.registers.items():
        if register.wide or (register.type is not Type.TEXT and register.epoch is None):
            continue
        for channel in range(1, register.channels + 1):
            try:
                points.append(device_map.point(f"{name}[{channel}]"))
            except RefError:  # a field that this device is not set to send
                continue
    slots: dict[Cell, int] = {}
    for point in points:
        slots.setdefault(point.cell, len(slots))
    return FactPlan(tuple(slots), make_blocks(slots, device_map.template.read), tuple(points))


def facts(plan: FactPlan, raw: Sequence[object]) -> dict[str, str | Reason]:
    """Return reference -> text, or the reason why it could not be read."""
    slots = {cell: slot for slot, cell in enumerate(plan.cells)}
    found: dict[str, str | Reason] = {}
    for point in plan.points:
        several = point.per_channel
        name = f"{point.name}[{point.channel}]" if several else point.name
        found[name] = fact(point, raw[slots[point.cell]])
    return found


def fact(point: Point, raw: object) -> str | Reason:
    """Return what `raw` of a text or time says."""
    if isinstance(raw, Reason):
        return raw
    if isinstance(raw, bytes):
        return text_of(raw, point.register.text)
    epoch = point.register.epoch
    if epoch is None or not isinstance(raw, (int, float)):
        return str(raw)
    start = datetime.combine(epoch, time(), UTC)  # the device's own clock: no zone is known of it
    try:
        return (start + timedelta(seconds=float(raw))).strftime("%Y-%m-%d %H:%M:%S")
    except (OverflowError, ValueError):
        return f"{raw} s since {epoch}"


def text_of(data: bytes, code: TextCode) -> str:
    """Return the text in `data` as sent; what is no character of it reads as "?"."""
    if code in {TextCode.DATE_BYTES, TextCode.DATE_WORDS}:
        step = 1 if code is TextCode.DATE_BYTES else 2
        return _date([int.from_bytes(data[at : at + step]) for at in range(0, len(data), step)])
    if code is TextCode.BCD:
        return data.hex().upper()
    if code is TextCode.UTF16:
        text = data.decode("utf-16-be", "replace")
    else:
        ordered = _swapped(data) if code is TextCode.ASCII_LOW_FIRST else data
        text = ordered.decode("ascii", "replace")
    kept = text.partition("\0")[0].replace("\ufffd", "?")
    return "".join(char if char.isprintable() else "?" for char in kept).strip()


def bytes_of(text: str, code: TextCode, words: int) -> bytes:
    """Return `text` as `words` registers carry it. Raises `ValueError` if it does not fit."""
    if code in {TextCode.DATE_BYTES, TextCode.DATE_WORDS}:
        step = 1 if code is TextCode.DATE_BYTES else 2
        parts = [int(part) for part in text.replace("-", " ").replace(":", " ").split()]
        if parts and step == 1:
            parts[0] %= 100
        data = b"".join(part.to_bytes(step) for part in parts)
    elif code is TextCode.BCD:
        data = bytes.fromhex(text)
    elif code is TextCode.UTF16:
        data = text.encode("utf-16-be")
    else:
        data = text.encode("ascii")
    if len(data) > 2 * words:
        raise ValueError(f"{text!r} takes more than {words} registers")
    data = data.ljust(2 * words, b"\0")
    return _swapped(data) if code is TextCode.ASCII_LOW_FIRST else data


def _swapped(data: bytes) -> bytes:
    swapped = bytearray(data)
    swapped[0::2], swapped[1::2] = data[1::2], data[0::2]
    return bytes(swapped)


def _date(parts: Sequence[int]) -> str:
    """Return "2026-11-27 08:05:09" of year, month, day and as much of the clock as there is."""
    if len(parts) < 3:
        return ""
    year = parts[0] + CENTURY if parts[0] < 100 else parts[0]
    day = f"{year:04d}-{parts[1]:02d}-{parts[2]:02d}"
    clock = ":".join(f"{part:02d}" for part in parts[3:6])
    return f"{day} {clock}".strip()
