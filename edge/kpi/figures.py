"""The figures of a window: plain numbers, nothing judged yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from edge.kpi.load import Rates
from edge.kpi.watched import Span


class Waits(NamedTuple):
    """How long alarms waited for a person [s]; those of the window, class process."""

    acknowledged: int
    median_s: float | None
    p90_s: float | None
    longest_s: float | None
    judged: int  # of those acknowledged or open, that say how long people have
    over: int  # and waited longer than that
    set_aside: int  # shelved or taken out of service instead of acknowledged
    open: int  # nobody has acknowledged them yet
    level_2: int  # alarms of level 2
    level_2_late: int  # that waited longer than 60 s, or do
    level_2_longest_s: float


class HoldFigures(NamedTuple):
    """Alarms that were held back: shelved, suppressed by design, or out of service."""

    kind: str
    times: int
    seconds: float  # within the window, all together
    now: int  # that are still held at its end
    overdue: int
    by: tuple[tuple[str, int], ...]  # who or what, and how often, most first


class ConditionFigures(NamedTuple):
    """One condition in the window."""

    condition: str
    tag: str
    kind: str
    klass: str
    priority: int
    level: int
    area: str
    unit: str
    announced: int
    rearmed: int  # of those, raised again while it had not come to rest
    bouts: int  # of chattering
    chattered: int  # raises in them
    most_a_minute: int
    fleeting: int
    stale: int  # times that it stood longer than a day
    stale_now: bool
    stood_s: float  # in the list, within the window
    median_ack_s: float | None
    late: int  # acknowledged later than people have, or not at all
    gap_s: float | None  # 90 % of the gaps within a minute were no longer than this
    short_s: float | None  # 90 % of its short spells were no longer
    swing: float | None  # 90 % of them came back within so much of the limit [unit]


class ClassFigures(NamedTuple):
    """Another class than process: counted apart."""

    klass: str
    announced: int
    per_day: float
    standing: int  # at the window's end


class Figures(NamedTuple):
    """Everything that the journal says of a window [ns UTC]."""

    from_ns: int
    to_ns: int
    watched: tuple[Span, ...]
    starts: int
    doubted: int  # events whose time nobody can vouch for
    events: int
    rates: Rates
    hours: dict[int, int]  # announced, class process, by the number of the hour since 1970 UTC
    priorities: dict[int, int]
    rearmed: int
    chattering: int  # conditions
    fleeting: int  # alarms
    stale: int  # conditions that stood over a day, on the worst day
    stale_now: int
    standing: int  # in the list at its end
    waits: Waits
    holds: tuple[HoldFigures, ...]
    classes: tuple[ClassFigures, ...]
    conditions: tuple[ConditionFigures, ...]  # that were announced or stood: most announced first


def quantile(values: Sequence[float], share: float) -> float | None:
    """Return the smallest value that at least `share` of `values` do not pass; None of none."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]
