"""A bad week at the example site, through the real alarm engine and the real journal.

Virtual time jumps from one change to the next; between two changes every instrument is heard of.
What happens is seeded: a detector that chatters, a level switch that stands for days, a flood after
a power dip, a real leak, alarms that nobody acknowledges at night, shelves, a permit that is too
old, a stop and a crash of the gateway.
"""

from __future__ import annotations

import dataclasses
import heapq
import random
import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from edge.alarm import AlarmEngine, Reading, engine_of
from edge.clock import NS, ManualClock
from edge.event import Event, Transition
from edge.journal import JournalWriter
from edge.site import load_site
from edge.site.model import Journal, LimitKind, LimitSpec, Site
from edge.tag import REASONS, Quality, Reason, Sample, Tag
from edge.units import Unit
from edge.words.wording import CHINA

SITE = Path(__file__).parents[3] / "deploy/sites/demo"
MONDAY_NS = round(datetime(2026, 1, 12, tzinfo=CHINA).timestamp()) * NS
WEEK_NS = 7 * 86_400 * NS
DAY_S, HOUR_S, MINUTE_S = 86_400.0, 3600.0, 60.0
BEFORE_S = 3 * DAY_S  # the journal begins on the Friday before
COOLERS = 24  # temperatures that all rise when the cooling water stops
RESPOND_S = 600.0


def week_site() -> Site:
    """Return the example site with a row of coolers, and with times to respond."""
    site = load_site(SITE)
    base = site.tags["LI-101"]
    tags, limits = dict(site.tags), dict(site.limits)
    for number in range(1, COOLERS + 1):
        name = f"TI-4{number:02}"
        titles = {
            "title_zh": f"冷却器{number:02}出口温度",
            "title_en": f"Cooler {number:02} outlet",
        }
        tags[name] = dataclasses.replace(
            base, name=name, quantity="temperature", unit=Unit.CELSIUS, range_high=100.0, **titles
        )
        limits[f"{name}/h"] = LimitSpec(
            f"{name}/h", name, LimitKind.HIGH, 60.0, 4 if number % 4 else 3, area=base.area
        )
    limits = {key: dataclasses.replace(spec, respond_s=RESPOND_S) for key, spec in limits.items()}
    return dataclasses.replace(site, tags=tags, limits=limits)


