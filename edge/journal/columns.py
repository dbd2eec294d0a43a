"""Samples as packed columns: what the bodies of journal.db's sheaves and blocks hold.

A column of whole numbers is its differences from the least of them (for stamps and numbers, of
their steps), in as few bytes as they need; of several-byte numbers all first bytes come first, then
all second ones, because equal neighbours deflate to nothing. A column of values is whole numbers
of a power of ten where that loses nothing, else doubles; NaN stands for "no value". Little-endian.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from itertools import accumulate, chain
from operator import sub
from typing import NamedTuple

from edge.clock import NS

MINUTE_NS = 60 * NS
_HEAD = struct.Struct("<cqq")  # how the numbers are coded, the first, the least
_WIDTHS = {b"B": 1, b"H": 2, b"I": 4, b"Q": 8, b"d": 8}
_SAME, _DECIMAL, _DOUBLE = b"0", b"D", b"d"
_PLACES = 4  # decimal places that are tried
_EXACT = 1 << 53  # a double holds every whole number below this
_LEVEL = 6  # of zlib
_MOST = 1 << 20  # rows of a body; more is damage


class Sheaf(NamedTuple):
    """Samples of any tags in the stream's order; column by column, `state` as table `state`.

    `source_lag_ns` and `mono_lag_ns` are what those stamps are above `receive_ns`.
    """

    tag: Sequence[int]
    state: Sequence[int]
    receive_ns: Sequence[int]
    source_lag_ns: Sequence[int]
    mono_lag_ns: Sequence[int]
    value: Sequence[float]


class Shown(NamedTuple):
    """What a trend needs of one tag's samples."""

    receive_ns: Sequence[int]
    state: Sequence[int]
    value: Sequence[float]


class Rest(NamedTuple):
    """What else there is of one tag's samples: numbers and the other two stamps."""

    seq: Sequence[int]
    source_lag_ns: Sequence[int]
    mono_lag_ns: Sequence[int]


class Minutes(NamedTuple):
    """One tag's envelope, a row a minute that has samples; NaN where none of them had a value."""

    from_ns: Sequence[int]
    lasted_ns: Sequence[int]
    samples: Sequence[int]
    worst: Sequence[int]
    lowest: Sequence[float]
    highest: Sequence[float]
    last: Sequence[float]


def pack_sheaf(sheaf: Sheaf) -> bytes:
    """Return the body of a sheaf of at least one sample."""
    stamps = (_ints(sheaf.receive_ns, steps=True), *map(_ints, sheaf[3:5]))
    return _deflate(_ints(sheaf.tag), _ints(sheaf.state), *stamps, _floats(sheaf.value))


def unpack_sheaf(body: bytes, count: int) -> Sheaf:
    """Return the `count` samples of a sheaf's body."""
    read = _Read(body, count)
    tag, state = read.ints(), read.ints()
    return Sheaf(tag, state, read.ints(steps=True), read.ints(), read.ints(), read.floats())


def pack_shown(shown: Shown) -> bytes:
    """Return the body of a block's trend part."""
    receive = _ints(shown.receive_ns, steps=True)
    return _deflate(receive, _ints(shown.state), _floats(shown.value))


def unpack_shown(body: bytes, count: int) -> Shown:
    """Return the trend part of a block of `count` samples."""
    read = _Read(body, count)
    return Shown(read.ints(steps=True), read.ints(), read.floats())


def pack_rest(rest: Rest) -> bytes:
    """Return the body of a block's other part."""
    return _deflate(_ints(rest.seq, steps=True), *map(_ints, rest[1:]))


def unpack_rest(body: bytes, count: int) -> Rest:
    """Return the other part of a block of `count` samples."""
    read = _Read(body, count)
    return Rest(read.ints(steps=True), read.ints(), read.ints())


def pack_minutes(minutes: Minutes) -> bytes:
    """Return the body of an envelope; its first four bytes say how many minutes it has."""
    counts = map(_ints, minutes[1:4])
    columns = (_ints(minutes.from_ns, steps=True), *counts, *map(_floats, minutes[4:]))
    return struct.pack("<I", len(minutes.from_ns)) + _deflate(*columns)


def unpack_minutes(body: bytes) -> Minutes:
    """Return an envelope."""
    read = _Read(body[4:], int.from_bytes(body[:4], "little"))
    stamps = (read.ints(steps=True), read.ints(), read.ints(), read.ints())
    return Minutes(*stamps, read.floats(), read.floats(), read.floats())


