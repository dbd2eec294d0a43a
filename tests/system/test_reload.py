"""A changed site taken up by a core that runs: equal parts go on, a bad file changes nothing."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from edge.control import ControlClient
from edge.drivers.base import Reading
from edge.errors import CommandError
from edge.tag import Quality
from tests.gateway import GOOD, Gateway, gateway, until_good
from tests.sites import write_changes, write_site

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]
ENGINEER: dict[str, Any] = {"actor": "王", "role": "engineer", "place": "test"}


@asynccontextmanager
async def listening(built: Gateway) -> AsyncIterator[tuple[ControlClient, list[dict[str, Any]]]]:
    """A client that keeps everything that core says."""
    said: list[dict[str, Any]] = []

    async def keep(client: ControlClient) -> None:
        async for message in client.messages(0.1):
            said.append(message)  # noqa: PERF401  # it never ends

    async with built.client("test-reload") as client:
        task = asyncio.create_task(keep(client))
        try:
            yield client, said
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def until(said: list[dict[str, Any]], what: Any, within_s: float = 20.0) -> dict[str, Any]:
    """Return the first message of which `what` is true."""
    async with asyncio.timeout(within_s):
        while True:
            for message in said:
                if what(message):
                    return message
            await asyncio.sleep(0.02)


def edit(site: Path, change: Any) -> None:
    """Change site.yaml, which is JSON here."""
    path = site / "site.yaml"
    body = orjson.loads(path.read_bytes())
    change(body)
    path.write_bytes(orjson.dumps(body, option=orjson.OPT_INDENT_2))


def kind(name: str) -> Any:
    return lambda message: message["t"] == "event" and message["event"]["kind"] == name


async def test_a_changed_tag_list_disturbs_no_link_and_no_standing_alarm(tmp_path: Path) -> None:
    """A new set-point and a new tag are taken up; the alarm that stands is not raised again."""
    site = write_site(tmp_path / "site", detectors=3)
    async with gateway(tmp_path, site, ("core",)) as built:
        await until_good(built, 1.0)
        async with listening(built) as (client, said):
            built.field.set_tag("AT-0000", Reading(0.4, *GOOD))
            await until(said, kind("alarm.raised"))
            text = (site / "tags.csv").read_text(encoding="utf-8")
            lines = text.splitlines()
            row = next(line for line in lines if line.startswith("AT-0001") or ",AT-0001," in line)
            lines[lines.index(row)] = row.replace(",0.3,0.6,", ",0.2,0.5,")
            assert lines != text.splitlines()
            (site / "tags.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
            papers = ("AT-0001/h", "limit", "0.3", "0.2"), ("AT-0001/hh", "limit", "0.6", "0.5")
            write_changes(site, *papers)
            said.clear()
            answer = await client.command("apply_site", **ENGINEER)
            assert (answer["changed"], answer["links"], answer["annunciators"]) == (True, "", "")
            hello = await until(said, lambda m: m["t"] == "hello")
            assert hello["site_hash"] == answer["site_hash"]
            snapshot = await until(said, lambda m: m["t"] == "snapshot")
            assert [a["condition"] for a in snapshot["alarms"]] == ["AT-0000/h"]
            built.field.set_tag("AT-0001", Reading(0.25, *GOOD))
            raised = await until(said, kind("alarm.raised"))
            assert raised["event"]["subject"] == "AT-0001/h"
            assert (await client.command("apply_site", **ENGINEER))["changed"] is False


async def test_only_the_link_that_changed_connects_anew(tmp_path: Path) -> None:
    """Another time-out makes another driver of that link; its tags read on, as the others do."""
    site = write_site(tmp_path / "site", detectors=3)
    async with gateway(tmp_path, site, ("core",)) as built:
        await until_good(built, 1.0)
        async with listening(built) as (client, said):

            def slower(body: dict[str, Any]) -> None:
                next(link for link in body["links"] if link["id"] == "line-0")["timeout_s"] = 0.7

            edit(site, slower)
            assert (await client.command("apply_site", **ENGINEER))["links"] == "line-0"
            said.clear()
            built.field.set_tag("AT-0002", Reading(0.1, *GOOD))

            def moved(message: dict[str, Any]) -> bool:
                rows = message.get("values") or []
                return any(row[:3] == ["AT-0002", row[1], Quality.GOOD] and row[1] for row in rows)

            await until(said, moved)


async def test_a_bad_file_leaves_the_old_site_running_and_says_why(tmp_path: Path) -> None:
    """The answer has file, line and remedy; values and alarms go on; mended, it is taken up."""
    site = write_site(tmp_path / "site", detectors=3)
    async with gateway(tmp_path, site, ("core",)) as built:
        await until_good(built, 1.0)
        async with listening(built) as (client, said):
            good = (site / "tags.csv").read_text(encoding="utf-8")
            (site / "tags.csv").write_text(good.replace("AE-0001", "AE-9999"), encoding="utf-8")
            with pytest.raises(CommandError) as caught:
                await client.command("apply_site", **ENGINEER)
            assert caught.value.message_id == "site.refused"
            assert "unknown device 'AE-9999'" in str(caught.value.params["faults"])
            built.field.set_tag("AT-0001", Reading(12.0, *GOOD))
            await until(said, kind("alarm.raised"))
            (site / "tags.csv").write_text(good + "\n", encoding="utf-8")
            pid = built.processes.children["core"].pid
            os.kill(pid, signal.SIGHUP)
            await until(said, kind("site.applied"))


async def test_what_cannot_change_under_a_running_gateway_is_refused(tmp_path: Path) -> None:
    """Another gateway's name needs another journal; a horn that sounds is not taken out."""
    site = write_site(tmp_path / "site", detectors=3)
    async with gateway(tmp_path, site, ("core",)) as built:
        await until_good(built, 1.0)
        async with listening(built) as (client, said):
            built.field.set_tag("AT-0000", Reading(0.4, *GOOD))
            await until(said, kind("annunciator.set"))

            def other(body: dict[str, Any]) -> None:
                body["gateway"]["id"], body["annunciators"] = "gw-other", []

            edit(site, other)
            with pytest.raises(CommandError) as caught:
                await client.command("apply_site", **ENGINEER)
            told = str(caught.value.params["faults"])
            assert "gateway was gw-bench, and is gw-other now" in told
            assert "tower: is sounding" in told

            def no_horn(body: dict[str, Any]) -> None:
                lamp = {"id": "lamp", "kind": "beacon", "point": "tier[1]", "on": "on"}
                tower = {"id": "tower", "device": "TOWER", "areas": ["plant"]}
                body["gateway"]["id"] = "gw-bench"
                body["annunciators"] = [tower | {"outputs": [lamp | {"off": "off"}]}]

            edit(site, no_horn)
            with pytest.raises(CommandError) as caught:
                await client.command("apply_site", **ENGINEER)
            assert "tower: is sounding" in str(caught.value.params["faults"])


