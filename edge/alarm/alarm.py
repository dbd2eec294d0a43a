"""One alarm: a condition, the state people have it in, and what both leave in the journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import structlog

from edge.alarm.condition import Condition, Edge
from edge.alarm.states import (
    LATCHING,
    STATES,
    TABLE,
    Refusal,
    State,
    Trigger,
)
from edge.clock import Instant
from edge.errors import CommandError
from edge.event import Event, Param, StateRow, Transition
from edge.site.model import ConditionClass, LimitSpec
from edge.tag import Tag

log = structlog.get_logger(__name__)

# 紧急: a detector lost in rising or standing gas speaks like its own level 2, horn and all: of
# class process, though a detector lost in clean air is a matter of the system.
URGENT_PRIORITY = 1
URGENT_LEVEL = 2


@dataclass(frozen=True, slots=True)
class AlarmView:
    """An alarm as everybody outside the engine sees it (docs/wire.md).

    `value` [unit] is the tag's last believed value at the last transition; `since_ns` is when the
    alarm left normal, `raised_ns` when it was last raised (UTC ns), `count` how often since.
    `latched` says that only a reset will clear it; `acked_by` is None while nobody has seen it.
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

    def as_dict(self) -> dict[str, Param]:
        """Return the alarm of docs/wire.md: plain texts, numbers, booleans and None."""
        return asdict(self)

    @property
    def active(self) -> bool:
        """Whether its condition is true."""
        return self.state in _ACTIVE

    @property
    def acked(self) -> bool:
        """Whether a person has acknowledged it since it was last raised."""
        return self.acked_by is not None


_ACTIVE = frozenset(facts.shown for facts in STATES.values() if facts.active)


