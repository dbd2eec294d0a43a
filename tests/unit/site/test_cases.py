"""A bug is a folder: every faulty site under tests/cases/site gives exactly its expected faults."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from edge.errors import ConfigError
from edge.site import load_site, survey

CASES = Path(__file__).parents[2] / "cases" / "site"
SLUGS = sorted(folder.name for folder in CASES.iterdir() if folder.is_dir())


@pytest.mark.parametrize("slug", SLUGS)
def test_faults_are_all_told(slug: str):
    """All faults of all files come at once, each with file, line, subject, problem and remedy."""
    expected = (CASES / slug / "expected.txt").read_text(encoding="utf-8")
    _, faults = survey(CASES / slug)
    assert "".join(f"{fault}\n" for fault in faults) == expected


@pytest.mark.parametrize("slug", SLUGS)
def test_line_holds_the_subject(slug: str):
    """A fault's line exists in its file, so that an editor can go there."""
    for fault in survey(CASES / slug)[1]:
        if fault.line:
            text = (CASES / slug / fault.file).read_bytes()
            assert fault.line <= text.count(b"\n") + 1
        assert fault.subject
        assert fault.remedy


def test_a_faulty_site_is_refused_whole(tmp_path: Path):
    """load_site raises once, with every fault; the path may be the folder or the file."""
    shutil.copytree(CASES / "ten-faults", tmp_path / "site")
    with pytest.raises(ConfigError) as by_folder:
        load_site(tmp_path / "site")
    with pytest.raises(ConfigError) as by_file:
        load_site(tmp_path / "site" / "site.yaml")
    assert by_folder.value.faults == by_file.value.faults
    assert len(by_folder.value.faults) >= 10
    assert {fault.file for fault in by_folder.value.faults} == {"site.yaml", "tags.csv"}


@pytest.mark.parametrize("name", ["nowhere", "nowhere/site.yaml", "my-site.yaml"])
def test_missing_site_file_is_a_fault(tmp_path: Path, name: str):
    """A path that leads nowhere is said as a fault, never as a traceback."""
    with pytest.raises(ConfigError) as caught:
        load_site(tmp_path / name)
    assert "cannot be read" in str(caught.value)
