"""Nobody answers: what happens after which second, and what stops it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.clock import NS
from edge.errors import CommandError
from tests.unit.callout.rig import Run, callout_site

CONTACT = ("tower", "dialler")


def test_the_whole_list_is_called_one_after_the_other_and_begins_again() -> None:
    """60 s contact, 120 s duty desk, 180 s next name, then each minute; a new round is said."""
    run = Run()
    run.raise_("AT-1/hh")
    run.wait(310)
    assert run.calls == [
        (60, "began"),
        (120, "called desk"),
        (180, "called leader"),
        (240, "called dispatcher"),
        (300, "round"),
        (300, "called desk"),
    ]
    assert (run.call["person"], run.call["round"], run.call["step"]) == ("desk", 2, "called")


def test_an_acknowledgement_ends_everything() -> None:
    """The contact goes off and nobody is called any more; before 60 s nothing happens at all."""
    run = Run()
    run.raise_("AT-1/hh")
    run.wait(59)
    assert (run.calls, run.callout.contact) == ([], None)
    run.wait(71)
    assert run.callout.contact == CONTACT
    run.acknowledge("AT-1/hh")
    run.wait(600)
    assert run.calls == [(60, "began"), (120, "called desk"), (130, "ended")]
    assert (run.callout.contact, run.callout.views()["calls"]) == (None, [])


@pytest.mark.parametrize(
    ("condition", "changes", "calls"),
    [
        ("AT-1/hh", {}, True),
        ("AT-1/hh", {"state": "rtn-unack"}, True),
        ("AT-1/hh", {"state": "latched", "latched": True}, True),
        ("AT-1/h", {}, False),
        ("LI-1/hh", {"level": 0}, True),  # priority 1 of no detector level
        ("LI-1/hh", {"level": 0, "priority": 2}, False),
        ("AT-1/bad", {"level": 2, "priority": 1}, True),  # a detector lost in gas
        ("AT-1/hh", {"klass": "predicted"}, False),
        ("AT-1/hh", {"klass": "system"}, False),
        ("AT-1/hh", {"world": "drill"}, False),
        ("AT-1/hh", {"state": "shelved"}, False),
        ("AT-1/hh", {"state": "suppressed"}, False),
        ("AT-1/hh", {"state": "out-of-service"}, False),
    ],
)
def test_which_alarms_call(condition: str, changes: dict[str, Any], calls: bool) -> None:
    """Level 2 or priority 1, of the process, of this world, and not set aside."""
    run = Run()
    run.raise_(condition, **changes)
    run.wait(61)
    assert (run.callout.contact == CONTACT) is calls


def test_fifty_alarms_are_one_call() -> None:
    """What comes while a call runs joins it, and each of them must be acknowledged."""
    run = Run()
    run.raise_("AT-1/hh")
    run.wait(70)
    run.raise_(*(f"AT-{i}/hh" for i in range(100, 160)))
    run.wait(60)
    kinds = [kind for _, kind in run.calls]
    assert kinds.count("began") == 1
    assert kinds.count("joined") == 1
    assert kinds.count("called desk") == 1
    assert (run.call["count"], len(run.call["alarms"])) == (61, 50)
    assert run.call["alarms"][0] == "AT-1/hh"
    run.acknowledge("AT-1/hh", *(f"AT-{i}/hh" for i in range(100, 159)))
    assert run.call["alarms"] == ["AT-159/hh"]
    run.acknowledge("AT-159/hh")
    assert run.callout.contact is None


def test_the_steps_count_from_the_oldest_that_waits() -> None:
    """Who answers one alarm has time for the next; what was reached is not taken back."""
    run = Run()
    run.raise_("AT-1/hh")
    run.wait(50)
    run.raise_("AT-2/hh")
    run.wait(20)
    run.acknowledge("AT-1/hh")
    assert run.callout.contact == CONTACT
    run.wait(105)
    assert run.calls == [(60, "began"), (170, "called desk")]


def test_an_alarm_raised_again_has_waited_all_the_time() -> None:
    """Gas that comes and goes does not put the call off."""
    run = Run()
    run.raise_("AT-1/hh")
    run.wait(40)
    run.raise_("AT-1/hh", state="rtn-unack")
    run.wait(10)
    run.raise_("AT-1/hh", count=2)
    run.wait(10)
    assert run.calls == [(60, "began")]


def test_a_read_receipt_stops_the_next_name_and_acknowledges_nothing() -> None:
    """Who read it and when is recorded; 300 s later, still unacknowledged, calling goes on."""
    run = Run()
    run.raise_("AT-1/hh")
    run.wait(130)
    run.read(run.call["call"], "王")
    assert (run.call["step"], run.call["read_by"]) == ("read", "王")
    assert run.call["read_ns"] == run.clock.now().utc_ns
    assert run.callout.contact == CONTACT
    run.wait(301)
    assert run.calls == [
        (60, "began"),
        (120, "called desk"),
        (130, "read"),
        (430, "unanswered"),
        (430, "called leader"),
    ]
    assert run.call["read_by"] is None


@pytest.mark.parametrize("restarts", [False, True])
def test_an_alarm_that_came_after_the_reading_is_nobodys_until_it_is_called(restarts: bool) -> None:
    """Its own 120 s count: who read of another alarm has not read of this one."""
    run = Run()
    run.raise_("AT-1/hh")
    run.wait(130)
    run.read(run.call["call"], "王")
    run.wait(20)
    run.raise_("AT-9/hh")
    if restarts:
        run.restart()
    run.wait(121)
    assert run.calls[-4:] == [
        (130, "read"),
        (150, "joined"),
        (270, "unanswered"),
        (270, "called leader"),
    ]


def test_what_cannot_be_read() -> None:
    """A call that is not there, one for nobody yet, and one that somebody has read."""
    run = Run()
    with pytest.raises(CommandError, match=r"callout\.refused\.unknown-call"):
        run.read("call-1", "王")
    run.raise_("AT-1/hh")
    run.wait(70)
    with pytest.raises(CommandError, match=r"callout\.refused\.nobody-called"):
        run.read(run.call["call"], "王")
    run.wait(60)
    run.read(run.call["call"], "王")
    with pytest.raises(CommandError) as caught:
        run.read(run.call["call"], "李")
    assert caught.value.params["by"] == "王"


def test_clock_steps_change_nothing() -> None:
    """Delays run on the monotonic clock: a day forth and two back, and all comes in its second."""
    run = Run()
    run.raise_("AT-1/hh")
    run.wait(30)
    run.clock.step_utc(86400.0)
    run.wait(60)
    run.clock.step_utc(-2 * 86400.0)
    run.wait(100)
    assert run.calls == [(60, "began"), (120, "called desk"), (180, "called leader")]


def test_a_restart_keeps_call_person_and_times() -> None:
    """The contact stays on, nobody is called twice, the time that core was away counts."""
    run = Run()
    run.raise_("AT-1/hh")
    run.wait(185)
    before = run.call
    run.restart(away_s=30.0)
    assert run.callout.contact == CONTACT
    assert run.call == before
    run.wait(30)
    assert run.calls[-1] == (240, "called dispatcher")


def test_a_restart_before_the_first_step_keeps_the_waiting_time() -> None:
    """An alarm's own row says since when it waits."""
    run = Run()
    run.raise_("AT-1/hh")
    run.wait(40)
    run.restart(away_s=5.0)
    run.wait(20)
    assert run.calls == [(60, "began")]


