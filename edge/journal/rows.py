"""Rows as readers get them. Identity of a row is (gateway, epoch, stream, seq)."""

from __future__ import annotations

from typing import Any, NamedTuple

from edge.event import Params
from edge.tag import Quality, Reason, World

PART_STEP = 1 << 20  # a block's key is its part's number times this, and its tag's


class EventRow(NamedTuple):
    """An event with its number. `mono_ns` compares within one `boot` (a kernel boot id) only."""

    seq: int
    kind: str
    subject: str
    utc_ns: int
    mono_ns: int
    boot: str
    clock_ok: bool
    world: World
    params: Params

    def as_dict(self) -> dict[str, Any]:
        """Return docs/wire.md's event."""
        return {
            "seq": self.seq,
            "kind": self.kind,
            "subject": self.subject,
            "utc_ns": self.utc_ns,
            "world": str(self.world),
            "params": dict(self.params),
        }


class SampleRow(NamedTuple):
    """A sample with its number; `value` is in the tag's unit, None where there is none."""

    seq: int
    tag: str
    value: float | None
    quality: Quality
    reason: Reason
    source_ns: int
    receive_ns: int
    world: World
    mono_ns: int
    boot: str
    clock_ok: bool


class TrendPoint(NamedTuple):
    """A stretch of a tag's past: `samples` samples from `from_ns` to `to_ns` [ns UTC].

    `lowest`, `highest` and `last` are in the tag's unit and None where no sample had a value;
    `worst` is the worst quality among them. A raw sample is a stretch of one.
    """

    from_ns: int
    to_ns: int
    lowest: float | None
    highest: float | None
    last: float | None
    worst: Quality
    samples: int
