"""The engine's rules, one by one."""

from __future__ import annotations

import math

import pytest

from edge.errors import CommandError
from edge.tag import Quality, Reason
from edge.units import Unit
from tests.unit.alarm.helpers import TAG, Bench, gas, limit, sample, tag

H, HH, BAD = f"{TAG}/h", f"{TAG}/hh", f"{TAG}/bad"


def test_burst_from_zero_raises_both_levels_in_one_sample() -> None:
    """Zero to over-range between two polls is h and hh at once, and both latch."""
    bench = gas()
    assert bench.feed(0.0) == []
    assert bench.feed(10.0, Reason.OVER_RANGE) == [f"{H} alarm.raised", f"{HH} alarm.raised"]
    assert [view.latched for view in bench.engine.alarms()] == [True, True]


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf, 0.0])
def test_over_range_counts_as_the_end_of_the_range_whatever_number_comes_with_it(value) -> None:
    """A gas flagged over-range raises even if the device sends nothing useful beside the flag."""
    bench = gas()
    assert bench.feed(value, Reason.OVER_RANGE) == [f"{H} alarm.raised", f"{HH} alarm.raised"]


@pytest.mark.parametrize("reason", [r for r in Reason if sample(1, r).quality is Quality.UNCERTAIN])
def test_uncertain_raises_unless_its_reason_says_otherwise(reason: Reason) -> None:
    """The table of tag.py decides which doubtful samples judge; the engine adds nothing."""
    aside = {"calibrating", "injected", "inhibited", "warm-up", "simulated"}
    assert bool(gas().feed(1.0, reason)) == (reason not in aside)


@pytest.mark.parametrize("reason", [r for r in Reason if sample(1, r).quality is Quality.BAD])
def test_bad_holds_the_limits_and_speaks_through_its_own_condition(reason: Reason) -> None:
    """A Bad sample neither raises nor clears: standing limits stay, the bad alarm comes."""
    bench = gas()
    bench.feed(0.4)
    assert bench.feed(None, reason) == [f"{BAD} alarm.raised"]
    assert (bench.state(H), bench.state(HH)) == ("unack", "normal")
    assert bench.seen[-1].event.params["reason"] == reason.value


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf])
def test_no_number_is_bad_and_never_clears(value) -> None:
    """A Good sample without a finite value is Bad to the engine: held, and said."""
    bench = gas()
    bench.feed(0.4)
    assert bench.feed(value) == [f"{BAD} alarm.raised"]
    assert bench.state(H) == "unack"
    assert bench.seen[-1].event.params["reason"] == "invalid-value"


def test_set_aside_samples_neither_raise_nor_clear_and_are_not_bad() -> None:
    """Calibration gas through a standing alarm changes nothing at all."""
    bench = gas()
    bench.feed(0.4)
    assert bench.feed(0.0, Reason.CALIBRATING) == []
    assert bench.feed(9.0, Reason.INJECTED) == []
    assert bench.state(H) == "unack"


def test_quality_and_reason_that_disagree_are_taken_as_the_worse() -> None:
    """A driver that says Good with a Bad reason, or Bad with an ok one, is not believed."""
    for quality, reason in ((Quality.GOOD, Reason.TIMEOUT), (Quality.BAD, Reason.OK)):
        bench = gas()
        bench.feed(0.4)
        strange = sample(0.0)._replace(quality=quality, reason=reason)
        assert bench.keep(bench.engine.evaluate(strange, bench.clock.now())) == [
            f"{BAD} alarm.raised"
        ]
        assert bench.state(H) == "unack"


def test_deadband_holds_until_it_is_left() -> None:
    """An alarm at 0.3 with a deadband of 0.05 clears below 0.25, not at it."""
    bench = gas(deadband=0.05)
    bench.feed(0.3)
    assert bench.feed(0.25) == []
    assert bench.feed(0.2499) == [f"{H} alarm.returned"]


def test_limit_itself_is_an_alarm() -> None:
    """Set-point reached is set-point passed, both ways up."""
    low = Bench(limit("l", 0.2), limit("ll", 0.1))
    assert low.feed(0.21) == []
    assert low.feed(0.2) == [f"{TAG}/l alarm.raised"]
    assert low.feed(0.1) == [f"{TAG}/ll alarm.raised"]


def test_off_delay_needs_a_sample_at_its_end() -> None:
    """Five seconds below are shown by samples, never by a tick over silence."""
    bench = gas(off_delay_s=5.0)
    bench.feed(0.4)
    for _ in range(5):
        bench.feed(0.1)
        bench.wait(1)
    assert bench.tick() == []
    assert bench.feed(0.1) == [f"{H} alarm.returned"]


