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


def test_every_person_s_command_has_an_answer_in_every_state() -> None:
    """Acknowledge and reset are never a KeyError, whatever the alarm's state."""
    for state in State:
        for trigger in (Trigger.ACKNOWLEDGE, Trigger.RESET):
            assert (state, trigger) in TABLE


def test_a_true_condition_can_always_raise_and_an_ended_one_always_end() -> None:
    """From every state the condition's own edges have a step, and never a refusal."""
    for state, facts in STATES.items():
        triggers = (
            (Trigger.ESCALATE, Trigger.RETURN, Trigger.HOLD) if facts.active else (Trigger.RAISE,)
        )
        for trigger in triggers:
            assert isinstance(TABLE[state, trigger], Step)


@pytest.mark.parametrize(("state", "trigger"), list(TABLE))
def test_step_keeps_what_only_a_person_may_change(state: State, trigger: Trigger) -> None:
    """Only `acknowledge` makes an alarm acknowledged, and only `reset` leaves a latched state."""
    step = TABLE[state, trigger]
    if isinstance(step, Refusal):
        return
    before, after = STATES[state], STATES[step.to]
    if after.acked and not before.acked:
        assert trigger is Trigger.ACKNOWLEDGE
    if before.shown == "latched" and after.shown != "latched" and not after.active:
        assert trigger is Trigger.RESET
    if trigger in {Trigger.RAISE, Trigger.ESCALATE}:
        assert step.to is State.UNACK
        assert step.events == ("alarm.raised",)
    assert after.active == (trigger in {Trigger.RAISE, Trigger.ESCALATE}) or trigger in {
        Trigger.ACKNOWLEDGE,
        Trigger.RESET,
    }
    assert (step.to is State.NORMAL) == ("alarm.cleared" in step.events)


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
