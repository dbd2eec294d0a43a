"""Which stretch an alarm report is over, and the rule that it is held against."""

from __future__ import annotations

from datetime import datetime

import pytest

from edge.clock import NS
from edge.errors import SuianError
from edge.kpi.judge import FORMS
from edge.rules.alarm_kpi import kpi_rule
from edge.words.wording import CHINA
from suian.window import Asked, alarm_window

SHIFTS = (8, 20)


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=CHINA).timestamp()) * NS


@pytest.mark.parametrize(
    ("asked", "now", "start", "end"),
    [
        (Asked(), "2026-01-15T10:00", "2026-01-08T10:00", "2026-01-15T10:00"),
        (Asked(days=30), "2026-01-31T10:00", "2026-01-01T10:00", "2026-01-31T10:00"),
        (Asked(week=True), "2026-01-15T10:00", "2026-01-05T00:00", "2026-01-12T00:00"),
        (Asked(week=True), "2026-01-12T00:00", "2026-01-05T00:00", "2026-01-12T00:00"),
        (Asked(shift=True), "2026-01-15T19:50", "2026-01-15T08:00", "2026-01-15T19:50"),
        (Asked(shift=True), "2026-01-15T07:50", "2026-01-14T20:00", "2026-01-15T07:50"),
        (Asked(shift=True), "2026-01-15T08:00", "2026-01-14T20:00", "2026-01-15T08:00"),
        (Asked("2026-01-01", "2026-01-02"), "2026-01-15T08:00", "2026-01-01", "2026-01-02"),
    ],
)
def test_windows_are_what_people_mean(asked: Asked, now: str, start: str, end: str):
    """A week is the last whole one; a shift the one that runs, and at its very end the one over."""
    assert alarm_window(asked, at(now), SHIFTS) == (at(start), at(end))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (Asked(days=1, week=True), "give one of them"),
        (Asked(start="2026-01-01", shift=True), "give one of them"),
        (Asked(days=0), "give 1 to 366"),
        (Asked(days=367), "give 1 to 366"),
        (Asked(end="2026-01-01"), "--to without --from"),
    ],
)
def test_windows_that_are_none_are_refused(asked: Asked, said: str):
    """What is wrong is said with the option's name."""
    with pytest.raises(SuianError, match=said):
        alarm_window(asked, at("2026-01-15T08:00"), SHIFTS)


def test_every_figure_of_the_rule_has_its_source_and_is_reckoned():
    """A target without evidence is none; a figure that nobody reckons is a mistake."""
    rule = kpi_rule()
    assert set(rule.figures) == set(FORMS)
    for aim in rule.figures.values():
        assert aim.source
        assert aim.confidence
        assert aim.limit is None or aim.limit >= aim.target
