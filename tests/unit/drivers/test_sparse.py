"""Judging only what changed gives what judging everything gives, over every template."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.drivers.base import Reading
from edge.drivers.codec import decode, encode, payloads
from edge.drivers.plan import ReadPlan
from edge.drivers.sparse import Memory
from edge.tag import Quality, Reason
from tests.unit.drivers.points import MODBUS, make_tag, plan_of
from tests.unit.drivers.test_codec_inverse import PLANS, one_special

FAILURES = (Reason.TIMEOUT, Reason.DEVICE_EXCEPTION)


@st.composite
def answers(draw: st.DrawFn, plan: ReadPlan) -> list[list[bytes | Reason]]:
    """Draw what the blocks bring in a row of polls: mostly what they brought before."""
    sensible = payloads(plan, encode(plan, draw(one_special(plan))[0]))
    now: list[bytes | Reason] = list(sensible)
    polls = [list(now)]
    for _ in range(draw(st.integers(1, 6))):
        for _ in range(draw(st.integers(0, 3))):
            place = draw(st.integers(0, len(now) - 1))
            block = now[place]
            if isinstance(block, Reason) or draw(st.integers(0, 5)) == 0:
                now[place] = draw(st.sampled_from([sensible[place], *FAILURES]))
                continue
            data = bytearray(block)
            data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
            now[place] = bytes(data)
        polls.append(list(now))
    return polls


@pytest.mark.parametrize("name", PLANS)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_what_is_remembered_and_judged_anew_is_what_decode_gives(
    name: str, data: st.DataObject
) -> None:
    """Values, states, identity and lost blocks: whatever moves, nothing old is taken for new."""
    plan = PLANS[name]
    memory = Memory(plan)
    for polled in data.draw(answers(plan)):
        assert memory.decode(polled) == decode(plan, polled)


def test_unchanged_tag_keeps_its_very_reading_and_an_unchanged_answer_its_list() -> None:
    """Identity is how change is told: it costs nothing where nothing moved."""
    tags = make_tag("X", "fault_warn_number"), make_tag("Y", "alarm_fault_level")
    plan = plan_of("honeywell-xnx", *tags)
    memory = Memory(plan)
    zero = Reading(0.0, Quality.GOOD, Reason.OK)
    still: list[bytes | Reason] = list(payloads(plan, encode(plan, [zero, zero])))
    first = memory.decode(still)
    assert memory.decode(list(still)) is first
    at = plan.cells[plan.rows[0].slot].address - plan.blocks[0].address
    assert isinstance(still[0], bytes)
    moved = bytearray(still[0])
    moved[2 * at + 1] = 7
    second = memory.decode([bytes(moved), *still[1:]])
    assert [second[0].value, first[0].value] == [7.0, 0.0], "what was handed out does not change"
    assert second[1] is first[1]


def test_there_are_templates_with_every_kind_of_dependence() -> None:
    """The property above is worth something: gates, unit codes, decimals and identities occur."""
    plans = PLANS.values()
    programs = [program for plan in plans for program in plan.programs]
    assert any(program.gates for program in programs)
    assert any(program.unit for program in programs)
    assert any(program.factors for program in programs)
    assert any(plan.identity for plan in plans)
    assert any(len(plan.blocks) > 1 for plan in plans)
    assert MODBUS
