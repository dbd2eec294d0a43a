"""From a journal to tallies: the one place that knows how the report's rows are read."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from pathlib import Path

from edge.clock import NS
from edge.journal import JournalReader
from edge.journal.rows import SampleRow
from edge.quality.page import Window
from edge.quality.tally import Reckoner, Tally
from edge.site import Site
from edge.tag import Tag

BATCH = 5000
HOLD_INTERVALS, HOLD_PERIODS = 2.0, 3.0  # so long a row holds: the next one may be a little late
FLUSH_S = 30.0  # and its commit as well
DAY_CELLS, WEEK_CELLS = 24, 28
LONG_S = 2 * 86_400.0


def read_tallies(
    site: Site, journal: Path, from_ns: int, to_ns: int, made_ns: int
) -> tuple[Mapping[str, Tally], Window]:
    """Return the tallies of the site's own tags over the window, and what the gateway did in it.

    Raises `JournalError` if there is no journal there, or none that this program reads.
    """
    holds = {
        tag.name: hold_s(tag, site) for tag in site.tags.values() if tag.device in site.devices
    }
    cells = WEEK_CELLS if (to_ns - from_ns) / NS > LONG_S else DAY_CELLS
    reckoner = Reckoner(holds, from_ns, to_ns, cells)
    reader = JournalReader(journal)
    try:
        before_ns = round(max(holds.values(), default=0.0) * NS)
        for row in kept_between(reader, from_ns - before_ns, to_ns):
            reckoner.add(row)
        starts, stalls = _gateway(reader, from_ns, to_ns)
    finally:
        reader.close()
    tallies = reckoner.end()
    return tallies, Window(from_ns, to_ns, made_ns, reckoner.outage_s(), starts, stalls)


def hold_s(tag: Tag, site: Site) -> float:
    """Return how long a row of `tag` may be believed [s]: its maximum interval, and some."""
    every_s = site.file.journal.every_s if tag.journal_every_s is None else tag.journal_every_s
    return max(HOLD_INTERVALS * every_s, HOLD_PERIODS * tag.period_s) + FLUSH_S


def kept_between(reader: JournalReader, from_ns: int, to_ns: int) -> Iterator[SampleRow]:
    """Yield the journal's samples received in [`from_ns`, `to_ns`) [ns UTC], oldest first."""
    after = _seq_before(reader, from_ns)
    while batch := reader.samples(after, BATCH):
        for row in batch:
            if row.receive_ns >= to_ns:
                return
            if row.receive_ns >= from_ns:
                yield row
        after = batch[-1].seq


def _seq_before(reader: JournalReader, from_ns: int) -> int:
    """Return the number before the first sample received at or after `from_ns`, by halving."""

    def after(seq: int) -> float:
        row = reader.samples(seq, 1)
        return row[0].receive_ns if row else math.inf

    return bisect_left(range(reader.newest()[1]), from_ns, key=after)


def _gateway(reader: JournalReader, from_ns: int, to_ns: int) -> tuple[int, int]:
    """Return how often the gateway was started and stood still in the window."""
    starts = stalls = 0
    before: int | None = None
    while rows := reader.events_before(before, BATCH):
        for row in rows:
            if row.utc_ns < from_ns:
                return starts, stalls
            if row.utc_ns < to_ns:
                starts += row.kind == "gateway.started"
                stalls += row.kind == "core.stalled"
        before = rows[-1].seq
    return starts, stalls
