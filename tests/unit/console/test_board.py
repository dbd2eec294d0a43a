"""The board keeps the newest of everything, and forgets nothing because a line went quiet."""

import pytest

from edge.console.board import Board


def row(tag, value):
    return [tag, value, 0, "ok", 1, 1]


def alarm(condition, state="unack"):
    return {"condition": condition, "state": state}


def test_a_tag_that_changes_often_is_sent_once_with_its_newest_value():
    """Between two ticks only the last value of a tag counts."""
    board = Board()
    for value in range(5):
        board.take_values({"values": [row("A", value), row("B", -value)]})

    assert board.changes() == [row("A", 4), row("B", -4)]
    assert board.changes() == []


def test_a_snapshot_replaces_everything_that_core_knows():
    """After core's restart an alarm that is gone does not linger."""
    board = Board()
    board.take_values({"values": [row("OLD", 1)]})
    board.take_event({"event": {}, "alarm": alarm("OLD/h")})
    board.take_hazard({"seq": 1, "id": "a"})

    board.take_snapshot(
        {"values": [row("NEW", 2)], "alarms": [alarm("NEW/h"), alarm("X/h", "normal")]}
    )

    assert list(board.values) == ["NEW"]
    assert list(board.alarms) == ["NEW/h"]
    assert board.changes() == []
    assert board.hazard == {"seq": 1, "id": "a"}


@pytest.mark.parametrize(
    ("state", "kept"),
    [("unack", True), ("acked", True), ("rtn-unack", True), ("latched", True), ("normal", False)],
)
def test_an_alarm_is_on_the_list_until_it_is_normal(state, kept):
    """Acknowledged, returned and latched alarms stay; a normal one is gone."""
    board = Board()
    board.take_event({"event": {"kind": "alarm.raised"}, "alarm": alarm("A/h")})

    board.take_event({"event": {"kind": "alarm.x"}, "alarm": alarm("A/h", state)})

    assert ("A/h" in board.alarms) is kept


def test_calls_are_replaced_whole():
    """What core no longer says of calls is over."""
    board = Board()
    board.take_calls({"calls": [{"call": "a"}], "notices": [{"notice": "b"}]})
    assert board.callout() == {"t": "calls", "calls": [{"call": "a"}], "notices": [{"notice": "b"}]}
    board.take_snapshot({})
    assert (board.snapshot()["calls"], board.snapshot()["notices"]) == ([], [])


def test_how_daemons_are_comes_by_list_and_by_event():
    """Both ways of saying it end on the same board."""
    board = Board()
    board.take_daemons({"daemons": {"hazard": "preparing", "relay": "running"}})
    event = {"kind": "daemon.state", "subject": "hazard", "params": {"state": "running"}}
    board.take_event({"event": event, "alarm": None})

    assert board.daemons == {"hazard": "running", "relay": "running"}


def test_an_estimate_is_news_once_also_from_a_new_file():
    """The same estimate is not sent twice; a new file that counts from 1 again is news."""
    board = Board()

    assert board.take_hazard({"seq": 1, "id": "a"})
    assert not board.take_hazard({"seq": 1, "id": "a"})
    assert board.take_hazard({"seq": 1, "id": "b"})


def test_what_is_to_be_tested_or_mended_follows_core_s_events():
    """A test, a new shift, trouble and the fact that the test is overdue each change it."""
    board = Board()
    dead = {"reason": "annunciator-failed", "subject": "tower-1"}
    board.take_snapshot({"annunciation": {"untested": ["tower-1", "tower-2"], "incident": False}})
    assert board.annunciation == {
        "test_due": False,
        "untested": ["tower-1", "tower-2"],
        "trouble": [],
    }
    for kind, subject, params in (
        ("trouble.began", "tower-1", dead),
        ("trouble.began", "core", {"reason": "core-stalled", "subject": "core"}),
        ("trouble.ended", "core", {"reason": "core-stalled", "subject": "core"}),
        ("annunciator.tested", "tower-2", {"actor": "wang"}),
    ):
        board.take_event({"event": {"kind": kind, "subject": subject, "params": params}})
    board.take_values({"values": [row("SHIFT-TEST-OK", 0.0)]})
    assert board.snapshot()["annunciation"] == {
        "test_due": True,
        "untested": ["tower-1"],
        "trouble": [dead],
    }
    begun = {"kind": "shift.begun", "subject": "shift", "params": {"untested": "tower-1 tower-2"}}
    board.take_event({"event": begun})
    board.take_values({"values": [row("SHIFT-TEST-OK", 1.0)]})
    assert board.horns()["annunciation"]["untested"] == ["tower-1", "tower-2"]
    assert board.annunciation["test_due"] is False
