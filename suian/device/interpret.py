"""What registers may mean when nobody knows: every type and word order beside each other. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from edge.drivers.cells import Words, read_cell
from edge.drivers.layout import Cell
from edge.drivers.template import ORDERS, WORDS, Area, Type
from suian.device.table import columns


def interpretations(words: Words, area: Area, start: int, count: int) -> Iterator[str]:
    """Yield `count` addresses of `area` from `start` on in every way that they can be read."""
    span = range(start, start + count)
    if area.bitwise:
        rows = [(str(at), _bit(words.get((area, at)))) for at in span]
        yield from columns((str(area), "bit"), rows)
        return
    yield from columns(
        (str(area), "hex", "u16", "s16", "bits", "text"),
        [(str(at), *_single(words.get((area, at)), words, area, at)) for at in span],
    )
    pairs = [at for at in span if all((area, at + n) in words for n in (0, 1))]
    if pairs:
        yield ""
        header = [f"f32 {order}" for order in ORDERS]
        header += [f"{kind} {order}" for kind in ("u32", "s32") for order in ("ABCD", "CDAB")]
        rows = [(f"{at}-{at + 1}", *_pair(words, area, at)) for at in pairs]
        yield from columns((str(area), *header), rows)


def _bit(word: int | None) -> str:
    return "refused" if word is None else str(word)


def _single(word: int | None, words: Words, area: Area, at: int) -> tuple[str, ...]:
    if word is None:
        return "refused", "", "", "", ""
    signed = read(words, area, at, Type.S16, "ABCD")
    text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in word.to_bytes(2))
    return f"{word:04X}", str(word), _shown(signed), f"{word >> 8:08b} {word & 0xFF:08b}", text


def _pair(words: Words, area: Area, at: int) -> Iterator[str]:
    for order in ORDERS:
        yield _shown(read(words, area, at, Type.F32, order))
    for kind in (Type.U32, Type.S32):
        for order in ("ABCD", "CDAB"):
            yield _shown(read(words, area, at, kind, order))


def read(words: Words, area: Area, at: int, kind: Type, order: str) -> float | None:
    """Return what stands at `at` read as `kind` in `order`; None where it was not read."""
    found = read_cell(words, Cell(area, at, kind, order, WORDS.get(kind, 1)))
    return None if isinstance(found, bytes) else found


def _shown(value: float | None) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.6g}"
