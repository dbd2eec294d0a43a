"""suian-relay: `python -m edge.daemons.relay --site PATH --state DIR --run DIR`.

The journal's rows, and hazard's estimates, to the park's MQTT broker.
"""

from __future__ import annotations

import asyncio
import sys

from edge.control import ControlClient
from edge.daemons.runtime import Daemon, run_daemon
from edge.errors import ConfigError, Fault
from edge.relay import Pump

QUIET_PERIOD_S = 5.0  # the relay wants events, not values: those come from the journal


async def relay(daemon: Daemon) -> None:
    """Pump until told to stop, whether core and broker are there or not."""
    if daemon.site.file.relay is None:
        file = str(daemon.site.root / "site.yaml")
        remedy = "Add a `relay:` section, or do not start suian-relay"
        raise ConfigError([Fault(file, 0, "relay", "the site names no MQTT broker", remedy)])
    async with ControlClient(daemon.core_socket, daemon.name, daemon.site.world) as core:
        pump = Pump(daemon.site, daemon.state, core.report, daemon.alive)
        for name, source in pump.figures().items():
            daemon.metrics.ask(name, source)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(pump.run())
            tasks.create_task(_listen(daemon, core, pump))
            daemon.ready(f"to {daemon.site.file.relay.host}:{daemon.site.file.relay.port}")


async def _listen(daemon: Daemon, core: ControlClient, pump: Pump) -> None:
    """Core's pushes say when there is something new."""
    async for message in core.messages(QUIET_PERIOD_S):
        if message["t"] == "event":
            pump.expect()
        elif message["t"] == "hello":
            await daemon.follow(message)


if __name__ == "__main__":
    sys.exit(run_daemon("relay", relay))
