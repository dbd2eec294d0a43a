"""What a site's design makes of alarms: the first of a group, the suppressed, those of a flood."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from edge.alarm.alarm import Alarm
from edge.alarm.condition import Condition, Edge
from edge.alarm.states import State
from edge.clock import NS
from edge.site.alarms.groups import Flood as FloodSpec
from edge.site.alarms.groups import SuppressionSpec
from edge.site.model import LimitKind, LimitSpec

FLOOD_WINDOW_NS = 600 * NS  # ISA-18.2 counts in stretches of 10 minutes


@dataclass(frozen=True)
class Design:
    """What a site says of its alarms together; the default says nothing."""

    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    suppressions: Mapping[str, SuppressionSpec] = field(default_factory=dict[str, SuppressionSpec])
    flood: FloodSpec | None = None


class FirstOut:
    """Which alarm of each group was the first to come, of those that stand."""

    def __init__(self, groups: Mapping[str, Iterable[str]]) -> None:
        self._of: dict[str, list[str]] = {}
        self._standing: dict[str, set[str]] = {name: set() for name in groups}
        for name, members in groups.items():
            for condition in members:
                self._of.setdefault(condition, []).append(name)

    def rises(self, alarm: Alarm) -> None:
        """Mark `alarm`, about to be announced, if nobody else of a group of its stands."""
        for name in self._of.get(alarm.spec.id, ()):
            standing = self._standing[name]
            if not standing and not alarm.first_out:
                alarm.first_out = name
            standing.add(alarm.spec.id)

    def settle(self, alarm: Alarm) -> None:
        """Take it in how `alarm` stands now: normal and held ones are no part of what stands."""
        gone = alarm.held or alarm.state is State.NORMAL
        for name in self._of.get(alarm.spec.id, ()):
            if gone:
                self._standing[name].discard(alarm.spec.id)
            else:
                self._standing[name].add(alarm.spec.id)


class Flood:
    """Whether more alarms come than people can take in (ISA-18.2: over 10 in 10 minutes)."""

    def __init__(self, spec: FloodSpec | None) -> None:
        self.spec = spec
        self.on = False
        self._raised_ns: deque[int] = deque()

    def count(self, mono_ns: int) -> int:
        """Return how many alarms were announced in the 10 minutes before `mono_ns` [ns]."""
        while self._raised_ns and mono_ns - self._raised_ns[0] >= FLOOD_WINDOW_NS:
            self._raised_ns.popleft()
        return len(self._raised_ns)

    def note(self, mono_ns: int) -> bool:
        """Count an announced alarm; return whether a flood begins with it."""
        self._raised_ns.append(mono_ns)
        if self.spec is None or self.on or self.count(mono_ns) < self.spec.begin:
            return False
        self.on = True
        return True

    def over(self, mono_ns: int) -> bool:
        """Return whether a flood ends now."""
        if not self.on or self.spec is None or self.count(mono_ns) > self.spec.end:
            return False
        self.on = False
        return True

    def holds(self, alarm: Alarm) -> bool:
        """Return whether `alarm`, about to be raised, is held back for now."""
        return alarm.state is State.NORMAL and self.binds(alarm)

    def binds(self, alarm: Alarm) -> bool:
        """Return whether alarms like `alarm` are held. A gas detector's level always speaks."""
        if not self.on or self.spec is None or alarm.urgent or alarm.spec.level:
            return False
        return alarm.spec.priority in self.spec.priorities


class Suppressing:
    """One suppression by design, judged by the samples of its own tag (1: it is in force).

    Until its first sample it is not known whether it is: what a former run held back stays so.
    One that is Bad or set aside ends it: where nobody knows, everything speaks.
    """

    def __init__(self, spec: SuppressionSpec) -> None:
        self.spec = spec
        self.known = False
        self.condition = Condition(
            LimitSpec(
                id=spec.id,
                tag=spec.tag,
                kind=LimitKind.EXPRESSION,
                limit=0.5,
                priority=4,
                on_delay_s=spec.on_delay_s,
                off_delay_s=spec.off_delay_s,
            )
        )

    def offer(self, value: float | None, bad: bool, mono_ns: int) -> Edge:
        """Judge a sample: RAISED as it comes into force, ENDED as it does no more."""
        if bad or value is None:
            was = self.condition.active or not self.known
            self.condition.active, self.condition.pending_since_ns = False, None
            self.known = True
            return Edge.ENDED if was else Edge.NONE
        edge = self.condition.offer(value, mono_ns)
        if self.known:
            return edge
        quiet = not self.condition.active and self.condition.pending_since_ns is None
        self.known = quiet or self.condition.active  # not while its delay runs once more
        return Edge.ENDED if quiet else edge
