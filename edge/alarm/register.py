"""Every alarm of a site: how each stands with people, and what the site's design makes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from edge.alarm.alarm import Alarm
from edge.alarm.condition import Edge
from edge.alarm.design import Design, FirstOut, Flood, Suppressing
from edge.alarm.hold import FLOOD
from edge.alarm.states import RAISED, SHELVES, State
from edge.alarm.view import NORMAL, AlarmView
from edge.clock import Instant
from edge.event import Event, Param, StateRow, Transition
from edge.site.model import ConditionClass, LimitKind
from edge.tag import World

FLOOD_BEGAN, FLOOD_ENDED = "alarm.flood-began", "alarm.flood-ended"
_MIRRORS = frozenset({LimitKind.GDS_1, LimitKind.GDS_2})  # of two alike, the GDS was the first


class Register:
    """The alarms by condition id. Every change of one goes through here and comes out told."""

    def __init__(self, alarms: Mapping[str, Alarm], design: Design, world: World) -> None:
        self.alarms = dict(alarms)
        self.flood = Flood(design.flood)
        self.suppressing = [Suppressing(spec) for spec in design.suppressions.values()]
        self._first_out = FirstOut(design.groups)
        self._world = world
        self._standing: dict[str, AlarmView] = {}
        self._shelved: dict[str, Alarm] = {}  # it ends with time
        self._restored = False  # rows were taken over: some may be held by what is no more

    def views(self) -> list[AlarmView]:
        """Return every alarm that is not normal: unacknowledged, then most urgent, then newest."""
        return sorted(
            self._standing.values(),
            key=lambda v: (v.acked, v.priority, v.kind not in _MIRRORS, -v.raised_ns),
        )

    # --- what conditions do ----------------------------------------------------------------------

    def raise_(
        self, alarm: Alarm, now: Instant, value: float | None, reason: str, *, urgent: bool = False
    ) -> list[Transition]:
        """Raise it; in a flood, one of the least priorities is held back instead of announced."""
        changed: list[Transition] = []
        if not urgent and self.flood.holds(alarm):
            alarm.suppressors = (*alarm.suppressors, FLOOD)
            changed += alarm.suppress(now)
        if not alarm.held or urgent:
            self._first_out.rises(alarm)
        changed += self.keep(alarm, alarm.raise_(now, value, reason, urgent=urgent), now)
        announced = any(t.event.kind == RAISED for t in changed)
        counts = announced and alarm.spec.klass is not ConditionClass.PREDICTED
        if counts and self.flood.note(now.mono_ns):
            changed.append(self._flood_event(FLOOD_BEGAN, now))
        return changed

    def keep(self, alarm: Alarm, changed: list[Transition], now: Instant) -> list[Transition]:
        """Return `changed`, what was done to `alarm`, and what follows from it by design."""
        if not changed:
            return changed
        changed = changed + alarm.suppress(now)  # one that waited until somebody had seen it
        self.publish(alarm)
        return changed

    def bring_back(
        self, alarm: Alarm, now: Instant, extra: Mapping[str, Param]
    ) -> list[Transition]:
        """End what holds `alarm`; it is announced if its condition is true."""
        if alarm.condition.active and not alarm.suppressible:
            self._first_out.rises(alarm)
        return self.keep(alarm, alarm.bring_back(now, extra), now)

    # --- what the design does --------------------------------------------------------------------

    def suppress(
        self, item: Suppressing, value: float | None, bad: bool, now: Instant
    ) -> list[Transition]:
        """Take a sample of a suppression's own tag: hold its members back, or let them go."""
        return self._follow(item, item.offer(value, bad, now.mono_ns), now)

    def tick(self, now: Instant) -> list[Transition]:
        """Serve what time brings: shelves and floods that end, delays of suppressions."""
        changed: list[Transition] = []
        for alarm in tuple(self._shelved.values()):
            ends = alarm.hold.ends_mono_ns
            if ends is not None and now.mono_ns >= ends:
                changed += self.bring_back(alarm, now, {"expired": True})
        for item in self.suppressing:
            changed += self._follow(item, item.condition.tick(now.mono_ns), now)
        if self.flood.on and self.flood.over(now.mono_ns):
            changed.append(self._flood_event(FLOOD_ENDED, now))
            for alarm in tuple(self.alarms.values()):
                changed += self._lift(alarm, FLOOD, now)
        if self._restored:
            changed += self._settle_design(now)
        return changed

    def _follow(self, item: Suppressing, edge: Edge, now: Instant) -> list[Transition]:
        changed: list[Transition] = []
        if edge is Edge.NONE:
            return changed
        name = item.spec.id
        for condition in sorted(item.spec.members):
            alarm = self.alarms.get(condition)
            if alarm is None:
                continue
            if edge is Edge.ENDED:
                changed += self._lift(alarm, name, now)
            else:
                changed += self._press(alarm, name, now)
        return changed

    def _press(self, alarm: Alarm, name: str, now: Instant) -> list[Transition]:
        if name in alarm.suppressors:
            return []
        alarm.suppressors = (*alarm.suppressors, name)
        changed = alarm.suppress(now)
        if changed:
            self.publish(alarm)
        return changed

    def _lift(self, alarm: Alarm, name: str, now: Instant) -> list[Transition]:
        if name not in alarm.suppressors:
            return []
        alarm.suppressors = tuple(other for other in alarm.suppressors if other != name)
        if alarm.state is not State.SUPPRESSED or alarm.hold.by != name:
            return []
        return self.bring_back(alarm, now, {})  # to people, or to the next that suppresses it

    def _settle_design(self, now: Instant) -> list[Transition]:
        """Let go what the site does not let be held any more; hold what is new in a group."""
        self._restored = False
        changed: list[Transition] = []
        for item in self.suppressing:
            if item.condition.active:
                changed += self._follow(item, Edge.RAISED, now)
        members = {item.spec.id: item.spec.members for item in self.suppressing}
        for alarm in tuple(self.alarms.values()):
            for name in alarm.suppressors:
                mine = alarm.spec.id in members.get(name, ())
                if not (mine or (name == FLOOD and self.flood.binds(alarm))):
                    changed += self._lift(alarm, name, now)
            if alarm.state in SHELVES and not alarm.may_be_shelved:
                changed += self.bring_back(alarm, now, {"expired": True})
        return changed

    def _flood_event(self, kind: str, now: Instant) -> Transition:
        params: dict[str, Param] = {"count": self.flood.count(now.mono_ns)}
        return Transition(Event(kind, "alarms", now, self._world, params), None)

    # --- what was before -------------------------------------------------------------------------

    def restore(self, rows: Iterable[StateRow], now: Instant) -> list[StateRow]:
        """Take over a former run's states; return the rows that stood and have no condition now."""
        orphans: list[StateRow] = []
        for row in rows:
            alarm = self.alarms.get(row.condition)
            if alarm is None:
                if row.state != NORMAL:
                    orphans.append(row)
                continue
            alarm.restore(row, now)
            self.publish(alarm)
        self._restored = True
        return orphans

    def adopt(self, old: Register) -> None:
        """Take over what the design does from the register of the site as it was."""
        before = {item.spec.id: item for item in old.suppressing}
        self.suppressing = [
            was if (was := before.get(item.spec.id)) is not None and was.spec == item.spec else item
            for item in self.suppressing
        ]
        old.flood.spec, self.flood = self.flood.spec, old.flood
        self._restored = True

    def hold_on(self, before: Iterable[Alarm]) -> None:
        """Let shelves end when they would have: this clock is the one that they began on."""
        for old in before:
            alarm = self.alarms.get(old.spec.id)
            if alarm is not None and alarm.held:
                alarm.hold = old.hold
                self.publish(alarm)

    def take(self, alarm: Alarm) -> None:
        """Have an alarm go on as it is, in place of the one of its condition."""
        self.alarms[alarm.spec.id] = alarm
        self.publish(alarm)

    def publish(self, alarm: Alarm) -> None:
        """Let everybody see how `alarm` stands."""
        self._first_out.settle(alarm)
        name = alarm.spec.id
        if alarm.hold.ends_mono_ns is not None:
            self._shelved[name] = alarm
        elif self._shelved:
            self._shelved.pop(name, None)
        if alarm.state is State.NORMAL:
            self._standing.pop(name, None)
        else:
            self._standing[name] = alarm.view()
