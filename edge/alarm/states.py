"""The alarm's states and every step between them, as one table.

A subset of ISA-18.2-2016 / IEC 62682:2014 clause 5.2.2 and OPC UA Part 9 clause 5.7-5.8. Engine,
tests and `docs/alarm-states.md` (`python -m edge.alarm`) all come from `STATES` and
`TABLE`: nobody else decides what an alarm may do. Shelved, suppressed by design and out of
service will be further rows of both, with `sounds` and `judged` saying what they hold back.

A latched alarm is two states here, because silence, acknowledgement and reset are three different
acts: one that nobody has acknowledged still sounds. On the wire both are `latched`; `acked_by`
tells them apart.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """Where an alarm stands; the text is what the journal's state table holds."""

    NORMAL = "normal"
    UNACK = "unack"
    ACKED = "acked"
    RTN_UNACK = "rtn-unack"
    LATCHED = "latched"
    LATCHED_ACKED = "latched-acked"


class StateFacts(NamedTuple):
    """What a state means to everybody who meets it."""

    shown: str  # docs/wire.md's `state`
    active: bool  # its condition is true (after its delays)
    acked: bool  # a person has seen it
    sounds: bool  # a horn may sound for it
    judged: bool  # samples still move it
    meaning_zh: str
    meaning_en: str


STATES: dict[State, StateFacts] = {
    State.NORMAL: StateFacts(
        "normal", active=False, acked=True, sounds=False, judged=True,
        meaning_zh="正常", meaning_en="no alarm",
    ),
    State.UNACK: StateFacts(
        "unack", active=True, acked=False, sounds=True, judged=True,
        meaning_zh="报警，未确认", meaning_en="active, nobody has acknowledged it",
    ),
    State.ACKED: StateFacts(
        "acked", active=True, acked=True, sounds=False, judged=True,
        meaning_zh="报警，已确认", meaning_en="active, acknowledged",
    ),
    State.RTN_UNACK: StateFacts(
        "rtn-unack", active=False, acked=False, sounds=True, judged=True,
        meaning_zh="已恢复，未确认", meaning_en="condition gone, nobody has acknowledged it",
    ),
    State.LATCHED: StateFacts(
        "latched", active=False, acked=False, sounds=True, judged=True,
        meaning_zh="自锁，未确认", meaning_en="condition gone, held until reset, not acknowledged",
    ),
    State.LATCHED_ACKED: StateFacts(
        "latched", active=False, acked=True, sounds=False, judged=True,
        meaning_zh="自锁，已确认", meaning_en="condition gone, held until reset, acknowledged",
    ),
}  # fmt: skip


class Trigger(StrEnum):
    """What may move an alarm."""

    RAISE = "raise"  # the condition became true
    ESCALATE = "escalate"  # it is true already and became more urgent: a new alarm to people
    RETURN = "return"  # the condition ended, and the alarm does not latch
    HOLD = "hold"  # the condition ended, and the alarm latches
    ACKNOWLEDGE = "acknowledge"  # a person's; never happens by itself
    RESET = "reset"  # a person's


class Step(NamedTuple):
    """A move: the state it leads to, and the kinds of the events it writes, in order."""

    to: State
    events: tuple[str, ...]


class Refusal(NamedTuple):
    """A command that does not apply here; `message_id` stands in the word catalogue."""

    message_id: str


RAISED = "alarm.raised"
RETURNED = "alarm.returned"
LATCHED = "alarm.latched"
LATCHING = "alarm.latching"  # still active, and from here on only a reset will clear it
ACKNOWLEDGED = "alarm.acknowledged"
RESET = "alarm.reset"
CLEARED = "alarm.cleared"

NOT_STANDING = Refusal("alarm.refused.not-standing")
ALREADY_ACKNOWLEDGED = Refusal("alarm.refused.already-acknowledged")
NOT_LATCHED = Refusal("alarm.refused.not-latched")
STILL_ACTIVE = Refusal("alarm.refused.still-active")
NO_READING = Refusal("alarm.refused.no-reading")
UNKNOWN_CONDITION = Refusal("alarm.refused.unknown-condition")