def envelope(shown: Shown, qualities: Sequence[int]) -> Minutes:
    """Return the minutes of one tag's samples, whose qualities are `qualities`."""
    rows = list(_minute_rows(shown, qualities))
    return Minutes(*zip(*rows, strict=True))


def _minute_rows(shown: Shown, qualities: Sequence[int]) -> Iterator[tuple[float, ...]]:
    nan, start, count = float("nan"), 0, len(shown.receive_ns)
    minutes = [stamp // MINUTE_NS for stamp in shown.receive_ns]
    while start < count:
        end = start + 1
        while end < count and minutes[end] == minutes[start]:
            end += 1
        first, last = shown.receive_ns[start], shown.receive_ns[end - 1]
        values = [value for value in shown.value[start:end] if value == value]  # noqa: PLR0124 - NaN
        yield (
            *(first, max(0, last - first), end - start, max(qualities[start:end])),
            *(min(values, default=nan), max(values, default=nan), shown.value[end - 1]),
        )
        start = end


# --- columns ---------------------------------------------------------------------------------


def _deflate(*columns: bytes) -> bytes:
    return zlib.compress(b"".join(columns), _LEVEL)


def _ints(values: Sequence[int], *, steps: bool = False) -> bytes:
    first = values[0] if steps else 0
    if steps:
        values = list(map(sub, values[1:], values))
    least = min(values, default=0)
    span = max(values, default=0) - least
    if not span:
        return _HEAD.pack(_SAME, first, least)
    code = b"B" if span < 1 << 8 else b"H" if span < 1 << 16 else b"I" if span < 1 << 32 else b"Q"
    raw = struct.pack(f"<{len(values)}{code.decode()}", *[value - least for value in values])
    return _HEAD.pack(code, first, least) + _by_place(raw, _WIDTHS[code])


def _floats(values: Sequence[float]) -> bytes:
    for places in range(_PLACES + 1):
        whole = _as_decimals(values, 10**places)
        if whole is not None:
            return _HEAD.pack(_DECIMAL, places, 0) + _ints(whole)
    raw = struct.pack(f"<{len(values)}d", *values)
    return _HEAD.pack(_DOUBLE, 0, 0) + _by_place(raw, 8)


def _as_decimals(values: Sequence[float], scale: int) -> list[int] | None:
    """Return `values` times `scale` as whole numbers that give them back exactly, else None."""
    whole: list[int] = []
    for value in values:
        scaled = value * scale
        if not -_EXACT < scaled < _EXACT:  # NaN and the infinite as well
            return None
        number = round(scaled)
        if number / scale != value:
            return None
        whole.append(number)
    return whole


def _by_place(raw: bytes, width: int) -> bytes:
    return b"".join(raw[place::width] for place in range(width)) if width > 1 else raw


class _Read:
    """Reads a body column by column. Raises `ValueError` where it is not what was packed."""

    def __init__(self, body: bytes, count: int) -> None:
        try:
            self._data = zlib.decompress(body)
        except zlib.error as error:
            raise ValueError(f"a packed body is damaged: {error}") from None
        if not 0 < count <= _MOST:
            raise ValueError(f"a packed body of {count} rows")
        self._count, self._at = count, 0

    def ints(self, *, steps: bool = False) -> Sequence[int]:
        code, first, least = self._head()
        count = self._count - steps
        if code == _SAME:
            numbers: Sequence[int] = [least] * count
        else:
            numbers = [least + number for number in self._numbers(code, count)]
        return list(accumulate(chain((first,), numbers))) if steps else numbers

    def floats(self) -> Sequence[float]:
        code, places, _ = self._head()
        if code == _DOUBLE:
            return self._numbers(code, self._count)
        if code != _DECIMAL or not 0 <= places <= _PLACES:
            raise ValueError(f"a packed body has a column of {code!r}, {places} places")
        scale = 10**places
        return [number / scale for number in self.ints()]

    def _head(self) -> tuple[bytes, int, int]:
        try:
            found = _HEAD.unpack_from(self._data, self._at)
        except struct.error as error:
            raise ValueError(f"a packed body is too short: {error}") from None
        self._at += _HEAD.size
        return found

    def _numbers(self, code: bytes, count: int) -> Sequence[int]:
        width = _WIDTHS.get(code, 0)
        end = self._at + count * width
        if not width or end > len(self._data):
            raise ValueError(f"a packed body has no column of {count} {code!r}")
        raw = bytearray(count * width)
        for place in range(width):
            start = self._at + place * count
            raw[place::width] = self._data[start : start + count]
        self._at = end
        return struct.unpack(f"<{count}{code.decode()}", raw)
