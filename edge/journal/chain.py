"""The chain of events: each row carries the SHA-256 of the one before it.

Whoever changes, adds or removes an event breaks it. Letting the oldest events go does not: the
table `anchor` keeps the hash that the first kept row must carry. The anchor is a hash and is not
signed, so it shows a slip or a fault, not a forger who can write the whole file; who must be able
to show that keeps the events at the park too, under the same numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

import orjson


def link(row: tuple[Any, ...]) -> bytes:
    """Return the SHA-256 of an event row as it stands in the file, its own `prev` included."""
    *fields, prev = row
    return sha256(orjson.dumps(fields) + bytes(prev)).digest()


def origin(epoch: str) -> bytes:
    """Return what the first event of a journal carries."""
    return sha256(epoch.encode()).digest()


def broken_at(rows: Iterable[tuple[Any, ...]], expected: bytes) -> tuple[int | None, bytes]:
    """Return the seq of the first row that does not follow from `expected`, None if all do.

    `rows` are whole event rows, rising; also returns what the row after them must carry.
    """
    before: int | None = None
    for row in rows:
        seq = int(row[0])
        if bytes(row[-1]) != expected or (before is not None and seq != before + 1):
            return seq, expected
        before, expected = seq, link(row)
    return None, expected
