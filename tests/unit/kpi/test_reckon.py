"""Each figure by itself: what is counted, what is not, and what a gap or a clock makes of it."""

from __future__ import annotations

import pytest

from edge.alarm import states
from edge.clock import NS
from edge.event import StateRow
from edge.kpi import track
from edge.kpi.actors import faults
from edge.kpi.figures import ConditionFigures
from edge.rules.alarm_kpi import kpi_rule
from tests.unit.kpi.rows import HOUR, T0_NS, Story, limit


def test_the_kinds_are_the_engine_s():
    """What is followed here is what the state table writes, hold for hold and end for end."""
    assert (track.RAISED, track.HELD_RAISED) == (states.RAISED, states.HELD_RAISED)
    assert track.ACKNOWLEDGED == states.ACKNOWLEDGED
    held = {facts.shown for facts in states.STATES.values() if facts.held}
    assert held == track.HELD
    assert track.HOLDS == {
        states.SHELVED: "shelved",
        states.SUPPRESSED: "suppressed",
        states.TAKEN_OUT: "out-of-service",
    }
    ends = {states.RETURNED, states.CLEARED, states.LATCHED, states.HELD_RETURNED}
    assert ends | {"alarm.removed"} == track.ENDS


def test_rates_are_over_what_was_watched():
    """Six hours off of twelve: the rate is of the other six, and the hours off are not quiet."""
    story = Story(hours=12)
    story.add("gateway.stopped", 3 * HOUR)
    story.add("gateway.started", 9 * HOUR)
    for number in range(12):
        story.alarm("raised", 10 * HOUR + 400 * number, f"T-{number}/h")
    rates = story.end().rates
    assert rates.watched_s == 6 * HOUR
    assert (rates.per_hour, rates.per_day, rates.hours, rates.periods) == (2.0, 48.0, 6, 36)
    assert rates.worst_hour == (T0_NS + 10 * 3600 * NS, 9)
    assert rates.worst_day == (T0_NS, 12)


def test_a_crash_ends_with_what_was_last_written():
    """No stop before the next start: core was dead from its newest row on, samples among them."""
    story = Story(hours=12)
    story.alarm("raised", 2 * HOUR)
    story.add("journal.gap", 8 * HOUR, {"last_ns": T0_NS + 3 * 3600 * NS})
    story.add("gateway.started", 8 * HOUR)
    assert story.end().rates.watched_s == 7 * HOUR
    again = Story(hours=12)
    again.add("journal.gap", 8 * HOUR, {"last_ns": None})
    again.add("gateway.started", 8 * HOUR)
    assert again.end().rates.watched_s == 4 * HOUR


def test_a_stall_and_a_core_that_is_dead_now_are_not_watched():
    """Core that stood still for a minute did not watch it, nor does one that says nothing more."""
    story = Story(hours=10)
    story.add("core.stalled", HOUR, {"seconds": 60.0})
    assert story.end(newest_s=5 * HOUR).rates.watched_s == 5 * HOUR - 60


def test_periods_that_are_too_full():
    """Over 10 in 10 minutes, over 30 in an hour; one just at the bound is not over it."""
    story = Story(hours=10)
    for number in range(10):
        story.alarm("raised", 600 + number, f"A-{number}/h")
    for number in range(31):
        story.alarm("raised", 2 * HOUR + 60 * number, f"B-{number}/h")
    rates = story.end().rates
    assert (rates.busy_hours, rates.hours) == (1 / 10, 10)
    assert rates.busy_10min == 0.0
    assert rates.worst_10min == (T0_NS + 600 * NS, 10)


