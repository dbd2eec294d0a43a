"""Thirty days of gas, half a year of audit: by law, and no setting goes below."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from edge.clock import NS, ManualClock
from edge.journal import JournalReader, writer
from edge.journal.verify import verify
from edge.site.model import Journal
from edge.tag import World
from suian.sites import check
from tests.sites import write_site
from tests.unit.journal.kit import (
    BOOT,
    GATEWAY,
    T0_NS,
    Committed,
    opened,
    put,
    repack,
    sample,
    transition,
)

DAY_S = 86_400


@pytest.mark.parametrize(
    ("key", "days", "sound"),
    [
        ("retention_days", 30, True),
        ("retention_days", 29, False),
        ("event_retention_days", 183, True),
        ("event_retention_days", 182, False),
        ("event_retention_days", 0, False),
    ],
)
def test_the_site_check_refuses_less_than_the_law(tmp_path: Path, key: str, days: int, sound: bool):
    """The fault names the setting, with its file and line."""
    folder = write_site(tmp_path / "site", detectors=1)
    path = folder / "site.yaml"
    site = orjson.loads(path.read_bytes()) | {"journal": {key: days}}
    path.write_bytes(orjson.dumps(site, option=orjson.OPT_INDENT_2))
    faults = [fault for fault in check(folder) if key in str(fault)]
    assert bool(faults) is not sound
    for fault in faults:
        assert fault.file.endswith("site.yaml")
        assert fault.line > 0


def test_a_year_of_gas_and_two_of_events_without_any_setting():
    """What a site gets that says nothing."""
    assert (Journal().retention_days, Journal().event_retention_days) == (365, 730)


def test_the_writer_never_prunes_what_is_younger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """At the law's least, over a long record: each call of the pruners spares 30 and 183 days."""
    path, committed = tmp_path / "journal.db", Committed()
    store = opened(path)
    for day in range(0, 400, 5):
        put(store, [sample(day * DAY_S + s) for s in range(3)], [transition(day * DAY_S)])
        repack(store, T0_NS + (day + 1) * DAY_S * NS)
    store.close()
    now_ns = T0_NS + 400 * DAY_S * NS
    asked: dict[str, list[float]] = {"samples": [], "events": []}
    samples, events = writer.prune_samples, writer.prune_events

    def spy_samples(store, before_ns, least_parts):
        asked["samples"].append((now_ns - before_ns) / NS / DAY_S)
        assert least_parts >= 30
        return samples(store, before_ns, least_parts)

    def spy_events(store, before_ns, most):
        asked["events"].append((now_ns - before_ns) / NS / DAY_S)
        return events(store, before_ns, most)

    monkeypatch.setattr(writer, "prune_samples", spy_samples)
    monkeypatch.setattr(writer, "prune_events", spy_events)
    settings = Journal(retention_days=30, event_retention_days=183)
    journal = writer.JournalWriter(
        path, GATEWAY, BOOT, World.TEST, settings, ManualClock(now_ns), committed, lambda: True
    )
    journal.open()
    committed.wait(lambda rows: any(row.kind == "journal.events-pruned" for row in rows))
    journal.close()
    assert min(asked["samples"]) >= 30
    assert min(asked["events"]) >= 183
    kept = JournalReader(path).events(0, 1000)
    oldest = min(row.utc_ns for row in kept if row.kind == "alarm.raised")
    assert now_ns - 188 * DAY_S * NS <= oldest < now_ns - 178 * DAY_S * NS
    assert verify(path).whole
