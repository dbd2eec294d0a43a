"""Where a known value stands: every type, word order and scale tried over registers. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from edge.drivers.cells import Words
from edge.drivers.template import ORDERS, Area, Type
from suian.device.interpret import read

SCALES = (1.0, 0.1, 0.01, 0.001, 10.0)
ONE_WORD, TWO_WORDS = (Type.U16, Type.S16), (Type.U32, Type.S32, Type.F32)
# What is rarer in the field stands further down. The figures only rank; each one is about how many
# times rarer, as a power of ten.
TYPE_COST = {Type.U16: 1.0, Type.S16: 1.2, Type.F32: 0.0, Type.U32: 1.5, Type.S32: 1.8}
ORDER_COST = {"ABCD": 0.0, "CDAB": 0.2, "DCBA": 0.8, "BADC": 0.9}
SCALE_COST = {1.0: 0.0, 0.1: 0.2, 0.01: 0.5, 0.001: 1.0, 10.0: 1.2}
FLOAT_SCALED = 2.0  # a float that is scaled besides
ROUNDING = 1e-6  # of a 32-bit float
FAR = 0.05  # for each address away from where the manual says it is


class Around(NamedTuple):
    """Where the manual says it stands: its printed number, and the address that it seems to be."""

    printed: int
    address: int
    area: Area | None  # None: the number does not say


class Hit(NamedTuple):
    """A way of reading that gives the value."""

    area: Area
    address: int
    type: Type
    order: str
    scale: float
    value: float

    @property
    def words(self) -> int:
        """How many registers it takes."""
        return 1 if self.type in ONE_WORD else 2


def search(words: Words, wanted: float, tolerance: float) -> list[Hit]:
    """Return every way of reading `words` that gives `wanted` within `tolerance`."""
    return [hit for hit in _readings(words) if _near(hit.value, wanted, tolerance)]


def confirmed(hits: Iterable[Hit], words: Words, wanted: float, tolerance: float) -> list[Hit]:
    """Return the `hits` that hold of a second reading too."""
    held: list[Hit] = []
    for hit in hits:
        raw = read(words, hit.area, hit.address, hit.type, hit.order)
        if raw is not None and _near(raw * hit.scale, wanted, tolerance):
            held.append(hit)
    return held


def _near(value: float, wanted: float, tolerance: float) -> bool:
    return abs(value - wanted) <= tolerance + ROUNDING * abs(wanted)


def ranked(
    hits: Iterable[Hit], wanted: float, tolerance: float, around: Around | None
) -> list[Hit]:
    """Return `hits`, the likeliest first."""

    def cost(hit: Hit) -> float:
        total = TYPE_COST[hit.type] + ORDER_COST[hit.order] + SCALE_COST[hit.scale]
        total += FLOAT_SCALED if hit.type is Type.F32 and hit.scale != 1 else 0.0
        total += abs(hit.value - wanted) / tolerance if tolerance else 0.0
        if around is not None:
            total += FAR * max(0, abs(hit.address - around.address) - 1)
            total += 1.0 if around.area not in {None, hit.area} else 0.0
        return total

    return sorted(hits, key=lambda hit: (cost(hit), hit.area, hit.address))


def _readings(words: Words) -> Iterator[Hit]:
    for area, at in words:
        if area.bitwise:
            continue
        for kind, order in _ways():
            raw = read(words, area, at, kind, order)
            if raw is None or not math.isfinite(raw) or (kind in {Type.S16, Type.S32} and raw >= 0):
                continue  # a signed number that is not below zero is the unsigned one
            for scale in SCALES:
                yield Hit(area, at, kind, order, scale, raw * scale)


def _ways() -> Iterator[tuple[Type, str]]:
    yield from ((kind, "ABCD") for kind in ONE_WORD)
    yield from ((kind, order) for kind in TWO_WORDS for order in ORDERS)


def convention(hit: Hit, around: Around | None) -> str:
    """Return how the printed number becomes the address of `hit`."""
    if around is None:
        return ""
    offset = around.printed - hit.address
    if offset == 0:
        return "as printed"
    return f"printed {'-' if offset > 0 else '+'} {abs(offset)}"


def paste(hit: Hit, around: Around | None) -> str:
    """Return the line of `registers:` that reads the value as `hit` does."""
    parts = [f"at: {hit.address}"]
    if hit.area is not Area.HOLDING:
        parts.append(f"area: {hit.area}")
    if hit.type is not Type.U16:
        parts.append(f"type: {hit.type}")
    if hit.words > 1:
        parts.append(f"order: {hit.order}")
    if hit.scale != 1:
        parts.append(f"scale: {hit.scale:g}")
    if around is not None:
        parts.append(f'printed: "{around.printed}"')
    return f"  found: {{{', '.join(parts)}}}"
