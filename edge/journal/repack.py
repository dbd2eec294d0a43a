"""Closed hours repacked: from a row a flush to a row an hour and tag, a little at a time.

Runs in the writer's thread between two waits, in steps of a few milliseconds, so that an event
never waits long for its turn. Blocks are written ahead in small transactions; the last one writes
the part's row and removes the sheaves it was made of. So the switch is one small transaction:
whenever the power goes, the samples stand either in sheaves or in blocks. What a repack that was
cut short has left is removed when the next begins.
"""

from __future__ import annotations

from array import array
from collections.abc import Generator, Iterator, Sequence
from typing import Any, NamedTuple

import structlog

from edge.clock import NS
from edge.journal.columns import (
    MINUTE_NS,
    Rest,
    Sheaf,
    Shown,
    envelope,
    pack_minutes,
    pack_rest,
    pack_shown,
    unpack_sheaf,
)
from edge.journal.rows import PART_STEP
from edge.journal.store import State, Store
from edge.tag import Quality

HOUR_NS = 3600 * NS
GRACE_NS = 20 * NS  # after an hour's end: what was read within it has been flushed
MOST_A_PART = 100_000  # samples; held in memory while they are packed, 5 MB
STEP_SAMPLES = 1_000  # are read in one step
STEP_BLOCKS, STEP_BYTES = 64, 48_000  # are written in one
MINUTES_FROM = 3  # samples a minute from which an envelope is worth its place
_RAW_ENDS = (
    "SELECT (SELECT min(seq) FROM sample), (SELECT min(first_seq) FROM sheaf),"
    " (SELECT max(first_seq) FROM sheaf)"
)
_OLD = (
    "SELECT seq, tag, quality, reason, world, boot, clock_ok, receive_ns, source_ns, mono_ns, value"
    " FROM sample WHERE seq >= ? ORDER BY seq LIMIT ?"
)
_SHEAVES = (
    "SELECT first_seq, samples, to_ns, body FROM sheaf WHERE first_seq >= ?"
    " ORDER BY first_seq LIMIT 8"
)
_BLOCK = "INSERT INTO block VALUES (?, ?, ?, ?, ?, ?, ?)"
log = structlog.get_logger(__name__)


class Raw(NamedTuple):
    """Samples as they were flushed: numbers from `first_seq` on; None where they are damaged."""

    first_seq: int
    numbers: int
    hour: int
    sheaf: Sheaf | None


