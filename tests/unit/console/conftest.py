"""A console on a free loopback port over a fake core, in one event loop with its test."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from edge.clock import SystemClock
from edge.console.api import Api
from edge.console.board import Board
from edge.console.core_link import CoreLink
from edge.console.hub import Hub
from edge.console.live import Live
from edge.console.pulse import Pulse
from edge.console.server import application, listen, make_server
from edge.console.site_page import site_page
from edge.console.speech import Speech
from edge.control import ControlClient
from edge.errors import JournalError
from edge.site import load_site
from edge.web import Door, Sessions, Throttle, UsersFile
from tests.unit.console.fake_core import FakeCore
from tests.unit.console.page import Page

DEMO = Path(__file__).parents[3] / "deploy" / "sites" / "demo"
PASSWORD = "a-good-password"


@pytest.fixture(scope="session")
def site():
    """The example site."""
    return load_site(DEMO)


@pytest.fixture(scope="session")
def hashed(tmp_path_factory):
    """A users file whose one password was hashed once for all tests."""
    users = UsersFile(tmp_path_factory.mktemp("users") / "users.json", {})
    users.set_password("admin", PASSWORD)
    return users


@pytest.fixture
def run_folder():
    """A folder short enough for Unix sockets."""
    folder = Path(tempfile.mkdtemp(prefix="sc-"))
    yield folder
    shutil.rmtree(folder)


class FakeHistory:
    """A journal that is there, or is not."""

    broken = False

    def events(self, before, limit):
        """Return made-up events."""
        if self.broken:
            raise JournalError("journal.db: not there")
        newest = 500 if before is None else before - 1
        return [{"seq": seq} for seq in range(newest, max(0, newest - limit), -1)]

    def trend(self, tag, from_ns, to_ns, points):
        """Return what was asked."""
        return [{"tag": tag, "from_ns": from_ns, "to_ns": to_ns, "points": points}]

    def kpi(self, now_ns, hours):
        """Return what was asked."""
        if self.broken:
            raise JournalError("journal.db: not there")
        return {"to_ns": now_ns, "hours": hours}


class Bench:
    """The console's parts, for a test to reach into."""

    def __init__(self, site, users, static: Path) -> None:
        clock = SystemClock()
        self.estimate = None
        self.board, self.hub = Board(), Hub(clock)
        self.pulse = Pulse(self.board, self.hub, clock, clock, lambda: self.estimate)
        self.sessions = Sessions(clock)
        self.door = Door(self.sessions, kiosk_view=True)
        self.history = FakeHistory()
        self.site, self.users, self.static = site, users, static
        self.speech = Speech(replace(site, root=static), static / "speech")
        self.clock = clock
        self.port = 0

    def application(self, link):
        """Return the application over these parts."""

        async def metrics():
            return "suian_up 1\n"

        api = Api(
            site_page=site_page(self.site, "0"),
            tags=frozenset(self.site.tags),
            board=self.board,
            hub=self.hub,
            pulse=self.pulse,
            core=link,
            history=self.history,
            door=self.door,
            users=self.users,
            throttle=Throttle(self.clock),
            clock=self.clock,
            metrics=metrics,
            speech=self.speech,
        )
        hello = {"t": "hello", "v": 1, "hash": self.site.hash, "suian": "0"}
        return application(api, Live(self.hub, self.board, self.door, hello), (), self.static)

    async def follow(self, hello):
        """Take core's hello: what a daemon does with it is tested with the daemons."""

    def page(self, **headers):
        """Return a new page: a client with its own cookies."""
        return Page(self.port, headers)


@pytest.fixture
async def core(site, run_folder):
    """A fake core on its control socket."""
    async with FakeCore(site, run_folder) as fake:
        yield fake


@pytest.fixture
async def bench(site, hashed, run_folder, tmp_path):
    """A running console; it follows whatever core serves the run folder's socket."""
    (tmp_path / "index.html").write_text("<!doctype html><title>page</title>")
    bench = Bench(site, hashed, tmp_path)
    listener = listen("127.0.0.1", 0)
    bench.port = listener.getsockname()[1]
    async with ControlClient(run_folder / "core.sock", "console", str(site.world)) as client:
        link = CoreLink(client, bench.board, bench.hub, bench.pulse, bench.follow)
        server = make_server(bench.application(link))
        loops = [
            asyncio.create_task(one)
            for one in (link.run(), bench.pulse.run(), bench.pulse.watch_hazard())
        ]
        serving = asyncio.create_task(server.serve([listener]))
        yield bench
        bench.hub.close()
        server.should_exit = True
        await serving
        for task in loops:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*loops)
