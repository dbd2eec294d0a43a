"""The hazard daemon as a process, against a control socket that the test serves."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from edge.clock import SystemClock
from edge.control import ControlClient, ControlServer, Handlers
from edge.errors import JournalError
from edge.hazard.scene import build_scene
from edge.journal.hazard_file import HazardReader
from edge.site import Site, load_site
from edge.tag import Quality, Reason, Sample, World
from tests.unit.hazard.yard import readings

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]
ROOT = Path(__file__).parents[2]
DEMO = ROOT / "deploy" / "sites" / "demo"
WIND = {"WS-301": 4.0, "WD-301": 255.0, "TT-301": 10.0}
RSS_LIMIT_MB = 230


@dataclass
class FakeCore:
    """Core's side of the socket: values the test sets, and what hazard publishes and reports."""

    site: Site
    path: Path
    values: dict[str, float | None] = field(default_factory=dict)
    server: ControlServer | None = None
    published: asyncio.Queue[dict[str, Sample]] = field(default_factory=asyncio.Queue)
    reports: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    worlds: set[World] = field(default_factory=set)

    def handlers(self) -> Handlers:
        def publish(samples: list[Sample], world: World) -> None:
            self.worlds.add(world)
            self.published.put_nowait({sample.tag: sample for sample in samples})

        def report(_name: str, state: str) -> None:
            self.reports.put_nowait(state)

        def snapshot() -> dict[str, Any]:
            rows = [self._row(self._sample(tag, value)) for tag, value in self.values.items()]
            return {"values": rows, "alarms": [], "outputs": []}

        return Handlers(snapshot=snapshot, on_publish=publish, on_report=report)

    async def start(self) -> None:
        """Serve."""
        hello = {"suian": "0", "world": str(self.site.world), "site_hash": self.site.hash}
        self.server = ControlServer(self.path, hello, self.handlers())
        await self.server.__aenter__()

    async def stop(self) -> None:
        """Go, as a core that dies."""
        if self.server is not None:
            await self.server.__aexit__(None, None, None)
            self.server = None

    def push(self, values: dict[str, float | None]) -> None:
        """Have values change."""
        self.values |= values
        assert self.server is not None
        for tag, value in values.items():
            self.server.push_values([self._sample(tag, value)])

    def raise_alarm(self, tag: str, value: float) -> None:
        """Tell of a detector that rose above level 1, as core does at once."""
        assert self.server is not None
        alarm = {
            "tag": tag,
            "value": value,
            "level": 1,
            "klass": "process",
            "condition": f"{tag}/h",
        }
        self.server.push_event({"kind": "alarm.raised", "subject": f"{tag}/h", "params": {}}, alarm)

    def _sample(self, tag: str, value: float | None) -> Sample:
        now = SystemClock().now().utc_ns
        quality, reason = Quality.GOOD, Reason.OK
        if value is None:
            quality, reason = Quality.BAD, Reason.TIMEOUT
        return Sample(tag, value, quality, reason, now, now, self.site.world)

    @staticmethod
    def _row(sample: Sample) -> list[Any]:
        return [sample.tag, sample.value, int(sample.quality), str(sample.reason), 0, 0]


@dataclass
class Rig:
    """A fake core and the real daemon beside it."""

    core: FakeCore
    process: asyncio.subprocess.Process
    state: Path
    run: Path

    async def estimate(self, test: Any = lambda _: True, within_s: float = 30) -> dict[str, Any]:
        """Return the first kept estimate from now on that passes `test`."""
        reader = HazardReader(self.state / "hazard.db")
        seen = 0
        try:
            async with asyncio.timeout(within_s):
                while True:
                    with contextlib.suppress(JournalError):  # its tables are still being made
                        for body in reader.after(seen, 100):
                            seen = body["seq"]
                            if test(body):
                                return body
                    await asyncio.sleep(0.02)
        finally:
            reader.close()

    async def tags(self, test: Any, within_s: float = 30) -> dict[str, Sample]:
        """Return the first published set of tags that passes `test`."""
        async with asyncio.timeout(within_s):
            while True:
                found = await self.core.published.get()
                if test(found):
                    return found


@contextlib.asynccontextmanager
async def rig(tmp_path: Path, values: dict[str, float | None]) -> AsyncIterator[Rig]:
    state, run = tmp_path / "state", tmp_path / "run"
    run.mkdir()
    core = FakeCore(load_site(DEMO), run / "core.sock", dict(values))
    await core.start()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "edge.daemons.hazard",
        "--site", str(DEMO), "--state", str(state), "--run", str(run),
        cwd=ROOT, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield Rig(core, process, state, run)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await core.stop()


def demo_readings(asset: str, rate_kg_s: float) -> dict[str, float | None]:
    """Return what the demo's chlorine detectors read of a leak in our own plume."""
    return dict(readings(build_scene(load_site(DEMO)), asset, rate_kg_s, from_deg=WIND["WD-301"]))


