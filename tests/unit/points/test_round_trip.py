"""Out and in again: an exported point list says exactly what the tag lists say."""

from __future__ import annotations

import csv
import io
import shutil
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from edge.errors import ConfigError
from edge.site import load_site
from edge.site.tags_csv import COLUMNS as ALL_COLUMNS
from edge.site.tags_csv import MANDATORY
from edge.words import catalogue
from suian.demo.options import sites_folder
from suian.points.cells import DATES, NUMBERS, PRIORITIES, format_of, number_text
from suian.points.choices import choices
from suian.points.exporting import export
from suian.points.grid import letters
from suian.points.importing import Request, plan_import
from suian.points.lists import CANONICAL
from tests.unit.points.kit import CASES, import_told, sound_site

CHOICES = choices(load_site(CASES / "site" / "sound"))
NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True)
TEXT = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"]), max_size=30),
    st.sampled_from(
        [
            "=1+1",
            "_x0041_",
            "a,b",
            'say "x"',
            "'quoted",
            "１２",
            "两行\n名称",
            "+5",
            "3-1",
            "TRUE",
            "#N/A?",
        ]
    ),
).map(str.strip)
NUMBER_TEXT = st.one_of(
    st.just(""),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers(-(10**18), 10**18).map(str),
    st.decimals(-1000, 1000, places=3).map(str),
    st.sampled_from(
        [
            "0.30",
            "5.0",
            "1e-3",
            "007",
            "+5",
            ".5",
            "5.",
            "-0",
            "1E3",
            "-10268506.043728348",
            "0.1234567890123456789",
        ]
    ),
)


def _cell(column: str) -> st.SearchStrategy[str]:
    if column in NUMBERS:
        return NUMBER_TEXT
    if column in PRIORITIES:
        return st.sampled_from(["", "1", "4"])
    if column in CHOICES:
        return st.sampled_from(["", *CHOICES[column]])
    if column in DATES:
        return st.sampled_from(["", "2026-05-01", "2026/5/1"])
    if column in {"title_zh", "title_en", "limit_source"}:
        return TEXT
    return NAMES


@st.composite
def tag_lists(draw: st.DrawFn) -> str:
    """Draw a tag list's text: columns in any order, rows of any cells, numbers in any writing."""
    optional = draw(st.lists(st.sampled_from(sorted(ALL_COLUMNS - {*MANDATORY})), unique=True))
    header = draw(st.permutations([*MANDATORY, *optional]))
    names = draw(st.lists(NAMES, unique=True, max_size=5))
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator=draw(st.sampled_from(["\n", "\r\n"])))
    writer.writerow(header)
    for name in names:
        row = {column: draw(_cell(column)) for column in header}
        row |= {"tag": name, "quantity": row["quantity"] or "level"}
        writer.writerow([row[column] for column in header])
    return draw(st.sampled_from(["", "\ufeff"])) + stream.getvalue()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tag_lists())
def test_what_goes_out_comes_in(text: str):
    """No cell, column, row or order changes, however numbers were written."""
    with TemporaryDirectory() as name:
        site, book = sound_site(Path(name)), Path(name) / "points.xlsx"
        (site / "tags.csv").write_bytes(text.encode())
        export(site, book, now=NOW)
        outcome = plan_import(Request(site, book))
        assert outcome.changes is not None
        assert list(outcome.changes.lines()) == []
        assert outcome.texts == {}


@given(NUMBER_TEXT.filter(bool))
def test_a_number_is_written_as_one_only_where_it_comes_back(text: str):
    """A number's cell gives back the very digits that were written; else it is kept as text."""
    form = format_of(text)
    if form is not None:
        assert number_text(float(text), form) == text


@pytest.mark.parametrize("folder", ["demo", "metec"])
def test_example_sites_come_back_untouched(folder: str, tmp_path: Path):
    """The example sites survive the round trip byte for byte; nothing is written."""
    site = Path(shutil.copytree(sites_folder() / folder, tmp_path / "site"))
    before = (site / "tags.csv").read_bytes()
    export(site, tmp_path / "p.xlsx", now=NOW)
    said = import_told(Request(site, tmp_path / "p.xlsx"))
    assert said[-1] == "nothing changes: the site's tag lists say the same"
    assert (site / "tags.csv").read_bytes() == before
    assert not (site / "tags.csv.bak").exists()


