"""Nobody answers, through core's real process: a contact on a real socket, people, a restart."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest

from edge.drivers.base import Reading
from edge.journal import JournalReader
from suian.demo.workspace import free_ports
from tests.gateway import GOOD, Gateway, gateway, let_go, until_good
from tests.sites import write_site
from tests.unit.console.page import Page

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]
OVER = Reading(12.0, *GOOD)
TITLE = {"zh": "试", "en": "test"}


def callout_site(folder: Path) -> Path:
    """A site with a shift of two, a major hazard source, and a relay box that starts a dialler."""
    site = write_site(folder, detectors=2)
    path = site / "site.yaml"
    body = orjson.loads(path.read_bytes())
    (port,) = free_ports(1)
    body["links"].append({"id": "box", "kind": "modbus-tcp", "port": port})
    body["devices"].append(
        {"id": "BOX", "link": "box", "template": "moxa-iologik-e1214", "world": "test"}
    )
    output = {"id": "call", "kind": "dialler", "point": "relay[1]", "on": "on", "off": "off"}
    body["annunciators"].append(
        {"id": "box", "device": "BOX", "areas": ["plant"], "outputs": [output]}
    )
    names = ("desk", "leader", "boss", "engineer", "foreman")
    body["people"] = [{"id": name, "title": TITLE, "user": f"u-{name}"} for name in names]
    owners = {"principal": "boss", "technical": "engineer", "operational": "foreman"}
    body["major_hazards"] = [
        {"id": "tank", "title": TITLE, "level": 1, "assets": ["TANK"], "owners": owners}
    ]
    body["callout"] = {
        "shift": ["desk", "leader"],
        "contact": {"annunciator": "box", "output": "call"},
        "contact_s": 0.5,
        "desk_s": 1.0,
        "next_s": 1.5,
        "each_s": 60.0,
    }
    path.write_bytes(orjson.dumps(body, option=orjson.OPT_INDENT_2))
    return site


async def test_contact_calls_notices_receipts_and_the_end(tmp_path: Path) -> None:
    """From the register to the relay box and back: what is on the wire, and in the journal."""
    site = callout_site(tmp_path / "site")
    async with gateway(tmp_path, site, ("core", "console")) as built:
        await until_good(built, 1.0)
        assert built.field.outputs("BOX")["relay[1]"] == 0
        built.field.set_tag("AT-0001", OVER)
        called = await _until(built, lambda calls, _: calls and calls[0]["person"] == "leader")
        assert built.field.outputs("BOX")["relay[1]"] == 1
        call = called["calls"][0]
        assert (call["step"], call["alarms"], call["area"]) == ("called", ["AT-0001/hh"], "plant")
        (owners,) = [notice for notice in called["notices"] if notice["hazard"] == "tank"]
        assert [one["role"] for one in owners["people"]] == [
            "principal",
            "technical",
            "operational",
        ]
        async with Page(built.site.file.console.port, {}).live() as live:  # it may be a step behind
            shown = await live.next(
                None, lambda said: said.get("calls") and said["calls"][0]["person"] == "leader"
            )
        assert (shown["calls"][0]["call"], len(shown["notices"])) == (call["call"], 2)
        answer = await _command(built, "read_call", {"call": call["call"]}, "u-leader")
        assert answer["calls"][0]["read_by"] == "u-leader"
        await _command(built, "read_call", {"call": owners["notice"]}, "u-boss")

        await built.processes.stop("core")
        assert built.field.outputs("BOX")["relay[1]"] == 1  # it goes on while core is away
        await built.start("core")
        await until_good(built, 0.8)
        again = await _until(built, lambda calls, _: bool(calls))
        assert again["calls"][0] == answer["calls"][0]
        (owners,) = [notice for notice in again["notices"] if notice["hazard"] == "tank"]
        assert [one["read_by"] for one in owners["people"]] == ["u-boss", None, None]

        released = asyncio.Event()

        def on_write(device: str, _address: int, values: tuple[int, ...], _ns: int) -> None:
            if device == "BOX" and not any(values):
                released.set()

        built.field.on_write = on_write
        for kind in ("h", "hh"):
            await _command(built, "acknowledge", {"condition": f"AT-0001/{kind}"}, "u-leader")
        await _until(built, lambda calls, _: not calls)
        await asyncio.wait_for(released.wait(), 10)
        assert built.field.outputs("BOX")["relay[1]"] == 0
    events = JournalReader(tmp_path / "state/journal.db").events(0, 1000)
    kinds = [event.kind for event in events if event.kind.startswith("callout.")]
    told = [kind for kind in kinds if not kind.startswith("callout.notice")]
    assert told == [
        "callout.began",
        "callout.called",
        "callout.called",
        "callout.read",
        "callout.ended",
    ]
    assert kinds.count("callout.notice-read") == 1


async def _until(built: Gateway, wanted: Any) -> dict[str, Any]:
    """Return the first calls and notices of which `wanted` is true."""
    async with asyncio.timeout(20), built.client("test") as client:
        async for message in client.messages():
            if "calls" in message and wanted(message["calls"], message["notices"]):
                return message
    raise AssertionError("core went away")


async def _command(built: Gateway, name: str, args: dict[str, Any], actor: str) -> Any:
    async with built.client("test") as client:
        listening = asyncio.create_task(_drain(client))
        try:
            return await client.command(name, args, actor=actor, role="operator", place="test")
        finally:
            await let_go([listening])


async def _drain(client: Any) -> None:
    async for _ in client.messages():
        pass
