"""Suppression by design, floods, and the first of a group."""

import pytest

from edge.alarm import Design
from edge.site.alarms.groups import Flood, SuppressionSpec
from edge.site.model import ConditionClass
from edge.tag import Reason
from edge.units import Unit
from tests.unit.alarm.helpers import Bench, limit, tag

LOW, RUN = "FT-1/l", "SUPPRESS-idle"
DESIGN = Design(suppressions={RUN: SuppressionSpec("idle", RUN, frozenset({LOW}))})


def pump(**changes) -> Bench:
    """A flow that is low whenever the pump stands, and the tag that says that it does."""
    tags = [
        tag("FT-1", quantity="flow", substance=""),
        tag(RUN, quantity="state", substance="", unit=Unit.BOOL, device="core"),
    ]
    low = limit("l", 2.0, name="FT-1", **({"priority": 3} | changes))
    return Bench(low, tags=tags, design=DESIGN)


def test_while_it_is_in_force_nothing_is_announced_and_all_is_listed() -> None:
    """The low flow of a pump that stands is suppressed, recorded and shown as suppressed."""
    bench = pump()
    assert bench.feed(1, name=RUN) == [f"{LOW} alarm.suppressed"]
    assert bench.feed(0.0, name="FT-1") == [f"{LOW} alarm.held-raised"]
    [view] = bench.engine.alarms()
    assert (view.state, view.active, view.held_by) == ("suppressed", True, "idle")


def test_what_is_true_when_it_ends_is_announced() -> None:
    """The pump runs and there is no flow: that is the alarm it was made for."""
    bench = pump()
    bench.feed(1, name=RUN)
    bench.feed(0.0, name="FT-1")
    assert bench.feed(0, name=RUN) == [f"{LOW} alarm.unsuppressed", f"{LOW} alarm.raised"]


def test_where_nobody_knows_everything_speaks() -> None:
    """A Bad sample of what suppresses ends the suppression."""
    bench = pump()
    bench.feed(1, name=RUN)
    bench.feed(0.0, name="FT-1")
    assert f"{LOW} alarm.raised" in bench.feed(None, Reason.TIMEOUT, name=RUN)


@pytest.mark.parametrize("reason", [Reason.CALIBRATING, Reason.SIMULATED])
def test_a_state_of_the_plant_that_is_set_aside_suppresses_nothing(reason: Reason) -> None:
    """It may be another by now: an hour of calibration is no reason to be quiet."""
    bench = pump()
    bench.feed(1, name=RUN)
    bench.feed(0.0, name="FT-1")
    assert bench.feed(1, reason, name=RUN) == [f"{LOW} alarm.unsuppressed", f"{LOW} alarm.raised"]


def test_an_announced_alarm_waits_for_a_person_before_it_is_suppressed() -> None:
    """A suppression acknowledges nothing."""
    bench = pump()
    bench.feed(0.0, name="FT-1")
    assert bench.feed(1, name=RUN) == []
    assert bench.state(LOW) == "unack"
    assert bench.ack(LOW) == [f"{LOW} alarm.acknowledged", f"{LOW} alarm.suppressed"]


def test_a_shelf_that_ends_under_a_suppression_stays_quiet() -> None:
    """One holds after the other."""
    bench = pump()
    bench.shelve(LOW, minutes=1)
    bench.feed(1, name=RUN)
    assert bench.state(LOW) == "shelved"
    assert bench.unshelve(LOW) == [f"{LOW} alarm.unshelved", f"{LOW} alarm.suppressed"]


def test_a_restart_keeps_a_suppression_until_its_tag_says_otherwise() -> None:
    """It neither speaks before the first sample nor stays held when that says no."""
    bench = pump()
    bench.feed(1, name=RUN)
    bench.feed(0.0, name="FT-1")
    bench.restart()
    assert bench.tick() == []
    assert bench.state(LOW) == "suppressed"
    assert f"{LOW} alarm.raised" in bench.feed(0, name=RUN)


def test_a_suppression_that_left_the_site_lets_go() -> None:
    """Nothing is held by what nobody can read any more."""
    bench = pump()
    bench.feed(1, name=RUN)
    bench.feed(0.0, name="FT-1")
    bench.engine_arguments.clear()
    bench.restart()
    assert f"{LOW} alarm.raised" in bench.tick()


def test_what_is_urgent_is_not_suppressed_after_it_was_acknowledged() -> None:
    """A detector lost in gas breaks a suppression of its fault alarm, and stays in sight."""
    fault = "AT-1/bad"
    design = Design(suppressions={RUN: SuppressionSpec("work", RUN, frozenset({fault}))})
    tags = [tag(), tag(RUN, quantity="state", substance="", unit=Unit.BOOL, device="core")]
    bench = Bench(limit("h", 0.3), limit("bad"), tags=tags, design=design)
    bench.feed(1, name=RUN)
    bench.feed(0.25)
    assert f"{fault} alarm.raised" in bench.feed(None, Reason.TIMEOUT)
    assert bench.ack(fault) == [f"{fault} alarm.acknowledged"]


FLOOD = Flood(begin=3, end=1)


