"""Vessels of a scenario: what runs out falls, what boils flies, whatever the method."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edge.dispersion.emission import Emission, Kind
from suian.plume.answer import run
from suian.plume.build import build
from suian.plume.reading import read_scenario

HEAD = """suian_plume: 1
substance: {gas}
weather:
  wind: {{speed_m_s: 3, from_deg: 270}}
  temperature_c: 20
  stability: D
release:
"""
TANK = """  hole:
    vessel: {volume_m3: 500, mass_kg: 300000, temperature_c: 20, pressure_kpa: 101.325}
    diameter_mm: 80
    closed_after_min: 20
    bund_m2: 400
"""
BOTTLE = """  at: {{height_m: 1}}
  hole:
    vessel: {{volume_m3: 1, mass_kg: 800, temperature_c: 20}}
    diameter_mm: 10
    closed_after_min: 2
    method: {method}
"""


def emissions(folder: Path, gas: str, release: str) -> tuple[Emission, ...]:
    path = folder / "s.yaml"
    path.write_text(HEAD.format(gas=gas) + release, encoding="utf-8")
    return build(read_scenario(path)).emissions[gas]


def test_a_cold_liquid_runs_into_its_bund(tmp_path: Path):
    """Methanol from a tank's hole does not boil: all of it is a pool, and nothing is refused."""
    [pool] = emissions(tmp_path, "methanol", TANK)
    assert pool.kind is Kind.POOL
    assert max(step.area_m2 for step in pool.steps) == pytest.approx(400, rel=0.01)
    assert 0 < pool.total_kg < 300_000


def test_the_regulators_jet_boils_too(tmp_path: Path):
    """HJ 169's rate is its own, the state of a boiling liquid's jet is not: cold and wet."""
    ours, theirs = (
        emissions(tmp_path, "chlorine", BOTTLE.format(method=method))[0].steps[0]
        for method in ("best", "hj169")
    )
    assert theirs.liquid_fraction == pytest.approx(ours.liquid_fraction, abs=0.1)
    assert theirs.temperature_k == pytest.approx(ours.temperature_k, abs=1)
    assert 0.3 < theirs.rate_kg_s / ours.rate_kg_s < 3


def test_a_short_cloud_comes_indoors(tmp_path: Path):
    """A cloud that passes within a minute leaves its dose in a room: no look may miss it."""
    path = tmp_path / "s.yaml"
    puff = "  puff: {kg: 5}\nreceptors:\n  - {id: office, x_m: 120, y_m: 0, ach: 1}\n"
    path.write_text(HEAD.format(gas="chlorine") + puff, encoding="utf-8")
    [place] = run(read_scenario(path)).results[0].places
    assert place.indoor is not None
    dose = float(np.trapezoid(place.outdoor, place.times_s))
    assert place.indoor.peak == pytest.approx(dose / 3600, rel=0.1)  # 1 air change an hour
