"""Calculations by themselves: slopes, votes, deviations, overfill, expressions; property tests."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.alarm.calc import MAKERS
from edge.alarm.calc.rate import volume_m3
from edge.alarm.calc.slope import Slope
from edge.clock import NS, Instant
from edge.site.alarms.calculated import (
    CORE,
    CalcSpec,
    Channel,
    DeviationSpec,
    ExpressionSpec,
    OverfillSpec,
    RateSpec,
    VoteSpec,
)
from edge.tag import REASONS, Quality, Reason, Sample, Tag, World
from edge.units import Unit
from tests.unit.alarm.helpers import sample, tag

Said = tuple[float | None, Reason] | None
LEVEL: dict[str, Any] = {"quantity": "level", "unit": Unit.METRE, "range_high": 10.0}
NAMES = ("A", "B", "C")


class Bench:
    """One calculation, and the last that it said."""

    def __init__(self, spec: CalcSpec, *inputs: Tag, unit: Unit = Unit.COUNT) -> None:
        own = tag(spec.tag, device=CORE, unit=unit, quantity="count", substance="")
        self.made = MAKERS[type(spec)](spec, {t.name: t for t in (*inputs, own)})
        self.now = Instant(1_700_000_000 * NS, 1000 * NS)
        self.last: Said = None
        self.said = 0

    def feed(self, value: float | None, reason: Reason = Reason.OK, name: str = "A") -> Said:
        return self.take(sample(value, reason, name))

    def take(self, given: Sample) -> Said:
        found = self.made.offer(given, self.now)
        if found is not None:
            assert found.tag == self.made.tag.name
            assert found.receive_ns == self.now.utc_ns
            self.last = (found.value, found.reason)
            self.said += 1
        return self.last

    def wait(self, seconds: float) -> None:
        self.now = self.now.plus(seconds)


# --- rate --------------------------------------------------------------------------------------


def rate(window_s: float = 60.0, sign: float = 1.0) -> Bench:
    return Bench(RateSpec("R", ("A",), sign, window_s), tag("A", **LEVEL), unit=Unit.METRE)


def test_a_steady_rise_is_its_rate():
    """0.01 m a second are 0.6 m a minute; a fall is negative, and positive where falls count."""
    up, fall = rate(), rate(sign=-1.0)
    for i in range(90):
        for bench in (up, fall):
            bench.feed(1 + 0.01 * i)
            bench.wait(1)
    assert up.last is not None
    assert fall.last is not None
    assert up.last == (pytest.approx(0.6), Reason.OK)
    assert fall.last == (pytest.approx(-0.6), Reason.OK)


def test_no_rate_before_half_a_window():
    """Two readings a second apart are no rate: nothing is judged yet."""
    bench = rate()
    for _ in range(20):
        assert bench.feed(5.0) == (None, Reason.WARM_UP)
        bench.wait(1)


def test_one_wrong_reading_bends_no_rate():
    """A spike of the whole range is the median's business."""
    bench = rate()
    for i in range(120):
        bench.feed(10.0 if i == 70 else 2.0)
        bench.wait(1)
        if i > 60:
            assert bench.last == (pytest.approx(0.0, abs=1e-9), Reason.OK)


def test_a_level_in_steps_of_its_resolution_has_its_rate():
    """10 mm steps of a level that rises 6 mm a minute: the slope is there within a third."""
    bench, worst = rate(window_s=600.0), 0.0
    for i in range(1500):
        bench.feed(math.floor(1e-4 * i / 0.01) * 0.01)
        bench.wait(1)
        if i > 700 and bench.last and bench.last[0] is not None:
            worst = max(worst, abs(bench.last[0] - 0.006))
    assert worst < 0.002


def test_a_bad_gap_holds_and_is_bridged_or_begun_anew():
    """While Bad the rate is Bad; after a short gap it goes on, after a long one it warms up."""
    for gap_s, after in ((20, Reason.OK), (40, Reason.WARM_UP)):
        bench = rate()
        for i in range(90):
            bench.feed(1 + 0.01 * i)
            bench.wait(1)
        assert bench.feed(None, Reason.TIMEOUT) == (None, Reason.TIMEOUT)
        bench.wait(gap_s)
        said = bench.feed(1 + 0.01 * (90 + gap_s))
        assert said is not None
        assert said[1] is after
        if after is Reason.OK:
            assert said[0] == pytest.approx(0.6)


