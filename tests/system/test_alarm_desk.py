"""People and alarms through core's real process and journal: set aside, killed, brought back."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.drivers.base import Reading
from edge.errors import CommandError
from edge.journal import JournalReader
from edge.tag import Quality, Reason
from tests.gateway import GOOD, Gateway, gateway, until_good
from tests.sites import edit, write_site

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]
LEAK = Reading(0.4, *GOOD)  # ppm: between level 1 and level 2
OVER = Reading(12.0, *GOOD)  # over the detector's range
CLEAN = Reading(0.0, *GOOD)
H, HH = "AT-0001/h", "AT-0001/hh"


async def killed_and_back(built: Gateway) -> None:
    """Kill core where it stands, and start it on the journal that it left."""
    await built.kill("core")
    await built.start("core")
    await until_good(built, 0.5)


async def test_what_is_set_aside_survives_a_kill_and_comes_back_as_it_is(tmp_path: Path) -> None:
    """A shelf and a permit are there after SIGKILL; unshelved in gas, the alarm is raised anew."""
    site = write_site(tmp_path / "site", detectors=3)
    async with gateway(tmp_path, site, ("core",)) as built:
        await until_good(built, 1.0)
        with pytest.raises(CommandError, match="no-reason"):
            await built.command("shelve", {"condition": H, "minutes": 30})
        await built.command("shelve", {"condition": H, "minutes": 30}, reason="探头进水")
        tag = {"tag": "AT-0002", "permit": "DH-7"}
        out = await built.command("out_of_service", tag, reason="换探头")
        assert {alarm["state"] for alarm in out["alarms"]} == {"out-of-service"}
        before = await built.alarms()

        await killed_and_back(built)
        after = await built.alarms()
        for condition, alarm in before.items():
            assert after[condition] == alarm
        built.field.set_tag("AT-0001", LEAK)
        built.field.set_tag("AT-0002", OVER)
        await built.command("unshelve", {"condition": H})
        raised = await built.alarm(H, "unack")
        assert (raised["held_by"], raised["acked_by"]) == ("", None)
        assert (await built.alarms())["AT-0002/hh"]["state"] == "out-of-service"
        await built.command("in_service", {"tag": "AT-0002"})
        await built.alarm("AT-0002/hh", "unack")
    rows = JournalReader(tmp_path / "state/journal.db").events(0, 1000)
    events = {row.kind: row for row in rows}
    assert events["command.shelve"].params["actor"] == "王"
    assert events["alarm.shelved"].params["held_reason"] == "探头进水"
    assert events["alarm.out-of-service"].params["permit"] == "DH-7"


async def test_a_latched_gas_alarm_waits_through_a_kill_for_a_portable_reading(
    tmp_path: Path,
) -> None:
    """Over-range latches; neither clean air nor a restart lets it go, only a reading does."""
    site = write_site(tmp_path / "site", detectors=2)
    async with gateway(tmp_path, site, ("core",)) as built:
        await until_good(built, 1.0)
        built.field.set_tag("AT-0001", OVER)
        await built.alarm(HH, "unack")
        built.field.set_tag("AT-0001", CLEAN)
        await built.alarm(HH, "latched")
        await killed_and_back(built)
        assert (await built.alarms())[HH]["state"] == "latched"
        await until_good(built, 1.0)
        for reading, refusal in ({}, "reading-needed"), ({"reading": 5.0}, "reading-high"):
            with pytest.raises(CommandError, match=refusal):
                await built.command("reset", {"condition": HH, **reading})
        answer = {"condition": HH, "reading": 0.0, "instrument": "便携-3"}
        assert (await built.command("reset", answer))["alarm"]["state"] == "rtn-unack"
    rows = JournalReader(tmp_path / "state/journal.db").events(0, 1000)
    [reset] = [row for row in rows if row.kind == "alarm.reset"]
    assert (reset.params["reading"], reset.params["instrument"]) == (0.0, "便携-3")


async def test_a_detector_lost_while_rising_speaks_though_its_fault_was_shelved(
    tmp_path: Path,
) -> None:
    """Shelved in clean air as a nuisance; lost half-way to the limit it is urgent, level 2."""
    site = write_site(tmp_path / "site", detectors=2)
    async with gateway(tmp_path, site, ("core",)) as built:
        await until_good(built, 1.0)
        await built.command("shelve", {"condition": "AT-0001/bad", "minutes": 60}, reason="接线")
        built.field.set_tag("AT-0001", Reading(0.25, *GOOD))
        async with built.client("test") as client:
            async for message in client.messages():
                if any(row[0] == "AT-0001" and row[1] for row in message.get("values", [])):
                    break
        horn = built.horn_written()
        built.field.set_tag("AT-0001", Reading(None, Quality.BAD, Reason.SENSOR_FAULT))
        alarm = await built.alarm("AT-0001/bad", "unack")
        assert (alarm["priority"], alarm["level"], alarm["klass"]) == (1, 2, "process")
        await horn


async def test_a_suppression_holds_by_its_expression_and_survives_a_kill(tmp_path: Path) -> None:
    """Two faults are suppressed while another reading says so; one that stands then speaks."""
    site = write_site(tmp_path / "site", detectors=3)
    edit(
        site,
        {
            "suppressions": [
                {
                    "id": "works",
                    "title": {"zh": "检修", "en": "works"},
                    "members": ["AT-0001/bad", "AT-0002/bad"],
                    "when": "AT-0000 > 0.1 ppm",
                }
            ],
            "alarm_groups": [
                {"id": "row", "title": {"zh": "排", "en": "row"}, "members": ["AT-000*/bad"]}
            ],
        },
    )
    lost = Reading(None, Quality.BAD, Reason.SENSOR_FAULT)
    async with gateway(tmp_path, site, ("core",)) as built:
        await until_good(built, 1.0)
        built.field.set_tag("AT-0000", Reading(0.2, *GOOD))
        await built.alarm("AT-0001/bad", "suppressed")
        built.field.set_tag("AT-0001", lost)
        held = await built.alarm("AT-0002/bad", "suppressed")
        assert (held["held_by"], held["active"]) == ("works", False)
        await killed_and_back(built)
        built.field.set_tag("AT-0000", CLEAN)
        raised = await built.alarm("AT-0001/bad", "unack")
        assert raised["first_out"] == "row"
        assert "AT-0002/bad" not in await built.alarms()
