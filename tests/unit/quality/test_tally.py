"""Time-weighted reckoning over a sparse journal, and the scores made of it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.clock import NS
from edge.quality.score import WEIGHTS, WORKED_ON, device_scores, mean, score_of
from edge.quality.tally import NO_RECORD, Tally, reckon
from edge.quality.visits import KINDS, visits
from edge.tag import REASONS, Quality, Reason, Sample, World
from tests.unit.poll.helpers import make_tag

T0_NS = 1_768_003_200 * NS  # 2026-01-10 00:00 UTC
HOUR_S, DAY_S = 3600.0, 86_400.0
HOLD_S = 150.0
TODAY = date(2026, 1, 11)


def row(at_s: float, reason: Reason = Reason.OK, value: float = 0.0, tag: str = "AT-1") -> Sample:
    quality = REASONS[reason].quality
    at_ns = T0_NS + round(at_s * NS)
    shown = None if quality is Quality.BAD else value
    return Sample(tag, shown, quality, reason, at_ns, at_ns, World.TEST)


def every_minute(start_s: float, end_s: float, *given, **named) -> list[Sample]:
    return [row(at, *given, **named) for at in range(int(start_s), int(end_s), 60)]


def tallied(rows, tags=("AT-1",), hours: float = 24, cells: int = 24) -> tuple[dict, float]:
    holds = dict.fromkeys(tags, HOLD_S)
    end_ns = T0_NS + round(hours * HOUR_S * NS)
    return reckon(sorted(rows, key=lambda r: r.receive_ns), holds, T0_NS, end_ns, cells)


def scored(rows, hours: float = 24, due: date | None = None, **tag):
    tallies, outage_s = tallied(rows, hours=hours)
    one = make_tag("AT-1", "ae-1", **tag)
    return score_of(one, tallies["AT-1"], hours * HOUR_S, outage_s, due, TODAY)


def test_a_quiet_day_is_whole():
    """A row a minute is a day of good data, whatever the period: time counts, not rows."""
    score = scored(every_minute(0, DAY_S))

    assert (score.score, score.good, score.missing) == (100, 1.0, 0.0)
    assert (score.expected, score.heard) == (86_400, 86_400)


def test_a_row_holds_until_the_next_and_no_longer_than_its_interval():
    """Six hours without a row, while others are recorded, are no record: less what a row holds."""
    quiet = every_minute(0, 6 * HOUR_S) + every_minute(12 * HOUR_S, DAY_S)
    other = every_minute(0, DAY_S, tag="AT-2")
    tallies, outage_s = tallied(quiet + other, ("AT-1", "AT-2"))

    missing = tallies["AT-1"].spells[NO_RECORD]
    assert outage_s == 0
    assert missing.seconds == 6 * HOUR_S - (HOLD_S - 60)
    assert missing.since_ns == T0_NS + round((6 * HOUR_S - 60 + HOLD_S) * NS)
    assert tallies["AT-2"].seconds(Reason.OK) == DAY_S


def test_a_gateway_that_was_off_blames_no_instrument():
    """Silence of the whole site is the gateway's: it is out of every score and counted apart."""
    tags = ("AT-1", "AT-2")
    rows = [s for tag in tags for s in every_minute(0, 6 * HOUR_S, tag=tag)]
    rows += [s for tag in tags for s in every_minute(12 * HOUR_S, DAY_S, tag=tag)]
    tallies, outage_s = tallied(rows, tags)

    assert outage_s == pytest.approx(6 * HOUR_S, abs=61)
    assert NO_RECORD not in tallies["AT-1"].spells
    score = score_of(
        make_tag("AT-1", "ae-1"), tallies["AT-1"], DAY_S, outage_s, due=None, today=TODAY
    )
    assert score.score == 100


def test_before_its_first_row_the_gateway_was_not_there():
    """A gateway begun two minutes into a window has missed nothing."""
    tallies, outage_s = tallied(every_minute(120, HOUR_S), hours=1)

    assert outage_s == 120
    assert tallies["AT-1"].seconds(Reason.OK) == HOUR_S - 120
    assert NO_RECORD not in tallies["AT-1"].spells


def test_what_was_before_the_window_sets_how_it_begins():
    """A detector that was silent already at midnight is silent from midnight on."""
    rows = [row(-100, Reason.TIMEOUT), *every_minute(-40, 600, Reason.TIMEOUT)]
    rows += every_minute(600, HOUR_S)
    tallies, _ = tallied(rows, hours=1)

    assert tallies["AT-1"].seconds(Reason.TIMEOUT) == 600
    assert tallies["AT-1"].seconds(Reason.OK) == 3000
    assert tallies["AT-1"].spells[Reason.TIMEOUT].since_ns == T0_NS


def test_staleness_is_said_once_and_lasts():
    """Nothing is heard of a stale tag, so nothing is written: its one row lasts until the next."""
    rows = [row(0), row(60, Reason.STALE), *every_minute(0, DAY_S, tag="AT-2")]
    tallies, _ = tallied(rows, ("AT-1", "AT-2"))

    assert tallies["AT-1"].seconds(Reason.STALE) == DAY_S - 60
    assert tallies["AT-1"].standing is Reason.STALE


def test_work_on_an_instrument_makes_it_no_worse():
    """Two hours of calibration are left out of both sides; an hour without answer is not."""
    calibrated = every_minute(0, 2 * HOUR_S, Reason.CALIBRATING)
    rest = every_minute(2 * HOUR_S, 23 * HOUR_S)
    silent = every_minute(23 * HOUR_S, DAY_S, Reason.TIMEOUT)
    score = scored([*calibrated, *rest, *silent])

    assert score.worked_on_s == 2 * HOUR_S
    assert score.score == round(100 * 21 / 22)
    assert score.silent == pytest.approx(1 / 22)


