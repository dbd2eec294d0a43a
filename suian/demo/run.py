"""One run: field, broker, core, hazard, relay, console and who watches them, from start to end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import signal
import socket
import sys
import time
import webbrowser
from pathlib import Path
from typing import Any

import structlog

from edge.clock import NS, ScaledClock
from edge.site import load_site
from edge.site.model import Site
from edge.site.parts import Title
from simulator.field.sources import replay_start_ns
from suian.demo.chain import Chain
from suian.demo.options import DemoOptions, scenario_file
from suian.demo.processes import Processes, memory_mb
from suian.demo.story import Story
from suian.demo.watch import Watch
from suian.demo.workspace import Workspace
from training import ScoreReport

DAEMONS = ("core", "hazard", "relay", "console")
REPLAY_LEAD_S = 4.0  # real seconds that a replay's clock waits for the daemons to stand


class Run:
    """One run of the demo, in a workspace that somebody else makes and takes away."""

    def __init__(self, options: DemoOptions, place: Workspace) -> None:
        # The story is the demo's voice; what its own clients log below a warning is not part of it.
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
        self.options = options
        self._place = place
        self._site: Site = load_site(place.site)
        self.chain = Chain()
        self._story = Story(self.chain, to_stderr=options.as_json)
        self._processes = Processes(place.logs, _environment(place))
        self._clock_spec = "system"
        self._password = secrets.token_urlsafe(9)
        self.truth: list[dict[str, Any]] = []
        self.pids: dict[str, int] = {}
        self.memory: dict[str, tuple[float | None, float | None]] = {}
        self.broken = ""  # which process took the story with it, and how

    async def run(self) -> None:
        """Start everything, tell the story until it ends or is ended, stop everything."""
        done = asyncio.Event()
        loop = asyncio.get_running_loop()
        for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(sig, done.set)
        self._story.tell("starting")
        watch = Watch(self.chain, self._story, self._site, self._place)
        end_mqtt = None
        watchers: list[asyncio.Task[None]] = []
        try:
            await self._start(watch)
            end_mqtt = watch.mqtt(loop)
            watchers = [
                asyncio.create_task(job, name=name)
                for name, job in (
                    ("start-core", self._start_core(watch)),
                    ("control", watch.control()),
                    ("hazard", watch.hazard()),
                    ("console", watch.console()),
                    ("children", self._mind_children(done)),
                )
            ]
            await self._greet()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(done.wait(), self._remaining_s())
        finally:
            self._story.tell("stopping")
            self.memory = {n: memory_mb(c.pid) for n, c in self._processes.children.items()}
            for task in watchers:
                task.cancel()
            await asyncio.gather(*watchers, return_exceptions=True)
            if end_mqtt:
                end_mqtt()
            await self._processes.stop_all()
            self._story.tell("stopped")

    def tell_score(self, report: ScoreReport) -> None:
        """Tell a drill's score as the story's last line."""
        zh, en = ([item.said(code) for item in report.items] for code in ("zh-CN", "en"))
        words = Title(zh="；".join(zh), en="; ".join(en))
        params = {"points": report.points, "full": report.full, "words": words}
        self._story.tell("score", params, "good")

    def _remaining_s(self) -> float | None:
        """Return how long the run still has [s], None for ever."""
        if self.options.for_s is None:
            return None
        used = (time.monotonic_ns() - self.chain.started_ns) / NS
        return max(0.0, self.options.for_s - used)

    async def _start(self, watch: Watch) -> None:
        """Start the processes, all at once but for core (see `_start_core`)."""
        clock = self._clock_spec = self._clock()
        daemon = self._daemon_arguments(clock)
        password_file = self._place.run / "admin-password"
        password_file.touch(mode=0o600)
        password_file.write_text(self._password, encoding="utf-8")
        start = self._processes.start
        if not self.options.broker:
            await start("broker", "suian.demo.broker", ["--port", str(self._place.broker_port)])

        def hear(line: dict[str, Any]) -> None:
            self.truth.append(line)
            watch.on_truth(line)

        await start("field", "simulator.field", self._field_arguments(clock), hear)
        await start(
            "console",
            "edge.daemons.console",
            [*daemon, "--admin-password-file", str(password_file)],
        )
        await start("relay", "edge.daemons.relay", daemon)
        await start("hazard", "edge.daemons.hazard", daemon)
        if self.options.view:
            await start("view", "simulator.view", ["--feed", str(self._feed)])

    async def _start_core(self, watch: Watch) -> None:
        """Start core once the field stands, so that the story does not begin with dead devices."""
        field = self._processes.children["field"].process
        ready = asyncio.create_task(watch.field_ready.wait())
        ended = asyncio.create_task(field.wait())
        try:
            await asyncio.wait({ready, ended}, return_when=asyncio.FIRST_COMPLETED)
            if ready.done():
                arguments = self._daemon_arguments(self._clock_spec)
                self.chain.core_started_ns = time.monotonic_ns()
                await self._processes.start("core", "edge.daemons.core", arguments)
        finally:
            ready.cancel()
            ended.cancel()

    def _daemon_arguments(self, clock: str) -> list[str]:
        """Return the command line that every daemon of the gateway has."""
        arguments = ["--site", str(self._place.site), "--state", str(self._place.state)]
        return [*arguments, "--run", str(self._place.run), "--clock", clock]

    @property
    def _feed(self) -> Path:
        """The socket on which the field tells a seat what is really so."""
        return self._place.run / "seat.sock"

    def _clock(self) -> str:
        """Return the clock every process is given: the machine's, or the replay's own."""
        if self.options.replay is None:
            return "system"
        start_ns = replay_start_ns(self.options.replay, self.options.start)
        mono0 = time.monotonic_ns() + round(REPLAY_LEAD_S * NS)
        return ScaledClock(mono0, start_ns, self.options.speed).spec()

    def _field_arguments(self, clock: str) -> list[str]:
        """Return the command line of the simulated or recorded field."""
        arguments = ["--site", str(self._place.site), "--clock", clock, "--feed", str(self._feed)]
        if self.options.replay is not None:
            arguments += ["--replay", str(self.options.replay.resolve())]
        else:
            arguments += ["--scenario", str(scenario_file(self.options))]
        if self.options.seed is not None:
            arguments += ["--seed", str(self.options.seed)]
        return arguments

    async def _greet(self) -> None:
        """Say where the console is; open it where there is a screen to open it on."""
        url = self._place.console_url
        self._story.tell("console-at", {"url": url, "password": self._password})
        if self.options.broker and not _answers(self._place.broker_host, self._place.broker_port):
            params = {"host": self._place.broker_host, "port": self._place.broker_port}
            self._story.tell("no-broker", params, "warn")
        if not self.options.headless and sys.stdout.isatty():
            await asyncio.to_thread(webbrowser.open, url)
        if self.options.for_s is None:
            self._story.tell("hint")

    async def _mind_children(self, done: asyncio.Event) -> None:
        """Say when a process ends by itself; without the field or core there is no story left."""
        told: set[str] = set()
        while True:
            for name, child in list(self._processes.children.items()):
                code = child.process.returncode
                if code is None or name in told:
                    continue
                told.add(name)
                if name == "view" and code == 0:
                    done.set()
                    continue
                words = self._processes.last_words(name)
                needed = name in {"field", "core"}
                message = "story-ended" if needed else "child-ended"
                self._story.tell(message, {"name": name, "code": code, "words": words}, "alarm")
                if needed:
                    self.broken = self.broken or f"{name} ended with code {code}"
                    done.set()
            await asyncio.sleep(0.2)


def _environment(place: Workspace) -> dict[str, str]:
    """Return what the children's environment has beyond ours: where numba keeps its kernels."""
    cache = Path.home() / ".cache" / "suian" / "numba"
    try:
        cache.mkdir(parents=True, exist_ok=True)
    except OSError:
        cache = place.root / "numba"
        cache.mkdir(exist_ok=True)
    return {"NUMBA_CACHE_DIR": str(cache), "PYTHONUNBUFFERED": "1"}


def _answers(host: str, port: int) -> bool:
    """Whether somebody listens at `host`:`port`."""
    try:
        with socket.create_connection((host, port), timeout=1.0):
            return True
    except OSError:
        return False
