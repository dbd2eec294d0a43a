"""What decides beside the tone: evacuation in two steps, silence buttons, tests of each shift."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.annunciate import Button, Evacuation, ShiftTest
from edge.annunciate.shift import shift_began
from edge.clock import NS, ManualClock
from edge.errors import CommandError
from edge.tag import Quality, Reason, Sample, World

WANG = ("王", "中控室", "泄漏")
HOUR_NS = 3600 * NS
EIGHT = 1_800_000_000 * NS - (1_800_000_000 * NS) % (24 * HOUR_NS)  # 00:00 UTC: 08:00 in China


def press(value: float | None, quality: Quality = Quality.GOOD) -> Sample:
    return Sample("HS-1", value, quality, Reason.OK, 1, 1, World.TEST)


def test_evacuation_takes_two_steps_of_one_person_within_fifteen_seconds():
    """The token is good once; another's name, a wrong or late token order nothing."""
    clock = ManualClock()
    order = Evacuation({"cl2"}, World.TEST)
    with pytest.raises(CommandError, match="not-armed"):
        order.begin("cl2", "", WANG, clock.now())
    token, until_ns = order.arm("cl2", "王", clock.now())
    assert until_ns == clock.now().utc_ns + 15 * NS
    for given_token, who, why in (
        ("0" * 16, WANG, "not-armed"),
        (token, ("李", *WANG[1:]), "other-person"),
    ):
        with pytest.raises(CommandError, match=why):
            order.begin("cl2", given_token, who, clock.now())
    (begun,) = order.begin("cl2", token, WANG, clock.now())
    assert (begun.event.kind, begun.event.subject, order.running) == (
        "evacuation.begun",
        "cl2",
        {"cl2"},
    )
    assert {
        "actor": "王",
        "place": "中控室",
        "reason": "泄漏",
    }.items() <= begun.event.params.items()
    with pytest.raises(CommandError, match="not-armed"):
        order.begin("cl2", token, WANG, clock.now())
    (ended,) = order.end("cl2", "李", clock.now())
    assert (ended.event.params["ended_by"], order.running) == ("李", frozenset())
    token, _ = order.arm("cl2", "王", clock.now())
    clock.advance(15.0)
    with pytest.raises(CommandError, match="too-late"):
        order.begin("cl2", token, WANG, clock.now())
    with pytest.raises(CommandError, match="area"):
        order.arm("nh3", "王", clock.now())
    with pytest.raises(CommandError, match="not-running"):
        order.end("cl2", "王", clock.now())


def test_step_of_the_wall_clock_makes_no_token_longer_or_shorter():
    """The fifteen seconds are on the monotonic clock."""
    clock = ManualClock()
    order = Evacuation({"cl2"}, World.TEST)
    token, _ = order.arm("cl2", "王", clock.now())
    clock.step_utc(3600.0)
    assert order.begin("cl2", token, WANG, clock.now())


def test_evacuation_goes_on_over_a_restart_until_somebody_ends_it():
    """The row brings it back; an area without the sound cannot go on, and that is said."""
    clock = ManualClock()
    order = Evacuation({"cl2", "nh3"}, World.TEST)
    rows = []
    for area in ("cl2", "nh3"):
        token, _ = order.arm(area, "王", clock.now())
        (begun,) = order.begin(area, token, WANG, clock.now())
        rows.append(begun.row)
    after = Evacuation({"cl2"}, World.TEST)
    others, ended = after.restore(rows, clock.now())
    assert (others, after.running) == ([], {"cl2"})
    assert [one.event.subject for one in ended] == ["nh3"]
    assert after.orders() == order.orders()[:1]
    (over,) = after.end("cl2", "李", clock.now())
    assert over.row is not None
    assert Evacuation({"cl2"}, World.TEST).restore([over.row], clock.now()) == ([], [])


