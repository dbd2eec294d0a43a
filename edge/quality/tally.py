"""How long each tag was of which quality: time-weighted over a journal's rows. Pure, one pass.

The journal keeps a sample when it is news, and else one in each maximum interval, so rows cannot be
counted: a row holds until the tag's next row, at most for `hold_s`. What is longer is *no record*.
While nothing at all was recorded of the whole site, the gateway did not run, and that is no fault
of an instrument: it is counted apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from edge.clock import NS
from edge.tag import REASONS, Quality, Reason

NO_RECORD = None
Key = Reason | None  # None: no record
FOR_EVER = 1 << 62  # [ns]

# What a moment of the strip shows: a share of its time that is good, doubtful, set aside, ...
GOOD, DOUBTFUL, ASIDE, BAD, MISSING = range(5)


class Row(Protocol):
    """A sample as a journal keeps it: `Sample` and the journal's `SampleRow` both are one."""

    @property
    def tag(self) -> str: ...  # noqa: D102
    @property
    def value(self) -> float | None: ...  # noqa: D102
    @property
    def quality(self) -> Quality: ...  # noqa: D102
    @property
    def reason(self) -> Reason: ...  # noqa: D102
    @property
    def receive_ns(self) -> int: ...  # noqa: D102


@dataclass(slots=True)
class Spell:
    """All the time that a tag spent with one reason. Times are UTC [ns]."""

    seconds: float = 0.0
    count: int = 0  # how often it began within the window
    first_ns: int = 0  # when it first stood
    since_ns: int = 0  # when it last began
    until_ns: int = 0  # when it last ended, or how far the window goes


@dataclass(slots=True)
class Tally:
    """One tag over the window."""

    spells: dict[Key, Spell] = field(default_factory=dict[Key, Spell])
    rows: int = 0
    changes: int = 0  # of quality or reason
    strip: list[list[float]] = field(default_factory=list[list[float]])  # cell -> seconds by kind
    lowest: float | None = None
    highest: float | None = None
    steps: int = 0  # neighbouring good values
    steps_squared: float = 0.0
    standing: Key = NO_RECORD  # at the window's end

    def seconds(self, *keys: Key) -> float:
        """Return the time spent with any of `keys` [s]."""
        return sum(self.spells[key].seconds for key in keys if key in self.spells)

    @property
    def noise(self) -> float | None:
        """Return the standard deviation from one good row to the next [unit], None without any.

        From differences, so that a slow drift is no noise: sqrt(sum d^2 / 2n). What lies within the
        journal's deadband was not recorded and does not count.
        """
        return math.sqrt(self.steps_squared / (2 * self.steps)) if self.steps else None


@dataclass(slots=True)
class _Cursor:
    """Where the reckoning of one tag stands: `key` since `at_ns`, believed until `until_ns`."""

    hold_ns: int
    key: Key = NO_RECORD
    at_ns: int = 0
    until_ns: int = 0
    value: float | None = None
    paused: Key = NO_RECORD  # what stood when the gateway stopped