def test_flapping_jumps_and_calibration_cost_points():
    """The same share of good time scores less where it comes and goes, or where nobody vouches."""
    flapping = [
        row(at, Reason.SPIKE if at % 600 == 0 else Reason.OK, 5.0)
        for at in range(0, int(DAY_S), 60)
    ]
    steady = every_minute(0, DAY_S)

    assert scored(flapping).jumps == 144
    assert scored(flapping).penalties == pytest.approx(20.0)  # ten for each, and no more
    overdue = scored(steady, due=date(2026, 1, 1))
    assert (overdue.score, overdue.calibration_days) == (90, -10)
    assert scored(steady, due=date(2026, 2, 1)).score == 100


def test_noise_is_of_steps_not_of_drift():
    """A ramp over the whole range has little noise; a flicker about nothing has much."""
    ramp = [row(at, value=at / DAY_S * 10) for at in range(0, int(DAY_S), 60)]
    flicker = [row(at, value=float(at // 60 % 2)) for at in range(0, int(DAY_S), 60)]

    assert scored(ramp).noise == pytest.approx(10 / 1440 / 2**0.5, rel=1e-6)
    assert scored(flicker).noise == pytest.approx(1 / 2**0.5)
    assert (scored(ramp).lowest, scored(ramp).highest) == (0.0, pytest.approx(9.993, abs=1e-3))


def test_means_count_gas_three_times():
    """A dead level gauge weighs less in a site's score than a dead detector."""
    good = scored(every_minute(0, DAY_S))
    dead = scored(every_minute(0, DAY_S, Reason.TIMEOUT))
    level = dead._replace(gas=False, tag="LT-1", device="lt-1")

    assert mean([good, level]) == 75
    assert mean([good, dead]) == 50
    assert device_scores([good, dead, level]) == {"ae-1": 50, "lt-1": 0}
    assert mean([]) is None
    assert mean([good._replace(score=None)]) is None


ROWS = st.lists(
    st.tuples(st.integers(-300, 7500), st.sampled_from(list(Reason)), st.sampled_from(["A", "B"])),
    max_size=40,
)


@given(ROWS, st.integers(1, 30))
@settings(max_examples=300, deadline=None)
def test_every_second_is_counted_once(rows, cells):
    """Whatever rows come, a tag's spells and outages fill the window, and so do its cells."""
    samples = [row(at, reason, tag=tag) for at, reason, tag in rows]
    tallies, outage_s = tallied(samples, ("A", "B"), hours=2, cells=cells)

    for tally in tallies.values():
        spent = sum(spell.seconds for spell in tally.spells.values())
        assert spent + outage_s == pytest.approx(2 * HOUR_S, abs=1e-3)
        assert sum(map(sum, tally.strip)) == pytest.approx(spent, abs=1e-3)


def test_every_reason_has_its_weight_and_its_finding():
    """No reason is forgotten: Bad ones weigh nothing, and each that is not OK can bring a visit."""
    weighed = {reason for reason, rule in REASONS.items() if rule.quality is not Quality.BAD}
    assert weighed == set(WEIGHTS) | set(WORKED_ON)
    found = {key for kind in KINDS for key in kind.keys}
    assert found == {*Reason, NO_RECORD} - {Reason.OK}


def test_visits_are_ranked_by_what_hangs_on_them():
    """A dead gas detector goes before a dead pressure gauge, what stands before what is over."""
    tags = {
        "AT-1": make_tag("AT-1", "ae-1"),
        "AT-2": make_tag("AT-2", "ae-2"),
        "PT-1": make_tag("PT-1", "pt-1", quantity="pressure"),
        "AT-3": make_tag("AT-3", "ae-3"),
    }
    rows = every_minute(0, DAY_S, Reason.TIMEOUT, tag="AT-1")
    rows += every_minute(0, 7200, Reason.TIMEOUT, tag="AT-2") + every_minute(
        7200, DAY_S, tag="AT-2"
    )
    rows += every_minute(0, DAY_S, Reason.TIMEOUT, tag="PT-1") + every_minute(0, DAY_S, tag="AT-3")
    tallies, outage_s = tallied(rows, tuple(tags))
    scores = [
        score_of(tag, tallies[name], DAY_S, outage_s, None, TODAY) for name, tag in tags.items()
    ]
    found = visits(tags, tallies, scores, frozenset({"AT-1", "AT-2"}))

    assert [visit.device for visit in found] == ["ae-1", "ae-2", "pt-1"]
    first = found[0].findings[0]
    assert (first.kind, first.tags, first.standing) == ("silent", ("AT-1",), True)
    assert first.since_ns == T0_NS
    assert not found[1].findings[0].standing


def test_a_calibration_that_ends_soon_is_told_beforehand():
    """Thirty days ahead it is on the list, last; overdue it moves up."""
    tags = {"AT-1": make_tag("AT-1", "ae-1")}
    tallies, _ = tallied(every_minute(0, DAY_S))

    def kinds(due: date) -> list[str]:
        score = score_of(tags["AT-1"], tallies["AT-1"], DAY_S, 0.0, due, TODAY)
        return [f.kind for v in visits(tags, tallies, [score], frozenset()) for f in v.findings]

    assert kinds(date(2026, 2, 10)) == ["calibration-soon"]
    assert kinds(date(2026, 1, 10)) == ["calibration"]
    assert kinds(date(2026, 2, 11)) == []


def test_an_empty_journal_scores_nothing():
    """Where nothing was recorded at all there is no score, rather than a bad one."""
    tallies, outage_s = tallied([])

    assert outage_s == DAY_S
    assert tallies["AT-1"] == Tally(strip=[[0.0] * 5 for _ in range(24)])
    assert scored([]).score is None
