"""What the relay says (docs/wire.md §3): ids, numbers and parameters, never text.

Sequence, epoch, world and quality are in the body, never in MQTT 5 properties: a 3.1.1 broker on
the way must not lose them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from edge.journal import EventRow, SampleRow
from edge.site.model import Site

VERSION = 1


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

    def body(self, stream: str, epoch: str, fields: Mapping[str, Any]) -> bytes:
        """Return a message body: who, which stream of which epoch, and `fields`."""
        return orjson.dumps(
            {
                "v": VERSION,
                "gateway": self.gateway,
                "site": self.site,
                "world": self.world,
                "epoch": epoch,
                "stream": stream,
                **fields,
            }
        )


def event_message(origin: Origin, epoch: str, event: EventRow) -> tuple[str, bytes]:
    """Return topic and body of one journal event."""
    fields = {
        "seq": event.seq,
        "kind": event.kind,
        "subject": event.subject,
        "utc_ns": event.utc_ns,
        "clock_ok": event.clock_ok,
        "event_world": str(event.world),
        "params": dict(event.params),
    }
    return origin.topic("event", event.kind), origin.body("event", epoch, fields)


def sample_message(
    origin: Origin, epoch: str, samples: Sequence[SampleRow], units: Mapping[str, str]
) -> tuple[str, bytes]:
    """Return topic and body of journal samples, in journal order; `units` by tag name."""
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
    return origin.topic("sample"), origin.body("sample", epoch, {"samples": rows})


def hazard_message(origin: Origin, epoch: str, estimate: Mapping[str, Any]) -> tuple[str, bytes]:
    """Return topic and body of one finished hazard estimate."""
    return origin.topic("hazard"), origin.body("hazard", epoch, estimate)


def status_message(origin: Origin, *, online: bool) -> tuple[str, bytes]:
    """Return topic and body of the retained status, which is the will as well."""
    fields = {"online": online, "gateway": origin.gateway, "world": origin.world, "v": VERSION}
    return origin.topic("status"), orjson.dumps(fields)