@given(
    jitter=st.lists(st.floats(-0.4, 0.4), min_size=100, max_size=100),
    slope=st.floats(-0.05, 0.05),
)
@settings(max_examples=40, deadline=None)
def test_uneven_polling_bends_no_rate(jitter: list[float], slope: float):
    """Time is what the clock says at each reading, not the tag's period."""
    line = Slope(60.0)
    for i, off in enumerate(jitter):
        at_s = 10 + i + off
        line.add(5 + slope * at_s, round(at_s * NS))
    assert line.per_s == pytest.approx(slope, abs=1e-9)


def test_what_is_older_than_the_last_is_left_out():
    """Time that goes backwards changes nothing."""
    line = Slope(60.0)
    for i in range(60):
        line.add(0.1 * i, i * NS)
    before = line.per_s
    line.add(1e9, 30 * NS)
    assert line.per_s == before


ANY = st.one_of(st.none(), st.floats(), st.floats(0, 10))
REASON = st.sampled_from(list(Reason))
SPECS: dict[str, CalcSpec] = {
    "rate": RateSpec("X", NAMES[:1], 1.0, 10.0),
    "deviation": DeviationSpec("X", NAMES[:2], 1.0, 0.0),
    "vote": VoteSpec("X", NAMES, tuple(Channel(n, 5.0, 0.5, falling=False) for n in NAMES), 2, ""),
    "overfill": OverfillSpec("X", NAMES[:1], 9.0, ((0, 0), (10, 50)), 1e-4, 10.0, 86_400.0),
    "expression": ExpressionSpec("X", NAMES, "A > 5 m and not bad(B) or age(C) > 3 s or A / B > 2"),
}


@pytest.mark.parametrize("kind", SPECS)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(NAMES), ANY, st.sampled_from(list(Quality)), REASON), max_size=80
    )
)
@settings(max_examples=60, deadline=None)
def test_nothing_that_a_sample_contains_raises(kind: str, steps: list[Any]):
    """NaN, infinities and qualities that contradict their reasons give a sound sample or none."""
    spec = SPECS[kind]
    bench = Bench(spec, *(tag(name, **LEVEL) for name in NAMES))
    for name, value, quality, reason in steps:
        if name not in spec.inputs:
            continue
        utc = bench.now.utc_ns
        found = bench.made.offer(
            Sample(name, value, quality, reason, utc, utc, World.TEST), bench.now
        )
        for made in (found, bench.made.tick(bench.now)):
            if made is not None:
                assert made.value is None or math.isfinite(made.value)
                assert made.quality is REASONS[made.reason].quality
                assert (made.value is None) is not REASONS[made.reason].judges
        bench.wait(0.7)


# --- deviation ---------------------------------------------------------------------------------


def test_a_deviation_is_in_the_unit_of_the_first():
    """2 m and 1900 mm are 0.1 m apart; nothing is said before both have been heard of."""
    second = tag("B", **LEVEL | {"unit": Unit.MILLIMETRE})
    bench = Bench(DeviationSpec("D", ("A", "B"), 0.001, 0.0), tag("A", **LEVEL), second)
    assert bench.feed(2.0) is None
    assert bench.feed(1900, name="B") == (pytest.approx(0.1), Reason.OK)


def test_directions_differ_the_shorter_way_round():
    """350 and 10 degrees are 20 apart."""
    bench = Bench(DeviationSpec("D", ("A", "B"), 1.0, 0.0, 360.0), tag("A"), tag("B"))
    bench.feed(350.0)
    assert bench.feed(10.0, name="B") == (20.0, Reason.OK)


def test_the_worse_of_the_two_says_how_good_it_is():
    """Bad before set aside before doubted; a value only where both have one."""
    bench = Bench(DeviationSpec("D", ("A", "B"), 1.0, 0.0), tag("A", **LEVEL), tag("B", **LEVEL))
    bench.feed(3.0, Reason.SPIKE)
    assert bench.feed(1.0, name="B") == (2.0, Reason.SPIKE)
    assert bench.feed(1.0, Reason.CALIBRATING, "B") == (None, Reason.CALIBRATING)
    assert bench.feed(None, Reason.TIMEOUT) == (None, Reason.TIMEOUT)