_UNACK_AGAIN = Step(State.UNACK, (RAISED,))

# Every (state, trigger) that can happen. A pair that is missing cannot: the engine raises KeyError.
TABLE: dict[tuple[State, Trigger], Step | Refusal] = {
    (State.NORMAL, Trigger.RAISE): Step(State.UNACK, (RAISED,)),
    (State.NORMAL, Trigger.ACKNOWLEDGE): NOT_STANDING,
    (State.NORMAL, Trigger.RESET): NOT_STANDING,
    (State.UNACK, Trigger.ESCALATE): _UNACK_AGAIN,
    (State.UNACK, Trigger.RETURN): Step(State.RTN_UNACK, (RETURNED,)),
    (State.UNACK, Trigger.HOLD): Step(State.LATCHED, (LATCHED,)),
    (State.UNACK, Trigger.ACKNOWLEDGE): Step(State.ACKED, (ACKNOWLEDGED,)),
    (State.UNACK, Trigger.RESET): STILL_ACTIVE,
    (State.ACKED, Trigger.ESCALATE): _UNACK_AGAIN,
    (State.ACKED, Trigger.RETURN): Step(State.NORMAL, (CLEARED,)),
    (State.ACKED, Trigger.HOLD): Step(State.LATCHED_ACKED, (LATCHED,)),
    (State.ACKED, Trigger.ACKNOWLEDGE): ALREADY_ACKNOWLEDGED,
    (State.ACKED, Trigger.RESET): STILL_ACTIVE,
    (State.RTN_UNACK, Trigger.RAISE): _UNACK_AGAIN,
    (State.RTN_UNACK, Trigger.ACKNOWLEDGE): Step(State.NORMAL, (ACKNOWLEDGED, CLEARED)),
    (State.RTN_UNACK, Trigger.RESET): NOT_LATCHED,
    (State.LATCHED, Trigger.RAISE): _UNACK_AGAIN,
    (State.LATCHED, Trigger.ACKNOWLEDGE): Step(State.LATCHED_ACKED, (ACKNOWLEDGED,)),
    (State.LATCHED, Trigger.RESET): Step(State.RTN_UNACK, (RESET,)),
    (State.LATCHED_ACKED, Trigger.RAISE): _UNACK_AGAIN,
    (State.LATCHED_ACKED, Trigger.ACKNOWLEDGE): ALREADY_ACKNOWLEDGED,
    (State.LATCHED_ACKED, Trigger.RESET): Step(State.NORMAL, (RESET, CLEARED)),
}


def _cell(state: State, trigger: Trigger) -> str:
    step = TABLE.get((state, trigger))
    if step is None:
        return "–"
    if isinstance(step, Refusal):
        return f"refused: {step.message_id.removeprefix('alarm.refused.')}"
    return f"**{step.to}** ({', '.join(step.events)})"


def as_markdown() -> str:
    """Return the two tables as the document that people read."""
    lines = [
        "# Alarm states",
        "",
        "Written by `python -m edge.alarm`; a test compares the two. `–` cannot happen.",
        "",
        "| state | on the wire | active | acknowledged | horn | meaning | 含义 |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for state, facts in STATES.items():
        marks = ["yes" if flag else "no" for flag in (facts.active, facts.acked, facts.sounds)]
        cells = [f"`{state}`", f"`{facts.shown}`", *marks, facts.meaning_en, facts.meaning_zh]
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", "| from | " + " | ".join(Trigger) + " |", "| --- " * (len(Trigger) + 1) + "|"]
    for state in State:
        lines.append(f"| `{state}` | {' | '.join(_cell(state, trigger) for trigger in Trigger)} |")
    lines += [
        "",
        "`alarm.latching` is written without a step: an active alarm saw over-range or 90 %LEL and",
        "will now be held until reset. Nothing acknowledges an alarm but a person.",
        "",
    ]
    return "\n".join(lines)
