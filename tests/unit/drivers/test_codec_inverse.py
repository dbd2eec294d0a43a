"""encode is decode's inverse, over every template, every byte order and every point."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.drivers.base import Reading
from edge.drivers.codec import decode, encode, expressible, nearest, payloads
from edge.drivers.judgement import GRAVITY
from edge.drivers.layout import DeviceMap
from edge.drivers.plan import Program, ReadPlan, make_plan
from edge.drivers.template import SIGNED, Type
from edge.tag import REASONS, Quality, Reason
from tests.unit.drivers.points import MODBUS, tags_for, variants

MAPS = {
    f"{name}-{index}": device_map
    for name, template in MODBUS.items()
    for index, device_map in enumerate(variants(template))
}
PLANS = {name: make_plan(device_map, tags_for(device_map)) for name, device_map in MAPS.items()}
PLANS = {name: plan for name, plan in PLANS.items() if plan.programs}


def test_every_template_is_under_the_property():
    """No built-in Modbus template escapes: each has points, but for one that only takes writes."""
    assert {name.rpartition("-")[0] for name in PLANS} == set(MODBUS)


def values(program: Program, reason: Reason) -> st.SearchStrategy[float]:
    """Draw a value that lies where `reason` says it does."""
    tag = program.tag
    width = tag.range_high - tag.range_low
    low, high = tag.range_low, tag.range_high
    if program.point.cell.type is Type.BIT:
        return st.sampled_from([0.0, 1.0])
    if reason is Reason.OVER_RANGE:
        low, high = high + 0.05 * width, high + 0.9 * width
    elif reason is Reason.UNDER_RANGE:
        low, high = low - 0.9 * width, low - 0.05 * width
    return st.floats(low, high, allow_nan=False)


@st.composite
def one_special(draw: st.DrawFn, plan: ReadPlan) -> tuple[list[Reading], int]:
    """Draw readings that are all well but for one tag, of which any reason is said."""
    special = draw(st.integers(0, len(plan.programs) - 1))
    readings: list[Reading] = []
    for index, program in enumerate(plan.programs):
        reason = draw(st.sampled_from(list(Reason))) if index == special else Reason.OK
        if reason is Reason.UNDER_RANGE and program.point.cell.type not in SIGNED:
            reason = Reason.OK
        if reason is Reason.OVER_RANGE and program.point.cell.type is Type.BIT:
            reason = Reason.OK
        quality = REASONS[reason].quality
        value = None if quality is Quality.BAD else draw(values(program, reason))
        readings.append(Reading(value, quality, reason))
    return readings, special


def resolution(program: Program, value: float) -> float:
    """Return how far a value may move by being put into its register."""
    if program.point.cell.type is Type.F32:
        return max(abs(value), 50.0) * 2.0**-23 + 1e-9
    beside = 1.0 if program.invalid else 0.0  # a count that means "no value" is stepped over
    return abs(program.scale) * (0.5 + beside) + 1e-9


def check_back(program: Program, said: Reading, back: Reading) -> None:
    """Hold what came back against what was said."""
    reason = nearest(program, said.reason)
    assert back.reason is reason
    assert back.quality is REASONS[reason].quality
    if back.quality is Quality.BAD:
        assert back.value is None
        return
    assert back.value is not None
    expected = said.value or 0.0
    if reason in program.point.register.zero_while:
        expected = 0.0
    assert math.isclose(back.value, expected, abs_tol=resolution(program, expected))


@pytest.mark.parametrize("name", PLANS)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_decode_undoes_encode(name: str, data: st.DataObject):
    """What a device is told to show is what the gateway reads: value, quality and reason."""
    plan = PLANS[name]
    readings, special = data.draw(one_special(plan))
    back = decode(plan, payloads(plan, encode(plan, readings, data.draw(st.integers(0, 1 << 40)))))
    check_back(plan.programs[special], readings[special], back[special])
    spread = {Reason.OK, nearest(plan.programs[special], readings[special].reason)}
    for program, said, got in zip(plan.programs, readings, back, strict=True):
        assert got.reason in spread  # a fault of the whole device may be said of its neighbours
        if got.reason is said.reason is Reason.OK:
            check_back(program, said, got)


@pytest.mark.parametrize("name", PLANS)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_nothing_reads_better_than_it_was_said(name: str, data: st.DataObject):
    """Whatever mixture of reasons a device shows, no tag comes back in better standing."""
    plan = PLANS[name]
    readings: list[Reading] = []
    for program in plan.programs:
        can = sorted(expressible(program) - {Reason.OVER_RANGE, Reason.UNDER_RANGE})
        reason = data.draw(st.sampled_from(can))
        quality = REASONS[reason].quality
        readings.append(Reading(None if quality is Quality.BAD else 0.0, quality, reason))
    back = decode(plan, payloads(plan, encode(plan, readings)))
    for said, got in zip(readings, back, strict=True):
        assert GRAVITY[got.reason] >= GRAVITY[said.reason]


@pytest.mark.parametrize("name", PLANS)
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_any_registers_give_a_reading_per_tag(name: str, data: st.DataObject):
    """Garbage registers never raise: each tag gets a value with its range judged, or a reason."""
    plan = PLANS[name]
    raw = [data.draw(st.binary(min_size=2 * b.count, max_size=2 * b.count)) for b in plan.blocks]
    back = decode(plan, raw)
    assert len(back) == len(plan.programs)
    for reading in back:
        assert reading.quality is REASONS[reading.reason].quality
        assert (reading.value is None) == (reading.quality is Quality.BAD)
        assert reading.value is None or math.isfinite(reading.value)


def test_maps_differ_by_order():
    """The orders really are different registers for the same value."""
    seen = set()
    for index in range(4):
        device_map: DeviceMap = MAPS[f"rosemount-5300-{index}"]
        plan = make_plan(device_map, [tag for tag in tags_for(device_map) if tag.ref == "pv[1]"])
        words = encode(plan, [Reading(100.25, Quality.GOOD, Reason.OK)])
        seen.add(tuple(payloads(plan, words)))
    assert len(seen) == 4
