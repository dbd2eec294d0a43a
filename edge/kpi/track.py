"""One condition's life, as its events tell it: when it stood, waited for a person, was held."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from typing import NamedTuple

from edge.event import Param
from edge.kpi.moment import Moment
from edge.rules.alarm_kpi import Counts

RAISED, HELD_RAISED = "alarm.raised", "alarm.held-raised"
ACKNOWLEDGED, REMOVED = "alarm.acknowledged", "alarm.removed"
ENDS = frozenset(
    {"alarm.returned", "alarm.cleared", "alarm.latched", "alarm.held-returned", REMOVED}
)
HOLDS = {
    "alarm.shelved": "shelved",
    "alarm.suppressed": "suppressed",
    "alarm.out-of-service": "out-of-service",
}
HELD = frozenset(HOLDS.values())
NORMAL = "normal"
KEPT = 500  # of a condition's newest gaps, short spells and swings: enough for a suggestion


class Held(NamedTuple):
    """A hold that is over, or goes on."""

    kind: str  # a state of `HELD`
    by: str
    since: Moment
    until_ns: int | None


class Spell:
    """The condition was true from `since` to `end`; `chatters` where it came too often."""

    __slots__ = ("chatters", "counted", "end", "since")

    def __init__(self, since: Moment, counted: bool) -> None:
        self.since, self.counted = since, counted
        self.end: Moment | None = None
        self.chatters = False


class Track:
    """What is known of one condition; `take` follows its events, the caller counts what it says."""

    __slots__ = (
        "acked_s",
        "active",
        "announced",
        "area",
        "bouts",
        "chattered",
        "condition",
        "fleeting",
        "gaps_s",
        "held",
        "kind",
        "klass",
        "late",
        "level",
        "listed",
        "most_a_minute",
        "priority",
        "rearmed",
        "recent",
        "short_s",
        "stale",
        "stood_s",
        "swings",
        "tag",
        "unacked",
        "unit",
    )  # fmt: skip

    def __init__(self, condition: str) -> None:
        self.condition = condition
        self.tag = self.kind = self.klass = self.area = self.unit = ""
        self.priority = self.level = 0
        self.active: Spell | None = None
        self.listed: Moment | None = None  # it stands in the list since
        self.unacked: Moment | None = None  # it waits for a person since
        self.held: Held | None = None
        self.recent: deque[Spell] = deque()  # the last few spells
        self.gaps_s: deque[float] = deque(maxlen=KEPT)  # between two spells
        self.short_s: deque[float] = deque(maxlen=KEPT)  # spells that were short
        self.swings: deque[float] = deque(maxlen=KEPT)  # how far below the limit it went, at least
        # counted in the window:
        self.announced = self.rearmed = self.chattered = self.bouts = self.fleeting = 0
        self.most_a_minute = self.stale = self.late = 0
        self.stood_s = 0.0
        self.acked_s: Counter[int] = Counter()

    def learn(self, params: Mapping[str, Param]) -> None:
        """Take over what the condition is."""
        self.tag = str(params.get("tag", ""))
        self.kind = str(params.get("kind", ""))
        self.klass = str(params.get("klass", ""))
        self.area = str(params.get("area", ""))
        self.unit = str(params.get("unit", ""))
        priority, level = params.get("priority"), params.get("level")
        self.priority = priority if isinstance(priority, int) else 0
        self.level = level if isinstance(level, int) else 0


class Flips:
    """Finds chatter and fleeting alarms in the spells of a condition."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts

    def begin(self, track: Track, now: Moment, counted: bool) -> None:
        """Take it that the condition became true."""
        if track.active is not None:
            return  # more urgent than it was: no flip
        spell = track.active = Spell(now, counted)
        before = track.recent[-1] if track.recent else None
        if before is not None and before.end is not None:
            gap_s = before.end.until(now)
            if gap_s < self._counts.chatter_s:
                track.gaps_s.append(gap_s)
        fresh = before is None or not before.chatters
        track.recent.append(spell)
        needed = self._counts.chatter_raises
        newest = list(track.recent)[-needed:]
        if len(newest) == needed and newest[0].since.until(now) < self._counts.chatter_s:
            track.chattered += sum(one.counted and not one.chatters for one in newest)
            for one in newest:
                one.chatters = True
            if counted:
                track.bouts += fresh
                minute = [one for one in track.recent if one.since.until(now) < 60.0]
                track.most_a_minute = max(track.most_a_minute, len(minute))
        self._forget(track, now)

    def end(self, track: Track, now: Moment, params: Mapping[str, Param]) -> None:
        """Take it that the condition is no longer true."""
        spell = track.active
        if spell is None:
            return
        spell.end, track.active = now, None
        lasted_s = spell.since.until(now)
        if lasted_s < self._counts.fleeting_s:
            track.short_s.append(lasted_s)
            value, limit = params.get("value"), params.get("limit")
            if isinstance(value, int | float) and isinstance(limit, int | float):
                track.swings.append(abs(limit - value))

    def finish(self, track: Track) -> None:
        """Judge the last spells, after which nothing comes."""
        for spell in track.recent:
            self._settle(track, spell)
        track.recent.clear()

    def _forget(self, track: Track, now: Moment) -> None:
        """Drop spells that no chatter can reach any more, judging them."""
        kept = self._counts.chatter_raises
        while len(track.recent) > kept:
            if track.recent[0].since.until(now) < self._counts.chatter_s:
                return  # a very fast one: kept for its count a minute
            self._settle(track, track.recent.popleft())

    def _settle(self, track: Track, spell: Spell) -> None:
        if spell.counted and spell.end is not None and not spell.chatters:
            track.fleeting += spell.since.until(spell.end) < self._counts.fleeting_s
