"""An answer is a promise: what core said is done, a power cut does not undo."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from pathlib import Path

import pytest

from edge.drivers.base import Reading
from edge.journal import JournalReader
from tests.gateway import GOOD, gateway, until_good
from tests.sites import write_site

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]
TRIALS = 20


async def test_kill_9_right_after_the_answer_loses_no_acknowledgement(tmp_path: Path) -> None:
    """Twenty times: acknowledge, have the answer, kill core; the journal has it each time."""
    site = write_site(tmp_path / "site", detectors=TRIALS)
    journal = tmp_path / "state/journal.db"
    async with gateway(tmp_path, site, ("core",)) as built:
        await until_good(built, 1.0)
        for number in range(TRIALS):
            built.field.set_tag(f"AT-{number:04}", Reading(0.45, *GOOD))
        for number in range(TRIALS):
            condition = f"AT-{number:04}/h"
            await built.alarm(condition, "unack")
            answer = await built.command("acknowledge", {"condition": condition})
            await built.kill("core")
            assert answer["recorded"] is True
            reader = JournalReader(journal)
            found = [row for row in reader.events(0, 100_000) if row.subject == condition]
            assert [row.kind for row in found][-2:] == ["command.acknowledge", "alarm.acknowledged"]
            assert {row.condition: row.state for row in reader.states()}[condition] == "acked"
            assert reader.broken_at() is None
            reader.close()
            await built.start("core")


async def test_a_disk_that_holds_still_is_said_in_the_answer_and_delays_no_horn(
    tmp_path: Path,
) -> None:
    """Somebody holds the file: the answer comes within about a second and says not recorded."""
    site = write_site(tmp_path / "site", detectors=2)
    async with gateway(tmp_path, site, ("core",)) as built:
        await until_good(built, 1.0)
        built.field.set_tag("AT-0000", Reading(0.45, *GOOD))
        await built.alarm("AT-0000/h", "unack")
        holder = sqlite3.connect(tmp_path / "state/journal.db", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        begun = time.monotonic()
        answering = asyncio.create_task(built.command("acknowledge", {"condition": "AT-0000/h"}))
        await built.alarm("AT-0000/h", "acked")  # told to every screen, while the answer waits
        assert not answering.done()
        answer = await answering
        assert answer["recorded"] is False
        assert 0.9 < time.monotonic() - begun < 3.0
        horn = built.horn_written()
        built.field.set_tag("AT-0001", Reading(12.0, *GOOD))
        await asyncio.wait_for(horn, 5)
        holder.execute("ROLLBACK")
        holder.close()
    kinds = [row.kind for row in JournalReader(tmp_path / "state/journal.db").events(0, 1000)]
    assert "alarm.acknowledged" in kinds
