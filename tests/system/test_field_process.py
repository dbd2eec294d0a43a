"""The field as a process: real sockets, the gateway's own drivers, truth on standard output."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest

from edge.clock import NS, ScaledClock
from edge.drivers import Batch, Driver, Reading, load_templates, open_driver
from edge.errors import DeviceError
from edge.site import load_site
from edge.site.model import Site
from edge.tag import Reason
from simulator.field.record import read_record
from simulator.seat import SeatClient
from suian.demo.workspace import copy_site

pytestmark = pytest.mark.system
SITES = Path(__file__).parents[2] / "deploy" / "sites"
SCENARIOS = SITES / "demo" / "scenarios"
TRIAL = Path(os.environ.get("SUIAN_REFERENCE", "../shared/reference")) / "field/metec_aded2022"
RUPTURE = """suian: 1
id: test
title: {zh: 试, en: test}
site: demo
seed: 3
weather: {wind_speed_m_s: 4.5, wind_from_deg: 262, stability: E}
plant: {detectors: {t90_s: {chlorine: 2}}}
events:
  - id: burst
    title: {zh: 破裂, en: burst}
    start: {at_s: 1}
    actions: [{do: rupture, asset: CL2-BAY, hole_mm: 8}]
"""


@dataclass
class Running:
    process: asyncio.subprocess.Process
    site: Site
    lines: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    async def line(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Return the first truth line that is `wanted`, waiting for it."""
        seen = 0
        assert self.process.stdout
        while True:
            for line in self.lines[seen:]:
                seen += 1
                if wanted(line):
                    return line
            raw = await self.process.stdout.readline()
            assert raw, "the field ended"
            self.lines.append(orjson.loads(raw))


@asynccontextmanager
async def running(folder: Path, site: str, *arguments: str) -> AsyncIterator[Running]:
    """Run the field on a copy of `site` with free ports; end it and see that it ends well."""
    copy_site(SITES / site, folder / "site")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "simulator.field", "--site", str(folder / "site")),
        *arguments,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Running(process, load_site(folder / "site"))
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        code = await process.wait()
    assert code == 0


async def patiently(driver: Driver, batch: Batch) -> list[Reading]:
    """Read as a poller does: on a busy machine the first answers may come too late."""
    for _ in range(20):
        with contextlib.suppress(DeviceError):
            return await driver.read(batch)
    return await driver.read(batch)


async def read_all(site: Site) -> dict[str, Reading]:
    """Read every device of `site` through the gateway's drivers."""
    templates = load_templates(None)
    found: dict[str, Reading] = {}
    for link in site.file.links:
        devices = [d for d in site.file.devices if d.link == link.id and site.tags_of(d.id)]
        driver = open_driver(link, devices, templates, frozenset())
        for device in devices:
            batch = driver.plan(device, site.tags_of(device.id))
            readings = await patiently(driver, batch)
            found |= {t.name: r for t, r in zip(batch.tags, readings, strict=True)}
        await driver.close()
    return found


def kind(name: str, **fields: object) -> Callable[[dict[str, Any]], bool]:
    return lambda line: line["t"] == name and all(line[k] == v for k, v in fields.items())


