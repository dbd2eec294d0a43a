"""OPC UA status codes to our reasons and back, by the template's list; asyncua is not needed."""

from __future__ import annotations

import math

from edge.drivers.base import Reading
from edge.drivers.judgement import GRAVITY, bad, ranged
from edge.drivers.template import OpcUaTemplate
from edge.tag import REASONS, Quality, Reason, Tag

INFO_BITS = 0xFFFF0000  # what is left of a status code without its info bits (OPC 10000-4, 7.39)
UNCERTAIN, BAD = 0x40000000, 0x80000000


class Statuses:
    """A template's list of status codes, ready to be looked up."""

    def __init__(self, template: OpcUaTemplate) -> None:
        self._reasons = {rule.code & INFO_BITS: rule.reason for rule in template.statuses}
        self._template = template
        self._codes: dict[Reason, int] = {}
        for rule in template.statuses:
            self._codes.setdefault(rule.reason, rule.code)
        self._codes |= {template.good: 0, template.uncertain: UNCERTAIN, template.bad: BAD}

    def reason(self, code: int) -> Reason:
        """Return what status `code` means; one that is not listed falls back on its severity."""
        found = self._reasons.get(code & INFO_BITS)
        if found is not None:
            return found
        if code & BAD:
            return self._template.bad
        return self._template.uncertain if code & UNCERTAIN else self._template.good

    def code(self, reason: Reason) -> int:
        """Return the status code that says `reason`, or one of like gravity."""
        found = self._codes.get(reason)
        if found is not None:
            return found
        rule = REASONS[reason]
        if rule.quality is not Quality.UNCERTAIN:
            return BAD if rule.quality is Quality.BAD else 0
        aside = (code for like, code in self._codes.items() if GRAVITY[like] == GRAVITY[reason])
        return next(aside, UNCERTAIN)


def reading(
    statuses: Statuses, tag: Tag, code: int, value: object, source_ns: int | None
) -> Reading:
    """Return what a value with status `code` says of `tag`; `source_ns` is the server's stamp."""
    reason = statuses.reason(code)
    if REASONS[reason].quality is Quality.BAD:
        return bad(reason)._replace(source_ns=source_ns)
    if not isinstance(value, int | float) or not math.isfinite(value):
        return bad(Reason.INVALID_VALUE)._replace(source_ns=source_ns)
    if reason is Reason.OVER_RANGE and value < tag.range_low:
        reason = Reason.UNDER_RANGE  # "units exceeded" does not say on which side
    reason = ranged(tag, float(value), reason)
    return Reading(float(value), REASONS[reason].quality, reason, source_ns)
