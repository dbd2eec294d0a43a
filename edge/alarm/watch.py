"""What the engine keeps of one tag: its alarms, when it was heard, what may be believed of it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from edge.alarm.alarm import Alarm
from edge.alarm.belief import believed
from edge.alarm.condition import RISING_KINDS
from edge.alarm.design import Suppressing
from edge.alarm.heard import ALONE, Heard
from edge.clock import NS
from edge.site.model import ConditionClass, LimitKind, LimitSpec
from edge.tag import Reason, Sample, Tag
from edge.units import LINEAR, Unit

CONCENTRATION = "concentration"
EXTREME_LEL = 0.9  # a falling bead in thick gas is not clearing: from 90 %LEL an alarm latches
HALF_WAY = 0.5  # of the way from clean air to the lowest high limit: gas is there
AHEAD_SAMPLES = 3.0  # a rise that would reach the limit within so many more samples


class Watch:
    """One tag's standing with the engine. `low` < value < `high` and `calm`: nothing can happen."""

    __slots__ = (
        "_extreme_from",
        "_half_way",
        "_is_gas",
        "bad",
        "calm",
        "heard_ns",
        "high",
        "judged",
        "last",
        "limits",
        "lost_in_gas",
        "low",
        "previous",
        "quality_alarms",
        "reason",
        "stale",
        "stale_after_ns",
        "suppressing",
        "tag",
        "together",
    )

    def __init__(self, tag: Tag, alarms: Sequence[Alarm], stale_after_s: float) -> None:
        self.tag = tag
        bad = LimitKind.BAD_QUALITY
        self.limits = tuple(alarm for alarm in alarms if alarm.spec.kind is not bad)
        self.quality_alarms = tuple(alarm for alarm in alarms if alarm.spec.kind is bad)
        highs = [a.spec.limit for a in self.limits if not a.spec.falling]
        lows = [a.spec.limit for a in self.limits if a.spec.falling]
        self.high = min((limit for limit in highs if limit is not None), default=math.inf)
        self.low = max((limit for limit in lows if limit is not None), default=-math.inf)
        self.stale_after_ns = round(stale_after_s * NS)
        self._is_gas = tag.quantity == CONCENTRATION
        self._extreme_from = _extreme_from(tag) if self._is_gas else math.inf
        self._half_way = math.inf
        if self._is_gas and highs:
            self._half_way = tag.background + HALF_WAY * (self.high - tag.background)
        self.heard_ns: int | None = None
        self.together: Heard = ALONE  # the tags that are heard of whenever this one is
        self.stale = False
        self.judged = False  # the last sample was judged
        self.bad: bool | None = None  # the last sample was Bad; None: there was none
        self.lost_in_gas = False
        self.reason = Reason.NOT_YET_READ
        self.last: float | None = None  # judged value [the tag's unit]
        self.previous: float | None = None
        self.calm = False
        self.suppressing: Suppressing | None = None  # the tag says whether it is in force

    def same(self, other: Watch) -> bool:
        """Whether `other` watches the same tag for the same conditions."""
        return (
            self.tag == other.tag
            and self.stale_after_ns == other.stale_after_ns
            and _specs(self) == _specs(other)
        )

    def note(self, value: float, mono_ns: int) -> None:
        """Keep a judged `value` [the tag's unit] heard at `mono_ns` [ns]."""
        self.previous = self.last
        self.last = value
        self.judged = True
        self.heard_ns = mono_ns

    def catch_up(self) -> None:
        """Take it in that the tag was heard of, and read as before, since it was last sampled."""
        if self.heard_ns is not None and self.heard_ns < self.together.mono_ns:
            self.heard_ns = self.together.mono_ns
            self.previous = self.last

    def read(self, sample: Sample) -> tuple[float | None, bool, Reason]:
        """Return the value that may be judged (None: hold), whether the sample is Bad, and why.

        An over-range reading of a gas counts as at least the end of the range, whatever number the
        device sends with it. A value that is no finite number is no value.
        """
        return believed(sample, self.tag, gas=self._is_gas)

    def is_extreme(self, value: float, reason: Reason) -> bool:
        """Return whether a gas is so thick that only a person may call it gone."""
        return self._is_gas and (reason is Reason.OVER_RANGE or value >= self._extreme_from)

    def reading_needed(self, kind: LimitKind) -> bool:
        """Return whether a latched condition of `kind` needs a portable reading to be reset."""
        return self._is_gas and kind in RISING_KINDS

    def in_gas(self) -> bool:
        """Return whether the detector, when last believed, was in gas or about to be.

        A high alarm stands or runs its delay; or the last value was half-way to the lowest limit;
        or the last step, taken `AHEAD_SAMPLES` times more, would reach it.
        """
        if not self._is_gas:
            return False
        for alarm in self.limits:
            if alarm.spec.kind in RISING_KINDS and alarm.spec.klass is ConditionClass.PROCESS:
                condition = alarm.condition
                if condition.active or condition.pending_since_ns is not None:
                    return True
        if self.last is None:
            return False
        step = 0.0 if self.previous is None else self.last - self.previous
        return self.last >= self._half_way or self.last + AHEAD_SAMPLES * step >= self.high

    def proves(self, kind: LimitKind) -> bool:
        """Return whether the last sample may prove that a condition of `kind` is not true."""
        return self.bad is False if kind is LimitKind.BAD_QUALITY else self.judged

    def settle(self) -> None:
        """Work out again whether a quiet sample may be passed over."""
        self.calm = self.judged and not self.stale and self.suppressing is None
        for alarm in (*self.limits, *self.quality_alarms):
            condition = alarm.condition
            if condition.active or condition.pending_since_ns is not None:
                self.calm = False


def _specs(watch: Watch) -> list[LimitSpec]:
    return [alarm.spec for alarm in (*watch.limits, *watch.quality_alarms)]


def _extreme_from(tag: Tag) -> float:
    """Return 90 %LEL in the tag's unit; infinity where the tag has no LEL basis."""
    if tag.unit is Unit.PERCENT_LEL:
        return EXTREME_LEL * 100.0
    linear = LINEAR.get(tag.unit)
    if tag.lel_fraction is None or linear is None or linear.dimension != "mole fraction":
        return math.inf
    return EXTREME_LEL * tag.lel_fraction / linear.factor * (1.0 - 1e-9)  # 90 is 90, rounded or not
