"""From zero to over-range within one poll, through every template that reads gas.

The device's registers are what its own template encodes, once with the range's status word (where
the device has one) and once with the number alone; they are decoded and taken the way of all
samples: quality stage, cycle, engine, annunciator.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from edge.clock import ManualClock
from edge.drivers.base import Reading
from edge.drivers.codec import decode, encode, payloads
from edge.drivers.layout import DeviceMap
from edge.drivers.plan import ReadPlan, make_plan
from edge.drivers.roles import CONTROLLER, DETECTORS
from edge.errors import ConfigError
from edge.site.model import LimitKind, LimitSpec, Site
from edge.tag import Quality, Reason, Sample, Tag, World
from edge.units import GAS_UNITS, Unit
from suian.alarms.core import Core, Record
from tests.unit.drivers.points import MODBUS, tags_for, variants
from tests.unit.poll.helpers import make_site

HORN = {"id": "horn", "kind": "horn", "point": "buzzer", "on": 2, "off": 0}
CLEAN = Reading(0.0, Quality.GOOD, Reason.OK)
READINGS = frozenset(  # how templates call what a detector measures
    {"concentration", "concentration_int", "value_int", "value_float", "analog_output"}
)
FAR = 1.5  # times the range: what gas the detector stands in
LEVELS = ((LimitKind.HIGH, 0.2, 2, 1), (LimitKind.HIGH_HIGH, 0.4, 1, 2))  # share of the range


@dataclass(frozen=True, slots=True)
class Bursts:
    """How many were tried, through how many templates, and which were not heard."""

    tried: int
    templates: int
    missed: tuple[str, ...]


def bursts() -> Bursts:
    """Try each gas reading of each template, in each of its variants."""
    tried, templates = 0, set[str]()
    missed: list[str] = []
    for name, plan in _gas_points():
        templates.add(name)
        for said in (Reason.OVER_RANGE, Reason.OK):
            tried += 1
            if not _heard(plan, said):
                missed.append(f"{name} {plan.programs[0].tag.ref} ({said})")
    return Bursts(tried, len(templates), tuple(missed))


def _gas_points() -> Iterator[tuple[str, ReadPlan]]:
    """Yield each template's readings of gas: the template, and a plan that reads one of them."""
    for name, template in MODBUS.items():
        if not {*template.kinds} & {*DETECTORS, CONTROLLER}:
            continue
        for device_map in variants(template):
            for tag in tags_for(device_map):
                if tag.ref.partition("[")[0] in READINGS:
                    yield name, _plan(device_map, tag)


def _plan(device_map: DeviceMap, tag: Tag) -> ReadPlan:
    """Return the plan that reads `tag` as a detector's, in a unit that the device can send."""
    for unit in (tag.unit, Unit.PPM, Unit.PERCENT_LEL):
        if unit not in GAS_UNITS:
            continue
        lel = 0.05 if unit is Unit.PERCENT_LEL else None
        gas = replace(
            tag, unit=unit, quantity="concentration", substance="methane", area="cl2",
            range_low=0.0, lel_fraction=lel, world=World.TEST,
        )  # fmt: skip
        try:
            return make_plan(device_map, [gas])
        except ConfigError:  # another unit, then
            continue
    raise AssertionError(f"{device_map.template.id} {tag.ref}: no unit of gas fits")


def _heard(plan: ReadPlan, said: Reason) -> bool:
    """Whether level 2 is raised and the horn demanded with the first poll that shows the gas."""
    tag = plan.programs[0].tag
    core, clock = _core(tag)
    for _ in range(3):
        _poll(core, clock, plan, CLEAN)
    if core.alarms() or core.sounding():
        return False
    quality = Quality.GOOD if said is Reason.OK else Quality.UNCERTAIN
    _poll(core, clock, plan, Reading(FAR * tag.range_high, quality, said))
    raised = {view.condition for view in core.alarms()}
    return f"{tag.name}/hh" in raised and core.sounding() == ["tower"]


def _poll(core: Core, clock: ManualClock, plan: ReadPlan, reading: Reading) -> None:
    """Have the device show `reading`, and core read it."""
    tag = plan.programs[0].tag
    utc_ns = clock.advance(tag.period_s).utc_ns
    (back,) = decode(plan, payloads(plan, encode(plan, [reading])))
    value, quality, reason, _ = back
    core.cycle.on_samples([Sample(tag.name, value, quality, reason, utc_ns, utc_ns, tag.world)])
    core.cycle.tick()


def _core(tag: Tag) -> tuple[Core, ManualClock]:
    limits = [
        LimitSpec(f"{tag.name}/{kind}", tag.name, kind, share * tag.range_high, priority, level,
                  area=tag.area)
        for kind, share, priority, level in LEVELS
    ]  # fmt: skip
    devices = [
        {"id": name, "link": "l", "template": "t", "world": "test"} for name in (tag.device, "T-1")
    ]
    tower = {"id": "tower", "device": "T-1", "areas": ["cl2"], "outputs": [HORN]}
    more = {"devices": devices, "annunciators": [tower]}
    site: Site = make_site([tag], {"l": {}}, limits, **more)
    clock = ManualClock()
    return Core(site, clock, Record()), clock
