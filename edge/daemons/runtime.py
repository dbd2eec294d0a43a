"""What every daemon does the same way: its arguments, log, clock, signals, metrics and end.

A root is a coroutine function given to `run_daemon`; SIGTERM and SIGINT cancel it, so a clean stop
is what its `async with` and `finally` blocks do. An error that an engineer can mend (site, clock,
journal, port in use) ends the process with one clear message and code 2, any other with code 1.
"""

from __future__ import annotations

import argparse
import asyncio
import errno
import gc
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import cast

import structlog

from edge.clock import Clock, open_clock
from edge.control import Command, ControlServer, Handlers, Json
from edge.daemons.metrics import Metrics
from edge.daemons.notify import Notifier
from edge.errors import CommandError, ConfigError, Fault, SuianError
from edge.site import Site, load_site

MENDABLE = 2  # exit code: something a person has to put right; systemd need not restart
BROKEN = 1
YOUNG = 20_000  # new objects before they are looked over: some milliseconds on a small machine


@dataclass
class Daemon:
    """What a daemon root is given."""

    name: str
    path: Path  # of site.yaml or its folder, as it was given
    site: Site
    state: Path  # the folder of its own files
    run: Path  # the folder of the sockets
    clock: Clock
    metrics: Metrics
    notifier: Notifier = field(default_factory=Notifier)

    @property
    def socket(self) -> Path:
        """This daemon's own Unix socket."""
        return self.run / f"{self.name}.sock"

    @property
    def core_socket(self) -> Path:
        """The control socket."""
        return self.run / "core.sock"

    def ready(self, status: str = "") -> None:
        """Tell systemd, and the log, that the daemon does its work from here on."""
        self.notifier.send(READY="1", STATUS=status or "running")
        structlog.get_logger(__name__).info("ready", daemon=self.name, status=status)

    def alive(self) -> None:
        """Feed the watchdog from the data path: call it at the end of a full cycle."""
        self.notifier.alive(self.clock.now().mono_ns)

    def hello(self) -> Json:
        """Return what every socket of this gateway says first (docs/wire.md §1)."""
        return {
            "suian": version(),
            "v": 1,
            "gateway": self.site.file.gateway.id,
            "site": self.site.file.id,
            "world": str(self.site.world),
            "site_hash": self.site.hash,
            "daemon": self.name,
        }

    async def follow(self, hello: Json) -> None:
        """Take core's `hello`: begin anew where core has taken up another site than this one.

        Raises `SiteChangedError` if the files are by now what core reads. If they are not, somebody
        is still at work on them: what runs goes on, and the log says so.
        """
        wanted = hello.get("site_hash")
        if wanted == self.site.hash:
            return
        try:
            there = (await asyncio.to_thread(load_site, self.path)).hash
        except ConfigError as error:
            there = str(error)
        if there == wanted:
            raise SiteChangedError
        structlog.get_logger(__name__).warning("core reads another site", found=there)


class SiteChangedError(Exception):
    """Core has taken up another site: this process begins anew, with the same arguments."""


Root = Callable[[Daemon], Awaitable[None]]


def version() -> str:
    """Return Suian's version; a checkout that was never installed says 0."""
    try:
        return metadata.version("suian")
    except metadata.PackageNotFoundError:
        return "0"


def settle_memory() -> None:
    """Spare what stands from every collection to come, and let those be few.

    A site stands for good, and samples are in no cycles: they go as soon as nobody holds them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)


def boot_id() -> str:
    """Return the kernel's id of this boot: monotonic stamps compare within one only."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def run_daemon(name: str, root: Root, argv: Sequence[str] | None = None) -> int:
    """Run `root` until it ends or is told to stop; return the process's exit code.

    A satellite's own socket answers `metrics` by itself; core serves the control socket instead.
    """
    args = _arguments(name).parse_args(argv)
    log_to_stderr(args.log_level)
    log = structlog.get_logger(__name__)
    try:
        site = load_site(args.site)
        clock = open_clock(args.clock, str(site.world))
        # Core runs without a state folder if it must; its lock makes it, or says that it cannot.
        for folder in (args.run,) if name == "core" else (args.state, args.run):
            _make_folder(folder)
        daemon = Daemon(name, args.site, site, args.state, args.run, clock, Metrics(name))
        asyncio.run(_supervise(daemon, root))
    except Exception as error:
        if _is_among(error, SiteChangedError):
            log.info("beginning anew for another site", daemon=name)
            os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - our own
        message = _mendable(error)
        if message is None:
            log.exception("failed", daemon=name)
            return BROKEN
        _complain(f"{name} of {args.site}", message)
        return MENDABLE
    return 0


