"""The engine against an independent model (`model.py`), over random histories."""

from __future__ import annotations

import math

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from edge.alarm import Design
from edge.errors import CommandError
from edge.site.alarms.groups import Flood, SuppressionSpec
from edge.tag import REASONS, Quality, Reason
from edge.units import Unit
from tests.unit.alarm.helpers import TAG, Bench, limit, tag
from tests.unit.alarm.model import SHELVES, Floods, Plain

REASONS_TRIED = (
    Reason.OK,
    Reason.OK,
    Reason.OK,
    Reason.SPIKE,
    Reason.OVER_RANGE,
    Reason.CALIBRATING,
    Reason.TIMEOUT,
    Reason.STUCK,
)
RANGE_HIGH = 10.0
VALUES = (0.0, 0.1, 0.2, 0.24, 0.26, 0.3, 0.4, 0.59, 0.6, 5.0, 10.0, float("nan"), None)
NAMES = ("h", "hh", "bad")
IDLE, IDLE_TAG, FLOOD = "idle", "SUPPRESS-idle", "flood"
STALE_S = 3.0
START = 1_700_000_000.0  # UTC s, of the bench's clock


class EngineAgainstModel(RuleBasedStateMachine):
    """One detector: h (delays, deadband), hh (at once), bad (delayed), every act in any order.

    A state of the plant suppresses h and bad; three announcements make a flood, in which bad
    (priority 3) is held back; h and hh are a group.
    """

    @initialize(
        on_s=st.sampled_from((0.0, 2.0)),
        off_s=st.sampled_from((0.0, 3.0)),
        bad_on_s=st.sampled_from((0.0, 2.0)),
        bad_off_s=st.sampled_from((0.0, 3.0)),
        idle_on_s=st.sampled_from((0.0, 2.0)),
        latch=st.booleans(),
        begin=st.sampled_from((3, 1000)),
    )
    def build(
        self,
        on_s: float,
        off_s: float,
        bad_on_s: float,
        bad_off_s: float,
        idle_on_s: float,
        latch: bool,
        begin: int,
    ) -> None:
        idle = SuppressionSpec(
            IDLE, IDLE_TAG, frozenset({f"{TAG}/h", f"{TAG}/bad"}), on_delay_s=idle_on_s
        )
        state = {"quantity": "state", "substance": "", "unit": Unit.BOOL, "range_high": 1.0}
        self.bench = Bench(
            limit("h", 0.3, on_delay_s=on_s, off_delay_s=off_s, deadband=0.05),
            limit("hh", 0.6, off_delay_s=off_s, latch=latch),
            limit("bad", on_delay_s=bad_on_s, off_delay_s=bad_off_s),
            tags=[tag(range_high=RANGE_HIGH), tag(IDLE_TAG, device="core", **state)],
            design=Design(
                groups={"G": (f"{TAG}/h", f"{TAG}/hh")},
                suppressions={IDLE: idle},
                flood=Flood(begin=begin, end=1, priorities=(3,)),
            ),
        )
        self.h = Plain("h", 0.3, 0.05, on_s, off_s, 2)
        self.hh = Plain("hh", 0.6, 0.0, 0.0, off_s, 1, always_latch=latch)
        self.bad = Plain("bad", 1.0, 0.0, bad_on_s, bad_off_s, 3)
        self.idle_on_s = idle_on_s
        self.floods = Floods(begin, 1)
        self.first = ""
        self.now, self.step = 0.0, 0.0
        self.bench.tick()
        self.forget()
        self.heard = self.idle_heard = self.now

    def forget(self) -> None:
        """What a restart forgets."""
        self.judged: list[float] = []
        self.last_judged = False
        self.last_bad: bool | None = None
        self.lost = False
        self.stale = self.idle_stale = False
        self.heard: float | None = None
        self.idle_heard: float | None = None
        self.idle_history: list[tuple[float, float | None]] = []
        self.idle_known = False
        self.idle = False

    def alarms(self) -> dict[str, Plain]:
        return {f"{TAG}/{name}": getattr(self, name) for name in NAMES}

    def utc(self) -> float:
        return START + self.now + self.step

    # --- what the model makes of it --------------------------------------------------------------

    def stands(self, alarm: Plain) -> bool:
        return not alarm.hold and alarm.state != "normal"

    def go(self, alarm: Plain, *, urgent: bool = False) -> None:
        """Let an alarm's condition become true."""
        fresh = alarm.state == "normal"
        if not urgent and self.floods.on and fresh and alarm.priority == 3:
            alarm.suppressors.append(FLOOD)
            alarm.suppress()
        others = any(self.stands(a) for a in (self.h, self.hh) if a is not alarm)
        stood = self.stands(alarm)
        if alarm.becomes_true(urgent=urgent):
            self.mark(alarm, others=others or stood)
            self.floods.note(self.now)
        self.settle(alarm)

    def mark(self, alarm: Plain, *, others: bool) -> None:
        """The first of h and hh to be announced, while the other does not stand, is marked."""
        if alarm is not self.bad and not others:
            self.first = alarm.name

    def settle(self, alarm: Plain) -> None:
        alarm.normal_again()
        alarm.suppress()
        if self.first == alarm.name and not self.stands(alarm):
            self.first = ""

    def release(self, alarm: Plain) -> None:
        others = any(self.stands(a) for a in (self.h, self.hh) if a is not alarm)
        alarm.let_go()
        if alarm.state == "unack":
            self.mark(alarm, others=others)
        self.settle(alarm)

    def look(self, alarm: Plain, *, tick: bool, extreme: bool = False, urgent: bool = False):
        """Decide on a condition after its history has grown, or at a tick."""
        seen = bool(alarm.history) and alarm.history[-1][1] is not None
        if not alarm.active:
            alarm.extreme_seen = alarm.pending() and (alarm.extreme_seen or extreme)
            since = alarm.beyond_since()
            if seen and since is not None and self.now - since >= alarm.on_s:
                self.go(alarm, urgent=urgent)
        elif not tick:
            alarm.latched = alarm.latched or extreme
            since = alarm.clear_since()
            if since is not None and self.now - since >= alarm.off_s:
                alarm.ends_now()
                self.settle(alarm)
        if alarm.active and urgent and not alarm.urgent:
            self.go(alarm, urgent=True)

    def learn(self, value: float | None, bad: bool, extreme: bool) -> None:
        self.last_judged, self.last_bad = value is not None, bad
        if value is not None:
            self.judged.append(value)
        for alarm in (self.h, self.hh):
            alarm.history.append((self.now, value))
            self.look(alarm, tick=False, extreme=extreme)
        in_gas = any(alarm.active or alarm.pending() for alarm in (self.h, self.hh))
        if self.judged:
            last = self.judged[-1]
            step = last - self.judged[-2] if len(self.judged) > 1 else 0.0
            in_gas = in_gas or last >= 0.15 or last + 3 * step >= 0.3
        self.lost = bad and in_gas
        unknown = value is None and not bad and self.bad.active and self.bad.urgent
        self.bad.history.append((self.now, None if unknown else float(bad)))
        self.look(self.bad, tick=False, urgent=self.lost)

    def learn_idle(self, value: float | None) -> None:
        """What is said of the state of the plant; where nobody knows, everything speaks."""
        self.idle_known = True
        self.idle_history.append((self.now, value))
        if value is None or value < 0.5:
            self.idle_history.clear()
            self.lift_idle()
        else:
            self.look_idle()

    def look_idle(self) -> None:
        since = next((when for when, value in self.idle_history if value is not None), None)
        seen = bool(self.idle_history) and self.idle_history[-1][1] is not None
        if self.idle or not seen or since is None or self.now - since < self.idle_on_s:
            return
        self.idle = True
        self.idle_history.clear()
        for alarm in (self.bad, self.h):
            if IDLE not in alarm.suppressors:
                alarm.suppressors.append(IDLE)
                self.settle(alarm)

    def lift_idle(self) -> None:
        self.idle = False
        for alarm in (self.bad, self.h):
            self.lift(alarm, IDLE)

    def lift(self, alarm: Plain, name: str) -> None:
        if name in alarm.suppressors:
            alarm.suppressors.remove(name)
            if alarm.hold == "design" and alarm.held_by == name:
                self.release(alarm)

    # --- what happens ----------------------------------------------------------------------------

    @rule(value=st.sampled_from(VALUES), reason=st.sampled_from(REASONS_TRIED))
    def sample(self, value: float | None, reason: Reason) -> None:
        self.bench.feed(value, reason)
        self.heard, self.stale = self.now, False
        number = value is not None and not math.isnan(value)
        if REASONS[reason].quality is Quality.BAD:
            self.learn(None, bad=True, extreme=False)
        elif reason is Reason.CALIBRATING:
            self.learn(None, bad=False, extreme=False)
        elif reason is Reason.OVER_RANGE:
            self.learn(RANGE_HIGH, bad=False, extreme=True)
        elif number:
            self.learn(value, bad=False, extreme=False)
        else:
            self.learn(None, bad=True, extreme=False)

    @rule(said=st.sampled_from((0.0, 1.0, 1.0, None, "aside")))
    def plant_state(self, said: float | str | None) -> None:
        self.idle_heard, self.idle_stale = self.now, False
        if said is None:
            self.bench.feed(None, Reason.TIMEOUT, name=IDLE_TAG)
            self.learn_idle(None)
        elif isinstance(said, str):
            self.bench.feed(1.0, Reason.SIMULATED, name=IDLE_TAG)
            self.learn_idle(None)
        else:
            self.bench.feed(said, name=IDLE_TAG)
            self.learn_idle(said)

    @rule(seconds=st.sampled_from((0.5, 1.0, 2.0, 4.0, 60.0, 600.0)))
    def wait(self, seconds: float) -> None:
        self.bench.wait(seconds)
        self.now += seconds

    @rule()
    def tick(self) -> None:
        self.bench.tick()
        for alarm in self.alarms().values():
            if alarm.hold in SHELVES and self.now >= alarm.ends:
                self.release(alarm)
        self.look_idle()
        if self.floods.on and self.floods.count(self.now) <= self.floods.end:
            self.floods.on = False
            for alarm in self.alarms().values():
                self.lift(alarm, FLOOD)
        if not self.floods.on:  # a flood of before a restart
            for alarm in self.alarms().values():
                self.lift(alarm, FLOOD)
        self.tick_silence()
        for alarm in (self.h, self.hh):
            self.look(alarm, tick=True)
        self.look(self.bad, tick=True, urgent=self.last_bad is True and self.lost)

    def tick_silence(self) -> None:
        self.heard = self.now if self.heard is None else self.heard
        self.idle_heard = self.now if self.idle_heard is None else self.idle_heard
        if self.now - self.heard > STALE_S and not self.stale:
            self.stale = True
            self.learn(None, bad=True, extreme=False)
        if self.now - self.idle_heard > STALE_S and not self.idle_stale:
            self.idle_stale = True
            self.learn_idle(None)

    @rule(seconds=st.sampled_from((-86_400.0, 3600.0)))
    def step_wall_clock(self, seconds: float) -> None:
        self.bench.clock.step_utc(seconds)
        self.step += seconds

    def asked(self, act, allowed: bool) -> bool:
        """Do what a person wants; whether core does it must be as the model says."""
        if allowed:
            act()
        else:
            with pytest.raises(CommandError):
                act()
        return allowed

    @rule(name=st.sampled_from(NAMES))
    def acknowledge(self, name: str) -> None:
        condition = f"{TAG}/{name}"
        alarm = self.alarms()[condition]
        if self.asked(lambda: self.bench.ack(condition), not alarm.hold and not alarm.acked):
            alarm.acked = True
            self.settle(alarm)

    @rule(name=st.sampled_from(NAMES))
    def reset(self, name: str) -> None:
        condition = f"{TAG}/{name}"
        alarm = self.alarms()[condition]
        may = alarm.state == "latched" and not alarm.pending() and self.last_judged
        if self.asked(lambda: self.bench.reset(condition), may):
            alarm.latched = False
            self.settle(alarm)

    @rule(name=st.sampled_from(NAMES), minutes=st.sampled_from((1.0, 2.0)), once=st.booleans())
    def shelve(self, name: str, minutes: float, once: bool) -> None:
        condition = f"{TAG}/{name}"
        alarm = self.alarms()[condition]
        may = alarm.state not in ("latched", "suppressed", "out-of-service")
        may = may and alarm.shown_priority != 1
        if self.asked(lambda: self.bench.shelve(condition, minutes, once=once), may):
            alarm.began_anew()
            alarm.hold, alarm.ends = "once" if once else "shelf", self.now + 60 * minutes
            alarm.since_utc, alarm.until_utc = self.utc(), self.utc() + 60 * minutes
            self.settle(alarm)

    @rule(name=st.sampled_from(NAMES))
    def unshelve(self, name: str) -> None:
        condition = f"{TAG}/{name}"
        alarm = self.alarms()[condition]
        if self.asked(lambda: self.bench.unshelve(condition), alarm.hold in SHELVES):
            self.release(alarm)

    @rule(name=st.sampled_from(NAMES))
    def take_out(self, name: str) -> None:
        condition = f"{TAG}/{name}"
        alarm = self.alarms()[condition]
        if self.asked(lambda: self.bench.take_out(condition), alarm.hold != "out"):
            alarm.began_anew()
            alarm.hold = "out"
            self.settle(alarm)

    @rule(name=st.sampled_from(NAMES))
    def put_back(self, name: str) -> None:
        condition = f"{TAG}/{name}"
        alarm = self.alarms()[condition]
        if self.asked(lambda: self.bench.put_back(condition), alarm.hold == "out"):
            self.release(alarm)

    @rule()
    def restart(self) -> None:
        self.bench.restart()
        for alarm in self.alarms().values():
            alarm.history.clear()
            alarm.extreme_seen = False
            alarm.suppressors = [alarm.held_by] if alarm.hold == "design" else []
            if alarm.hold in SHELVES:
                whole = alarm.until_utc - alarm.since_utc
                alarm.ends = self.now + min(max(alarm.until_utc - self.utc(), 0.0), whole)
        self.forget()
        self.floods = Floods(self.floods.begin, self.floods.end)

    @invariant()
    def same(self) -> None:
        if not hasattr(self, "bench"):
            return
        for condition, alarm in self.alarms().items():
            view = self.bench.engine.view(condition)
            assert view is not None
            assert view.state == alarm.state, condition
            assert view.active == alarm.active, condition
            assert view.priority == alarm.shown_priority, condition
            if alarm.state != "normal":
                assert (view.count, view.latched) == (alarm.count, alarm.latched), condition
                assert view.acked == (alarm.acked or bool(alarm.hold))
                assert view.once == (alarm.hold == "once")
                assert alarm.hold != "design" or view.held_by == alarm.held_by, condition
                assert bool(view.first_out) == (self.first == alarm.name), condition
        standing = {view.condition for view in self.bench.engine.alarms()}
        assert standing == {c for c, alarm in self.alarms().items() if alarm.state != "normal"}
        assert self.bench.engine.flood == self.floods.on


EngineAgainstModel.TestCase.settings = settings(
    max_examples=200, stateful_step_count=50, deadline=None
)
TestEngineAgainstModel = EngineAgainstModel.TestCase
