"""What may be believed of a sample: for the alarm engine and for all that is calculated."""

from __future__ import annotations

import math

from edge.tag import REASONS, Quality, Reason, Sample, Tag


def believed(sample: Sample, tag: Tag, *, gas: bool) -> tuple[float | None, bool, Reason]:
    """Return the value that may be judged (None: hold), whether the sample is Bad, and why.

    An over-range reading of a gas counts as at least the end of the range, whatever number the
    device sends with it. A value that is no finite number is no value.
    """
    reason = sample.reason
    rule = REASONS[reason]
    if sample.quality is Quality.BAD or rule.quality is Quality.BAD:
        return None, True, reason
    if not rule.judges:
        return None, False, reason
    value = sample.value
    finite = value is not None and math.isfinite(value)
    if reason is Reason.OVER_RANGE and gas:
        top = tag.range_high
        return (max(value, top) if value is not None and finite else top), False, reason
    if not finite:
        return None, True, Reason.INVALID_VALUE
    return value, False, reason
