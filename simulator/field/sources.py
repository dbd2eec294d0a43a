"""What feeds the registers: the simulated plant with its story, or a recorded field trial.

A source is told the time and says what the instruments show and what really happened. It knows no
socket. Both kinds stamp their facts on the clock that drives them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from edge.clock import NS, Instant
from edge.drivers.base import Reading
from edge.errors import ConfigError, Fault
from edge.site.model import Site
from edge.tag import Quality, Tag
from simulator.field.record import Leak, Minute, Record, nearest_sensor, read_record
from simulator.plant import TICK_S, Action, Plant
from simulator.plant.instruments import FAILED, NOT_MODELLED, clipped
from simulator.plant.layout import refusal
from simulator.scenario import CommandLog, Scenario, Story
from simulator.scenario.load import tag_units

TICK_NS = round(TICK_S * NS)
TICKS_AT_ONCE = 50  # after a stall the plant catches up in bites, so that sockets are served
LONGEST_WAIT_NS = 60 * NS
NO_ANSWER = "a recording takes no commands"


class Fact(NamedTuple):
    """Something that is really so: a line of the truth. `fields` has no times and no kind."""

    kind: str
    at: Instant
    fields: Mapping[str, Any]


class Source(Protocol):
    """What the field process runs."""

    readings: Mapping[str, Reading]

    def advance(self, now: Instant) -> list[Fact]:
        """Bring the source up to `now`; return what has happened since."""
        ...

    def wake_ns(self, now: Instant) -> int:
        """Return the monotonic time [ns] at which there will be something new."""
        ...

    def frame(self) -> dict[str, Any]:
        """Return what a seat is shown of the truth: `t_s`, `wind`, `puffs`, `gases`."""
        ...

    def story_s(self, at: Instant) -> float:
        """Return a moment in the story's own seconds: since the start, or the record's UTC."""
        ...

    def command(self, seat: str, action: Action) -> str:
        """Take a seat's command; return why it is refused, or ""."""
        ...


class PlantSource:
    """The plant, stepped in step with the clock, and the story that is played on it."""

    def __init__(self, site: Site, scenario: Scenario, seed: int | None = None) -> None:
        self.scenario = scenario
        chosen = scenario.seed if seed is None else seed
        self.plant = Plant(site, chosen, scenario.weather, scenario.plant)
        self.log = CommandLog()
        self._story = Story(scenario, tag_units(self.plant.layout))
        self._start: Instant | None = None
        self.readings = self.plant.readings()

    def advance(self, now: Instant) -> list[Fact]:
        """Step the plant to `now`, as far as one bite goes."""
        if self._start is None:
            self._start = now
        facts: list[Fact] = []
        due = (now.mono_ns - self._start.mono_ns) // TICK_NS
        for _ in range(min(TICKS_AT_ONCE, due - self.plant.tick)):
            facts += self._tick(self._start.plus((self.plant.tick + 1) * TICK_S))
        self.readings = self.plant.readings()
        return facts

    def wake_ns(self, now: Instant) -> int:
        """Return when the next tick is due."""
        start = self._start or now
        return start.mono_ns + (self.plant.tick + 1) * TICK_NS

    def story_s(self, at: Instant) -> float:
        """Return the seconds from the plant's start to `at`."""
        return (at.mono_ns - (self._start or at).mono_ns) / NS

    def command(self, seat: str, action: Action) -> str:
        """Note a command for the next tick, if the plant has what it names."""
        problem = refusal(self.plant.layout, action)
        if not problem:
            self.log.add(seat, action)
        return problem

    def frame(self) -> dict[str, Any]:
        """Return the plant as a seat sees it; `puffs` has [x, y, sigma_h, sigma_z, kg, gas]."""
        wind = self.plant.wind
        return {
            "t_s": round(self.plant.time_s, 1),
            "wind": {"speed_m_s": round(wind.speed_m_s, 2), "from_deg": round(wind.from_deg, 1)},
            "gases": list(self.plant.layout.gases),
            "puffs": self.plant.puffs.subset(),
        }

    def _tick(self, at: Instant) -> list[Fact]:
        plant = self.plant
        facts: list[Fact] = []
        actions: list[Action] = []
        for event in self._story.due(plant.time_s, plant.readings()):
            actions += event.actions
            facts.append(Fact("story", at, {"event": event.id, "title": event.title.model_dump()}))
        for command in self.log.take(plant.tick + 1):
            actions.append(command.action)
            facts.append(Fact("command", at, command.as_dict()))
        for happened in plant.step(actions):
            fields = {"state": happened.state, "asset": happened.asset}
            facts.append(Fact("leak", at, {**fields, "rate_kg_s": round(happened.rate_kg_s, 6)}))
        return facts


