"""The scenario file: what it says, and what it says of its own mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.errors import ConfigError
from suian.plume.reading import read_scenario

EXAMPLES = Path(__file__).resolve().parents[3] / "docs/examples/plume"
GOOD = """suian_plume: 1
substance: chlorine
weather:
  wind: {speed_m_s: 3, from_deg: 270}
  temperature_c: 20
  stability: D
release:
  rate: {kg_s: 1, duration_min: 10}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "s.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_examples_can_be_read(path: Path):
    """What the documentation shows is right."""
    assert read_scenario(path).suian_plume == 1


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("chlorine", "chlorin", "s.yaml:2: chlorin: is not in the substance table. Did you mean"),
        ("speed_m_s: 3", "speed_m_s: -3", "s.yaml:4: weather.wind.speed_m_s: speed_m_s is -3"),
        ("speed_m_s: 3", "speed_m_s: .nan", "s.yaml:4"),
        ("temperature_c: 20", "temprature_c: 20", "Did you mean 'temperature_c'?"),
        ("temperature_c: 20", "temperature_c: 293.15", "s.yaml:5"),
        ("  stability: D\n", "", "Add both, or 'stability: D'"),
        ("kg_s: 1,", "kg_s: 0,", "Write more than 0"),
        ("  rate: {kg_s: 1, duration_min: 10}", "  puff: {}", "'kg' is missing"),
        ("  rate: {kg_s: 1, duration_min: 10}", "  at: {x_m: 1}", "here by none"),
        ("release:", "release:\n  puff: {kg: 1}", "here by rate, puff"),
        ("suian_plume: 1", "suian_plume: 2", "s.yaml:1"),
        ("weather:", "time: 2026-01-01T00:00:00\nweather:", "does not say its time zone"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, old: str, new: str, told: str):
    """Each says where it is and what to do."""
    assert old in GOOD
    read_scenario(written(tmp_path, GOOD))
    with pytest.raises(ConfigError) as refused:
        read_scenario(written(tmp_path, GOOD.replace(old, new)))
    assert told in str(refused.value)


def test_all_mistakes_are_told_at_once(tmp_path: Path):
    """Nobody mends a file one fault a run."""
    text = GOOD.replace("chlorine", "x").replace("  stability: D\n", "")
    text += "receptors:\n  - {id: a, x_m: 1, y_m: 1}\n  - {id: a, x_m: 2, y_m: 1}\n"
    with pytest.raises(ConfigError) as refused:
        read_scenario(written(tmp_path, text))
    assert len(refused.value.faults) == 3


def test_a_file_that_is_not_there(tmp_path: Path):
    """Named with what to check."""
    with pytest.raises(ConfigError, match="Check the path"):
        read_scenario(tmp_path / "none.yaml")
