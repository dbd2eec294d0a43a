"""What the relay says (docs/wire.md §3): ids, numbers and parameters, never text.

Sequence, epoch, world and quality are in the body, never in MQTT 5 properties: a 3.1.1 broker on
the way must not lose them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from edge.journal import EventRow, SampleRow
from edge.site.model import Site

VERSION = 1


class Message(NamedTuple):
    """One message, and the number of the last row it carries."""

    last_seq: int
    topic: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Origin:
    """Who speaks: the part of topic and body that is the same for every message."""

    root: str
    site: str
    gateway: str
    world: str

    @classmethod
    def of(cls, site: Site) -> Origin:
        """Return the origin of a site that has a relay."""
        assert site.file.relay is not None
        root = site.file.relay.topic_root
        return cls(root, site.file.id, site.file.gateway.id, str(site.world))

    def topic(self, *parts: str) -> str:
        """Return a topic of this gateway."""
        return "/".join((self.root, self.site, self.gateway, *parts))

    def body(self, stream: str, world: str, fields: Mapping[str, Any]) -> bytes:
        """Return a message body: who, of which world and stream, and `fields`."""
        head = {"v": VERSION, "gateway": self.gateway, "site": self.site}
        return orjson.dumps({**head, "world": world, "stream": stream, **fields})


def event_message(origin: Origin, epoch: str, event: EventRow) -> Message:
    """Return one journal event."""
    fields = {
        "epoch": epoch,
        "seq": event.seq,
        "kind": event.kind,
        "subject": event.subject,
        "utc_ns": event.utc_ns,
        "clock_ok": event.clock_ok,
        "params": event.params,
    }
    body = origin.body("event", str(event.world), fields)
    return Message(event.seq, origin.topic("event", event.kind), body)


def sample_message(
    origin: Origin, epoch: str, samples: Sequence[SampleRow], units: Mapping[str, str]
) -> Message:
    """Return journal samples of one world, in journal order; `units` by tag name."""
    rows = [
        {
            "seq": row.seq,
            "tag": row.tag,
            "value": row.value,
            "unit": units.get(row.tag, ""),
            "quality": int(row.quality),
            "reason": str(row.reason),
            "source_ns": row.source_ns,
            "receive_ns": row.receive_ns,
        }
        for row in samples
    ]
    last = samples[-1]
    body = origin.body("sample", str(last.world), {"epoch": epoch, "samples": rows})
    return Message(last.seq, origin.topic("sample"), body)


def hazard_message(origin: Origin, epoch: str, estimate: Mapping[str, Any]) -> Message:
    """Return one finished hazard estimate, which has a `seq` and a `world` of its own."""
    world = str(estimate.get("world", origin.world))
    body = origin.body("hazard", world, {**estimate, "epoch": epoch})
    return Message(int(estimate["seq"]), origin.topic("hazard"), body)


def status_message(origin: Origin, *, online: bool) -> tuple[str, bytes]:
    """Return topic and body of the retained status, which is the will as well."""
    return origin.topic("status"), origin.body("status", origin.world, {"online": online})
