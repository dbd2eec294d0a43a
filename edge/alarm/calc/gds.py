"""One detector beside its GDS: whether the two say the same of the gas, and by one set-point.

Our word is the reading against our set-points, not our alarm's state: an alarm of ours may be
latched, shelved or out of service, the gas is not. A reading close to a set-point says neither yes
nor no. A GDS keeps its alarm until somebody resets it there: where our reading was at its level too
since shortly before it came, or could not be judged when it came, that is no difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from edge.alarm.calc.calculation import Voice, reading, weakest
from edge.clock import NS, Instant
from edge.site.alarms.gds import GdsSpec
from edge.tag import REASONS, Quality, Reason, Sample, Tag


class Beside(IntEnum):
    """What the calculated tag reads; its alarm stands from 1 on (words: alarm.gds-differs.N)."""

    WAITS_FOR_RESET = -1
    AGREES = 0
    GDS_ALONE_1 = 1
    GDS_ALONE_2 = 2
    OURS_ALONE_1 = 3
    OURS_ALONE_2 = 4
    SET_POINTS_1 = 5
    SET_POINTS_2 = 6


_GDS_ALONE = Beside.GDS_ALONE_1, Beside.GDS_ALONE_2
_OURS_ALONE = Beside.OURS_ALONE_1, Beside.OURS_ALONE_2
_SET_POINTS = Beside.SET_POINTS_1, Beside.SET_POINTS_2
_FIRST, _SECOND = 0, 1  # detector levels 1 and 2 by their places


class _Level:
    """What is known of one detector level; `shared`: our reading has borne out the GDS's alarm."""

    __slots__ = ("lost_ns", "on", "reached_ns", "shared", "unequal", "why")

    def __init__(self) -> None:
        self.on: bool | None = None  # in alarm, by the GDS; None: not known
        self.why = Reason.NOT_YET_READ  # it is not known
        self.shared = False
        self.lost_ns: int | None = None  # since when that is not known, if it was before
        self.reached_ns: int | None = None  # when our reading last was at the level
        self.unequal = False  # the set-points, when both were last known


class BesideGds:
    """The calculation of `AT-101.gds`: see `Beside`."""

    timed = False

    def __init__(self, spec: GdsSpec, tags: Mapping[str, Tag]) -> None:
        self.spec = spec
        self.tag = tags[spec.tag]
        self._tags = {name: tags[name] for name in spec.inputs}
        self._voice = Voice(self.tag)
        self._levels = (_Level(), _Level())
        self._value: float | None = None  # believed, in the detector's unit
        self._why = Reason.NOT_YET_READ  # there is none
        self._blind_ns: int | None = None  # when there last was none, though there had been one
        self._back_ns = round(spec.back_s * NS)
        gds = spec.gds
        self._alarms = {tag: at for at, tag in enumerate((gds.alarm_1, gds.alarm_2)) if tag}
        self._points = {tag: at for at, tag in enumerate((gds.setpoint_1, gds.setpoint_2)) if tag}

    def offer(self, sample: Sample, now: Instant) -> Sample | None:
        """Take a sample of the detector or of its GDS."""
        value, reason = reading(sample, self._tags[sample.tag])
        if sample.tag == self.spec.detector:
            self._see_value(value, reason, now.mono_ns)
        elif sample.tag in self._alarms:
            self._see_alarm(self._alarms[sample.tag], value, reason, now.mono_ns)
        elif sample.tag in self._points and value is not None:
            at = self._points[sample.tag]
            limit = self.spec.limits[at]
            self._levels[at].unequal = (
                limit is not None and abs(value - limit) > self.spec.alike[at]
            )
        return self._say(now)

    def tick(self, now: Instant) -> Sample | None:  # noqa: ARG002 - the protocol's form
        """Time alone changes nothing: the alarm's own delay tells how long it has differed."""
        return None

    def _see_value(self, value: float | None, reason: Reason, mono_ns: int) -> None:
        for at, level in enumerate(self._levels):
            if self._reached(at):  # until now: what is the same again is not told
                level.reached_ns = mono_ns
        if self._blind:
            self._blind_ns = mono_ns
        self._value, self._why = value, reason
        for at, level in enumerate(self._levels):
            level.shared = level.shared or (bool(level.on) and self._reached(at))

    def _see_alarm(self, at: int, value: float | None, reason: Reason, mono_ns: int) -> None:
        level = self._levels[at]
        on = None if value is None else value >= 1.0
        level.why = reason
        if on is None and level.on is not None:
            level.lost_ns = mono_ns
        elif on and not level.on and not level.shared:
            level.shared = self._bears_out(at, level, mono_ns)
        elif on is False:
            level.shared = False
        level.on = on

    def _bears_out(self, at: int, level: _Level, mono_ns: int) -> bool:
        """Whether nothing is said against an alarm of the GDS that has come now, or unseen."""
        since_ns = mono_ns if level.on is not None or level.lost_ns is None else level.lost_ns
        unseen = self._blind or (self._blind_ns is not None and self._blind_ns >= since_ns)
        reached_ns = mono_ns if self._reached(at) else level.reached_ns
        return unseen or (reached_ns is not None and since_ns - reached_ns <= self._back_ns)

    @property
    def _blind(self) -> bool:
        """Whether there is no reading to judge, of a detector that has been heard of."""
        return self._value is None and self._why is not Reason.NOT_YET_READ

    def _reached(self, at: int) -> bool:
        """Whether our reading is at the level, or as good as."""
        value, limit = self._value, self.spec.limits[at]
        return value is not None and limit is not None and value >= limit - self.spec.near[at]

    def _say(self, now: Instant) -> Sample | None:
        differs = self._differs()
        if differs is not None:
            return self._voice.say(float(differs), Reason.OK, now)
        unknown = [level.why for level in self._watched() if level.on is None]
        if self._value is None:
            unknown.append(self._why)
        lost = weakest(unknown)
        if REASONS[lost].quality is Quality.BAD:
            return self._voice.say(None, lost, now)
        seen = self._value is not None
        waits = seen and any(n.on and not self._reached(at) for at, n in enumerate(self._levels))
        code = Beside.WAITS_FOR_RESET if waits else Beside.AGREES
        return self._voice.say(float(code), Reason.OK, now)

    def _watched(self) -> list[_Level]:
        """Return the levels whose alarm state the GDS tells and that we have a set-point of."""
        limits = self.spec.limits
        return [self._levels[at] for at in self._alarms.values() if limits[at] is not None]

    def _differs(self) -> Beside | None:
        """Return the gravest difference, None if there is none that is known."""
        if self._value is not None:
            for at in (_SECOND, _FIRST):
                found = self._alone(at, self._value)
                if found is not None:
                    return found
        for at in (_SECOND, _FIRST):
            if self._levels[at].unequal:
                return _SET_POINTS[at]
        return None

    def _alone(self, at: int, value: float) -> Beside | None:
        """Return who is alone in alarm of the level, by a reading that leaves no doubt."""
        level, limit, near = self._levels[at], self.spec.limits[at], self.spec.near[at]
        if limit is None:
            return None
        if level.on and not level.shared and value < limit - near:
            return _GDS_ALONE[at]
        told = at in self._alarms.values()
        above = at == _FIRST and bool(self._levels[_SECOND].on)  # the higher level says both
        if told and level.on is False and not above and value >= limit + near:
            return _OURS_ALONE[at]
        return None
