"""Which requests read a device's cells: the fewest that its rules allow, then the shortest. Pure.

What counts first is the number of requests: over TCP each costs a round trip and work on both ends,
on a serial line 8 bytes asked, 5 bytes around the answer, two rests of 3.5 characters and the
instrument's own turnaround (5 to 100 ms by most manuals). An unused register that is read along
costs 2 bytes, 2.1 ms at 9600 baud; so a gap of ten registers is still cheaper than a request of its
own, and `max_gap` bounds what is read in vain.

Byte orders: ABCD and all 16-bit data are big-endian as sent, DCBA is little-endian as sent. BADC
and CDAB are the same two after swapping the two bytes of every register, so four structs at most
read any mixture.
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from edge.drivers.layout import Cell
from edge.drivers.template import Area, Hole, ReadRules
from edge.drivers.views import struct_code

# order -> (bytes of each register swapped first, struct's byte order)
READ_AS = {"ABCD": (False, ">"), "DCBA": (False, "<"), "BADC": (True, ">"), "CDAB": (True, "<")}


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


class Stretch(NamedTuple):
    """Addresses of one table, `end` not among them, that must come in one answer."""

    start: int
    end: int


def make_blocks(cells: Mapping[Cell, int], rules: ReadRules) -> tuple[Block, ...]:
    """Return the requests that read `cells` (cell -> slot): one table each, holes kept out.

    Neighbours are joined across up to `max_gap` unused addresses while the request stays within the
    device's limit; a datum of several registers is never split, nor a stretch of `whole`. No other
    requests under these rules are fewer, and none as few ask for fewer addresses.
    """
    blocks: list[Block] = []
    for area in Area:
        mine = [cell for cell in cells if cell.area is area]
        blocks.extend(_blocks(area, mine, cells, rules, rules.max_gap))
    return tuple(blocks)


def _blocks(
    area: Area, cells: Sequence[Cell], slots: Mapping[Cell, int], rules: ReadRules, max_gap: int
) -> Iterator[Block]:
    limit = rules.max_bits if area.bitwise else rules.max_registers
    holes = [hole for hole in rules.holes if hole.area is area]
    whole = joined([stretch for stretch in rules.whole if stretch.area is area])
    units = _units((Stretch(cell.address, cell.address + cell.words) for cell in cells), whole)
    requests = fewest(units, limit, max_gap, holes)
    ends = [request.end for request in requests]
    groups: list[list[Cell]] = [[] for _ in requests]
    for cell in sorted(cells, key=lambda cell: cell.address):
        # the first request that reaches the cell's end holds it: no datum is split between two
        groups[bisect_left(ends, cell.address + cell.words)].append(cell)
    for request, group in zip(requests, groups, strict=True):
        parts = tuple(_blocks(area, group, slots, rules, 0)) if max_gap else ()
        yield _block(area, request, group, slots, parts if len(parts) > 1 else ())


def _units(cells: Iterable[Stretch], whole: Sequence[Hole]) -> list[Stretch]:
    """Return the stretches that are read in one request each: none holds another, in their order.

    A cell that touches a stretch of `whole` brings all of it along.
    """
    spans: list[Stretch] = []
    for cell in cells:
        start, end = cell
        touched = [one for one in whole if one.first < end and one.last >= start]
        start = min([start, *(one.first for one in touched)])
        spans.append(Stretch(start, max([end, *(one.last + 1 for one in touched)])))
    units: list[Stretch] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if not units or span.end > units[-1].end:
            units.append(span)
    return units


def joined(stretches: Sequence[Hole]) -> list[Hole]:
    """Return `stretches` (of one table) in order; those that overlap are one.

    To read what they share is to touch both, so neither can come without the other.
    """
    found: list[Hole] = []
    for stretch in sorted(stretches, key=lambda one: one.first):
        before = found[-1] if found else None
        if before is not None and stretch.first <= before.last:
            last = max(before.last, stretch.last)
            found[-1] = Hole(area=before.area, first=before.first, last=last)
        else:
            found.append(stretch)
    return found


def fewest(
    units: Sequence[Stretch], limit: int, max_gap: int, holes: Sequence[Hole]
) -> list[Stretch]:
    """Return the fewest requests that hold `units`, and of those the ones with fewest addresses.

    `units` are in order, and none lies inside another. Best is known for the first n units before
    it is for n + 1: the last request begins with some unit `first`, costs one request and the
    addresses from its start on. What may be `first` is a window that only moves up, so a queue of
    the best candidates (`_Cut.rank` rising) finds each in constant time.
    """
    queue: deque[_Cut] = deque()
    before, cuts = (0, 0), list[int]()  # cost (requests, addresses); where the last request begins
    for place, unit in enumerate(units):
        if place and _apart(units[place - 1], unit, max_gap, holes):
            queue.clear()
        cut = _Cut(place, unit.start, (before[0], before[1] - unit.start))
        while queue and queue[-1].rank > cut.rank:
            queue.pop()
        queue.append(cut)
        while len(queue) > 1 and unit.end - queue[0].start > limit:
            queue.popleft()
        best = queue[0]
        cuts.append(best.first)
        before = (best.rank[0] + 1, best.rank[1] + unit.end)
    requests: list[Stretch] = []
    last = len(units) - 1
    while last >= 0:
        requests.append(Stretch(units[cuts[last]].start, units[last].end))
        last = cuts[last] - 1
    return requests[::-1]


class _Cut(NamedTuple):
    """A request that begins with unit `first`; of two, the one of lower `rank` costs less."""

    first: int
    start: int
    rank: tuple[int, int]


def _apart(left: Stretch, right: Stretch, max_gap: int, holes: Sequence[Hole]) -> bool:
    """Whether too many unused addresses, or a forbidden one, lie between two neighbours."""
    gap = right.start - left.end
    if gap <= 0:
        return False
    return gap > max_gap or any(h.first < right.start and h.last >= left.end for h in holes)


def _block(
    area: Area,
    request: Stretch,
    cells: Sequence[Cell],
    slots: Mapping[Cell, int],
    parts: tuple[Block, ...],
) -> Block:
    start, count = request.start, request.end - request.start
    mine = tuple(slots[cell] for cell in cells)
    if area.bitwise:
        bit_slots = tuple((cell.address - start, slots[cell]) for cell in cells)
        return Block(area, start, count, (), bit_slots, mine, parts)
    readers: list[Reader] = []
    left = cells
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
        layout += "xx" * (cell.address - at) + struct_code(cell)
        at = cell.address + cell.words
        taken.append(slots[cell])
    readers.append(Reader(swap, struct.Struct(layout), tuple(taken)))
    return left


def _way(cell: Cell) -> tuple[bool, str]:
    return READ_AS[cell.order] if cell.words > 1 else READ_AS["ABCD"]
