"""Each vector of the device facts through its template, from the words and back into them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from edge.drivers.base import Reading
from edge.drivers.codec import decode, encode, payloads
from edge.drivers.layout import DeviceMap, RefError, resolve
from edge.drivers.outputs import writes
from edge.drivers.plan import ReadPlan, make_plan
from edge.drivers.template import Area, Type, span
from edge.tag import Quality, Reason, Tag
from edge.units import Unit
from tests.unit.drivers.points import make_tag, sent_unit
from tests.unit.drivers.reference import FOLDER, HELD, MODBUS, Vector, facts, of_template, vectors

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="no reference data here (set SUIAN_REFERENCE)"
)
ALL = [
    pytest.param(name, vector, id=f"{name}-{number}")
    for name in HELD
    for number, vector in enumerate(vectors(MODBUS[name]))
]
WRITES = [
    pytest.param(name, told, id=f"{name}-{told['write']['value']:#x}")
    for name in HELD
    for told in facts(of_template(MODBUS[name])).get("vectors", ())
    if "write" in told
]


def ref_of(device_map: DeviceMap, vector: Vector) -> str:
    """Return the register (channel 1) that the vector is about; "" if the template has none.

    A vector that names none is about any datum as wide as its words.
    """
    for name in device_map.template.registers:
        try:
            point = device_map.point(f"{name}[1]")
        except RefError:
            continue
        here = (point.cell.area, point.cell.address)
        wide = point.cell.words == len(vector.words) and point.cell.type is Type.F32
        named = name == vector.register if vector.register else here == vector.place
        if named or (wide and not vector.register and vector.place is None):
            return f"{name}[1]"
    return ""


def widened(vector: Vector, words: int) -> tuple[int, ...]:
    """Return the vector's words; one number that stands for several registers is taken apart."""
    if len(vector.words) == 1 and words > 1:
        return tuple(vector.words[0] >> 16 * at & 0xFFFF for at in reversed(range(words)))
    return vector.words


def left_out(name: str, vector: Vector) -> bool:
    """Whether the template cannot know the register: no address, or a command of a detector."""
    listed = facts(of_template(MODBUS[name]))["registers"]
    fact = next(item for item in listed if item["name"] == vector.register)
    return fact["addr"] is None or fact["access"] == "w"


def ranges(value: float) -> list[tuple[float, float]]:
    """Return ranges that `value` lies in, wider and wider: a device's decimals follow from them."""
    reach = max(abs(value), 1.0)
    return [(-reach * factor, reach * factor) for factor in (1, 4, 16, 64, 256, 1024, 4096)]


def shown(plan: ReadPlan, reading: Reading, vector: Vector) -> tuple[Sequence[int], list[Reading]]:
    """Return the words the device shows for `reading`, and what the vector's words read there."""
    words = encode(plan, [reading])
    cell = plan.programs[0].point.cell
    places = [(cell.area, cell.address + index) for index in range(cell.words)]
    made = [words[place] for place in places]
    words.update(zip(places, vector.words, strict=True))
    return made, decode(plan, payloads(plan, words))


def slow(tag: Tag) -> Tag:
    """Return `tag` with a period that any device can serve."""
    return replace(tag, period_s=120.0)


@pytest.mark.parametrize(("name", "vector"), ALL)
def test_a_vector_reads_as_told_and_goes_back_into_its_words(name: str, vector: Vector):
    """Words of the manual give the manual's value, flags or quality; the value gives the words."""
    device_map = resolve(MODBUS[name], vector.settings)
    ref = ref_of(device_map, vector)
    if not ref:
        assert left_out(name, vector)
        assert vector.register not in device_map.template.outputs
        return
    told = vector.told
    vector = replace(vector, words=widened(vector, device_map.point(ref).cell.words))
    register = device_map.template.registers[ref.partition("[")[0]]
    unit = (
        Unit(told["unit"]) if "unit" in told else register.unit or sent_unit(device_map, register)
    )
    if "value" in told:
        good = Reading(told["value"], Quality.GOOD, Reason.OK)
        for low, high in ranges(told["value"]):
            plan = make_plan(device_map, [slow(make_tag("T", ref, unit, low, high))])
            made, (reading,) = shown(plan, good, vector)
            if tuple(made) == vector.words:
                assert reading.reason is Reason.OK
                assert reading.value == pytest.approx(told["value"], rel=1e-6)
                return
        pytest.fail(f"{told['value']} never goes into {vector.words}")
    if "quality" in told:
        plan = make_plan(device_map, [slow(make_tag("T", ref, unit))])
        made, (reading,) = shown(plan, Reading(None, Quality.BAD, Reason.INVALID_VALUE), vector)
        assert tuple(made) == vector.words
        assert reading.quality is Quality[told["quality"].upper()]
    for flag, holds in told.get("flags", {}).items():
        plan = make_plan(device_map, [slow(make_tag("T", flag, Unit.BOOL, 0, 1))])
        cell = plan.programs[0].point.cell
        words = {(cell.area, cell.address): vector.words[0]}
        (reading,) = decode(plan, payloads(plan, words))
        assert reading.value == holds
        assert encode(plan, [reading]).keys() == words.keys()


@pytest.mark.parametrize(("name", "told"), WRITES)
def test_a_write_of_the_manual_is_what_an_output_sends(name: str, told: dict):
    """Some state or code of an output sends the very word that the manual prints."""
    device_map = resolve(MODBUS[name], {})
    sent: set[tuple[Area, int, tuple[int, ...]]] = set()
    for output, spec in device_map.template.outputs.items():
        codes = [code for item in spec.codes for code in range(span(item)[0], span(item)[1] + 1)]
        for channel in range(1, spec.channels + 1):
            for value in [*spec.states, *codes]:
                for write in writes(device_map, {f"{output}[{channel}]": value}):
                    sent.add((write.area, write.address, write.words))
    assert (Area.HOLDING, told["write"]["addr"], (told["write"]["value"],)) in sent
