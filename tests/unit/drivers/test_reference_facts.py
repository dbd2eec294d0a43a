"""The built-in templates against the manuals' facts, where the reference data is at hand.

A template is held against the facts file that it names (`facts:`), else the one called like itself:
a new template needs nothing here.
"""

from __future__ import annotations

import math

import pytest

from edge.drivers.layout import RefError, resolve
from edge.drivers.opcua.status import Statuses
from edge.drivers.template import bits
from edge.tag import REASONS, Quality, Reason
from edge.units import Unit
from tests.unit.drivers.points import MODBUS, OPCUA, make_tag, plan_of
from tests.unit.drivers.reference import FOLDER, HELD, facts, known_places, of_template

TYPES = {
    "u8_in_register": "u8",
    "s8_in_register": "s8",
    "string": "text",
    "packed_bytes": "text",
    "bool": "bit",
    "bitmap16": "u16",
    "bitmap": "bit",
    "scaled 16-bit": "u16",
}
WIDER = {("u16", 2): "u32"}  # two plain registers that a template reads as one number
WITHOUT = {"opcua_models"}  # facts about servers, not about one device
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="no reference data here (set SUIAN_REFERENCE)"
)


def test_every_device_of_the_facts_has_its_template():
    """No facts file lies about without a template that was written from it."""
    named = {of_template(template) for template in MODBUS.values()}
    assert {path.stem for path in FOLDER.glob("*.yaml")} - named <= WITHOUT


@pytest.mark.parametrize("name", HELD)
def test_addresses_and_types_are_the_manuals(name: str):
    """Every register of a template stands where the facts say, in their table, type and stride."""
    fact_file = facts(of_template(MODBUS[name]))
    known = {item["name"]: item for item in fact_file["registers"]}
    places = known_places(fact_file)
    device_map = resolve(MODBUS[name], {})
    for own, register in device_map.template.registers.items():
        try:
            point = device_map.point(own, 1)
        except RefError:  # a field that the default layout does not send
            continue
        area, address = point.cell.area, point.cell.address
        fact = known.get(own)
        if fact is None or fact["type"] == "bitmap":  # ours by another name, or one of its bits
            assert (area, address) in places, own
            continue
        assert address == (fact["addr"] if "addr" in fact else 40000 + fact["n"]), own
        assert area == fact["area"], own
        assert (register.stride or None) == fact.get("per_channel", {}).get("stride"), own
        kind = WIDER.get((fact["type"], fact["count"]), fact["type"])
        assert point.cell.type == TYPES.get(str(kind), kind), own
        scale, offset = register.line
        told = {"map_points", "scale_by_document", "scale_from"}.isdisjoint(fact)
        ours = str(fact.get("unit", "ppm")) in set(Unit)  # else the template scales to one of ours
        if told and ours and isinstance(fact.get("scale", 1), (int, float)) and not register.points:
            assert math.isclose(scale, fact.get("scale", 1)), own
            assert math.isclose(offset, fact.get("offset", 0)), own
    for own, output in device_map.template.outputs.items():
        assert (output.area, device_map.output(f"{own}[1]").address) in places, own


@pytest.mark.parametrize("name", HELD)
def test_bits_are_the_manuals(name: str):
    """Every bit or run of bits that a template names stands in the facts of its register."""
    known = {item["name"]: item for item in facts(of_template(MODBUS[name]))["registers"]}
    for own, register in MODBUS[name].registers.items():
        fact = known.get(own, {})
        listed = {(bit, 1) for bit in fact["bits"]} if isinstance(fact.get("bits"), dict) else set()
        listed |= {bits(field["bits"]) for field in fact.get("fields", ())}
        listed |= {bits(mask.bit_length() - 1) for mask in fact.get("masks", {})}
        for part, field in register.fields.items():
            run = bits(field.bits)
            named = run in listed or (own, part) in CONTRADICTED or run[1] > 1
            assert named or not listed, f"{own}.{part}"


CONTRADICTED = {("alarm_fault_state", "fault_as_noted")}  # by the notes of the same row


def test_xnx_states_are_gated_as_the_facts_read():
    """Good, not-a-measurement and bad states of the XNX fall as its quality gate says."""
    fact = next(r for r in facts("honeywell_xnx")["registers"] if r["name"] == "monitoring_state")
    plan = plan_of("honeywell-xnx", make_tag("T", "concentration"))
    gate = next(gate for gate in plan.programs[0].gates if 12 in {s[0] for s in gate.spans})
    for state in fact["quality_gate"]["good"]:
        assert gate.reason(state) is Reason.OK
    for state in fact["quality_gate"]["not_a_measurement"]:
        rule = REASONS[gate.reason(state)]
        assert rule.quality is Quality.UNCERTAIN
        assert not rule.judges
    for state in fact["quality_gate"]["bad"]:
        assert REASONS[gate.reason(state)].quality is Quality.BAD


def test_opcua_codes_are_the_listed_ones():
    """Each status code of the facts is known by its number and keeps its severity."""
    statuses = Statuses(OPCUA)
    listed = {rule.name: rule.code for rule in OPCUA.statuses}
    known = facts("opcua_models")["status_codes"]
    assert set(known["also_named_without_code_read"]) <= set(listed)
    for item in known["map"]:
        if item["name"] not in {"Bad", "Uncertain"}:  # which are the fall-backs themselves
            assert listed[item["name"]] == item["code"]
        bad = item["code"] >= 0x80000000
        assert (REASONS[statuses.reason(item["code"])].quality is Quality.BAD) == bad