class ReplaySource:
    """A recorded trial, minute by minute, through the detectors that stand where its sensors did.

    The record's time is the clock's UTC plus `offset_ns`.
    """

    def __init__(self, site: Site, record: Record, offset_ns: int = 0) -> None:
        self._record = record
        self._offset_ns = offset_ns
        self._feeds = _feeds(site, record)
        self._tags = [tag for tag in site.tags.values() if tag.device in site.devices]
        self._assets = {leak.group: _asset_of(site, leak) for leak in record.leaks}
        self._shown_ns: int | None = None  # the record's time of the last call
        self._minute: Minute | None = None
        self._ended = False
        self.readings: Mapping[str, Reading] = dict.fromkeys(
            (tag.name for tag in self._tags), NOT_MODELLED
        )

    def advance(self, now: Instant) -> list[Fact]:
        """Show the minute that stands at `now`; tell the leaks begun and ended since."""
        here = now.utc_ns + self._offset_ns
        minute = self._record.at(here)
        if self._shown_ns is None or minute is not self._minute:
            self._minute = minute
            self.readings = {tag.name: self._reading(tag, minute) for tag in self._tags}
        facts = self._leaks(here, now)
        if not self._ended and here > self._record.minutes[-1].utc_ns + 60 * NS:
            self._ended = True
            facts.append(Fact("end", now, {}))
        self._shown_ns = here
        return facts

    def wake_ns(self, now: Instant) -> int:
        """Return when the next minute or the next turn of a leak is due."""
        here = now.utc_ns + self._offset_ns
        turns = [t for leak in self._record.leaks for t in (leak.start_ns, leak.end_ns)]
        ahead = [t for t in (*turns, self._record.next_after(here)) if t is not None and t > here]
        wait = min((t - here for t in ahead), default=LONGEST_WAIT_NS)
        return now.mono_ns + min(wait, LONGEST_WAIT_NS)

    def story_s(self, at: Instant) -> float:
        """Return the record's UTC [s] at `at`."""
        return (at.utc_ns + self._offset_ns) / NS

    def command(self, seat: str, action: Action) -> str:  # noqa: ARG002 - the protocol's form
        """Refuse: what is recorded has happened."""
        return NO_ANSWER

    def frame(self) -> dict[str, Any]:
        """Return the recorded wind; the gas of a recording is known at its sensors only."""
        wind = None
        minute = self._minute
        if minute and minute.wind_speed_m_s is not None and minute.wind_from_deg is not None:
            wind = {"speed_m_s": minute.wind_speed_m_s, "from_deg": minute.wind_from_deg}
        here = self._shown_ns or self._record.minutes[0].utc_ns
        return {"t_s": round(here / NS, 1), "wind": wind, "gases": [], "puffs": []}

    def _reading(self, tag: Tag, minute: Minute | None) -> Reading:
        """Return what `tag` shows in `minute`; a blank is a sensor that failed."""
        value: float | None = None
        if tag.name in self._feeds and minute is not None:
            value = minute.gas[self._feeds[tag.name]]
        elif tag.quantity == "wind_speed" and minute is not None:
            value = minute.wind_speed_m_s
        elif tag.quantity == "wind_from" and minute is not None:
            value = minute.wind_from_deg
        elif minute is None or tag.quantity not in {"concentration", "wind_speed", "wind_from"}:
            return NOT_MODELLED
        if value is None or minute is None:
            return FAILED
        source_ns = minute.utc_ns - self._offset_ns
        return clipped(tag, value)._replace(source_ns=source_ns)

    def _leaks(self, here: int, now: Instant) -> list[Fact]:
        """Return the turns of leaks since the last call; at first, the leaks that run already."""
        facts: list[Fact] = []
        before = self._shown_ns
        for leak in self._record.leaks:
            for state, turn in (("start", leak.start_ns), ("stop", leak.end_ns)):
                if before is None:
                    news = state == "start" and leak.start_ns <= here < leak.end_ns
                else:
                    news = before < turn <= here
                if news:
                    at = now.plus((turn - here) / NS)
                    asset = self._assets[leak.group]
                    fields = {"state": state, "asset": asset, "rate_kg_s": leak.rate_kg_s}
                    facts.append(Fact("leak", at, fields))
        return facts


def replay_start_ns(folder: Path, start: str = "") -> int:
    """Return where the replay of the trial in `folder` begins [UTC ns]; see `Record.start_ns`.

    Raises `ConfigError`.
    """
    return read_record(folder).start_ns(start)


def _feeds(site: Site, record: Record) -> dict[str, str]:
    """Return the sensor that feeds each gas tag. Raises `ConfigError` for tags without one."""
    feeds: dict[str, str] = {}
    faults: list[Fault] = []
    for tag in site.tags.values():
        if tag.quantity != "concentration" or tag.device not in site.devices:
            continue
        sensor = nearest_sensor(record, tag.position.x_m, tag.position.y_m)
        if sensor is None:
            problem = f"no sensor of {record.folder.name} stands within a metre of it"
            remedy = "Give the tag its sensor's x_m and y_m, or another trial"
            faults.append(Fault("tags.csv", 0, tag.name, problem, remedy))
        else:
            feeds[tag.name] = sensor
    if faults:
        raise ConfigError(faults)
    return feeds


def _asset_of(site: Site, leak: Leak) -> str:
    """Return the asset that a leak's group is: by id, else the nearest that holds a gas."""
    if leak.group in site.assets:
        return leak.group
    holders = [asset for asset in site.file.assets if asset.holds]
    if not holders:
        return leak.group

    def away(index: int) -> float:
        at = holders[index].position
        return math.hypot(at.x_m - leak.x_m, at.y_m - leak.y_m)

    return holders[min(range(len(holders)), key=away)].id


def level_of(site: Site, tag: str, reading: Reading) -> int:
    """Return the detector level that `reading` of `tag` stands above: 0, 1 or 2.

    By the set-points alone: what the truth line and the seat's window show, not an alarm.
    """
    if reading.value is None or reading.quality is Quality.BAD:
        return 0
    level = 0
    for kind, number in (("h", 1), ("hh", 2)):
        spec = site.limits.get(f"{tag}/{kind}")
        if spec is not None and spec.level and spec.limit is not None:
            level = number if reading.value > spec.limit else level
    return level
