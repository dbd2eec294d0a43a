"""From a journal's events, one after the other, to the figures of a window.

Rows may begin before the window: they tell how things stood when it began, and are not counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from edge.clock import NS
from edge.event import Param, StateRow
from edge.kpi.figures import ClassFigures, ConditionFigures, Figures, quantile
from edge.kpi.holds import HoldCounts
from edge.kpi.load import PER_HOUR, Load, day_of
from edge.kpi.moment import EventLike, Mender, Moment
from edge.kpi.track import (
    ACKNOWLEDGED,
    ENDS,
    HELD,
    HELD_RAISED,
    HOLDS,
    NORMAL,
    RAISED,
    REMOVED,
    Flips,
    Held,
    Track,
)
from edge.kpi.waits import WaitCounts, quantile_of
from edge.kpi.watched import Span, Watched, length_s, within
from edge.rules.alarm_kpi import Counts
from edge.site.model import LimitSpec

PROCESS = "process"
WAITING = frozenset({"unack", "rtn-unack"})  # a latched one that came back from a hold as well
CLASSES = ("system", "predicted")


class Reckoner:
    """Takes rows in the journal's order, for the window [`from_ns`, `to_ns`) [ns UTC].

    `limits` are the site's conditions: how long people have for each, and what it is.
    """

    def __init__(
        self, counts: Counts, from_ns: int, to_ns: int, limits: Mapping[str, LimitSpec]
    ) -> None:
        self._counts, self._limits = counts, limits
        self._from_ns, self._to_ns = from_ns, to_ns
        self._mender, self._watched = Mender(), Watched()
        self._flips = Flips(counts)
        self._load = Load(counts, from_ns, to_ns)
        self._waits = WaitCounts(counts.level_2_s)
        self._holds = HoldCounts(counts, from_ns, to_ns)
        self._tracks: dict[str, Track] = {}
        self._priorities: Counter[int] = Counter()
        self._announced: Counter[str] = Counter()
        self._stale_days: Counter[int] = Counter()
        self._begin: Moment | None = None
        self._last: Moment | None = None
        self._events = 0

    def add(self, row: EventLike) -> None:
        """Take the next event, of any kind."""
        now = self._mender.moment(row)
        if now.at_ns >= self._to_ns:
            return
        if self._begin is None:
            self._begin = now
        self._last = now
        self._events += now.at_ns >= self._from_ns
        self._watched.take(row.kind, now.at_ns, row.params)
        if row.kind.startswith("alarm."):
            condition = row.params.get("condition")
            if isinstance(condition, str):
                self._alarm(row.kind, condition, row.params, now)

    def carry(self, states: Iterable[StateRow]) -> None:
        """Take over how conditions stand of which no row was taken: so they stood all the while."""
        for row in states:
            since, spec = row.params.get("since_ns"), self._limits.get(row.condition)
            if row.condition in self._tracks or row.state == NORMAL or spec is None:
                continue
            held = next((kind for kind in HELD if row.state.startswith(kind)), None)
            if held is not None:
                since = row.params.get("held_since_ns")
            if not isinstance(since, int) or since >= self._from_ns:
                continue
            track = self._tracks[row.condition] = Track(row.condition)
            track.tag, track.kind, track.klass = spec.tag, str(spec.kind), str(spec.klass)
            track.priority, track.level, track.area = spec.priority, spec.level, spec.area
            begun = Moment(since, 0, "")
            if held is None:
                track.listed = begun
            else:
                track.held = Held(held, str(row.params.get("held_by") or ""), begun, None)

    def end(self, newest_ns: int) -> Figures:
        """Return the figures; core is known to have run until `newest_ns` [ns UTC], if it ran."""
        spans = self._watched.end(min(newest_ns, self._to_ns))
        watched = within(spans, self._from_ns, self._to_ns)
        end = self._end()
        for track in self._tracks.values():
            self._finish(track, end)
        conditions = [self._condition(track, end) for track in self._tracks.values()]
        conditions = [one for one in conditions if one.announced or one.stood_s or one.chattered]
        conditions.sort(key=lambda one: (-one.announced, -one.stood_s, one.condition))
        hours: Counter[int] = Counter()
        for number, count in self._load.bins.items():
            hours[number // PER_HOUR] += count
        process = [one for one in conditions if one.klass == PROCESS]
        return Figures(
            from_ns=self._from_ns,
            to_ns=self._to_ns,
            watched=tuple(watched),
            starts=self._watched.starts,
            doubted=self._mender.doubted,
            events=self._events,
            rates=self._load.rates(watched),
            hours=dict(sorted(hours.items())),
            priorities={number: self._priorities[number] for number in (1, 2, 3, 4)},
            rearmed=sum(one.rearmed for one in process),
            chattering=sum(one.bouts > 0 for one in process),
            fleeting=sum(one.fleeting for one in process),
            stale=max(self._stale_days.values(), default=0),
            stale_now=sum(one.stale_now for one in process),
            waits=self._waits.figures(),
            holds=self._holds.figures(),
            standing=self._standing(PROCESS),
            classes=tuple(self._class(klass, watched) for klass in CLASSES),
            conditions=tuple(conditions),
        )

    def now(self, at_ns: int) -> tuple[int, bool]:
        """Return how many alarms came in the last 10 minutes, and whether they are a flood."""
        return self._load.now(at_ns)

    # --- one event -------------------------------------------------------------------------------

    def _alarm(self, kind: str, condition: str, params: Mapping[str, Param], now: Moment) -> None:
        track = self._tracks.get(condition)
        if track is None:
            track = self._tracks[condition] = Track(condition)
        if kind == REMOVED:
            state = NORMAL
        else:
            if kind in {RAISED, HELD_RAISED} or not track.klass:
                track.learn(params)
            state = str(params.get("state", NORMAL))
        counted = now.at_ns >= self._from_ns
        if kind == RAISED:
            self._raised(track, now, counted)
        if kind in {RAISED, HELD_RAISED}:
            self._flips.begin(track, now, counted)
        elif kind in ENDS:
            self._flips.end(track, now, params)
        self._follow(track, kind, state, params, now)

    def _raised(self, track: Track, now: Moment, counted: bool) -> None:
        if track.klass == PROCESS:
            self._load.take(now.at_ns, track.condition)
        if not counted:
            return
        track.announced += 1
        self._announced[track.klass] += 1
        track.rearmed += track.listed is not None
        if track.klass == PROCESS:
            self._priorities[track.priority] += 1

    def _follow(
        self, track: Track, kind: str, state: str, params: Mapping[str, Param], now: Moment
    ) -> None:
        """Take it in how the alarm stands after this event."""
        from_hold = track.held is not None
        if kind == ACKNOWLEDGED:
            self._acknowledged(track, now)
        self._follow_hold(track, kind, state, params, now)
        if state == NORMAL or state in HELD:
            self._not_listed(track, state, now)
            return
        # One that is in the list without having come was there before the first row.
        came = now if kind == RAISED or from_hold else self._begin
        fresh = track.listed is None
        if fresh:
            track.listed = came
        if state == "acked":
            track.unacked = None
        elif track.unacked is None and (state in WAITING or (state == "latched" and fresh)):
            track.unacked = came

    def _not_listed(self, track: Track, state: str, now: Moment) -> None:
        if track.listed is not None:
            self._left(track, track.listed, now)
        if track.unacked is not None and state in HELD:
            self._aside(track, track.unacked, now)
        track.listed = track.unacked = None

    def _follow_hold(
        self, track: Track, kind: str, state: str, params: Mapping[str, Param], now: Moment
    ) -> None:
        held = track.held
        if held is not None and held.kind != state:
            self._holds.ended(held, now)
            held = track.held = None
        begins = HOLDS.get(kind)
        if begins is None or begins != state:
            return
        by, until = str(params.get("held_by") or ""), params.get("held_until_ns")
        until_ns = until if isinstance(until, int) else None
        since = now if held is None else held.since  # shelved again: it goes on
        track.held = Held(begins, by, since, until_ns)
        if now.at_ns >= self._from_ns:
            self._holds.begun(begins, by)

    def _acknowledged(self, track: Track, now: Moment) -> None:
        since, track.unacked = track.unacked, None
        if since is None or since.at_ns < self._from_ns or track.klass != PROCESS:
            return
        seconds = since.until(now)
        track.acked_s[min(round(seconds), 86_400)] += 1
        track.late += self._waits.acknowledged(seconds, track.level, self._respond(track))

    def _aside(self, track: Track, since: Moment, now: Moment) -> None:
        if since.at_ns >= self._from_ns and track.klass == PROCESS:
            self._waits.aside(since.until(now), track.level)

    def _left(self, track: Track, since: Moment, now: Moment) -> None:
        """Count the time for which an alarm stood in the list."""
        start_ns = max(since.at_ns, self._from_ns)
        if now.at_ns <= start_ns:
            return
        track.stood_s += (now.at_ns - start_ns) / NS
        stale_ns = since.at_ns + round(self._counts.stale_h * 3600 * NS)
        if now.at_ns <= max(stale_ns, self._from_ns) or since.until(now) <= (
            self._counts.stale_h * 3600
        ):
            return
        track.stale += 1
        if track.klass == PROCESS:
            first, last = day_of(max(stale_ns, self._from_ns)), day_of(now.at_ns - 1)
            for day in range(first, last + 1):
                self._stale_days[day] += 1

    def _respond(self, track: Track) -> float:
        spec = self._limits.get(track.condition)
        return 0.0 if spec is None else spec.respond_s

    # --- the end ---------------------------------------------------------------------------------

    def _end(self) -> Moment:
        """Return the window's end as a moment of the last row's boot."""
        if self._last is None:
            return Moment(self._to_ns, 0, "")
        ahead_ns = self._to_ns - self._last.at_ns
        return Moment(self._to_ns, self._last.mono_ns + ahead_ns, self._last.boot)

    def _finish(self, track: Track, end: Moment) -> None:
        self._flips.finish(track)
        if track.listed is not None:
            self._left(track, track.listed, end)
        if track.held is not None:
            self._holds.ended(track.held, end, still=True)
        since = track.unacked
        if since is not None and since.at_ns >= self._from_ns and track.klass == PROCESS:
            waited_s = since.until(end)
            track.late += self._waits.waiting(waited_s, track.level, self._respond(track))

    def _condition(self, track: Track, end: Moment) -> ConditionFigures:
        listed = track.listed
        stale_s = self._counts.stale_h * 3600
        return ConditionFigures(
            condition=track.condition,
            tag=track.tag,
            kind=track.kind,
            klass=track.klass,
            priority=track.priority,
            level=track.level,
            area=track.area,
            unit=track.unit,
            announced=track.announced,
            rearmed=track.rearmed,
            bouts=track.bouts,
            chattered=track.chattered,
            most_a_minute=track.most_a_minute,
            fleeting=track.fleeting,
            stale=track.stale,
            stale_now=listed is not None and listed.until(end) > stale_s,
            stood_s=track.stood_s,
            median_ack_s=quantile_of(track.acked_s, 0.5),
            late=track.late,
            gap_s=quantile(track.gaps_s, 0.9),
            short_s=quantile(track.short_s, 0.9),
            swing=quantile(track.swings, 0.9),
        )

    def _standing(self, klass: str) -> int:
        """Return how many alarms of a class are in the list now."""
        return sum(one.listed is not None and one.klass == klass for one in self._tracks.values())

    def _class(self, klass: str, watched: list[Span]) -> ClassFigures:
        announced, seconds = self._announced[klass], length_s(watched)
        per_day = announced * 86_400 / seconds if seconds else 0.0
        return ClassFigures(klass, announced, per_day, self._standing(klass))
