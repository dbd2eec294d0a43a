"""The score of a drill: points from the journal, with the numbers of the events behind them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edge.clock import NS, Instant, ManualClock
from edge.errors import ConfigError, JournalError
from edge.event import Event, Param, Transition
from edge.journal import JournalWriter
from edge.site.model import Journal
from edge.tag import World
from edge.words import catalogue, say
from training import ScoreReport, score

SCENARIO = Path(__file__).parents[3] / "deploy/sites/demo/scenarios/chlorine-hose.yaml"
START = Instant(1_700_000_000 * NS, 1000 * NS)
LEAK = {"t": "leak", "state": "start", "asset": "CL2-BAY", "mono_ns": START.plus(15).mono_ns}
RAISED, ACKED = "alarm.raised", "alarm.acknowledged"
Told = tuple[str, str, int, float]  # kind, condition, level, seconds


def write_journal(path: Path, told: list[Told], world: World = World.DRILL) -> Path:
    """Write a journal as core does, with one event a row of `told`."""
    writer = JournalWriter(path, "gw-demo", "boot-1", world, Journal(), ManualClock())
    writer.open()
    for kind, condition, level, seconds in told:
        params: dict[str, Param] = {"level": level, "klass": "process", "condition": condition}
        if condition.startswith("PRED"):
            params["klass"] = "predicted"
        event = Event(kind, condition, START.plus(seconds), world, params)
        writer.offer([Transition(event, None)])
    writer.close()
    return path


def scored(tmp_path: Path, told: list[Told], *truth: dict[str, Any]) -> ScoreReport:
    journal = write_journal(tmp_path / "journal.db", told)
    return score(journal, truth or (LEAK,), SCENARIO)


@pytest.mark.parametrize(
    ("seconds", "points"), [(20, 10), (45, 10), (46, 7), (75, 7), (130, 4), (136, 0)]
)
def test_points_fall_with_time(tmp_path: Path, seconds: float, points: int):
    """The table's steps count from the leak's start, not from the alarm."""
    told: list[Told] = [(RAISED, "AT-101/hh", 2, 18), (ACKED, "AT-101/hh", 2, seconds)]
    report = scored(tmp_path, told)

    assert (report.points, report.full) == (points, 10)
    assert report.items[0].params["seconds"] == seconds - 15


def test_evidence_names_the_events(tmp_path: Path):
    """A mark rests on journal events: their numbers are in it and in its sentence."""
    told: list[Told] = [
        (RAISED, "AT-102/hh", 2, 5),  # before the leak: not this drill's
        (RAISED, "AT-101/h", 1, 17),  # level 1
        (RAISED, "PRED-chlorine-MP-1/h", 2, 17.5),  # a prediction
        (RAISED, "AT-101/hh", 2, 18),
        (RAISED, "AT-105/hh", 2, 19),
        (ACKED, "AT-105/hh", 2, 20),  # another alarm's
        (ACKED, "AT-101/hh", 2, 30),
    ]
    item = scored(tmp_path, told).items[0]

    assert [e.subject for e in item.evidence] == ["AT-101/hh", "AT-101/hh"]
    assert [e.after_s for e in item.evidence] == [3.0, 15.0]
    raised, seen = (e.seq for e in item.evidence)
    assert f"#{raised}, #{seen}" in item.said("zh-CN")
    assert f"#{raised}, #{seen}" in item.said("en")


@pytest.mark.parametrize(
    ("told", "truth", "message"),
    [
        ([(RAISED, "AT-101/hh", 2, 18)], [LEAK], "training.not-acknowledged"),
        ([(RAISED, "AT-101/h", 1, 18)], [LEAK], "training.no-alarm"),
        ([(RAISED, "AT-101/hh", 2, 18)], [{"t": "ready"}], "training.no-leak"),
        ([(RAISED, "AT-101/hh", 2, 18)], [{**LEAK, "asset": "NH3-TANK"}], "training.no-leak"),
    ],
)
def test_what_did_not_happen_earns_nothing(
    tmp_path: Path, told: list[Told], truth: list[dict[str, Any]], message: str
):
    """No leak, no alarm, no acknowledgement: zero points, and the sentence says which."""
    report = scored(tmp_path, told, *truth)

    assert report.points == 0
    assert report.items[0].message_id == message
    assert "{" not in report.items[0].said("zh-CN")
    assert "{" not in report.items[0].said("en")


def test_a_live_journal_is_refused(tmp_path: Path):
    """A live gateway's record is never scored as a drill."""
    journal = write_journal(tmp_path / "journal.db", [(RAISED, "AT-101/hh", 2, 18)], World.LIVE)

    with pytest.raises(JournalError, match="live"):
        score(journal, [LEAK], SCENARIO)


def test_missing_files_are_errors(tmp_path: Path):
    """No journal and no scenario are told as what they are."""
    with pytest.raises(JournalError):
        score(tmp_path / "none.db", [LEAK], SCENARIO)
    with pytest.raises(ConfigError):
        score(tmp_path / "none.db", [LEAK], tmp_path / "none.yaml")


def test_every_sentence_stands_in_both_languages():
    """The catalogue of training has Chinese and English for each of its messages."""
    own = {key: texts for key, texts in catalogue().items() if key.startswith("training.")}

    assert own
    for key, texts in own.items():
        assert set(texts) == {"zh-CN", "en"}, key
        params = dict.fromkeys(("title", "seconds", "condition", "points", "full", "events"), 1)
        assert "{" not in say(key, "zh-CN", {**params, "level": 2})
