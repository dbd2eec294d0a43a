"""Commands on alarms and detectors: acknowledge, reset, shelve, take out of service, calibrate."""

from __future__ import annotations

from typing import cast

from edge.alarm import Reading
from edge.control.protocol import Command, Json
from edge.cycle.acting import LONGEST_TEXT, Acting, Acts, number, refused, text, text_or
from edge.cycle.calibration import LONGEST_S
from edge.errors import CommandError
from edge.event import Param, Transition
from edge.site.model import LimitKind

MOST_CONDITIONS = 2000  # in one acknowledge_all
SHELF_MINUTES = 30.0  # where a command says no time


class AlarmCommands:
    """The acts, over one cycle."""

    def __init__(self, acting: Acting) -> None:
        self._acting, self._cycle = acting, acting.cycle

    def acts(self) -> Acts:
        """Return the commands by name."""
        return {
            "acknowledge": self._acknowledge,
            "acknowledge_all": self._acknowledge_all,
            "reset": self._reset,
            "shelve": self._shelve,
            "unshelve": self._unshelve,
            "out_of_service": self._out_of_service,
            "in_service": self._in_service,
            "calibrate": self._calibrate,
            "calibrate_end": self._calibrate_end,
        }

    def _acknowledge(self, command: Command) -> Json:
        condition, now = text(command, "condition"), self._cycle.clock.now()
        changed = self._cycle.engine.desk.acknowledge(condition, command.actor, now)
        self._acting.do(command, changed)
        return self._alarm(condition)

    def _acknowledge_all(self, command: Command) -> Json:
        """Acknowledge the named ones, each for itself: what cannot be is said, the rest is done."""
        given: object = command.args.get("conditions")
        named = cast("list[object]", given) if isinstance(given, list) else []
        conditions = [item for item in named if isinstance(item, str)]
        if not conditions or len(conditions) != len(named) or len(named) > MOST_CONDITIONS:
            raise refused(command)
        now = self._cycle.clock.now()
        done: list[str] = []
        not_done: dict[str, str] = {}
        changed: list[Transition] = []
        for condition in dict.fromkeys(conditions):
            try:
                changed += self._cycle.engine.desk.acknowledge(condition, command.actor, now)
                done.append(condition)
            except CommandError as error:
                not_done[condition] = error.message_id
        self._acting.do(command, changed, {"count": len(done), "not_done": len(not_done)})
        return {"acknowledged": done, "refused": not_done}

    def _reset(self, command: Command) -> Json:
        """Release a latched alarm; of a gas, with what a portable instrument read at the place."""
        condition, now = text(command, "condition"), self._cycle.clock.now()
        reading = None
        if command.args.get("reading") is not None:
            reading = Reading(number(command, "reading", 0.0), text_or(command, "instrument"))
        changed = self._cycle.engine.desk.reset(condition, command.actor, now, reading)
        self._acting.do(command, changed)
        return self._alarm(condition)

    def _shelve(self, command: Command) -> Json:
        condition, now = text(command, "condition"), self._cycle.clock.now()
        seconds = 60.0 * number(command, "minutes", SHELF_MINUTES)
        once = command.args.get("once", False) is True
        why = command.reason[:LONGEST_TEXT]
        desk = self._cycle.engine.desk
        changed = desk.shelve(condition, command.actor, why, seconds, now, once=once)
        self._acting.do(command, changed)
        return self._alarm(condition)

    def _unshelve(self, command: Command) -> Json:
        condition, now = text(command, "condition"), self._cycle.clock.now()
        changed = self._cycle.engine.desk.unshelve(condition, command.actor, now)
        self._acting.do(command, changed)
        return self._alarm(condition)

    def _out_of_service(self, command: Command) -> Json:
        conditions, now = self._conditions(command), self._cycle.clock.now()
        why, permit = command.reason[:LONGEST_TEXT], text_or(command, "permit")
        desk = self._cycle.engine.desk
        changed = desk.take_out(conditions, command.actor, why, permit, now)
        self._acting.do(command, changed, {"permit": permit})
        return self._alarms(conditions)

    def _in_service(self, command: Command) -> Json:
        conditions, now = self._conditions(command), self._cycle.clock.now()
        changed = self._cycle.engine.desk.put_back(conditions, command.actor, now)
        self._acting.do(command, changed)
        return self._alarms(conditions)

    def _calibrate(self, command: Command) -> Json:
        """Set a detector aside. Not one that is in gas, nor one that was lost in it."""
        tag, cycle = text(command, "tag"), self._cycle
        own = set(cycle.calibration.beside(tag))
        standing = [a for a in cycle.engine.alarms() if a.tag in own and a.active]
        # A fault alarm that has a level is of a detector lost in gas: this would end it.
        if any(a.kind != LimitKind.BAD_QUALITY or a.level for a in standing):
            raise CommandError("calibration.refused.in-alarm", {"tag": tag[:64]})
        seconds = 60.0 * number(command, "minutes", LONGEST_S / 60)
        permit = text_or(command, "permit")
        begun = cycle.calibration.begin(tag, command.actor, cycle.clock.now(), seconds, permit)
        self._acting.do(command, begun)
        for name in cycle.calibration.beside(tag):
            cycle.set_aside(name)
        return {"calibrations": cycle.calibration.views()}

    def _calibrate_end(self, command: Command) -> Json:
        tag, cycle = text(command, "tag"), self._cycle
        self._acting.do(command, cycle.calibration.end(tag, cycle.clock.now()))
        return {"calibrations": cycle.calibration.views()}

    def _conditions(self, command: Command) -> list[str]:
        """Return the condition that is named, or all of the named tag."""
        if "tag" in command.args:
            return self._cycle.engine.desk.conditions_of(text(command, "tag"))
        return [text(command, "condition")]

    def _alarm(self, condition: str) -> Json:
        view = self._cycle.engine.view(condition)
        return {"alarm": None if view is None else view.as_dict()}

    def _alarms(self, conditions: list[str]) -> Json:
        views = (self._cycle.engine.view(condition) for condition in conditions)
        rows: list[dict[str, Param]] = [view.as_dict() for view in views if view is not None]
        return {"alarms": rows}
