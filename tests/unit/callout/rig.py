"""A site with a shift and a major hazard source, and a callout on a clock that the test moves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from edge.alarm import AlarmView
from edge.callout import Callout
from edge.clock import ManualClock
from edge.event import StateRow, Transition
from edge.site.model import Site
from edge.words import catalogue
from tests.unit.alarm.standing import view
from tests.unit.poll.helpers import TITLE, make_site, make_tag

PEOPLE = ("desk", "leader", "dispatcher", "boss", "engineer", "foreman")
OWNERS = {"principal": "boss", "technical": "engineer", "operational": "foreman"}
SHIFT = ("desk", "leader", "dispatcher")
DIALLER = {"id": "dialler", "kind": "dialler", "point": "out", "on": 1, "off": 0}


def callout_site(shift: tuple[str, ...] = SHIFT, **rules: Any) -> Site:
    """AT-1 and AT-2 stand at the chlorine tank, AT-9 in an area of no major hazard source."""
    tags = [make_tag(name, "a-1") for name in ("AT-1", "AT-2")]
    tags.append(make_tag("AT-9", "a-1", asset="SHED", area="nh3"))
    tank = {"kind": "tank", "area": "cl2", "position": {"x_m": 0, "y_m": 0}}
    source = {"id": "cl2-source", "title": TITLE, "level": 2, "assets": ["TANK"], "owners": OWNERS}
    tower = {"id": "tower", "device": "a-1", "areas": ["cl2"], "outputs": [DIALLER]}
    contact = {"annunciator": "tower", "output": "dialler"}
    return make_site(
        tags,
        assets=[{"id": "TANK", "title": TITLE, **tank}],
        annunciators=[tower],
        people=[{"id": name, "title": TITLE, "user": f"u-{name}"} for name in PEOPLE],
        major_hazards=[source],
        callout={"shift": list(shift), "contact": contact, **rules},
    )


def alarm(condition: str = "AT-1/hh", **changes: Any) -> AlarmView:
    """Return a standing alarm: of hh a level 2, of AT-9 in the ammonia area."""
    tag, _, kind = condition.partition("/")
    fields: dict[str, Any] = {
        "priority": 1 if kind == "hh" else 2,
        "level": 2 if kind == "hh" else 1,
        "area": "nh3" if tag == "AT-9" else "cl2",
    }
    return view(condition, **(fields | changes))


class Run:
    """One run of core, as far as callout is concerned; `said`: (second, kind) of each event."""

    def __init__(self, site: Site | None = None, clock: ManualClock | None = None) -> None:
        self.clock = clock or ManualClock()
        self.callout = Callout(site or callout_site())
        self.alarms: dict[str, AlarmView] = {}
        self.transitions: list[Transition] = []
        self.said: list[tuple[int, str]] = []
        self.rows: dict[str, StateRow] = {}
        self._from_ns = self.clock.now().mono_ns

    def raise_(self, *conditions: str, **changes: Any) -> None:
        raised_ns = self.clock.now().utc_ns
        for name in conditions:
            self.alarms[name] = alarm(name, raised_ns=raised_ns, **changes)
        self.look()

    def acknowledge(self, *conditions: str) -> None:
        for name in conditions:
            self.alarms[name] = replace(self.alarms[name], state="acked", acked_by="王")
        self.look()

    def clear(self, *conditions: str) -> None:
        for name in conditions:
            del self.alarms[name]
        self.look()

    def look(self) -> None:
        """Have the callout see what stands, as core's next tick does."""
        self.callout.demand(list(self.alarms.values()))
        self.take(self.callout.tick(self.clock.now()))

    def wait(self, seconds: int) -> None:
        """Let time pass, a tick each second."""
        for _ in range(seconds):
            self.clock.advance(1.0)
            self.take(self.callout.tick(self.clock.now()))

    def read(self, call: str, actor: str) -> None:
        self.take(self.callout.read(call, actor, self.clock.now()))

    def restart(self, away_s: float = 0.0, site: Site | None = None, step_s: float = 0.0) -> None:
        """Stop core for `away_s` [s] and start it on what the journal holds."""
        self.clock.advance(away_s)
        self.clock.step_utc(step_s)
        # Another run's monotonic clock tells nothing of the last one's.
        now = self.clock.now()
        mono_ns = 5_000_000_000
        self._from_ns -= now.mono_ns - mono_ns
        self.clock = ManualClock(now.utc_ns, mono_ns)
        self.callout = Callout(site or callout_site())
        others = self.callout.restore(self.rows.values())
        assert others == []
        self.take(self.callout.resume(list(self.alarms.values()), self.clock.now()))

    def take(self, changed: list[Transition]) -> None:
        second = (self.clock.now().mono_ns - self._from_ns) // 1_000_000_000
        for transition in changed:
            event, row = transition.event, transition.row
            texts = catalogue()[event.kind]
            for text in texts.values():
                text.format_map(event.params)  # a missing parameter raises
            self.transitions.append(transition)
            self.said.append((second, event.kind.removeprefix("callout.")))
            assert row is not None
            self.rows[row.condition] = row

    @property
    def calls(self) -> list[tuple[int, str]]:
        """What was said of calls, without the notices: people by name where one is called."""
        names = iter(t.event.params.get("person") for t in self.transitions)
        told = [(at, kind, next(names)) for at, kind in self.said]
        return [
            (at, f"called {person}" if kind == "called" else kind)
            for at, kind, person in told
            if not kind.startswith("notice")
        ]

    @property
    def call(self) -> dict[str, Any]:
        (view,) = self.callout.views()["calls"]
        return view

    def notice(self, hazard: str = "cl2-source") -> dict[str, Any]:
        (view,) = [v for v in self.callout.views()["notices"] if v["hazard"] == hazard]
        return view

    def read_in(self, hazard: str = "cl2-source") -> dict[str, str | None]:
        """Who has read the notice for whom."""
        return {one["person"]: one["read_by"] for one in self.notice(hazard)["people"]}
