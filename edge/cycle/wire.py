"""What core makes of events for the control socket (docs/wire.md)."""

from __future__ import annotations

from typing import Any

from edge.event import Event


def wire_event(event: Event) -> dict[str, Any]:
    """Return docs/wire.md's event; the journal has not numbered it yet."""
    return {
        "seq": None,
        "kind": event.kind,
        "subject": event.subject,
        "utc_ns": event.at.utc_ns,
        "world": str(event.world),
        "params": dict(event.params),
    }
