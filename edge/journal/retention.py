"""What is old enough goes: samples by whole parts, events with an anchor for the rest's chain.

A wall clock that jumped years ahead must not empty the record. So events go only while the clock
is trusted, and of samples at least as many parts stay as a record without a pause would have.
"""

from __future__ import annotations

from typing import NamedTuple

from edge.journal.rows import PART_STEP
from edge.journal.store import Store

_OLDEST_PART = "SELECT id, to_ns, (SELECT max(id) FROM part) FROM part ORDER BY id LIMIT 1"
_EVENT_ENDS = "SELECT (SELECT min(seq) FROM event), (SELECT max(seq) FROM event)"


class Pruned(NamedTuple):
    """Events that went: `rows` of them, so that the chain begins at `first_seq` with `prev`."""

    rows: int
    first_seq: int
    prev: bytes


def prune_samples(store: Store, before_ns: int, least_parts: int) -> bool:
    """Remove the oldest part if it ended before `before_ns` [ns UTC]; return whether it went.

    The newest `least_parts` stay whatever their stamps say, and the newest always: it carries the
    stream's last number.
    """
    found = store.rows(_OLDEST_PART)
    if not found:
        return False
    part, to_ns, newest = found[0]
    if to_ns >= before_ns or newest - part < max(1, least_parts):
        return False
    with store.transaction():
        store.execute("DELETE FROM part WHERE id = ?", (part,))
        store.execute("DELETE FROM block WHERE key < ?", ((part + 1) * PART_STEP,))
    return True


def prune_events(store: Store, before_ns: int, most: int) -> Pruned | None:
    """Remove the oldest events, at most `most`, of before `before_ns` [ns UTC]; None: none went.

    Whatever follows the first one young enough stays, and the newest always.
    """
    low, high = store.rows(_EVENT_ENDS)[0]
    if low is None:
        return None
    young = store.rows(
        "SELECT min(seq) FROM event WHERE seq < ? AND utc_ns >= ?", (low + most, before_ns)
    )[0][0]
    end = min(low + most if young is None else young, high)
    if end <= low:
        return None
    prev = bytes(store.rows("SELECT prev FROM event WHERE seq = ?", (end,))[0][0])
    with store.transaction():
        gone = store.rows("SELECT coalesce(sum(gone), 0) FROM anchor")[0][0]
        store.execute("DELETE FROM anchor")
        store.execute("INSERT INTO anchor VALUES (?, ?, ?)", (end, prev, gone + end - low))
        store.execute("DELETE FROM event WHERE seq < ?", (end,))
    return Pruned(end - low, end, prev)
