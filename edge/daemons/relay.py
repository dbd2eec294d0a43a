"""suian-relay: the journal's rows to the park's MQTT broker."""

from __future__ import annotations

import asyncio
import sys

import structlog

from edge.control import ControlClient
from edge.daemons.runtime import Daemon, run_daemon
from edge.errors import ConfigError, Fault
from edge.relay import Pump

log = structlog.get_logger(__name__)
QUIET_PERIOD_S = 5.0  # the relay wants events, not values: those come from the journal


async def relay(daemon: Daemon) -> None:
    """Pump until told to stop; core's pushes say when there is something new."""
    if daemon.site.file.relay is None:
        file = str(daemon.site.root / "site.yaml")
        remedy = "Add a `relay:` section, or do not start suian-relay"
        raise ConfigError([Fault(file, 0, "relay", "the site names no MQTT broker", remedy)])
    pump = Pump(daemon.site, daemon.state, daemon.clock)
    for name in pump.figures():
        daemon.metrics.ask(name, lambda name=name: pump.figures()[name])
    async with (
        ControlClient(daemon.core_socket, "relay", str(daemon.site.world)) as core,
        asyncio.TaskGroup() as tasks,
    ):
        tasks.create_task(pump.run())
        tasks.create_task(_listen(core, pump, daemon))
        daemon.ready("waiting for the broker")


async def _listen(core: ControlClient, pump: Pump, daemon: Daemon) -> None:
    """Wake the pump at every event; tell core how the relay is."""
    told = None
    async for message in core.messages(QUIET_PERIOD_S):
        if message["t"] == "event":
            pump.expect()
        state = "running" if pump.connected else "no-broker"
        if state != told or message["t"] == "hello":
            core.report(state)
            told = state
        daemon.alive()


if __name__ == "__main__":
    sys.exit(run_daemon("relay", relay))
