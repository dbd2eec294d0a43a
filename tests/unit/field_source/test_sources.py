"""What feeds the registers: plant and recording, told the time by a clock that tests move."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edge.clock import NS, Instant
from edge.errors import ConfigError
from edge.site import load_site
from edge.tag import Reason
from simulator.field.record import MINUTE_NS, read_record
from simulator.field.sources import Fact, PlantSource, ReplaySource, level_of
from simulator.plant import Valve
from simulator.plant.instruments import FAILED
from simulator.scenario import load_scenario
from tests.unit.field_source.trial import FIRST_NS, write_trial

SITES = Path(__file__).parents[3] / "deploy" / "sites"
DEMO, METEC = SITES / "demo", SITES / "metec"
START = Instant(1_700_000_000 * NS, 50 * NS)


def plant_source(seed: int | None = None) -> PlantSource:
    site = load_site(DEMO)
    return PlantSource(site, load_scenario(DEMO / "scenarios/chlorine-hose.yaml", site), seed)


def play(source: PlantSource, seconds: float, step_s: float = 0.1) -> list[Fact]:
    facts = []
    for i in range(round(seconds / step_s) + 1):
        facts += source.advance(START.plus(i * step_s))
    return facts


def test_the_story_is_played_on_the_clock():
    """The hose bursts at 15 s of the clock, and its stamps are those of the plant's ticks."""
    facts = play(plant_source(), 20)
    told = [(f.kind, (f.at.mono_ns - START.mono_ns) / NS) for f in facts]

    assert told == [("story", pytest.approx(15.1)), ("leak", pytest.approx(15.1))]
    assert facts[1].fields["asset"] == "CL2-BAY"


def test_a_late_call_catches_up_in_bites():
    """After a stall no tick is skipped: the plant is where it would have been."""
    steady, stalled = plant_source(), plant_source()
    play(steady, 30)
    stalled.advance(START)
    for _ in range(10):
        stalled.advance(START.plus(30))

    assert stalled.plant.tick == steady.plant.tick == 300
    assert stalled.plant.digest() == steady.plant.digest()
    assert stalled.wake_ns(START.plus(30)) == START.plus(30.1).mono_ns


def test_the_shipped_drill_alarms_within_half_a_minute():
    """The first detector is over level 1 by 30 s, for several throws of wind and noise."""
    site = load_site(DEMO)
    for seed in (None, 1, 2, 3):
        source = plant_source(seed)
        crossed = 0.0
        for i in range(320):
            source.advance(START.plus(i / 10))
            over = [t for t, r in source.readings.items() if level_of(site, t, r)]
            crossed = crossed or (i / 10 if over else 0.0)
        assert 15 < crossed <= 30, seed


def test_quiet_shift_raises_nothing():
    """Ten quiet minutes: no level is reached and no reading is bad."""
    site = load_site(DEMO)
    source = PlantSource(site, load_scenario(DEMO / "scenarios/quiet.yaml", site))
    for i in range(601):
        for _ in range(2):
            source.advance(START.plus(i))
        assert not [t for t, r in source.readings.items() if level_of(site, t, r)]
        assert not [t for t, r in source.readings.items() if r.value is None]


def test_commands_reach_the_plant_at_a_tick():
    """A seat's command is applied at the next tick and told with it; a wrong one is refused."""
    source = plant_source()
    source.advance(START)
    refused = source.command("seat-1", Valve(do="close_valve", tag="AT-101"))
    accepted = source.command("seat-1", Valve(do="close_valve", tag="XV-101"))
    facts = source.advance(START.plus(0.1))
    play(source, 6)

    assert refused
    assert accepted == ""
    assert facts[0].fields["tick"] == 1
    assert source.readings["XV-101"].value == 0


def replay(tmp_path: Path, minute: float = 0.0) -> tuple[ReplaySource, Instant]:
    site = load_site(write_site(tmp_path))
    record = read_record(write_trial(tmp_path / "trial"))
    at = Instant(FIRST_NS + round(minute * MINUTE_NS), 7 * NS)
    return ReplaySource(site, record), at


