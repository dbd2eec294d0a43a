"""One alarm: a condition, the state people have it in, and what both leave in the journal."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from edge.alarm.condition import Condition, Edge
from edge.alarm.hold import NO_HOLD, Hold, restored
from edge.alarm.states import (
    IN_SERVICE,
    LATCHING,
    STATES,
    TABLE,
    UNSHELVED,
    UNSUPPRESSED,
    URGENT,
    Refusal,
    State,
    Trigger,
)
from edge.alarm.view import AlarmView
from edge.clock import Instant
from edge.errors import CommandError
from edge.event import Event, Param, StateRow, Transition, whole
from edge.site.model import ConditionClass, LimitSpec
from edge.tag import Tag

log = structlog.get_logger(__name__)

# 紧急: a detector lost in rising or standing gas speaks like its own level 2, horn and all: of
# class process, though a detector lost in clean air is a matter of the system.
URGENT_PRIORITY = 1
URGENT_LEVEL = 2
_OVER = frozenset({UNSHELVED, UNSUPPRESSED, IN_SERVICE})  # events that tell what held it until now


class Alarm:
    """The state of one alarm; moved by `_apply` along `states.TABLE` and by nothing else."""

    __slots__ = (
        "acked_by",
        "condition",
        "count",
        "extreme",
        "first_out",
        "hold",
        "latched",
        "raised_ns",
        "since_ns",
        "spec",
        "state",
        "suppressors",
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
        self.hold = NO_HOLD
        self.suppressors: tuple[str, ...] = ()  # suppressions that are in force for it
        self.first_out = ""  # the group in which it was the first of those that stand

    @property
    def held(self) -> bool:
        """Whether it is shelved, suppressed by design or out of service."""
        return STATES[self.state].held

    @property
    def suppressible(self) -> bool:
        """Whether a suppression is in force for it. What is urgent is never suppressed."""
        return bool(self.suppressors) and not self.urgent

    @property
    def priority(self) -> int:
        """Its priority as it stands, 1-4."""
        return URGENT_PRIORITY if self.urgent else self.spec.priority

    @property
    def may_be_shelved(self) -> bool:
        """Whether its shelf may go on: it has an end, and nobody has made the alarm urgent."""
        return self.hold.ends_mono_ns is not None and self.priority != URGENT_PRIORITY

    # --- what its condition does -----------------------------------------------------------------

    def raise_(
        self, now: Instant, value: float | None, reason: str, *, urgent: bool = False
    ) -> list[Transition]:
        """Return the transitions of a condition that became true or, standing, `urgent`."""
        held = self.held
        more_urgent = urgent and (held or STATES[self.state].active is True)
        standing = STATES[self.state].active is True
        if self.state is State.NORMAL or (held and not self.latched):
            self.since_ns = now.utc_ns
        if self.state is State.NORMAL:
            self.count = 0
            self.latched = self.urgent = False
        self.urgent = self.urgent or urgent
        self.latched = self.latched or self.spec.latch or self.extreme
        self.extreme = False
        self._announce(now, value)
        trigger = Trigger.ESCALATE if standing or more_urgent else Trigger.RAISE
        return self._apply(trigger, now, {"reason": reason})

    def end(self, now: Instant, value: float | None, reason: str) -> list[Transition]:
        """Return the transitions of a condition that is no longer true."""
        self.value = value
        trigger = Trigger.HOLD if self.latched else Trigger.RETURN
        return self._apply(trigger, now, {"reason": reason})

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

    # --- what people do --------------------------------------------------------------------------

    def acknowledge(self, actor: str, now: Instant) -> list[Transition]:
        """Return the transitions of `actor`'s acknowledgement. Raises `CommandError`."""
        self.check(Trigger.ACKNOWLEDGE)
        self.acked_by = actor
        return self._apply(Trigger.ACKNOWLEDGE, now, {"actor": actor})

    def reset(
        self, actor: str, now: Instant, evidence: Mapping[str, Param] | None = None
    ) -> list[Transition]:
        """Return the transitions of `actor`'s reset; `evidence` goes into its event.

        Raises `CommandError`.
        """
        self.check(Trigger.RESET)
        self.latched = False
        return self._apply(Trigger.RESET, now, {"actor": actor, **(evidence or {})})

    def set_aside(self, trigger: Trigger, hold: Hold, now: Instant) -> list[Transition]:
        """Shelve it, or take it out of service, as `trigger` says. Raises `CommandError`."""
        self.check(trigger)
        if trigger is not Trigger.TAKE_OUT and self.priority == URGENT_PRIORITY:
            raise self.refused(URGENT)
        before, self.hold = self.hold, hold
        return self._apply(trigger, now, {"actor": hold.by}, before)

    def bring_back(self, now: Instant, extra: Mapping[str, Param]) -> list[Transition]:
        """End what holds it. Where a suppression is in force, that holds it from now on."""
        before, self.hold = self.hold, NO_HOLD
        if self.suppressible:
            self.hold = Hold(self.suppressors[0], since_ns=now.utc_ns)
            return self._apply(Trigger.SUPPRESS, now, extra, before)
        if self.condition.active:
            self._announce(now, self.value)
            return self._apply(Trigger.RELEASE_ACTIVE, now, extra, before)
        trigger = Trigger.RELEASE_LATCHED if self.latched else Trigger.RELEASE
        return self._apply(trigger, now, extra, before)

    def check(self, trigger: Trigger) -> None:
        """Raise `CommandError` where a person's command does not apply."""
        step = TABLE[self.state, trigger]
        if isinstance(step, Refusal):
            raise self.refused(step)

    def refused(self, refusal: Refusal) -> CommandError:
        """Return the error that tells a person why a command does not apply."""
        params = {"condition": self.spec.id, "by": self.acked_by or ""}
        return CommandError(refusal.message_id, params)

    # --- what the design does --------------------------------------------------------------------

    def suppress(self, now: Instant) -> list[Transition]:
        """Hold it for the first of its suppressors, where nothing else does and it may be."""
        if self.held or not self.suppressible:
            return []
        hold = Hold(self.suppressors[0], since_ns=now.utc_ns)
        step = TABLE[self.state, Trigger.SUPPRESS]
        if isinstance(step, Refusal) or step.to is not State.SUPPRESSED:
            return []  # it was announced: it waits until a person has seen it
        self.hold = hold
        return self._apply(Trigger.SUPPRESS, now, {})

    # --- what it leaves --------------------------------------------------------------------------

    def restore(self, row: StateRow, now: Instant) -> None:
        """Take over the state that a former run journalled; a pending delay starts from zero.

        A state this version does not know is taken as an unacknowledged alarm: the next samples
        and a person will sort it out, and nothing is forgotten. A shelf keeps its remaining time.
        """
        try:
            self.state = State(row.state)
        except ValueError:
            log.error("alarm state unknown, taken as unack", condition=row.condition, row=row.state)
            self.state = State.UNACK
        params = row.params
        self.latched = bool(params.get("latched"))
        self.urgent = bool(params.get("urgent"))
        self.since_ns = whole(params, "since_ns")
        self.raised_ns = whole(params, "raised_ns")
        self.count = whole(params, "count")
        actor, value = params.get("acked_by"), params.get("value")
        self.acked_by = actor if isinstance(actor, str) else None
        self.value = float(value) if isinstance(value, int | float) else None
        self.first_out = str(params.get("first_out") or "")
        active = STATES[self.state].active
        self.condition.active = bool(params.get("active")) if active is None else active
        if self.held:
            self.hold = restored(params, now)
            if self.state is State.SUPPRESSED:
                self.suppressors = (self.hold.by,)

    def view(self) -> AlarmView:
        """Return the alarm as it stands."""
        spec, hold = self.spec, self.hold
        return AlarmView(
            condition=spec.id,
            tag=spec.tag,
            kind=str(spec.kind),
            klass=str(ConditionClass.PROCESS if self.urgent else spec.klass),
            priority=self.priority,
            level=URGENT_LEVEL if self.urgent else spec.level,
            area=spec.area,
            state=STATES[self.state].shown,
            active=self.condition.active,
            latched=self.latched,
            since_ns=self.since_ns,
            raised_ns=self.raised_ns,
            acked_by=self.acked_by,
            value=self.value,
            limit=spec.limit,
            unit=str(self.tag.unit),
            count=self.count,
            world=str(self.tag.world),
            held_by=hold.by,
            held_reason=hold.reason,
            held_until_ns=hold.until_ns,
            permit=hold.permit,
            once=self.state is State.SHELVED_ONCE,
            first_out=self.first_out,
            guidance=spec.guidance,
            respond_s=spec.respond_s,
        )

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
        if self.first_out:
            params["first_out"] = self.first_out
        if self.held:
            since = {"held_since_ns": self.hold.since_ns, "active": self.condition.active}
            params |= self.hold.as_params() | since
        return StateRow(self.spec.id, str(self.state), params)

    def _announce(self, now: Instant, value: float | None) -> None:
        """Make it one more alarm to people."""
        self.count += 1
        self.raised_ns = now.utc_ns
        self.value = value

    def _apply(
        self,
        trigger: Trigger,
        now: Instant,
        params: Mapping[str, Param],
        before: Hold | None = None,
    ) -> list[Transition]:
        """Take the step of `trigger`; `before` is what held the alarm until now."""
        step = TABLE[self.state, trigger]
        if isinstance(step, Refusal):  # only a person's command is ever refused
            raise self.refused(step)
        before = before or self.hold
        facts = STATES[step.to]
        if self.state is State.NORMAL and facts.held:  # what was before is another story
            self.count, self.since_ns = 0, now.utc_ns
        self.state = step.to
        if not facts.held:
            self.hold = NO_HOLD
        if facts.held or not facts.acked:
            self.acked_by = None
        if facts.held or step.to is State.NORMAL:  # it is none of those that stand
            self.first_out = ""
        events = [
            self._event(kind, now, params, before if kind in _OVER else self.hold)
            for kind in step.events
        ]
        if step.to is State.NORMAL:  # nobody is lost in gas any more
            self.urgent = False
        row = self.row()
        return [Transition(event, row) for event in events]

    def _event(
        self, kind: str, now: Instant, extra: Mapping[str, Param], hold: Hold = NO_HOLD
    ) -> Event:
        spec, tag = self.spec, self.tag
        params: dict[str, Param] = {
            "condition": spec.id,
            "tag": spec.tag,
            "kind": str(spec.kind),
            "klass": str(ConditionClass.PROCESS if self.urgent else spec.klass),
            "priority": self.priority,
            "level": URGENT_LEVEL if self.urgent else spec.level,
            "area": spec.area,
            "value": self.value,
            "limit": spec.limit,
            "unit": str(tag.unit),
            "latched": self.latched,
            "count": self.count,
            "state": STATES[self.state].shown,
        }
        if self.first_out:
            params["first_out"] = self.first_out
        if hold.by:
            params |= hold.as_params()
        return Event(kind, spec.id, now, tag.world, params | dict(extra))
