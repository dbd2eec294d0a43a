"""The chain's figures: register to horn, memory of a whole gateway, start-up, the demo, the help.

Run as `python -m tests.bench.chain [--json]`. Targets: see `TARGETS`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import websockets

from edge.clock import NS
from edge.control import ControlClient
from edge.drivers.base import Reading
from edge.journal import JournalReader
from edge.tag import Quality
from suian.demo.processes import memory_mb
from tests.bench.kit import Bench, main, median, percentile
from tests.gateway import GOOD, Gateway, gateway, let_go, until_good
from tests.sites import write_site

TARGETS = {
    "horn_p99_s": "<= 0.05",
    "rss_core_mb": "<= 90",
    "rss_relay_mb": "<= 50",
    "rss_console_mb": "<= 80",
    "rss_hazard_mb": "<= 230",
    "pss_gateway_mb": "<= 420",
    "core_first_sample_s": "<= 1.5",
    "demo_cold_s": "<= 90",
    "demo_warm_start_s": "<= 8",
    "cli_help_s": "<= 0.4",
}
TRIALS = 100
DAEMONS = ("core", "hazard", "relay", "console")
ROOT = Path(__file__).resolve().parents[2]


async def horn(folder: Path, trials: int = TRIALS) -> list[float]:
    """Return seconds from the response that carries a change to the horn's write, per trial.

    500 tags at 1 s, hazard estimating all the while, the broker dead. Each trial takes another
    detector from clean air to over-range, and acknowledges its alarms so that the horn rests.
    """
    site = write_site(folder / "site", detectors=500)
    async with gateway(folder, site, ("core", "hazard", "relay")) as built:
        await until_good(built, 1.0)
        async with built.client("bench-horn") as client:
            reader = asyncio.create_task(_drain(client))
            order = random.Random(1).sample(range(500), trials)
            seconds = [await _one_trial(built, client, f"AT-{index:04}") for index in order]
            await let_go([reader])
    return seconds


async def _drain(client: ControlClient) -> None:
    """Read what the control socket sends, so that the client answers commands."""
    async for _ in client.messages():
        pass


async def _one_trial(built: Gateway, client: ControlClient, tag: str) -> float:
    """Raise one detector to over-range; return the seconds until the horn's register is written."""
    written = built.horn_written()
    served = built.served(tag)
    built.field.set_tag(tag, Reading(12.0, *GOOD))
    horn_ns = await asyncio.wait_for(written, 10)
    change_ns = await asyncio.wait_for(served, 10)
    built.field.set_tag(tag, Reading(0.0, *GOOD))
    for kind in ("h", "hh"):
        await client.command("acknowledge", {"condition": f"{tag}/{kind}"}, actor="bench")
    return (horn_ns - change_ns) / NS


async def memory(folder: Path, settle_s: float = 15.0) -> dict[str, tuple[float, float]]:
    """Return (RSS, PSS) [MB] of each daemon: 2,000 registers, 100 OPC UA items, 5 pages open."""
    site = write_site(folder / "site", detectors=250, opcua_items=100)
    async with gateway(folder, site, DAEMONS) as built:
        await until_good(built, 1.0)
        url = f"ws://127.0.0.1:{built.site.file.console.port}/api/v1/live"
        pages = [asyncio.create_task(_page(url)) for _ in range(5)]
        await asyncio.sleep(settle_s)  # memory is what stands after a while, not at an event
        found = {name: memory_mb(built.processes.children[name].pid) for name in DAEMONS}
        await let_go(pages)
    return {name: (rss or 0.0, pss or 0.0) for name, (rss, pss) in found.items()}


async def _page(url: str) -> None:
    """Be one open page."""
    while True:
        with contextlib.suppress(OSError, websockets.WebSocketException):
            async with websockets.connect(url, max_size=None) as socket:
                async for _ in socket:
                    pass
        await asyncio.sleep(0.2)


async def first_sample(folder: Path) -> float:
    """Return seconds from core's exec to its first Good sample, by the journal's own stamp.

    A site of 50 detectors; core's monotonic clock is this machine's.
    """
    site = write_site(folder / "site", detectors=50)
    async with gateway(folder, site, ("core",)) as built:
        await until_good(built, 1.0)
        await built.processes.stop("core")  # a clean stop leaves nothing unwritten
        rows = JournalReader(folder / "state" / "journal.db").samples(0, 1000)
        first = next(row.mono_ns for row in rows if row.quality is Quality.GOOD)
        return (first - built.core_started_ns) / NS


def command_seconds(arguments: list[str], times: int) -> float:
    """Return the median seconds of `times` runs of a command."""
    seconds: list[float] = []
    for _ in range(times):
        started = time.monotonic()
        subprocess.run(arguments, check=True, capture_output=True)
        seconds.append(time.monotonic() - started)
    return median(seconds)


def demo_cold() -> float:
    """Return seconds of `make demo` in a fresh clone until its first story line."""
    with tempfile.TemporaryDirectory(prefix="suian-cold-") as folder:
        clone = Path(folder) / "suian"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
        environment = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
        started = time.monotonic()
        child = subprocess.Popen(
            ["make", "demo", "ARGS=--headless --for 2"],
            cwd=clone,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
        )
        assert child.stdout
        told = next((time.monotonic() for line in child.stdout if "正在启动" in line), None)
        child.stdout.read()
        child.wait()
    if told is None:
        raise RuntimeError("make demo told no story")
    return told - started


def demo_warm() -> float:
    """Return seconds from `suian demo` to the first Good sample a console client is told of."""
    command = [sys.executable, "-m", "suian", "demo", "--headless", "--json", "--for", "14"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])["demo_warm_start_s"]


def measure(bench: Bench) -> None:
    """Measure every figure of the chain."""
    with tempfile.TemporaryDirectory(prefix="suian-b-") as folder:
        root = Path(folder)
        seconds = asyncio.run(horn(root / "horn"))
        bench.set("horn_p99_s", percentile(seconds, 99), f"{len(seconds)} trials")
        bench.baselines["horn_median_s"] = round(median(seconds), 4)
        found = asyncio.run(memory(root / "mem"))
        for name, (rss, _) in found.items():
            bench.set(f"rss_{name}_mb", rss)
        bench.set("pss_gateway_mb", sum(pss for _, pss in found.values()))
        starts = [asyncio.run(first_sample(root / f"first-{i}")) for i in range(3)]
        bench.set("core_first_sample_s", median(starts))
    bench.set("cli_help_s", command_seconds([sys.executable, "-m", "suian", "--help"], 5))
    bench.set("demo_warm_start_s", demo_warm())
    bench.set("demo_cold_s", demo_cold())


if __name__ == "__main__":
    main(Bench("chain", TARGETS), measure)