def test_a_flood_is_from_the_eleventh_alarm_until_fewer_than_five_are_ten_minutes_old():
    """It begins with the one that is too many, and ends between alarms, when time has passed."""
    story = Story(hours=3)
    for number in range(20):
        story.alarm("raised", 100 + 10 * number, f"T-{number}/h")
    story.alarm("raised", 2 * HOUR, "late/h")
    (flood,) = story.end().rates.floods
    assert flood.from_ns == T0_NS + 200 * NS
    assert (
        flood.to_ns == T0_NS + (100 + 10 * 15 + 600) * NS
    )  # the sixteenth has gone: four are left
    assert (flood.alarms, flood.most, flood.first) == (20, 20, "T-0/h")


def test_a_flood_that_goes_on_at_the_end_is_one():
    """Its time is counted up to the window's end."""
    story = Story(hours=1)
    for number in range(12):
        story.alarm("raised", 3500 + number, f"T-{number}/h")
    rates = story.end().rates
    assert (len(rates.floods), rates.flood_s) == (1, 90.0)


def test_classes_are_counted_apart():
    """A system alarm and a predicted one are no load of the process."""
    story = Story()
    story.alarm("raised", 60)
    story.alarm("raised", 61, "AT-1/bad", klass="system", priority=3)
    story.alarm("raised", 62, "PRED/h", klass="predicted", priority=1)
    found = story.end()
    assert found.rates.total == 1
    assert found.priorities == {1: 0, 2: 1, 3: 0, 4: 0}
    assert [(one.klass, one.announced, one.standing) for one in found.classes] == [
        ("system", 1, 1),
        ("predicted", 1, 1),
    ]


def _swing(story: Story, begin: float, times: int, period: float, up: float = 4.0) -> None:
    for number in range(times):
        story.alarm("raised", begin + period * number, value=1.2)
        story.alarm("returned", begin + period * number + up, value=0.9)


@pytest.mark.parametrize(
    ("times", "period", "bouts", "chattered", "fleeting"),
    [
        (3, 25.0, 1, 3, 0),  # three within a minute
        (3, 30.0, 0, 0, 3),  # the third a minute after the first: they are fleeting
        (2, 5.0, 0, 0, 2),
        (20, 10.0, 1, 20, 0),
    ],
)
def test_chatter_is_three_within_a_minute_and_the_rest_is_fleeting(
    times: int, period: float, bouts: int, chattered: int, fleeting: int
):
    """The same alarm is one or the other, never both."""
    story = Story()
    _swing(story, 100, times, period)
    found = story.end()
    (one,) = found.conditions
    assert (one.bouts, one.chattered, one.fleeting) == (bouts, chattered, fleeting)
    assert (found.chattering, found.fleeting) == (min(bouts, 1), fleeting)
    if times == 20:
        assert one.most_a_minute == 6
        assert (one.gap_s, one.short_s) == (6.0, 4.0)
        assert one.swing == pytest.approx(0.1)


def test_two_bouts_are_two_and_a_more_urgent_raise_is_no_swing():
    """A pause ends a bout; an alarm that becomes more urgent has not gone and come."""
    story = Story()
    _swing(story, 100, 5, 10.0)
    _swing(story, 900, 5, 10.0)
    for number in range(5):
        story.alarm("raised", 2000 + number, "AT-2/bad")
    one, two = story.end().conditions
    assert (one.bouts, one.chattered) == (2, 10)
    assert (two.bouts, two.announced, two.rearmed) == (0, 5, 4)


def test_chatter_is_seen_behind_a_shelf_and_is_no_load():
    """A shelved alarm that goes on swinging is still a bad actor, and nobody hears it."""
    story = Story()
    story.alarm("shelved", 50, held_by="王")
    for number in range(5):
        story.alarm("held-raised", 100 + 10 * number)
        story.alarm("held-returned", 104 + 10 * number)
    found = story.end()
    assert (found.rates.total, found.chattering) == (0, 1)