@pytest.mark.parametrize(
    ("samples", "presses"),
    [
        ([press(0), press(1), press(1), press(0), press(1)], 2),
        ([press(1), press(1)], 0),  # on at the start: nobody saw it pressed
        ([press(0), press(None, Quality.BAD), press(1)], 0),
        ([press(0), press(1, Quality.UNCERTAIN), press(1)], 0),
        ([press(0), press(1, Quality.BAD)], 0),
    ],
)
def test_button_counts_where_two_good_samples_show_it_pressed(samples, presses):
    """The rising edge only; what happened while the reading was lost, nobody knows."""
    button = Button()
    assert sum(button.press(sample, 0) for sample in samples) == presses


def test_stuck_button_is_told_once():
    """After a minute, and again only after it was let go."""
    button = Button()
    for start in (0, 1000 * NS):
        button.press(press(0), start)
        button.press(press(1), start)
        told = [button.sticks(start + seconds * NS) for seconds in (59, 60, 61, 900)]
        assert told == [False, True, False, False]


@pytest.mark.parametrize(
    ("hour", "began"), [(0, 0), (11.9, 0), (12, 12), (23.9, 12), (-0.1, -12), (24, 24)]
)
def test_shift_begins_at_local_times(hour: float, began: float):
    """08:00 and 20:00 in China are 00:00 and 12:00 UTC; before the first is yesterday's last."""
    at = shift_began(("08:00", "20:00"), 8.0, EIGHT + round(hour * HOUR_NS))
    assert at == EIGHT + round(began * HOUR_NS)


def test_test_is_overdue_an_hour_into_the_shift_until_all_are_tested():
    """One tower of two is not enough; the next shift begins anew."""
    clock = ManualClock(EIGHT)
    shift = ShiftTest(("t1", "t2"), ("08:00", "20:00"), 8.0)
    assert shift.tick(clock.now())
    clock.advance(3599.0)
    assert not shift.overdue(clock.now())
    clock.advance(1.0)
    assert shift.overdue(clock.now())
    assert shift.done("t1")
    assert (shift.untested(), shift.overdue(clock.now())) == (["t2"], True)
    shift.done("t2")
    assert not shift.overdue(clock.now())
    clock.advance(11 * 3600.0)
    assert shift.tick(clock.now())
    assert not shift.overdue(clock.now())
    clock.advance(3600.0)
    assert shift.overdue(clock.now())


@given(steps=st.lists(st.floats(-1e6, 1e6), max_size=8))
def test_clock_steps_make_no_test_overdue(steps: list[float]):
    """Whatever the wall clock does, an hour of running must go by first."""
    clock = ManualClock(EIGHT + HOUR_NS // 2)
    shift = ShiftTest(("t1",), ("08:00", "20:00"), 8.0)
    shift.tick(clock.now())
    for step in steps:
        clock.step_utc(step)
        clock.advance(60.0)
        shift.tick(clock.now())
        assert not shift.overdue(clock.now())


def test_restart_keeps_tests_and_the_time_that_is_left():
    """A shift that was seen goes on; one that nobody saw begin has its whole hour."""
    clock = ManualClock(EIGHT)
    shift = ShiftTest(("t1", "t2"), ("08:00",), 8.0)
    shift.tick(clock.now())
    row = shift.done("t1")
    assert row is not None
    clock.advance(1800.0)
    after = ShiftTest(("t1", "t2"), ("08:00",), 8.0)
    assert after.restore([row], clock.now()) == []
    after.tick(clock.now())
    assert after.untested() == ["t2"]
    clock.advance(1799.0)
    assert not after.overdue(clock.now())
    clock.advance(1.0)
    assert after.overdue(clock.now())
    unseen = ShiftTest(("t1", "t2"), ("08:00",), 8.0)
    unseen.tick(clock.now())
    assert not unseen.overdue(clock.now())


def test_site_without_shifts_or_annunciators_wants_no_test():
    """Nothing is due, and no row is kept."""
    for shift in (ShiftTest((), ("08:00",), 8.0), ShiftTest(("t1",), (), 8.0)):
        assert shift.tick(ManualClock().now()) is None
        assert not shift.overdue(ManualClock().now())
        assert shift.done("t1") is None
