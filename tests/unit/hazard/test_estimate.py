"""From readings to source, rate, zones and places; and every way to say that it cannot be told."""

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.dispersion.isopleth import area
from edge.dispersion.passive.plume import briggs, briggs_jit
from edge.errors import ConfigError
from edge.hazard.derived import samples
from edge.hazard.estimate import as_json, estimate, input_record
from edge.hazard.scene import build_scene
from edge.tag import Quality, Reason
from edge.units import Unit
from edge.words import catalogue
from tests.unit.hazard.yard import (
    ASSETS,
    DETECTORS,
    NIGHT,
    WEATHER,
    WIND,
    gas_tag,
    inputs_of,
    make_site,
    readings,
    row,
    scene_of,
)

YARD = scene_of()
WIDE = scene_of(detectors=[gas_tag(*d, high=5000.0) for d in DETECTORS])  # nothing clips


def judge(scene, inputs, kernels: Any = briggs, substance="chlorine"):
    return estimate(scene, substance, inputs, NIGHT, kernels)


def leak(scene=YARD, asset="BAY", rate=0.2, wind=240.0, noise=None):
    values = readings(scene, asset, rate, from_deg=wind, noise=noise)
    return inputs_of(scene, values, WIND | {"WD": wind})


# Winds that carry each asset's gas over two detectors or more.
SEEN = [
    ("BAY", 240.0), ("BAY", 200.0), ("BAY", 280.0), ("PUMP", 236.0), ("STORE", 100.0),
    ("EVAP", 346.0), ("TANK", 240.0),
]  # fmt: skip


@pytest.mark.parametrize(("asset", "wind"), SEEN)
def test_a_leak_in_our_own_plume_is_traced_to_its_asset_and_rate(asset, wind):
    """Perfect readings name the asset, and the rate within a factor 2 and the stated band."""
    inputs = leak(WIDE, asset, 0.2, wind)
    found = judge(WIDE, inputs)
    best = found.candidates[0]
    assert (found.state, best.asset.id) == ("estimate", asset)
    assert 0.5 < best.rate_kg_s / 0.2 < 2
    assert best.rate_lo_kg_s < 0.2 < best.rate_hi_kg_s
    assert sum(candidate.weight for candidate in found.candidates) == pytest.approx(1)


@settings(max_examples=40, deadline=None)
@given(
    noise=st.lists(st.floats(-0.7, 0.7), min_size=12, max_size=12),
    case=st.sampled_from([("BAY", 240.0), ("PUMP", 240.0), ("STORE", 100.0)]),
    rate=st.floats(0.05, 2.0),
)
def test_readings_that_scatter_by_two_still_name_the_asset(noise, case, rate):
    """With every reading off by up to a factor 2, asset and a factor 4 of the rate hold."""
    asset, wind = case
    best = judge(WIDE, leak(WIDE, asset, rate, wind, noise)).candidates[0]
    assert best.asset.id == asset
    assert 0.25 < best.rate_kg_s / rate < 4


def test_readings_at_the_end_of_their_range_are_lower_bounds():
    """A clipped detector does not pull the rate down to what it can show."""
    clipped = judge(YARD, leak(YARD, "BAY", 2.0)).candidates[0]
    assert clipped.asset.id == "BAY"
    assert clipped.rate_hi_kg_s > 2.0
    free = judge(WIDE, leak(WIDE, "BAY", 2.0)).candidates[0]
    assert clipped.rate_hi_kg_s / clipped.rate_lo_kg_s > free.rate_hi_kg_s / free.rate_lo_kg_s


def test_what_is_not_smelled_counts_as_well():
    """The quiet detectors between a wrong asset and the loud one speak against that asset."""
    values = readings(YARD, "TANK", 0.2)
    loud = {name: value for name, value in values.items() if value >= 0.3}
    assert len(loud) < len(values)
    weight = {}
    for label, kept in (("all", values), ("loud", loud)):
        found = judge(YARD, inputs_of(YARD, kept))
        weight[label] = {c.asset.id: c.weight for c in found.candidates}["TANK"]
    assert weight["all"] > weight["loud"] + 0.1


def test_what_the_gas_has_not_reached_yet_says_nothing_yet():
    """In the first seconds far quiet detectors do not talk a rupture down to a whiff."""
    values = dict.fromkeys((d[0] for d in DETECTORS), 0.0) | {"AT-1": 9.0}
    young = judge(YARD, inputs_of(YARD, values, age_s=2.0)).candidates[0]
    old = judge(YARD, inputs_of(YARD, values, age_s=400.0)).candidates[0]
    assert young.asset.id == old.asset.id == "BAY"
    assert young.rate_hi_kg_s > 10 * old.rate_hi_kg_s
    assert young.rate_kg_s > 2 * old.rate_kg_s