def test_time_to_acknowledge_is_from_the_first_raise_that_waited():
    """A return and another raise do not begin it anew; a new raise after it does."""
    limits = {"AT-1/h": limit("AT-1/h", respond_s=60.0)}
    story = Story(limits=limits)
    story.alarm("raised", 100)
    story.alarm("returned", 110)
    story.alarm("raised", 120)
    story.alarm("acknowledged", 190, state="acked")
    story.alarm("cleared", 300)
    story.alarm("raised", 400)
    story.alarm("acknowledged", 430, state="acked")
    waits = story.end().waits
    assert (waits.acknowledged, waits.median_s, waits.p90_s, waits.longest_s) == (2, 30, 90, 90)
    assert (waits.judged, waits.over, waits.open, waits.set_aside) == (2, 1, 0, 0)


def test_what_nobody_acknowledged_is_open_and_what_was_shelved_is_set_aside():
    """Both are told, and neither counts as an acknowledgement; level 2 is late after 60 s."""
    story = Story(hours=1)
    story.alarm("raised", 100, "A/hh", level=2, priority=1)
    story.alarm("raised", 3590, "B/hh", level=2, priority=1)
    story.alarm("raised", 100, "C/h")
    story.alarm("shelved", 130, "C/h", held_by="王")
    waits = story.end().waits
    assert (waits.acknowledged, waits.open, waits.set_aside) == (0, 2, 1)
    assert (waits.level_2, waits.level_2_late, waits.level_2_longest_s) == (2, 1, 3500.0)


def test_a_latched_alarm_waits_through_its_latch_and_its_reset():
    """Acknowledged after it latched: it waited all the while; reset is no acknowledgement."""
    story = Story()
    story.alarm("raised", 100)
    story.alarm("latched", 160)
    story.alarm("reset", 200)
    story.alarm("acknowledged", 300, state="normal")
    story.alarm("cleared", 300)
    story.alarm("raised", 1000)
    story.alarm("acknowledged", 1010, state="acked")
    story.alarm("latched", 1100)
    found = story.end()
    assert (found.waits.acknowledged, found.waits.longest_s, found.waits.open) == (2, 200, 0)
    assert found.standing == 1


def test_stale_is_over_a_day_and_counted_on_each_day_that_it_is():
    """Standing for 40 hours is stale on its second and third day; 23 hours is not stale."""
    story = Story(hours=72)
    for name, begin, lasted in (("A/h", 2.0, 40.0), ("B/h", 1.0, 23.0), ("C/h", 1.0, 30.0)):
        story.alarm("raised", begin * HOUR, name)
        story.alarm("acknowledged", begin * HOUR + 10, name, state="acked")
        story.alarm("cleared", (begin + lasted) * HOUR, name)
    found = story.end()
    assert {one.condition: one.stale for one in found.conditions} == {"A/h": 1, "B/h": 0, "C/h": 1}
    assert (found.stale, found.stale_now) == (2, 0)


def test_what_stood_before_the_window_is_known_from_the_rows_before():
    """It is no alarm of the window, and its time before is not counted; stale it is."""
    story = Story(hours=12)
    story.alarm("raised", -20 * HOUR)
    story.alarm("acknowledged", 6 * HOUR, state="acked")
    found = story.end()
    (one,) = found.conditions
    assert (one.announced, one.stood_s, one.stale, one.stale_now) == (0, 12 * HOUR, 1, True)
    assert found.waits.acknowledged == 0


def test_what_stood_before_any_row_is_known_from_the_state_table():
    """No event of it within reach: the state table says since when it stands, or is held."""
    limits = {name: limit(name) for name in ("A/h", "B/h", "C/h")}
    story = Story(hours=12, limits=limits)
    since = T0_NS - 50 * 3600 * NS
    rows = [
        StateRow("A/h", "acked", {"since_ns": since}),
        StateRow("B/h", "out-of-service", {"held_since_ns": since, "held_by": "赵"}),
        StateRow("C/h", "unack", {"since_ns": T0_NS + 99 * 3600 * NS}),  # after the window
        StateRow("GONE/h", "acked", {"since_ns": since}),
    ]
    story.reckoner.carry(rows)
    found = story.end()
    assert [(one.condition, one.stale_now) for one in found.conditions] == [("A/h", True)]
    out = next(one for one in found.holds if one.kind == "out-of-service")
    assert (out.now, out.times, out.seconds) == (1, 0, 12 * HOUR)


