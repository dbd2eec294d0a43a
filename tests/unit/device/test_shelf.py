"""Templates on the shelf, made from tables, and held against cases."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

from edge.control import ControlServer, Handlers
from tests.unit.control.kit import HELLO
from tests.unit.device.rig import suian

ROWS = [
    ["名称", "地址", "单位", "倍率"],
    ["浓度", "40001", "%LEL", "0.1"],
    ["状态", "40002", "", ""],
]


async def test_the_shelf_is_listed_and_shown():
    """Every built-in template is listed; one of them tells its settings, points and gates."""
    code, said = await suian("device", "list")
    assert code == 0
    assert any(line.startswith("honeywell-touchpoint-pro ") for line in said.splitlines())
    code, said = await suian("device", "show", "honeywell-touchpoint-pro")
    assert code == 0
    assert "point value_float: input 128 f32 x64 every 2 (printed 30129-30256)" in said
    assert "gate inhibit governs value_int, value_float: 1: inhibited; else ok" in said
    code, said = await suian("device", "schema")
    assert code == 0
    assert json.loads(said)["title"] == "Suian device template"


@pytest.mark.parametrize("form", ["utf-8-sig", "gb18030", "tabs", "xlsx"])
async def test_a_table_is_read_as_excel_saves_it(tmp_path: Path, form: str):
    """CSV with a mark, in GB 18030 or with tabs, and a workbook with numbers give one template."""
    path = tmp_path / ("t.xlsx" if form == "xlsx" else "t.csv")
    if form == "xlsx":
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.append(ROWS[0])
        sheet.append(["浓度", 40001, "%LEL", 0.1])
        sheet.append(["状态", 40002.0, None, None])
        book.save(path)
    else:
        mark, coding = ("\t", "utf-8") if form == "tabs" else (",", form)
        path.write_text("\n".join(mark.join(row) for row in ROWS), encoding=coding)
    code, said = await suian("device", "new", "own", "--from", path, "--out", tmp_path / "o")
    assert (code, said.count("written")) == (0, 2)
    text = (tmp_path / "o" / "own.yaml").read_text(encoding="utf-8")
    assert 'concentration: {at: 0, scale: 0.1, unit: "%LEL", printed: "40001"' in text
    assert "status: {at: 1," in text
    assert (await suian("device", "test", tmp_path / "o"))[0] == 0


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("t.csv", b"name,address\na,nonsense\n", "t.csv:2: a: address 'nonsense' cannot be read"),
        ("t.csv", b"", "no register is named"),
        ("t.csv", b"\xff\xff\x00", "neither UTF-8 nor GB 18030"),
        ("t.xlsx", b"no book", "is no Excel workbook"),
        ("missing.csv", None, "cannot be read"),
    ],
)
async def test_a_table_that_cannot_be_used_is_said(
    tmp_path: Path, name: str, content: bytes | None, says: str
):
    """The file and row are named, and nothing is written."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    out = tmp_path / "o"
    code, said = await suian("device", "new", "own", "--from", tmp_path / name, "--out", out)
    assert code == 2
    assert says in said
    assert not out.exists()


async def test_nothing_is_overwritten(tmp_path: Path):
    """A case that is there already keeps the template from being written, too."""
    case = tmp_path / "cases" / "own-as-printed" / "case.yaml"
    case.parent.mkdir(parents=True)
    case.write_text("mine")
    code, said = await suian("device", "new", "own", "--out", tmp_path)
    assert (code, "is there already" in said) == (2, True)
    assert case.read_text() == "mine"
    assert not (tmp_path / "own.yaml").exists()


@pytest.mark.parametrize(
    ("case", "says"),
    [
        (
            "tags: [{ref: status, unit: count, value: 13}]",
            "FAIL  status: reads 12, the case says 13",
        ),
        (
            "tags: [{ref: status, unit: count, reason: timeout}]",
            "reads 12, the case says (timeout)",
        ),
        ("tags: [{ref: gone, unit: count, value: 1}]", "has no point 'gone'"),
        ("tags: [{ref: status, unit: furlong}]", "tags.0.unit"),
        ("settings: {order: XYZ}", "FAIL  settings: order is 'XYZ'"),
        ("texts: {name: A}", "FAIL  name: the template has no such text"),
        ("writes: [{set: {horn: 'on'}, requests: []}]", "FAIL  horn=on"),
        ("canonical: true", "says nothing"),
        ("tags: [", "cannot be read"),
        ("word: 1", "Extra inputs are not permitted"),
    ],
)
async def test_a_case_that_does_not_hold_fails_with_words(tmp_path: Path, case: str, says: str):
    """What a template does otherwise than its case says ends with code 2 and names the point."""
    assert (await suian("device", "new", "own", "--out", tmp_path))[0] == 0
    path = tmp_path / "cases" / "own-as-printed" / "case.yaml"
    path.write_text(f"template: own\nregisters: {{holding: {{0: [12, 12]}}}}\n{case}\n")
    code, said = await suian("device", "test", tmp_path)
    assert code == 2
    assert says in said


async def test_a_template_without_a_case_has_not_passed(tmp_path: Path):
    """Nothing tested is not success; neither is an empty folder."""
    code, said = await suian("device", "test", tmp_path)
    assert (code, "no template is here" in said) == (2, True)
    await suian("device", "new", "own", "--out", tmp_path)
    (tmp_path / "cases" / "own-as-printed" / "case.yaml").unlink()
    code, said = await suian("device", "test", tmp_path)
    assert (code, "no case holds it" in said) == (2, True)


async def test_statistics_are_cores_own(tmp_path: Path):
    """What core counts is shown as a table and as JSON; where core is away it is said."""
    figures = {
        "link": "l",
        "connected": True,
        "silent": False,
        "requests": 9,
        "answers": 8,
        "exceptions": {"2": 1},
        "last_error": "no answer",
        "latency_mean_ms": 2.5,
    }
    handlers = Handlers(on_command=lambda _hello, _command: {"devices": {"GD-1": figures}})
    async with ControlServer(tmp_path / "core.sock", HELLO, handlers):
        code, said = await suian("device", "statistics", "--run", tmp_path)
        assert code == 0
        assert said.splitlines()[1].split()[:6] == ["GD-1", "l", "yes", "no", "9", "8"]
        assert "GD-1: exceptions code 2: 1" in said
        code, said = await suian("device", "statistics", "--run", tmp_path, "--json")
        assert json.loads(said) == {"devices": {"GD-1": figures}}
    code, said = await suian("device", "statistics", "--run", tmp_path / "none")
    assert code == 2
    assert said.count("\n") == 1  # no log line among what people and programs read
    assert "core does not answer there" in said