def quiet() -> dict[str, float | None]:
    gases = build_scene(load_site(DEMO)).gases.values()
    values: dict[str, float | None] = {d.tag.name: 0.0 for gas in gases for d in gas.detectors}
    return values | WIND


def rss_mb(pid: int) -> float:
    text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s+(\d+)", text)
    assert found
    return int(found[1]) / 1024


async def test_a_leak_becomes_plume_tags_and_record(tmp_path: Path):
    """An alarm on the socket is an estimate and predicted tags within a second, once warm."""
    async with rig(tmp_path, quiet()) as one:
        await one.estimate(lambda body: body["state"] == "preparing")
        await one.estimate(lambda body: body["state"] == "idle", within_s=60)  # kernels are warm
        clean = await one.tags(lambda tags: tags["HAZARD-OK"].value == 1.0)
        assert clean["PRED-chlorine-MP-1"].value == 0.0
        assert clean["PRED-chlorine-MP-1"].quality is Quality.GOOD

        loop = asyncio.get_running_loop()
        smell = demo_readings("CL2-BAY", 0.5)
        loud = max(smell, key=lambda tag: smell[tag] or 0.0)
        started = loop.time()
        one.core.raise_alarm(loud, smell[loud] or 0.0)
        one.core.push(smell)
        body = await one.estimate(lambda body: body["state"] == "estimate")
        took = loop.time() - started
        best = await one.estimate(
            lambda body: body["candidates"] and body["candidates"][0]["asset"] == "CL2-BAY"
        )
        assert took < 1.0, took
        assert body["evidence"]
        assert [zone["id"] for zone in best["zones"]] == ["aegl-1", "aegl-2", "aegl-3"]
        inputs = HazardReader(one.state / "hazard.db").inputs(best["seq"])
        assert inputs is not None
        assert len(inputs["observations"]) >= 8
        tags = await one.tags(lambda tags: tags["PRED-chlorine-MP-1"].reason is Reason.ESTIMATED)
        assert tags["PRED-ammonia-MP-1"].value == 0.0  # the other gas is idle
        assert one.core.worlds == {World.DRILL}
        assert rss_mb(one.process.pid) < RSS_LIMIT_MB


async def test_it_survives_cores_death_and_tells_core_how_it_is(tmp_path: Path):
    """Core goes and comes back: hazard is still there, reports again and predicts again."""
    async with rig(tmp_path, quiet()) as one:
        await one.tags(lambda tags: tags["HAZARD-OK"].value == 1.0)
        await one.core.stop()
        await one.estimate(lambda body: body["problem"] == "hazard.problem.core-silent")
        assert one.process.returncode is None
        while not one.core.reports.empty():
            one.core.reports.get_nowait()
        one.core.values |= demo_readings("CL2-BAY", 0.5)
        await one.core.start()
        await one.tags(lambda tags: tags["PRED-chlorine-MP-1"].reason is Reason.ESTIMATED)
        async with asyncio.timeout(30):
            while await one.core.reports.get() != "running":
                pass


async def test_wind_lost_in_a_leak_makes_the_predictions_bad(tmp_path: Path):
    """No wind from the start: the state says so and the tags are Bad, never zero."""
    values = quiet() | demo_readings("CL2-BAY", 0.5) | {"WS-301": None, "WD-301": None}
    async with rig(tmp_path, values) as one:
        await one.estimate(lambda body: body["state"] == "no-wind")
        tags = await one.tags(lambda tags: True)
        assert tags["PRED-chlorine-MP-1"].value is None
        assert tags["HAZARD-OK"].quality is Quality.BAD


async def test_it_answers_metrics_and_stops_cleanly(tmp_path: Path):
    """Its own socket tells its figures; SIGTERM ends it with code 0 and no socket left."""
    async with rig(tmp_path, quiet()) as one:
        await one.estimate()
        async with ControlClient(one.run / "hazard.sock", "test") as client:
            answer = await client.command("metrics", timeout_s=10)
        assert "suian_hazard_process_resident_memory_bytes" in answer["text"]
        assert "suian_hazard_estimates_total" in answer["text"]
        one.process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(one.process.wait(), 20) == 0
        assert not (one.run / "hazard.sock").exists()


async def test_an_unwritable_package_and_no_numba_cache_do_not_stop_it(tmp_path: Path):
    """With a cache folder of its own it compiles afresh and leaves its code there."""
    cache = tmp_path / "numba"
    code = (
        "import os, sys; from pathlib import Path\n"
        "os.access = lambda *a, **k: False\n"  # a package nobody may write
        "from edge.daemons.hazard import load_kernels\n"
        f"load_kernels(Path({str(cache)!r}))\n"
    )
    env = {key: value for key, value in os.environ.items() if key != "NUMBA_CACHE_DIR"}
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, cwd=ROOT, env=env)
    assert await process.wait() == 0
    assert list(cache.rglob("*.nbi"))
