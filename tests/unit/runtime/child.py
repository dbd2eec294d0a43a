"""A daemon for tests: `python -m tests.unit.runtime.child ROOT …` runs one of the roots below."""

from __future__ import annotations

import asyncio
import errno
import os
import sys
from pathlib import Path

from edge.control import ControlClient, ControlServer, Handlers
from edge.daemons.runtime import Daemon, run_daemon
from edge.errors import JournalError


async def waits(daemon: Daemon) -> None:
    """Count, be ready, and wait to be told to stop; leave a note on the way out."""
    daemon.metrics.add("looks_total", 3)
    daemon.metrics.ask("pid", os.getpid)
    daemon.ready("all is well")
    daemon.alive()
    try:
        await asyncio.Event().wait()
    finally:
        _note(daemon.state / "stopped")


async def ends(daemon: Daemon) -> None:
    """Have nothing to do."""
    daemon.ready()


async def breaks(_daemon: Daemon) -> None:
    """Have a mistake in it."""
    raise ZeroDivisionError("a mistake of ours")


async def journal_fails(_daemon: Daemon) -> None:
    """Find something a person has to mend, deep in a task group."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(asyncio.sleep(60))
        tasks.create_task(_refuse())


async def port_in_use(_daemon: Daemon) -> None:
    """Find a port taken."""
    raise OSError(errno.EADDRINUSE, "address ('127.0.0.1', 8020) already in use")


async def serves_core(daemon: Daemon) -> None:
    """Serve the control socket itself, as core does."""
    async with ControlServer(daemon.core_socket, daemon.hello(), Handlers()):
        daemon.ready()
        await asyncio.Event().wait()


async def follows(daemon: Daemon) -> None:
    """Follow core as a satellite does, and say which site it is of."""
    async with ControlClient(daemon.core_socket, daemon.name) as core:
        daemon.ready(daemon.site.hash)
        async for message in core.messages():
            if message["t"] == "hello":
                await daemon.follow(message)


async def _refuse() -> None:
    raise JournalError("journal.db is of a newer Suian: upgrade")


def _note(path: Path) -> None:
    path.write_text("clean")


if __name__ == "__main__":
    name, *arguments = sys.argv[1:]
    daemon = "core" if name == "serves_core" else "probe"
    sys.exit(run_daemon(daemon, globals()[name], arguments))
