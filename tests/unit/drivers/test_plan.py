"""Requests are few, stay in one table, keep out of holes and never split a datum."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.drivers.blocks import make_blocks
from edge.drivers.layout import Cell, RefError, resolve
from edge.drivers.plan import make_plan
from edge.drivers.template import Area, Hole, ReadRules, Type
from edge.drivers.views import conversion
from edge.errors import ConfigError
from edge.units import Unit
from tests.unit.drivers.points import MODBUS, make_tag, plan_of


def word(address: int, words: int = 1, area: Area = Area.HOLDING) -> Cell:
    """Return a cell of one or two registers."""
    return Cell(area, address, Type.U32 if words == 2 else Type.U16, "ABCD", words)


cells = st.builds(
    word, st.integers(0, 400), st.sampled_from([1, 2]), st.sampled_from([Area.HOLDING, Area.INPUT])
)
holes = st.builds(
    lambda first, length: Hole(area=Area.HOLDING, first=first, last=first + length),
    st.integers(0, 400),
    st.integers(0, 5),
)


@given(st.sets(cells, min_size=1), st.integers(0, 20), st.integers(2, 125), st.lists(holes))
def test_blocks_hold_every_cell_and_keep_the_rules(
    wanted: set[Cell], gap: int, limit: int, forbidden: list[Hole]
):
    """Every cell is read whole in just one block, within the limit, and no hole is crossed."""
    rules = ReadRules(max_gap=gap, max_registers=limit, holes=tuple(forbidden))
    slots = {cell: index for index, cell in enumerate(wanted)}
    blocks = make_blocks(slots, rules)
    seen = [slot for block in blocks for slot in block.slots]
    assert sorted(seen) == sorted(slots.values())
    for block in blocks:
        inside = [cell for cell in wanted if slots[cell] in block.slots]
        used = {a for cell in inside for a in range(cell.address, cell.address + cell.words)}
        assert block.count <= limit
        assert all(cell.area is block.area for cell in inside)
        span = set(range(block.address, block.address + block.count))
        assert used <= span
        unused = sorted(span - used)
        assert not any(
            h.first <= a <= h.last for h in forbidden for a in unused if block.area is h.area
        )
        for part in block.parts:
            assert set(part.slots) <= set(block.slots)
        if block.parts:
            assert sum(part.count for part in block.parts) == len(used)


@given(st.sets(st.integers(0, 600), min_size=1, max_size=60))
def test_requests_are_close_to_the_fewest(addresses: set[int]):
    """Joining neighbours needs no more requests than the best set of cuts does."""
    rules = ReadRules(max_gap=4, max_registers=50)
    blocks = make_blocks({word(a): i for i, a in enumerate(sorted(addresses))}, rules)
    ordered = sorted(addresses)
    best = [0] + [10**9] * len(ordered)
    for end in range(1, len(ordered) + 1):
        for start in range(end, 0, -1):
            group = ordered[start - 1 : end]
            gaps = [b - a - 1 for a, b in pairwise(group)]
            if group[-1] - group[0] + 1 > 50 or any(g > 4 for g in gaps):
                break
            best[end] = min(best[end], best[start - 1] + 1)
    assert len(blocks) == best[-1]


def test_one_detector_is_one_request():
    """Value, status, unit code, identity and heartbeat of an XNX come in a single read."""
    plan = plan_of("honeywell-xnx", make_tag("T", "concentration"))
    assert [(block.address, block.count) for block in plan.blocks] == [(0, 11)]


def test_three_sensors_of_an_msa_are_one_request():
    """Three channels and both status words share a request at the moved base."""
    tags = [make_tag(f"T{n}", f"concentration[{n}]") for n in (1, 2, 3)]
    plan = plan_of("msa-ultima-x3", *tags, base=1000)
    assert [(block.address, block.count) for block in plan.blocks] == [(1201, 12)]


def test_tables_are_never_mixed():
    """Registers of the input and of the holding table are asked for separately."""
    plan = plan_of("rosemount-5300", make_tag("A", "pv"), make_tag("B", "float_format_code"))
    assert [block.area for block in plan.blocks] == [Area.HOLDING, Area.INPUT]


@pytest.mark.parametrize(
    ("template", "ref", "unit", "says"),
    [
        ("honeywell-xnx", "conc", Unit.PPM, "no point 'conc'"),
        ("honeywell-xnx", "concentration[2]", Unit.PPM, "no channel 2"),
        ("honeywell-xnx", "concentration", Unit.METRE, "never sent in m"),
        ("honeywell-xnx", "id.nothing", Unit.COUNT, "no field 'nothing'"),
        ("honeywell-xnx", "concentration[", Unit.PPM, "is no reference"),
        ("msa-ultima-x3", "concentration", Unit.PPM, "which channel"),
        ("gill-maximet", "wind_speed", Unit.CELSIUS, "cannot become degC"),
        ("gill-maximet", "compass_heading", Unit.DEGREE, "not among the fields"),
        ("gill-maximet", "node", Unit.COUNT, "is a text"),
    ],
)
def test_a_wrong_reference_is_said_at_load(template: str, ref: str, unit: Unit, says: str):
    """A reference or unit the template cannot serve is a fault with a remedy, before any poll."""
    with pytest.raises(ConfigError) as caught:
        plan_of(template, make_tag("T-1", ref, unit))
    (fault,) = caught.value.faults
    assert says in fault.problem
    assert fault.subject == "T-1"
    assert fault.remedy


def test_all_wrong_references_are_said_at_once():
    """Two wrong tags are two faults."""
    with pytest.raises(ConfigError) as caught:
        make_plan(resolve(MODBUS["honeywell-xnx"], {}), [make_tag("A", "x"), make_tag("B", "y")])
    assert [fault.subject for fault in caught.value.faults] == ["A", "B"]


@pytest.mark.parametrize(
    ("template", "given_", "says"),
    [
        ("rosemount-5300", {"order": "ABDC"}, "order is 'ABDC'"),
        ("rosemount-5300", {"base": 1}, "unknown settings"),
        ("msa-ultima-x3", {"base": 70000}, "base is 70000"),
        ("msa-ultima-x3", {"base": "x"}, "base is 'x'"),
        ("gill-maximet", {"fields": "wind_speed, nonsense"}, "names 'nonsense'"),
    ],
)
def test_wrong_settings_are_refused(template: str, given_: dict, says: str):
    """A setting the template does not have, or a value it cannot take, is said."""
    with pytest.raises(RefError, match=says):
        resolve(MODBUS[template], given_)


def test_a_moved_base_moves_every_register():
    """The MSA's base setting shifts all of its map."""
    near = resolve(MODBUS["msa-ultima-x3"], {"base": 1000}).point("concentration[2]")
    far = resolve(MODBUS["msa-ultima-x3"], {}).point("concentration[2]")
    assert (near.cell.address, far.cell.address) == (1209, 40209)


def test_units_convert_within_a_dimension_only():
    """Pressures convert, degrees Celsius stay, ppm never becomes metres."""
    assert conversion(Unit.HECTOPASCAL, Unit.KILOPASCAL) == pytest.approx((0.1, 0.0))
    assert conversion(Unit.CELSIUS, Unit.CELSIUS) == (1.0, 0.0)
    assert conversion(Unit.PPM, Unit.METRE) is None
    assert conversion(Unit.PERCENT_LEL, Unit.PPM) is None
