"""Calibration mode: no alarm while it lasts, nobody forgets that it does, and it ends by itself."""

from __future__ import annotations

import pytest

from edge.clock import NS, ManualClock
from edge.cycle.calibration import LONGEST_S, Calibration
from edge.errors import CommandError
from edge.event import StateRow
from edge.tag import Quality, Reason, World, bad_sample
from tests.unit.cycle.test_cycle import Bench


def begun(bench: Bench, **args: object) -> list[dict[str, object]]:
    """Set AT-1 aside as a person would; return the running calibrations."""
    return bench.command("calibrate", {"tag": "AT-1", "permit": "BD-7", **args})["calibrations"]


def test_test_gas_in_a_calibrated_head_is_nobodys_alarm() -> None:
    """The reading is shown for what it is, raises nothing, and the horn stays still."""
    bench = Bench()
    bench.feed(0.0)
    begun(bench, permit="DH-17")
    bench.feed(9.0)
    assert bench.cycle.latest["AT-1"].value == 9.0
    assert bench.cycle.latest["AT-1"].reason is Reason.CALIBRATING
    assert bench.kinds == ["command.calibrate", "calibration.begun"]
    assert not bench.horn_demanded()


def test_pages_are_told_at_once_that_the_detector_is_blind() -> None:
    """The latest value is marked with the command, not with the next poll."""
    bench = Bench()
    bench.feed(0.0)
    (spell,) = begun(bench)
    assert bench.cycle.latest["AT-1"].reason is Reason.CALIBRATING
    assert bench.handlers.snapshot()["calibrations"] == [spell]
    assert (spell["tag"], spell["actor"]) == ("AT-1", "王")
    assert spell["until_ns"] == bench.clock.now().utc_ns + round(LONGEST_S * NS)


def test_a_pulled_cable_is_no_fault_during_a_calibration() -> None:
    """A lost reading is set aside like any other, so that no fault alarm is raised over it."""
    bench = Bench()
    bench.feed(0.0)
    begun(bench)
    now_ns = bench.clock.now().utc_ns
    bench.cycle.on_sample(bad_sample(bench.site.tags["AT-1"], Reason.TIMEOUT, now_ns))
    latest = bench.cycle.latest["AT-1"]
    assert (latest.value, latest.quality) == (None, Quality.UNCERTAIN)
    assert "alarm.raised" not in bench.kinds


def test_it_ends_by_a_person_and_the_next_reading_counts() -> None:
    """What is still in the air then raises at once."""
    bench = Bench()
    begun(bench)
    assert bench.command("calibrate_end", {"tag": "AT-1"}) == {"calibrations": []}
    bench.feed(0.4)
    assert bench.kinds[-2:] == ["calibration.ended", "alarm.raised"]


def test_one_that_was_forgotten_returns_by_itself() -> None:
    """After an hour on the monotonic clock, whatever the wall clock says."""
    bench = Bench()
    begun(bench)
    bench.clock.step_utc(-7200.0)
    for _ in range(2):
        bench.clock.advance(LONGEST_S / 2)
        bench.feed(0.4)
        bench.cycle.tick()
    assert bench.kinds.count("calibration.expired") == 1
    bench.feed(0.4)
    assert bench.kinds[-1] == "alarm.raised"


@pytest.mark.parametrize(
    ("args", "refusal"),
    [
        ({"tag": "PRED-cl2-MP"}, "calibration.refused.tag"),
        ({"tag": "NOBODY"}, "calibration.refused.tag"),
        ({"tag": "AT-1", "minutes": 61}, "calibration.refused.time"),
        ({"tag": "AT-1", "minutes": 0}, "calibration.refused.time"),
        ({"tag": "AT-1", "minutes": "long"}, "command.refused.arguments"),
        ({}, "command.refused.arguments"),
        ({"tag": "AT-1", "permit": " "}, "calibration.refused.permit"),
    ],
)
def test_what_cannot_be_calibrated(args: dict[str, object], refusal: str) -> None:
    """Predictions, strangers and unending times are refused, and the refusal is recorded."""
    bench = Bench()
    with pytest.raises(CommandError) as caught:
        bench.command("calibrate", {"permit": "BD-7"} | args)
    assert caught.value.message_id == refusal
    assert bench.kinds == ["command.calibrate"]


