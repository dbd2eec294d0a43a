"""What the stage may never do, whatever comes: property tests over any series of readings."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.alarm.heard import NEVER_NS
from edge.quality import QualityStage
from edge.tag import REASONS, Quality, Reason, Sample
from tests.unit.quality.bench import Bench

CASE: dict[str, Any] = {
    "ambient": "TT-1",
    "tags": {
        "AT-1": {
            "limits": {"h": 0.3, "hh": 0.6},
            "checks": {
                "spike": 2,
                "rate_max": 0.5,
                "frozen_s": 60,
                "t_min_c": -30,
                "calibration_due": "2026-01-10",
            },
        },
        "PT-1": {"quantity": "pressure", "device": "dcs-1", "checks": {"spike": 0.5}},
        "LT-1": {"quantity": "level", "checks": {"frozen_s": 60}},
        "WS-1": {"quantity": "wind_speed"},
        "WD-1": {"quantity": "wind_from"},
        "TT-1": {"quantity": "temperature"},
    },
}
VALUES = (0.0, 0.1, 0.2, 0.5, 2.0, 9.9, 10.0, 14.0, 40.0, -50.0, math.nan, math.inf, None)
READING = st.tuples(
    st.sampled_from(list(CASE["tags"])),
    st.sampled_from(VALUES),
    st.sampled_from([Reason.OK] * 6 + list(Reason)),
    st.sampled_from([0.0, 0.1, 1.0, 1.0, 1.0, 7.0, 70.0, 900.0]),  # [s] until it comes
    st.sampled_from([0.0] * 4 + [0.5, 30.0, -60.0, 1e8]),  # [s] that its source time is old
)
SERIES = st.lists(READING, max_size=40)


def same(one: float | None, other: float | None) -> bool:
    nothing = [value is not None and math.isnan(value) for value in (one, other)]
    return one == other or all(nothing)


def played(series: list[Any]) -> list[tuple[Sample, Sample, float | None]]:
    """Return (as it came, as it was passed on, its tag's value before) for each reading."""
    bench = Bench(CASE)
    before: dict[str, float | None] = {}
    found = []
    for tag, value, reason, wait_s, age_s in series:
        bench.clock.advance(wait_s)
        for _ in bench.stage.tick(bench.clock.now()):
            pass
        utc_ns = bench.clock.now().utc_ns
        bad = REASONS[reason].quality is Quality.BAD
        source_ns = utc_ns - round(age_s * 1e9)
        quality, shown = REASONS[reason].quality, None if bad else value
        came = Sample(tag, shown, quality, reason, source_ns, utc_ns, bench.site.world)
        found.append((came, bench.stage.check(came, bench.clock.now(), NEVER_NS), before.get(tag)))
        if REASONS[reason].judges and value is not None and math.isfinite(value):
            before[tag] = value
    return found


@given(SERIES)
@settings(max_examples=300, deadline=None)
def test_no_value_is_changed(series) -> None:
    """A value is passed on as it came, or taken away with a Bad reason; times and world stand."""
    for came, passed, _ in played(series):
        assert passed.tag == came.tag
        assert (passed.source_ns, passed.receive_ns) == (came.source_ns, came.receive_ns)
        assert passed.world is came.world
        taken = passed.quality is Quality.BAD and passed.value is None
        assert taken or same(passed.value, came.value)
        assert passed.quality is REASONS[passed.reason].quality


@given(SERIES)
@settings(max_examples=300, deadline=None)
def test_nothing_becomes_better(series) -> None:
    """Bad and set-aside samples are passed on untouched, and no doubt of the device's is lifted."""
    for came, passed, _ in played(series):
        rule = REASONS[came.reason]
        if rule.quality is Quality.BAD or not rule.judges:
            assert passed._replace(value=None) == came._replace(value=None)
            assert same(passed.value, came.value)
        assert passed.quality >= came.quality
        if came.reason is not Reason.OK:
            assert passed.reason is came.reason or passed.quality is Quality.BAD


@given(SERIES)
@settings(max_examples=300, deadline=None)
def test_what_moves_can_raise(series) -> None:
    """A gas reading that may be judged, and is another than the last such, is still judged."""
    for came, passed, before in played(series):
        if came.tag == "AT-1" and REASONS[came.reason].judges and not same(came.value, before):
            assert REASONS[passed.reason].judges
            assert same(passed.value, came.value)


@given(SERIES)
@settings(max_examples=200, deadline=None)
def test_what_is_not_restless_may_be_passed_over(series) -> None:
    """Where the stage says so, the same reading again gets the same verdict: it may be skipped."""
    bench = Bench(CASE)
    for tag, value, reason, wait_s, _ in series:
        bench.clock.advance(wait_s)
        bench.stage.tick(bench.clock.now())
        passed = bench.feed(tag, value, reason)
        if not bench.stage.restless(tag):
            bench.clock.advance(1.0)
            again = bench.feed(tag, value, reason)
            assert again.reason is passed.reason


def test_a_tag_without_checks_costs_nothing() -> None:
    """A level without columns, of a device that does not stamp, comes back as it went in."""
    bench = Bench({"tags": {"LT-1": {"quantity": "level"}}})
    stage = QualityStage(bench.site)
    sample = Sample("LT-1", 1.0, Quality.GOOD, Reason.OK, 0, 9, bench.site.world)

    assert stage.check(sample, bench.clock.now(), NEVER_NS) is sample
    assert stage.tick(bench.clock.now()) == []
    assert not stage.restless("LT-1")
    assert not stage.restless("no such tag")


def test_the_template_s_lowest_temperature_is_taken_where_the_list_gives_none() -> None:
    """A device's own figure holds for its outdoor tags; the tag list goes before it."""
    case = {
        "ambient": "TT-1",
        "tags": {
            "TT-1": {"quantity": "temperature"},
            "AT-1": {"device": "ae-1"},
            "AT-2": {"device": "ae-1", "ref": "b", "checks": {"t_min_c": -55}},
            "AT-3": {"device": "ae-1", "ref": "c", "space": "ROOM"},
        },
    }
    bench = Bench(case)
    bench.stage = QualityStage(bench.site, {"ae-1": -20.0})
    for tag, value in (("TT-1", -30.0), ("AT-1", 0.0), ("AT-2", 0.0), ("AT-3", 0.0)):
        bench.feed(tag, value)
    bench.tick()

    reasons = [bench.out[tag].reason for tag in ("AT-1", "AT-2", "AT-3")]
    assert reasons == [Reason.LOW_TEMPERATURE, Reason.OK, Reason.OK]
