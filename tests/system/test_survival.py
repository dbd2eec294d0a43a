"""What the alarm path survives: dead satellites, a dead core, a dead broker, a field gone mad."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from edge.drivers.base import Reading
from edge.journal import JournalReader
from edge.tag import Quality
from simulator.field import FieldFault
from tests.gateway import GOOD, Gateway, gateway, until_good
from tests.sites import write_site

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]
OVER = Reading(12.0, *GOOD)


async def until_quality(built: Gateway, tag: str, reasons: set[str], within_s: float = 20) -> list:
    """Wait until core says that `tag` has one of `reasons`; return its row."""
    async with asyncio.timeout(within_s), built.client("test") as client:
        async for message in client.messages():
            for row in message.get("values") or []:
                if row[0] == tag and row[3] in reasons:
                    return row
    raise AssertionError(f"{tag} never had {reasons}")


async def until_committed(journal: Path, kind: str) -> None:
    """Wait until an event of `kind` is on the disk: it is pushed a moment before."""
    reader = JournalReader(journal)
    async with asyncio.timeout(10):
        while True:
            if kind in {row.kind for row in reader.events(0, 1000)}:
                return
            await asyncio.sleep(0.01)


async def test_core_does_not_notice_the_death_of_its_satellites(tmp_path: Path):
    """With relay, hazard and console killed outright, a burst still raises and sounds the horn."""
    site = write_site(tmp_path / "site", detectors=12)
    async with gateway(tmp_path, site, ("core", "relay", "hazard", "console")) as built:
        await until_good(built, 1.0)
        for name in ("relay", "hazard", "console"):
            await built.kill(name)
        horn = built.horn_written()
        built.field.set_tag("AT-0003", OVER)

        await asyncio.wait_for(horn, 5)
        alarm = await built.alarm("AT-0003/hh", "unack")
        assert alarm["level"] == 2


async def test_a_killed_core_resumes_with_its_alarm_states(tmp_path: Path):
    """An acknowledged alarm and an unacknowledged one are the same after kill -9 and restart."""
    site = write_site(tmp_path / "site", detectors=12)
    async with gateway(tmp_path, site, ("core",)) as built:
        await until_good(built, 1.0)
        built.field.set_tag("AT-0001", OVER)
        built.field.set_tag("AT-0002", OVER)
        await built.alarm("AT-0001/h", "unack")
        await built.alarm("AT-0002/h", "unack")
        await built.command("acknowledge", {"condition": "AT-0001/h"})
        await built.alarm("AT-0001/h", "acked")
        await until_committed(tmp_path / "state/journal.db", "alarm.acknowledged")
        await built.kill("core")
        await built.start("core")

        await built.alarm("AT-0001/h", "acked")
        alarm = await built.alarm("AT-0002/h", "unack")
        assert alarm["count"] == 1


@pytest.mark.parametrize(
    ("fault", "reasons"),
    [
        (FieldFault.SILENT, {"timeout"}),
        (FieldFault.EXCEPTION, {"device-exception"}),
        (FieldFault.GARBAGE, {"bad-reply", "timeout"}),
        (FieldFault.CLOSE, {"not-connected", "timeout", "bad-reply"}),
    ],
)
async def test_one_bad_device_is_bad_with_a_reason_and_the_rest_stay_good(
    tmp_path: Path, fault: FieldFault, reasons: set[str]
):
    """A unit that is silent, refuses, babbles or hangs up leaves its neighbours' alarms working."""
    site = write_site(tmp_path / "site", detectors=30)
    async with gateway(tmp_path, site, ("core",)) as built:
        await until_good(built, 1.0)
        built.field.inject("AE-0004", fault)
        row = await until_quality(built, "AT-0004", reasons)
        assert row[1] is None
        assert row[2] == Quality.BAD

        built.field.set_tag("AT-0005", OVER)
        await built.alarm("AT-0005/hh", "unack")
        built.field.inject("AE-0004", None)
        await until_quality(built, "AT-0004", {"ok"})
