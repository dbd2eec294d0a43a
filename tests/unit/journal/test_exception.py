"""Report by exception: what may be left out, and that nothing else is."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.clock import NS
from edge.journal.exception import ExceptionFilter, default_deadband
from edge.site.model import Journal, LimitSpec
from edge.tag import Quality, Reason, Sample, Tag, World
from tests.unit.poll.helpers import make_limit, make_site, make_tag

DEADBAND, H, HH = 0.2, 3.0, 6.0
GOOD, OVER = (Quality.GOOD, Reason.OK), (Quality.UNCERTAIN, Reason.OVER_RANGE)
STALE = (Quality.BAD, Reason.STALE)
OVERDUE = (Quality.UNCERTAIN, Reason.CALIBRATION_OVERDUE)


class Journalled(list[Sample]):
    """A site of a few tags, the filter and the journal after it, fed as the cycle feeds them."""

    def __init__(
        self, tags: int = 1, limits: tuple[LimitSpec, ...] | None = None, every_s: float = 60.0
    ) -> None:
        super().__init__()
        facts = {"journal_deadband": DEADBAND, "journal_every_s": every_s}
        known = [make_tag(f"AT-{n}", "a-1", **facts) for n in range(tags)]
        if limits is None:
            limits = (make_limit("AT-0", "h", H, deadband=0.5), make_limit("AT-0", "hh", HH))
        self.latest: dict[str, Sample] = {}
        self.filter = ExceptionFilter(make_site(known, limits=limits), self.latest, self.append)
        self.filter.due(0)
        self.now_ns = 0

    def feed(self, value: float | None, state: tuple[Quality, Reason] = GOOD, tag: int = 0) -> None:
        at = self.now_ns
        sample = Sample(f"AT-{tag}", value, *state, at, at, World.TEST)
        if self.filter.wants(sample):
            self.append(sample)
        self.latest[sample.tag] = sample

    def pass_s(self, seconds: float) -> list[str]:
        self.now_ns += round(seconds * NS)
        due = self.filter.due(self.now_ns)
        self.extend(self.latest[tag] for tag in due)
        return list(due)

    @property
    def values(self) -> list[float | None]:
        return [sample.value for sample in self]


@pytest.mark.parametrize(
    ("fed", "kept"),
    [
        ([1.0, 1.1, 0.9, 1.2], [1.0]),  # within the deadband of the first
        ([1.0, 1.15, 1.3, 1.45], [1.0, 1.3]),  # measured from what is journalled, not from the last
        ([1.0, 1.1, 5.0], [1.0, 1.1, 5.0]),  # a jump: no ramp from the first to it
        ([1.0, 5.0, 1.0], [1.0, 5.0, 1.0]),
        ([1.0, 1.1, 1.5], [1.0, 1.5]),  # no jump: no companion
        ([2.95, 2.99, 3.0, 2.99], [2.95, 3.0, 2.99]),  # over the limit and back, within a deadband
        ([2.55, 2.45], [2.55, 2.45]),  # past the value at which the alarm clears
    ],
)
def test_values_are_journalled_by_deadband_and_limit(fed, kept):
    """A row says that the value stayed within its deadband until the next, and on its side."""
    journalled = Journalled()
    for value in fed:
        journalled.feed(value)
        journalled.pass_s(1)
    assert journalled.values == kept


def test_every_change_of_quality_or_reason_is_journalled_with_what_was_before_it():
    """A tag that goes Bad leaves its last Good value, and says once that it is Bad."""
    journalled = Journalled()
    for value, state in [
        *((1.0, GOOD), (1.1, GOOD), (None, STALE), (None, STALE)),
        *((None, (Quality.BAD, Reason.TIMEOUT)), (9.9, OVER), (9.91, OVER), (9.91, OVER)),
        (9.91, GOOD),
    ]:
        journalled.feed(value, state)
        journalled.pass_s(1)
    assert [(s.value, s.reason.value) for s in journalled] == [
        (1.0, "ok"),
        (1.1, "ok"),
        (None, "stale"),
        (None, "stale"),
        (None, "timeout"),
        (9.9, "over-range"),
        (9.91, "over-range"),
        (9.91, "over-range"),
        (9.91, "ok"),
    ]


def test_a_quiet_tag_is_journalled_once_an_interval_and_a_dead_one_is_not():
    """The maximum interval brings the newest sample, and never one that was journalled already."""
    journalled = Journalled(every_s=10)
    journalled.feed(1.0)
    for _ in range(60):
        journalled.pass_s(0.5)
        journalled.feed(1.05)
    stamps = [sample.receive_ns / NS for sample in journalled]
    assert len(stamps) == 4
    assert all(b - a <= 10.5 for a, b in pairwise(stamps))
    count = len(journalled)
    for _ in range(40):
        journalled.pass_s(10)
    assert len(journalled) <= count + 1, "nothing new was heard: at most what was held back"
    journalled.feed(1.05)
    assert len(journalled) == count + 2, "and the next sample is journalled at once"


def test_intervals_do_not_run_out_together():
    """A thousand quiet tags are spread over their interval, not written in one tick."""
    journalled = Journalled(tags=1000, limits=(), every_s=10)
    most = 0
    for tick in range(400):
        for tag in range(0 if tick % 10 else 1000):
            journalled.feed(1.0, tag=tag)
        most = max(most, len(journalled.pass_s(0.1)))
    assert len(journalled) == pytest.approx(1000 + 4 * 1000, rel=0.05)
    assert most <= 12


def test_what_a_transition_was_judged_on_is_journalled():
    """A delay that runs out between samples brings the newest one; a sample that is next comes."""
    journalled = Journalled()
    journalled.feed(4.0)
    journalled.pass_s(1)
    journalled.feed(4.1)
    journalled.filter.insist(["AT-0/h", "modbus-1", "NOBODY/h"])
    assert journalled.pass_s(0.1) == ["AT-0"]
    journalled.filter.insist_tag("AT-0")
    journalled.feed(4.1)
    assert journalled.pass_s(0.1) == []
    assert journalled.values == [4.0, 4.1, 4.1]


def test_a_sample_of_an_unknown_tag_is_journalled():
    """What no site file speaks of is not left out by mistake."""
    journalled = Journalled()
    for _ in range(2):
        journalled.feed(1.0, tag=7)
    assert len(journalled) == 2


@pytest.mark.parametrize(
    ("changes", "limits", "expected"),
    [
        ({}, (), 0.05),  # 0.005 of 0-10
        ({}, (H,), 0.05),
        ({"range_high": 1000.0}, (3.0, 6.0), 0.15),  # looked at near 3 ppm, not near 1000
        ({"range_high": 25.0, "background": 20.9}, (19.5, 23.5), 0.07),  # oxygen
    ],
)
def test_a_tag_without_a_deadband_gets_one_that_suits_its_limits(changes, limits, expected):
    """The default is a share of the span, but never coarse beside a set-point."""
    tag: Tag = make_tag("AT-0", "a-1", **changes)
    specs = [make_limit("AT-0", "h", limit) for limit in limits]
    assert default_deadband(tag, specs, Journal()) == pytest.approx(expected)


_STATES = st.sampled_from([GOOD, GOOD, GOOD, OVER, STALE])
_FED = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.1, 0.15, 0.3, 2.4, 2.5, 2.9, 3.0, 3.1, 5.9, 6.0, 9.0]), _STATES
    ),
    max_size=60,
)


@given(_FED, st.floats(0.1, 30))
def test_the_past_can_be_told_from_what_is_journalled(fed, step_s):
    """At any sample: the last row has its quality, is within the deadband, and on its side."""
    journalled = Journalled()
    shown = list[Sample]()
    for value, state in fed:
        journalled.feed(None if state is STALE else value, state)
        shown.append(journalled[-1])
        now, row = journalled.latest["AT-0"], shown[-1]
        assert (now.quality, now.reason) == (row.quality, row.reason)
        if now.value is None or row.value is None:
            assert now.value is row.value
        else:
            assert abs(now.value - row.value) <= (DEADBAND if state is GOOD else 0) + 1e-12
            assert all((now.value >= limit) == (row.value >= limit) for limit in (H, HH))
        journalled.pass_s(step_s)
        assert now.receive_ns - journalled[-1].receive_ns <= (60 + step_s) * NS
    stamps = [(sample.receive_ns, sample.value) for sample in journalled]
    assert stamps == sorted(set(stamps), key=stamps.index), "none is journalled twice"
    assert [s for s, _ in stamps] == sorted(s for s, _ in stamps)


def test_a_doubt_that_stands_for_weeks_does_not_fill_the_disk() -> None:
    """An overdue calibration leaves the deadband as it is; an over-range value has none."""
    overdue, over = Journalled(), Journalled()
    for value in (1.0, 1.1, 0.9, 1.05):
        overdue.feed(value, OVERDUE)
        over.feed(value, OVER)

    assert overdue.values == [1.0]
    assert over.values == [1.0, 1.1, 0.9, 1.05]
