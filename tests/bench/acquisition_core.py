"""Core's own cost: registers per CPU-second through the whole path, and 10,000 tags at 1 s.

The gateway measured is the real daemon, with a client on its control socket as a console would be
one; its CPU is what the kernel charged the process, journal thread and all. For the ratio to a
bare loop of pymodbus, which never waits for a schedule, core's poller is one that does not either.

`python -m tests.bench.acquisition_core` prints what `tests.bench.acquisition` asks for, and the
same for other shares of changing registers.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import Any

from pymodbus.client import AsyncModbusTcpClient

from edge.control import ControlClient
from edge.daemons import core as daemon
from edge.daemons.runtime import run_daemon
from edge.errors import CommandError
from edge.poll import Poller
from suian.demo.processes import Processes, memory_mb
from tests.bench.kit import median
from tests.peers.register_site import write_register_site
from tests.peers.registers import REGISTERS, serving

SHARE = 0.1  # of the registers that change from poll to poll: what the targets are for
LINES, DEVICES = 2, 4  # of the ratio's site: 8 blocks of 125 registers, a thousand tags
SETTLE_S, MEASURE_S, ROUNDS = 3.0, 15.0, 3
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Core:
    """A running core daemon under measurement, and the satellites beside it."""

    pid: int
    client: ControlClient
    beside: tuple[int, ...] = ()

    def cpu_s(self) -> float:
        """Return the CPU time of all their threads so far [s]."""
        return sum(_cpu_s(pid) for pid in (self.pid, *self.beside))

    async def figures(self) -> dict[str, float]:
        """Return core's own metrics by their short names."""
        text = (await self.client.command("metrics"))["text"]
        rows = (line.split() for line in text.splitlines() if not line.startswith("#"))
        return {name.removeprefix("suian_core_"): float(value) for name, value in rows}


@dataclass(frozen=True, slots=True)
class Spent:
    """What core did and spent over a stretch of time."""

    seconds: float
    cpu_s: float
    reads: float
    samples: float
    overruns: float
    failures: float
    journal_rows: float
    rss_mb: float


class Breathless(Poller):
    """A poller that asks for the next block as soon as it has the last one."""

    async def _serve(self, line: Any) -> None:
        while True:
            for job in line.jobs:
                self._deliver(job, await self._read(line, job))


def breathless_core(argv: list[str]) -> int:
    """Be the core daemon, but for the schedule."""
    daemon.Poller = Breathless
    return run_daemon("core", daemon.core, argv)


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2]
    user, system = fields.split()[11:13]
    return (int(user) + int(system)) / TICKS