def test_a_detector_that_was_lost_in_gas_is_not_set_aside() -> None:
    """Its urgent alarm would end with it, and nobody has seen that the gas is gone."""
    bench = Bench()
    bench.feed(0.25)
    now_ns = bench.clock.now().utc_ns
    bench.cycle.on_sample(bad_sample(bench.site.tags["AT-1"], Reason.TIMEOUT, now_ns))
    bench.command("acknowledge", {"condition": "AT-1/bad"})
    with pytest.raises(CommandError) as caught:
        begun(bench)
    assert caught.value.message_id == "calibration.refused.in-alarm"
    [view] = bench.cycle.engine.alarms()
    assert (view.state, view.priority) == ("acked", 1)


def test_a_detector_in_gas_is_not_set_aside() -> None:
    """Its alarm would be held as it stands, and what comes after it never heard."""
    bench = Bench()
    bench.feed(0.4)
    with pytest.raises(CommandError) as caught:
        begun(bench)
    assert caught.value.message_id == "calibration.refused.in-alarm"
    assert bench.cycle.calibration.views() == []


def test_a_broken_detector_may_be() -> None:
    """A fault alarm is what brings the technician; it is no gas."""
    bench = Bench()
    bench.feed(0.0)
    now_ns = bench.clock.now().utc_ns
    bench.cycle.on_sample(bad_sample(bench.site.tags["AT-1"], Reason.SENSOR_FAULT, now_ns))
    assert "alarm.raised" in bench.kinds
    assert begun(bench)


def test_ending_what_does_not_run_is_said() -> None:
    """Somebody else, or the hour, may have been sooner."""
    bench = Bench()
    with pytest.raises(CommandError) as caught:
        bench.command("calibrate_end", {"tag": "AT-1"})
    assert caught.value.message_id == "calibration.refused.not-running"


def rows(clock: ManualClock) -> list[StateRow]:
    """Return the journalled state of a spell that began now."""
    begun = Calibration(["AT-1"], World.TEST).begin("AT-1", "王", clock.now(), permit="BD-7")
    return [transition.row for transition in begun if transition.row is not None]


@pytest.mark.parametrize(
    ("away_s", "left_s"),
    [(600, 3000), (3599, 1), (3600, None), (90_000, None), (-86_400, 3600)],
)
def test_a_restart_keeps_the_time_that_is_left(away_s: float, left_s: float | None) -> None:
    """Time away counts; a wall clock that has gone back grants the hour once more, not a day."""
    clock = ManualClock()
    kept = [*rows(clock), StateRow("AT-1/h", "unack", {})]
    clock.step_utc(away_s)
    after = Calibration(["AT-1"], World.TEST)
    others, ended = after.restore(kept, clock.now())
    assert [row.condition for row in others] == ["AT-1/h"]
    if left_s is None:
        assert [t.event.kind for t in ended] == ["calibration.expired"]
        assert after.views() == []
        return
    assert not ended
    clock.advance(left_s - 0.5)
    assert after.tick(clock.now()) == []
    clock.advance(1.0)
    assert [t.event.kind for t in after.tick(clock.now())] == ["calibration.expired"]


def test_a_tag_that_left_the_site_is_let_go() -> None:
    """Its spell is ended in the journal too, so that no later restart brings it up again."""
    clock = ManualClock()
    _, ended = Calibration(["AT-2"], World.TEST).restore(rows(clock), clock.now())
    assert [t.row for t in ended] == [StateRow("AT-1/calibration", "normal", {})]


def test_a_detector_set_aside_is_looked_at_each_time_until_it_watches_again() -> None:
    """An unchanged register is passed over in quiet times; its mark must not be."""
    bench = Bench()
    heard = bench.cycle.join(["AT-1"])
    for _ in range(2):
        bench.cycle.on_answer(heard, [bench.sample(0.1)], bench.clock.now().utc_ns)
    assert not heard.restless
    begun(bench)
    assert heard.restless == {"AT-1"}
    bench.cycle.on_answer(heard, [bench.sample(0.1)], bench.clock.now().utc_ns)
    assert heard.restless == {"AT-1"}
    bench.command("calibrate_end", {"tag": "AT-1"})
    bench.cycle.on_answer(heard, [bench.sample(0.1)], bench.clock.now().utc_ns)
    assert bench.cycle.latest["AT-1"].reason is Reason.OK
