"""What a journal is and holds, without reading it through."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from edge.journal.format import scripts
from edge.journal.reader import JournalReader
from edge.journal.readonly import ReadOnly


class Info(NamedTuple):
    """Stamps are UTC ns, None where there is no row; sizes are bytes."""

    gateway: str
    world: str
    epoch: str
    format: int
    created_ns: int
    events: int
    first_event_ns: int | None
    last_event_ns: int | None
    samples: int
    first_sample_ns: int | None
    last_sample_ns: int | None
    bytes: int
    log_bytes: int  # what waits to be folded back
    clean: bool  # closed properly by its writer
    gone: int  # events that age has let go


def info(path: Path, reader: JournalReader) -> Info:
    """Return the facts of the journal at `path`, read beside its writer. Raises `JournalError`."""
    file = ReadOnly(path, len(scripts("schema")))
    try:
        clean = file.rows("SELECT value FROM meta WHERE key = 'clean'")
        gone = file.rows("SELECT coalesce(sum(gone), 0) FROM anchor")
        number = file.rows("PRAGMA user_version")
        created = file.meta("created_ns")
    finally:
        file.close()
    gateway, world = reader.owner
    counts, (_, last) = reader.counts(), reader.newest()
    events = [*reader.events(0, 1), *reader.events_before(None, 1)]
    samples = [*reader.samples(0, 1), *(reader.samples(last - 1, 1) if last else [])]
    log = Path(f"{path}-wal")
    return Info(
        gateway=gateway,
        world=world,
        epoch=reader.epoch,
        format=int(number[0][0]),
        created_ns=int(created or 0),
        events=counts["events"],
        first_event_ns=events[0].utc_ns if events else None,
        last_event_ns=events[-1].utc_ns if events else None,
        samples=counts["samples"],
        first_sample_ns=samples[0].receive_ns if samples else None,
        last_sample_ns=samples[-1].receive_ns if samples else None,
        bytes=path.stat().st_size,
        log_bytes=log.stat().st_size if log.exists() else 0,
        clean=bool(clean) and clean[0][0] == "1",
        gone=int(gone[0][0]),
    )
