"""What people and restarts do to the engine's alarms, and what the world outside sees of them."""

from __future__ import annotations

import math

import pytest

from edge.alarm import AlarmEngine
from edge.clock import ManualClock
from edge.errors import CommandError
from edge.event import StateRow
from edge.site.model import ConditionClass
from edge.tag import Reason, World
from tests.unit.alarm.helpers import TAG, Bench, gas, limit, sample, tag

WIRE_ALARM = [
    *("condition", "tag", "kind", "klass", "priority", "level", "area", "state", "latched"),
    *("since_ns", "raised_ns", "acked_by", "value", "limit", "unit", "count", "world"),
    *("active", "held_by", "held_reason", "held_until_ns", "permit", "once", "first_out"),
    *("guidance", "respond_s"),
]
H, HH, BAD = f"{TAG}/h", f"{TAG}/hh", f"{TAG}/bad"


def test_wall_clock_steps_change_no_state() -> None:
    """An hour forward and back in UTC neither fires nor resets a delay, nor makes a tag stale."""
    bench = gas(on_delay_s=2.0, off_delay_s=2.0)
    bench.tick()
    bench.feed(0.4)
    for step in (3600.0, -7200.0):
        bench.clock.step_utc(step)
        assert bench.tick() == []
        assert bench.feed(0.4) == []
    bench.wait(2)
    assert bench.feed(0.4) == [f"{H} alarm.raised"]
    bench.feed(0.0)
    bench.clock.step_utc(9999)
    assert bench.feed(0.0) == []


def test_re_alarm_counts_and_needs_a_new_acknowledge() -> None:
    """Raised, returned, raised: one row, counted twice, unacknowledged again, since the first."""
    bench = gas()
    bench.feed(0.4)
    first = bench.engine.alarms()[0]
    bench.feed(0.0)
    bench.wait(10)
    bench.feed(0.5)
    again = bench.engine.alarms()[0]
    assert (again.count, again.state, again.acked_by) == (2, "unack", None)
    assert again.since_ns == first.since_ns < again.raised_ns
    bench.ack(H)
    bench.feed(0.0)
    assert bench.engine.alarms() == []
    bench.feed(0.5)
    assert bench.engine.alarms()[0].count == 1


def test_commands_that_do_not_apply_are_refused_with_a_message() -> None:
    """Unknown, not standing and already acknowledged are three different answers."""
    bench = gas()
    for condition, message in (("X/h", "unknown-condition"), (H, "not-standing")):
        with pytest.raises(CommandError) as refused:
            bench.ack(condition)
        assert refused.value.message_id == f"alarm.refused.{message}"
    bench.feed(0.4)
    bench.ack(H, "李")
    with pytest.raises(CommandError) as refused:
        bench.ack(H)
    assert refused.value.message_id == "alarm.refused.already-acknowledged"
    assert refused.value.params["by"] == "李"
    with pytest.raises(CommandError, match="not-standing"):
        bench.reset(HH)
    assert bench.state(H) == "acked"


def test_another_world_is_refused_and_unknown_tags_have_nothing_to_judge() -> None:
    """A live sample never reaches a test world's alarms, not even a quiet one."""
    bench = gas()
    bench.feed(0.0)
    for value in (0.0, 0.4):
        with pytest.raises(ValueError, match="live"):
            bench.engine.evaluate(sample(value)._replace(world=World.LIVE), bench.clock.now())
    assert bench.feed(0.4, name="XX-9") == []


def test_view_carries_the_wire_s_alarm() -> None:
    """`as_dict` has exactly the fields of docs/wire.md, as plain values."""
    bench = gas()
    bench.feed(0.4)
    shown = bench.engine.alarms()[0].as_dict()
    assert list(shown) == WIRE_ALARM
    assert (shown["condition"], shown["value"], shown["world"]) == (H, 0.4, "test")
    assert all(type(value) in {str, int, float, bool, type(None)} for value in shown.values())


def test_predicted_conditions_work_the_same_and_are_marked() -> None:
    """A predicted value passes the same engine and carries its class everywhere."""
    predicted = tag(quantity="predicted", device="hazard")
    bench = Bench(limit("h", 2.0, klass=ConditionClass.PREDICTED), tags=[predicted])
    assert bench.feed(3.0) == [f"{H} alarm.raised"]
    assert bench.engine.alarms()[0].klass == "predicted"
    assert bench.seen[0].event.params["klass"] == "predicted"


REACHED = {
    "normal": [],
    "unack": [(0.4,)],
    "acked": [(0.4,), "ack"],
    "rtn-unack": [(0.4,), (0.0,)],
    "latched": [(10.0, Reason.OVER_RANGE), (0.0,)],
    "latched, acknowledged": [(10.0, Reason.OVER_RANGE), "ack", (0.0,)],
    "shelved": ["shelve"],
    "shelved in alarm": [(0.4,), "shelve"],
    "shelved, and came": ["shelve", (0.4,)],
    "shelved, latching": ["shelve", (10.0, Reason.OVER_RANGE), (0.0,)],
    "shelved once": [(0.4,), "once"],
    "out of service": ["out", (0.4,)],
}


ACTS = {
    "ack": lambda bench: bench.ack(H),
    "shelve": lambda bench: bench.shelve(H),
    "once": lambda bench: bench.shelve(H, once=True),
    "unshelve": lambda bench: bench.unshelve(H),
    "out": lambda bench: bench.take_out(H),
    "in": lambda bench: bench.put_back(H),
}


@pytest.mark.parametrize(
    "then", [(0.0,), (0.4,), (None, Reason.TIMEOUT), "ack", "unshelve", "in", "shelve"]
)
@pytest.mark.parametrize("reached", REACHED)
def test_restart_in_every_state_goes_on_as_if_it_had_not_been(reached, then) -> None:
    """The state rows alone are enough: alarm, latch, count and who acknowledged all come back."""
    views = []
    for restarted in (False, True):
        bench = Bench(limit("h", 0.3))
        for step in REACHED[reached]:
            ACTS[step](bench) if isinstance(step, str) else bench.feed(*step)
        if restarted:
            bench.restart()
        try:
            ACTS[then](bench) if isinstance(then, str) else bench.feed(*then)
        except CommandError as refused:
            views.append(refused.message_id)
        view = bench.engine.view(H)
        assert view is not None
        normal = view.state == "normal"
        views.append("normal" if normal else view)
        views.append(len(bench.engine.alarms()))
    assert views[: len(views) // 2] == views[len(views) // 2 :]


def test_restore_names_standing_conditions_that_the_site_no_longer_has() -> None:
    """A row without a condition is handed back if it stood; a normal one is nobody's concern."""
    engine = AlarmEngine({}, {}, World.TEST)
    stood = StateRow("GONE/h", "unack", {})
    now = ManualClock().now()
    assert engine.restore([stood, StateRow("GONE/hh", "normal", {})], now) == [stood]


def test_restore_takes_an_unknown_state_as_an_alarm() -> None:
    """A row that cannot be understood is never taken for clean air."""
    bench = gas()
    bench.engine.restore([StateRow(H, "shelved-by-a-later-version", {})], bench.clock.now())
    assert bench.state(H) == "unack"


def test_conditions_without_a_sense_are_refused_at_the_start() -> None:
    """No limit, an infinite one, a negative delay or a strange tag never reach the loop."""
    for strange in (limit("h"), limit("h", math.inf), limit("h", 1.0, on_delay_s=-1)):
        with pytest.raises(ValueError, match=H):
            Bench(strange)
    with pytest.raises(ValueError, match="AT-9"):
        Bench(limit("h", 1.0, name="AT-9"))
