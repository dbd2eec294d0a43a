"""A controller's alarm bits and set-points as registers: what the plant says is what is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.drivers import Reading
from edge.drivers.codec import decode, payloads
from edge.drivers.layout import resolve
from edge.drivers.plan import make_plan
from edge.drivers.template import Area, ModbusTemplate
from edge.site import load_site
from edge.tag import Quality, Reason
from edge.units import Unit
from simulator.field.registers import FieldDevice
from tests.conformance.field import TEMPLATES, make_tag

SITE = load_site(Path(__file__).parents[3] / "deploy/sites/demo")
OK = Quality.GOOD, Reason.OK


@pytest.mark.parametrize("device", ["AE-101", "AE-105"])
@pytest.mark.parametrize("reason", [Reason.OK, Reason.SENSOR_FAULT, Reason.MAINTENANCE_DUE])
def test_alarm_bits_stand_beside_the_state(device: str, reason: Reason):
    """An alarm bit in the word of faults and warnings is read as set, whatever the state is."""
    template = TEMPLATES[SITE.devices[device].template]
    assert isinstance(template, ModbusTemplate)
    tags = SITE.tags_of(device)
    served = FieldDevice(SITE.devices[device], template, tags)
    number = device[-3:]
    bad = reason is Reason.SENSOR_FAULT
    quality = Quality.BAD if bad else Quality.GOOD if reason is Reason.OK else Quality.UNCERTAIN
    shown = {
        f"AT-{number}": Reading(None if bad else 0.5, quality, reason),
        f"XA-{number}A": Reading(1.0, *OK),
        f"XA-{number}B": Reading(0.0, *OK),
        f"AS-{number}A": Reading(0.3, *OK),
        f"AS-{number}B": Reading(0.6, *OK),
    }
    for tag in tags:
        served.set(tag.name, shown[tag.name])
    words = {
        (cell.area, at): (served.read(cell.area, at, 1, 0) or [0])[0]
        for cell in served.plan.cells
        for at in range(cell.address, cell.address + cell.words)
    }
    read = decode(served.plan, payloads(served.plan, words))
    for tag, reading in zip(tags, read, strict=True):
        assert reading.value == pytest.approx(shown[tag.name].value), tag.name


@pytest.mark.parametrize(("code", "states"), [(0, (0, 0)), (4, (1, 0)), (5, (1, 1)), (7, (0, 0))])
def test_a_numbered_state_becomes_alarm_tags_by_flags(code: int, states: tuple[int, int]):
    """A controller that says 4 for A1 and 5 for A2 is mirrored like one with alarm bits."""
    flags = {"a1": "channel_state in 4..6", "a2": "channel_state in 5..6"}
    template = TEMPLATES["honeywell-touchpoint-pro"]
    assert isinstance(template, ModbusTemplate)
    device_map = resolve(template.model_copy(update={"flags": flags}), {})
    tags = [make_tag(name, "TPP", f"{name}[2]", Unit.BOOL, 0, 1) for name in flags]
    plan = make_plan(device_map, tags)
    read = decode(plan, payloads(plan, {(Area.INPUT, 65): code}))
    assert tuple(reading.value for reading in read) == states