# --- vote --------------------------------------------------------------------------------------


def vote(bad: str, votes: int = 2, channels: int = 3) -> Bench:
    names = NAMES[:channels]
    spec = VoteSpec(
        "V", names, tuple(Channel(n, 5.0, 0.5, falling=False) for n in names), votes, bad
    )
    return Bench(spec, *(tag(name) for name in names))


def feed_all(bench: Bench, *values: float | Reason) -> Said:
    said: Said = None
    for name, value in zip(NAMES, values, strict=False):
        is_reason = isinstance(value, Reason)
        said = bench.feed(None if is_reason else value, value if is_reason else Reason.OK, name)
    return said


LOST = Reason.TIMEOUT
DOUBT = Reason.ESTIMATED
# Of 2oo3: what the channels read, and what is said with bad: vote, degrade, ignore.
TRUTHS = [
    ((1, 1, 1), (0, 0, 0)),
    ((6, 1, 1), (1, 1, 1)),
    ((6, 6, 1), (2, 2, 2)),
    ((6, 6, 6), (3, 3, 3)),
    ((LOST, 1, 1), (1, 1, 0)),  # ignore: 2oo2 is left
    ((LOST, 6, 1), (2, 2, 1)),
    ((LOST, LOST, 1), (2, 1, LOST)),  # vote: the losses alone are two; degrade: 1oo1 is left
    ((LOST, LOST, 6), (3, 2, LOST)),
    ((LOST, LOST, LOST), (3, LOST, LOST)),
]


@pytest.mark.parametrize(("reads", "counts"), TRUTHS)
def test_two_of_three(reads: tuple[Any, ...], counts: tuple[Any, ...]):
    """Each policy counts a lost channel in its own way, and says that it is an estimate."""
    for policy, count in zip(("vote", "degrade", "ignore"), counts, strict=True):
        said = feed_all(vote(policy), *reads)
        if isinstance(count, Reason):
            assert said == (None, count)
        else:
            assert said == (count, DOUBT if LOST in reads else Reason.OK)


@pytest.mark.parametrize("policy", ["vote", "degrade", "ignore"])
def test_a_channel_that_is_set_aside_never_votes(policy: str):
    """Calibrating, injected or inhibited: whatever it reads, and though it was voting."""
    for reason in (Reason.CALIBRATING, Reason.INJECTED, Reason.INHIBITED):
        bench = vote(policy)
        assert feed_all(bench, 6, 6, 1) == (2, Reason.OK)
        assert bench.feed(9.0, reason, "B") == (1, DOUBT)
        assert bench.feed(9.0, reason, "C") == (None, reason)  # two of three are blind


@pytest.mark.parametrize("policy", ["vote", "degrade", "ignore"])
def test_a_vote_outlives_the_channel_that_cast_it(policy: str):
    """A detector lost in gas goes on voting until it is heard of again."""
    bench = vote(policy)
    feed_all(bench, 6, 6, 1)
    assert bench.feed(None, LOST, "A") == (2, DOUBT)
    assert bench.feed(1.0, name="A") == (1, Reason.OK)


def test_a_channel_votes_until_it_is_clear_of_its_deadband():
    """4.6 is not clear of 5 less 0.5."""
    bench = vote("ignore")
    feed_all(bench, 6, 1, 1)
    assert bench.feed(4.6) == (1, Reason.OK)
    assert bench.feed(4.4) == (0, Reason.OK)


def test_over_range_votes_whatever_number_comes_with_it():
    """A gas detector over its range votes, with a value or none."""
    bench = vote("ignore")
    feed_all(bench, 1, 1, 1)
    assert bench.feed(None, Reason.OVER_RANGE) == (1, Reason.OK)
    assert bench.feed(0.0, Reason.OVER_RANGE, "B") == (2, Reason.OK)


def test_nothing_is_said_before_every_channel_was_heard_of():
    """At the start nobody is lost: nobody has been asked yet."""
    bench = vote("vote")
    assert bench.feed(6.0) is None
    assert bench.feed(6.0, name="B") is None
    assert bench.feed(1.0, name="C") == (2, Reason.OK)


