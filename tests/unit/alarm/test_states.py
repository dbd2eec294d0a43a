"""The state table is whole, says what ISA-18.2 says, and is the document people read."""

from pathlib import Path

import pytest

from edge.alarm.states import STATES, TABLE, Refusal, State, Step, Trigger, as_markdown
from edge.words import catalogue
from tests.unit.alarm.helpers import TAG, Bench, limit

ROOT = Path(__file__).parents[3]


def test_document_is_the_table() -> None:
    """`docs/alarm-states.md` is what `python -m edge.alarm` writes."""
    assert (ROOT / "docs/alarm-states.md").read_text(encoding="utf-8") == as_markdown()


PEOPLE = (
    Trigger.ACKNOWLEDGE,
    Trigger.RESET,
    Trigger.SHELVE,
    Trigger.SHELVE_ONCE,
    Trigger.TAKE_OUT,
)


def test_every_person_s_command_has_an_answer_in_every_state() -> None:
    """No command of a person is ever a KeyError, whatever the alarm's state."""
    for state in State:
        for trigger in PEOPLE:
            assert (state, trigger) in TABLE


def test_a_true_condition_can_always_raise_and_an_ended_one_always_end() -> None:
    """From every state the condition's own edges have a step, and never a refusal."""
    for state, facts in STATES.items():
        ends = (Trigger.ESCALATE, Trigger.RETURN, Trigger.HOLD)
        triggers = {True: ends, False: (Trigger.RAISE,), None: (Trigger.RAISE, *ends)}
        for trigger in triggers[facts.active]:
            assert isinstance(TABLE[state, trigger], Step)


def test_what_is_held_can_always_be_released_and_never_silently() -> None:
    """Each holding state has all three ways out, and the first event says that it is over."""
    for state, facts in STATES.items():
        for trigger in (Trigger.RELEASE, Trigger.RELEASE_ACTIVE, Trigger.RELEASE_LATCHED):
            assert ((state, trigger) in TABLE) == facts.held
            if facts.held:
                step = TABLE[state, trigger]
                assert isinstance(step, Step)
                assert step.events[0] in {
                    "alarm.unshelved", "alarm.unsuppressed", "alarm.in-service"
                }  # fmt: skip


STEPS = [
    (state, trigger, step) for (state, trigger), step in TABLE.items() if isinstance(step, Step)
]


@pytest.mark.parametrize(("state", "trigger", "step"), STEPS)
def test_nothing_acknowledges_itself(state: State, trigger: Trigger, step: Step) -> None:
    """What was announced and not acknowledged stays so but for an act of a person."""
    if not STATES[state].acked and STATES[step.to].acked:
        assert trigger in PEOPLE


@pytest.mark.parametrize(("state", "trigger", "step"), STEPS)
def test_only_a_person_lets_a_latched_alarm_go(state: State, trigger: Trigger, step: Step) -> None:
    """A latched alarm is left by a reset, by papers, or because it is raised again."""
    if STATES[state].shown == "latched" and STATES[step.to].shown != "latched":
        assert trigger in {Trigger.RESET, Trigger.TAKE_OUT, Trigger.RAISE}


@pytest.mark.parametrize(("state", "trigger", "step"), STEPS)
def test_an_alarm_comes_and_goes_with_its_event(state: State, trigger: Trigger, step: Step) -> None:
    """To unacknowledged it is raised, to normal it is cleared or let go, and held ones are told."""
    if step.to is State.UNACK and trigger is not Trigger.SUPPRESS:
        assert step.events[-1] == "alarm.raised"
    if step.to is State.NORMAL and state is not State.NORMAL:
        assert step.events[-1] in {
            "alarm.cleared", "alarm.unshelved", "alarm.unsuppressed", "alarm.in-service"
        }  # fmt: skip
    if STATES[step.to].held and step.to is not state:
        assert step.events[-1] == f"alarm.{STATES[step.to].shown}"


@pytest.mark.parametrize(("state", "trigger", "step"), STEPS)
def test_what_becomes_urgent_breaks_a_shelf_and_a_suppression(
    state: State, trigger: Trigger, step: Step
) -> None:
    """Only what is out of service under a permit stays out whatever it says."""
    if trigger is Trigger.ESCALATE:
        assert (step.to is State.UNACK) == (state is not State.OUT_OF_SERVICE)


def test_every_word_of_the_table_can_be_said() -> None:
    """Each event kind and refusal of the table stands in the catalogue in both languages."""
    words = {state.shown for state in STATES.values()}
    ids = {f"alarm.state.{word}" for word in words}
    for step in TABLE.values():
        ids |= {step.message_id} if isinstance(step, Refusal) else set(step.events)
    assert ids <= catalogue().keys()


def test_every_event_fills_its_own_sentence() -> None:
    """The parameters that an event carries are all that its sentence asks for."""
    bench = Bench(limit("h", 0.3, latch=True))
    bench.feed(0.4)
    bench.ack(f"{TAG}/h")
    bench.feed(0.0)
    bench.reset(f"{TAG}/h")
    assert len(bench.seen) == 5
    for transition in bench.seen:
        event = transition.event
        text = catalogue()[event.kind]["zh-CN"]
        assert text.format_map(event.params)  # KeyError: a parameter that is not there
