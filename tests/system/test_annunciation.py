"""Annunciation through core's real process: watchdog, evacuation, button, test of the shift."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from edge.drivers.base import Reading
from edge.errors import CommandError
from edge.journal import JournalReader
from tests.gateway import GOOD, Gateway, gateway, until_good
from tests.sites import write_site

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]
OVER = Reading(12.0, *GOOD)
WATCHDOG_S = 2.0
RELAYS = {"horn": "relay[1]", "trouble": "relay[3]", "evacuation": "relay[4]"}
MODULE = {
    "id": "tower",
    "device": "TOWER",
    "areas": ["plant"],
    "refresh_s": 1,
    "outputs": [
        {"id": kind, "kind": kind, "point": point, "on": "on", "off": "off"}
        for kind, point in RELAYS.items()
    ],
    "heartbeat": {"point": "watchdog_alarm_clear", "values": ["clear", "clear"], "period_s": 0.5},
}
PATLITE = {
    "id": "tower",
    "device": "TOWER",
    "areas": ["plant"],
    "silence_input": "HS-1",
    "outputs": [
        {"id": "horn", "kind": "horn", "point": "buzzer", "on": 2, "off": 0},
        {"id": "evacuation", "kind": "evacuation", "point": "buzzer", "on": 3, "off": 0},
        {"id": "trouble", "kind": "trouble", "point": "tier[5]", "on": "on", "off": "off"},
    ],
}


def write(folder: Path, tower: dict[str, Any], template: str) -> Path:
    """Write a site of two detectors and this tower."""
    site = write_site(folder, detectors=2)
    path = site / "site.yaml"
    body = orjson.loads(path.read_bytes())
    body["annunciators"] = [tower]
    body["devices"] = [
        {**device, "template": template} if device["id"] == "TOWER" else device
        for device in body["devices"]
    ]
    body["shifts"] = ["08:00", "20:00"]
    path.write_bytes(orjson.dumps(body, option=orjson.OPT_INDENT_2))
    return site


def add_button(site: Path) -> None:
    """Add the tag of a silence button beside the tower: its first contact input."""
    path = site / "tags.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    empty = {"h": "", "hh": "", "deadband": "", "limit_source": "", "substance": ""}
    button = {"tag": "HS-1", "device": "TOWER", "ref": "contact_input[1]", "quantity": "state"}
    span = {"unit": "bool", "range_low": "0", "range_high": "1", "period_s": "0.2"}
    rows.append({**rows[0], **empty, **button, **span})
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


async def until_shown(built: Gateway, wanted: Callable[[dict[str, int]], bool]) -> dict[str, int]:
    """Wait until what the tower shows is as `wanted`; return it."""
    async with asyncio.timeout(15):
        while True:
            shown = built.field.outputs("TOWER")
            if wanted(shown):
                return shown
            await asyncio.sleep(0.02)


async def annunciation(built: Gateway) -> dict[str, Any]:
    """Return the snapshot's word on annunciation."""
    async with asyncio.timeout(15), built.client("test") as client:
        async for message in client.messages():
            if message["t"] == "snapshot":
                return message["annunciation"]
    raise AssertionError("core said nothing")


async def test_killed_core_lights_the_trouble_beacon_and_never_the_evacuation(
    tmp_path: Path,
) -> None:
    """The module's watchdog does it: horn as it was, evacuation off; core's return puts it out."""
    site = write(tmp_path / "site", MODULE, "moxa-iologik-e1214")
    async with gateway(tmp_path, site, ("core",)) as built:
        safe = {RELAYS["trouble"]: "on", RELAYS["evacuation"]: "off"}
        built.field.set_watchdog("TOWER", WATCHDOG_S, safe, "watchdog_alarm_clear")
        await until_good(built, 1.0)
        built.field.set_tag("AT-0001", OVER)
        shown = await until_shown(built, lambda shown: shown["relay[1]"] == 1)
        assert (shown["relay[3]"], shown["relay[4]"]) == (0, 0)
        await built.kill("core")
        loop = asyncio.get_running_loop()
        killed = loop.time()
        shown = await until_shown(built, lambda shown: shown["relay[3]"] == 1)
        assert loop.time() - killed < WATCHDOG_S + 0.5
        assert (shown["relay[1]"], shown["relay[4]"]) == (1, 0)
        await built.start("core")
        shown = await until_shown(built, lambda shown: shown["relay[3]"] == 0)
        assert shown["relay[4]"] == 0
        assert await built.alarm("AT-0001/hh", "unack", "latched")
        assert "tower-OK/state" not in await built.alarms()


