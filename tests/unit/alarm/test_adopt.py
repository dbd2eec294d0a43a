"""A changed site: what is the same goes on in the midst of things, the rest keeps its state."""

from __future__ import annotations

import pytest

from edge.alarm import AlarmEngine, Design
from edge.site.alarms.groups import Flood, SuppressionSpec
from edge.site.model import ConditionClass, LimitSpec
from edge.tag import Reason, Tag, World
from tests.unit.alarm.helpers import TAG, Bench, gas, limit, tag

H, HH, BAD = f"{TAG}/h", f"{TAG}/hh", f"{TAG}/bad"


def change(
    bench: Bench, limits: list[LimitSpec], tags: list[Tag], design: Design | None = None
) -> list[str]:
    """Give the bench the engine of a changed site; return what stood and is gone."""
    by_id, by_name = {one.id: one for one in limits}, {one.name: one for one in tags}
    new = AlarmEngine(by_id, by_name, World.TEST, design=design)
    orphans = new.adopt(bench.engine, bench.clock.now())
    bench.engine = new
    return [row.condition for row in orphans]


def test_a_delay_that_runs_goes_on_over_a_reload() -> None:
    """An alarm that was three seconds from raising is still three seconds from it."""
    bench = gas(on_delay_s=5.0)
    bench.feed(0.4)
    bench.wait(2.0)
    bench.feed(0.4)
    assert change(bench, list(bench.limits.values()), [tag(), tag("AT-2")]) == []
    bench.wait(2.0)
    bench.feed(0.4)
    assert bench.tick() == []
    bench.wait(1.0)
    assert bench.feed(0.4) == [f"{H} alarm.raised"]


def test_standing_alarms_keep_their_states_and_who_acknowledged_them() -> None:
    """Nothing is raised again, and nothing acknowledged is asked for again."""
    bench = gas()
    bench.feed(10.0, Reason.OVER_RANGE)
    bench.ack(H)
    before = bench.engine.alarms()
    change(bench, list(bench.limits.values()), [tag()])
    assert bench.engine.alarms() == before
    assert bench.feed(10.0, Reason.OVER_RANGE) == []


def test_a_changed_set_point_keeps_the_alarm_until_a_sample_judges_it_anew() -> None:
    """A set-point that was raised above the reading lets the alarm return by its own rules."""
    bench = gas()
    bench.feed(0.4)
    changed = [limit("h", 0.5), limit("hh", 0.6), limit("bad", klass=ConditionClass.SYSTEM)]
    assert change(bench, changed, [tag()]) == []
    assert bench.state(H) == "unack"
    assert bench.feed(0.4) == [f"{H} alarm.returned"]


def test_what_stood_and_is_gone_is_handed_back_to_be_said() -> None:
    """A condition taken out of the list does not vanish in silence; a quiet one may."""
    bench = gas()
    bench.feed(0.4)
    assert change(bench, [limit("bad", klass=ConditionClass.SYSTEM)], [tag()]) == [H]
    assert bench.engine.alarms() == []


def test_a_tag_that_fell_silent_before_is_not_silent_anew() -> None:
    """Its staleness is known, and its alarm stands; no second one is raised."""
    bench = gas()
    bench.feed(0.1)
    bench.tick()
    bench.wait(10.0)
    assert bench.tick() == [f"{BAD} alarm.raised"]
    change(bench, list(bench.limits.values()), [tag()])
    bench.wait(10.0)
    assert bench.tick() == []
    assert bench.feed(0.1) == [f"{BAD} alarm.returned"]


def test_what_is_set_aside_stays_so_with_the_time_that_is_left() -> None:
    """A shelf of an alarm whose set-point changed ends when it would have ended."""
    bench = gas()
    bench.shelve(H, minutes=10)
    bench.take_out(HH)
    bench.wait(300)
    changed = [limit("h", 0.5), limit("hh", 0.6), limit("bad", klass=ConditionClass.SYSTEM)]
    change(bench, changed, [tag()])
    assert (bench.state(H), bench.state(HH)) == ("shelved", "out-of-service")
    bench.feed(0.55)
    bench.wait(299)
    bench.feed(0.55)
    assert bench.tick() == []
    bench.wait(1)
    bench.feed(0.55)
    assert bench.tick() == [f"{H} alarm.unshelved", f"{H} alarm.raised"]