def test_a_restart_keeps_a_read_receipt() -> None:
    """Who had read it rests for what was left of the time."""
    run = Run()
    run.raise_("AT-1/hh")
    run.wait(130)
    run.read(run.call["call"], "王")
    run.wait(100)
    run.restart(away_s=100.0)
    assert run.call["read_by"] == "王"
    run.wait(100)
    assert run.calls[-2:] == [(430, "unanswered"), (430, "called leader")]


def test_an_alarm_raised_again_before_a_restart_has_still_waited_all_the_time() -> None:
    """The call's own row says since when its first alarm waits."""
    run = Run()
    run.raise_("AT-1/hh")
    run.wait(90)
    run.raise_("AT-1/hh", count=2)
    run.restart()
    run.wait(31)
    assert run.calls == [(60, "began"), (120, "called desk")]


@pytest.mark.parametrize("step_s", [-86400.0, 86400.0])
def test_a_wrong_clock_at_the_restart_puts_nothing_off_for_long(step_s: float) -> None:
    """A stamp that is still to come counts as now: nobody waits longer than a whole step."""
    run = Run()
    run.raise_("AT-1/hh")
    run.wait(125)
    run.restart(step_s=step_s)
    run.wait(60)
    assert "called leader" in [kind for _, kind in run.calls]


