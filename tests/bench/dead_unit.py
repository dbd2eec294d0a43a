"""Ten units behind one TCP port, one of them silent: what its neighbours feel, and its return."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusIOException

from edge.alarm import Heard
from edge.clock import NS, SystemClock
from edge.drivers import load_templates, open_driver
from edge.drivers.base import Reading
from edge.poll import Poller
from edge.site import Site, load_site
from edge.tag import Quality, Reason, Sample
from simulator.field import FieldFault, FieldServers
from tests.bench.kit import percentile
from tests.gateway import let_go
from tests.sites import write_site

UNITS = 10
DEAD = 3  # the fourth of them
CALM_S, SILENT_S, BACK_S = 5.0, 25.0, 15.0


class DeadUnit(NamedTuple):
    """Seconds: the live units' longest wait between samples (p99), and the dead one's return."""

    live_gap_p99_s: float
    back_s: float
    pymodbus_gap_s: float


class Noted:
    """A sink that notes when each tag was heard of, and read well."""

    def __init__(self) -> None:
        self._clock = SystemClock()
        self.good_ns: dict[str, list[int]] = {}

    def join(self, tags: Sequence[str]) -> Heard:
        """Have every tag sampled at each answer: none ever comes to rest."""
        return Heard(tags)

    def on_answer(self, heard: Heard, samples: Sequence[Sample], utc_ns: int) -> None:
        """Note the good ones."""
        del heard, utc_ns
        self.on_samples(samples)

    def on_samples(self, samples: Sequence[Sample]) -> None:
        """Note the good ones."""
        self._note([s.tag for s in samples if s.quality is Quality.GOOD])

    def on_same(self, tags: Sequence[str], utc_ns: int) -> None:  # the sink's form
        """Note them all: what is the same as before was good before."""
        self._note(tags)

    def _note(self, tags: Sequence[str]) -> None:
        now_ns = self._clock.now().mono_ns
        for tag in tags:
            self.good_ns.setdefault(tag, []).append(now_ns)


async def measure(folder: Path) -> DeadUnit:
    """Return the figures of one run, pymodbus' own with its defaults beside them."""
    site = load_site(write_site(folder / "site", detectors=UNITS))
    templates = load_templates()
    field = FieldServers(site, templates)
    await field.start()
    for index in range(UNITS):
        field.set_tag(f"AT-{index:04}", Reading(0.1, Quality.GOOD, Reason.OK))
    try:
        gaps, back_s = await _ours(site, field)
        field.inject(f"AE-{DEAD:04}", FieldFault.SILENT)
        theirs_s = await _pymodbus(site.links["line-0"].port)
    finally:
        await field.stop()
    return DeadUnit(percentile(gaps, 99), back_s, theirs_s)


async def _ours(site: Site, field: FieldServers) -> tuple[list[float], float]:
    link = site.links["line-0"]
    templates, heard, clock = load_templates(), Noted(), SystemClock()
    driver = open_driver(link, [*site.devices.values()][:UNITS], templates, frozenset())
    poller = Poller(site, {link.id: driver}, clock, heard)
    task = asyncio.create_task(poller.run())
    device, tag = f"AE-{DEAD:04}", f"AT-{DEAD:04}"
    await asyncio.sleep(CALM_S)
    field.inject(device, FieldFault.SILENT)
    await asyncio.sleep(SILENT_S)
    revived_ns = clock.now().mono_ns
    field.inject(device, None)
    await asyncio.sleep(BACK_S)
    await let_go([task])
    await driver.close()
    live = [times for name, times in heard.good_ns.items() if name != tag]
    gaps = [(b - a) / NS for times in live for a, b in pairwise(times)]
    first = next((at for at in heard.good_ns.get(tag, []) if at > revived_ns), None)
    return gaps, (first - revived_ns) / NS if first is not None else float("inf")


async def _pymodbus(port: int) -> float:
    """Return the seconds of one round of all units by a plain loop with pymodbus' defaults."""
    client = AsyncModbusTcpClient("127.0.0.1", port=port)
    await client.connect()
    loop = asyncio.get_running_loop()
    started = loop.time()
    for index in range(UNITS):
        try:
            await client.read_holding_registers(0, count=10, device_id=1 + index)
        except ModbusIOException:
            if index != DEAD:
                raise
    took = loop.time() - started
    client.close()
    return took
