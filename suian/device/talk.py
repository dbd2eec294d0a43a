"""What was heard on a line, in words: one line a frame, and who polls whom how often. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from statistics import median

from edge.drivers.cells import Words
from edge.drivers.modbus.decode import BITWISE, Frame
from edge.drivers.modbus.listen import Traffic
from edge.drivers.template import Area

FUNCTIONS = {
    1: "read coils", 2: "read discrete inputs", 3: "read holding", 4: "read input",
    5: "write coil", 6: "write register", 15: "write coils", 16: "write registers",
    23: "write and read registers",
}  # fmt: skip
AREAS = {
    1: Area.COIL, 2: Area.DISCRETE, 3: Area.HOLDING, 4: Area.INPUT, 23: Area.HOLDING,
}  # fmt: skip
EXCEPTIONS = {
    1: "no such function", 2: "no such address", 3: "no such value", 4: "device failure",
    5: "acknowledged", 6: "busy", 8: "memory error", 10: "no path", 11: "nobody behind the gateway",
}  # fmt: skip
ARROWS = {"request": "->", "response": "<-", "exception": "<-"}
MOST_VALUES = 16
MOST_OCTETS = 24


def frame_line(frame: Frame, started_s: float) -> str:
    """Return one frame as a line; its time [s] counts from `started_s`."""
    at = f"{frame.at_s - started_s:8.3f} s"
    if frame.kind == "damaged":
        more = " ..." if len(frame.raw) > MOST_OCTETS else ""
        told = frame.raw[:MOST_OCTETS].hex(" ")
        return f"{at}  ??  {len(frame.raw)} bytes that are no sound frame (CRC): {told}{more}"
    name = FUNCTIONS.get(frame.function, f"function {frame.function}")
    where = "" if frame.address is None else f" {frame.address}"
    count = f" x{frame.count}" if frame.count > 1 else ""
    took = "" if frame.took_s is None else f" ({1000 * frame.took_s:.0f} ms)"
    head = f"{at}  {ARROWS[frame.kind]}  unit {frame.unit} {name}{where}{count}"
    if frame.kind == "exception":
        return f"{head}: exception {frame.code}, {EXCEPTIONS.get(frame.code, 'unknown')}{took}"
    return f"{head}{_values(frame)}{took}"


def _values(frame: Frame) -> str:
    if not frame.data:
        return ""
    values = values_of(frame)
    more = " ..." if len(values) > MOST_VALUES else ""
    return ": " + " ".join(map(str, values[:MOST_VALUES])) + more


def values_of(frame: Frame) -> list[int]:
    """Return the bits or words that travel in `frame`; a frame of another kind gives its bytes."""
    data = frame.data
    if frame.function == 5:
        return [int(data[:1] == b"\xff")]
    if frame.function in BITWISE:
        count = min(frame.count or 8 * len(data), 8 * len(data))
        return [data[n >> 3] >> (n & 7) & 1 for n in range(count)]
    if frame.function in {3, 4, 6, 16, 23}:
        return [int.from_bytes(data[at : at + 2]) for at in range(0, len(data) - 1, 2)]
    return list(data)


def words_heard(frames: Iterable[Frame]) -> dict[int, Words]:
    """Return by unit what the answers to reads showed, the latest of each place."""
    heard: dict[int, Words] = {}
    for frame in frames:
        area = AREAS.get(frame.function)
        if frame.kind == "response" and frame.address is not None and area is not None:
            words = heard.setdefault(frame.unit, {})
            for index, value in enumerate(values_of(frame)):
                words[area, frame.address + index] = value
    return heard


def summary(traffic: Traffic) -> Iterator[str]:
    """Yield who is asked what how often, how it answers, and what came damaged."""
    polls: dict[tuple[int, int, int | None, int], list[Frame]] = {}
    for frame in traffic.frames:
        if frame.kind == "request":
            key = (frame.unit, frame.function, frame.address, frame.count)
            polls.setdefault(key, []).append(frame)
    for (unit, function, address, count), asked in sorted(polls.items(), key=str):
        name = FUNCTIONS.get(function, f"function {function}")
        where = "" if address is None else f" {address} x{count}"
        yield f"unit {unit} {name}{where}: asked {len(asked)} times{_period(asked)}"
    for unit in sorted({frame.unit for frame in traffic.frames if frame.crc_ok}):
        yield _answers(unit, [frame for frame in traffic.frames if frame.unit == unit])
    damaged = [frame for frame in traffic.frames if not frame.crc_ok]
    if damaged:
        octets = sum(len(frame.raw) for frame in damaged)
        yield f"damaged (CRC): {len(damaged)} pieces, {octets} of {traffic.octets} bytes"
    if traffic.quiet:
        yield f"nothing was heard in {traffic.seconds:g} s"
    elif len(damaged) == len(traffic.frames):
        yield "no sound frame at all: speed or parity are not the line's, or it is not Modbus RTU"


def _period(asked: Sequence[Frame]) -> str:
    if len(asked) < 2:
        return ""
    return f", every {(asked[-1].at_s - asked[0].at_s) / (len(asked) - 1):.2f} s"


def _answers(unit: int, frames: Sequence[Frame]) -> str:
    asked = sum(frame.kind == "request" for frame in frames)
    answers = [frame for frame in frames if frame.kind == "response"]
    refused = [frame for frame in frames if frame.kind == "exception"]
    took = [frame.took_s for frame in (*answers, *refused) if frame.took_s is not None]
    text = f"unit {unit}: {len(answers)} answers to {asked} requests"
    if refused:
        codes = sorted({frame.code for frame in refused})
        text += f", {len(refused)} exceptions (code {', '.join(map(str, codes))})"
    return text + (f", {1000 * median(took):.0f} ms in the middle" if took else "")