async def test_the_command_says_what_changed_and_what_is_wrong(tmp_path: Path) -> None:
    """`suian site apply` checks first, then asks core; its exit code tells scripts."""
    site = write_site(tmp_path / "site", detectors=3)
    async with gateway(tmp_path, site, ("core",)) as built:
        await until_good(built, 1.0)

        async def apply() -> tuple[int, str]:
            command = [sys.executable, "-m", "suian", "site", "apply", str(site)]
            done = await asyncio.to_thread(
                subprocess.run,
                [*command, "--run", str(built.run)],
                capture_output=True,
                text=True,
                check=False,
            )
            return done.returncode, done.stdout + done.stderr

        with (site / "tags.csv").open("a", encoding="utf-8") as stream:
            stream.write("\n")
        assert await apply() == (
            0,
            "taken up: 10 tags, 0 added, 0 removed; no link connected anew\n",
        )
        assert await apply() == (0, "core reads this site already\n")
        good = (site / "tags.csv").read_text(encoding="utf-8")
        (site / "tags.csv").write_text(good.replace("AE-0001", "AE-9999"), encoding="utf-8")
        code, told = await apply()
        assert code == 2
        assert "unknown device 'AE-9999'" in told
        await built.processes.stop("core")
        (site / "tags.csv").write_text(good, encoding="utf-8")
        with contextlib.suppress(FileNotFoundError):
            (built.run / "core.sock").unlink()
        code, told = await apply()
        assert (code, "core is not there" in told) == (2, True)


async def test_satellites_begin_anew_on_the_site_that_core_took_up(tmp_path: Path) -> None:
    """Same processes, another site: each says the new hash on its own socket soon after."""
    site = write_site(tmp_path / "site", detectors=3)
    names = ("console", "relay")
    async with gateway(tmp_path, site, ("core", *names)) as built:
        await until_good(built, 1.0)
        async with listening(built) as (client, said):
            await until(said, lambda m: "console" in (m.get("daemons") or {}))
            pids = [built.processes.children[name].pid for name in names]
            with (site / "tags.csv").open("a", encoding="utf-8") as stream:
                stream.write("\n")
            answer = await client.command("apply_site", **ENGINEER)
            async with asyncio.timeout(30):
                for name in names:
                    sock = built.run / f"{name}.sock"
                    while await site_hash(sock) != answer["site_hash"]:  # noqa: ASYNC110  # another process's state
                        await asyncio.sleep(0.05)
            assert [built.processes.children[name].pid for name in names] == pids


async def site_hash(socket: Path) -> str:
    """Return the site that the daemon behind `socket` is of; "" while it does not answer."""
    try:
        reader, writer = await asyncio.open_unix_connection(str(socket))
    except OSError:
        return ""
    line = await reader.readline()
    writer.close()
    return str(orjson.loads(line).get("site_hash")) if line else ""