class Alarm:
    """The state of one alarm; moved by `apply` along `states.TABLE` and by nothing else."""

    __slots__ = (
        "acked_by",
        "condition",
        "count",
        "extreme",
        "latched",
        "raised_ns",
        "since_ns",
        "spec",
        "state",
        "tag",
        "urgent",
        "value",
    )

    def __init__(self, spec: LimitSpec, tag: Tag) -> None:
        self.spec = spec
        self.tag = tag
        self.condition = Condition(spec)
        self.state = State.NORMAL
        self.latched = False
        self.urgent = False
        self.extreme = False  # over-range or >= 90 %LEL was seen while its on-delay runs
        self.since_ns = 0
        self.raised_ns = 0
        self.acked_by: str | None = None
        self.value: float | None = None
        self.count = 0

    def raise_(
        self, now: Instant, value: float | None, reason: str, *, urgent: bool = False
    ) -> list[Transition]:
        """Return the transitions of a condition that became true or, standing, `urgent`."""
        trigger = Trigger.ESCALATE if STATES[self.state].active else Trigger.RAISE
        if self.state is State.NORMAL:
            self.since_ns = now.utc_ns
            self.count = 0
            self.latched = self.urgent = False
        self.urgent = self.urgent or urgent
        self.count += 1
        self.raised_ns = now.utc_ns
        self.acked_by = None
        self.latched = self.latched or self.spec.latch or self.extreme
        self.extreme = False
        self.value = value
        return self._apply(trigger, now, {"reason": reason})

    def end(self, now: Instant, value: float | None, reason: str) -> list[Transition]:
        """Return the transitions of a condition that is no longer true."""
        self.value = value
        return self._apply(
            Trigger.HOLD if self.latched else Trigger.RETURN, now, {"reason": reason}
        )

    def see_extreme(self, edge: Edge, now: Instant, value: float, reason: str) -> list[Transition]:
        """Return what an over-range (or >= 90 %LEL) sample does: from here on the alarm latches.

        `edge` is what the same sample did to the condition.
        """
        if edge is Edge.RAISED or not (self.condition.active or edge is Edge.ENDED):
            self.extreme = edge is Edge.RAISED or self.condition.pending_since_ns is not None
            return []
        if self.latched:
            return []
        self.latched = True
        self.value = value
        return [Transition(self._event(LATCHING, now, {"reason": reason}), self.row())]

    def acknowledge(self, actor: str, now: Instant) -> list[Transition]:
        """Return the transitions of `actor`'s acknowledgement. Raises `CommandError`."""
        step = TABLE[self.state, Trigger.ACKNOWLEDGE]
        if isinstance(step, Refusal):
            raise self.refused(step)
        self.acked_by = actor
        return self._apply(Trigger.ACKNOWLEDGE, now, {"actor": actor})

    def reset(self, actor: str, now: Instant) -> list[Transition]:
        """Return the transitions of `actor`'s reset. Raises `CommandError`."""
        step = TABLE[self.state, Trigger.RESET]
        if isinstance(step, Refusal):
            raise self.refused(step)
        self.latched = False
        return self._apply(Trigger.RESET, now, {"actor": actor})

    def refused(self, refusal: Refusal) -> CommandError:
        """Return the error that tells a person why a command does not apply."""
        params = {"condition": self.spec.id, "by": self.acked_by or ""}
        return CommandError(refusal.message_id, params)

    def restore(self, row: StateRow) -> None:
        """Take over the state that a former run journalled; a pending delay starts from zero.

        A state this version does not know is taken as an unacknowledged alarm: the next samples
        and a person will sort it out, and nothing is forgotten.
        """
        try:
            self.state = State(row.state)
        except ValueError:
            log.error("alarm state unknown, taken as unack", condition=row.condition, row=row.state)
            self.state = State.UNACK
        params = row.params
        self.latched = bool(params.get("latched"))
        self.urgent = bool(params.get("urgent"))
        self.since_ns = _whole(params, "since_ns")
        self.raised_ns = _whole(params, "raised_ns")
        self.count = _whole(params, "count")
        actor, value = params.get("acked_by"), params.get("value")
        self.acked_by = actor if isinstance(actor, str) else None
        self.value = float(value) if isinstance(value, int | float) else None
        self.condition.active = STATES[self.state].active

    def view(self) -> AlarmView:
        """Return the alarm as it stands."""
        spec = self.spec
        return AlarmView(
            condition=spec.id,
            tag=spec.tag,
            kind=str(spec.kind),
            klass=str(ConditionClass.PROCESS if self.urgent else spec.klass),
            priority=URGENT_PRIORITY if self.urgent else spec.priority,
            level=URGENT_LEVEL if self.urgent else spec.level,
            area=spec.area,
            state=STATES[self.state].shown,
            latched=self.latched,
            since_ns=self.since_ns,
            raised_ns=self.raised_ns,
            acked_by=self.acked_by,
            value=self.value,
            limit=spec.limit,
            unit=str(self.tag.unit),
            count=self.count,
            world=str(self.tag.world),
        )

    def _apply(
        self, trigger: Trigger, now: Instant, params: Mapping[str, Param]
    ) -> list[Transition]:
        step = TABLE[self.state, trigger]
        if isinstance(step, Refusal):  # only a person's command is ever refused
            raise self.refused(step)
        self.state = step.to
        row = self.row()
        return [Transition(self._event(kind, now, params), row) for kind in step.events]

    def _event(self, kind: str, now: Instant, extra: Mapping[str, Param]) -> Event:
        view = self.view()
        params: dict[str, Param] = {
            "condition": view.condition,
            "tag": view.tag,
            "kind": view.kind,
            "klass": view.klass,
            "priority": view.priority,
            "level": view.level,
            "area": view.area,
            "value": view.value,
            "limit": view.limit,
            "unit": view.unit,
            "latched": view.latched,
            "count": view.count,
            **extra,
        }
        return Event(kind, self.spec.id, now, self.tag.world, params)

    def row(self) -> StateRow:
        """Return the state as the journal keeps it; `restore` takes it."""
        params: dict[str, Param] = {
            "latched": self.latched,
            "urgent": self.urgent,
            "since_ns": self.since_ns,
            "raised_ns": self.raised_ns,
            "acked_by": self.acked_by,
            "value": self.value,
            "count": self.count,
        }
        return StateRow(self.spec.id, str(self.state), params)


def _whole(params: Mapping[str, Param], key: str) -> int:
    value = params.get(key)
    return value if isinstance(value, int) else 0
