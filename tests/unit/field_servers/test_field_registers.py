"""A simulated device: outputs of several words, momentary ones, values that stand still."""

from __future__ import annotations

from edge.drivers import Reading
from edge.drivers.layout import resolve
from edge.drivers.outputs import writes
from edge.drivers.template import Area, ModbusTemplate
from edge.site.model import Device
from edge.tag import Quality, Reason
from simulator.field.registers import FieldDevice
from tests.conformance.field import TEMPLATES, make_tag


def served(template_id: str, *refs: str) -> FieldDevice:
    """Return a device of a built-in template that shows `refs`."""
    template = TEMPLATES[template_id]
    assert isinstance(template, ModbusTemplate)
    device = Device(id="D-1", link="L-1", template=template_id)
    return FieldDevice(device, template, [make_tag(ref, "D-1", ref) for ref in refs])


def test_a_light_of_four_registers_is_taken_whole():
    """What the gateway sends for a state is what the beacon's registers then read."""
    beacon = served("watchgas-atex-beacon")
    (write,) = writes(beacon.map, {"beacon[1]": "red_flash"})
    assert beacon.write(write.area, write.address, write.words)
    assert beacon.read(Area.HOLDING, 0, 4, 0) == [5, 255, 0, 0]
    assert beacon.outputs()["beacon[1]"] == 0x0005_00FF_0000_0000
    assert not beacon.write(Area.HOLDING, 5, [1])


def test_a_clear_falls_back_by_itself():
    """A momentary coil is taken and reads 0 again."""
    module = served("moxa-iologik-e1214")
    assert module.write(Area.COIL, 4144, [1])
    assert module.read(Area.COIL, 4144, 1, 0) == [0]


def test_an_inhibited_detector_stands_still():
    """An XRL that is inhibited goes on sending what it sent last, whatever gas there is."""
    detector = served("honeywell-sensepoint-xrl", "concentration")
    detector.set("concentration", Reading(7.0, Quality.GOOD, Reason.OK))
    before = detector.read(Area.HOLDING, 102, 2, 0)
    detector.set("concentration", Reading(50.0, Quality.UNCERTAIN, Reason.INHIBITED))
    assert detector.read(Area.HOLDING, 102, 2, 0) == before
    assert detector.read(Area.INPUT, 10, 1, 0) == [3]
    assert resolve(detector.map.template, {}).point("concentration").datum.frozen_while
