"""Why an alarm is held back: who set it aside, until when, and under which papers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from edge.clock import NS, Instant
from edge.event import Param

LONGEST_SHELF_S = 8 * 3600.0  # a shift's work; what is longer is maintenance and needs a permit
FLOOD = "flood"  # who holds, where too many alarms come at once


class Hold(NamedTuple):
    """What holds one alarm. `until_ns` is UTC for people; it ends on the monotonic clock."""

    by: str  # a person, the id of a suppression, or `FLOOD`
    reason: str = ""
    since_ns: int = 0  # UTC
    until_ns: int | None = None  # None: until it is ended
    ends_mono_ns: int | None = None
    permit: str = ""

    def as_params(self) -> dict[str, Param]:
        """Return it as events, state rows and docs/wire.md's alarm carry it."""
        return {
            "held_by": self.by,
            "held_reason": self.reason,
            "held_until_ns": self.until_ns,
            "permit": self.permit,
        }


NO_HOLD = Hold("")


def shelf(by: str, reason: str, seconds: float, now: Instant) -> Hold:
    """Return a shelf that ends `seconds` [s] from `now`."""
    span_ns = round(seconds * NS)
    return Hold(by, reason, now.utc_ns, now.utc_ns + span_ns, now.mono_ns + span_ns)


def restored(params: Mapping[str, Param], now: Instant) -> Hold:
    """Return what a state row tells, going on from `now`.

    The time that core was away counts. A wall clock that is wrong (it stands before the beginning)
    grants no more than the shelf's whole time.
    """
    texts = (str(params.get(key) or "") for key in ("held_by", "held_reason", "permit"))
    by, reason, permit = texts
    since, until = params.get("held_since_ns"), params.get("held_until_ns")
    since_ns = since if isinstance(since, int) else now.utc_ns
    if not isinstance(until, int):
        return Hold(by, reason, since_ns, permit=permit)
    whole_ns = min(max(until - since_ns, 0), round(LONGEST_SHELF_S * NS))
    left_ns = min(max(until - now.utc_ns, 0), whole_ns)
    return Hold(by, reason, since_ns, until, now.mono_ns + left_ns, permit)
