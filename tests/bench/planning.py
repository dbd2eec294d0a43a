"""Planned requests against the fewest possible, on scattered tags with holes and forbidden ranges.

The register maps are drawn like real ones: channels at a stride with value and state apart, lone
settings far off, tables of floats, one limit of registers per request as devices have it. The
optimum is found by trying every first cell for every last one, which shares no code with the
planner; `tests/unit/drivers/test_blocks.py` holds it against every partition there is.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Sequence

from edge.drivers.blocks import make_blocks
from edge.drivers.layout import Cell
from edge.drivers.template import Area, Hole, ReadRules, Type

MAPS = 400
Cost = tuple[int, int]  # requests, addresses asked for
WORDS = {1: Type.U16, 2: Type.F32, 4: Type.U64}


def plan_over_optimum(maps: int = MAPS) -> tuple[float, str]:
    """Return planned requests over the optimum's, of `maps` register maps together; and a note."""
    planned = best = planned_addresses = best_addresses = cells = worse = 0
    for seed in range(maps):
        wanted, rules = draw(random.Random(seed))
        blocks = make_blocks({cell: slot for slot, cell in enumerate(wanted)}, rules)
        mine = (len(blocks), sum(block.count for block in blocks))
        least = optimum(wanted, rules)
        worse += mine != least
        cells += len(wanted)
        planned, planned_addresses = planned + mine[0], planned_addresses + mine[1]
        best, best_addresses = best + least[0], best_addresses + least[1]
    note = (
        f"{maps} maps, {cells} data: {planned} requests for {planned_addresses} addresses, "
        f"optimum {best} for {best_addresses}; {worse} maps not at the optimum"
    )
    return planned / best, note


def optimum(cells: Sequence[Cell], rules: ReadRules) -> Cost:
    """Return the fewest requests that read `cells`, and the fewest addresses of as few."""
    total = [0, 0]
    for area in Area:
        mine = sorted(
            {(c.address + c.words, c.address) for c in cells if c.area is area}
        )  # by their ends: in that order the cells of a best request stand together
        limit = rules.max_bits if area.bitwise else rules.max_registers
        best: list[Cost] = [(0, 0)]
        for last in range(len(mine)):
            reach = bisect_right(mine, (mine[last][0] - limit, 0xFFFF))
            costs = [
                (best[first][0] + 1, best[first][1] + size)
                for first in range(last, reach - 1, -1)
                if (size := _size(mine[first : last + 1], area, rules))
            ]
            best.append(min(costs))
        total = [sum(pair) for pair in zip(total, best[-1], strict=True)]
    return total[0], total[1]


def _size(cells: Sequence[tuple[int, int]], area: Area, rules: ReadRules) -> int:
    """Return how many addresses one request for `cells` asks for; 0 if the rules forbid it."""
    used = {at for end, start in cells for at in range(start, end)}
    first, last = min(used), max(used)
    size = last + 1 - first
    if size > (rules.max_bits if area.bitwise else rules.max_registers):
        return 0
    gap = 0
    for at in range(first, last + 1):
        gap = 0 if at in used else gap + 1
        if gap > rules.max_gap or (gap and _forbidden(at, area, rules)):
            return 0
    return size


def _forbidden(at: int, area: Area, rules: ReadRules) -> bool:
    return any(hole.area is area and hole.first <= at <= hole.last for hole in rules.holes)


def draw(dice: random.Random) -> tuple[list[Cell], ReadRules]:
    """Return a register map as devices have them, thinned to what a site wants of it."""
    cells: list[Cell] = []
    holes: list[Hole] = []
    for area in dice.sample([Area.HOLDING, Area.INPUT, Area.DISCRETE], dice.choice([1, 1, 2])):
        at = dice.choice([0, 100, 1000])
        for _ in range(dice.randint(1, 5)):
            at = _group(dice, area, at, cells)
            apart = dice.choice([0, 1, 3, 8, 30, 300])
            if apart and dice.random() < 0.4:
                holes.append(Hole(area=area, first=at, last=at + dice.randrange(apart)))
            at += apart
    wanted = [cell for cell in cells if dice.random() < dice.choice([0.5, 0.8, 1.0])] or cells[:1]
    rules = ReadRules(
        max_registers=dice.choice([10, 16, 20, 32, 50, 64, 100, 120, 125]),
        max_bits=dice.choice([16, 64, 512, 2000]),
        max_gap=dice.choice([0, 2, 4, 8, 16]),
        holes=tuple(holes),
    )
    return wanted, rules


def _group(dice: random.Random, area: Area, at: int, cells: list[Cell]) -> int:
    """Put channels at a stride from `at` on into `cells`; return the address after them."""
    widths = [1] if area.bitwise else dice.choices([1, 2, 4], [6, 5, 1], k=dice.randint(1, 3))
    stride = sum(widths) + dice.choice([0, 0, 1, 2, 6])
    place = at
    for channel in range(dice.choice([1, 2, 4, 8, 16, 40])):
        place = at + channel * stride
        for width in widths:
            kind = Type.BIT if area.bitwise else WORDS[width]
            cells.append(Cell(area, place, kind, "ABCD", width))
            place += width
        if not area.bitwise and dice.random() < 0.05:  # a word read as a number and as bytes
            cells.append(Cell(area, place - 1, Type.U8, "ABCD", 1))
    return place
