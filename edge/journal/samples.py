"""Stream "sample" for its readers: parts, rows of the first form and sheaves as one sequence.

A number moves from a sheaf to a part in one transaction, and a reader's statements are each of a
moment of their own. So parts are looked at last wherever raw samples were not found (`after`), and
raw samples are read first and give way to parts where both are wanted (`trend.py`).

A body that cannot be read is said in the log and passed over: its numbers are missing from the
stream, which receivers see. To stop there for ever would keep everything after it from them.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, NamedTuple

import structlog

from edge.journal.columns import unpack_rest, unpack_sheaf, unpack_shown
from edge.journal.readonly import ReadOnly, Row
from edge.journal.rows import PART_STEP, SampleRow
from edge.tag import Quality, Reason, World

# By value: an enum's own look-up costs as much as the rest of a row.
QUALITIES = {int(quality): quality for quality in Quality}
REASONS = {str(reason): reason for reason in Reason}
WORLDS = {str(world): world for world in World}

_PART = "SELECT id, first_seq, last_seq FROM part WHERE last_seq > ? ORDER BY last_seq LIMIT 1"
_BLOCKS = "SELECT key, samples, shown, rest FROM block WHERE key >= ? AND key < ?"
_SHEAVES = (
    "SELECT first_seq, samples, body FROM sheaf WHERE first_seq >= coalesce("
    "(SELECT max(first_seq) FROM sheaf WHERE first_seq <= ?), 0) ORDER BY first_seq LIMIT 16"
)
_OLD = (
    "SELECT seq, tag, value, quality, reason, source_ns, receive_ns, world, mono_ns, boot, clock_ok"
    " FROM sample WHERE seq > ? ORDER BY seq LIMIT ?"
)
_ENDS = (
    "SELECT (SELECT min(first_seq) FROM part), (SELECT min(seq) FROM sample),"
    " (SELECT min(first_seq) FROM sheaf), (SELECT max(last_seq) FROM part),"
    " (SELECT max(seq) FROM sample),"
    " (SELECT first_seq + samples - 1 FROM sheaf ORDER BY first_seq DESC LIMIT 1)"
)
# number, tag, state, receive_ns, source_lag_ns, mono_lag_ns, value
Plain = tuple[int, int, int, int, int, int, float]
log = structlog.get_logger(__name__)


class Part(NamedTuple):
    """A part that was unpacked, column by column in the stream's order; tag 0 is a damaged one."""

    id: int
    first_seq: int
    last_seq: int
    columns: tuple[array[Any], ...]  # of `Plain`, but for the number

    def above(self, seq: int, limit: int) -> list[Plain]:
        """Return at most `limit` samples above `seq`."""
        start, found = max(seq + 1 - self.first_seq, 0), list[Plain]()
        while not found and start <= self.last_seq - self.first_seq:
            columns = (column[start : start + limit] for column in self.columns)
            rows = zip(count(self.first_seq + start), *columns, strict=False)
            found = [row for row in rows if row[1]]
            start += limit
        return found


