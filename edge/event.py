"""Event: the journal's record of a transition or a command; immutable, ids and parameters only.

No text travels in an event: `kind` is an id of the word catalogue and `params` fill its
sentence, so that journal, API and MQTT can be read in any language.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from edge.clock import Instant
from edge.tag import World

Param = str | int | float | bool | None
Params = Mapping[str, Param]


class Event(NamedTuple):
    """Something happened: `kind` (as "alarm.raised") to `subject` (a condition, device, daemon)."""

    kind: str
    subject: str
    at: Instant
    world: World
    params: Params


class StateRow(NamedTuple):
    """A condition's current state, written in the same transaction as the event that made it."""

    condition: str
    state: str
    params: Params


class Transition(NamedTuple):
    """What the engine hands on: the event, and the state it leaves behind (None: no condition)."""

    event: Event
    row: StateRow | None


def whole(params: Params, key: str) -> int:
    """Return a whole number of a former run's row, 0 where it has none.

    What another version wrote must not keep core from starting, so nothing is taken on trust.
    """
    value = params.get(key)
    return value if isinstance(value, int) else 0


def text(params: Params, key: str) -> str:
    """Return a text of a former run's row, "" where it has none."""
    value = params.get(key)
    return value if isinstance(value, str) else ""