def test_a_nearer_detector_that_is_quiet_speaks_at_once():
    """A clean detector between an asset and the smell clears that asset from the first second."""
    near, far = gas_tag("NEAR", 133, 193), gas_tag("FAR", 142, 157)
    wind = WIND | {"WD": 346.0}
    gain = {}
    for label, detectors in (("without", [far]), ("with", [near, far])):
        scene = scene_of(detectors=detectors, assets=[("EVAP", 130, 205, 0.5)])
        values = {"FAR": 5.0} | ({"NEAR": 0.0} if near in detectors else {})
        found = judge(scene, inputs_of(scene, values, wind, age_s=2.0))
        gain[label] = found.candidates[0].gain if found.candidates else 0.0
    assert gain["with"] < gain["without"] / 2


def test_compiled_and_truth_tell_the_same():
    """The daemon may change kernels while it runs and nobody sees it."""
    one, two = (as_json(judge(YARD, leak(), kernels), YARD, 0) for kernels in (briggs, briggs_jit))
    assert one == two


def test_zones_are_nested_and_start_at_the_asset():
    """AEGL-1 holds AEGL-2 holds AEGL-3, each by its own provenance."""
    found = judge(YARD, leak())
    assert [zone.zone.id for zone in found.zones] == ["aegl-1", "aegl-2", "aegl-3"]
    areas = [area(zone.rings[0]) for zone in found.zones]
    assert areas[0] > areas[1] > areas[2] > 0
    for zone in found.zones:
        nearest = np.min(np.hypot(*(zone.rings[0] - [120, 150]).T))
        assert nearest < 30
        assert "AEGL" in zone.zone.source
        assert "verified" in zone.zone.source


def test_places_lie_in_the_zone_their_value_says():
    """The muster point downwind is in a zone, the one upwind reads zero and is in none."""
    found = judge(YARD, leak(rate=1.0))
    by_id = {at.place.id: at for at in found.places}
    assert by_id["MP-2"].value_ppm == 0
    assert by_id["MP-2"].zone == ""
    downwind = by_id["MP-1"]
    thresholds = {zone.zone.id: zone.zone.value for zone in found.zones}
    assert downwind.value_ppm >= thresholds[downwind.zone]


def test_no_reading_above_level_1_is_idle():
    """Clean air, or a smell below the set-point, starts nothing."""
    quiet = dict.fromkeys((d[0] for d in DETECTORS), 0.0)
    for values in (quiet, quiet | {"AT-1": 0.29}):
        found = judge(YARD, inputs_of(YARD, values))
        assert (found.state, found.problem) == ("idle", "")


@pytest.mark.parametrize(
    ("weather", "problem"),
    [
        (WIND | {"WS": 0.2}, "calm"),
        (WIND | {"WS": None}, "wind-bad"),
        ({"WS": 4.0}, "wind-missing"),
    ],
)
def test_without_wind_there_is_no_plume(weather, problem):
    """Evidence in calm or without an anemometer is said, never guessed."""
    found = judge(YARD, inputs_of(YARD, readings(YARD, "BAY", 0.2), weather))
    assert (found.state, found.problem) == ("no-wind", problem)
    assert not found.zones


def test_detectors_that_do_not_inform_are_no_evidence():
    """A detector being calibrated reads 5 ppm of nothing."""
    inputs = inputs_of(YARD, dict.fromkeys((d[0] for d in DETECTORS[1:]), 0.0))
    inputs.take([row("AT-1", 5.0, "calibrating", 1)], NIGHT.plus(-10))
    assert judge(YARD, inputs).state == "idle"


def test_a_smell_that_no_asset_explains_is_said_to_be_unexplained():
    """A lone detector upwind of every asset gives no source, no rate and no zones."""
    site = scene_of(detectors=[gas_tag("AT-1", -400, -300), gas_tag("AT-2", 600, 400)])
    found = judge(site, inputs_of(site, {"AT-1": 3.0, "AT-2": 0.0}))
    assert (found.state, found.problem) == ("insufficient", "unexplained")


def test_a_gas_without_outdoor_assets_is_said_to_be_so():
    """A detector of a gas that stands nowhere outdoors has no candidate."""
    scene = scene_of()
    gas = scene.gases["chlorine"]
    bare = {"chlorine": type(gas)(gas.substance, gas.detectors, (), gas.zones)}
    scene = type(scene)(scene.site, scene.hazard, bare, scene.places, scene.pressure_pa, 10.0)
    assert judge(scene, leak()).problem == "no-candidate"


