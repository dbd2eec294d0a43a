"""A server in a process of its own: started, told what to do, frozen and killed by a test."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
START_S = 60.0  # a server on a machine that others keep busy
ANSWER_S = 30.0


class Peer:
    """A running server; `ready_at` is when it said that clients can connect (monotonic s)."""

    def __init__(self, process: asyncio.subprocess.Process, ready_at: float) -> None:
        self._process = process
        self.ready_at = ready_at

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    async def do(self, *words: Any) -> None:
        """Have the server do something (`tests.peers.asyncua_server.Peer`), and wait for it."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(words).encode() + b"\n")
        await self._process.stdin.drain()
        assert (await _line(self._process, ANSWER_S)).startswith("ok"), words

    def freeze(self) -> None:
        """Stop the process in the middle of whatever it does."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        os.kill(self.pid, signal.SIGCONT)

    async def kill(self) -> None:
        """Let it be gone at once."""
        if self._process.returncode is None:
            self._process.kill()
            self.thaw()
        await self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()


async def start(
    port: int,
    *,
    command: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
    **options: Any,
) -> Peer:
    """Start a server on `port`, asyncua's unless `command` says another; return once it serves."""
    words = command or (sys.executable, "-m", "tests.peers.asyncua_server")
    process = await asyncio.create_subprocess_exec(
        *words,
        str(port),
        json.dumps(options),
        cwd=ROOT,
        env=env,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        word, at = (await _line(process, START_S)).split()
    except BaseException:
        process.kill()
        await process.wait()
        raise
    assert word == "ready"
    return Peer(process, float(at))


@asynccontextmanager
async def started(port: int, **options: Any) -> AsyncIterator[Peer]:
    """A server for the length of a block."""
    peer = await start(port, **options)
    try:
        yield peer
    finally:
        await peer.kill()


async def _line(process: asyncio.subprocess.Process, patience_s: float) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(patience_s):
        return (await process.stdout.readline()).decode()
