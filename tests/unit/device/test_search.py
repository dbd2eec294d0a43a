"""A known value is found, however it is coded, and the line to paste reads it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from edge.drivers.cells import Words, read_cell, write_cell
from edge.drivers.layout import Cell
from edge.drivers.template import ORDERS, WORDS, Area, Register, Type
from edge.errors import ConfigError
from suian.device.scan import ScanOptions, dump_of, scan
from suian.device.search import SCALES, Around, Hit, confirmed, convention, paste, ranked, search
from suian.device.target import target
from tests.unit.device.rig import Instrument, holding, on_tcp

KINDS = [Type.U16, Type.S16, Type.U32, Type.S32, Type.F32]


@given(
    st.sampled_from(KINDS),
    st.sampled_from(sorted(ORDERS)),
    st.sampled_from(SCALES),
    st.integers(1, 30_000),
    st.sampled_from([Area.HOLDING, Area.INPUT]),
)
def test_any_coding_of_a_value_is_found_and_pasted(
    kind: Type, order: str, scale: float, raw: int, area: Area
):
    """Type, order, scale and table come out, and the pasted register reads the same value."""
    raw = -raw if kind in {Type.S16, Type.S32} else raw
    words: Words = {(area, at): 0 for at in range(8)}
    cell = Cell(area, 3, kind, order, WORDS.get(kind, 1))
    write_cell(words, cell, raw)
    hits = search(words, raw * scale, abs(raw * scale) * 1e-4)
    wanted = (area, 3, kind, order if cell.words > 1 else "ABCD", scale)
    hit = next(one for one in hits if one[:5] == wanted)
    listed = YAML(typ="safe", pure=True).load(paste(hit, Around(40004, 3, Area.HOLDING)))
    register = Register.model_validate(listed["found"])
    again = Cell(register.area, 3, register.type, register.order or "ABCD", register.width)
    found = read_cell(words, again)
    assert isinstance(found, (int, float))
    assert found * register.line[0] == pytest.approx(raw * scale)


@pytest.mark.parametrize(
    ("printed", "address", "says"),
    [(40003, 2, "printed - 40001"), (3, 2, "printed - 1"), (2, 2, "as printed")],
)
def test_the_printed_number_is_explained(printed: int, address: int, says: str):
    """How a printed number becomes the address is said."""
    hit = Hit(Area.HOLDING, address, Type.U16, "ABCD", 1.0, 5.0)
    assert convention(hit, Around(printed, address, None)) == says


def test_the_likelier_way_comes_first():
    """A plain float at its printed place goes before scaled numbers further away."""
    near = Hit(Area.HOLDING, 2, Type.F32, "CDAB", 1.0, 23.4)
    far = Hit(Area.HOLDING, 40, Type.U16, "ABCD", 0.1, 23.4)
    odd = Hit(Area.HOLDING, 3, Type.U32, "BADC", 0.001, 23.4)
    around = Around(40003, 2, Area.HOLDING)
    assert ranked([odd, far, near], 23.4, 0.1, around) == [near, far, odd]


def test_what_was_there_by_chance_does_not_last():
    """A find is kept only if the second reading has it too."""
    first = holding(0, 209, 209)
    hits = search(first, 20.9, 0.05)
    assert {hit.address for hit in hits if hit.scale == 0.1} == {0, 1}
    assert {hit.address for hit in confirmed(hits, holding(0, 209, 7), 20.9, 0.05)} == {0}


async def test_a_scan_walks_round_what_is_refused():
    """Holes in the table hide nothing, and both tables are looked through."""
    words = holding(10, 1, 2, 209) | {(Area.INPUT, 90): 209}
    instrument = Instrument(words)
    said: list[str] = []
    async with on_tcp(instrument) as where:
        options = ScanOptions("20.9", tolerance=0.04, pause_s=0)
        hits = await scan(target(f"tcp://{where}", None, None), options, said.append)
    assert [hit[:5] for hit in hits] == [
        (Area.HOLDING, 12, Type.U16, "ABCD", 0.1),
        (Area.INPUT, 90, Type.U16, "ABCD", 0.1),
    ]
    assert "refused: holding 0 to 9: exception 2 (no such address)" in said
    assert {function for _, function, _, _ in instrument.asked} == {3, 4}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (ScanOptions("0"), "zeros stand everywhere"),
        (ScanOptions("lots"), "cannot be looked for"),
        (ScanOptions("5±x"), "cannot be looked for"),
        (ScanOptions("5", around="x"), "is no address"),
        (ScanOptions("5", around="10003"), "is no register"),
    ],
)
async def test_what_cannot_be_looked_for_is_said(options: ScanOptions, says: str):
    """Before anything is asked, a value or place that makes no sense is refused."""
    with pytest.raises(ConfigError, match=says):
        await scan(target("tcp://127.0.0.1:1", None, None), options, print)


@pytest.mark.parametrize(
    "text", ["holding", "moon:0:1", "holding:0:0", "holding:70000:1", "a:b:c:d"]
)
def test_a_dump_of_nothing_is_refused(text: str):
    """What names no registers says how to name them."""
    with pytest.raises(ConfigError, match="holding:0:10"):
        dump_of(text)


@pytest.mark.parametrize(("value", "finds"), [("23.4±0.5", True), ("23.4+-0.2", False)])
async def test_a_value_may_say_how_far_off_it_is(value: str, finds: bool):  # a case
    """A display that lags is looked for with its own tolerance."""
    said: list[str] = []
    async with on_tcp(Instrument(holding(0, 238, 7, 7, 7))) as where:
        options = ScanOptions(value, pause_s=0.0)
        hits = await scan(target(f"tcp://{where}", None, None), options, said.append)
    assert bool(hits) is finds