def write_site(tmp_path: Path) -> Path:
    """Copy the METEC site with the two sensors of the small trial."""
    folder = tmp_path / "site"
    folder.mkdir(exist_ok=True)
    for name in ("site.yaml", "plan.geojson"):
        (folder / name).write_bytes((METEC / name).read_bytes())
    rows = (METEC / "tags.csv").read_text(encoding="utf-8").splitlines()
    kept = [r for r in rows if r.startswith(("tag,", "AT-E,", "AT-W,", "WS-", "WD-"))]
    (folder / "tags.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    return folder


def shown(source: ReplaySource) -> dict[str, Any]:
    return {name: reading.value for name, reading in source.readings.items()}


def test_replay_shows_each_minute(tmp_path: Path):
    """Registers hold a minute's readings; a blank is a failed sensor, a gap is no reading."""
    source, start = replay(tmp_path)
    source.advance(start)
    first = shown(source)
    source.advance(start.plus(5 * 60))
    blank = source.readings["AT-E"]
    source.advance(start.plus(8 * 60))
    gap = {reading.reason for reading in source.readings.values()}

    assert first == {"AT-E": 2.0, "AT-W": 2.0, "WS-1": 3.5, "WD-1": 270.0}
    assert blank == FAILED
    assert blank.reason is Reason.SENSOR_FAULT
    assert gap == {Reason.NOT_CONNECTED}


def test_replay_tells_the_leaks(tmp_path: Path):
    """Start and stop are told once, at the moment they happened, with the site's asset."""
    source, start = replay(tmp_path, 50)
    facts = []
    for minute in range(190):
        facts += source.advance(start.plus(60 * minute))
    told = [
        (f.kind, f.fields.get("asset"), f.fields.get("state"), (f.at.utc_ns - FIRST_NS) / MINUTE_NS)
        for f in facts
    ]

    assert told == [
        ("leak", "Tank", "start", 60.5),
        ("leak", "Tank", "stop", 80),
        ("leak", "Separator.East", "start", 150),
        ("leak", "Separator.East", "stop", 160),
    ]


def test_replay_that_begins_in_a_leak_says_so(tmp_path: Path):
    """A leak that already runs is told at once, with its true start."""
    source, start = replay(tmp_path, 70)
    facts = source.advance(start)

    assert [(f.fields["asset"], f.fields["state"]) for f in facts] == [("Tank", "start")]
    assert facts[0].at.utc_ns == FIRST_NS + round(60.5 * MINUTE_NS)


def test_replay_ends(tmp_path: Path):
    """After the last minute every reading is Bad and the end is told once."""
    source, start = replay(tmp_path, 239)
    source.advance(start)
    facts = [f for i in range(4) for f in source.advance(start.plus(61 + i))]

    assert [f.kind for f in facts] == ["end"]
    assert set(shown(source).values()) == {None}
    assert source.wake_ns(start.plus(70)) > start.plus(70).mono_ns


def test_replay_wakes_at_minutes_and_turns(tmp_path: Path):
    """It sleeps until the next row or the next turn of a leak, whichever comes first."""
    source, start = replay(tmp_path, 60.25)
    source.advance(start)
    first = source.wake_ns(start) - start.mono_ns
    later = start.plus(20)

    assert first == 15 * NS
    assert source.wake_ns(later) - later.mono_ns == 25 * NS


def test_replay_takes_no_commands(tmp_path: Path):
    """What was recorded cannot be changed."""
    source, _ = replay(tmp_path)

    assert source.command("seat-1", Valve(do="close_valve", tag="XV-101"))


def test_a_tag_without_a_sensor_is_a_fault(tmp_path: Path):
    """A detector that no sensor stands at is told at start, not left silent."""
    record = read_record(write_trial(tmp_path / "trial"))

    with pytest.raises(ConfigError) as caught:
        ReplaySource(load_site(METEC), record)
    assert {f.subject for f in caught.value.faults} == {
        *("AT-NE", "AT-SE", "AT-N", "AT-NW", "AT-S", "AT-SW")
    }