async def test_a_rupture_travels_to_the_registers(tmp_path: Path):
    """Ready, leak, register over level 1; every tag readable; horn writes heard; seats served."""
    scenario = tmp_path / "test.yaml"
    scenario.write_text(RUPTURE, encoding="utf-8")
    feed = tmp_path / "seat.sock"
    arguments = ("--scenario", str(scenario), "--feed", str(feed))
    async with running(tmp_path, "demo", *arguments) as field_process:
        site = field_process.site
        await field_process.line(kind("ready"))
        first = await read_all(site)
        leak = await field_process.line(kind("leak", state="start", asset="CL2-BAY"))
        seat = SeatClient(feed, "seat-1")
        assert seat.connect()
        templates = load_templates(None)
        tower = open_driver(
            site.links["tower"], [site.devices["TOWER-1"]], templates, frozenset({"TOWER-1"})
        )
        before = time.monotonic_ns()
        await tower.write(site.devices["TOWER-1"], {"buzzer": 2})
        await tower.close()
        horn = await field_process.line(kind("coil", point="buzzer[1]"))
        while (await read_all(site))["AT-101"].reason is not Reason.OVER_RANGE:
            pass  # each turn reads every device again
        register = await field_process.line(kind("register", tag="AT-101"))
        seat.send({"do": "close_valve", "tag": "XV-101"})
        command = await field_process.line(kind("command"))
        messages = [m for m in seat.receive() if m["t"] == "state"]
        seat.close()

    assert {r.reason for t, r in first.items() if not t.startswith("AT-1")} == {Reason.OK}
    assert leak["mono_ns"] < register["mono_ns"] < time.monotonic_ns()
    assert before <= horn["mono_ns"]
    assert (horn["device"], horn["value"]) == ("TOWER-1", 2)
    assert command["seat"] == "seat-1"
    assert messages[-1]["puffs"]
    assert messages[-1]["outputs"]["tower-1"]["buzzer[1]"] == 2


@pytest.mark.skipif(not TRIAL.is_dir(), reason=f"reference data not there: {TRIAL}")
async def test_a_recorded_minute_travels_to_the_registers(tmp_path: Path):
    """On a scaled clock each register shows the recorded minute; leaks are told on real time."""
    record = read_record(TRIAL)
    leak = record.demonstrable()
    assert leak
    clock = ScaledClock(time.monotonic_ns() + 3 * NS, leak.start_ns - 60 * NS, 60.0)
    arguments = ("--replay", str(TRIAL), "--clock", clock.spec())
    async with running(tmp_path, "metec", *arguments) as field_process:
        await field_process.line(kind("ready"))
        told = await field_process.line(kind("leak", state="start"))
        before = record.at(clock.now().utc_ns)
        readings = await read_all(field_process.site)
        after = record.at(clock.now().utc_ns)

    assert told["asset"] == leak.group
    assert told["utc_ns"] == pytest.approx(leak.start_ns, abs=1000)
    assert told["mono_ns"] == pytest.approx(clock.mono0_ns + NS, abs=1000)
    assert before is not None
    assert after is not None
    shown = readings["AT-SW"].value
    assert any(shown == pytest.approx(m.gas["SW"], rel=1e-6) for m in (before, after))
    assert any(
        readings["WS-1"].value == pytest.approx(m.wind_speed_m_s, rel=1e-6) for m in (before, after)
    )


async def test_a_live_site_is_never_simulated(tmp_path: Path):
    """A live site is refused: its gateway would take the simulation for real."""
    copy_site(SITES / "demo", tmp_path / "site")
    path = tmp_path / "site" / "site.yaml"
    text = re.sub(r"world:\s+drill", "world: live", path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8")
    errors = await refused(tmp_path, "--scenario", str(SCENARIOS / "quiet.yaml"))

    assert "a live site is never simulated" in errors


async def refused(folder: Path, *arguments: str) -> str:
    """Start the field on the site in `folder`; return what it says when it ends with code 2."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "simulator.field", "--site", str(folder / "site")),
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    assert process.returncode == 2
    assert b"Traceback" not in errors
    return errors.decode()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--scenario", "none.yaml"), "none.yaml"),
        (("--replay", "nowhere"), "cannot be read"),
        (("--scenario", str(SCENARIOS / "quiet.yaml"), "--from", "leak:1"), "only a replay"),
        (("--scenario", str(SCENARIOS / "quiet.yaml"), "--clock", "scaled:1:2:3"), "replay worlds"),
    ],
)
async def test_what_cannot_start_says_why(tmp_path: Path, arguments: tuple[str, ...], says: str):
    """Exit code 2 and a sentence for people, no traceback."""
    copy_site(SITES / "demo", tmp_path / "site")

    assert says in await refused(tmp_path, *arguments)
