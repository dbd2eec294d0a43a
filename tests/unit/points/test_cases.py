"""A bug is a folder: each sheet under tests/cases/points says and writes what is expected."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from edge.errors import ConfigError
from suian.points.importing import Request
from tests.unit.points.kit import CASES, import_told, make_workbook, sound_site

POINTS = CASES / "points"
SLUGS = sorted(folder.name for folder in POINTS.iterdir() if folder.is_dir())


@pytest.mark.parametrize("slug", SLUGS)
def test_sheet(slug: str, tmp_path: Path):
    """Notes, faults with their cells and changes are as expected; a faulty sheet writes nothing."""
    case: dict[str, Any] = YAML(typ="safe").load((POINTS / slug / "sheet.yaml").read_text("utf-8"))
    site = sound_site(tmp_path)
    before = (site / "tags.csv").read_bytes()
    book = make_workbook(tmp_path / "points.xlsx", case["sheets"])
    options: dict[str, Any] = case.get("options", {})
    try:
        said = import_told(Request(site, book, **options))
    except ConfigError as error:
        said = [str(fault) for fault in error.faults]
    told = "".join(f"{line}\n" for line in said).replace(f"{tmp_path}/", "")
    assert told == (POINTS / slug / "expected.txt").read_text(encoding="utf-8")
    expected = POINTS / slug / "tags.csv"
    after = (site / "tags.csv").read_bytes()
    assert after == (expected.read_bytes() if expected.exists() else before)
    if expected.exists():
        assert (site / "tags.csv.bak").read_bytes() == before