def test_holds_say_how_long_who_and_which_too_long():
    """A shelf that was prolonged beyond a shift is overdue; a suppression never is."""
    story = Story(hours=24)
    story.alarm("shelved", 0, "A/h", held_by="王")
    story.alarm("shelved", 7 * HOUR, "A/h", held_by="李")
    story.alarm("unshelved", 9 * HOUR, "A/h", held_by="李")
    story.alarm("suppressed", HOUR, "B/h", held_by="pump-off")
    story.alarm("shelved", HOUR, "C/h", held_by="王")
    story.alarm("unshelved", 2 * HOUR, "C/h", held_by="王", state="out-of-service")
    story.alarm("out-of-service", 2 * HOUR, "C/h", held_by="赵")
    found = {one.kind: one for one in story.end().holds}
    shelved = found["shelved"]
    assert (shelved.times, shelved.seconds, shelved.overdue) == (3, 10 * HOUR, 1)
    assert dict(shelved.by) == {"王": 2, "李": 1}
    assert (found["suppressed"].now, found["suppressed"].overdue) == (1, 0)
    assert found["suppressed"].by == (("pump-off", 1),)
    assert (found["out-of-service"].seconds, found["out-of-service"].now) == (22 * HOUR, 1)


def test_an_alarm_that_comes_back_latched_from_a_hold_waits_for_a_person():
    """It is released into the list, unacknowledged, though it was not raised."""
    story = Story()
    story.alarm("out-of-service", 100, held_by="赵")
    story.alarm("in-service", 200, state="latched")
    story.alarm("latched", 200)
    found = story.end()
    assert (found.standing, found.waits.open) == (1, 1)


def test_a_struck_alarm_stands_no_longer():
    """Its condition is gone from the site: it is in no list."""
    story = Story()
    story.alarm("raised", 100)
    story.add("alarm.removed", 200, {"condition": "AT-1/h", "state": "unack"})
    found = story.end()
    assert (found.standing, found.waits.open) == (0, 0)


def test_a_step_of_the_wall_clock_makes_no_time():
    """Stamps of an untrusted clock are mended from the last trusted one of the boot."""
    story = Story(hours=2)
    story.alarm("raised", 600)
    fields = {"condition": "AT-1/h", "klass": "process", "state": "acked"}
    late = T0_NS + 640 * NS
    story.add("alarm.acknowledged", 640, fields, utc_ns=late + 3600 * NS, clock_ok=False)
    found = story.end()
    assert (found.waits.longest_s, found.doubted) == (40, 0)
    other = Story(hours=2)
    other.boot = "boot-b"
    other.add("gateway.started", 60, utc_ns=T0_NS + 60 * NS, clock_ok=False)
    assert other.end().doubted == 1


def test_nothing_at_all_is_no_error():
    """An empty journal: nothing watched, nothing found, no division by it."""
    found = Story().end(newest_s=-10)
    assert found.rates.watched_s == 0
    assert found.rates.per_day == 0
    assert (found.waits.median_s, found.conditions) == (None, ())


@pytest.mark.parametrize(("watched_h", "found"), [(1 / 60, ()), (24.0, ("standing",))])
def test_an_alarm_of_minutes_is_no_standing_nuisance(watched_h, found):
    """What stood all of a minute may be a real leak; what stood all day is a wrong set-point."""
    one = ConditionFigures(
        "AT-1.h", "AT-1", "h", "process", 1, 1, "a", "ppm", 1, 0, 0, 0, 0, 0, 0, False,
        watched_h * 3600, None, 0, None, None, None,
    )  # fmt: skip
    assert tuple(fault.id for fault in faults(one, watched_h * 3600, kpi_rule(), None)) == found