def test_several_lists_are_several_sheets(tmp_path: Path):
    """A tag is edited on its list's sheet, a new one goes to the list of its neighbours."""
    site = Path(shutil.copytree(CASES / "site" / "includes", tmp_path / "site"))
    book = tmp_path / "p.xlsx"
    export(site, book, now=NOW)
    workbook = load_workbook(book)
    assert workbook.sheetnames[:2] == ["lists_gas", "lists_met"]
    sheet = workbook["lists_met"]
    ids = {str(cell.value): number for number, cell in enumerate(sheet[2], 1)}
    sheet.cell(3, ids["title_zh"], "风速（10 m）")
    for number, cell in enumerate(list(sheet[4]), 1):
        sheet.cell(5, number, cell.value)
    sheet.cell(5, ids["tag"], "TT-1")
    sheet.cell(5, ids["ref"], "temperature")
    sheet.cell(5, ids["quantity"], "温度")
    sheet.cell(5, ids["unit"], "℃")
    workbook.save(book)
    said = import_told(Request(site, book))
    assert "+ TT-1" in said
    assert "~ WS-1 title_zh: 风速 → 风速（10 m）" in said
    assert not [line for line in said if "gas.csv" in line]
    assert load_site(site).tags["TT-1"].unit == "degC"
    assert (site / "lists" / "met.csv.bak").exists()


def test_an_export_helps_whoever_edits_it(tmp_path: Path):
    """Titles in both languages, ids below, frozen panes, lists to choose from, a guide, a log."""
    book = tmp_path / "p.xlsx"
    export(sound_site(tmp_path), book, now=NOW)
    workbook = load_workbook(book)
    sheet = workbook["tags"]
    assert sheet["A1"].value == "位号 *\nTag"
    assert sheet["A2"].value == "tag"
    assert sheet.freeze_panes == "B3"
    ruled = {str(rule.sqref).rstrip("0123456789") for rule in sheet.data_validations.dataValidation}
    ids = {str(cell.value): letters(number) for number, cell in enumerate(sheet[2], 1)}
    for column in ("unit", "quantity", "device", "asset"):
        assert f"{ids[column]}3:{ids[column]}" in ruled
    guide = list(workbook["说明"].iter_rows(values_only=True))
    assert {str(row[0]) for row in guide} >= set(CANONICAL)
    assert any(str(row[0]).startswith("2026-03-01") for row in guide)
    assert workbook["选项"].sheet_state == "hidden"


def test_every_column_has_its_words():
    """Each column of a tag list is named and explained in both languages."""
    wanted = [f"points.{kind}.{c}" for kind in ("column", "meaning") for c in CANONICAL]
    assert not [key for key in wanted if key not in catalogue()]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("tag,title_zh\nA,a\x07b\n", "title_zh holds a control character"),
        ("tag,title_zh\nA,b,c\n", "3 cells in 2 columns"),
        ("tag,tag\nA,b\n", "the column stands twice"),
        ('tag,title_zh\nA,"b\n', "not CSV: unexpected end of data"),
    ],
)
def test_a_list_that_would_lose_something_is_not_exported(text: str, problem: str, tmp_path: Path):
    """What a workbook cannot hold, or a list that is broken, is a fault and leaves no file."""
    site = sound_site(tmp_path)
    (site / "tags.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        export(site, tmp_path / "p.xlsx", now=NOW)
    assert problem in {fault.problem for fault in caught.value.faults}
    assert not (tmp_path / "p.xlsx").exists()


def test_a_file_is_overwritten_only_on_demand(tmp_path: Path):
    """An edited workbook is not lost to a second export."""
    site, book = sound_site(tmp_path), tmp_path / "p.xlsx"
    book.write_bytes(b"mine")
    with pytest.raises(ConfigError, match="there already"):
        export(site, book, now=NOW)
    assert book.read_bytes() == b"mine"
    export(site, book, overwrite=True, now=NOW)
    assert book.read_bytes() != b"mine"