def many(**changes) -> Bench:
    """Six tags of priority 3 and one of priority 4 that alarm together."""
    names = [f"TI-{i}" for i in range(7)]
    limits = [
        limit("h", 1.0, name=name, priority=4 if name == "TI-6" else 3, **({"level": 0} | changes))
        for name in names
    ]
    tags = [tag(name, quantity="temperature", substance="") for name in names]
    return Bench(*limits, tags=tags, design=Design(flood=FLOOD))


def test_in_a_flood_those_of_low_priority_are_listed_and_not_announced() -> None:
    """The flood is told with its count; the medium ones go on speaking."""
    bench = many()
    for name in ("TI-0", "TI-1"):
        bench.feed(2.0, name=name)
    assert bench.feed(2.0, name="TI-2") == ["TI-2/h alarm.raised", "alarms alarm.flood-began"]
    assert bench.feed(2.0, name="TI-6") == ["TI-6/h alarm.suppressed", "TI-6/h alarm.held-raised"]
    assert bench.feed(2.0, name="TI-3") == ["TI-3/h alarm.raised"]
    assert bench.engine.flood
    assert [v.held_by for v in bench.engine.alarms() if v.held] == ["flood"]


def test_a_flood_holds_no_level_of_a_gas_detector() -> None:
    """Whatever priority a site gives it: gas is told, as with a suppression by design."""
    bench = many(level=1)
    for name in ("TI-0", "TI-1", "TI-2"):
        bench.feed(2.0, name=name)
    assert bench.feed(2.0, name="TI-6") == ["TI-6/h alarm.raised"]


def test_after_a_flood_what_still_stands_is_announced() -> None:
    """Fewer than so many in ten minutes: it is over, and nothing was lost."""
    bench = many()
    for name in ("TI-0", "TI-1", "TI-2", "TI-6"):
        bench.feed(2.0, name=name)
    bench.wait(601)
    for name in ("TI-0", "TI-1", "TI-2", "TI-3", "TI-4", "TI-5", "TI-6"):
        bench.feed(2.0 if name in {"TI-0", "TI-1", "TI-2", "TI-6"} else 0.0, name=name)
    assert bench.tick() == [
        "alarms alarm.flood-ended",
        "TI-6/h alarm.unsuppressed",
        "TI-6/h alarm.raised",
    ]


def test_a_flood_that_ends_leaves_what_is_suppressed_to_its_suppression() -> None:
    """Who holds it is named anew, in its row as well: a restart does not let it go."""
    bench = many()
    held = SuppressionSpec("idle", RUN, frozenset({"TI-6/h"}))
    bench.tags[RUN] = tag(RUN, quantity="state", substance="", unit=Unit.BOOL, device="core")
    bench.engine_arguments["design"] = Design(flood=FLOOD, suppressions={RUN: held})
    bench.restart()
    for name in ("TI-0", "TI-1", "TI-2", "TI-6"):
        bench.feed(2.0, name=name)
    assert bench.feed(1.0, name=RUN) == []
    bench.wait(601)
    for name in (*bench.tags, RUN):
        bench.feed(1.0 if name == RUN else 2.0 if name == "TI-6" else 0.0, name=name)
    assert bench.tick() == [
        "alarms alarm.flood-ended",
        "TI-6/h alarm.unsuppressed",
        "TI-6/h alarm.suppressed",
    ]
    assert [t.event.params["held_by"] for t in bench.seen[-2:]] == ["flood", "idle"]
    bench.restart()
    assert bench.tick() == []
    assert [v.held_by for v in bench.engine.alarms() if v.held] == ["idle"]


def test_predictions_make_no_flood() -> None:
    """What is only computed counts for nothing here."""
    bench = many(klass=ConditionClass.PREDICTED)
    for i in range(6):
        bench.feed(2.0, name=f"TI-{i}")
    assert not bench.engine.flood


def test_the_first_of_a_group_is_marked_until_it_is_normal() -> None:
    """Of those that stand together, people see which came first; it survives a restart."""
    names = ("TI-1", "TI-2", "TI-3")
    limits = [limit("h", 1.0, name=name) for name in names]
    tags = [tag(name, quantity="temperature", substance="") for name in names]
    design = Design(groups={"R-1": tuple(spec.id for spec in limits)})
    bench = Bench(*limits, tags=tags, design=design)
    for name in ("TI-2", "TI-1", "TI-3"):
        bench.feed(2.0, name=name)
    marked = [view.condition for view in bench.engine.alarms() if view.first_out == "R-1"]
    assert marked == ["TI-2/h"]
    bench.restart()
    assert [v.condition for v in bench.engine.alarms() if v.first_out] == marked
    for name in ("TI-2", "TI-1"):
        bench.feed(0.0, name=name)
        bench.ack(f"{name}/h")
    bench.feed(2.0, name="TI-1")
    assert not [view for view in bench.engine.alarms() if view.first_out]  # TI-3 stands yet
    for name in ("TI-1", "TI-3"):
        bench.feed(0.0, name=name)
        bench.ack(f"{name}/h")
    bench.feed(2.0, name="TI-3")
    assert [v.condition for v in bench.engine.alarms() if v.first_out] == ["TI-3/h"]
