"""The run's processes: started together, watched, and none of them left behind.

Each child runs in a process group of its own, so that Ctrl-C in the terminal reaches only the
demo, which then stops them in order; and each is told by the kernel to end should the demo itself
be killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

PR_SET_PDEATHSIG = 1  # linux/prctl.h
_LIBC = ctypes.CDLL(None)


def _end_with_parent() -> None:
    """Ask the kernel to end this process when its parent ends (Linux)."""
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass(slots=True)
class Child:
    """One running daemon."""

    name: str
    process: asyncio.subprocess.Process
    reader: asyncio.Task[None] | None

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self.process.returncode is None


class Processes:
    """Starts children and ends them in the reverse order."""

    def __init__(self, logs: Path, environment: dict[str, str] | None = None) -> None:
        self._logs = logs
        self._environment = {**os.environ, **(environment or {})}
        self.children: dict[str, Child] = {}

    async def start(
        self,
        name: str,
        module: str,
        arguments: Sequence[str],
        on_line: Callable[[dict[str, object]], None] | None = None,
    ) -> Child:
        """Start `python -m module arguments`; each JSON line of its output goes to `on_line`."""
        log = (self._logs / f"{name}.log").open("ab")
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                module,
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE if on_line else log,
                stderr=log,
                env=self._environment,
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )
        finally:
            log.close()
        reader = None
        if on_line and process.stdout:
            reader = asyncio.create_task(_read_lines(process.stdout, on_line), name=f"read-{name}")
        child = Child(name, process, reader)
        self.children[name] = child
        return child

    async def stop(self, name: str, patience_s: float = 8.0) -> None:
        """End one child: asked first, then made to."""
        child = self.children.pop(name, None)
        if child is None:
            return
        await _end(child, patience_s)

    async def stop_all(self, patience_s: float = 8.0) -> None:
        """End every child, the last started first asked, all waited for together."""
        children = [self.children.pop(name) for name in reversed(list(self.children))]
        await asyncio.gather(*(_end(child, patience_s) for child in children))

    def last_words(self, name: str, lines: int = 5) -> str:
        """Return the end of a child's log, for the message that says why it stopped."""
        path = self._logs / f"{name}.log"
        with contextlib.suppress(OSError):
            return "\n".join(path.read_text("utf-8", errors="replace").splitlines()[-lines:])
        return ""


async def _end(child: Child, patience_s: float) -> None:
    """Ask a child to stop; after `patience_s` [s] kill its whole group."""
    if child.running:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGTERM)
        try:
            await asyncio.wait_for(child.process.wait(), patience_s)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            await child.process.wait()
    if child.reader:
        await child.reader


async def _read_lines(
    stream: asyncio.StreamReader, on_line: Callable[[dict[str, object]], None]
) -> None:
    """Hand each JSON line on; a line that is none belongs to nobody and is dropped."""
    async for raw in stream:
        with contextlib.suppress(orjson.JSONDecodeError):
            on_line(orjson.loads(raw))


def memory_mb(pid: int) -> tuple[float | None, float | None]:
    """Return a process's (RSS, PSS) [MB] from /proc, None where it cannot be read."""
    rss = pss = None
    with contextlib.suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                rss = int(line.split()[1]) / 1024
    with contextlib.suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                pss = int(line.split()[1]) / 1024
    return rss, pss
