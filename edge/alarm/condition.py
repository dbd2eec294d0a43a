"""One condition: a threshold with delays and a deadband. Pure data; time is an argument.

A condition is either true or not (`active`), and may be on its way to the other (`pending`).
Delays run on the monotonic clock, so a step of the wall clock changes nothing.

Held samples (Bad, or set aside) are treated to the safe side on both ways: on the way to true the
delay keeps its beginning, and the next judged sample beyond the limit raises if the delay is over;
on the way back the delay starts again, because unseen time is no evidence of clean air. For the
same reason an on-delay may run out between two samples, and an off-delay may not.
"""

from __future__ import annotations

import math
from enum import IntEnum

from edge.clock import NS
from edge.site.model import FALLING_KINDS, LimitKind, LimitSpec

RISING_KINDS = frozenset(LimitKind) - FALLING_KINDS - {LimitKind.BAD_QUALITY}


class Edge(IntEnum):
    """What an offer or a tick did to a condition."""

    NONE = 0
    RAISED = 1
    ENDED = 2


class Condition:
    """The state of one `LimitSpec`. Bad quality is a high limit of 1 on "is the sample bad"."""

    __slots__ = (
        "_clear_below",
        "_off_delay_ns",
        "_on_delay_ns",
        "_raise_from",
        "_sign",
        "active",
        "held",
        "pending_since_ns",
        "spec",
    )

    def __init__(self, spec: LimitSpec) -> None:
        limit = 1.0 if spec.kind is LimitKind.BAD_QUALITY else spec.limit
        if limit is None or not math.isfinite(limit):
            raise ValueError(f"condition {spec.id} needs a finite limit, not {limit}")
        deadband = 0.0 if spec.kind is LimitKind.BAD_QUALITY else spec.deadband
        for delay in (spec.on_delay_s, spec.off_delay_s, deadband):
            if not (delay >= 0 and math.isfinite(delay)):
                raise ValueError(f"condition {spec.id} has a delay or deadband of {delay}")
        self.spec = spec
        # A low limit is a high limit on the negated value.
        self._sign = -1.0 if spec.falling else 1.0
        self._raise_from = self._sign * limit
        self._clear_below = self._raise_from - deadband
        self._on_delay_ns = round(spec.on_delay_s * NS)
        self._off_delay_ns = round(spec.off_delay_s * NS)
        self.active = False
        self.pending_since_ns: int | None = None  # when it began to be on its way to the other
        self.held = False  # pending, and the last sample was not judged

    def offer(self, value: float, mono_ns: int) -> Edge:
        """Judge a finite `value` [the tag's unit] seen at `mono_ns` [ns]."""
        signed = self._sign * value
        self.held = False
        if self.active:
            if signed >= self._clear_below:
                self.pending_since_ns = None
                return Edge.NONE
            return self._end_if_over(mono_ns)
        if signed < self._raise_from:
            self.pending_since_ns = None
            return Edge.NONE
        if self.pending_since_ns is None:
            self.pending_since_ns = mono_ns
        return self.tick(mono_ns)

    def clears(self, value: float) -> bool:
        """Return whether `value` [the tag's unit] would let an active condition end."""
        return self._sign * value < self._clear_below

    def hold(self) -> None:
        """Note a sample that may not be judged: nothing is raised or cleared by it."""
        if self.active:
            self.pending_since_ns = None
        else:
            self.held = self.pending_since_ns is not None

    def tick(self, mono_ns: int) -> Edge:
        """Serve a running on-delay at `mono_ns` [ns]. An off-delay ends with a sample, not here."""
        since = self.pending_since_ns
        if since is None or self.active or self.held or mono_ns - since < self._on_delay_ns:
            return Edge.NONE
        self.pending_since_ns = None
        self.active = True
        return Edge.RAISED

    def _end_if_over(self, mono_ns: int) -> Edge:
        if self.pending_since_ns is None:
            self.pending_since_ns = mono_ns
        if mono_ns - self.pending_since_ns < self._off_delay_ns:
            return Edge.NONE
        self.pending_since_ns = None
        self.active = False
        return Edge.ENDED