def test_a_silent_core_is_no_basis():
    """Values of a core that stopped talking are not judged as if they were now."""
    inputs = leak()
    late = NIGHT.plus(YARD.hazard.stale_s + 1)
    found = estimate(YARD, "chlorine", inputs, late, briggs)
    assert (found.state, found.problem) == ("insufficient", "core-silent")


def test_evidence_stands_for_a_while_after_the_last_alarm():
    """A reading that dips below level 1 between gusts does not end the estimate at once."""
    inputs = leak()
    inputs.take([row(d[0], 0.0) for d in DETECTORS], NIGHT.plus(-20))
    assert judge(YARD, inputs).state == "estimate"
    inputs.hear(NIGHT.plus(60))
    assert estimate(YARD, "chlorine", inputs, NIGHT.plus(60), briggs).state == "idle"


# --- derived tags ----------------------------------------------------------------------------


def published(scene, found, substance="chlorine"):
    return {sample.tag: sample for sample in samples(scene, {substance: found}, NIGHT)}


def test_predicted_tags_are_uncertain_estimates_of_the_sites_world():
    """What is inferred says so, in the world of its inputs; health is 1."""
    found = published(YARD, judge(YARD, leak(rate=1.0)))
    assert set(found) == {"PRED-chlorine-MP-1", "PRED-chlorine-MP-2", "HAZARD-OK"}
    one = found["PRED-chlorine-MP-1"]
    assert one.value is not None
    assert one.value > 2
    assert (one.quality, one.reason) == (Quality.UNCERTAIN, Reason.ESTIMATED)
    assert one.world is YARD.world
    assert one.source_ns == NIGHT.utc_ns
    assert (found["HAZARD-OK"].value, found["HAZARD-OK"].quality) == (1.0, Quality.GOOD)


def test_idle_predicts_zero_only_while_the_instruments_are_usable():
    """With wind lost, or most detectors lost, an idle zero would be a lie: Bad and why."""
    quiet = dict.fromkeys((d[0] for d in DETECTORS), 0.0)
    cases = [
        (inputs_of(YARD, quiet), 0.0, Reason.OK),
        (inputs_of(YARD, quiet, WIND | {"WS": 0.1}), 0.0, Reason.OK),  # calm is no fault
        (inputs_of(YARD, quiet, WIND | {"WS": None}), None, Reason.DEVICE_BAD),
        (inputs_of(YARD, quiet, {}), None, Reason.NOT_YET_READ),
        (inputs_of(YARD, dict.fromkeys(quiet)), None, Reason.DEVICE_BAD),
        (inputs_of(YARD, {}), None, Reason.NOT_YET_READ),
    ]
    for inputs, value, reason in cases:
        found = published(YARD, judge(YARD, inputs))
        assert (found["PRED-chlorine-MP-1"].value, found["PRED-chlorine-MP-1"].reason) == (
            value,
            reason,
        )
        assert found["HAZARD-OK"].reason is reason


@pytest.mark.parametrize("weather", [WIND | {"WS": 0.2}, WIND | {"WD": None}, {}])
def test_evidence_without_a_prediction_is_bad_and_never_zero(weather):
    """Gas is there and nobody knows where it goes: the tag has no value."""
    found = published(YARD, judge(YARD, inputs_of(YARD, readings(YARD, "BAY", 0.2), weather)))
    for name in ("PRED-chlorine-MP-1", "PRED-chlorine-MP-2", "HAZARD-OK"):
        assert found[name].value is None
        assert found[name].quality is Quality.BAD


def test_a_gas_without_detectors_does_not_take_the_health_down():
    """Its own predictions are Bad by configuration; the others' alarm would be noise."""
    scene = scene_of(detectors=[])
    found = published(scene, judge(scene, inputs_of(scene, {})))
    assert found["PRED-chlorine-MP-1"].reason is Reason.CONFIGURATION
    assert found["HAZARD-OK"].value == 1.0


# --- another gas, other units, own zones -------------------------------------------------------

RESEARCH = [
    {"id": name, "title": {"zh": "研究值", "en": name}, "value": value, "unit": "ppm",
     "source": "research value"}
    for name, value in (("r1", 4), ("r2", 10))
]  # fmt: skip


def methane(background=1.9, altitude=1500.0):
    detectors = [
        gas_tag(name, x, y, level=background + 2, substance="methane", high=1000.0,
                background=background + 0.1 * (index % 3))
        for index, (name, x, y) in enumerate(DETECTORS)
    ]  # fmt: skip
    return scene_of(detectors=detectors, substance="methane", zones=RESEARCH, altitude=altitude)


