"""A tag's past for a screen: every sample where they are few, else stretches that lose no peak.

Long spans are read from the envelopes of closed hours; the samples themselves are unpacked only at
the two ends of the window, where stretches are shorter than a minute, and where an hour has too
few samples to have an envelope.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import orjson
import structlog

from edge.journal.columns import MINUTE_NS, unpack_minutes, unpack_sheaf, unpack_shown
from edge.journal.readonly import ReadOnly, Row
from edge.journal.rows import PART_STEP, TrendPoint
from edge.journal.samples import QUALITIES, Samples
from edge.tag import Quality

_NAN = float("nan")
_BLOCKS = (
    f"SELECT packed.to_seq, found.* FROM (SELECT max(last_seq) AS to_seq FROM part) AS packed"  # noqa: S608 - a number from above
    f" LEFT JOIN (SELECT block.key, block.samples, block.from_ns, block.to_ns, block.minutes"
    f" FROM part JOIN block ON block.key = part.id * {PART_STEP} + ?"
    f" WHERE part.to_ns >= ? AND part.from_ns < ?) AS found"
)
_SHEAVES = "SELECT first_seq, samples, body FROM sheaf WHERE to_ns >= ? AND from_ns < ?"
_OLD = (
    "SELECT seq, receive_ns, value, quality FROM sample"
    " WHERE tag = ? AND receive_ns >= ? AND receive_ns < ?"
)
_SHOWN = "SELECT key, samples, shown FROM block WHERE key IN (SELECT value FROM json_each(?))"
log = structlog.get_logger(__name__)


class Window(NamedTuple):
    """What is asked for: [`from_ns`, `to_ns`) [ns UTC] of tag number `tag`."""

    tag: int
    from_ns: int
    to_ns: int


class _Piece(NamedTuple):
    """A sample, or a minute of them; NaN is "no value"."""

    from_ns: int
    to_ns: int
    samples: int
    worst: int
    lowest: float
    highest: float
    last: float


class _Block(NamedTuple):
    key: int
    samples: int
    from_ns: int
    to_ns: int
    minutes: bytes | None


def trend(file: ReadOnly, samples: Samples, window: Window, most: int) -> list[TrendPoint]:
    """Return the window's samples, oldest first, if they are at most `most`; else `most` stretches.

    Raises `JournalError` as `ReadOnly` does.
    """
    raw = list(_raw(file, samples, window))
    rows = file.rows(_BLOCKS, (window.tag, window.from_ns, window.to_ns))
    packed_to = rows[0][0] or 0
    pieces = [piece for seq, piece in raw if seq > packed_to]
    blocks = [_Block(*row[1:]) for row in rows if row[1] is not None]
    cut = [block for block in blocks if not _inside(block, window)]
    whole = [block for block in blocks if _inside(block, window)]
    pieces += _unpacked(file, samples, cut, window)
    width_ns = -(-(window.to_ns - window.from_ns) // most)
    count = len(pieces) + sum(block.samples for block in whole)
    single = count <= most or width_ns < MINUTE_NS
    dense = [] if single else [block for block in whole if block.minutes is not None]
    sparse = whole if single else [block for block in whole if block.minutes is None]
    pieces += _unpacked(file, samples, sparse, window)
    for block in dense:
        pieces += _minutes(block)
    pieces.sort(key=lambda piece: piece[0])  # stable: the stream's order where stamps are the same
    if count <= most:
        return [_point(piece) for piece in pieces]
    return _stretches(pieces, window.from_ns, width_ns)


def _inside(block: _Block, window: Window) -> bool:
    return window.from_ns <= block.from_ns and block.to_ns < window.to_ns


def _raw(file: ReadOnly, samples: Samples, window: Window) -> Iterator[tuple[int, _Piece]]:
    """Yield the window's samples that are not repacked yet, with their numbers."""
    for seq, at, value, quality in file.rows(_OLD, window):
        number = _NAN if value is None else value
        yield seq, _Piece(at, at, 1, quality, number, number, number)
    for first, count, body in file.rows(_SHEAVES, window[1:]):
        try:
            sheaf = unpack_sheaf(body, count)
        except ValueError as error:
            log.error("samples damaged", first_seq=first, why=error)
            continue
        if window.tag not in sheaf.tag:
            continue
        qualities = samples.qualities(set(sheaf.state))
        columns = zip(sheaf.tag, sheaf.receive_ns, sheaf.state, sheaf.value, strict=True)
        for seq, (tag, at, state, value) in enumerate(columns, start=first):
            if tag == window.tag and window.from_ns <= at < window.to_ns:
                yield seq, _Piece(at, at, 1, qualities[state], value, value, value)


def _unpacked(
    file: ReadOnly, samples: Samples, blocks: Iterable[_Block], window: Window
) -> Iterator[_Piece]:
    """Yield the samples of blocks that are in the window."""
    keys = [block.key for block in blocks]
    if not keys:
        return
    for row in file.rows(_SHOWN, (orjson.dumps(keys).decode(),)):
        yield from _shown(row, samples, window)


def _shown(row: Row, samples: Samples, window: Window) -> Iterator[_Piece]:
    key, count, body = row
    try:
        shown = unpack_shown(body, count)
    except ValueError as error:
        log.error("samples damaged", part=key // PART_STEP, tag=key % PART_STEP, why=error)
        return
    qualities: Mapping[int, Quality] = samples.qualities(set(shown.state))
    for at, state, value in zip(*shown, strict=True):
        if window.from_ns <= at < window.to_ns:
            yield _Piece(at, at, 1, qualities[state], value, value, value)


def _minutes(block: _Block) -> Iterable[_Piece]:
    assert block.minutes is not None
    try:
        found = unpack_minutes(block.minutes)
    except ValueError as error:
        log.error("envelope damaged", block=block.key, why=error)
        return ()
    ends = [start + lasted for start, lasted in zip(found.from_ns, found.lasted_ns, strict=True)]
    return map(_Piece._make, zip(found.from_ns, ends, *found[2:], strict=True))


def _stretches(pieces: list[_Piece], from_ns: int, width_ns: int) -> list[TrendPoint]:
    """Return the pieces, in the order of time, put together by stretches of `width_ns`."""
    points: list[TrendPoint] = []
    group: list[_Piece] = []
    end_ns = from_ns
    for piece in pieces:
        if piece[0] >= end_ns:
            if group:
                points.append(_together(group))
                group = []
            end_ns = from_ns + ((piece[0] - from_ns) // width_ns + 1) * width_ns
        group.append(piece)
    if group:
        points.append(_together(group))
    return points


def _together(group: list[_Piece]) -> TrendPoint:
    starts, ends, counts, worsts, lows, highs, lasts = zip(*group, strict=True)
    low = min((low for low in lows if low == low), default=None)  # noqa: PLR0124 - NaN
    high = max((high for high in highs if high == high), default=None)  # noqa: PLR0124 - NaN
    last = lasts[-1] if lasts[-1] == lasts[-1] else None
    worst = QUALITIES[max(worsts)]
    return TrendPoint(starts[0], max(ends), low, high, last, worst, sum(counts))


def _point(piece: _Piece) -> TrendPoint:
    value = piece.last if piece.last == piece.last else None
    worst = QUALITIES[piece.worst]
    return TrendPoint(piece.from_ns, piece.to_ns, value, value, value, worst, piece.samples)
