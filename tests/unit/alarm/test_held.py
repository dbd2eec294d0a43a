"""Shelved and out of service: set aside by name, judged on, and back as what they then are."""

import pytest

from edge.errors import CommandError
from edge.tag import Reason
from tests.unit.alarm.helpers import TAG, Bench, gas, limit

H, HH, BAD = f"{TAG}/h", f"{TAG}/hh", f"{TAG}/bad"


def refused(call, *args, **kwargs) -> str:
    with pytest.raises(CommandError) as caught:
        call(*args, **kwargs)
    return caught.value.message_id


def test_a_shelved_alarm_is_judged_and_recorded_and_not_announced() -> None:
    """Its condition comes and goes in the record; the list says who holds it, why, until when."""
    bench = Bench(limit("h", 0.3))
    assert bench.shelve(H, minutes=30) == [f"{H} alarm.shelved"]
    assert bench.feed(0.4) == [f"{H} alarm.held-raised"]
    [view] = bench.engine.alarms()
    assert (view.state, view.active, view.acked, view.held) == ("shelved", True, True, True)
    assert (view.held_by, view.held_reason) == ("王", "探头进水")
    assert view.held_until_ns == bench.clock.now().utc_ns + 1800 * 10**9
    assert bench.feed(0.0) == [f"{H} alarm.held-returned"]


def test_a_shelf_ends_by_itself_and_what_is_true_then_is_a_new_alarm() -> None:
    """It is raised anew, unacknowledged, counted once more."""
    bench = Bench(limit("h", 0.3))
    bench.feed(0.4)
    bench.ack(H)
    bench.shelve(H, minutes=10)
    bench.wait(599)
    assert bench.tick() == []
    bench.wait(1)
    bench.feed(0.4)
    assert bench.tick() == [f"{H} alarm.unshelved", f"{H} alarm.raised"]
    [view] = bench.engine.alarms()
    assert (view.state, view.acked_by, view.count, view.held_by) == ("unack", None, 2, "")


def test_a_shelf_that_ends_in_clean_air_leaves_nothing() -> None:
    """Nothing is announced that is not true."""
    bench = Bench(limit("h", 0.3))
    bench.shelve(H, minutes=1)
    bench.wait(60)
    bench.feed(0.0)
    assert bench.tick() == [f"{H} alarm.unshelved"]
    assert bench.engine.alarms() == []


def test_once_ends_with_the_condition() -> None:
    """The next time it comes it is an alarm like any other."""
    bench = Bench(limit("h", 0.3))
    bench.feed(0.4)
    bench.shelve(H, once=True)
    assert bench.engine.alarms()[0].once
    assert bench.feed(0.0) == [f"{H} alarm.held-returned", f"{H} alarm.unshelved"]
    assert bench.feed(0.4) == [f"{H} alarm.raised"]


def test_a_clock_step_ends_no_shelf() -> None:
    """Shelves run on the monotonic clock."""
    bench = Bench(limit("h", 0.3))
    bench.shelve(H, minutes=10)
    bench.clock.step_utc(3600)
    assert bench.tick() == []
    assert bench.state(H) == "shelved"


def test_what_cannot_be_shelved() -> None:
    """No reason, no end, an urgent alarm, a latched one: each refusal says which."""
    bench = gas()
    desk, now = bench.engine.desk, bench.clock.now()
    assert refused(desk.shelve, H, "王", " ", 60, now, once=False) == "alarm.refused.no-reason"
    for seconds in (0, -1, 9 * 3600, float("nan")):
        answer = refused(desk.shelve, H, "王", "why", seconds, now, once=False)
        assert answer == "alarm.refused.shelf-time"
    assert refused(bench.shelve, HH) == "alarm.refused.urgent"
    assert refused(bench.unshelve, H) == "alarm.refused.not-held"
    bench.feed(10.0, Reason.OVER_RANGE)
    bench.feed(0.0)
    assert refused(bench.shelve, H) == "alarm.refused.latched"
    assert refused(bench.shelve, "AT-9/h") == "alarm.refused.unknown-condition"


def test_a_detector_lost_in_gas_breaks_its_shelf() -> None:
    """Its fault alarm was shelved in clean air; lost while rising it is urgent."""
    bench = gas()
    bench.shelve(BAD)
    bench.feed(0.25)
    assert bench.feed(None, Reason.TIMEOUT) == [f"{BAD} alarm.unshelved", f"{BAD} alarm.raised"]
    view = bench.engine.view(BAD)
    assert view is not None
    assert (view.state, view.priority, view.level) == ("unack", 1, 2)


def test_gas_seen_while_shelved_latches_and_is_told_afterwards() -> None:
    """Over-range under a shelf is not forgotten when the bead has fallen back."""
    bench = Bench(limit("h", 0.3))
    bench.shelve(H, minutes=10)
    bench.feed(10.0, Reason.OVER_RANGE)
    bench.feed(0.0)
    assert bench.unshelve(H) == [f"{H} alarm.unshelved", f"{H} alarm.latched"]
    [view] = bench.engine.alarms()
    assert (view.state, view.acked) == ("latched", False)


def test_out_of_service_needs_a_permit_and_a_reason_and_has_no_end() -> None:
    """Papers take it out, a person brings it back; meanwhile nothing it says is announced."""
    bench = gas()
    desk, now = bench.engine.desk, bench.clock.now()
    assert refused(desk.take_out, [H], "王", "换探头", "", now) == "alarm.refused.no-permit"
    assert refused(desk.take_out, [H], "王", "", "DH-7", now) == "alarm.refused.no-reason"
    conditions = desk.conditions_of(TAG)
    assert bench.take_out(*conditions) == [f"{c} alarm.out-of-service" for c in conditions]
    assert refused(bench.take_out, H) == "alarm.refused.already-out"
    bench.feed(10.0, Reason.OVER_RANGE)
    bench.feed(None, Reason.TIMEOUT)
    bench.wait(30 * 86400)
    bench.tick()
    assert {view.state for view in bench.engine.alarms()} == {"out-of-service"}
    assert {view.permit for view in bench.engine.alarms()} == {"DH-7"}
    assert f"{HH} alarm.raised" in bench.put_back(*conditions)


def test_taking_out_several_is_all_or_none() -> None:
    """A refusal for one leaves the others as they were."""
    bench = gas()
    bench.take_out(HH)
    assert refused(bench.take_out, H, HH) == "alarm.refused.already-out"
    assert bench.state(H) == "normal"


@pytest.mark.parametrize("reading", [None, 0.6, 0.56, float("nan"), float("inf")])
def test_a_latched_gas_alarm_is_reset_with_a_reading_that_shows_clean_air(reading) -> None:
    """Neither without a portable reading nor with one that still reads gas."""
    bench = Bench(limit("hh", 0.6, deadband=0.05))
    bench.feed(10.0, Reason.OVER_RANGE)
    bench.feed(0.0)
    wanted = "reading-needed" if reading is None else "reading-high"
    assert refused(bench.reset, HH, reading=reading) == f"alarm.refused.{wanted}"
    bench.reset(HH, reading=0.1)
    params = bench.seen[-1].event.params
    assert (params["reading"], params["instrument"]) == (0.1, "P-1")