class Week:
    """The plant, the people and the gateway of one bad week."""

    def __init__(self, state: Path, seed: int = 7) -> None:
        self.site, self.state = week_site(), state
        self.random = random.Random(seed)
        self.clock = ManualClock(MONDAY_NS - round(BEFORE_S * NS), 1000 * NS)
        self.values: dict[str, float] = {tag.name: _calm(tag) for tag in self._polled()}
        self.bad: dict[str, Reason] = {}
        self._plan: list[tuple[int, int, Callable[[], None]]] = []
        self._number = 0
        self.engine: AlarmEngine
        self.journal: JournalWriter
        self.runs = False
        self._asked: set[str] = set()

    # --- time ------------------------------------------------------------------------------------

    def at(self, day: int, time: str, act: Callable[[], None]) -> None:
        """Plan an act: day 0 is Monday."""
        hours, minutes, *rest = map(int, time.split(":"))
        seconds = hours * HOUR_S + minutes * MINUTE_S + sum(rest)
        self.plan(MONDAY_NS + round((day * DAY_S + seconds) * NS), act)

    def plan(self, utc_ns: int, act: Callable[[], None]) -> None:
        self._number += 1
        heapq.heappush(self._plan, (utc_ns, self._number, act))

    def soon(self, seconds: float, act: Callable[[], None]) -> None:
        self.plan(self.clock.now().utc_ns + round(seconds * NS), act)

    def run(self) -> None:
        """Let the week happen, up to the end of Sunday."""
        for hour in range(round((BEFORE_S + 7 * DAY_S) / HOUR_S)):
            self.plan(MONDAY_NS - round((BEFORE_S - hour * HOUR_S) * NS), self._look)
        while self._plan and self._plan[0][0] < MONDAY_NS + WEEK_NS:
            due, _, act = heapq.heappop(self._plan)
            self._go_to(due)
            act()
        self._go_to(MONDAY_NS + WEEK_NS - NS)
        self._look()
        self.journal.close()

    def _go_to(self, utc_ns: int) -> None:
        self.clock.advance(max(0, utc_ns - self.clock.now().utc_ns) / NS)
        if self.runs:
            now = self.clock.now()
            self._heard.mono_ns = now.mono_ns
            self._keep(self.engine.tick(now))

    def _look(self) -> None:
        """Journal something every hour, as the maximum interval does."""
        if self.runs:
            self.journal.offer_sample(self._sample("LI-201"))

    # --- the gateway -----------------------------------------------------------------------------

    def start(self) -> None:
        """Start core on the journal as it is."""
        path, name = self.state / "journal.db", self.site.file.gateway.id
        settings = Journal(sample_flush_s=10)
        world = self.site.world
        self.journal = JournalWriter(
            path, name, "boot-a", world, settings, self.clock, None, lambda: True
        )
        self.journal.open()
        self.engine = engine_of(self.site)
        now = self.clock.now()
        self.engine.restore(self.journal.states(), now)
        self._say("gateway.started")
        self._heard = self.engine.join([tag.name for tag in self.site.tags.values()])
        self._heard.mono_ns = now.mono_ns
        self.runs = True
        for name in self.values:
            self._feed(name)

    def stop(self) -> None:
        """Stop core properly."""
        self._look()
        self._say("gateway.stopped")
        self.journal.close()
        self.runs = False

    def crash(self) -> None:
        """End core as a power cut does: nothing says that it ended."""
        self._look()
        self.journal.close()
        self.runs = False
        with sqlite3.connect(self.state / "journal.db") as db:
            db.execute("UPDATE meta SET value = '0' WHERE key = 'clean'")
        db.close()

    def _say(self, kind: str) -> None:
        event = Event(kind, self.site.file.gateway.id, self.clock.now(), self.site.world, {})
        self.journal.offer([Transition(event, None)])

    # --- the plant -------------------------------------------------------------------------------

    def set(self, tag: str, value: float) -> None:
        """Have an instrument read `value` from now on."""
        self.values[tag] = value
        self._follow(tag)

    def lose(self, tag: str, reason: Reason = Reason.TIMEOUT) -> None:
        """Have an instrument not answer."""
        self.bad[tag] = reason
        self._follow(tag)

    def find(self, tag: str) -> None:
        """Have it answer again."""
        self.bad.pop(tag, None)
        self._follow(tag)

    def _follow(self, tag: str) -> None:
        """Poll a tag that has changed for as long as a delay may run."""
        self._feed(tag)
        for second in range(1, 8):
            self.soon(second, lambda: self._feed(tag))

    def _feed(self, tag: str) -> None:
        if self.runs:
            self._keep(self.engine.evaluate(self._sample(tag), self.clock.now()))

    def _sample(self, tag: str) -> Sample:
        ns, reason = self.clock.now().utc_ns, self.bad.get(tag, Reason.OK)
        value = self.values.get(tag)
        if reason is Reason.OK and value is not None and value >= self.site.tags[tag].range_high:
            reason = Reason.OVER_RANGE
        quality = REASONS[reason].quality
        shown = None if quality is Quality.BAD else value
        return Sample(tag, shown, quality, reason, ns, ns, self.site.world)

    def _polled(self) -> list[Tag]:
        return [tag for tag in self.site.tags.values() if tag.device in self.site.devices]

    # --- people ----------------------------------------------------------------------------------

    def _keep(self, changed: list[Transition]) -> None:
        self.journal.offer(changed)
        for transition in changed:
            event = transition.event
            if event.kind == "alarm.raised" and event.subject not in self._asked:
                self._asked.add(event.subject)
                self.soon(self._delay(), lambda name=event.subject: self._acknowledge(name))

    def _delay(self) -> float:
        """Return how long people take [s]: at night there is one of them, and he is elsewhere."""
        hour = datetime.fromtimestamp(self.clock.now().utc_ns / NS, CHINA).hour
        if hour < 6:
            return round(self.random.uniform(12 * MINUTE_S, 40 * MINUTE_S))
        return round(self.random.uniform(15.0, 50.0))

    def _acknowledge(self, condition: str) -> None:
        self._asked.discard(condition)
        view = self.engine.view(condition)
        if not self.runs:
            self.soon(HOUR_S, lambda: self._acknowledge(condition))
        elif (
            view is not None and view.state in {"unack", "rtn-unack", "latched"} and not view.acked
        ):
            self._keep(self.engine.desk.acknowledge(condition, "李明", self.clock.now()))

    def shelve(self, condition: str, hours: float) -> None:
        desk, now = self.engine.desk, self.clock.now()
        self._keep(desk.shelve(condition, "李明", "探头待修", hours * HOUR_S, now, once=False))
        self.soon(hours * HOUR_S, lambda: None)  # a tick, as there are ten a second

    def take_out(self, condition: str) -> None:
        desk, now = self.engine.desk, self.clock.now()
        self._keep(desk.take_out([condition], "赵工", "更换传感器", "ZY-0112", now))

    def put_back(self, condition: str) -> None:
        self._keep(self.engine.desk.put_back([condition], "赵工", self.clock.now()))

    def reset(self, condition: str) -> None:
        now = self.clock.now()
        self._keep(self.engine.desk.reset(condition, "李明", now, Reading(0.0, "PG-2")))