def test_an_alarm_that_was_dealt_with_while_core_was_away_ends_the_call() -> None:
    """A call never runs without a cause."""
    run = Run()
    run.raise_("AT-1/hh")
    run.wait(70)
    del run.alarms["AT-1/hh"]
    run.restart()
    assert run.calls[-1][1] == "ended"
    assert run.callout.contact is None


def test_a_reload_keeps_a_running_call_and_goes_on_by_the_new_list() -> None:
    """Who was called and is no longer on the list is followed by the list's first."""
    run = Run()
    run.raise_("AT-1/hh")
    run.wait(125)
    run.take(run.callout.apply(callout_site(("leader", "foreman"), each_s=30.0), run.clock.now()))
    assert run.call["person"] == "desk"
    assert run.callout.contact == CONTACT
    run.wait(90)
    assert run.calls[2:] == [(180, "called leader"), (210, "called foreman")]


def test_a_site_without_callout_calls_nobody() -> None:
    """And a reload that takes it away ends what runs."""
    run = Run()
    run.raise_("AT-1/hh")
    run.wait(70)
    site = callout_site()
    bare = site.file.model_copy(update={"callout": type(site.file.callout)()})
    run.callout.apply(type(site)(bare, site.root, "", site.tags, {}), run.clock.now())
    run.look()
    assert run.calls[-1] == (70, "ended")
    run.wait(300)
    assert run.callout.contact is None


ACTS = [
    st.tuples(st.just("raise"), st.sampled_from(["AT-1/hh", "AT-2/hh", "AT-9/hh", "AT-1/h"])),
    st.tuples(st.just("acknowledge"), st.integers(0, 9)),
    st.tuples(st.just("wait"), st.integers(1, 90)),
    st.tuples(st.just("read"), st.just(0)),
]
STEP = st.tuples(st.just("step"), st.integers(-5000, 5000))
RESTART = st.tuples(st.just("restart"), st.integers(0, 200))


# Not both at once: of a step before a restart no clock can tell (its own test is above).
@settings(max_examples=150, deadline=None)
@given(
    acts=st.one_of(*(st.lists(st.one_of(*ACTS, more), max_size=25) for more in (STEP, RESTART))),
)
def test_nobody_is_left_alone_and_nobody_is_called_for_nothing(acts: list[tuple[str, Any]]) -> None:
    """Whatever happens, in whatever order.

    An alarm that calls and that nobody acknowledged is never without a contact after 60 s, nor
    without a call that is unread or was read within 300 s after 120 s; there is no call without
    such an alarm.
    """
    run = Run()
    waited: dict[str, int] = {}  # seconds, by a clock that nobody steps
    for act, what in acts:
        if act == "raise" and what not in waited:
            run.raise_(what)
            waited[what] = 0
        elif act == "acknowledge" and waited:
            name = sorted(waited)[what % len(waited)]
            run.acknowledge(name)
            del waited[name]
        elif act == "read" and run.callout.views()["calls"] and run.call["step"] == "called":
            run.read(run.call["call"], "王")
        elif act == "step":
            run.clock.step_utc(what)
        elif act == "restart":
            run.restart(away_s=what)
            waited = {name: s + what for name, s in waited.items()}
        for _ in range(what if act == "wait" else 1):
            if act == "wait":
                run.wait(1)
                waited = {name: s + 1 for name, s in waited.items()}
            _hold(run, waited)


def _hold(run: Run, waited: dict[str, int]) -> None:
    longest = max((s for name, s in waited.items() if name.endswith("hh")), default=-1)
    views = run.callout.views()["calls"]
    assert (run.callout.contact == CONTACT) == bool(views)
    if longest >= 60:
        assert views
    if longest >= 120:
        call: Any = views[0]
        assert call["step"] in {"called", "read"}
        if call["step"] == "read":
            rested = run.callout._calling._call.read_mono_ns  # type: ignore[union-attr]
            assert run.clock.now().mono_ns - rested < 300 * NS
    if longest < 0:
        assert not views
