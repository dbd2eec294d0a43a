"""From a journal to figures: which rows are asked for, so that a window knows how it began."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from edge.clock import NS
from edge.event import StateRow
from edge.kpi.figures import Figures
from edge.kpi.moment import EventLike
from edge.kpi.reckon import Reckoner
from edge.rules.alarm_kpi import Counts
from edge.site.model import LimitSpec

PAGE = 2_000
BEFORE_NS = 35 * 86_400 * NS  # so far back a window looks for what stood when it began
QUIET_NS = 300 * NS  # a journal that says nothing for longer is of a core that does not run


class Numbered(EventLike, Protocol):
    """A journal's event with its number."""

    @property
    def seq(self) -> int:
        """Its number in the stream."""
        ...


class Stamped(Protocol):
    """A journal's sample, so far as it is looked at here."""

    @property
    def receive_ns(self) -> int:
        """When it came [ns UTC]."""
        ...


class Journal(Protocol):
    """What is asked of `edge.journal.JournalReader`."""

    def events(self, after_seq: int, limit: int) -> Sequence[Numbered]:
        """Return at most `limit` events above `after_seq`, rising."""
        ...

    def newest(self) -> tuple[int, int]:
        """Return the last numbers of streams event and sample."""
        ...

    def samples(self, after_seq: int, limit: int) -> Sequence[Stamped]:
        """Return at most `limit` samples above `after_seq`, rising."""
        ...

    def states(self) -> Iterable[StateRow]:
        """Return the conditions' states as they are now."""
        ...


def reckon(
    journal: Journal,
    counts: Counts,
    limits: Mapping[str, LimitSpec],
    from_ns: int,
    to_ns: int,
    before_ns: int = BEFORE_NS,
) -> tuple[Figures, tuple[int, bool]]:
    """Return the figures of [`from_ns`, `to_ns`) [ns UTC], and how it is at the window's end.

    The latter: how many alarms came in the last 10 minutes, and whether that is a flood. Rows of
    `before_ns` before the window are read as well, to know how it began. Reads page by page;
    raises what the journal raises.
    """
    reckoner = Reckoner(counts, from_ns, to_ns, limits)
    newest_ns = _newest_ns(journal, to_ns)
    after = _seq_before(journal, from_ns - before_ns)
    while rows := journal.events(after, PAGE):
        for row in rows:
            reckoner.add(row)
        after = rows[-1].seq
        if rows[-1].utc_ns >= to_ns + QUIET_NS:
            break
    reckoner.carry(journal.states())
    now = reckoner.now(to_ns)
    return reckoner.end(newest_ns), now


def _newest_ns(journal: Journal, to_ns: int) -> int:
    """Return until when core is known to have run, if it ran at all [ns UTC]."""
    event, sample = journal.newest()
    events = journal.events(event - 1, 1) if event else ()
    samples = journal.samples(sample - 1, 1) if sample else ()
    newest_ns = max([row.utc_ns for row in events] + [row.receive_ns for row in samples], default=0)
    return to_ns if newest_ns + QUIET_NS >= to_ns else newest_ns


def _seq_before(journal: Journal, from_ns: int) -> int:
    """Return the number before the first event at or after `from_ns` [ns UTC], by halving."""

    def after(seq: int) -> float:
        row = journal.events(seq, 1)
        return row[0].utc_ns if row else math.inf

    return bisect_left(range(journal.newest()[0]), from_ns, key=after)
