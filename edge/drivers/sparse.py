"""Most registers read what they read before: only what changed is judged again.

A `Memory` is one plan's last answer and what was made of it. An unchanged tag keeps its very
`Reading`, so that whoever takes the readings tells change by identity, in C speed; an answer that
is wholly the same gives the very list. What is returned always equals `codec.decode`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress
from operator import ne
from typing import Any, cast

from edge.drivers.base import Reading
from edge.drivers.blocks import Block
from edge.drivers.codec import Raw, judge, judge_rows, swap_bytes
from edge.drivers.plan import ReadPlan, Row
from edge.tag import Reason

Data = tuple[Any, ...]  # of one struct over a block, in the order of its slots


class Memory:
    """What the blocks of `plan` brought last. `raw` holds the datum of every slot since then."""

    def __init__(self, plan: ReadPlan) -> None:
        self._plan = plan
        self._rows_of = _rows_of(plan)
        self._identity = frozenset(check.slot for check in plan.identity)
        self._payloads: list[bytes | Reason] = [Reason.NOT_YET_READ] * len(plan.blocks)
        self._data: list[list[Data]] = [[() for _ in block.readers] for block in plan.blocks]
        self._readings: list[Reading] | None = None
        self.raw: list[Raw] = [Reason.NOT_YET_READ] * len(plan.cells)

    def decode(self, payloads: list[bytes | Reason]) -> list[Reading]:
        """Return one reading per tag of the plan; `payloads` as for `codec.unpack`.

        The list is never changed afterwards; it is the last one where nothing has changed.
        """
        readings = self._readings
        if readings is not None and payloads == self._payloads:
            return readings
        slots: list[int] = []
        for place, block in enumerate(self._plan.blocks):
            if payloads[place] != self._payloads[place]:
                slots += self._take(block, payloads[place], self._data[place])
        self._payloads = list(payloads)
        # A plan with an identity is judged as a whole when that moves, and while it is wrong.
        if readings is None or not self._identity.isdisjoint(slots) or _is_wrong(readings):
            self._readings = judge(self._plan, self.raw)
            return self._readings
        self._readings = self._again(readings, slots)
        return self._readings

    def _again(self, readings: list[Reading], slots: Sequence[int]) -> list[Reading]:
        """Return `readings` with those judged anew that depend on one of `slots`."""
        rows_of = self._rows_of
        touched = {place for slot in slots for place in rows_of[slot]}
        if not touched:
            return readings
        rows = self._plan.rows
        if 2 * len(touched) > len(rows):  # to look for what is left costs more than it saves
            return judge_rows(rows, self.raw)
        found = readings.copy()
        again = judge_rows([rows[place] for place in touched], self.raw)
        if len(touched) <= len(slots):  # each has a datum of its own that moved, and so has it
            for place, reading in zip(touched, again, strict=True):
                found[place] = reading
            return found
        for place, reading in zip(touched, again, strict=True):  # a state that many share moved
            if reading != readings[place]:
                found[place] = reading
        return found

    def _take(self, block: Block, payload: bytes | Reason, data: list[Data]) -> list[int]:
        """Put what `block` brought into `raw`; return the slots that have changed."""
        raw = self.raw
        if isinstance(payload, Reason):
            for slot in block.slots:
                raw[slot] = payload
            data[:] = [()] * len(data)
            return list(block.slots)
        changed: list[int] = []
        for bit, slot in block.bits:
            value = payload[bit >> 3] >> (bit & 7) & 1
            if value != raw[slot]:
                raw[slot] = value
                changed.append(slot)
        for number, reader in enumerate(block.readers):
            new = reader.struct.unpack_from(swap_bytes(payload) if reader.swap else payload)
            old, data[number] = data[number], new
            if not old:  # nothing was known before: every datum is a change
                old = (None,) * len(new)
            moved = tuple(map(ne, new, old))
            slots = list(compress(reader.slots, moved))
            for slot, value in zip(slots, compress(new, moved), strict=True):
                raw[slot] = value
            changed += slots
        return changed


def _is_wrong(readings: Sequence[Reading]) -> bool:
    return bool(readings) and readings[0].reason is Reason.WRONG_DEVICE


def _rows_of(plan: ReadPlan) -> list[list[int]]:
    """Return for each slot the places of the rows that its datum decides."""
    found: list[list[int]] = [[] for _ in plan.cells]
    for place, row in enumerate(plan.rows):
        for slot in _slots(row, len(plan.cells)):
            found[slot].append(place)
    return found


def _slots(row: Row, count: int) -> set[int]:
    """Return the slots that `row` is judged by: its own, and those of the states it remembers by.

    The codec remembers a ruling by `states` alone, so what is not among them decides nothing.
    """
    if row.states is None:
        return {row.slot}
    seen: Any = row.states(range(count))  # asked for the slots' own numbers
    states = cast("tuple[int, ...]", seen if isinstance(seen, tuple) else (seen,))
    return {row.slot, *states}
