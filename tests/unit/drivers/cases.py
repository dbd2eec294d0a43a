"""One folder of tests/cases/drivers held against its template: registers, texts and writes."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from edge.drivers import ModbusTemplate
from edge.drivers.base import Reading
from edge.drivers.cells import pack_words
from edge.drivers.codec import decode, encode, payloads, unpack
from edge.drivers.layout import DeviceMap, resolve
from edge.drivers.outputs import writes
from edge.drivers.plan import make_plan
from edge.drivers.template import Area
from edge.drivers.texts import bytes_of, facts, plan_facts
from edge.tag import REASONS, Quality, Reason
from edge.units import Unit
from tests.unit.drivers.points import make_tag

Words = dict[tuple[Area, int], int]


def words_of(data: dict[str, Any]) -> Words:
    """Return the words of a case's `registers`: table -> first address -> words."""
    return {
        (Area(area), start + index): word
        for area, blocks in data.get("registers", {}).items()
        for start, block in blocks.items()
        for index, word in enumerate(block)
    }


def check_case(data: dict[str, Any], template: ModbusTemplate) -> None:
    """Hold everything that a case says against `template`."""
    device_map = resolve(template, data.get("settings", {}))
    check_tags(device_map, data)
    check_texts(device_map, data)
    for item in data.get("writes", ()):
        requests = [
            {"at": write.address, "area": str(write.area), "words": list(write.words)}
            | ({"function": write.function} if write.function else {})
            for write in writes(device_map, item["set"])
        ]
        expected = [{"area": "holding"} | request for request in item["requests"]]
        assert requests == expected, item["set"]


def check_tags(device_map: DeviceMap, data: dict[str, Any]) -> None:
    """Hold each tag of a case against what it reads; back into the same words if `canonical`."""
    listed = data.get("tags", [])
    tags = [
        replace(
            make_tag(f"T{i}", t["ref"], Unit(t.get("unit", "ppm")), *t.get("range", (0, 100))),
            period_s=t.get("period_s", 120.0),  # slow enough for whatever a device wants
        )
        for i, t in enumerate(listed)
    ]
    plan = make_plan(device_map, tags)
    words = words_of(data)
    readings = decode(plan, payloads(plan, words))
    for expected, reading in zip(listed, readings, strict=True):
        check_reading(expected, reading)
    if data.get("canonical"):
        back = encode(plan, readings)
        assert back == {at: words.get(at, 0) for at in back}  # what is not listed reads 0


def check_reading(expected: dict[str, Any], reading: Reading) -> None:
    """Hold one reading against its line in a case."""
    reason = Reason(expected.get("reason", "ok"))
    assert reading.reason is reason, expected
    assert reading.quality is REASONS[reason].quality
    if reading.quality is Quality.BAD:
        assert reading.value is None
    else:
        assert reading.value is not None
        assert math.isclose(reading.value, expected["value"], rel_tol=1e-6, abs_tol=1e-9), expected


def check_texts(device_map: DeviceMap, data: dict[str, Any]) -> None:
    """Hold the texts of a case against its registers, and against the way back into them."""
    if "texts" not in data:
        return
    plan = plan_facts(device_map)
    words = words_of(data)
    raw = unpack(plan, payloads(plan, words))
    found = facts(plan, raw)
    for name, text in data["texts"].items():
        assert found[name] == text
    for point in plan.points:
        name = f"{point.name}[{point.channel}]" if point.per_channel else point.name
        if "?" in data["texts"].get(name, "?"):  # a byte that is no character has no way back
            continue
        if point.register.epoch is None:
            cell = point.cell
            span = range(cell.address, cell.address + cell.words)
            sent = pack_words([words.get((cell.area, at), 0) for at in span])
            back = bytes_of(str(data["texts"][name]), point.register.text, cell.words)
            assert back.rstrip(b"\0 ") == sent.rstrip(b"\0 ").lstrip(b" ")
