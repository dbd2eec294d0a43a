"""The notation of a test's readings."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.tag import Reason
from suian.alarms.series import Given, parse
from suian.alarms.table import duration_ns, shown_time


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("5", "5"),
        ("5x3", "5 5 5 5"),
        ("0+10x3", "0 10 20 30"),
        ("-2+4x3", "-2 2 6 10"),
        ("1-2x4", "1 -1 -3 -5 -7"),
        ("0+0.1x3", "0 0.1 0.2 0.3"),
        ("1e-3 +2 .5", "0.001 2 0.5"),
        ("4 _x3 _", "4 _ _ _ _"),
        ("10+10x7 _x3 stale", "10 20 30 40 50 60 70 80 _ _ _ stale"),
        ("timeoutx2 5:over-range", "timeout timeout 5:over-range"),
        ("5:spikex1 bad over nan", "5:spike 5:spike device-bad over-range nan"),
        ("5:good", "5"),
    ],
)
def test_what_is_written_and_what_it_stands_for(text: str, readings: str):
    """As Prometheus writes it: `axn` is n more, `_xn` is n times, and so is a quality."""
    found = ["_" if item is None else str(item) for item in parse(text).given]
    assert found == readings.split()


def test_every_reason_can_be_written():
    """A table can say whatever a driver can."""
    for reason in Reason:
        if reason is not Reason.OK:
            assert list(parse(reason.value).given) == [Given(None, reason)]
            assert list(parse(f"3:{reason.value}x2").given) == [Given(3.0, reason)] * 3


def test_a_step_meets_its_limit_exactly():
    """0.1 three times is 0.3, as people count."""
    assert [item.value for item in parse("0+0.1x7").given if item][3] == 0.3


@given(st.text(alphabet="0123456789+-x_.:abe ", max_size=20))
def test_no_text_breaks_it(text: str):
    """Either readings or a problem with its remedy, whatever is written."""
    found = parse(text)
    assert bool(found.given) != bool(found.problem)
    assert bool(found.problem) == bool(found.remedy)
    assert all(
        item is None or item.value is None or not math.isinf(item.value) for item in found.given
    )


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("12s", 12), ("1m30s", 90), ("500ms", 0.5), ("2h", 7200), ("1min", 60), (5, 5), (0.1, 0.1)],
)
def test_times(text: str | float, seconds: float):
    """Seconds as a number, or with units as people write them."""
    assert duration_ns(text) == round(seconds * 1e9)


@pytest.mark.parametrize(
    "text", ["", "5", "1q", "-5s", -5, True, None, 1e99, float("nan"), "99d", []]
)
def test_what_is_no_time(text: object):
    """None, and never a guess."""
    assert duration_ns(text) is None  # type: ignore[arg-type]


def test_times_are_shown_as_they_are_written():
    """In the words of the table."""
    shown = [shown_time(round(s * 1e9)) for s in (0, 5, 0.1, 90, 3605, 86400)]
    assert shown == ["0s", "5s", "0.1s", "1m30s", "1h0m5s", "24h0m0s"]