def test_on_delay_runs_out_between_samples() -> None:
    """A tick raises once the value has been beyond the limit for the whole delay."""
    bench = gas(on_delay_s=2.5)
    bench.tick()
    bench.feed(0.4)
    bench.wait(2.4)
    assert bench.tick() == []
    bench.wait(0.1)
    assert bench.tick() == [f"{H} alarm.raised"]


def test_on_delay_keeps_its_beginning_over_bad_samples_and_ticks_wait_for_sight() -> None:
    """Lost in mid-delay: ticks do not raise on unseen gas, the first sight of it does."""
    bench = Bench(limit("h", 0.3, on_delay_s=2.0))
    bench.feed(0.4)
    bench.wait(1)
    bench.feed(None, Reason.TIMEOUT)
    bench.wait(5)
    assert bench.tick() == []
    assert bench.feed(0.4) == [f"{H} alarm.raised"]


def test_acknowledging_a_returned_alarm_does_not_stop_its_new_delay() -> None:
    """A person's acknowledge while the next rise is in its on-delay loses nothing."""
    bench = Bench(limit("h", 0.3, on_delay_s=1.0))
    bench.feed(0.4)
    bench.wait(1)
    bench.feed(0.4)
    bench.feed(0.0)
    bench.feed(0.4)
    assert bench.ack(H) == [f"{H} alarm.acknowledged", f"{H} alarm.cleared"]
    bench.wait(1)
    assert bench.tick() == [f"{H} alarm.raised"]


def test_over_range_during_the_on_delay_latches_the_alarm_it_leads_to() -> None:
    """What was seen while the delay ran is not forgotten when the alarm is born."""
    bench = Bench(limit("h", 0.3, on_delay_s=1.0))
    bench.feed(10.0, Reason.OVER_RANGE)
    bench.wait(1)
    bench.feed(0.5)
    bench.feed(0.0)
    assert bench.state(H) == "latched"


@pytest.mark.parametrize(
    ("unit", "lel_fraction", "thick", "thin"),
    [
        (Unit.PERCENT_LEL, 0.05, 90.0, 89.9),
        (Unit.PERCENT_VOL, 0.05, 4.5, 4.49),
        (Unit.PPM, 0.05, 45_000.0, 44_900.0),
    ],
)
def test_ninety_percent_lel_latches_in_every_unit(unit, lel_fraction, thick, thin) -> None:
    """A falling bead in thick gas is not clearing, in whatever unit the channel speaks."""
    for value, state in ((thick, "latched"), (thin, "rtn-unack")):
        methane = tag(unit=unit, range_high=1e6, lel_fraction=lel_fraction)
        bench = Bench(limit("h", thin / 4), tags=[methane])
        bench.feed(value)
        bench.feed(0.0)
        assert bench.state(H) == state


def test_an_alarm_that_becomes_extreme_later_says_so_and_latches() -> None:
    """The latch is in the journal's state before the gas falls: a restart would keep it."""
    bench = gas()
    bench.feed(0.4)
    assert bench.feed(10, Reason.OVER_RANGE) == [f"{H} alarm.latching", f"{HH} alarm.raised"]
    bench.restart()
    assert bench.feed(0.0) == [f"{H} alarm.latched", f"{HH} alarm.latched"]


def test_latched_alarm_is_cleared_by_reset_only_and_reset_is_refused_while_active() -> None:
    """Clean air, acknowledge and time leave it; reset needs a believed reading below the limit."""
    bench = gas()
    bench.feed(10, Reason.OVER_RANGE)
    with pytest.raises(CommandError, match="still-active"):
        bench.reset(HH)
    bench.feed(0.0)
    assert bench.ack(HH) == [f"{HH} alarm.acknowledged"]
    assert bench.state(HH) == "latched"
    bench.feed(None, Reason.TIMEOUT)
    with pytest.raises(CommandError, match="no-reading"):
        bench.reset(HH)
    bench.feed(0.0)
    assert bench.reset(HH) == [f"{HH} alarm.reset", f"{HH} alarm.cleared"]
    assert bench.reset(H) == [f"{H} alarm.reset"]
    assert bench.state(H) == "rtn-unack"


def test_reset_is_refused_while_the_next_rise_runs_its_delay() -> None:
    """A latched alarm whose value is beyond the limit again is still active to a person."""
    bench = Bench(limit("h", 0.3, on_delay_s=1.0, latch=True))
    bench.feed(0.4)
    bench.wait(1)
    bench.feed(0.4)
    bench.feed(0.0)
    bench.feed(0.4)
    with pytest.raises(CommandError, match="still-active"):
        bench.reset(H)


