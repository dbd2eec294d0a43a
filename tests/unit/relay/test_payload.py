"""The messages of docs/wire.md §3, field by field."""

from __future__ import annotations

import orjson

from edge.journal import EventRow, SampleRow
from edge.relay.payload import (
    Origin,
    event_message,
    hazard_message,
    sample_message,
    status_message,
)
from edge.tag import Quality, Reason, World

ORIGIN = Origin("suian/v1", "demo", "gw-1", "drill")
HEAD = {"v": 1, "gateway": "gw-1", "site": "demo"}


def test_an_event_says_who_when_and_what_by_id():
    """An event's topic ends in its kind; its body has identity, stamps and parameters, no text."""
    stamps = (1_700, 5, "boot", True)
    row = EventRow(7, "alarm.raised", "AT-1/h", *stamps, World.DRILL, {"value": 1.5, "unit": "ppm"})
    message = event_message(ORIGIN, "e-1", row)
    assert (message.last_seq, message.topic) == (7, "suian/v1/demo/gw-1/event/alarm.raised")
    assert orjson.loads(message.body) == HEAD | {
        "world": "drill",
        "stream": "event",
        "epoch": "e-1",
        "seq": 7,
        "kind": "alarm.raised",
        "subject": "AT-1/h",
        "utc_ns": 1_700,
        "clock_ok": True,
        "params": {"value": 1.5, "unit": "ppm"},
    }


def test_samples_travel_as_rows_with_quality_reason_and_both_times():
    """A value never travels alone; a Bad sample travels without one."""
    good = SampleRow(3, "AT-1", 1.5, Quality.GOOD, Reason.OK, 10, 11, World.DRILL, 5, "boot", True)
    bad = good._replace(seq=4, tag="XX", value=None, quality=Quality.BAD, reason=Reason.TIMEOUT)
    message = sample_message(ORIGIN, "e-1", [good, bad], {"AT-1": "ppm"})
    assert (message.last_seq, message.topic) == (4, "suian/v1/demo/gw-1/sample")
    times = {"source_ns": 10, "receive_ns": 11}
    assert orjson.loads(message.body) == HEAD | {
        "world": "drill",
        "stream": "sample",
        "epoch": "e-1",
        "samples": [
            {"seq": 3, "tag": "AT-1", "value": 1.5, "unit": "ppm", "quality": 0, "reason": "ok"}
            | times,
            {"seq": 4, "tag": "XX", "value": None, "unit": "", "quality": 2, "reason": "timeout"}
            | times,
        ],
    }


def test_an_estimate_and_the_status_carry_the_same_head():
    """An estimate keeps its own world and number; the status is what the will says as well."""
    estimate = {"seq": 2, "id": "x", "at_ns": 1, "world": "replay", "state": "idle"}
    message = hazard_message(ORIGIN, "e-h", estimate)
    assert (message.last_seq, message.topic) == (2, "suian/v1/demo/gw-1/hazard")
    assert orjson.loads(message.body) == HEAD | estimate | {"stream": "hazard", "epoch": "e-h"}
    topic, body = status_message(ORIGIN, online=False)
    assert topic == "suian/v1/demo/gw-1/status"
    assert orjson.loads(body) == HEAD | {"world": "drill", "stream": "status", "online": False}
