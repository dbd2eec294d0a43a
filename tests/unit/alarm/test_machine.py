"""The engine against an independent model, over random histories."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from edge.errors import CommandError
from edge.tag import REASONS, Quality, Reason
from tests.unit.alarm.helpers import TAG, Bench, limit, tag

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


@dataclass
class Plain:
    """One alarm told as sentences over its whole history, not as a state table."""

    threshold: float
    deadband: float
    on_s: float
    off_s: float
    always_latch: bool
    history: list[tuple[float, float | None]] = field(default_factory=list)  # (when, None: held)
    active: bool = False
    acked: bool = True
    latched: bool = False
    urgent: bool = False
    extreme_seen: bool = False
    count: int = 0

    def beyond_since(self) -> float | None:
        """When the unbroken row of judged samples at or beyond the limit began (held ones pass)."""
        since = None
        for when, value in reversed(self.history):
            if value is None:
                continue
            if value < self.threshold:
                break
            since = when
        return since

    def clear_since(self) -> float | None:
        """When the unbroken row of judged samples below the deadband began (held ones break)."""
        since = None
        for when, value in reversed(self.history):
            if value is None or value >= self.threshold - self.deadband:
                break
            since = when
        return since

    def pending(self) -> bool:
        return not self.active and self.beyond_since() is not None

    def look(self, now: float, *, tick: bool, extreme: bool = False, urgent: bool = False) -> None:
        """Decide after the history has grown, or at a tick."""
        seen = bool(self.history) and self.history[-1][1] is not None
        if not self.active:
            self.extreme_seen = self.pending() and (self.extreme_seen or extreme)
            since = self.beyond_since()
            if seen and since is not None and now - since >= self.on_s:
                self.go(urgent=urgent)
        elif not tick:
            self.latched = self.latched or extreme
            since = self.clear_since()
            if since is not None and now - since >= self.off_s:
                self.active = False
                self.history.clear()
        if self.active and urgent and not self.urgent:
            self.go(urgent=True)

    def go(self, *, urgent: bool) -> None:
        if self.state == "normal":
            self.count, self.urgent = 0, False
        self.urgent = self.urgent or urgent
        self.latched = self.latched or self.always_latch or self.extreme_seen
        self.active, self.acked, self.extreme_seen = True, False, False
        self.count += 1
        self.history.clear()

    @property
    def state(self) -> str:
        if self.active:
            return "acked" if self.acked else "unack"
        if self.latched:
            return "latched"
        return "normal" if self.acked else "rtn-unack"


class EngineAgainstModel(RuleBasedStateMachine):
    """One detector: h (delays, deadband), hh (at once), bad (delayed), every act in any order."""

    @initialize(
        on_s=st.sampled_from((0.0, 2.0)),
        off_s=st.sampled_from((0.0, 3.0)),
        bad_on_s=st.sampled_from((0.0, 2.0)),
        latch=st.booleans(),
    )
    def build(self, on_s: float, off_s: float, bad_on_s: float, latch: bool) -> None:
        self.bench = Bench(
            limit("h", 0.3, on_delay_s=on_s, off_delay_s=off_s, deadband=0.05),
            limit("hh", 0.6, off_delay_s=off_s, latch=latch),
            limit("bad", on_delay_s=bad_on_s),
            tags=[tag(range_high=RANGE_HIGH)],
        )
        self.h = Plain(0.3, 0.05, on_s, off_s, always_latch=False)
        self.hh = Plain(0.6, 0.0, 0.0, off_s, always_latch=latch)
        self.bad = Plain(1.0, 0.0, bad_on_s, 0.0, always_latch=False)
        self.now = 0.0
        self.bench.tick()
        self.forget()

    def forget(self) -> None:
        """What a restart forgets."""
        self.judged: list[float] = []
        self.last_judged = False
        self.last_bad: bool | None = None
        self.heard: float | None = self.now

    def alarms(self) -> dict[str, Plain]:
        return {f"{TAG}/h": self.h, f"{TAG}/hh": self.hh, f"{TAG}/bad": self.bad}

    def learn(self, value: float | None, bad: bool, extreme: bool) -> None:
        self.last_judged, self.last_bad = value is not None, bad
        if value is not None:
            self.judged.append(value)
        for alarm in (self.h, self.hh):
            alarm.history.append((self.now, value))
            alarm.look(self.now, tick=False, extreme=extreme)
        in_gas = any(alarm.active or alarm.pending() for alarm in (self.h, self.hh))
        if self.judged:
            last = self.judged[-1]
            step = last - self.judged[-2] if len(self.judged) > 1 else 0.0
            in_gas = in_gas or last >= 0.15 or last + 3 * step >= 0.3
        self.lost = bad and in_gas
        self.bad.history.append((self.now, float(bad)))
        self.bad.look(self.now, tick=False, urgent=self.lost)

    @rule(value=st.sampled_from(VALUES), reason=st.sampled_from(REASONS_TRIED))
    def sample(self, value: float | None, reason: Reason) -> None:
        self.bench.feed(value, reason)
        self.heard = self.now
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

    @rule(seconds=st.sampled_from((0.5, 1.0, 2.0, 4.0)))
    def wait(self, seconds: float) -> None:
        self.bench.wait(seconds)
        self.now += seconds

    @rule()
    def tick(self) -> None:
        self.bench.tick()
        if self.heard is None:
            self.heard = self.now
        if self.now - self.heard > 3.0:
            self.learn(None, bad=True, extreme=False)
        self.h.look(self.now, tick=True)
        self.hh.look(self.now, tick=True)
        lost = self.last_bad is True and self.lost
        self.bad.look(self.now, tick=True, urgent=lost)

    @rule(seconds=st.sampled_from((-86_400.0, 3600.0)))
    def step_wall_clock(self, seconds: float) -> None:
        self.bench.clock.step_utc(seconds)

    @rule(name=st.sampled_from(("h", "hh", "bad")))
    def acknowledge(self, name: str) -> None:
        condition = f"{TAG}/{name}"
        alarm = self.alarms()[condition]
        if alarm.acked:
            with pytest.raises(CommandError):
                self.bench.ack(condition)
        else:
            self.bench.ack(condition)
            alarm.acked = True

    @rule(name=st.sampled_from(("h", "hh", "bad")))
    def reset(self, name: str) -> None:
        condition = f"{TAG}/{name}"
        alarm = self.alarms()[condition]
        if alarm.state == "latched" and not alarm.pending() and self.last_judged:
            self.bench.reset(condition)
            alarm.latched = False
        else:
            with pytest.raises(CommandError):
                self.bench.reset(condition)

    @precondition(lambda self: hasattr(self, "bench"))
    @rule()
    def restart(self) -> None:
        self.bench.restart()
        for alarm in self.alarms().values():
            alarm.history.clear()
            alarm.extreme_seen = False
        self.forget()
        self.heard = None

    @invariant()
    def same(self) -> None:
        if not hasattr(self, "bench"):
            return
        for condition, alarm in self.alarms().items():
            view = self.bench.engine.view(condition)
            assert view is not None
            assert view.state == alarm.state, condition
            if alarm.state != "normal":
                assert (view.count, view.latched) == (alarm.count, alarm.latched), condition
                assert (view.acked_by is not None) == alarm.acked
                assert (view.priority == 1) == (alarm.urgent or condition.endswith("/hh"))
        standing = {view.condition for view in self.bench.engine.alarms()}
        assert standing == {c for c, alarm in self.alarms().items() if alarm.state != "normal"}


EngineAgainstModel.TestCase.settings = settings(
    max_examples=200, stateful_step_count=50, deadline=None
)
TestEngineAgainstModel = EngineAgainstModel.TestCase
