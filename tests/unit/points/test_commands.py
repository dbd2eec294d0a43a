"""The commands around point lists and sites, as an engineer types them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from edge.site import load_site
from edge.site.model import SiteFile
from suian.cli import app
from suian.scaffold import DEFAULT_ID, site_id
from tests.unit.points.kit import CASES, make_workbook, rows_of, sound_site

FAULTY: dict[str, Any] = {"点表": {"rows": [["位号", "名称", "单位"], ["AT-1", "氯气", "PPN"]]}}
SOUND_EDIT: dict[str, Any] = {
    "点表": {"rows": [["位号", "名称", "死区"], ["AT-1", "氯气（东）", 0.04]]}
}


def run(*arguments: object) -> tuple[int, str]:
    """Run `suian site …`; return exit code and output."""
    result = CliRunner().invoke(app, ["site", *map(str, arguments)])
    return result.exit_code, result.output


def test_a_dry_run_shows_and_writes_nothing(tmp_path: Path):
    """--dry-run tells every change, old and new, and leaves the site as it is."""
    site = sound_site(tmp_path)
    book = make_workbook(tmp_path / "p.xlsx", SOUND_EDIT)
    before = rows_of(site)
    code, output = run("import", "--xlsx", book, "--keep", "--dry-run", site)
    assert code == 0
    assert "~ AT-1 deadband: 0.05 → 0.04" in output
    assert "nothing is written (--dry-run)" in output
    assert rows_of(site) == before
    assert sorted(path.name for path in site.iterdir()) == ["expected.txt", "site.yaml", "tags.csv"]


def test_a_faulty_sheet_ends_with_code_2(tmp_path: Path):
    """A fault names sheet and cell, the code tells scripts, the site stays as it is."""
    site = sound_site(tmp_path)
    book = make_workbook(tmp_path / "p.xlsx", FAULTY)
    before = rows_of(site)
    code, output = run("import", "--xlsx", book, "--keep", site)
    assert code == 2
    assert "p.xlsx 点表!C2: AT-1: unknown unit 'PPN'. Did you mean 'ppm'?" in output
    assert rows_of(site) == before


def test_a_sheet_is_checked_without_being_imported(tmp_path: Path):
    """`check --xlsx` says what import would, as text and as JSON, and writes nothing either way."""
    site = sound_site(tmp_path)
    before = rows_of(site)
    bad, good = tmp_path / "bad.xlsx", tmp_path / "good.xlsx"
    make_workbook(bad, FAULTY)
    make_workbook(good, SOUND_EDIT)
    code, output = run("check", "--xlsx", bad, "--json", site)
    told = json.loads(output)
    assert (code, told["sound"]) == (2, False)
    fault = next(fault for fault in told["faults"] if "unknown unit" in fault["problem"])
    assert (fault["file"], fault["column"]) == ("bad.xlsx 点表!C2", "unit")
    code, output = run("check", "--xlsx", good, site)
    assert code == 0
    assert "no faults: 2 areas" in output
    (tmp_path / "none.xlsx").write_bytes(b"no workbook")
    code, output = run("check", "--xlsx", tmp_path / "none.xlsx", "--json", site)
    assert (code, json.loads(output)["sound"]) == (2, False)
    assert rows_of(site) == before


def test_the_check_sums_up_a_site_for_people_and_editors():
    """One line for people; for editors an object with every fault, its file, line and column."""
    code, output = run("check", CASES / "site" / "sound")
    assert code == 0
    assert output.splitlines()[-1].endswith(
        "no faults: 2 areas, 3 assets, 2 links, 4 devices, 1 annunciator, 4 tags, 8 limits,"
        " 5 derived tags; world live"
    )
    code, output = run("check", "--json", CASES / "site" / "ten-faults")
    told = json.loads(output)
    assert code == 2
    assert len(told["faults"]) == 13
    unit = next(fault for fault in told["faults"] if "unknown unit" in fault["problem"])
    assert (unit["line"], unit["column"], unit["remedy"]) == (2, "unit", "Did you mean 'ppm'?")
    code, output = run("check", "--json", CASES / "site" / "yaml-syntax")
    assert (code, json.loads(output)["counts"]) == (2, {})


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig", "utf-8"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_of_any_make_comes_in(encoding: str, delimiter: str, tmp_path: Path):
    """What Excel and WPS save as CSV or text is read: GBK, UTF-16, semicolons, tabs."""
    site, source = sound_site(tmp_path), tmp_path / "points.csv"
    lines = ["位号,名称,检测介质,二级报警", "AT-1,东侧氯气,氯气,0.5"]
    source.write_bytes("\r\n".join(lines).replace(",", delimiter).encode(encoding))
    code, output = run("import", "--csv", source, "--keep", site)
    assert code == 0, output
    tag = load_site(site)
    assert tag.tags["AT-1"].title_zh == "东侧氯气"
    assert tag.limits["AT-1/hh"].limit == 0.5


def test_a_csv_fault_has_its_line(tmp_path: Path):
    """Faults of a CSV file name its line, not a cell."""
    site, source = sound_site(tmp_path), tmp_path / "points.csv"
    source.write_text("位号,名称,单位\nAT-1,氯气,ppm\nAT-2,氨气,PPN\n", encoding="utf-8")
    code, output = run("import", "--csv", source, "--keep", site)
    assert code == 2
    assert "points.csv:3: AT-2: unknown unit 'PPN'" in output


def test_a_list_saved_as_gbk_is_mended_in_place(tmp_path: Path):
    """A tag list that Excel saved as GBK is imported over itself and is UTF-8 again."""
    site = sound_site(tmp_path)
    path = site / "tags.csv"
    text = path.read_text(encoding="utf-8")
    path.write_bytes(text.encode("gb18030"))
    code, output = run("import", "--csv", path, site)
    assert code == 0, output
    assert path.read_text(encoding="utf-8") == text
    assert (site / "tags.csv.bak").read_bytes() == text.encode("gb18030")


def test_removing_needs_a_word(tmp_path: Path):
    """Tags that a sheet lacks go only with --remove, and then the file keeps none of them."""
    site = sound_site(tmp_path)
    rows = [["位号", "名称"], ["AT-1", "氯气"], ["WS-1", "风速"], ["WD-1", "风向"]]
    book = make_workbook(tmp_path / "p.xlsx", {"点表": {"rows": rows}})
    code, output = run("import", "--xlsx", book, site)
    assert code == 2
    assert "1 tags of the site are not in it: AT-2" in output
    code, output = run("import", "--xlsx", book, "--remove", site)
    assert code == 0
    assert "- AT-2" in output
    assert set(load_site(site).tags) & {"AT-1", "AT-2"} == {"AT-1"}


def test_a_list_parted_by_semicolons_is_mended_in_place(tmp_path: Path):
    """A tag list saved with semicolons is imported over itself and has commas again."""
    site = sound_site(tmp_path)
    path = site / "tags.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(",", ";"), encoding="utf-8")
    code, output = run("import", "--csv", path, site)
    assert code == 0, output
    assert path.read_text(encoding="utf-8") == text


def test_a_list_keeps_its_mode_and_a_folder_that_cannot_be_written_is_said(tmp_path: Path):
    """The new list can be read by whoever could read the old one; a full stop is a fault."""
    site = sound_site(tmp_path)
    (site / "tags.csv").chmod(0o640)
    book = make_workbook(tmp_path / "p.xlsx", SOUND_EDIT)
    code, _ = run("import", "--xlsx", book, "--keep", site)
    assert code == 0
    assert (site / "tags.csv").stat().st_mode & 0o777 == 0o640
    make_workbook(
        book, {"点表": {"rows": [["位号", "名称", "死区"], ["AT-1", "氯气（西）", 0.04]]}}
    )
    (site / ".tags.csv.new").mkdir()
    code, output = run("import", "--xlsx", book, "--keep", site)
    assert code == 2
    assert "cannot be written" in output
    assert load_site(site).tags["AT-1"].title_zh == "氯气（东）"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--xlsx", "a.xlsx", "--csv", "b.csv"], "give one file"),
        ([], "give one file"),
        (["--xlsx", "p.xlsx", "--keep", "--remove"], "one of them"),
        (["--xlsx", "p.xlsx", "--map", "位号"], "KEY=TEXT"),
        (["--xlsx", "p.xlsx", "--map", "位号=tagg"], "unknown column 'tagg'"),
        (["--xlsx", "p.xlsx", "--default", "tagg=1"], "unknown column 'tagg'"),
        (["--xlsx", "p.xlsx", "--into", "b.csv"], "no tag list of this site"),
        (["--xlsx", "p.xlsx", "--sheet", "别的"], "there is no sheet '别的'"),
        (["--xlsx", "gone.xlsx"], "cannot be read"),
    ],
)
def test_what_cannot_be_asked_is_said(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Options that make no sense end with code 2 and say which."""
    site = sound_site(tmp_path)
    make_workbook(tmp_path / "p.xlsx", SOUND_EDIT)
    monkeypatch.chdir(tmp_path)
    code, output = run("import", *arguments, site)
    assert code == 2
    assert said in output


def test_a_new_site_passes_its_check(tmp_path: Path):
    """`site new` writes the smallest sound site, named after its folder, into a new folder only."""
    folder = tmp_path / "anda-1"
    code, output = run("new", folder)
    assert code == 0
    assert f"suian site check {folder}" in output
    code, output = run("check", folder)
    assert code == 0, output
    assert load_site(folder).file.id == "anda-1"
    code, output = run("new", folder)
    assert code == 2
    assert "something stands there already" in output


@pytest.mark.parametrize(
    ("folder", "name"),
    [("安达", DEFAULT_ID), ("Anda 2", "Anda-2"), ("-x", "x"), ("a" * 90, "a" * 60)],
)
def test_a_site_is_called_after_its_folder(folder: str, name: str):
    """A folder's name becomes a site's id as far as it can be one."""
    assert site_id(folder) == name


def test_the_schema_knows_every_key():
    """The JSON Schema describes every section of site.yaml and refuses other keys."""
    code, output = run("schema")
    told = json.loads(output)
    assert code == 0
    assert set(told["properties"]) == set(SiteFile.model_fields)
    assert told["additionalProperties"] is False
