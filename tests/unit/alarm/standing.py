"""Standing alarms, as what acts on them is shown them."""

from __future__ import annotations

from typing import Any

from edge.alarm import AlarmView


def view(condition: str = "AT-1/h", **changes: Any) -> AlarmView:
    """Return an unacknowledged level 1 of chlorine, with `changes`."""
    tag, _, kind = condition.partition("/")
    fields: dict[str, Any] = {
        "tag": tag,
        "kind": kind,
        "klass": "process",
        "priority": 2,
        "level": 1,
        "area": "cl2",
        "state": "unack",
        "latched": False,
        "since_ns": 0,
        "raised_ns": 0,
        "acked_by": None,
        "value": 1.0,
        "limit": 0.3,
        "unit": "ppm",
        "count": 1,
        "world": "test",
    }
    return AlarmView(condition=condition, **(fields | changes))
