"""Scenario files at the edge of what can be: a right answer or a refusal that says why."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from edge.errors import SuianError
from edge.words import LANGUAGES
from suian.plume.answer import run
from suian.plume.build import build
from suian.plume.command import PlumeOptions, compute
from suian.plume.reading import read_scenario

RAW = re.compile(r"(plume|dispersion)\.[a-z-]+\.|\bnan\b|\binf\b", re.IGNORECASE)
CHINESE = re.compile(r"[\u4e00-\u9fff]")
VESSEL = {"volume_m3": 1, "mass_kg": 500, "temperature_c": 20}
ROOM = {"volume_m3": 100, "door_m2": 2}


def written(folder: Path, **parts: Any) -> Path:
    """Return a file of a neutral evening, with `parts` in place of its own."""
    whole = {
        "suian_plume": 1,
        "substance": "chlorine",
        "weather": {
            "wind": {"speed_m_s": 3, "from_deg": 270},
            "temperature_c": 20,
            "stability": "D",
        },
        "release": {"rate": {"kg_s": 0.05, "duration_min": 10}},
        "receptors": [
            {"id": "source", "x_m": 0, "y_m": 0, "height_m": 0},
            {"id": "down", "x_m": 100, "y_m": 0},
            {"id": "up", "x_m": -300, "y_m": 0},
        ],
        **parts,
    }
    path = folder / "s.yaml"
    path.write_text(json.dumps(whole), encoding="utf-8")
    return path


def weather(**parts: Any) -> dict[str, Any]:
    return {
        "wind": {"speed_m_s": 3, "from_deg": 270},
        "temperature_c": 20,
        "stability": "D",
        **parts,
    }


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({"substance": "oleum"}, "holds no t_melt"),
        ({"substance": "sulfuric_acid", "release": {"spill": {"kg": 10}}}, "'reactive'"),
        (
            {"substance": "methane", "release": {"rate": {"kg_s": 1, "liquid_fraction": 0.5}}},
            "no droplets at 20 °C",
        ),
        (
            {"release": {"rate": {"kg_s": 1, "temperature_c": 800, "liquid_fraction": 0.1}}},
            "no droplets at 800 °C",
        ),
        ({"release": {"rate": {"kg_s": 1, "liquid_fraction": 1.0}}}, "'spill'"),
        ({"release": {"puff": {"kg": 1, "liquid_fraction": 1.0}}}, "'spill'"),
        (
            {"weather": weather(changes=[{"at_s": 300, "speed_m_s": 0.5}])},
            "From 300 s on the wind is 0.5 m/s",
        ),
        (
            {
                "release": {
                    "hole": {
                        "vessel": {**VESSEL, "temperature_c": 50, "pressure_kpa": 300},
                        "diameter_mm": 10,
                    }
                }
            },
            "not 500 kg",
        ),
        (
            {"release": {"rate": {"kg_s": 1e-6, "duration_min": 1}, "indoors": ROOM | {
                "door_m2": 0, "normal_ach": 0, "volume_m3": 1e6}}, "horizon_min": 0.01},
            "leaves the room",
        ),
        ({"release": {"puff": {"kg": 1}, "indoors": ROOM}}, "seconds it takes"),
        ({"zones": ["lel-60"]}, "LEL"),
        ({"height_m": 2000}, "1,000 m"),
        (
            {"release": {"hole": {"vessel": {**VESSEL, "temperature_c": -150},
                                  "diameter_mm": 10}}},
            "temperature_c",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_says_so_in_both_languages(tmp_path: Path, parts: dict[str, Any], told: str):
    """No traceback, no message id, no bare number that is none."""
    path = written(tmp_path, **parts)
    for language in LANGUAGES:
        with pytest.raises(SuianError) as refused:
            compute(PlumeOptions(path, language))
        said = str(refused.value)
        assert not RAW.search(said), said
        if language == "en":
            assert told in said
        elif "faults" not in said and "fault:" not in said:
            assert CHINESE.search(said)


@pytest.mark.parametrize("substance", ["chlorine", "ammonia", "carbon_monoxide"])
@pytest.mark.parametrize(
    "release",
    [
        {"rate": {"kg_s": 1e-6, "duration_min": 10}},
        {"rate": {"kg_s": 5000, "duration_min": 10}},
        {"puff": {"kg": 1}},
    ],
)
@pytest.mark.parametrize("speed", [0, 1.6, 25])
def test_the_place_in_the_cloud_has_gas(
    tmp_path: Path, substance: str, release: dict[str, Any], speed: float
):
    """From a milligram a second to five tonnes: gas downwind, and where it comes from."""
    around = weather(wind={"speed_m_s": speed, "from_deg": 270}, temperature_c=-30)
    path = written(tmp_path, substance=substance, release=release, weather=around)
    [result] = run(read_scenario(path)).results
    there = {place.receptor.id: place.peak_kg_m3 for place in result.places}
    assert there["source"] > 0
    assert there["down"] > 0
    assert there["source"] >= there["down"] * 0.999
    if speed >= 1.6 and release != {"rate": {"kg_s": 5000, "duration_min": 10}}:
        assert there["up"] < 1e-3 * there["source"]


@pytest.mark.parametrize("pressed", [True, False])
def test_a_pool_is_the_same_whatever_the_horizon(tmp_path: Path, pressed: bool):
    """What a horizon ends with may differ, what it begins with not."""
    release = (
        {"rupture": {"vessel": {"volume_m3": 1, "mass_kg": 1300, "temperature_c": -10}}}
        if pressed
        else {"spill": {"kg": 500, "temperature_c": -20}}
    )
    peaks = []
    for minutes in (10, 60, 1440):
        path = written(
            tmp_path, substance="sulfur_dioxide", release=release, horizon_min=minutes,
            weather=weather(temperature_c=-20),
        )  # fmt: skip
        pool = build(read_scenario(path)).emissions["sulfur_dioxide"][-1]
        peaks.append(max(step.rate_kg_s for step in pool.steps))
    assert peaks == pytest.approx([peaks[0]] * 3, rel=0.05)


def test_gas_is_followed_past_the_horizon_of_its_source(tmp_path: Path):
    """A cloud let out at once has not stopped when a minute is over."""
    reach = []
    for minutes in (1, 60):
        path = written(
            tmp_path, substance="carbon_monoxide", release={"puff": {"kg": 50}}, horizon_min=minutes
        )
        [result] = run(read_scenario(path)).results
        reach.append([zone.distance_m((0.0, 0.0)) for zone in result.zones])
    assert reach[0] == pytest.approx(reach[1])
    assert max(reach[0]) > 100


def test_a_spill_on_a_mountain_boils_where_it_does(tmp_path: Path):
    """Without a temperature a liquefied gas lies at its boiling point there, not at sea level's."""
    path = written(
        tmp_path, substance="ammonia", release={"spill": {"kg": 100}},
        weather=weather(pressure_kpa=61),
    )  # fmt: skip
    [pool] = build(read_scenario(path)).emissions["ammonia"]
    assert pool.steps[0].temperature_k < 235


def test_members_and_outlines_agree_with_the_plain_way(tmp_path: Path):
    """The kept looks give what each level gives by itself."""
    path = written(tmp_path, uncertainty={"members": 10}, zones=["aegl-2", "idlh"])
    [result] = run(read_scenario(path)).results
    assert result.uncertain is not None
    for one in result.uncertain.likely:
        plain = result.uncertain.ensemble.distances(
            lambda s, x, y, level=one.level: level.reached(s, x, y, 1.5), 1.0, (0.05, 0.5, 0.95)
        )
        assert one.band == plain
