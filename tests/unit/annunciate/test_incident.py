"""One tone per incident: when it begins, rests, and comes again; never lost, never hidden."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from edge.annunciate import Incident
from edge.annunciate.incident import LEAST_NS, UNANSWERED_NS
from edge.clock import NS

AREAS = ("cl2", "nh3", "tanks")


def test_first_tone_of_an_incident_is_never_hidden():
    """However soon after the last one, a new incident sounds at once."""
    incident = Incident()
    for now_ns in (0, 1, 2):
        incident.take({"cl2": 1}, now_ns)
        assert incident.tone
        incident.take({}, now_ns)
        assert not incident.tone
        assert not incident.running


@pytest.mark.parametrize(
    ("then", "after_s", "why"),
    [
        ({"cl2": 1}, 61, ""),
        ({"cl2": 1}, 299, ""),
        ({"cl2": 1}, 300, "unanswered"),
        ({"cl2": 2}, 59, ""),
        ({"cl2": 2}, 60, "level"),
        ({"cl2": 1, "nh3": 1}, 59, ""),
        ({"cl2": 1, "nh3": 1}, 60, "area"),
        ({"nh3": 1}, 60, "area"),
        ({}, 300, ""),
    ],
)
def test_after_silence_the_tone_comes_again_for_three_reasons_and_once_a_minute(
    then: dict[str, int], after_s: int, why: str
):
    """A new area, level 2 after level 1, five minutes: not before the minute is over."""
    incident = Incident()
    incident.take({"cl2": 1}, 0)
    assert incident.silence(0)
    said = incident.take(then, after_s * NS)
    assert (said, incident.tone) == (why, bool(why))


def test_what_waits_for_its_minute_comes_by_itself_unless_it_is_answered():
    """Time alone brings it; acknowledged meanwhile, it would be a tone for nothing."""
    incident = Incident()
    incident.take({"cl2": 1}, 0)
    incident.silence(10 * NS)
    incident.take({"cl2": 1, "nh3": 2}, 11 * NS)
    assert incident.next_ns == 60 * NS
    incident.take({"cl2": 1}, 20 * NS)
    assert incident.next_ns == 310 * NS
    incident.take({"cl2": 1, "nh3": 2}, 30 * NS)
    assert incident.tick(59 * NS) == ""
    assert incident.tick(60 * NS) == "area"
    assert incident.tone


def test_silence_covers_nothing_that_was_not_heard():
    """Pressing again while a new area waits for its minute does not take its tone away."""
    incident = Incident()
    incident.take({"cl2": 1}, 0)
    incident.silence(1 * NS)
    incident.take({"cl2": 1, "nh3": 1}, 2 * NS)
    assert not incident.silence(3 * NS)
    assert incident.tick(60 * NS) == "area"


@pytest.mark.parametrize(
    ("answered", "why"), [({"nh3": 1}, "area"), ({"nh3": 1, "cl2": 1}, "level")]
)
def test_what_was_answered_and_comes_again_is_heard_again(answered: dict[str, int], why: str):
    """Somebody has seen the last one, nobody has seen this one; the incident goes on elsewhere."""
    incident = Incident()
    incident.take({"cl2": 2, "nh3": 1}, 0)
    incident.silence(10 * NS)
    incident.take(answered, 20 * NS)
    assert incident.next_ns == 310 * NS
    incident.take({"cl2": 2, "nh3": 1}, 30 * NS)
    assert (incident.tick(59 * NS), incident.tick(60 * NS)) == ("", why)


class Tone(RuleBasedStateMachine):
    """Alarms come, rise, are answered; people silence; time goes on by any step."""

    def __init__(self) -> None:
        super().__init__()
        self.incident = Incident()
        self.now = 0
        self.standing: dict[str, int] = {}
        self.sounded: dict[str, int] = {}  # ranks that were heard in this incident
        self.unheard: dict[str, int] = {}  # area -> since when something of it is unheard
        self.begun: list[int] = []  # when tones began, in this incident
        self.quiet_ns = 0

    def take(self) -> None:
        before = self.incident.tone
        self.incident.take(dict(self.standing), self.now)
        self.follow(before)

    def follow(self, before: bool) -> None:
        if not self.standing:
            self.sounded, self.unheard, self.begun = {}, {}, []
            return
        self.sounded = {
            area: min(rank, self.standing[area])
            for area, rank in self.sounded.items()
            if area in self.standing
        }
        if self.incident.tone:
            if not before:
                self.begun.append(self.now)
            for area, rank in self.standing.items():
                self.sounded[area] = max(rank, self.sounded.get(area, 0))
        self.unheard = {
            area: self.unheard.get(area, self.now)
            for area, rank in self.standing.items()
            if rank > self.sounded.get(area, 0)
        }

    @rule(area=st.sampled_from(AREAS), rank=st.sampled_from((1, 2)))
    def rises(self, area: str, rank: int) -> None:
        self.standing[area] = max(rank, self.standing.get(area, 0))
        self.take()

    @rule(area=st.sampled_from(AREAS))
    def is_acknowledged(self, area: str) -> None:
        self.standing.pop(area, None)
        self.take()

    @rule()
    def all_acknowledged(self) -> None:
        self.standing.clear()
        self.take()
        assert not self.incident.tone

    @rule()
    def is_silenced(self) -> None:
        running, tone = self.incident.running, self.incident.tone
        assert self.incident.silence(self.now) == tone
        if tone:
            self.quiet_ns = self.now
        assert self.incident.running == running  # silence is not acknowledge
        assert not self.incident.tone

    @rule(seconds=st.sampled_from((1, 20, 59, 60, 61, 240, 400)))
    def time_goes_on(self, seconds: int) -> None:
        end = self.now + seconds * NS
        while (at := self.incident.next_ns) is not None and at <= end:
            self.now = max(at, self.now)
            before = self.incident.tone
            self.incident.tick(self.now)
            self.follow(before)
            assert self.incident.tone
        self.now = end

    @invariant()
    def nothing_new_is_silent_for_more_than_a_minute(self) -> None:
        for since in self.unheard.values():
            assert self.now - since <= LEAST_NS

    @invariant()
    def nobody_s_silence_lasts_longer_than_five_minutes(self) -> None:
        if self.standing and not self.incident.tone:
            assert self.now - self.quiet_ns <= UNANSWERED_NS

    @invariant()
    def one_incident_begins_a_tone_at_most_once_a_minute(self) -> None:
        gaps = [later - sooner for sooner, later in zip(self.begun, self.begun[1:], strict=False)]
        assert all(gap >= LEAST_NS for gap in gaps)

    @invariant()
    def without_anything_unanswered_there_is_no_tone(self) -> None:
        assert self.incident.running == bool(self.standing)
        assert self.standing or not self.incident.tone


TestTone = Tone.TestCase
TestTone.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
