"""Every packed sample looked at: is each body readable, and is no number missing between them?"""

from __future__ import annotations

from dataclasses import dataclass, field

from edge.journal.columns import unpack_minutes, unpack_rest, unpack_sheaf, unpack_shown
from edge.journal.readonly import ReadOnly, Row
from edge.journal.rows import PART_STEP

_PART = "SELECT id, first_seq, last_seq FROM part WHERE last_seq > ? ORDER BY last_seq LIMIT 1"
_BLOCKS = "SELECT key, samples, minutes, shown, rest FROM block WHERE key >= ? AND key < ?"
_THERE = "SELECT 1 FROM part WHERE id = ?"
_OLD = "SELECT min(seq), max(seq), count(*) FROM sample WHERE seq > ?"
_SHEAVES = (
    "SELECT first_seq, samples, body FROM sheaf WHERE first_seq > ? ORDER BY first_seq LIMIT 64"
)
# One statement, one moment. A stream that was let go of at its old end begins where it begins.
_BEGIN = (
    "SELECT min(low) FROM (SELECT min(first_seq) AS low FROM part UNION ALL"
    " SELECT min(seq) FROM sample UNION ALL SELECT min(first_seq) FROM sheaf)"
)
Found = tuple[str, dict[str, str | int]]


@dataclass(slots=True)
class Packed:
    """What was looked at, and what was found, as messages of the catalogue."""

    samples: int = 0
    bodies: int = 0
    findings: list[Found] = field(default_factory=list[Found])

    def damaged(self, first: int, last: int, why: object) -> None:
        """Note bodies that cannot be read."""
        self.findings.append(("audit.body", {"first": first, "last": last, "why": str(why)}))

    def missing(self, first: int, last: int) -> None:
        """Note numbers that stand nowhere."""
        self.findings.append(("audit.missing", {"first": first, "last": last}))


def check_samples(file: ReadOnly) -> Packed:
    """Return what there is to say of stream "sample". Raises `JournalError` as `ReadOnly` does."""
    packed = Packed()
    begin = file.rows(_BEGIN)[0][0]
    after = int(begin) - 1 if begin is not None else 0
    looked_again = False
    while True:
        found = _part(file, packed, after) or _raw(file, packed, after)
        if found is None:
            return packed
        first, last = found
        if first > after + 1 and not looked_again:
            looked_again = True  # it may just have been repacked: parts are looked at once more
            continue
        if first > after + 1:
            packed.missing(after + 1, first - 1)
            after = first - 1
        looked_again = False
        after = max(after, last)


def _part(file: ReadOnly, packed: Packed, after: int) -> tuple[int, int] | None:
    """Look at the next part above `after`; return its first and last number."""
    found = file.rows(_PART, (after,))
    if not found:
        return None
    number, first, last = map(int, found[0])
    if first > after + 1:
        return first, after  # told by the caller; looked at when that is settled
    blocks = file.rows(_BLOCKS, (number * PART_STEP, (number + 1) * PART_STEP))
    if not file.rows(_THERE, (number,)):
        return after + 1, last  # old samples were let go while we looked
    kept = 0
    for block in blocks:
        try:
            kept += _block(block)
        except ValueError as error:
            packed.damaged(first, last, error)
            kept += int(block[1])
    packed.bodies += len(blocks)
    packed.samples += kept
    if kept < last - first + 1:
        packed.missing(first, last)
    return first, last


def _block(block: Row) -> int:
    _, samples, minutes, shown, rest = block
    unpack_shown(shown, samples)
    unpack_rest(rest, samples)
    if minutes is not None:
        unpack_minutes(minutes)
    return int(samples)


def _raw(file: ReadOnly, packed: Packed, after: int) -> tuple[int, int] | None:
    """Look at what is not repacked yet; return the first and last number."""
    low, high, count = file.rows(_OLD, (after,))[0]
    if count:
        if low > after + 1:
            return int(low), after
        packed.samples += int(count)
        if count < high - low + 1:
            packed.missing(int(low), int(high))
        return int(low), int(high)
    sheaves = file.rows(_SHEAVES, (after,))
    if not sheaves:
        return None
    begin = int(sheaves[0][0])
    if begin > after + 1:
        return begin, after
    end = after
    for first, samples, body in sheaves:
        if first != end + 1:
            break
        end = int(first) + int(samples) - 1
        packed.bodies += 1
        packed.samples += int(samples)
        try:
            unpack_sheaf(body, samples)
        except ValueError as error:
            packed.damaged(int(first), end, error)
    return begin, end