def test_methane_over_its_background_works_the_same():
    """Per-tag background, own zones and thin air: asset and rate are found, clean air is idle."""
    scene = methane()
    found = judge(scene, leak(scene, "BAY", 0.02), substance="methane")
    best = found.candidates[0]
    assert best.asset.id == "BAY"
    assert 0.5 < best.rate_kg_s / 0.02 < 2
    assert [zone.zone.source for zone in found.zones] == ["research value"] * 2
    by_id = {at.place.id: at.value_ppm for at in found.places}
    assert by_id["MP-2"] == 0  # what the release adds, not what the air holds anyway
    assert by_id["MP-1"] > 0
    clean = {d.tag.name: d.tag.background for d in scene.gases["methane"].detectors}
    idle = judge(scene, inputs_of(scene, clean), substance="methane")
    assert idle.state == "idle"
    assert published(scene, idle, "methane")["PRED-methane-MP-1"].value == 0


def test_percent_lel_channels_are_read_on_their_own_basis():
    """The same air in ppm and in %LEL of 4.4 % gives the same estimate."""
    in_ppm = [gas_tag(*d, substance="methane", level=2200.0, high=44000.0) for d in DETECTORS]
    in_lel = [
        gas_tag(
            *d, substance="methane", level=5.0, high=100.0, unit=Unit.PERCENT_LEL,
            lel_fraction=0.044,
        )
        for d in DETECTORS
    ]  # fmt: skip
    rates = []
    for detectors in (in_ppm, in_lel):
        scene = scene_of(detectors=detectors, substance="methane", zones=RESEARCH)
        inputs = leak(scene, "BAY", 5.0)
        rates.append(judge(scene, inputs, substance="methane").candidates[0].rate_kg_s)
    assert rates[0] == pytest.approx(rates[1], rel=1e-6)


# --- form --------------------------------------------------------------------------------------


def test_the_json_is_what_console_and_relay_read():
    """Every key of the wire form, plain JSON, at most 200 points a ring."""
    found = judge(YARD, leak(rate=1.0))
    body = as_json(found, YARD, 0.0123)
    assert json.loads(json.dumps(body, allow_nan=False)) == body
    assert {
        "id", "at_ns", "world", "state", "substance", "wind", "evidence", "candidates", "zones",
        "places", "model", "compute_s",
    } <= body.keys()  # fmt: skip
    assert body["wind"]["speed_m_s"] == 4.0
    assert body["wind"]["temperature_c"] == 5.0
    assert body["wind"]["stability"] == "E"
    assert {row["tag"] for row in body["evidence"]} >= {"AT-1"}
    assert [c["weight"] for c in body["candidates"]] == sorted(
        (c["weight"] for c in body["candidates"]), reverse=True
    )
    for zone in body["zones"]:
        assert zone["title"]["zh"]
        for ring in zone["rings"]:
            assert ring[0] == ring[-1]
            assert len(ring) <= 200
    record = input_record(found)
    assert len(record["observations"]) == len(DETECTORS)
    json.dumps(record, allow_nan=False)


def test_every_state_and_problem_has_words():
    """No id reaches an operator without a Chinese and an English text."""
    problems = [
        "wind-unset", "wind-missing", "wind-bad", "calm", "detectors-bad", "no-candidate",
        "no-detector", "unexplained", "core-silent",
    ]  # fmt: skip
    states = ["preparing", "idle", "insufficient", "no-wind", "estimate"]
    ids = [f"hazard.problem.{p}" for p in problems] + [f"hazard.state.{s}" for s in states]
    for words in ids:
        assert all(catalogue()[words][language] for language in ("zh-CN", "en"))


def test_a_site_without_a_hazard_section_is_refused():
    """The daemon says what is missing instead of idling for ever."""
    site = make_site()
    bare = type(site)(site.file.model_copy(update={"hazard": None}), site.root, "", {}, {})
    with pytest.raises(ConfigError, match="hazard"):
        build_scene(bare)


def test_the_yard_is_what_the_tests_think():
    """Guard of the helpers: assets, detectors and weather are all in the scene."""
    gas = YARD.gases["chlorine"]
    assert (len(gas.candidates), len(gas.detectors)) == (len(ASSETS), len(DETECTORS))
    assert YARD.input_tags() == {d[0] for d in DETECTORS} | {t.name for t in WEATHER}
    assert math.isclose(gas.detectors[0].noise, 0.09)
