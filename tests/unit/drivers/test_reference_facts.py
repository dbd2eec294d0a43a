"""The built-in templates against the manuals' facts, where the reference data is at hand."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from edge.drivers.base import Reading
from edge.drivers.codec import decode, encode, payloads
from edge.drivers.layout import resolve
from edge.drivers.opcua.status import Statuses
from edge.drivers.outputs import writes
from edge.drivers.template import ORDERS
from edge.tag import REASONS, Quality, Reason
from tests.unit.drivers.points import MODBUS, OPCUA, make_tag, plan_of

FOLDER = Path(os.environ.get("SUIAN_REFERENCE", "../shared/reference")) / "devices"
FILES = {
    "honeywell-xnx": "honeywell_xnx",
    "msa-ultima-x3": "msa_ultima_x",
    "honeywell-midas": "honeywell_midas",
    "rosemount-5300": "rosemount_5300",
    "gill-maximet": "gill_maximet",
    "patlite-la6-poe": "patlite_la6_poe",
    "draeger-polytron-8000": "draeger_polytron_8000",
    "dyacon-ua1": "dyacon_ua1",
    "vaisala-wm80": "vaisala_wm80",
    "thies-wsc11": "thies_wsc11",
    "generic-rs485-wind-cn": "generic_rs485_wind_cn",
    "advantech-adam-4056so": "advantech_adam_4056so",
    "advantech-adam-6024": "advantech_adam_6024",
    "oldham-itrans": "oldham_itrans",
    "honeywell-midas-m": "honeywell_midas_m",
    "honeywell-sensepoint-xrl": "honeywell_sensepoint_xrl",
    "igd-toc635": "igd_toc635",
    "moxa-iologik-e1240": "moxa_iologik_e1240",
    "rosemount-3095fb": "rosemount_3095fb",
    "vaisala-wxt530": "vaisala_wxt530",
    "lufft-ws-umb": "lufft_ws_umb",
}
OURS = {  # ours by another name, or laid out as a block there
    "wind_direction_avg",
    "fault_as_noted",  # the bit that the notes of the same row contradict
    "contact_input",
    "fixed_abcd_pv",
    "fixed_dcba_pv",
    "fixed_badc_pv",
    "compass_heading",
    "wind_direction_5min",
    "wind_speed_5min",
    "gust_direction",
    "gust_speed",
}
TYPES = {"u8_in_register": "u8", "s8_in_register": "s8", "string": "text", "bool": "bit"}
WIDER = {("u16", 2): "u32"}  # two plain registers that a template reads as one number
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="no reference data here (set SUIAN_REFERENCE)"
)


def facts(name: str) -> dict[str, Any]:
    """Return one device's reference file."""
    return YAML(typ="safe", pure=True).load((FOLDER / f"{name}.yaml").read_text("utf-8"))


@pytest.mark.parametrize("name", FILES)
def test_addresses_and_types_are_the_manuals(name: str):
    """Every register of a template stands where the facts say, in their table, type and stride."""
    known = {item["name"]: item for item in facts(FILES[name])["registers"]}
    device_map = resolve(MODBUS[name], {})
    points = {**device_map.template.registers, **device_map.template.outputs}
    for own, spec in points.items():
        if own in OURS:
            continue
        fact = known[own]
        point = device_map.point(own, 1) if own in device_map.template.registers else None
        address = point.cell.address if point else device_map.output(f"{own}[1]").address
        assert address == (fact["addr"] if "addr" in fact else 40000 + fact["n"]), own
        stride = spec.stride or None
        per_channel = fact.get("per_channel", {})
        assert stride == per_channel.get("stride"), own
        if point:
            assert point.cell.area == fact["area"], own
            kind = WIDER.get((fact["type"], fact["count"]), fact["type"])
            assert point.cell.type == TYPES.get(str(kind), kind), own
            assert point.register.scale == fact.get("scale", 1), own


@pytest.mark.parametrize("name", FILES)
def test_bits_are_the_manuals(name: str):
    """Every single bit a template names has the number the facts give it (by position)."""
    known = {item["name"]: item for item in facts(FILES[name])["registers"]}
    for own, register in MODBUS[name].registers.items():
        listed = known.get(own, {}).get("bits")
        for part, field in register.fields.items():
            if isinstance(listed, dict) and isinstance(field.bits, int) and part not in OURS:
                assert field.bits in listed, f"{own}.{part}"


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


def test_rosemount_vector_in_four_orders():
    """100.25 comes out of the printed registers in each order, and goes back into them."""
    vector = facts("rosemount_5300")["vectors"][0]
    for code, raw in vector["raw_by_code"].items():
        tag = make_tag("T", "pv", low=0, high=200)
        plan = plan_of("rosemount-5300", tag, order=ORDERS[code])
        words = encode(plan, [Reading(vector["value"], Quality.GOOD, Reason.OK)])
        block = plan.blocks[0]
        assert [words[block.area, 1302], words[block.area, 1303]] == raw
        assert decode(plan, payloads(plan, words))[0].value == vector["value"]


def test_patlite_vectors():
    """The three printed telegrams of the Patlite are what its outputs write."""
    device_map = resolve(MODBUS["patlite-la6-poe"], {})
    asked = [{"tier[1]": "on"}, {"tier[2]": "flashing"}, {"smart_mode": 15}]
    for vector, values in zip(facts("patlite_la6_poe")["vectors"], asked, strict=True):
        (write,) = writes(device_map, values)
        assert (write.address, write.words) == (
            vector["write"]["addr"],
            (vector["write"]["value"],),
        )


def test_opcua_codes_are_the_listed_ones():
    """Each status code of the facts is known by its number and keeps its severity."""
    statuses = Statuses(OPCUA)
    listed = {rule.name: rule.code for rule in OPCUA.statuses}
    for item in facts("opcua_models")["status_codes"]["map"]:
        if item["name"] in listed:
            assert listed[item["name"]] == item["code"]
        bad = item["code"] >= 0x80000000
        assert (REASONS[statuses.reason(item["code"])].quality is Quality.BAD) == bad