def test_quality_that_flaps_says_only_what_is_news():
    """The same count of the same standing is said once."""
    bench = vote("degrade")
    feed_all(bench, 1, 1, 1)
    said = bench.said
    for _ in range(50):
        bench.feed(1.0)
    assert bench.said == said


# --- overfill ----------------------------------------------------------------------------------

TABLE = ((0.0, 0.0), (2.0, 20.0), (3.0, 25.0))  # narrower at the top


def overfill(full: float = 3.0) -> Bench:
    spec = OverfillSpec("O", ("A",), full, TABLE, 1 / 3600, 60.0, 86_400.0)
    return Bench(spec, tag("A", **LEVEL), unit=Unit.SECOND)


def fill(bench: Bench, start: float, per_s: float, seconds: int) -> Said:
    for i in range(seconds):
        bench.feed(start + per_s * i)
        bench.wait(1)
    return bench.last


def test_time_to_full_is_volume_left_by_fill_rate():
    """At 1.5 m 10 of 25 m3 are left; 0.002 m/s are 0.02 m3/s: 500 s."""
    said = fill(overfill(), 1.5 - 0.002 * 119, 0.002, 120)
    assert said == (pytest.approx(500, rel=0.01), Reason.OK)


def test_a_vessel_that_does_not_fill_is_full_in_a_day_at_the_earliest():
    """Still, emptying and slower than counts as filling are the same: far off."""
    for per_s in (0.0, -0.001, 1e-6):
        assert fill(overfill(), 2.0, per_s, 120) == (86_400.0, Reason.OK)


def test_a_full_vessel_has_no_time_left():
    """At or above full: 0, at once, before any rate is known."""
    bench = overfill(full=2.5)
    assert bench.feed(2.5) == (0.0, Reason.OK)
    assert bench.feed(2.4) == (None, Reason.WARM_UP)


def test_a_lost_level_holds():
    """Without a level nobody knows, and it says so."""
    bench = overfill()
    fill(bench, 1.0, 0.002, 90)
    assert bench.feed(None, LOST) == (None, LOST)
    assert bench.feed(1.2, Reason.CALIBRATING) == (None, Reason.CALIBRATING)


@given(st.floats(-1, 5))
def test_a_strapping_table_goes_straight_between_its_lines(level: float):
    """Inside by proportion, beyond its ends by the last slope; rising everywhere."""
    expected = 10 * level if level <= 2 else 20 + 5 * (level - 2)
    assert volume_m3(TABLE, level) == pytest.approx(expected)


# --- expression --------------------------------------------------------------------------------


def expression(text: str, *inputs: Tag) -> Bench:
    return Bench(ExpressionSpec("E", tuple(t.name for t in inputs), text), *inputs, unit=Unit.BOOL)


def test_an_expression_is_true_false_or_unknown():
    """Unknown is Bad with its reason; what is known in spite of a lost tag is doubted."""
    pump = tag("B", unit=Unit.BOOL, quantity="running", substance="")
    bench = expression("A > 2 m and B", tag("A", **LEVEL), pump)
    assert bench.feed(3.0) is None
    assert bench.feed(1.0, name="B") == (1.0, Reason.OK)
    assert bench.feed(None, LOST) == (None, LOST)
    assert bench.feed(0.0, name="B") == (0.0, DOUBT)
    assert bench.feed(1.0) == (0.0, Reason.OK)


def test_a_division_by_zero_is_unknown():
    """Nobody knows; nothing is raised by it."""
    bench = expression("A / B > 2", tag("A", **LEVEL), tag("B", **LEVEL))
    bench.feed(3.0)
    assert bench.feed(0.0, name="B") == (None, Reason.INVALID_VALUE)


def test_an_age_grows_without_a_sample():
    """An expression over an age is asked again with time; others are not."""
    bench = expression("age(A) > 10 s", tag("A", **LEVEL))
    assert bench.made.timed
    assert not expression("A > 1 m", tag("A", **LEVEL)).made.timed
    assert bench.feed(3.0) == (0.0, Reason.OK)
    bench.wait(9)
    assert bench.made.tick(bench.now) is None
    bench.wait(2)
    found = bench.made.tick(bench.now)
    assert found is not None
    assert found.value == 1.0