def _calm(tag: Tag) -> float:
    if tag.quantity == "pressure" and tag.name.startswith("PT-1"):
        return 0.6
    return tag.background


CHATTER_S = 12.0  # a swing of the chattering detector
SWINGS = 160
DIP = 24  # coolers that alarm after the power dip, one every 8 s
POPS = 9  # fleeting alarms of the pressure


def write_week(state: Path, seed: int = 7, make: type[Week] = Week) -> Week:
    """Write the week's journal into `state`; return what made it."""
    state.mkdir(parents=True, exist_ok=True)
    week = make(state, seed)
    week.plan(MONDAY_NS - round(BEFORE_S * NS), week.start)
    _stale_switch(week)
    _chatter(week)
    _dip(week)
    _leak(week)
    _nights(week)
    _pops(week)
    _system(week)
    week.at(0, "09:00", lambda: week.take_out("AT-108/h"))
    week.at(4, "17:00", lambda: week.put_back("AT-108/h"))
    week.at(5, "01:00", week.stop)
    week.at(5, "04:00", week.start)
    week.at(6, "05:00", week.crash)
    week.at(6, "05:40", week.start)
    week.run()
    return week


def _stale_switch(week: Week) -> None:
    """The chlorine tank's level is high from Saturday before until Thursday."""
    week.at(-2, "10:00", lambda: week.set("LI-101", 2.45))
    week.at(3, "15:00", lambda: week.set("LI-101", 1.0))


def _chatter(week: Week) -> None:
    """A detector swings around its first level on Wednesday morning; it is shelved at last."""
    for swing in range(SWINGS):
        begin = 9 * HOUR_S + swing * CHATTER_S
        for after, value in ((0.0, 0.33), (4.0, 0.21)):
            ns = MONDAY_NS + round((2 * DAY_S + begin + after) * NS)
            week.plan(ns, lambda value=value: week.set("AT-106", value))
    week.at(2, "09:25:03", lambda: week.shelve("AT-106/h", 4.0))


def _dip(week: Week) -> None:
    """On Tuesday at 03:10 the power dips: detectors are lost for 20 s, then cooling is warm."""
    for number in range(1, 7):
        week.at(1, "03:10", lambda name=f"AT-10{number}": week.lose(name))
        week.at(1, "03:10:20", lambda name=f"AT-10{number}": week.find(name))
    for number in range(1, DIP + 1):
        begin = 3 * HOUR_S + 12 * MINUTE_S + 8 * number
        for after, value in ((0.0, 71.0), (1500.0, 20.0)):
            ns = MONDAY_NS + round((DAY_S + begin + after) * NS)
            name = f"TI-4{number:02}"
            week.plan(ns, lambda name=name, value=value: week.set(name, value))


def _leak(week: Week) -> None:
    """Thursday afternoon a hose leaks: over range at one detector, level 1 at its neighbour."""
    for time, tag, value in (
        ("14:20", "AT-101", 0.4), ("14:20:20", "AT-101", 1.8), ("14:20:40", "AT-101", 10.0),
        ("14:21", "AT-102", 0.45), ("14:27", "AT-101", 0.5), ("14:29", "AT-102", 0.0),
        ("14:30", "AT-101", 0.0),
    ):  # fmt: skip
        week.at(3, time, lambda tag=tag, value=value: week.set(tag, value))
    for condition in ("AT-101/h", "AT-101/hh"):
        week.at(3, "14:50", lambda name=condition: week.reset(name))


def _nights(week: Week) -> None:
    """Every night the unloading line loses pressure, and nobody looks at once."""
    for day in range(7):
        week.at(day, "02:30", lambda: week.set("PT-101", 0.15))
        week.at(day, "03:05", lambda: week.set("PT-101", 0.6))
    week.at(4, "02:10", lambda: week.set("AT-203", 70.0))  # and once it is ammonia, level 2
    week.at(4, "02:14", lambda: week.set("AT-203", 0.0))


def _pops(week: Week) -> None:
    """On Friday the ammonia tank's pressure pops over its limit for some seconds."""
    for number in range(POPS):
        week.at(4, f"{10 + number // 3}:{10 + 15 * (number % 3)}", lambda: week.set("PT-201", 1.7))
        back = f"{10 + number // 3}:{10 + 15 * (number % 3)}:06"
        week.at(4, back, lambda: week.set("PT-201", 1.2))


def _system(week: Week) -> None:
    """A detector's line comes and goes on Monday: the system's alarm, not the process's."""
    for number in range(20):
        week.at(0, f"11:{number:02}", lambda: week.lose("AT-204"))
        week.at(0, f"11:{number:02}:30", lambda: week.find("AT-204"))