class Repacker:
    """Repacks what `store` holds. Raises what the store raises; the next step then begins anew."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._work: Generator[None] | None = None
        self.parts = 0
        self.damaged: list[tuple[int, int]] = []  # numbers that could not be read: from, to

    def step(self, now_ns: int) -> bool:
        """Do a little at `now_ns` [ns UTC]; return whether there is more to do at once."""
        if self._work is None:
            first = self._closed(now_ns)
            if first is None:
                return False
            self._work = self._repack(first)
        work, self._work = self._work, None
        try:
            next(work)
        except StopIteration:
            return True
        self._work = work
        return True

    def _closed(self, now_ns: int) -> Raw | None:
        """Return the oldest raw samples if their hour is over, or if there are very many."""
        old, low, high = self._store.rows(_RAW_ENDS)[0]
        start = old if old is not None else low  # what is of the first form is always older
        first = next(self._raws(start), None) if start is not None else None
        if first is None:
            return None
        many = high is not None and high - first.first_seq > MOST_A_PART
        over = (first.hour + 1) * HOUR_NS + GRACE_NS <= now_ns
        return first if over or many else None

    def _repack(self, first: Raw) -> Generator[None]:
        part = int(self._store.rows("SELECT coalesce(max(id), 0) + 1 FROM part")[0][0])
        self._clear(part)
        gathered = _Gathered()
        for raw in self._raws(first.first_seq):
            follows = raw.first_seq == first.first_seq + gathered.numbers
            if not follows or raw.hour > first.hour or gathered.numbers >= MOST_A_PART:
                break
            if raw.sheaf is None:
                lost = (raw.first_seq, raw.first_seq + raw.numbers - 1)
                log.error("samples damaged and lost", first_seq=lost[0], last_seq=lost[1])
                self.damaged.append(lost)
            gathered.add(raw)
            if gathered.since_pause >= STEP_SAMPLES:
                gathered.since_pause = 0
                yield
        for rows in self._blocks(part, gathered):
            with self._store.transaction():
                self._store.execute(_BLOCK, rows)
            yield
        self._switch(part, first.first_seq, gathered)

    def _clear(self, part: int) -> None:
        """Remove the blocks of a repack that did not come to its end."""
        key = part * PART_STEP
        if self._store.rows("SELECT 1 FROM block WHERE key >= ? LIMIT 1", (key,)):
            with self._store.transaction():
                self._store.execute("DELETE FROM block WHERE key >= ?", (key,))

    def _switch(self, part: int, first_seq: int, gathered: _Gathered) -> None:
        """Have readers find the samples in their blocks from here on."""
        last_seq = first_seq + gathered.numbers - 1
        row = (part, first_seq, last_seq, gathered.from_ns, gathered.to_ns)
        with self._store.transaction():
            self._store.execute("INSERT INTO part VALUES (?, ?, ?, ?, ?)", row)
            self._store.execute("DELETE FROM sheaf WHERE first_seq <= ?", (last_seq,))
            self._store.execute("DELETE FROM sample WHERE seq <= ?", (last_seq,))
        self.parts += 1

    def _blocks(self, part: int, gathered: _Gathered) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the rows of table `block`, a step's worth at a time."""
        qualities = self._store.qualities()
        rows: list[tuple[Any, ...]] = []
        size = 0
        for tag in sorted(gathered.tags):
            row = _block(part * PART_STEP + tag, gathered.tags[tag], qualities)
            rows.append(row)
            size += sum(len(body) for body in row[4:] if body is not None)
            if len(rows) >= STEP_BLOCKS or size >= STEP_BYTES:
                yield rows
                rows, size = [], 0
        if rows:
            yield rows

    # --- raw samples -----------------------------------------------------------------------------

    def _raws(self, seq: int) -> Iterator[Raw]:
        """Yield raw samples from number `seq` on, in order: the first form's rows, then sheaves."""
        while old := self._store.rows(_OLD, (seq, STEP_SAMPLES)):
            for raw in self._old(old):
                yield raw
                seq = raw.first_seq + raw.numbers
        while sheaves := self._store.rows(_SHEAVES, (seq,)):
            for first, count, to_ns, body in sheaves:
                try:
                    sheaf = unpack_sheaf(body, count)
                except ValueError:
                    sheaf = None
                yield Raw(first, count, to_ns // HOUR_NS, sheaf)
                seq = first + count

    def _old(self, rows: Sequence[Any]) -> Iterator[Raw]:
        """Yield rows of the first form as if they had been flushed: by hour, without a hole."""
        new: dict[State, int] = {}
        states = [self._store.state_id(tuple(row[2:7]), new) for row in rows]
        if new:
            with self._store.transaction():
                self._store.add_states(new)
        start = 0
        while start < len(rows):
            end, hour = start + 1, rows[start][7] // HOUR_NS
            while (
                end < len(rows)
                and rows[end][7] // HOUR_NS == hour
                and rows[end][0] == rows[end - 1][0] + 1
            ):
                end += 1
            yield Raw(rows[start][0], end - start, hour, _sheaf(rows[start:end], states[start:end]))
            start = end


class _Tag(NamedTuple):
    """One tag's samples while they are gathered."""

    seq: array[int]
    state: array[int]
    receive_ns: array[int]
    source_lag_ns: array[int]
    mono_lag_ns: array[int]
    value: array[float]


class _Gathered:
    """Samples of a part by tag."""

    def __init__(self) -> None:
        self.tags: dict[int, _Tag] = {}
        self.numbers = 0  # of the stream, damaged ones included
        self.since_pause = 0
        self.from_ns, self.to_ns = 0, 0

    def add(self, raw: Raw) -> None:
        """Sort a sheaf's samples to their tags."""
        self.numbers += raw.numbers
        self.since_pause += raw.numbers
        if raw.sheaf is None:
            return
        span = (min(raw.sheaf.receive_ns), max(raw.sheaf.receive_ns))
        self.from_ns = min(self.from_ns, span[0]) if self.tags else span[0]
        self.to_ns = max(self.to_ns, span[1])
        for seq, (tag, *columns) in enumerate(zip(*raw.sheaf, strict=True), start=raw.first_seq):
            kept = self.tags.get(tag)
            if kept is None:
                kept = self.tags[tag] = _Tag(*map(array, "qqqqqd"))
            kept.seq.append(seq)
            for column, number in zip(kept[1:], columns, strict=True):
                column.append(number)


def _sheaf(rows: Sequence[Any], states: Sequence[int]) -> Sheaf:
    nan = float("nan")
    return Sheaf(
        [row[1] for row in rows],
        states,
        [row[7] for row in rows],
        [row[8] - row[7] for row in rows],
        [row[9] - row[7] for row in rows],
        [nan if row[10] is None else row[10] for row in rows],
    )


def _block(key: int, tag: _Tag, qualities: dict[int, int]) -> tuple[Any, ...]:
    shown = Shown(tag.receive_ns, tag.state, tag.value)
    rest = Rest(tag.seq, tag.source_lag_ns, tag.mono_lag_ns)
    first, last, count = min(tag.receive_ns), max(tag.receive_ns), len(tag.seq)
    minutes = None
    if count >= MINUTES_FROM * (last // MINUTE_NS - first // MINUTE_NS + 1):
        minutes = pack_minutes(
            envelope(shown, [qualities.get(state, Quality.BAD) for state in tag.state])
        )
    return (key, count, first, last, minutes, pack_shown(shown), pack_rest(rest))
