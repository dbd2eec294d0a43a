"""Beside the GDS: who is alone in alarm, what waits for its reset, whose set-point is another."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.alarm.calc.gds import Beside, BesideGds
from edge.clock import ManualClock
from edge.site import load_site
from edge.site.alarms.gds import GdsSpec
from edge.tag import REASONS, Quality, Reason, Sample, World

SITE = load_site(Path(__file__).parents[3] / "deploy/sites/demo")
GAS, A1, A2, S1, S2 = "AT-105", "XA-105A", "XA-105B", "AS-105A", "AS-105B"
FIRST, SECOND = 0.3, 0.6  # ppm, the site's set-points
NEAR = 0.05  # ppm, the deadband


class Pair:
    """One detector and its GDS; `code` is what the calculated tag reads, `reason` why not."""

    def __init__(self) -> None:
        spec = SITE.calculations[f"{GAS}.gds"]
        assert isinstance(spec, GdsSpec)
        self.made = BesideGds(spec, SITE.tags)
        self.clock = ManualClock()
        self.code: float | None = None
        self.reason = Reason.NOT_YET_READ

    def say(
        self, tag: str, value: float | None, reason: Reason = Reason.OK, after_s: float = 1.0
    ) -> float | None:
        self.clock.advance(after_s)
        quality = REASONS[reason].quality
        shown = None if quality is Quality.BAD else value
        sample = Sample(tag, shown, quality, reason, 0, 0, World.DRILL)
        made = self.made.offer(sample, self.clock.now())
        if made is not None:
            self.code, self.reason = made.value, made.reason
        return self.code

    def calm(self) -> Pair:
        """Let everything have been read, in clean air."""
        for tag in (GAS, A1, A2):
            self.say(tag, 0.0)
        self.say(S1, FIRST)
        self.say(S2, SECOND)
        return self


def test_two_that_say_the_same_agree():
    """In clean air, in level 1 and in level 2."""
    pair = Pair().calm()
    assert pair.code == Beside.AGREES
    for value, one, two in ((0.45, 1, 0), (0.9, 1, 1), (0.1, 0, 0)):
        pair.say(A1, one)
        pair.say(A2, two)
        pair.say(GAS, value)
        assert pair.code == Beside.AGREES


def test_the_gds_alone_is_told_by_its_level():
    """It is in alarm and our reading was never there."""
    pair = Pair().calm()
    assert pair.say(A1, 1) == Beside.GDS_ALONE_1
    assert pair.say(A2, 1) == Beside.GDS_ALONE_2
    assert pair.say(GAS, 0.4) == Beside.GDS_ALONE_2
    assert pair.say(A2, 0) == Beside.AGREES


def test_we_alone_are_told_by_our_level():
    """Our reading is past the set-point and the GDS does not say so: inhibited, or moved."""
    pair = Pair().calm()
    assert pair.say(GAS, 0.4) == Beside.OURS_ALONE_1
    assert pair.say(GAS, 5.0) == Beside.OURS_ALONE_2
    assert pair.say(A1, 1) == Beside.OURS_ALONE_2
    assert pair.say(A2, 1) == Beside.AGREES


def test_over_range_is_the_end_of_the_range():
    """Whatever number comes with it."""
    pair = Pair().calm()
    assert pair.say(GAS, 0.0, Reason.OVER_RANGE) == Beside.OURS_ALONE_2


def test_a_higher_level_of_the_gds_says_the_lower_one_too():
    """A controller that shows one state at a time shows A2 and no longer A1."""
    pair = Pair().calm()
    pair.say(A2, 1)
    assert pair.say(GAS, 0.9) == Beside.AGREES


@pytest.mark.parametrize("value", [FIRST - 0.9 * NEAR, FIRST, FIRST + 0.9 * NEAR])
@pytest.mark.parametrize("alarm", [0, 1])
def test_a_reading_at_the_set_point_says_neither(value: float, alarm: int):
    """Two instruments round, and a deadband of ours is none of theirs."""
    pair = Pair().calm()
    pair.say(GAS, value)
    assert pair.say(A1, alarm) == Beside.AGREES


def test_a_latched_gds_waits_for_its_reset():
    """It came with our reading, and stands until somebody resets it there: no difference."""
    pair = Pair().calm()
    pair.say(GAS, 0.9)
    pair.say(A1, 1)
    pair.say(A2, 1)
    assert pair.say(GAS, 0.0) == Beside.WAITS_FOR_RESET
    assert pair.say(GAS, 0.01, after_s=7200) == Beside.WAITS_FOR_RESET
    assert pair.say(A2, 0) == Beside.WAITS_FOR_RESET
    assert pair.say(A1, 0) == Beside.AGREES
    assert pair.say(A1, 1, after_s=60) == Beside.GDS_ALONE_1


@pytest.mark.parametrize(("late_s", "code"), [(12.0, -1), (50.0, 1)])
def test_a_burst_that_our_poll_saw_first_is_the_same_burst(late_s: float, code: int):
    """What the GDS says up to ten seconds and three periods later is of our reading."""
    pair = Pair().calm()
    pair.say(GAS, 0.9)
    pair.say(GAS, 0.0)
    assert pair.say(A1, 1, after_s=late_s) == code


def test_a_reading_that_stood_in_gas_for_long_was_there_until_it_fell():
    """Samples that say the same again do not come: it was in gas until the next that differs."""
    pair = Pair().calm()
    pair.say(GAS, 0.9)
    pair.say(GAS, 0.0, after_s=600)
    assert pair.say(A1, 1) == Beside.WAITS_FOR_RESET


@pytest.mark.parametrize("reason", [Reason.CALIBRATING, Reason.INHIBITED, Reason.WARM_UP])
def test_a_detector_that_is_set_aside_never_differs(reason: Reason):
    """Test gas raises the GDS, and what the GDS then keeps waits for its reset."""
    pair = Pair().calm()
    pair.say(GAS, 5.0, reason)
    assert (pair.code, pair.say(A1, 1)) == (Beside.AGREES, Beside.AGREES)
    assert pair.say(GAS, 0.0) == Beside.WAITS_FOR_RESET


def test_what_is_not_known_is_held():
    """A lost reading or GDS makes the comparison Bad with its reason: neither raised nor ended."""
    pair = Pair().calm()
    pair.say(A1, 1)
    assert pair.say(GAS, None, Reason.TIMEOUT) is None
    assert pair.reason is Reason.TIMEOUT
    assert pair.say(GAS, 0.0) == Beside.GDS_ALONE_1
    assert pair.say(A1, None, Reason.STALE) is None
    assert pair.say(A1, 0) == Beside.AGREES


def test_a_difference_outlives_a_lost_reading():
    """A gap of the detector bears nothing out that stood against the GDS before."""
    pair = Pair().calm()
    pair.say(A1, 1)
    pair.say(GAS, None, Reason.TIMEOUT)
    assert pair.say(GAS, 0.0) == Beside.GDS_ALONE_1


def test_an_alarm_that_came_while_both_were_lost_is_not_contradicted():
    """Nobody saw what the gas did meanwhile."""
    pair = Pair().calm()
    for tag in (A1, A2, GAS):
        pair.say(tag, None, Reason.TIMEOUT)
    pair.say(GAS, 0.0, after_s=60)
    pair.say(A2, 0)
    assert pair.say(A1, 1) == Beside.WAITS_FOR_RESET


def test_an_alarm_that_stands_at_the_start_is_told():
    """Of a past that this run has not seen, the reading is believed as it is."""
    pair = Pair()
    pair.say(A1, 1)
    pair.say(A2, 0)
    assert pair.code is None
    assert pair.say(GAS, 0.0) == Beside.GDS_ALONE_1


def test_unequal_set_points_are_told_beyond_rounding():
    """0.302 is 0.3 on a display; 0.35 is another set-point, also while it cannot be read."""
    pair = Pair().calm()
    assert pair.say(S1, 0.302) == Beside.AGREES
    assert pair.say(S2, 0.9) == Beside.SET_POINTS_2
    assert pair.say(S1, 0.35) == Beside.SET_POINTS_2
    assert pair.say(S2, SECOND) == Beside.SET_POINTS_1
    assert pair.say(S1, None, Reason.TIMEOUT) == Beside.SET_POINTS_1
    assert pair.say(GAS, None, Reason.TIMEOUT) == Beside.SET_POINTS_1
    assert pair.say(S1, FIRST) is None
    assert pair.say(GAS, 0.0) == Beside.AGREES


def test_who_is_alone_goes_before_the_set_points():
    """The value tells what matters more; the alarm is one."""
    pair = Pair().calm()
    pair.say(S1, 0.9)
    assert pair.say(GAS, 0.5) == Beside.OURS_ALONE_1
    assert pair.say(GAS, 0.0) == Beside.SET_POINTS_1


REASON = st.sampled_from([Reason.OK] * 6 + [Reason.TIMEOUT, Reason.CALIBRATING, Reason.OVER_RANGE])
NUMBER = st.floats(0, 10) | st.sampled_from([0.0, 0.3, 0.6, float("nan"), float("inf"), -1e300])
STEP = st.tuples(st.sampled_from([GAS, A1, A2, S1, S2]), NUMBER, REASON, st.floats(0, 100))


@given(st.lists(STEP, max_size=40))
def test_who_is_alone_is_always_plain_to_see(steps: list[tuple[str, float, Reason, float]]):
    """Whatever comes: a difference is told of a judged reading and a known GDS that contradict."""
    pair = Pair()
    last: dict[str, tuple[float | None, Reason]] = {}
    for tag, number, reason, after_s in steps:
        value = float(number > 0.5) if tag in {A1, A2} else number
        pair.say(tag, value, reason, after_s)
        judged = REASONS[reason].judges and math.isfinite(value)
        last[tag] = (value if judged else None, reason)
        if reason is Reason.OVER_RANGE and tag == GAS:
            last[tag] = (max(value, 10.0) if judged else 10.0, reason)
        seen = {name: last.get(name, (None, reason))[0] for name in (GAS, A1, A2)}
        code, gas = pair.code, seen[GAS]
        for first, limit, alarm in ((1, FIRST, A1), (2, SECOND, A2)):
            if code == first:
                assert seen[alarm] == 1
                assert gas is not None
                assert gas < limit - NEAR
            if code == first + 2:
                assert seen[alarm] == 0
                assert gas is not None
                assert gas >= limit + NEAR
        if gas is None:
            assert code in {None, 0, 5, 6}
        if code is not None:
            assert code in set(Beside)


@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0.1, 5)), max_size=30))
def test_a_gds_that_follows_our_reading_never_differs(steps: list[tuple[float, float]]):
    """A latching controller with our set-points and our reading agrees or waits, whatever comes."""
    pair = Pair().calm()
    alarms = [0, 0]
    for value, after_s in steps:
        for at, (tag, limit) in enumerate(((A1, FIRST), (A2, SECOND))):
            alarms[at] = int(alarms[at] or value >= limit)
            if at or not alarms[1]:
                pair.say(tag, alarms[at], after_s=after_s / 2)
        pair.say(A1, alarms[0], after_s=0)
        assert pair.say(GAS, value, after_s=0) in {-1, 0}
