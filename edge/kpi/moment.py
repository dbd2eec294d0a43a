"""When an event really was: stamps of a clock that was wrong are mended where they can be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from edge.clock import NS
from edge.event import Param


class EventLike(Protocol):
    """A journal's event, as `edge.journal` gives it."""

    @property
    def kind(self) -> str:
        """An id of the word catalogue."""
        ...

    @property
    def subject(self) -> str:
        """What it is about."""
        ...

    @property
    def utc_ns(self) -> int:
        """The wall clock's stamp."""
        ...

    @property
    def mono_ns(self) -> int:
        """The monotonic clock's, of this `boot` only."""
        ...

    @property
    def boot(self) -> str:
        """The kernel's boot id."""
        ...

    @property
    def clock_ok(self) -> bool:
        """Whether the wall clock was synchronised."""
        ...

    @property
    def params(self) -> Mapping[str, Param]:
        """What fills its sentence."""
        ...


class Moment(NamedTuple):
    """A time as it is counted: `at_ns` UTC, and the monotonic one of a boot for durations."""

    at_ns: int
    mono_ns: int
    boot: str

    def until(self, later: Moment) -> float:
        """Return how long it was from here to `later` [s]; within a boot no clock's step counts."""
        if self.boot == later.boot:
            return max(0.0, (later.mono_ns - self.mono_ns) / NS)
        return max(0.0, (later.at_ns - self.at_ns) / NS)


class Mender:
    """Makes moments of rows, in the journal's order.

    A stamp made while the wall clock was not trusted is reckoned from the boot's last trusted one.
    """

    def __init__(self) -> None:
        self._boot = ""
        self._offset_ns: int | None = None  # UTC less monotonic, when it was last trusted
        self.doubted = 0  # stamps that nobody can vouch for

    def moment(self, row: EventLike) -> Moment:
        """Return when `row` was."""
        if row.boot != self._boot:
            self._boot, self._offset_ns = row.boot, None
        if row.clock_ok:
            self._offset_ns = row.utc_ns - row.mono_ns
            return Moment(row.utc_ns, row.mono_ns, row.boot)
        if self._offset_ns is None:
            self.doubted += 1
            return Moment(row.utc_ns, row.mono_ns, row.boot)
        return Moment(row.mono_ns + self._offset_ns, row.mono_ns, row.boot)
