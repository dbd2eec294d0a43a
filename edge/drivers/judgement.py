"""How grave a reason is, and what a tag's range says of a value: for every protocol the same."""

from __future__ import annotations

from edge.drivers.base import Reading
from edge.tag import REASONS, Quality, Reason, Tag

UNDER_RANGE_DEAD_ZONE = 0.02  # of the span: a zero that drifts a little is not a fault
OVER_RANGE_SLACK = 1e-6  # of the span: 1.6 sent as a 32-bit float reads 1.60000002


def _grave(reason: Reason) -> int:
    rule = REASONS[reason]
    if rule.quality is Quality.BAD:
        return 3
    if rule.quality is Quality.GOOD:
        return 0
    return 1 if rule.judges else 2


# 0 all is well, 1 doubtful and still counts, 2 set aside (calibration, inhibit), 3 no value
GRAVITY = {reason: _grave(reason) for reason in Reason}
_BAD = {r: Reading(None, REASONS[r].quality, r) for r in Reason if GRAVITY[r] == 3}


def bad(reason: Reason) -> Reading:
    """Return the reading without a value that `reason` (a Bad one) makes."""
    return _BAD[reason]


def band(tag: Tag) -> tuple[float, float]:
    """Return the values between which `tag` is neither under nor over its range [its unit]."""
    width = tag.range_high - tag.range_low
    low = tag.range_low - UNDER_RANGE_DEAD_ZONE * width
    return low, tag.range_high + OVER_RANGE_SLACK * width


def ranged(tag: Tag, value: float, reason: Reason) -> Reason:
    """Return `reason`, or what the tag's range says of `value` [its unit] if that weighs more.

    Over range goes before any other doubt, because an alarm latches on it; under range stands
    where nothing else is wrong. What has been set aside (calibration, inhibit) stays so.
    """
    gravity = GRAVITY[reason]
    low, high = band(tag)
    if gravity <= 1 and value > high:
        return Reason.OVER_RANGE
    if gravity == 0 and value < low:
        return Reason.UNDER_RANGE
    return reason
