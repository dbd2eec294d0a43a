"""How long alarms wait for a person, in whole seconds: a bounded table, however many there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from edge.kpi.figures import Waits

LONGEST_S = 7 * 86_400  # a longer wait is counted as this


def quantile_of(counts: Mapping[int, int], share: float) -> float | None:
    """Return the smallest value that at least `share` of the counted do not pass; None of none."""
    total = sum(counts.values())
    if not total:
        return None
    needed, seen = share * total, 0
    for value in sorted(counts):
        seen += counts[value]
        if seen >= needed - 1e-9:
            return float(value)
    return None


class WaitCounts:
    """Counts the waits of the window's alarms of class process."""

    def __init__(self, level_2_s: float) -> None:
        self._level_2_s = level_2_s
        self.seconds: Counter[int] = Counter()
        self.judged = self.over = self.set_aside = self.open = 0
        self.level_2 = self.level_2_late = 0
        self.level_2_longest_s = 0.0

    def acknowledged(self, seconds: float, level: int, respond_s: float) -> bool:
        """Count an acknowledgement after `seconds`; return whether it came late."""
        self.seconds[min(round(seconds), LONGEST_S)] += 1
        return self._judge(seconds, level, respond_s)

    def aside(self, seconds: float, level: int) -> None:
        """Count an alarm that a person has shelved or taken out instead."""
        self.set_aside += 1
        self._judge(seconds, level, 0.0)

    def waiting(self, seconds: float, level: int, respond_s: float) -> bool:
        """Count one that waits still, for `seconds`; return whether it is late."""
        self.open += 1
        return self._judge(seconds, level, respond_s)

    def _judge(self, seconds: float, level: int, respond_s: float) -> bool:
        late = 0 < respond_s < seconds
        if level == 2:
            self.level_2 += 1
            self.level_2_late += seconds > self._level_2_s
            self.level_2_longest_s = max(self.level_2_longest_s, seconds)
        self.judged += respond_s > 0
        self.over += late
        return late

    def figures(self) -> Waits:
        """Return the figures."""
        longest = float(max(self.seconds)) if self.seconds else None
        return Waits(
            acknowledged=sum(self.seconds.values()),
            median_s=quantile_of(self.seconds, 0.5),
            p90_s=quantile_of(self.seconds, 0.9),
            longest_s=longest,
            judged=self.judged,
            over=self.over,
            set_aside=self.set_aside,
            open=self.open,
            level_2=self.level_2,
            level_2_late=self.level_2_late,
            level_2_longest_s=self.level_2_longest_s,
        )
