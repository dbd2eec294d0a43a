"""A gas detector without set-points in its row has those of the standing rule."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from edge.site import load_site
from tests.unit.site.test_cases import CASES

ROW = "XT-9,氧,Oxygen,AE-2,fault_code,CL2-TANK,,oxygen,%vol,0,25,1,11,21,1,20.9,,,,,,,,5,0.2,,,,"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CASES / "sound", tmp_path / "site"))


def limits(folder: Path, was: str, now: str) -> dict[str, tuple[float | None, str]]:
    """Return the set-points of AT-1 after `was` has become `now` in its row."""
    path = folder / "tags.csv"
    text = path.read_text(encoding="utf-8")
    assert was in text
    path.write_text(text.replace(was, now), encoding="utf-8")
    site = load_site(folder)
    found = {kind: site.limits.get(f"AT-1/{kind}") for kind in ("h", "hh")}
    return {kind: (one.limit, one.source) for kind, one in found.items() if one is not None}


def test_an_empty_cell_is_the_rule_s_own_set_point(folder: Path) -> None:
    """Chlorine: MAC 1 mg/m3 is 0.339 ppm at 20 °C; never more than that, and it says from where."""
    found = limits(folder, ",0.3,0.6,", ",,,")
    assert {kind: value for kind, (value, _) in found.items()} == {"h": 0.33, "hh": 0.67}
    for _, source in found.values():
        assert "GBZ 2.1" in source
        assert "memory" in source or "verified" in source


def test_what_the_row_says_goes_first_and_off_is_off(folder: Path) -> None:
    """A lower level 1 stays; the missing level 2 is the rule's; `off` takes even that away."""
    found = limits(folder, ",0.3,0.6,", ",0.2,,")
    assert {kind: value for kind, (value, _) in found.items()} == {"h": 0.2, "hh": 0.67}
    assert limits(folder, ",0.2,,", ",不设,off,") == {}


def test_a_level_that_the_range_cannot_reach_is_left_out(folder: Path) -> None:
    """A detector of 0.5 ppm alarms at level 1; nothing promises a level 2 that cannot come."""
    limits(folder, ",0.3,0.6,", ",,,")
    found = limits(folder, "ppm,0,10,", "ppm,0,0.5,")
    assert {kind: value for kind, (value, _) in found.items()} == {"h": 0.33}


def test_oxygen_has_both_sides(folder: Path) -> None:
    """Enrichment and deficiency stand without a word of the site."""
    path = folder / "tags.csv"
    path.write_text(path.read_text(encoding="utf-8") + ROW + "\n", encoding="utf-8")
    site = load_site(folder)
    assert site.limits["XT-9/h"].limit == 23.5
    assert site.limits["XT-9/l"].limit == 19.5
