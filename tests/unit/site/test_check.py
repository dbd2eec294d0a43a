"""`suian site check`: the loader's faults and the drivers', once each, with paths to open."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from suian.sites import check

ROOT = Path(__file__).parents[3]
CASES = ROOT / "tests" / "cases" / "site"
EXAMPLES = sorted(path.parent for path in (ROOT / "deploy" / "sites").glob("*/site.yaml"))


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda path: path.name)
def test_example_sites_are_sound(folder: Path):
    """Every site under deploy/ passes the check that its users run."""
    assert check(folder) == []


def test_faults_of_drivers_are_told_too(tmp_path: Path):
    """An unknown template and a reference that its template lacks come with the loader's faults."""
    folder = Path(shutil.copytree(CASES / "sound", tmp_path / "site"))
    site, tags = folder / "site.yaml", folder / "tags.csv"
    site.write_text(site.read_text("utf-8").replace("gill-maximet", "gill-maxmet"), "utf-8")
    tags.write_text(tags.read_text("utf-8").replace("AE-2,concentration", "AE-2,conc"), "utf-8")
    faults = check(folder)
    assert {(fault.file, fault.line) for fault in faults} == {(str(site), 30), (str(tags), 3)}
    tags.write_text(tags.read_text("utf-8").replace("AE-2,conc,NH3", "AE-2,conc,NH4"), "utf-8")
    told = [fault for fault in check(site) if fault.line == 3]
    assert [fault.problem for fault in told] == ["unknown asset 'NH4-TANK'"]


def test_no_two_faults_for_one_cause():
    """What the drivers find on a line that has a fault already follows from it."""
    faults = check(CASES / "unit-id-taken")
    assert len({(fault.file, fault.line) for fault in faults}) == len(faults)


def test_a_wrong_key_hides_nothing_that_the_drivers_find(tmp_path: Path):
    """Keys that do not hold, an unknown template and a bad output are told in one go."""
    folder = Path(shutil.copytree(CASES / "sound", tmp_path / "site"))
    site = folder / "site.yaml"
    text = site.read_text("utf-8").replace("gill-maximet", "gill-maxmet")
    text = text.replace("wind_speed_tag", "wind_sped_tag").replace(
        "lat_deg: 46.4", "lat_deg: 146.4"
    )
    site.write_text(text.replace("point: buzzer", "point: buzer"), "utf-8")
    problems = "; ".join(fault.problem for fault in check(folder))
    for part in ("'gill-maxmet' is unknown", "'wind_sped_tag'", "146.4", "no output 'buzer'"):
        assert part in problems


def test_a_world_that_is_none_is_one_fault(tmp_path: Path):
    """A misspelt world is not held against every device."""
    folder = Path(shutil.copytree(EXAMPLES[0], tmp_path / "site"))
    site = folder / "site.yaml"
    site.write_text(site.read_text("utf-8").replace("world: drill  ", "world: dril  "), "utf-8")
    assert [fault.problem for fault in check(folder)] == ["world is 'dril'"]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path):
    """Whoever mistypes the path reads it back."""
    assert [fault.file for fault in check(tmp_path / "no")] == [str(tmp_path / "no" / "site.yaml")]
