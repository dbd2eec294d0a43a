"""Reading a device for an engineer: reads only, and what is refused is found to the address."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise

from edge.drivers.blocks import Block
from edge.drivers.cells import Words, read_cell
from edge.drivers.codec import Raw
from edge.drivers.layout import Cell
from edge.drivers.modbus.link import SharedLink
from edge.drivers.modbus.requests import RequestError
from edge.drivers.template import Area
from edge.tag import Reason
from suian.device.quiet import hear_out
from suian.device.talk import EXCEPTIONS
from suian.device.target import Target

ILLEGAL_FUNCTION = 1
CHUNK = 64  # registers of one request where no template says; halves of it stay even
CHUNK_BITS = 512
MOST_SILENCES = 3  # in a row, after which nobody is thought to be there any more
Span = tuple[int, int]  # first address, and the one behind the last


@dataclass
class Seen:
    """What a device showed: words by place, and the places for which it gave none, with why."""

    words: Words = field(default_factory=Words)
    refused: dict[tuple[Area, int], RequestError] = field(
        default_factory=dict[tuple[Area, int], RequestError]
    )
    lost: RequestError | None = None

    def raw(self, cells: Iterable[Cell]) -> list[Raw]:
        """Return the raw datum of each of `cells`, or the reason why there is none."""
        return [self._datum(cell) for cell in cells]

    def _datum(self, cell: Cell) -> Raw:
        found = read_cell(self.words, cell)
        if found is not None:
            return found
        for index in range(cell.words):
            fault = self.refused.get((cell.area, cell.address + index))
            if fault is not None:
                return fault.reason
        return self.lost.reason if self.lost else Reason.NOT_YET_READ


class Wire:
    """A link that is only read from; one device on it."""

    def __init__(self, target: Target) -> None:
        self._link = SharedLink(target.link, [target.device], target.root)
        self._unit = target.device.unit_id
        self._silences = 0
        self._answered = False

    async def blocks(self, blocks: Iterable[Block], cells: Sequence[Cell], seen: Seen) -> None:
        """Read a plan's `blocks` of `cells` into `seen`."""
        for block in blocks:
            mine = sorted((cells[slot] for slot in block.slots), key=lambda cell: cell.address)
            await self.spans(block.area, [(c.address, c.address + c.words) for c in mine], seen)

    async def sweep(self, area: Area, start: int, count: int, seen: Seen, most: int = 0) -> None:
        """Read `count` addresses from `start` on into `seen`, `most` in one request."""
        step = most or (CHUNK_BITS if area.bitwise else CHUNK)
        end = min(start + count, 0x10000)
        for low in range(max(start, 0), end, step):
            span = [(at, at + 1) for at in range(low, min(low + step, end))]
            await self.spans(area, span, seen)
            if seen.lost is not None or _no_such_table(seen, area, low):
                return

    async def spans(self, area: Area, spans: Sequence[Span], seen: Seen) -> None:
        """Read `spans` (in order) in one request; what is refused as a whole is asked in halves."""
        if seen.lost is not None:
            return
        first, end = spans[0][0], max(span[1] for span in spans)
        try:
            data = await self._link.read(self._unit, area, first, end - first)
        except RequestError as fault:
            await self._failed(area, spans, fault, seen)
            return
        self._silences, self._answered = 0, True
        for index in range(end - first):
            if area.bitwise:
                word = data[index >> 3] >> (index & 7) & 1
            else:
                word = int.from_bytes(data[2 * index : 2 * index + 2])
            seen.words[area, first + index] = word

    async def _failed(
        self, area: Area, spans: Sequence[Span], fault: RequestError, seen: Seen
    ) -> None:
        if fault.reason is Reason.DEVICE_EXCEPTION:
            self._silences, self._answered = 0, True
            if len(spans) > 1 and fault.code != ILLEGAL_FUNCTION:
                half = len(spans) // 2
                await self.spans(area, spans[:half], seen)
                await self.spans(area, spans[half:], seen)
                return
        else:
            self._silences += 1
        gone = fault.reason is Reason.NOT_CONNECTED or not self._answered
        if gone or self._silences >= MOST_SILENCES:
            seen.lost = fault
        for low, high in spans:
            seen.refused |= {(area, at): fault for at in range(low, high)}

    def statistics(self) -> dict[str, object]:
        """Return how the device answered (docs/modbus.md §5)."""
        return next(iter(self._link.statistics().values()))

    def close(self) -> None:
        """Let go of the link."""
        self._link.close()


def _no_such_table(seen: Seen, area: Area, at: int) -> bool:
    fault = seen.refused.get((area, at))
    return fault is not None and fault.code == ILLEGAL_FUNCTION


@asynccontextmanager
async def wire(target: Target, listen_s: float) -> AsyncIterator[Wire]:
    """Yield the target's wire; on a serial line only after `listen_s` [s] of silence there.

    Raises `LineBusyError` where somebody talks already, `DeviceError` where there is no line.
    """
    await hear_out(target.link, listen_s)
    opened = Wire(target)
    try:
        yield opened
    finally:
        opened.close()


def runs(addresses: Iterable[int]) -> list[Span]:
    """Return `addresses` as runs: first, and the one behind the last."""
    ordered = sorted(set(addresses))
    if not ordered:
        return []
    breaks = [index for index, (a, b) in enumerate(pairwise(ordered), 1) if b != a + 1]
    edges = [0, *breaks, len(ordered)]
    return [(ordered[low], ordered[high - 1] + 1) for low, high in pairwise(edges)]


def _why(fault: RequestError) -> str:
    meaning = EXCEPTIONS.get(fault.code)
    return f"{fault.detail} ({meaning})" if meaning else fault.detail


def refusals(seen: Seen) -> list[str]:
    """Return what was not given, a line for each run of addresses with one cause."""
    causes: dict[tuple[Area, str], list[int]] = {}
    for (area, at), fault in seen.refused.items():
        causes.setdefault((area, _why(fault)), []).append(at)
    lines: list[str] = []
    for (area, why), places in causes.items():
        for low, high in runs(places):
            where = f"{low}" if high == low + 1 else f"{low} to {high - 1}"
            lines.append(f"{area} {where}: {why}")
    return lines
