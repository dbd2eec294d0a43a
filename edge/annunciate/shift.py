"""Horns and beacons are tested in each shift (试灯试音): which shift it is, and what is due. Pure.

A shift is known by its beginning in UTC. What is due counts on the monotonic clock from when core
first saw the shift, so that a step of the wall clock makes nothing overdue at once; over a restart
the time since the shift's beginning counts, if core had seen that shift before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from edge.clock import NS, Instant
from edge.event import Param, StateRow, text, whole

GRACE_S = 3600.0  # from a shift's beginning until its test is overdue
ROW = "annunciators/shift-test"  # the name of its row among the conditions' states
DAY_NS = 86_400 * NS
KEPT = 4  # shifts whose tests are remembered: the clock may step back


def shift_began(shifts: Sequence[str], utc_offset_h: float, utc_ns: int) -> int:
    """Return when the shift of `utc_ns` began [UTC ns]; `shifts` are local times as "08:00"."""
    offset_ns = round(utc_offset_h * 3600) * NS
    local_ns = utc_ns + offset_ns
    midnight_ns = local_ns - local_ns % DAY_NS
    times = [(int(text[:2]) * 60 + int(text[3:])) * 60 * NS for text in shifts]
    begun = [midnight_ns + time for time in times if midnight_ns + time <= local_ns]
    return (max(begun) if begun else midnight_ns - DAY_NS + max(times)) - offset_ns


class ShiftTest:
    """Which annunciators were tested in the present shift. `names` are all there are."""

    def __init__(self, names: Iterable[str], shifts: Sequence[str], utc_offset_h: float) -> None:
        self._names, self._shifts, self._offset_h = tuple(names), tuple(shifts), utc_offset_h
        self._tested: dict[int, set[str]] = {}  # shift's beginning -> annunciators
        self._shift_ns = 0
        self._due_mono_ns = 0

    @property
    def wanted(self) -> bool:
        """Whether the site has shifts and something to test."""
        return bool(self._shifts and self._names)

    def apply(self, names: Iterable[str], shifts: Sequence[str], utc_offset_h: float) -> None:
        """Take up a changed site; tests that were done count."""
        self._names, self._shifts, self._offset_h = tuple(names), tuple(shifts), utc_offset_h

    def untested(self) -> list[str]:
        """Return the annunciators that nobody has tested in this shift."""
        if not self.wanted:
            return []
        done = self._tested.get(self._shift_ns, set())
        return [name for name in self._names if name not in done]

    def tick(self, now: Instant) -> StateRow | None:
        """Take the time; return the row to keep where another shift has begun."""
        if not self.wanted:
            return None
        shift_ns = shift_began(self._shifts, self._offset_h, now.utc_ns)
        if shift_ns == self._shift_ns:
            return None
        self._shift_ns = shift_ns
        self._due_mono_ns = now.mono_ns + round(GRACE_S * NS)
        self._tested.setdefault(shift_ns, set())
        for old in sorted(self._tested)[:-KEPT]:
            if old != shift_ns:
                del self._tested[old]
        return self._row()

    def overdue(self, now: Instant) -> bool:
        """Whether the time is up and something is untested."""
        return bool(self.untested()) and now.mono_ns >= self._due_mono_ns

    def done(self, name: str) -> StateRow | None:
        """Take it that `name` was tested now; return the row to keep."""
        if not self.wanted:
            return None
        self._tested.setdefault(self._shift_ns, set()).add(name)
        return self._row()

    def restore(self, rows: Iterable[StateRow], now: Instant) -> list[StateRow]:
        """Take over what a former run left; return the rows of others."""
        others: list[StateRow] = []
        for row in rows:
            if row.condition == ROW:
                self._take(row.params, now)
            else:
                others.append(row)
        return others

    def _take(self, params: Mapping[str, Param], now: Instant) -> None:
        seen_ns = whole(params, "shift_ns")
        names = text(params, "tested").split(",")
        self._tested[seen_ns] = {name for name in names if name}
        if self.wanted and shift_began(self._shifts, self._offset_h, now.utc_ns) == seen_ns:
            self._shift_ns = seen_ns
            left_ns = round(GRACE_S * NS) - (now.utc_ns - seen_ns)
            self._due_mono_ns = now.mono_ns + max(left_ns, 0)

    def _row(self) -> StateRow:
        tested = ",".join(sorted(self._tested.get(self._shift_ns, ())))
        return StateRow(ROW, "kept", {"shift_ns": self._shift_ns, "tested": tested})
