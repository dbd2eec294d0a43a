"""Scenario files and the story they tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.drivers.base import Reading
from edge.errors import ConfigError
from edge.site import load_site
from edge.site.model import Site
from edge.tag import Quality, Reason
from edge.units import Unit
from simulator.plant import Plug, Rupture, Valve
from simulator.scenario import CommandLog, Scenario, Story, load_scenario

DEMO = Path(__file__).parents[3] / "deploy" / "sites" / "demo"
HEAD = "suian: 1\nid: a-test\ntitle: {zh: 试, en: test}\nsite: demo\n"
EVENT = "  - id: a\n    title: {zh: 试, en: test}\n"


@pytest.fixture(scope="module")
def site() -> Site:
    return load_site(DEMO)


@pytest.mark.parametrize("path", sorted((DEMO / "scenarios").glob("*.yaml")), ids=lambda p: p.stem)
def test_shipped_scenarios_hold(path: Path, site: Site):
    """Every scenario of the example site loads against it, under its own name."""
    assert load_scenario(path, site).id == path.stem


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (HEAD + "weahter: {}\n", 5, "unknown key 'weahter'"),
        (HEAD + "weather: {wind_from_deg: 400}\n", 5, "wind_from_deg is 400"),
        (HEAD + "events:\n" + EVENT + "    start: {}\n", 8, "either at_s or when"),
        (
            HEAD + "events:\n" + EVENT + "    start: {at_s: 1}\n    actions:\n"
            "      - {do: ruptur, asset: CL2-BAY}\n",
            10,
            "Did you mean 'rupture'",
        ),
        (
            HEAD + "events:\n" + EVENT + "    start: {at_s: 1}\n    actions:\n"
            "      - {do: rupture, asset: CL2-BAY}\n",
            10,
            "'hole_mm' is missing",
        ),
        (
            HEAD + "events:\n" + EVENT + "    start: {at_s: 1}\n    actions:\n"
            "      - {do: rupture, asset: CONTROL, hole_mm: 3}\n",
            10,
            "holds no gas",
        ),
        (
            HEAD + "events:\n" + EVENT + '    start: {when: "AT-999 > 1 ppm"}\n',
            8,
            "unknown tag AT-999",
        ),
        (HEAD + "events:\n" + EVENT + '    start: {when: "AT-101"}\n', 8, "not a condition"),
        (HEAD + "plant: {tanks: {CL2-TNK: {level_m: 1}}}\n", 5, "Did you mean 'CL2-TANK'"),
        (HEAD.replace("demo", "elsewhere"), 4, "written for site 'elsewhere'"),
        (HEAD + "events: [\n", 6, "not YAML"),
    ],
)
def test_faults_say_line_and_remedy(tmp_path: Path, site: Site, text: str, line: int, says: str):
    """What is wrong with a scenario is said with its line and what to do."""
    path = tmp_path / "wrong.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        load_scenario(path, site)
    faults = caught.value.faults
    assert [f.line for f in faults] == [line]
    assert says in str(faults[0])


def test_all_faults_are_told_at_once(tmp_path: Path, site: Site):
    """Two wrong things in two places are two faults."""
    path = tmp_path / "wrong.yaml"
    path.write_text(HEAD + "weather: {stability: G}\nseed: -1\nwho: me\n", encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        load_scenario(path, site)
    assert sorted(f.line for f in caught.value.faults) == [5, 6, 7]


def test_missing_file_is_a_fault(tmp_path: Path):
    """A scenario that is not there is told like any other fault."""
    with pytest.raises(ConfigError, match="cannot be read"):
        load_scenario(tmp_path / "none.yaml")


def good(value: float) -> dict[str, Reading]:
    return {"AT-101": Reading(value, Quality.GOOD, Reason.OK)}


BAD = {"AT-101": Reading(None, Quality.BAD, Reason.SENSOR_FAULT)}


def story(**start: object) -> Story:
    event = {"id": "a", "title": {"zh": "试", "en": "t"}, "start": start}
    scenario = Scenario.model_validate(
        {"suian": 1, "id": "s", "title": {"zh": "试", "en": "t"}, "site": "demo", "events": [event]}
    )
    return Story(scenario, {"AT-101": Unit.PPM})


def test_timed_event_happens_once():
    """An event with a time happens at the first tick that has reached it, and never again."""
    told = story(at_s=1.0, delay_s=0.5)
    found = [t / 10 for t in range(40) if told.due(t / 10, good(0))]

    assert found == [1.5]
    assert told.left == 0


def test_condition_must_hold_and_unknown_does_not_count():
    """`for_s` starts again when the condition breaks or its tag goes Bad; `delay_s` comes after."""
    told = story(when="AT-101 > 0.6 ppm", for_s=2.0, delay_s=1.0)
    course = {0: good(1), 1: good(1), 2: BAD, 3: good(1), 4: good(1), 5: good(1), 6: good(0)}
    found = [t for t, readings in course.items() if told.due(float(t), readings)]

    assert found == [6]


def test_commands_are_ordered_by_seat_and_count():
    """What two seats asked for within one tick is applied in one order, whoever came first."""
    log = CommandLog()
    log.add("seat-2", Valve(do="close_valve", tag="XV-101"))
    log.add("seat-1", Plug(do="plug", asset="CL2-BAY"))
    log.add("seat-1", Rupture(do="rupture", asset="CL2-BAY", hole_mm=3))
    taken = log.take(7)

    assert [(c.tick, c.seat, c.number) for c in taken] == [
        (7, "seat-1", 1),
        (7, "seat-1", 2),
        (7, "seat-2", 1),
    ]
    assert log.take(8) == []
    assert log.applied == taken
    assert taken[2].as_dict()["action"] == {"do": "close_valve", "tag": "XV-101"}
