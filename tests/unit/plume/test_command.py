"""`suian plume` as an engineer uses it: every output of every example, and what it refuses."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge.errors import SuianError
from edge.report.text import width
from edge.words import LANGUAGES
from suian.cli import app
from suian.plume.command import PlumeOptions, compute

EXAMPLES = Path(__file__).resolve().parents[3] / "docs/examples/plume"
RAW = re.compile(r"(plume|dispersion)\.[a-z-]+\.")  # a message id that nobody has worded
CHINESE = re.compile(r"[\u4e00-\u9fff]")
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.yaml"))
TINY = """suian_plume: 1
substance: chlorine
origin: {lat_deg: 46.4, lon_deg: 125.4}
weather:
  wind: {speed_m_s: 4, from_deg: 270}
  temperature_c: 20
  stability: D
release:
  rate: {kg_s: 0.01, duration_min: 10}
receptors:
  - {id: gate, x_m: 100, y_m: 0, ach: 1}
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.yaml"
    path.write_text(TINY, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", NAMES)
def test_every_example_is_answered_in_words(name: str, tmp_path: Path):
    """Terminal and page say everything in words, in both languages, within 80 columns."""
    for language in LANGUAGES:
        options = PlumeOptions(EXAMPLES / f"{name}.yaml", language, html=tmp_path / "p.html")
        text = compute(options)
        page = (tmp_path / "p.html").read_text(encoding="utf-8")
        assert max(map(width, text.splitlines())) <= 80
        for shown in (text, page):
            assert not RAW.search(re.sub(r"<style>.*?</style>", "", shown, flags=re.DOTALL))
            assert "nan" not in shown.casefold().replace("maintenance", "")
        assert "<script" not in page
        assert "http" not in page


def test_the_zones_for_a_map(tiny: Path, tmp_path: Path):
    """The polygons lie around the origin, east of it in a west wind, and say their level."""
    file = tmp_path / "zones.geojson"
    compute(PlumeOptions(tiny, geojson=file))
    body = json.loads(file.read_text(encoding="utf-8"))
    zones = [one for one in body["features"] if one["properties"]["kind"] == "threat-zone"]
    assert [one["properties"]["level"] for one in zones] == ["aegl-1", "aegl-2", "aegl-3"]
    [ring] = zones[0]["geometry"]["coordinates"]
    east = max(lon for lon, _lat in ring)
    assert 125.4 + 0.001 < east < 125.4 + 0.2
    assert all(abs(lat - 46.4) < 0.05 for _lon, lat in ring)


def test_a_picture(tiny: Path, tmp_path: Path):
    """A PNG of the promised size."""
    file = tmp_path / "map.png"
    compute(PlumeOptions(tiny, "en", png=file))
    head = file.read_bytes()[:24]
    assert head.startswith(b"\x89PNG")
    assert int.from_bytes(head[16:20], "big") == 1200


def test_figures_for_programs(tiny: Path):
    """The JSON has distances that rise as the level falls, and the place's peak."""
    body = json.loads(compute(PlumeOptions(tiny, json=True)))
    [result] = body["results"]
    reaches = [zone["reach_m"] for zone in result["zones"]]
    assert reaches == sorted(reaches, reverse=True)
    assert result["places"][0]["peak_kg_m3"] > result["places"][0]["indoor_peak_kg_m3"] > 0
    assert result["released_kg"] == pytest.approx(6.0)


def test_the_fraction_killed_is_for_engineers(tiny: Path):
    """Nobody sees it who did not ask for it."""
    plain = PlumeOptions(tiny, "en")
    assert "killed" not in compute(plain)
    assert "killed" in compute(replace(plain, engineering=True))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("speed_m_s: 4", "speed_m_s: 90", "60"),
        ("substance: chlorine", "substance: air", "zones"),
        ("kg_s: 0.01", "kg_s: 0.01, liquid_fraction: 1.0, temperature_c: 300", ""),
        ("stability: D", "stability: D\n  roughness_m: 3\n  mixing_height_m: 5", "10"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(
    tiny: Path, tmp_path: Path, old: str, new: str, told: str
):
    """One clear sentence, code 2, and no file is written."""
    tiny.write_text(TINY.replace(old, new), encoding="utf-8")
    file = tmp_path / "page.html"
    done = CliRunner().invoke(app, ["plume", str(tiny), "--lang", "en", "--html", str(file)])
    assert done.exit_code == 2, done.output
    assert told in done.stderr
    assert "tiny.yaml" in done.stderr
    assert not RAW.search(done.stderr)
    assert not file.exists()


def test_options_that_lack_something(tiny: Path, tmp_path: Path):
    """A map needs the site's place; a file needs its folder; a language is one of two."""
    tiny.write_text(TINY.replace("origin:", "# origin:"), encoding="utf-8")
    with pytest.raises(SuianError, match="origin"):
        compute(PlumeOptions(tiny, geojson=tmp_path / "a.geojson"))
    with pytest.raises(SuianError, match="not there"):
        compute(PlumeOptions(tiny, html=tmp_path / "none" / "a.html"))
    with pytest.raises(SuianError, match="zh-CN"):
        compute(PlumeOptions(tiny, "de"))
