"""What people may do with alarms; each act has a name, and says why where it does not apply."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from edge.alarm.alarm import Alarm
from edge.alarm.hold import LONGEST_SHELF_S, Hold, shelf
from edge.alarm.register import Register
from edge.alarm.states import (
    NO_READING,
    NOT_HELD,
    READING_HIGH,
    READING_NEEDED,
    SHELVES,
    STILL_ACTIVE,
    UNKNOWN_CONDITION,
    State,
    Trigger,
)
from edge.alarm.watch import Watch
from edge.clock import Instant
from edge.errors import CommandError
from edge.event import Param, Transition


class Reading(NamedTuple):
    """What a person read from a portable instrument at the place: in the tag's unit."""

    value: float
    instrument: str = ""


class Desk:
    """The acts on the alarms of `register`; `watches` know what the instruments say."""

    def __init__(self, register: Register, watches: Mapping[str, Watch]) -> None:
        self._register, self._watches = register, watches

    def acknowledge(self, condition: str, actor: str, now: Instant) -> list[Transition]:
        """Acknowledge one alarm for `actor`. Raises `CommandError` where it does not apply."""
        alarm = self._find(condition)
        return self._register.keep(alarm, alarm.acknowledge(actor, now), now)

    def reset(
        self, condition: str, actor: str, now: Instant, reading: Reading | None = None
    ) -> list[Transition]:
        """Release a latched alarm for `actor`.

        Raises `CommandError` where it does not apply: while the condition is true or on its way
        there, while there is no believed reading that would show that it is not, and, for a gas,
        without what a portable instrument reads at the place, or with one that reads gas.
        """
        alarm = self._find(condition)
        alarm.check(Trigger.RESET)
        if alarm.condition.pending_since_ns is not None:
            raise alarm.refused(STILL_ACTIVE)
        watch = self._watches[alarm.spec.tag]
        if not watch.proves(alarm.spec.kind):
            raise alarm.refused(NO_READING)
        if reading is None:
            if watch.reading_needed(alarm.spec.kind):
                raise alarm.refused(READING_NEEDED)
            return self._register.keep(alarm, alarm.reset(actor, now), now)
        if not (math.isfinite(reading.value) and alarm.condition.clears(reading.value)):
            raise alarm.refused(READING_HIGH)
        evidence: dict[str, Param] = {
            "reading": reading.value,
            "instrument": reading.instrument,
        }
        return self._register.keep(alarm, alarm.reset(actor, now, evidence), now)

    def shelve(
        self, condition: str, actor: str, why: str, seconds: float, now: Instant, *, once: bool
    ) -> list[Transition]:
        """Set one alarm aside for `seconds` [s]; `once`: or until its condition has ended.

        Raises `CommandError` without a reason or an end within a shift, for an alarm of priority 1
        and where it does not apply.
        """
        alarm = self._find(condition)
        if not why.strip():
            raise CommandError("alarm.refused.no-reason", {"condition": condition})
        if not 0 < seconds <= LONGEST_SHELF_S:
            hours = round(LONGEST_SHELF_S / 3600)
            raise CommandError("alarm.refused.shelf-time", {"condition": condition, "hours": hours})
        trigger = Trigger.SHELVE_ONCE if once else Trigger.SHELVE
        changed = alarm.set_aside(trigger, shelf(actor, why, seconds, now), now)
        return self._register.keep(alarm, changed, now)

    def unshelve(self, condition: str, actor: str, now: Instant) -> list[Transition]:
        """Bring a shelved alarm back. Raises `CommandError` where it is not shelved."""
        alarm = self._find(condition)
        if alarm.state not in SHELVES:
            raise alarm.refused(NOT_HELD)
        return self._register.bring_back(alarm, now, {"actor": actor})

    def take_out(
        self, conditions: Sequence[str], actor: str, why: str, permit: str, now: Instant
    ) -> list[Transition]:
        """Take alarms out of service, all or none.

        Raises `CommandError` without a permit's number or a reason and where it does not apply.
        """
        alarms = [self._find(condition) for condition in conditions]
        if not permit.strip():
            raise CommandError("alarm.refused.no-permit", {"condition": conditions[0]})
        if not why.strip():
            raise CommandError("alarm.refused.no-reason", {"condition": conditions[0]})
        for alarm in alarms:
            alarm.check(Trigger.TAKE_OUT)
        hold = Hold(actor, why, now.utc_ns, permit=permit)
        changed: list[Transition] = []
        for alarm in alarms:
            out = alarm.set_aside(Trigger.TAKE_OUT, hold, now)
            changed += self._register.keep(alarm, out, now)
        return changed

    def put_back(self, conditions: Sequence[str], actor: str, now: Instant) -> list[Transition]:
        """Bring alarms back into service. Raises `CommandError` where none of them is out of it."""
        alarms = [self._find(condition) for condition in conditions]
        out = [alarm for alarm in alarms if alarm.state is State.OUT_OF_SERVICE]
        if not out:
            raise alarms[0].refused(NOT_HELD)
        changed: list[Transition] = []
        for alarm in out:
            changed += self._register.bring_back(alarm, now, {"actor": actor})
        return changed

    def conditions_of(self, tag: str) -> list[str]:
        """Return the conditions on `tag`. Raises `CommandError` if there are none."""
        watch = self._watches.get(tag)
        found = [] if watch is None else [a.spec.id for a in (*watch.limits, *watch.quality_alarms)]
        if not found:
            raise CommandError(UNKNOWN_CONDITION.message_id, {"condition": tag})
        return found

    def _find(self, condition: str) -> Alarm:
        alarm = self._register.alarms.get(condition)
        if alarm is None:
            raise CommandError(UNKNOWN_CONDITION.message_id, {"condition": condition})
        return alarm
