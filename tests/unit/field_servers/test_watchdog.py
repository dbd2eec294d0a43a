"""A simulated module's own watchdog: what its outputs do when nobody asks."""

from __future__ import annotations

from edge.clock import NS
from edge.drivers import load_templates
from edge.drivers.template import Area, ModbusTemplate
from edge.site.model import Device
from simulator.field.registers import FieldDevice
from simulator.field.watchdog import watchdog_of


def module() -> FieldDevice:
    template = load_templates(None)["moxa-iologik-e1214"]
    assert isinstance(template, ModbusTemplate)
    device = Device(id="io", link="l", template=template.id)
    served = FieldDevice(device, template, [])
    safe = {"relay[3]": "on", "relay[4]": "off"}
    served.watchdog = watchdog_of(served.map, 2.0, safe, "watchdog_alarm_clear")
    return served


def test_outputs_fall_to_safe_values_when_nobody_asks():
    """Those that have none stay; a request in time keeps all as it was."""
    served = module()
    served.write(Area.COIL, 0, [1, 0, 0, 1], 0)
    served.read(Area.COIL, 0, 1, 2 * NS)
    before = served.outputs(4 * NS)
    assert [before[f"relay[{n}]"] for n in (1, 3, 4)] == [1, 0, 1]
    after = served.outputs(4 * NS + 1)
    assert [after[f"relay[{n}]"] for n in (1, 3, 4)] == [1, 1, 0]


def test_tripped_module_takes_outputs_once_its_alarm_is_cleared():
    """A write in between is answered and changes nothing; clearing makes the next one count."""
    served = module()
    served.write(Area.COIL, 0, [0, 0, 0, 0], 0)
    assert served.write(Area.COIL, 2, [0], 3 * NS)
    assert served.outputs(3 * NS)["relay[3]"] == 1
    assert served.write(Area.COIL, 4144, [1], 3 * NS)
    assert served.write(Area.COIL, 2, [0], 3 * NS)
    assert served.outputs(3 * NS)["relay[3]"] == 0