def on_hangup(act: Callable[[], object]) -> None:
    """Have SIGHUP do `act` on the loop: the word of old for "look at your files again"."""
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, act)


def _begins_anew(task: asyncio.Future[None]) -> bool:
    if not task.done() or task.cancelled():
        return False
    error = task.exception()
    return error is not None and _is_among(error, SiteChangedError)


def _is_among(error: BaseException, kind: type[Exception]) -> bool:
    """Whether `error` is of `kind`, or what a task group raised holds one that is."""
    if isinstance(error, BaseExceptionGroup):
        known = cast("BaseExceptionGroup[BaseException]", error)
        return any(_is_among(one, kind) for one in known.exceptions)
    return isinstance(error, kind)


def _mendable(error: BaseException) -> str | None:
    """Return what a person is to be told of an error that they can mend; None of any other."""
    while isinstance(error, BaseExceptionGroup):  # what a task group raises has its cause inside
        known = cast("BaseExceptionGroup[BaseException]", error)
        error = next((one for one in known.exceptions if _mendable(one)), known.exceptions[0])
    if isinstance(error, SuianError):
        return str(error)
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return f"{error.strerror or error}: another program has it; stop it or choose another"
    return None


def _arguments(name: str) -> argparse.ArgumentParser:
    """Return the parser of the arguments that all daemons share."""
    parser = argparse.ArgumentParser(prog=f"suian-{name}", description=f"Suian's {name} daemon")
    env = os.environ
    state, run = env.get("STATE_DIRECTORY"), env.get("RUNTIME_DIRECTORY")
    parser.add_argument("--site", type=Path, required=True, help="site.yaml or its folder")
    for option, default, text in (
        ("--state", state, "folder of its files; $STATE_DIRECTORY"),
        ("--run", run, "folder of the sockets; $RUNTIME_DIRECTORY"),
    ):
        known = Path(default) if default else None
        parser.add_argument(option, type=Path, default=known, required=not known, help=text)
    parser.add_argument("--clock", default="system", help="'system', or a replay's shared clock")
    levels = ("debug", "info", "warning", "error")
    parser.add_argument("--log-level", choices=levels, default="info")
    return parser


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = f"cannot be made: {error.strerror}"
        remedy = "Make it, or give the user that runs the daemon the right to"
        raise ConfigError([Fault(str(folder), 0, "folder", problem, remedy)]) from None


async def _supervise(daemon: Daemon, root: Root) -> None:
    """Run the root with its socket beside it; a signal cancels it, and that is a clean end."""
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(root(daemon))
    told = asyncio.Event()

    def stop() -> None:
        told.set()
        task.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    on_hangup(lambda: None)  # satellites follow core; core itself takes up its files
    async with AsyncExitStack() as stack:
        stack.callback(task.cancel)
        if daemon.socket != daemon.core_socket:
            handlers = Handlers(on_command=_answer(daemon))
            await stack.enter_async_context(
                ControlServer(daemon.socket, daemon.hello(), handlers, daemon.clock)
            )
        try:
            await task
        except asyncio.CancelledError:
            if not told.is_set():
                raise
        finally:
            if not _begins_anew(task):  # systemd would end what says that it stops
                daemon.notifier.send(STOPPING="1")
    structlog.get_logger(__name__).info("stopped", daemon=daemon.name)


def _answer(daemon: Daemon) -> Callable[[Json, Command], Json]:
    """Return what a satellite's socket answers: its metrics."""

    def answer(_hello: Json, command: Command) -> Json:
        if command.name != "metrics":
            raise CommandError("control.unknown-command", {"name": command.name[:64]})
        return {"text": daemon.metrics.text()}

    return answer


def _complain(name: str, message: str) -> None:
    """Say plainly, on stderr and without a trace, why the daemon cannot run."""
    sys.stderr.write(f"suian-{name}: {message}\n")
    sys.stderr.flush()
    Notifier().send(STATUS=message.splitlines()[0], STOPPING="1")


def log_to_stderr(level: str = "info") -> None:
    """Have structlog write one JSON object a line to stderr, for journald."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
