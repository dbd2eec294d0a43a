"""From a journal to tallies: the one place that knows how the report's rows are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from edge.clock import NS
from edge.journal import JournalReader
from edge.journal.rows import SampleRow
from edge.quality.page import Window
from edge.quality.tally import Reckoner, Tally
from edge.site import Site

BATCH = 5000
HOLD_S = 150.0  # a row holds for two maximum intervals of the journal and a flush
HOLD_PERIODS = 3.0
DAY_CELLS, WEEK_CELLS = 24, 28
LONG_S = 2 * 86_400.0


def read_tallies(
    site: Site, journal: Path, from_ns: int, to_ns: int, made_ns: int
) -> tuple[Mapping[str, Tally], Window]:
    """Return the tallies of the site's own tags over the window, and what the gateway did in it.

    Raises `JournalError` if there is no journal there, or none that this program reads.
    """
    holds = {
        tag.name: max(HOLD_S, HOLD_PERIODS * tag.period_s)
        for tag in site.tags.values()
        if tag.device in site.devices
    }
    cells = WEEK_CELLS if (to_ns - from_ns) / NS > LONG_S else DAY_CELLS
    reckoner = Reckoner(holds, from_ns, to_ns, cells)
    reader = JournalReader(journal)
    try:
        before_ns = round(max(holds.values(), default=HOLD_S) * NS)
        for row in kept_between(reader, from_ns - before_ns, to_ns):
            reckoner.add(row)
        starts, stalls = _gateway(reader, from_ns, to_ns)
    finally:
        reader.close()
    tallies = reckoner.end()
    return tallies, Window(from_ns, to_ns, made_ns, reckoner.outage_s(), starts, stalls)


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
    low, high = 0, reader.newest()[1]
    while low < high:
        middle = (low + high) // 2
        row = reader.samples(middle, 1)
        if row and row[0].receive_ns < from_ns:
            low = row[0].seq
        else:
            high = middle
    return low


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
