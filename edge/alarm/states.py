"""The alarm's states and every step between them, as one table.

ISA-18.2-2016 / IEC 62682:2014 clause 5.2.2 and OPC UA Part 9 clause 5.7-5.8. Engine, tests and
`docs/alarm-states.md` (`python -m edge.alarm`) all come from `STATES` and `TABLE`: nobody else
decides what an alarm may do.

A latched alarm is two states here, because silence, acknowledgement and reset are three different
acts: one that nobody has acknowledged still sounds. A shelved one is two as well: until a time, or
once, until the condition has ended. On the wire each pair is one word; `acked_by` and `once` tell
them apart. While an alarm is held (shelved, suppressed by design, out of service) its condition is
judged on, and all that it does is recorded; nothing of it sounds.
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
    SHELVED = "shelved"
    SHELVED_ONCE = "shelved-once"
    SUPPRESSED = "suppressed"
    OUT_OF_SERVICE = "out-of-service"


class StateFacts(NamedTuple):
    """What a state means to everybody who meets it."""

    shown: str  # docs/wire.md's `state`
    active: bool | None  # its condition is true (after its delays); None: it may be, or not
    acked: bool  # a person has seen it, or nobody needs to
    sounds: bool  # a horn may sound for it
    held: bool  # set aside: it is listed and not announced
    meaning_zh: str
    meaning_en: str


STATES: dict[State, StateFacts] = {
    State.NORMAL: StateFacts(
        "normal", active=False, acked=True, sounds=False, held=False,
        meaning_zh="正常", meaning_en="no alarm",
    ),
    State.UNACK: StateFacts(
        "unack", active=True, acked=False, sounds=True, held=False,
        meaning_zh="报警，未确认", meaning_en="active, nobody has acknowledged it",
    ),
    State.ACKED: StateFacts(
        "acked", active=True, acked=True, sounds=False, held=False,
        meaning_zh="报警，已确认", meaning_en="active, acknowledged",
    ),
    State.RTN_UNACK: StateFacts(
        "rtn-unack", active=False, acked=False, sounds=True, held=False,
        meaning_zh="已恢复，未确认", meaning_en="condition gone, nobody has acknowledged it",
    ),
    State.LATCHED: StateFacts(
        "latched", active=False, acked=False, sounds=True, held=False,
        meaning_zh="自锁，未确认", meaning_en="condition gone, held until reset, not acknowledged",
    ),
    State.LATCHED_ACKED: StateFacts(
        "latched", active=False, acked=True, sounds=False, held=False,
        meaning_zh="自锁，已确认", meaning_en="condition gone, held until reset, acknowledged",
    ),
    State.SHELVED: StateFacts(
        "shelved", active=None, acked=True, sounds=False, held=True,
        meaning_zh="搁置，到时恢复", meaning_en="set aside by a person until a time",
    ),
    State.SHELVED_ONCE: StateFacts(
        "shelved", active=None, acked=True, sounds=False, held=True,
        meaning_zh="搁置一次，报警结束即恢复", meaning_en="set aside until the condition has ended",
    ),
    State.SUPPRESSED: StateFacts(
        "suppressed", active=None, acked=True, sounds=False, held=True,
        meaning_zh="设计抑制", meaning_en="suppressed by design: a state of the plant explains it",
    ),
    State.OUT_OF_SERVICE: StateFacts(
        "out-of-service", active=None, acked=True, sounds=False, held=True,
        meaning_zh="停用（凭作业票）", meaning_en="taken out of service under a permit",
    ),
}  # fmt: skip


SHELVES = frozenset({State.SHELVED, State.SHELVED_ONCE})


class Trigger(StrEnum):
    """What may move an alarm."""

    RAISE = "raise"  # the condition became true
    ESCALATE = "escalate"  # it became more urgent than it is: a new alarm to people, held or not
    RETURN = "return"  # the condition ended, and the alarm does not latch
    HOLD = "hold"  # the condition ended, and the alarm latches
    ACKNOWLEDGE = "acknowledge"  # a person's, as the next four; none ever happens by itself
    RESET = "reset"
    SHELVE = "shelve"  # until a time
    SHELVE_ONCE = "shelve-once"
    TAKE_OUT = "take-out"
    SUPPRESS = "suppress"  # the design says so; a shelf that ends under a suppression as well
    RELEASE = "release"  # what held it is over: the condition is not true
    RELEASE_ACTIVE = "release-active"  # the condition is true
    RELEASE_LATCHED = "release-latched"  # it is not true, and was such that the alarm latches


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
SHELVED = "alarm.shelved"
UNSHELVED = "alarm.unshelved"
SUPPRESSED = "alarm.suppressed"
UNSUPPRESSED = "alarm.unsuppressed"
TAKEN_OUT = "alarm.out-of-service"
IN_SERVICE = "alarm.in-service"
HELD_RAISED = "alarm.held-raised"  # what would have been raised and returned, had it not been held
HELD_RETURNED = "alarm.held-returned"

NOT_STANDING = Refusal("alarm.refused.not-standing")
ALREADY_ACKNOWLEDGED = Refusal("alarm.refused.already-acknowledged")
NOT_LATCHED = Refusal("alarm.refused.not-latched")
STILL_ACTIVE = Refusal("alarm.refused.still-active")
NO_READING = Refusal("alarm.refused.no-reading")
UNKNOWN_CONDITION = Refusal("alarm.refused.unknown-condition")
HELD = Refusal("alarm.refused.held")
LATCHES = Refusal("alarm.refused.latched")
ALREADY_OUT = Refusal("alarm.refused.already-out")
URGENT = Refusal("alarm.refused.urgent")
NOT_HELD = Refusal("alarm.refused.not-held")
READING_NEEDED = Refusal("alarm.refused.reading-needed")
READING_HIGH = Refusal("alarm.refused.reading-high")

_UNACK_AGAIN = Step(State.UNACK, (RAISED,))
_SHELVE = Step(State.SHELVED, (SHELVED,))
_SHELVE_ONCE = Step(State.SHELVED_ONCE, (SHELVED,))
_TAKE_OUT = Step(State.OUT_OF_SERVICE, (TAKEN_OUT,))
_SUPPRESS = Step(State.SUPPRESSED, (SUPPRESSED,))


def _held(state: State, over: str) -> dict[tuple[State, Trigger], Step | Refusal]:
    """Return the row of a state that holds an alarm; `over` says that the holding has ended."""
    return {
        (state, Trigger.RAISE): Step(state, (HELD_RAISED,)),
        (state, Trigger.ESCALATE): Step(State.UNACK, (over, RAISED)),
        (state, Trigger.RETURN): Step(state, (HELD_RETURNED,)),
        (state, Trigger.HOLD): Step(state, (HELD_RETURNED,)),
        (state, Trigger.ACKNOWLEDGE): HELD,
        (state, Trigger.RESET): HELD,
        (state, Trigger.SHELVE): HELD,
        (state, Trigger.SHELVE_ONCE): HELD,
        (state, Trigger.TAKE_OUT): Step(State.OUT_OF_SERVICE, (over, TAKEN_OUT)),
        (state, Trigger.SUPPRESS): Step(State.SUPPRESSED, (over, SUPPRESSED)),
        (state, Trigger.RELEASE): Step(State.NORMAL, (over,)),
        (state, Trigger.RELEASE_ACTIVE): Step(State.UNACK, (over, RAISED)),
        (state, Trigger.RELEASE_LATCHED): Step(State.LATCHED, (over, LATCHED)),
    }


# Every (state, trigger) that can happen. A pair that is missing cannot: the engine raises KeyError.
TABLE: dict[tuple[State, Trigger], Step | Refusal] = {
    (State.NORMAL, Trigger.RAISE): Step(State.UNACK, (RAISED,)),
    (State.NORMAL, Trigger.ACKNOWLEDGE): NOT_STANDING,
    (State.NORMAL, Trigger.RESET): NOT_STANDING,
    (State.NORMAL, Trigger.SHELVE): _SHELVE,
    (State.NORMAL, Trigger.SHELVE_ONCE): _SHELVE_ONCE,
    (State.NORMAL, Trigger.TAKE_OUT): _TAKE_OUT,
    (State.NORMAL, Trigger.SUPPRESS): _SUPPRESS,
    (State.UNACK, Trigger.ESCALATE): _UNACK_AGAIN,
    (State.UNACK, Trigger.RETURN): Step(State.RTN_UNACK, (RETURNED,)),
    (State.UNACK, Trigger.HOLD): Step(State.LATCHED, (LATCHED,)),
    (State.UNACK, Trigger.ACKNOWLEDGE): Step(State.ACKED, (ACKNOWLEDGED,)),
    (State.UNACK, Trigger.RESET): STILL_ACTIVE,
    (State.UNACK, Trigger.SHELVE): _SHELVE,
    (State.UNACK, Trigger.SHELVE_ONCE): _SHELVE_ONCE,
    (State.UNACK, Trigger.TAKE_OUT): _TAKE_OUT,
    (State.UNACK, Trigger.SUPPRESS): Step(State.UNACK, ()),  # announced: it waits for a person
    (State.ACKED, Trigger.ESCALATE): _UNACK_AGAIN,
    (State.ACKED, Trigger.RETURN): Step(State.NORMAL, (CLEARED,)),
    (State.ACKED, Trigger.HOLD): Step(State.LATCHED_ACKED, (LATCHED,)),
    (State.ACKED, Trigger.ACKNOWLEDGE): ALREADY_ACKNOWLEDGED,
    (State.ACKED, Trigger.RESET): STILL_ACTIVE,
    (State.ACKED, Trigger.SHELVE): _SHELVE,
    (State.ACKED, Trigger.SHELVE_ONCE): _SHELVE_ONCE,
    (State.ACKED, Trigger.TAKE_OUT): _TAKE_OUT,
    (State.ACKED, Trigger.SUPPRESS): _SUPPRESS,
    (State.RTN_UNACK, Trigger.RAISE): _UNACK_AGAIN,
    (State.RTN_UNACK, Trigger.ACKNOWLEDGE): Step(State.NORMAL, (ACKNOWLEDGED, CLEARED)),
    (State.RTN_UNACK, Trigger.RESET): NOT_LATCHED,
    (State.RTN_UNACK, Trigger.SHELVE): _SHELVE,
    (State.RTN_UNACK, Trigger.SHELVE_ONCE): _SHELVE_ONCE,
    (State.RTN_UNACK, Trigger.TAKE_OUT): _TAKE_OUT,
    (State.RTN_UNACK, Trigger.SUPPRESS): Step(State.RTN_UNACK, ()),
    (State.LATCHED, Trigger.RAISE): _UNACK_AGAIN,
    (State.LATCHED, Trigger.ACKNOWLEDGE): Step(State.LATCHED_ACKED, (ACKNOWLEDGED,)),
    (State.LATCHED, Trigger.RESET): Step(State.RTN_UNACK, (RESET,)),
    (State.LATCHED, Trigger.SHELVE): LATCHES,
    (State.LATCHED, Trigger.SHELVE_ONCE): LATCHES,
    (State.LATCHED, Trigger.TAKE_OUT): _TAKE_OUT,
    (State.LATCHED, Trigger.SUPPRESS): Step(State.LATCHED, ()),
    (State.LATCHED_ACKED, Trigger.RAISE): _UNACK_AGAIN,
    (State.LATCHED_ACKED, Trigger.ACKNOWLEDGE): ALREADY_ACKNOWLEDGED,
    (State.LATCHED_ACKED, Trigger.RESET): Step(State.NORMAL, (RESET, CLEARED)),
    (State.LATCHED_ACKED, Trigger.SHELVE): LATCHES,
    (State.LATCHED_ACKED, Trigger.SHELVE_ONCE): LATCHES,
    (State.LATCHED_ACKED, Trigger.TAKE_OUT): _TAKE_OUT,
    (State.LATCHED_ACKED, Trigger.SUPPRESS): Step(State.LATCHED_ACKED, ()),
    **_held(State.SHELVED, UNSHELVED),
    (State.SHELVED, Trigger.SHELVE): _SHELVE,  # another time
    (State.SHELVED, Trigger.SHELVE_ONCE): _SHELVE_ONCE,
    **_held(State.SHELVED_ONCE, UNSHELVED),
    (State.SHELVED_ONCE, Trigger.SHELVE): _SHELVE,
    (State.SHELVED_ONCE, Trigger.SHELVE_ONCE): _SHELVE_ONCE,
    (State.SHELVED_ONCE, Trigger.RETURN): Step(State.NORMAL, (HELD_RETURNED, UNSHELVED)),
    (State.SHELVED_ONCE, Trigger.HOLD): Step(State.LATCHED, (UNSHELVED, LATCHED)),
    **_held(State.SUPPRESSED, UNSUPPRESSED),  # one that ends under another passes it on to that
    # What is worked on stays out whatever it reads, until who has the permit brings it back.
    **_held(State.OUT_OF_SERVICE, IN_SERVICE),
    (State.OUT_OF_SERVICE, Trigger.ESCALATE): Step(State.OUT_OF_SERVICE, (HELD_RAISED,)),
    (State.OUT_OF_SERVICE, Trigger.TAKE_OUT): ALREADY_OUT,
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
        "| state | on the wire | active | acknowledged | horn | held | meaning | 含义 |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for state, facts in STATES.items():
        flags = (facts.active, facts.acked, facts.sounds, facts.held)
        marks = ["either" if flag is None else "yes" if flag else "no" for flag in flags]
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
