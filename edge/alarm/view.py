"""An alarm as everybody outside the engine sees it."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from edge.alarm.states import STATES
from edge.event import Param

HELD_STATES = frozenset(facts.shown for facts in STATES.values() if facts.held)
NORMAL = "normal"


@dataclass(frozen=True, slots=True)
class AlarmView:
    """One alarm (docs/wire.md).

    `value` [unit] is the tag's last believed value at the last transition; `since_ns` is when the
    alarm left normal, `raised_ns` when it was last raised (UTC ns), `count` how often since.
    `active` says that its condition is true, `latched` that only a reset will clear it; `acked_by`
    is None while nobody has seen it. `held_by` is who or what holds it back ("" nobody) and
    `held_until_ns` until when (None: until it is ended; `once`: or until the condition has).
    `first_out` names the group in which it was the first to come, `guidance` what people are told
    to do, and `respond_s` is how long they have [s].
    """

    condition: str
    tag: str
    kind: str
    klass: str
    priority: int
    level: int
    area: str
    state: str
    latched: bool
    since_ns: int
    raised_ns: int
    acked_by: str | None
    value: float | None
    limit: float | None
    unit: str
    count: int
    world: str
    active: bool = True
    held_by: str = ""
    held_reason: str = ""
    held_until_ns: int | None = None
    permit: str = ""
    once: bool = False
    first_out: str = ""
    guidance: str = ""
    respond_s: float = 0.0

    def as_dict(self) -> dict[str, Param]:
        """Return the alarm of docs/wire.md: plain texts, numbers, booleans and None."""
        return asdict(self)

    @property
    def held(self) -> bool:
        """Whether it is shelved, suppressed by design or out of service: listed, not announced."""
        return self.state in HELD_STATES

    @property
    def acked(self) -> bool:
        """Whether nobody needs to acknowledge it: a person has since it was raised, or it is held.

        A shelf and a permit are a person's act; a suppression comes before anything was announced.
        """
        return self.acked_by is not None or self.state in HELD_STATES