@asynccontextmanager
async def core(
    folder: Path,
    site: Path,
    module: str = "edge.daemons.core",
    *first: str,
    beside: Sequence[str] = (),
) -> AsyncIterator[Core]:
    """Run the core daemon on `site`, and satellites, with somebody who listens."""
    for name in ("state", "run", "logs"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    processes = Processes(folder / "logs")
    options = [*first, "--site", str(site), "--state", str(folder / "state")]
    options += ["--run", str(folder / "run")]
    try:
        await processes.start("core", module, options)
        for name in beside:
            await processes.start(name, f"edge.daemons.{name}", options)
        async with ControlClient(folder / "run" / "core.sock", "bench") as client:
            listener = asyncio.create_task(_listen(client))
            others = tuple(processes.children[name].pid for name in beside)
            yield Core(processes.children["core"].pid, client, others)
            listener.cancel()
            await asyncio.gather(listener, return_exceptions=True)
    finally:
        await processes.stop_all()


async def _listen(client: ControlClient) -> None:
    async for _ in client.messages():
        pass


async def spent(
    folder: Path,
    site: Path,
    *how: str,
    seconds: float = MEASURE_S,
    beside: Sequence[str] = (),
) -> Spent:
    """Run core on `site` until it has settled, then for `seconds` [s]; return what that took."""
    loop = asyncio.get_running_loop()
    async with core(folder, site, *how, beside=beside) as built:
        await _until_read(built)
        await asyncio.sleep(SETTLE_S)
        first, cpu_s, began = await built.figures(), built.cpu_s(), loop.time()
        await asyncio.sleep(seconds)
        last, cpu_s, took_s = await built.figures(), built.cpu_s() - cpu_s, loop.time() - began
        gone = {name: value - first.get(name, 0) for name, value in last.items()}
        return Spent(
            seconds=took_s,
            cpu_s=cpu_s,
            reads=gone["reads_total"],
            samples=gone["samples_total"],
            overruns=gone["overruns_total"],
            failures=gone["read_failures_total"],
            journal_rows=gone.get("journal_rows_total", 0),
            rss_mb=memory_mb(built.pid)[0] or 0.0,
        )


async def _until_read(built: Core) -> None:
    """Wait until core answers and has read something."""
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(CommandError):  # not there yet
                if (await built.figures())["reads_total"] > 0:
                    return
            await asyncio.sleep(0.5)


# --- registers per CPU-second -----------------------------------------------------------------


def regs_ratio(folder: Path, share: float = SHARE) -> tuple[float, float]:
    """Return (core ÷ bare pymodbus, pymodbus' registers per CPU-second), on the same blocks.

    Both are measured in turns, and the medians taken: others use the machine as well.
    """
    with serving(LINES, share) as ports:
        site = write_register_site(folder / "site", ports, DEVICES, REGISTERS, 1.0)
        rounds = [(_ours(folder / str(turn), site), _bare(ports)) for turn in range(ROUNDS)]
    bare = median([theirs for _, theirs in rounds])
    return median([ours for ours, _ in rounds]) / bare, bare


def _ours(folder: Path, site: Path) -> float:
    """Return core's registers per CPU-second. Raises `RuntimeError` if a read failed."""
    how = "tests.bench.acquisition_core", "--breathless"
    ours = asyncio.run(spent(folder, site, *how, seconds=MEASURE_S / ROUNDS))
    if ours.failures:
        raise RuntimeError(f"{ours.failures:g} of {ours.reads:g} reads failed: no figure")
    return ours.reads * REGISTERS / ours.cpu_s


def _bare(ports: list[int], seconds: float = 3.0) -> float:
    """Return a bare pymodbus loop's registers per CPU-second, in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.acquisition_core", "--bare", json.dumps(ports)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60 + seconds)
    return float(done.stdout)


async def bare_loop(ports: list[int], seconds: float = 3.0) -> float:
    """Read every unit's block over and over, keep the registers; return them per CPU-second."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds

    async def line(port: int) -> int:
        client = AsyncModbusTcpClient("127.0.0.1", port=port)
        await client.connect()
        count = 0
        while loop.time() < until:
            for unit in range(1, DEVICES + 1):
                answer = await client.read_holding_registers(0, count=REGISTERS, device_id=unit)
                count += len(answer.registers)
        client.close()
        return count

    began = process_time()
    counts = await asyncio.gather(*(line(port) for port in ports))
    return sum(counts) / (process_time() - began)


# --- 10,000 tags ------------------------------------------------------------------------------


def ten_thousand_tags(folder: Path, share: float = SHARE) -> dict[str, float]:
    """Return the figures of 100 devices x 100 registers at 1 s, everything on, by their names."""
    with serving(100, share) as ports:
        site = write_register_site(folder / "site", ports, 1, 100, 1.0)
        load_s = median([_load_s(site) for _ in range(3)])
        ours = asyncio.run(spent(folder, site))
    return {
        "cpu_share_10k_tags": ours.cpu_s / ours.seconds,
        "cpu_us_per_tag": ours.cpu_s / ours.samples * 1e6,
        "rss_10k_tags_mb": ours.rss_mb,
        "load_10k_tags_s": load_s,
        "overruns": ours.overruns,
        "failures": ours.failures,
    }


LOAD = """
import sys, time
from edge.alarm import engine_of
from edge.clock import SystemClock
from edge.daemons.field import open_field, templates_of
from edge.site import load_site
began = time.monotonic()
site = load_site(sys.argv[1])
drivers = open_field(site, templates_of(site)).drivers
engine_of(site)
for device in site.file.devices:
    drivers[device.link].plan(device, site.tags_of(device.id))
print(time.monotonic() - began)
"""


def _load_s(site: Path) -> float:
    """Return how long a fresh process takes to load, check and plan `site` [s], imports apart."""
    command = [sys.executable, "-c", LOAD, str(site)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
    return float(done.stdout)


def entry() -> None:
    """Print every figure, for every share of changing registers."""
    if sys.argv[1:2] == ["--breathless"]:
        sys.exit(breathless_core(sys.argv[2:]))
    if sys.argv[1:2] == ["--bare"]:
        sys.stdout.write(f"{asyncio.run(bare_loop(json.loads(sys.argv[2])))}\n")
        return
    with tempfile.TemporaryDirectory(prefix="suian-a-") as root:
        for share in (SHARE, 0.0, 1.0):
            name = f"{100 * share:g}"
            ratio, bare = regs_ratio(Path(root) / f"ratio-{name}", share)
            line = f"{name:>4} % changing: regs_ratio {ratio:.3f} (pymodbus {bare:,.0f} regs/CPU-s)"
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
            found = ten_thousand_tags(Path(root) / f"ten-{name}", share)
            texts = ", ".join(f"{key} {value:.3f}" for key, value in found.items())
            sys.stdout.write(f"     {texts}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    entry()
