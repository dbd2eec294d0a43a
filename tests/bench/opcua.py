"""The OPC UA figures of the acquisition bench: cost per change, and how soon silence is noticed.

`measure_opcua` starts an asyncua server in a process of its own. The cost is the processor time of
a client process per 1000 changes, ours (driver, stream and samples into a sink that counts) over a
bare asyncua subscription whose handler only counts, in turns against the same server.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from edge.alarm import Heard
from edge.clock import SystemClock
from edge.drivers import Driver, open_driver
from edge.poll import Poller
from edge.site.model import Device, Link
from edge.tag import Quality, Sample
from tests.conformance.field import TEMPLATES, free_ports, make_site, make_tag
from tests.peers.process import ROOT, start, started

ITEMS, RATE = 5000, 2000.0
FREEZES = 4
ROUNDS, SETTLE_S, WINDOW_S = 3, 3.0, 8.0
PATIENCE_S = 30.0  # for what should take three seconds
PATH, URI = "/suian/peer", "urn:suian:peer"


class Counter:
    """A sink that counts, and keeps when a sample of each quality last came (monotonic s)."""

    def __init__(self) -> None:
        self.samples = 0
        self.good: dict[str, float] = {}
        self.bad: dict[str, float] = {}

    def on_samples(self, samples: Sequence[Sample]) -> None:
        """Count what is new."""
        self.samples += len(samples)
        if len(self.good) < 100:  # the large runs are for counting only
            now = time.monotonic()
            for sample in samples:
                (self.bad if sample.quality is Quality.BAD else self.good)[sample.tag] = now

    def join(self, tags: Sequence[str]) -> Heard:
        """Return what stands for `tags`."""
        return Heard(tags)

    def on_answer(self, heard: Heard, samples: Sequence[Sample], utc_ns: int) -> None:
        """Count what is new; good tags rest, as they would with the engine."""
        heard.restless.clear()
        self.on_samples(samples)

    def on_same(self, tags: Sequence[str], utc_ns: int) -> None:
        """Take it that nothing has changed."""


def _poller(port: int, items: int, sink: Counter) -> tuple[Poller, Driver]:
    link = Link(id="u", kind="opcua", port=port, path=PATH)
    device = Device(id="D", link="u", template="opcua")
    tags = [make_tag(f"T{i}", "D", f"nsu={URI};s=v{i}", high=1e6) for i in range(items)]
    driver = open_driver(link, [device], TEMPLATES, frozenset())
    site = make_site([link], [device], tags)
    return Poller(site, {"u": driver}, SystemClock(), sink), driver


async def _ours(port: int) -> tuple[int, float]:
    """Return the changes that our client took in a window, and the processor time it took [s]."""
    sink = Counter()
    poller, driver = _poller(port, ITEMS, sink)
    task = asyncio.create_task(poller.run())
    await poller.first_cycle()
    await asyncio.sleep(SETTLE_S)
    before, cpu = sink.samples, time.process_time()
    await asyncio.sleep(WINDOW_S)
    taken, cpu = sink.samples - before, time.process_time() - cpu
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await driver.close()
    return taken, cpu


async def _bare(port: int) -> tuple[int, float]:
    """Return the same of an asyncua subscription whose handler only counts."""
    from asyncua.client.client import Client  # noqa: PLC0415  # only the bench's child needs it

    class Handler:
        count = 0

        def datachange_notification(self, node: object, val: object, data: object) -> None:
            self.count += 1

    handler = Handler()
    async with Client(f"opc.tcp://127.0.0.1:{port}{PATH}") as client:
        index = await client.get_namespace_index(URI)
        nodes = [client.get_node(f"ns={index};s=v{i}") for i in range(ITEMS)]
        subscription = await client.create_subscription(250, handler)
        for first in range(0, ITEMS, 500):
            await subscription.subscribe_data_change(nodes[first : first + 500], queuesize=10)
        await asyncio.sleep(SETTLE_S)
        before, cpu = handler.count, time.process_time()
        await asyncio.sleep(WINDOW_S)
        return handler.count - before, time.process_time() - cpu


def client(kind: str, port: int) -> None:
    """Be one client process: print what it took and cost."""
    taken, cpu = asyncio.run(_ours(port) if kind == "ours" else _bare(port))
    sys.stdout.write(json.dumps([taken, cpu]) + "\n")


async def _cost(kind: str, port: int) -> float:
    """Return the processor time [s] of one client process per 1000 changes."""
    code = f"from tests.bench.opcua import client; client({kind!r}, {port})"
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await child.communicate()
    taken, cpu = json.loads(said.splitlines()[-1])  # before it, what the log had to say
    assert taken > RATE * WINDOW_S / 2, f"{kind}: only {taken} changes came"
    return cpu / taken * 1000


async def _costs() -> dict[str, float]:
    (port,) = free_ports(1)
    async with started(port, items=ITEMS) as peer:
        await peer.do("change", RATE)
        rounds = [(await _cost("bare", port), await _cost("ours", port)) for _ in range(ROUNDS)]
    bare, ours = (statistics.median(column) for column in zip(*rounds, strict=True))
    return {
        "opcua_cpu_ratio_bare": ours / bare,
        "opcua_bare_cpu_s_per_1000": bare,
        "opcua_ours_cpu_s_per_1000": ours,
    }


async def _silences() -> dict[str, float]:
    """Return the slowest tag's time to Bad after a freeze and a kill, and to data after each."""
    (port,) = free_ports(1)
    sink = Counter()
    peer = await start(port, items=20)
    poller, driver = _poller(port, 20, sink)
    task = asyncio.create_task(poller.run())
    try:
        await poller.first_cycle()
        await asyncio.sleep(SETTLE_S)
        bad: list[float] = []
        back: list[float] = []
        for number in range(FREEZES):  # at another point of the server's round each time
            frozen_at = time.monotonic()
            peer.freeze()
            bad.append(await _all_after(sink.bad, frozen_at))
            thawed_at = time.monotonic()
            peer.thaw()
            back.append(await _all_after(sink.good, thawed_at))
            await asyncio.sleep(SETTLE_S + 0.2 * number)
        killed_at = time.monotonic()
        await peer.kill()
        bad.append(await _all_after(sink.bad, killed_at))
        peer = await start(port, items=20)
        back.append(await _all_after(sink.good, peer.ready_at))
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await driver.close()
        await peer.kill()
    return {"opcua_silence_bad_s": max(bad), "opcua_back_s": max(back)}


async def _all_after(seen: dict[str, float], since: float) -> float:
    """Return how long after `since` [monotonic s] every tag had a sample in `seen`."""
    async with asyncio.timeout(PATIENCE_S):
        while len(seen) < 20 or min(seen.values()) < since:  # noqa: ASYNC110  # a figure, not a test
            await asyncio.sleep(0.01)
    return max(0.0, max(seen.values()) - since)


def measure_opcua(folder: Path) -> dict[str, float]:  # it writes no files
    """Return the figures; takes about two minutes."""
    return asyncio.run(_silences()) | asyncio.run(_costs())
