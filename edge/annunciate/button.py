"""The silence button beside an annunciator: when a tag's samples mean that somebody pressed it.

Only a step from off to on between two Good samples counts: after a lost reading nobody knows when
it was pressed, and a button that came back on may have been stuck all the time. Holding it, or a
button that sticks, stills once; one that is on for `STUCK_S` is told, for it may not still again.
"""

from __future__ import annotations

from edge.clock import NS
from edge.tag import Quality, Sample

STUCK_S = 60.0


class Button:
    """One silence input. Times are monotonic [ns]."""

    def __init__(self) -> None:
        self._off = False  # the last sample was Good and said off
        self._on_since_ns: int | None = None
        self._told = False

    def press(self, sample: Sample, now_ns: int) -> bool:
        """Take a sample; return whether the button was pressed with it."""
        good = sample.quality is Quality.GOOD and sample.value is not None
        on = good and bool(sample.value)
        pressed = on and self._off
        self._off = good and not on
        if not on:
            self._on_since_ns, self._told = None, False
        elif self._on_since_ns is None:
            self._on_since_ns = now_ns
        return pressed

    def sticks(self, now_ns: int) -> bool:
        """Whether it is stuck, said once."""
        since_ns = self._on_since_ns
        if since_ns is None or self._told or now_ns - since_ns < STUCK_S * NS:
            return False
        self._told = True
        return True