class Reckoner:
    """Adds rows up between `from_ns` and `to_ns` [ns UTC]. `hold_s`: tag -> how long a row holds.

    Rows before the window set the state in which it begins. `outage_s`: silence of the whole site
    that means that the gateway itself did not run.
    """

    def __init__(
        self,
        hold_s: Mapping[str, float],
        from_ns: int,
        to_ns: int,
        cells: int = 24,
        outage_s: float | None = None,
    ) -> None:
        self.from_ns, self.to_ns = from_ns, to_ns
        self.tallies = {name: Tally(strip=[[0.0] * 5 for _ in range(cells)]) for name in hold_s}
        self.outages: list[tuple[int, int]] = []
        longest_s = max(hold_s.values(), default=0.0)
        self._outage_ns = round((longest_s if outage_s is None else outage_s) * NS)
        self._cell_ns = max(1, (to_ns - from_ns) // cells)
        self._cursors = {name: _Cursor(round(s * NS)) for name, s in hold_s.items()}
        self._newest_ns: int | None = None

    def add(self, row: Row) -> None:
        """Take the next row; rows of other tags than ours only show that the gateway ran."""
        # A wall clock that was set back must not run the reckoning backwards.
        at_ns = max(row.receive_ns, self._newest_ns or 0)
        self._heard(at_ns)
        cursor = self._cursors.get(row.tag)
        if cursor is None:
            return
        tally = self.tallies[row.tag]
        self._close(tally, cursor, at_ns)
        before, cursor.key = cursor.key, row.reason
        said_once = row.reason is Reason.STALE  # nothing is heard, so nothing is written again
        cursor.at_ns, cursor.until_ns = at_ns, FOR_EVER if said_once else at_ns + cursor.hold_ns
        if self.from_ns <= at_ns < self.to_ns:
            tally.rows += 1
            goes_on = before is NO_RECORD and cursor.paused is row.reason
            if before is not row.reason and not goes_on:
                tally.changes += before is not NO_RECORD
                self._begin(tally, row.reason, at_ns)
            _measure(tally, cursor, row)
        cursor.paused = NO_RECORD
        cursor.value = row.value if row.reason is Reason.OK else None

    def end(self) -> dict[str, Tally]:
        """Close the window and return each tag's tally."""
        heard_ns = min(self._newest_ns or self.from_ns, self.to_ns)
        for name, cursor in self._cursors.items():  # as it was when the gateway was last heard
            if cursor.until_ns >= heard_ns:
                self.tallies[name].standing = cursor.key
        if self._newest_ns is None:
            self.outages.append((self.from_ns, self.to_ns))
        else:
            self._heard(self.to_ns)
            for name, cursor in self._cursors.items():
                self._close(self.tallies[name], cursor, self.to_ns)
        return self.tallies

    def outage_s(self) -> float:
        """Return how long nothing was recorded of the whole site within the window [s]."""
        return sum(end - start for start, end in self.outages) / NS

    def _heard(self, at_ns: int) -> None:
        """Note an outage if nothing was heard of any tag for too long; everybody pauses in it."""
        newest = self._newest_ns
        self._newest_ns = at_ns
        if newest is None:  # a gateway that starts journals every tag at once: there was none yet
            newest = min(at_ns, self.from_ns)
        elif at_ns - newest <= self._outage_ns:
            return
        start, end = max(newest, self.from_ns), min(at_ns, self.to_ns)
        if start >= end:
            return
        self.outages.append((start, end))
        for name, cursor in self._cursors.items():
            self._close(self.tallies[name], cursor, start)
            cursor.paused = cursor.key
            cursor.key, cursor.at_ns, cursor.until_ns = NO_RECORD, end, end
            cursor.value = None

    def _close(self, tally: Tally, cursor: _Cursor, at_ns: int) -> None:
        """Add what is known of the tag up to `at_ns` [ns]."""
        known_ns = min(at_ns, max(cursor.until_ns, cursor.at_ns))
        self._spend(tally, cursor.key, cursor.at_ns, known_ns)
        if known_ns < at_ns:
            self._spend(tally, NO_RECORD, known_ns, at_ns)
            if cursor.key is not NO_RECORD and known_ns >= self.from_ns:
                self._begin(tally, NO_RECORD, known_ns)
            cursor.key, cursor.value = NO_RECORD, None
        cursor.at_ns = max(cursor.at_ns, at_ns)

    def _begin(self, tally: Tally, key: Key, at_ns: int) -> None:
        spell = tally.spells.setdefault(key, Spell(first_ns=at_ns))
        spell.count += 1
        spell.since_ns = at_ns

    def _spend(self, tally: Tally, key: Key, start_ns: int, end_ns: int) -> None:
        start, end = max(start_ns, self.from_ns), min(end_ns, self.to_ns)
        if start >= end:
            return
        spell = tally.spells.get(key)
        if spell is None:
            spell = tally.spells[key] = Spell(first_ns=start, since_ns=start)
        spell.seconds += (end - start) / NS
        spell.until_ns = end
        kind, width = kind_of(key), self._cell_ns
        while start < end:
            cell = min((start - self.from_ns) // width, len(tally.strip) - 1)
            last = cell == len(tally.strip) - 1
            edge = end if last else min(end, self.from_ns + (cell + 1) * width)
            tally.strip[cell][kind] += (edge - start) / NS
            start = edge


def _measure(tally: Tally, cursor: _Cursor, row: Row) -> None:
    """Keep what a good value says of range and noise."""
    value = row.value
    if row.reason is not Reason.OK or value is None:
        return
    tally.lowest = value if tally.lowest is None else min(tally.lowest, value)
    tally.highest = value if tally.highest is None else max(tally.highest, value)
    if cursor.value is not None:
        tally.steps += 1
        tally.steps_squared += (value - cursor.value) ** 2


def kind_of(key: Key) -> int:
    """Return which of the strip's five kinds a reason is."""
    if key is None:
        return MISSING
    rule = REASONS[key]
    if rule.quality is Quality.BAD:
        return BAD
    if rule.quality is Quality.GOOD:
        return GOOD
    return DOUBTFUL if rule.judges else ASIDE


def reckon(
    rows: Iterable[Row],
    hold_s: Mapping[str, float],
    from_ns: int,
    to_ns: int,
    cells: int = 24,
) -> tuple[dict[str, Tally], float]:
    """Return each tag's tally over rows in the order of reception, and the outage [s]."""
    reckoner = Reckoner(hold_s, from_ns, to_ns, cells)
    for row in rows:
        reckoner.add(row)
    return reckoner.end(), reckoner.outage_s()