def test_a_suppression_and_a_flood_go_on_and_end_where_the_site_knows_them_no_more() -> None:
    """What held an alarm back and is the same holds it on; what is gone lets it speak."""
    idle = SuppressionSpec("idle", "SUPPRESS-idle", frozenset({"AT-2/l"}))
    design = Design(suppressions={"idle": idle}, flood=Flood(begin=2, end=1))
    names = ("AT-2", "AT-3", "AT-4", "AT-5")
    tags = [tag(name, substance="", quantity="flow") for name in names] + [tag("SUPPRESS-idle")]
    low = [limit("l", 1.0, name=name, priority=3 if name < "AT-5" else 4) for name in names]
    bench = Bench(*low, tags=tags, design=design)
    bench.feed(1, name="SUPPRESS-idle")
    for name in names:
        bench.feed(0.0, name=name)
    held = {view.condition: view.held_by for view in bench.engine.alarms() if view.held}
    assert held == {"AT-2/l": "idle", "AT-5/l": "flood"}
    change(bench, low, tags, design)
    assert bench.tick() == []
    assert bench.engine.flood
    change(bench, low, tags, Design(flood=Flood(begin=2, end=1)))
    assert bench.tick() == ["AT-2/l alarm.unsuppressed", "AT-2/l alarm.raised"]
    bench.wait(601)
    for name in names:
        bench.feed(0.0, name=name)
    assert bench.tick()[:2] == ["alarms alarm.flood-ended", "AT-5/l alarm.unsuppressed"]


def test_a_condition_that_joins_a_suppression_in_force_is_held_with_the_others() -> None:
    """The suppression's own state goes on; its new member learns of it at once."""
    names = ("AT-2", "AT-3")
    tags = [tag(name, substance="", quantity="flow") for name in (*names, "SUPPRESS-idle")]
    low = [limit("l", 1.0, name=name, priority=3) for name in names]

    def design(*members: str) -> Design:
        spec = SuppressionSpec("idle", "SUPPRESS-idle", frozenset(members))
        return Design(suppressions={"idle": spec})

    bench = Bench(*low, tags=tags, design=design("AT-2/l"))
    bench.feed(1, name="SUPPRESS-idle")
    change(bench, low, tags, design("AT-2/l", "AT-3/l"))
    bench.feed(1, name="SUPPRESS-idle")
    assert {view.condition for view in bench.engine.alarms() if view.held} == {"AT-2/l", "AT-3/l"}


@pytest.mark.parametrize("once", [False, True])
@pytest.mark.parametrize("restarted", [False, True])
def test_a_shelf_ends_where_the_site_makes_its_alarm_urgent(once: bool, restarted: bool) -> None:
    """Nothing of priority 1 is ever shelved, whichever way it became so."""
    bench = Bench(limit("h", 0.3))
    bench.shelve(H, once=once)
    bench.feed(0.4)
    if restarted:
        bench.limits = {H: limit("h", 0.3, priority=1)}
        bench.restart()
    else:
        change(bench, [limit("h", 0.3, priority=1)], [tag()])
    assert bench.tick() == [f"{H} alarm.unshelved", f"{H} alarm.raised"]


@pytest.mark.parametrize("hours", [-3, 3])
def test_a_reload_after_a_step_of_the_wall_clock_neither_ends_nor_prolongs_a_shelf(
    hours: int,
) -> None:
    """It ends on the clock on which it began, though its condition is another now."""
    bench = Bench(limit("h", 0.3))
    bench.shelve(H, minutes=30)
    bench.clock.step_utc(hours * 3600)
    change(bench, [limit("h", 0.4)], [tag()])
    bench.wait(29 * 60)
    bench.tick()
    assert bench.state(H) == "shelved"
    bench.wait(61)
    bench.tick()
    assert bench.state(H) == "normal"


def test_a_flood_lets_go_what_the_site_makes_more_urgent() -> None:
    """Its priority is none of those that a flood holds any more."""
    names = ["TI-0", "TI-1", "TI-2"]
    tags = [tag(name, quantity="temperature", substance="") for name in names]
    design = Design(flood=Flood(begin=2, end=1))
    low = [limit("h", 1.0, name=name, priority=4, level=0) for name in names]
    bench = Bench(*low, tags=tags, design=design)
    for name in names:
        bench.feed(2.0, name=name)
    assert bench.state("TI-2/h") == "suppressed"
    change(bench, [*low[:2], limit("h", 1.0, name="TI-2", priority=3, level=0)], tags, design)
    assert bench.tick() == ["TI-2/h alarm.unsuppressed", "TI-2/h alarm.raised"]