class Samples:
    """Reads stream "sample" of one journal.db. Raises `JournalError` as `ReadOnly` does."""

    def __init__(self, file: ReadOnly) -> None:
        self._file = file
        self._part: tuple[int, Part] | None = None  # the one last unpacked, and of which file
        self._names_of = 0  # the file's generation that the maps below are of
        self._tags: dict[int, str] = {}
        self._boots: dict[int, str] = {}
        self._states: dict[int, tuple[Quality, Reason, World, str, bool]] = {}

    def after(self, seq: int, limit: int) -> list[SampleRow]:
        """Return `limit` samples above `seq`, rising; fewer only where there are no more."""
        rows: list[SampleRow] = []
        while len(rows) < limit and (more := self._next(seq, limit - len(rows))):
            rows += more
            seq = more[-1].seq
        return rows

    def _next(self, seq: int, limit: int) -> list[SampleRow]:
        """Return samples above `seq` from wherever the first of them stands."""
        while True:
            part = self._part_after(seq)
            if part is not None:
                if rows := part.above(seq, limit):
                    return self._named(rows)
                seq = part.last_seq  # what was left of it is damaged
                continue
            found = self._old(seq, limit) or self._named(list(self._sheaves(seq, limit)))
            whole = bool(found) and found[0].seq == seq + 1
            if whole or not self._file.rows(_PART, (seq,)):
                return found

    def ends(self) -> tuple[int, int]:
        """Return the first and last number that there are; 0, 0 where there is none."""
        ends = self._file.rows(_ENDS)[0]
        lows = [int(low) for low in ends[:3] if low is not None]
        highs = [int(high) for high in ends[3:] if high is not None]
        return min(lows, default=0), max(highs, default=0)

    def boots(self, wanted: set[int]) -> dict[int, str]:
        """Return the boots' ids by number, these among them."""
        self._learn(set(), wanted, set())
        return self._boots

    def qualities(self, wanted: set[int]) -> dict[int, Quality]:
        """Return the quality of states, these among them."""
        self._learn(set(), set(), wanted)
        return {key: state[0] for key, state in self._states.items()}

    # --- where samples stand -------------------------------------------------------------------

    def _part_after(self, seq: int) -> Part | None:
        """Return the part that holds the first number above `seq`, None where it is none's."""
        found = self._file.rows(_PART, (seq,))
        if not found:
            self._part = None  # whoever has caught up needs no megabytes of the past
            return None
        number, first, last = found[0]
        generation = self._file.generation()
        known = self._part
        if known is not None and known[0] == generation and known[1].id == number:
            return known[1]
        part = Part(number, first, last, self._columns(number, first, last - first + 1))
        self._part = (generation, part)
        return part

    def _columns(self, part: int, first: int, numbers: int) -> tuple[array[Any], ...]:
        columns: tuple[array[Any], ...] = tuple(array(c, bytes(8 * numbers)) for c in "qqqqqd")
        keys = (part * PART_STEP, (part + 1) * PART_STEP)
        for block in self._file.rows(_BLOCKS, keys):
            for seq, *row in _block_rows(block):
                for column, value in zip(columns, row, strict=True):
                    column[seq - first] = value
        return columns

    def _sheaves(self, seq: int, limit: int) -> Iterator[Plain]:
        """Yield at most `limit` samples above `seq` that stand in sheaves."""
        given, from_seq = 0, seq + 1
        while sheaves := self._file.rows(_SHEAVES, (from_seq,)):
            for first, samples, body in sheaves:
                from_seq = first + samples
                try:
                    sheaf = unpack_sheaf(body, samples)
                except ValueError as error:
                    log.error("samples damaged", first_seq=first, last_seq=from_seq - 1, why=error)
                    continue
                for number, row in enumerate(zip(*sheaf, strict=True), start=first):
                    if number > seq:
                        yield (number, *row)
                        given += 1
                        if given == limit:
                            return
            if len(sheaves) < 16:
                return

    def _old(self, seq: int, limit: int) -> list[SampleRow]:
        """Return samples above `seq` that still stand in the first form's table."""
        rows = self._file.rows(_OLD, (seq, limit))
        if not rows:
            return []
        self._learn({row[1] for row in rows}, {row[9] for row in rows}, set())
        return [self._old_row(row) for row in rows]

    # --- rows ------------------------------------------------------------------------------------

    def _old_row(self, row: Row) -> SampleRow:
        seq, tag, value, quality, reason, source_ns, receive_ns, world, mono_ns, boot, ok = row
        state = (QUALITIES[quality], REASONS[reason], source_ns, receive_ns, WORLDS[world])
        return SampleRow(seq, self._tags[tag], value, *state, mono_ns, self._boots[boot], bool(ok))

    def _named(self, rows: Sequence[Plain]) -> list[SampleRow]:
        self._learn({row[1] for row in rows}, set(), {row[2] for row in rows})
        tags, states = self._tags, self._states
        named: list[SampleRow] = []
        for seq, tag, state, receive_ns, source_lag_ns, mono_lag_ns, value in rows:
            quality, reason, world, boot, clock_ok = states[state]
            named.append(
                SampleRow(
                    seq,
                    tags[tag],
                    value if value == value else None,  # noqa: PLR0124 - NaN is "no value"
                    quality,
                    reason,
                    receive_ns + source_lag_ns,
                    receive_ns,
                    world,
                    receive_ns + mono_lag_ns,
                    boot,
                    clock_ok,
                )
            )
        return named

    def _learn(self, tags: set[int], boots: set[int], states: set[int]) -> None:
        """See that these tags, boots and states are known, and are this file's."""
        generation = self._file.generation()
        known = (
            tags <= self._tags.keys()
            and boots <= self._boots.keys()
            and states <= self._states.keys()
        )
        if known and generation == self._names_of:
            return
        self._tags = dict(self._file.rows("SELECT id, name FROM tag"))
        self._boots = dict(self._file.rows("SELECT id, boot_id FROM boot"))
        self._states = {
            key: (
                QUALITIES[quality],
                REASONS[reason],
                WORLDS[world],
                self._boots[boot],
                bool(clock_ok),
            )
            for key, quality, reason, world, boot, clock_ok in self._file.rows(
                "SELECT id, quality, reason, world, boot, clock_ok FROM state"
            )
        }
        self._names_of = generation


def _block_rows(block: Row) -> Iterator[Plain]:
    key, samples, shown_body, rest_body = block
    try:
        shown, rest = unpack_shown(shown_body, samples), unpack_rest(rest_body, samples)
    except ValueError as error:
        log.error("samples damaged", part=key // PART_STEP, tag=key % PART_STEP, why=error)
        return
    tag = key % PART_STEP
    for seq, source, mono, receive, state, value in zip(*rest, *shown, strict=True):
        yield seq, tag, state, receive, source, mono, value