async def test_evacuation_goes_on_through_a_kill_until_somebody_ends_it(tmp_path: Path) -> None:
    """Two steps, one point with the horn, and nothing but the end takes it away."""
    site = write(tmp_path / "site", PATLITE, "patlite-la6-poe")
    add_button(site)
    async with gateway(tmp_path, site, ("core",)) as built:
        await until_good(built, 1.0)
        with pytest.raises(CommandError, match="not-armed"):
            await built.command("evacuate", {"area": "plant", "token": "0"})
        armed = await built.command("evacuate_arm", {"area": "plant"})
        order = {"area": "plant", "token": armed["token"]}
        assert (await built.command("evacuate", order, "泄漏"))["evacuating"] == ["plant"]
        await until_shown(built, lambda shown: shown["buzzer[1]"] == 3)
        built.field.set_tag("AT-0001", OVER)
        await built.alarm("AT-0001/hh", "unack")
        await built.command("silence", {})
        await built.command("test_all", {"annunciator": "tower"})
        assert built.field.outputs("TOWER")["buzzer[1]"] == 3
        await built.kill("core")
        assert built.field.outputs("TOWER")["buzzer[1]"] == 3
        await built.start("core")
        await until_good(built, 0.7)
        assert built.field.outputs("TOWER")["buzzer[1]"] == 3
        assert (await annunciation(built))["evacuating"] == ["plant"]
        await built.command("evacuate_end", {"area": "plant"}, "查清")
        await until_shown(built, lambda shown: shown["buzzer[1]"] == 2)
    kinds = [row.kind for row in JournalReader(tmp_path / "state/journal.db").events(0, 1000)]
    assert {"command.evacuate_arm", "evacuation.begun", "evacuation.ended"} <= set(kinds)


async def test_button_silences_and_a_dead_tower_is_an_alarm(tmp_path: Path) -> None:
    """A real contact stills the horn and says so; the shift's test counts; a lost tower alarms."""
    site = write(tmp_path / "site", PATLITE, "patlite-la6-poe")
    add_button(site)
    async with gateway(tmp_path, site, ("core",)) as built:
        await until_good(built, 1.0)
        assert (await annunciation(built))["untested"] == ["tower"]
        tested = await built.command("test_all", {"annunciator": "tower"})
        assert (tested["annunciator"], tested["untested"]) == ("tower", [])
        assert built.field.outputs("TOWER")["tier[5]"] == 1
        await until_shown(built, lambda shown: not any(shown.values()))
        built.field.set_tag("AT-0001", OVER)
        await until_shown(built, lambda shown: shown["buzzer[1]"] == 2)
        built.field.set_tag("HS-1", Reading(1.0, *GOOD))
        await until_shown(built, lambda shown: shown["buzzer[1]"] == 0)
        told = await annunciation(built)
        assert (told["incident"], told["silenced"]) == (True, True)
        await built.alarm("AT-0001/hh", "unack")
        await built.field.stop_link("tower")
        dead = await built.alarm("tower-OK/state", "unack")
        assert (dead["priority"], dead["klass"]) == (2, "system")
        await built.field.start_link("tower")
        await built.alarm("tower-OK/state", "rtn-unack")
    rows = JournalReader(tmp_path / "state/journal.db").events(0, 1000)
    silenced = next(row for row in rows if row.kind == "annunciator.silenced")
    assert (silenced.params["actor"], silenced.params["place"]) == ("button", "HS-1")
