"""suian-console: the operator's page, its API and the gateway's metrics."""

from __future__ import annotations

import argparse
import asyncio
import socket
import sys
from functools import partial
from pathlib import Path

import structlog

from edge.clock import SystemClock
from edge.console.api import Api
from edge.console.board import Board
from edge.console.core_link import CoreLink
from edge.console.figures import Figures
from edge.console.history import JournalHistory
from edge.console.hub import Hub
from edge.console.live import Live
from edge.console.pulse import Pulse
from edge.console.server import Server, application, listen, make_server
from edge.console.site_page import site_page
from edge.console.speech import Speech
from edge.control import ControlClient
from edge.daemons.runtime import Daemon, run_daemon, version
from edge.journal.hazard_file import HazardReader
from edge.web import Door, Sessions, Throttle, UsersFile, ensure_admin, return_big_blocks

log = structlog.get_logger(__name__)


async def console(daemon: Daemon, password_file: Path | None) -> None:
    """Serve pages until told to stop, whether core is there or not."""
    return_big_blocks()
    settings = daemon.site.file.console
    users, note = ensure_admin(daemon.state, password_file)
    if note is not None:
        log.warning("admin-made", read_its_password_in=str(note))
    listener = listen(settings.host, settings.port)
    pace = SystemClock()  # people live in real time, also while a replay runs fast
    board, hub = Board(), Hub(pace)
    hazard = HazardReader(daemon.state / "hazard.db")
    pulse = Pulse(board, hub, daemon.clock, pace, hazard.latest, daemon.alive)
    daemon.metrics.ask("clients", lambda: len(hub.clients))
    daemon.metrics.ask("messages_total", lambda: hub.sent)
    daemon.metrics.ask("clients_let_go_total", lambda: hub.let_go)
    async with ControlClient(daemon.core_socket, "console", str(daemon.site.world)) as client:
        link = CoreLink(client, board, hub, pulse, daemon.follow)
        speech = Speech(daemon.site, daemon.state / "speech")
        server = _server(daemon, board, hub, pulse, link, users, speech)
        client.report("running")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(link.run())
            tasks.create_task(pulse.run())
            tasks.create_task(pulse.watch_hazard())
            tasks.create_task(speech.prepare())
            tasks.create_task(_serve(server, listener, hub))
            daemon.ready(f"http://{settings.host}:{settings.port}/")


def _server(
    daemon: Daemon,
    board: Board,
    hub: Hub,
    pulse: Pulse,
    link: CoreLink,
    users: UsersFile,
    speech: Speech,
) -> Server:
    """Put the application together."""
    site, pace = daemon.site, SystemClock()
    settings = site.file.console
    door = Door(Sessions(pace), kiosk_view=settings.kiosk_view)
    api = Api(
        site_page=site_page(site, version()),
        tags=frozenset(site.tags),
        board=board,
        hub=hub,
        pulse=pulse,
        core=link,
        history=JournalHistory(daemon.state / "journal.db", site.limits),
        door=door,
        users=users,
        throttle=Throttle(pace),
        clock=daemon.clock,
        metrics=Figures(daemon.run, daemon.metrics.text).gather,
        speech=speech,
    )
    hello = {**daemon.hello(), "t": "hello", "hash": site.hash}
    live = Live(hub, board, door, hello)
    return make_server(application(api, live, (settings.host, *settings.names)))


async def _serve(server: Server, listener: socket.socket, hub: Hub) -> None:
    """Serve; when told to stop, let the pages go first, so that they know."""
    serving = asyncio.ensure_future(server.serve([listener]))
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        hub.close()
        server.should_exit = True
        await serving
        raise


def main(argv: list[str] | None = None) -> int:
    """Take the console's own argument; the rest is every daemon's."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--admin-password-file", type=Path, default=None)
    own, rest = parser.parse_known_args(argv)
    return run_daemon("console", partial(console, password_file=own.admin_password_file), rest)


if __name__ == "__main__":
    sys.exit(main())
