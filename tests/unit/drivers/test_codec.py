"""Decoding, case by case: each folder of tests/cases/drivers holds registers and what they mean."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from edge.drivers.base import Reading
from edge.drivers.codec import decode, encode, payloads
from edge.drivers.layout import resolve
from edge.drivers.plan import make_plan
from edge.drivers.template import Area, Gate
from edge.tag import REASONS, Quality, Reason
from edge.units import Unit
from tests.unit.drivers.cases import check_case
from tests.unit.drivers.points import MODBUS, make_tag, plan_of

CASES = Path(__file__).parents[2] / "cases" / "drivers"


def load(case: Path) -> dict[str, Any]:
    """Return one case: template, settings, registers by table, tags and what they read."""
    return YAML(typ="safe", pure=True).load((case / "case.yaml").read_text("utf-8"))


@pytest.mark.parametrize(
    "case", sorted(p for p in CASES.iterdir() if p.is_dir()), ids=lambda p: p.name
)
def test_case(case: Path):
    """What a case says of registers, texts and writes is so."""
    data = load(case)
    check_case(data, MODBUS[data["template"]])


def test_every_template_has_a_case():
    """No built-in Modbus template ships without registers that were held against it."""
    assert {load(case)["template"] for case in CASES.iterdir() if case.is_dir()} == set(MODBUS)


def test_a_failed_block_spoils_its_own_tags_only():
    """With one block refused, tags of the others read on; a tag whose gate is in it does not."""
    level = make_tag("L", "pv", high=10)
    fixed = make_tag("F", "fixed_abcd_pv", high=10)
    code = make_tag("C", "float_format_code", high=10)
    plan = plan_of("rosemount-5300", level, fixed, code)
    good = payloads(plan, encode(plan, [Reading(3.0, Quality.GOOD, Reason.OK)] * 3))
    refused = [
        Reason.DEVICE_EXCEPTION if block.address == 1300 else data
        for block, data in zip(plan.blocks, good, strict=True)
    ]
    readings = decode(plan, refused)
    assert [reading.reason for reading in readings] == [
        Reason.DEVICE_EXCEPTION,
        Reason.DEVICE_EXCEPTION,
        Reason.OK,
    ]


def test_over_range_outweighs_other_doubts_and_bows_to_calibration():
    """A maintenance hint does not hide an over-range; a calibration gas is no over-range."""
    plan = plan_of("honeywell-xnx", make_tag("T", "concentration", high=10))
    for said, expected in (
        (Reason.MAINTENANCE_DUE, Reason.OVER_RANGE),
        (Reason.CALIBRATING, Reason.CALIBRATING),
        (Reason.DEVICE_FAULT, Reason.DEVICE_FAULT),
    ):
        words = encode(plan, [Reading(40.0, REASONS[said].quality, said)])
        assert decode(plan, payloads(plan, words))[0].reason is expected


@pytest.mark.parametrize(
    ("value", "reason"),
    [(10.0, Reason.OK), (10.01, Reason.OVER_RANGE), (-0.1, Reason.OK), (-0.3, Reason.UNDER_RANGE)],
)
def test_ranges_have_a_dead_zone_below_and_none_above(value: float, reason: Reason):
    """The top of the range is still in it, a small negative drift too; beyond is Uncertain."""
    plan = plan_of("msa-ultima-x3", make_tag("T", "concentration[1]", high=10))
    words = encode(plan, [Reading(value, Quality.GOOD, Reason.OK)])
    (reading,) = decode(plan, payloads(plan, words))
    assert reading.reason is reason
    assert reading.value == pytest.approx(value)


def test_the_top_of_a_range_survives_the_short_float():
    """1.6 sent as a 32-bit float is a little more than 1.6 and no over-range."""
    plan = plan_of("msa-ultima-x3", make_tag("T", "concentration[1]", high=1.6))
    words = encode(plan, [Reading(1.6, Quality.GOOD, Reason.OK)])
    assert decode(plan, payloads(plan, words))[0].reason is Reason.OK


def test_an_instruments_own_over_range_keeps_its_value():
    """A detector that says "beyond my range" in a state is Uncertain with what it still shows."""
    template = MODBUS["rosemount-5300"]
    gate = Gate.model_validate(
        {"from": "status.pv_invalid", "governs": ["pv"], "when": {1: "over-range"}}
    )
    own = template.model_copy(update={"gates": (gate,)})
    plan = make_plan(resolve(own, {}), [make_tag("T", "pv")])
    words = encode(plan, [Reading(99.0, Quality.UNCERTAIN, Reason.OVER_RANGE)])
    (reading,) = decode(plan, payloads(plan, words))
    assert (reading.value, reading.reason) == (99.0, Reason.OVER_RANGE)


def test_units_are_converted_where_the_device_says_its_own():
    """A Midas that sends ppb serves a tag in ppm; one that sends %LEL is a configuration fault."""
    tag = make_tag("T", "concentration", Unit.PPM, high=10)
    plan = plan_of("honeywell-midas", tag)
    words = encode(plan, [Reading(2.0, Quality.GOOD, Reason.OK)])
    unit = (Area.HOLDING, 6)
    assert words[unit] >> 8 == 1
    words[unit] = words[unit] & 0xFF | 2 << 8
    assert decode(plan, payloads(plan, words))[0].value == pytest.approx(0.002)
    words[unit] = words[unit] & 0xFF | 8 << 8
    assert decode(plan, payloads(plan, words))[0].reason is Reason.CONFIGURATION
