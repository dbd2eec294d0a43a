"""What an alarm's story leaves behind once it is over: nothing. Each was found by the model."""

from __future__ import annotations

import pytest

from edge.alarm import Design
from edge.site.alarms.groups import SuppressionSpec
from edge.tag import Reason
from edge.units import Unit
from tests.unit.alarm.helpers import TAG, Bench, gas, limit, tag

H, BAD = f"{TAG}/h", f"{TAG}/bad"
IDLE = "SUPPRESS-idle"


def suppressed(on_delay_s: float = 0.0) -> Bench:
    """A detector whose fault alarm is suppressed while the plant is idle."""
    idle = SuppressionSpec("idle", IDLE, frozenset({BAD}), on_delay_s=on_delay_s)
    plant = tag(IDLE, quantity="state", substance="", unit=Unit.BOOL, device="core")
    limits = [limit("h", 0.3), limit("bad")]
    return Bench(*limits, tags=[tag(), plant], design=Design(suppressions={IDLE: idle}))


def test_a_detector_that_was_lost_in_gas_is_not_urgent_for_ever() -> None:
    """Once its alarm is normal again, it can be shelved as any fault alarm can."""
    bench = gas()
    bench.feed(0.25)
    bench.feed(None, Reason.TIMEOUT)
    bench.ack(BAD)
    assert bench.feed(0.0) == [f"{BAD} alarm.cleared"]
    assert bench.seen[-1].event.params["priority"] == 1  # what cleared was the urgent one
    assert bench.shelve(BAD) == [f"{BAD} alarm.shelved"]
    [view] = bench.engine.alarms()
    assert (view.priority, view.level, view.count) == (3, 0, 0)


def test_the_mark_of_the_first_goes_with_its_alarm() -> None:
    """An alarm that was first, went and came again while others stand is first no more."""
    names = ("TI-1", "TI-2")
    limits = [limit("h", 1.0, name=name) for name in names]
    tags = [tag(name, quantity="temperature", substance="") for name in names]
    design = Design(groups={"R-1": tuple(spec.id for spec in limits)})
    bench = Bench(*limits, tags=tags, design=design)
    for name in names:
        bench.feed(2.0, name=name)
    bench.feed(0.0, name="TI-1")
    bench.ack("TI-1/h")
    bench.feed(2.0, name="TI-1")
    assert [view.first_out for view in bench.engine.alarms()] == ["", ""]


def test_a_suppression_that_ended_while_core_was_away_lets_go() -> None:
    """Also where it had begun its delay anew after the restart and then was not."""
    bench = suppressed(on_delay_s=2)
    bench.feed(1.0, name=IDLE)
    bench.wait(2)
    bench.tick()
    assert bench.state(BAD) == "suppressed"
    bench.restart()
    bench.feed(1.0, name=IDLE)
    assert bench.state(BAD) == "suppressed"
    bench.feed(0.0, name=IDLE)
    assert bench.state(BAD) == "normal"


def test_what_is_urgent_comes_back_into_service_and_speaks() -> None:
    """A suppression in force does not hold a detector that is lost in gas."""
    bench = suppressed()
    bench.feed(0.25)
    bench.feed(None, Reason.TIMEOUT)
    bench.take_out(BAD)
    bench.feed(1.0, name=IDLE)
    bench.put_back(BAD)
    assert bench.state(BAD) == "unack"


def test_a_shelf_begins_a_story_of_its_own() -> None:
    """What is counted under it is not added to what was before it was normal."""
    bench = Bench(limit("h", 0.3))
    for value in (0.4, 0.0, 0.4, 0.0):
        bench.feed(value)
    bench.ack(H)
    bench.shelve(H)
    bench.feed(0.4)
    [view] = bench.engine.alarms()
    assert (view.state, view.count) == ("shelved", 1)


@pytest.mark.parametrize("aside", [Reason.WARM_UP, Reason.SIMULATED, Reason.INHIBITED])
def test_a_detector_lost_in_gas_is_back_with_its_first_believed_reading(aside: Reason) -> None:
    """Warming up, or set aside, it has not said that the gas is gone."""
    bench = gas()
    bench.feed(0.25)
    bench.feed(None, Reason.TIMEOUT)
    bench.ack(BAD)
    assert bench.feed(0.0, aside) == []
    assert bench.state(BAD) == "acked"
    assert bench.feed(0.0) == [f"{BAD} alarm.cleared"]


def test_a_detector_that_starts_anew_in_gas_is_lost_in_it() -> None:
    """It was away for less than a poll, and knows nothing for minutes."""
    bench = gas()
    bench.feed(0.25)
    assert bench.feed(0.0, Reason.WARM_UP) == [f"{BAD} alarm.raised"]
    [view] = bench.engine.alarms()
    assert (view.priority, view.level, view.klass) == (1, 2, "process")
    assert bench.feed(0.0, Reason.WARM_UP) == []
    assert bench.feed(0.0) == [f"{BAD} alarm.returned"]


def test_a_detector_that_warms_up_in_clean_air_is_no_fault() -> None:
    """That is how every one begins."""
    bench = gas()
    bench.feed(0.0)
    assert bench.feed(0.0, Reason.WARM_UP) == []
