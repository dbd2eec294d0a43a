"""Bad actors: what is wrong with an alarm that comes too often or stays too long, and the cure.

A suggestion is reckoned from the alarm's own past and is for an engineer to judge: a change of a
set-point, delay or deadband goes through the management of change. No delay before a gas alarm is
ever suggested; a delay of its end only keeps it longer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from edge.kpi.figures import ConditionFigures, Figures
from edge.kpi.judge import top
from edge.kpi.reckon import PROCESS
from edge.rules.alarm_kpi import KpiRule
from edge.site.model import LimitSpec

FAILED_KIND = "bad"
DELAYS_S = (1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90)
STEPS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)  # of a deadband
SWING_SPARE = 1.1  # the swing seen is the least there was
WIDEST = 0.5  # of the set-point: a deadband that is wider says that it is no noise
OFTEN = 0.2  # of its alarms were fleeting: worth a word
OFTEN_LEAST = 3  # alarms in a window: fewer are not worth a word
LATE_LEAST, LATE_SHARE = 3, 0.5


class Fault(NamedTuple):
    """One thing that is wrong: a message of the catalogue (`kpi.actor.<id>`), and its numbers."""

    id: str
    delay_s: float | None = None  # suggested in place of the one it has
    deadband: float | None = None  # the same [unit]


class Actor(NamedTuple):
    """An alarm that somebody should see to."""

    rank: int
    share: float  # of all announced alarms of its class
    figures: ConditionFigures
    faults: tuple[Fault, ...]


def actors(figures: Figures, rule: KpiRule, limits: Mapping[str, LimitSpec]) -> list[Actor]:
    """Return the top alarms of class process, then those that only stand too long."""
    total, watched_s = figures.rates.total, figures.rates.watched_s
    loud = top(figures, rule)
    mine = [one for one in figures.conditions if one.klass == PROCESS and one.stale]
    quiet = sorted((one for one in mine if one not in loud), key=lambda one: -one.stood_s)
    return [
        Actor(
            rank,
            one.announced / total if total else 0.0,
            one,
            faults(one, watched_s, rule, limits.get(one.condition)),
        )
        for rank, one in enumerate([*loud, *quiet[: rule.counts.top]], start=1)
    ]


def faults(
    one: ConditionFigures, watched_s: float, rule: KpiRule, spec: LimitSpec | None
) -> tuple[Fault, ...]:
    """Return what is wrong with an alarm, the gravest first; none where it merely came."""
    found: list[Fault] = []
    on_s = 0.0 if spec is None else spec.on_delay_s
    off_s = 0.0 if spec is None else spec.off_delay_s
    gas = ".gas" if one.level else ""
    if one.kind == FAILED_KIND:
        found.append(Fault("failed"))
    if one.bouts:
        # What is seen between two raises comes after the delay that it has already.
        delay_s = None if one.gap_s is None else _delay(off_s + one.gap_s)
        found.append(Fault(f"chattering{gas}", delay_s, _deadband(one, spec)))
    if one.fleeting and one.fleeting >= OFTEN * one.announced:
        # It was true for what was seen of it, less the delay of its end, after that of its begin.
        true_s = None if one.short_s is None else one.short_s + on_s - off_s
        found.append(Fault(f"fleeting{gas}", None if gas else _delay(true_s)))
    if one.stale:
        found.append(Fault("stale"))
    elif watched_s and one.stood_s >= max(
        rule.counts.standing_share * watched_s, rule.counts.standing_least_h * 3600
    ):
        found.append(Fault("standing"))
    if one.late >= LATE_LEAST and one.late >= LATE_SHARE * one.announced:
        found.append(Fault("late"))
    if not found and one.announced >= OFTEN_LEAST:
        found.append(Fault("repeating"))
    return tuple(found)


def _delay(seconds: float | None) -> float | None:
    """Return the shortest usual delay that is longer [s]; None where there is none."""
    if seconds is None:
        return None
    return next((float(delay) for delay in DELAYS_S if delay > seconds), None)


def _deadband(one: ConditionFigures, spec: LimitSpec | None) -> float | None:
    """Return a deadband that most swings do not pass [unit]; None where none would be sound."""
    if not one.swing or spec is None or spec.limit is None:
        return None
    least = one.swing * SWING_SPARE
    if least > WIDEST * abs(spec.limit):
        return None
    place = 10.0 ** math.floor(math.log10(least))
    return round(next(step for step in STEPS if step * place >= least - 1e-12) * place, 12)
