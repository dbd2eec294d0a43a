"""A gateway of real daemons beside field servers in this process, for system tests and benches."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.control import ControlClient
from edge.drivers import load_templates
from edge.drivers.base import Reading
from edge.site import load_site
from edge.site.model import Site
from edge.tag import Quality, Reason
from simulator.field import FieldServers
from suian.demo.processes import Processes

GOOD = (Quality.GOOD, Reason.OK)
CALM_DAY = {"WS-1": 3.0, "WD-1": 225.0, "TT-1": 15.0}  # m/s, deg, degC


@dataclass(slots=True)
class Gateway:
    """The daemons under measurement, and the field they read."""

    site: Site
    field: FieldServers
    processes: Processes
    arguments: list[str]
    run: Path
    core_started_ns: int

    async def start(self, name: str) -> None:
        """Start a daemon (again)."""
        await self.processes.start(name, f"edge.daemons.{name}", self.arguments)

    async def kill(self, name: str) -> None:
        """End a daemon as a crash would."""
        os.kill(self.processes.children[name].pid, signal.SIGKILL)
        await self.processes.stop(name)

    async def command(self, name: str, args: Mapping[str, object], reason: str = "") -> Any:
        """Send core one operator's command; return its answer. Raises `CommandError`."""
        async with self.client("test-operator") as client:
            listening = asyncio.create_task(_listen(client))
            who: dict[str, Any] = {
                "actor": "王",
                "role": "operator",
                "place": "test",
                "reason": reason,
            }
            try:
                return await client.command(name, args, **who)
            finally:
                await let_go([listening])

    async def alarm(self, condition: str, *states: str) -> dict[str, Any]:
        """Wait until `condition` stands in one of `states`; return the alarm."""
        async with asyncio.timeout(20), self.client("test") as client:
            async for message in client.messages():
                for alarm in message.get("alarms") or [message.get("alarm")]:
                    if alarm and alarm["condition"] == condition and alarm["state"] in states:
                        return alarm
        raise AssertionError(f"{condition} never came to {states}")

    async def alarms(self) -> dict[str, dict[str, Any]]:
        """Return the alarms that stand now, by condition."""
        async with asyncio.timeout(20), self.client("test") as client:
            async for message in client.messages():
                if message["t"] == "snapshot":
                    return {alarm["condition"]: alarm for alarm in message["alarms"]}
        raise AssertionError("core said nothing")

    def horn_written(self) -> asyncio.Future[int]:
        """Return what will hold the monotonic ns at which the tower is next switched on."""
        written: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def on_write(device: str, _address: int, values: tuple[int, ...], mono_ns: int) -> None:
            if device.startswith("TOWER") and any(v & 0xFF for v in values) and not written.done():
                written.set_result(mono_ns)

        self.field.on_write = on_write
        return written

    def served(self, tag: str) -> asyncio.Future[int]:
        """Return what will hold the monotonic ns at which `tag`'s next change left the field."""
        left: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def on_served(name: str, mono_ns: int) -> None:
            if name == tag and not left.done():
                left.set_result(mono_ns)

        self.field.on_served = on_served
        return left

    def client(self, name: str) -> ControlClient:
        """Return a client of core's control socket."""
        return ControlClient(self.run / "core.sock", name)

    def rest(self) -> None:
        """Give every tag a quiet value."""
        for tag in self.site.tags.values():
            if tag.device in self.site.devices:
                self.field.set_tag(tag.name, Reading(CALM_DAY.get(tag.name, 0.0), *GOOD))


@asynccontextmanager
async def gateway(
    folder: Path, site_folder: Path, daemons: Sequence[str]
) -> AsyncIterator[Gateway]:
    """Serve the site's field here, run `daemons` on it, end everything afterwards."""
    site = load_site(site_folder)
    field = FieldServers(site, load_templates(None))
    for name in ("state", "run", "logs"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    environment = {"NUMBA_CACHE_DIR": str(Path.home() / ".cache" / "suian" / "numba")}
    processes = Processes(folder / "logs", environment)
    await field.start()
    arguments = ["--site", str(site_folder), "--state", str(folder / "state")]
    arguments += ["--run", str(folder / "run")]
    try:
        started = time.monotonic_ns()
        built = Gateway(site, field, processes, arguments, folder / "run", started)
        for name in daemons:
            await built.start(name)
        built.rest()
        yield built
    finally:
        await processes.stop_all()
        await field.stop()


async def until_good(built: Gateway, share: float, within_s: float = 60.0) -> int:
    """Wait until `share` of the polled tags read Good; return the monotonic ns of the first one.

    Raises `TimeoutError` with what core wrote last.
    """
    wanted = sum(tag.device in built.site.devices for tag in built.site.tags.values()) * share
    good: set[str] = set()
    first = 0
    try:
        async with asyncio.timeout(within_s), built.client("bench") as client:
            async for message in client.messages():
                rows = message.get("values") or []
                good |= {row[0] for row in rows if row[2] == Quality.GOOD}
                first = first or (time.monotonic_ns() if good else 0)
                if len(good) >= wanted:
                    return first
    except TimeoutError:
        words = built.processes.last_words("core")
        raise TimeoutError(f"{len(good)} of {wanted:.0f} tags good: {words}") from None
    return first


async def let_go(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancel tasks and wait for their end."""
    for task in tasks:
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks, return_exceptions=True)


async def _listen(client: ControlClient) -> None:
    """Read what the control socket sends, so that its client gets its answers."""
    async for _ in client.messages():
        pass