@pytest.mark.parametrize(
    ("before", "urgent"),
    [
        ([0.0, 0.0], False),
        ([0.05, 0.04, 0.05], False),
        ([0.0, 0.1], True),  # the next steps would reach 0.3
        ([0.2, 0.2], True),  # half-way and steady
        ([0.4], True),  # in alarm
        ([0.4, 0.0], False),  # was, and is gone
    ],
)
def test_detector_lost_in_gas_speaks_as_a_level_two(before, urgent) -> None:
    """Silence of a detector that saw gas coming is priority 1; of one in clean air, its own."""
    bench = gas()
    for value in before:
        bench.feed(value)
    bench.feed(None, Reason.TIMEOUT)
    view = bench.engine.view(BAD)
    assert view is not None
    expected = (1, 2, "process") if urgent else (3, 0, "system")
    assert (view.priority, view.level, view.klass) == expected


def test_flickering_detector_that_meets_gas_is_raised_again_as_urgent() -> None:
    """A bad alarm that stands acknowledged is a new alarm once the detector is lost in gas."""
    bench = Bench(limit("h", 0.3), limit("bad", off_delay_s=10))
    bench.feed(None, Reason.TIMEOUT)
    bench.ack(BAD)
    bench.feed(0.4)
    assert bench.feed(None, Reason.TIMEOUT) == [f"{BAD} alarm.raised"]
    view = bench.engine.view(BAD)
    assert view is not None
    assert (view.state, view.priority, view.count) == ("unack", 1, 2)


def test_level_and_wind_are_not_detectors() -> None:
    """Only a gas detector's loss is urgent; a level gauge's keeps its own priority."""
    bench = Bench(limit("h", 2.4), limit("bad"), tags=[tag(quantity="level", unit=Unit.METRE)])
    bench.feed(2.5)
    bench.feed(None, Reason.TIMEOUT)
    view = bench.engine.view(BAD)
    assert view is not None
    assert view.priority == 3


def test_silence_is_stale_after_three_periods_but_never_sooner_than_three_seconds() -> None:
    """Nobody has to tell the engine that a tag has gone quiet; it says so once."""
    slow = tag("AT-2", period_s=5.0)
    bench = Bench(limit("bad"), limit("bad", name="AT-2"), tags=[tag(), slow])
    bench.tick()
    bench.wait(3.0)
    assert bench.tick() == []
    bench.wait(0.001)
    assert bench.tick() == [f"{BAD} alarm.raised"]
    assert [(s.tag, s.reason) for s in bench.engine.stale_samples(bench.clock.now())] == [
        (TAG, Reason.STALE)
    ]
    assert bench.engine.stale_samples(bench.clock.now()) == []
    bench.wait(11.999)
    assert bench.tick() == []
    bench.wait(0.001)
    assert bench.tick() == ["AT-2/bad alarm.raised"]
    assert bench.feed(0.1) == [f"{BAD} alarm.returned"]


def test_stale_sample_that_comes_back_through_the_cycle_is_no_sign_of_life() -> None:
    """Publishing what the engine itself found stale neither clears nor repeats it."""
    bench = gas()
    bench.tick()
    bench.wait(4)
    bench.tick()
    assert bench.feed(None, Reason.STALE) == []
    bench.wait(4)
    assert bench.tick() == []
    assert bench.state(BAD) == "unack"


def test_tag_that_comes_back_and_goes_again_is_found_each_time() -> None:
    """Silence is found as soon after a return as at first, even if every tag had been silent."""
    bench = Bench(limit("bad"))
    bench.tick()
    for _ in range(3):
        bench.wait(4)
        assert bench.tick() == [f"{BAD} alarm.raised"]
        assert bench.feed(0.0) == [f"{BAD} alarm.returned"]


def test_who_was_heard_after_a_standstill_is_not_forgiven_for_it() -> None:
    """A detector that dies right after core's own hour is silent three seconds later."""
    bench = Bench(limit("bad"))
    heard = bench.engine.join([TAG])
    for _ in range(2):  # before the hour, and at its end
        bench.feed(0.0)
        heard.mono_ns = bench.clock.now().mono_ns
        bench.tick()
        bench.wait(3600)
    bench.feed(0.0)
    bench.engine.forgive(3600, bench.clock.now())
    assert bench.tick() == []
    bench.wait(3.1)
    assert bench.tick() == [f"{TAG}/bad alarm.raised"]


def test_stale_after_can_be_given_for_derived_tags() -> None:
    """The hazard daemon's tags go stale by the site's own figure."""
    bench = Bench(limit("bad"), stale_s={TAG: 30.0})
    bench.tick()
    bench.wait(30)
    assert bench.tick() == []
    bench.wait(0.1)
    assert bench.tick() == [f"{BAD} alarm.raised"]
