"""Figures against their aims: each with its target, its limit, and where those are from."""

from __future__ import annotations

from typing import NamedTuple

from edge.kpi.figures import ConditionFigures, Figures
from edge.kpi.reckon import PROCESS
from edge.rules.alarm_kpi import Aim, KpiRule

# id -> how its value is written: a count, a rate, or a share
FORMS = {
    "per_day": "rate",
    "per_hour": "rate",
    "per_10min": "rate",
    "busy_10min": "share",
    "busy_hours": "share",
    "worst_10min": "count",
    "flood_share": "share",
    "top_share": "share",
    "chattering": "count",
    "fleeting": "count",
    "stale": "count",
    "priority_1": "share",
    "priority_2": "share",
    "priority_3": "share",
    "priority_4": "share",
    "level_2_late": "count",
    "overdue": "count",
}
FEW = 20  # alarms: their shares say nothing yet
NEAR = 0.25  # of the target: about right
NEAR_LEAST = 0.05


class Judged(NamedTuple):
    """One figure; `grade`: good, fair (over the target), bad (over the limit), none (no data)."""

    id: str
    value: float
    aim: Aim
    grade: str


def judge(figures: Figures, rule: KpiRule) -> list[Judged]:
    """Return every figure of the rule, judged."""
    values = values_of(figures, rule)
    watched = figures.rates.watched_s > 0
    return [
        Judged(name, values[name], aim, _grade(name, values[name], aim, figures, watched))
        for name, aim in rule.figures.items()
    ]


def values_of(figures: Figures, rule: KpiRule) -> dict[str, float]:
    """Return the figures by the rule's names; shares are 0 to 1."""
    rates, total = figures.rates, figures.rates.total
    return {
        "per_day": rates.per_day,
        "per_hour": rates.per_hour,
        "per_10min": rates.per_10min,
        "busy_10min": rates.busy_10min,
        "busy_hours": rates.busy_hours,
        "worst_10min": rates.worst_10min[1],
        "flood_share": rates.flood_share,
        "top_share": sum(one.announced for one in top(figures, rule)) / total if total else 0.0,
        "chattering": figures.chattering,
        "fleeting": figures.fleeting,
        "stale": figures.stale,
        **{
            f"priority_{number}": count / total if total else 0.0
            for number, count in figures.priorities.items()
        },
        "level_2_late": figures.waits.level_2_late,
        "overdue": sum(hold.overdue for hold in figures.holds),
    }


def top(figures: Figures, rule: KpiRule, klass: str = PROCESS) -> list[ConditionFigures]:
    """Return the conditions of a class that were announced most, most first."""
    mine = [one for one in figures.conditions if one.klass == klass and one.announced]
    return mine[: rule.counts.top]


def _grade(name: str, value: float, aim: Aim, figures: Figures, watched: bool) -> str:
    if not watched or (name.startswith("priority_") and figures.rates.total < FEW):
        return "none"
    if name == "top_share" and figures.rates.total < FEW:
        return "none"
    if aim.about:
        near = abs(value - aim.target) <= max(NEAR * aim.target, NEAR_LEAST)
        return "good" if near else "fair"
    if value <= aim.target:
        return "good"
    if aim.limit is not None:
        return "fair" if value <= aim.limit else "bad"
    return "bad"
