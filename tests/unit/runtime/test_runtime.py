"""What every daemon does the same way: arguments, log, signals, metrics, exit codes."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from edge.control import ControlClient, ControlServer, Handlers
from edge.errors import CommandError
from edge.site import load_site

ROOT = Path(__file__).resolve().parents[3]
DEMO_SITE = ROOT / "deploy" / "sites" / "demo"


class Manager:
    """systemd's side of sd_notify: a datagram socket, and what came in."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.settimeout(30)

    def hear(self) -> dict[str, str]:
        """Return the fields of the next datagram."""
        lines = self._socket.recv(4096).decode().split("\n")
        return dict(line.split("=", 1) for line in lines)

    def close(self) -> None:
        """Hear no more."""
        self._socket.close()


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    listening = Manager(tmp_path / "notify")
    yield listening
    listening.close()


def start(root: str, folder: Path, *more: str, **env: str) -> subprocess.Popen[str]:
    """Start a daemon of `child.py` with its folders in `folder`."""
    command = [sys.executable, "-m", "tests.unit.runtime.child", root, "--site", str(DEMO_SITE)]
    return subprocess.Popen(
        [*command, *more],
        cwd=ROOT,
        env={
            **os.environ,
            "STATE_DIRECTORY": str(folder / "state"),
            "RUNTIME_DIRECTORY": str(folder / "run"),
            **env,
        },
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(child: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for a child; return its code and what it said on stderr."""
    _, said = child.communicate(timeout=60)
    return child.returncode, said


def left(folder: Path) -> set[str]:
    """Return the names of all files and folders in `folder`."""
    return {path.name for path in folder.rglob("*")}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_is_a_clean_end_and_the_manager_is_told_all(
    tmp_path: Path, manager: Manager, number: signal.Signals
):
    """Ready, alive, stopping; the root's own cleaning runs; code 0; no socket is left."""
    child = start("waits", tmp_path, NOTIFY_SOCKET=str(manager.path), WATCHDOG_USEC="1000000")
    assert manager.hear() == {"READY": "1", "STATUS": "all is well"}
    assert manager.hear() == {"WATCHDOG": "1"}
    async with ControlClient(tmp_path / "run" / "probe.sock", "test") as client:
        text: str = (await client.command("metrics"))["text"]
        with pytest.raises(CommandError, match=r"control\.unknown-command"):
            await client.command("acknowledge")
    child.send_signal(number)
    code, said = finish(child)
    assert code == 0, said
    assert manager.hear() == {"STOPPING": "1"}
    assert left(tmp_path) == {"notify", "run", "state", "stopped"}
    figures = dict(line.split(" ") for line in text.splitlines() if not line.startswith("#"))
    assert figures["suian_probe_looks_total"] == "3"
    assert int(figures["suian_probe_pid"]) == child.pid
    assert 5e6 < int(figures["suian_probe_process_resident_memory_bytes"]) < 2e8
    assert "# TYPE suian_probe_looks_total counter" in text
    lines = [orjson.loads(line) for line in said.splitlines()]
    assert [line["event"] for line in lines] == ["ready", "stopped"]
    assert {line["level"] for line in lines} == {"info"}


@pytest.mark.parametrize(
    ("root", "more", "code", "told"),
    [
        ("ends", (), 0, '"event":"stopped"'),
        ("journal_fails", (), 2, "deploy/sites/demo: journal.db is of a newer Suian: upgrade"),
        ("port_in_use", (), 2, "8020) already in use: another program has it"),
        ("breaks", (), 1, "ZeroDivisionError: a mistake of ours"),
        ("ends", ("--site", "no/such/folder"), 2, "suian-probe of no/such/folder: "),
        ("ends", ("--clock", "sundial"), 2, "clock 'sundial' is neither"),
        ("ends", ("--clock", "scaled:1:1:60.0"), 2, "this site's world is drill"),
        ("ends", ("--state", "/proc/nothing/here"), 2, "cannot be made"),
        ("ends", ("--speed", "5"), 2, "unrecognized arguments"),
        ("ends", ("--run", "/tmp/" + "x" * 120), 2, "shorter run folder"),
    ],
)
def test_an_end_says_why_and_its_code_says_whose_turn_it_is(
    tmp_path: Path, root: str, more: tuple[str, ...], code: int, told: str
):
    """2 and one clear message for what an engineer mends, 1 and a trace in the log for a bug."""
    found, said = finish(start(root, tmp_path, *more))
    assert found == code, said
    assert told.replace('":"', '": "') in said or told in said
    assert ("Traceback" in said) == (code == 1)


def test_core_serves_its_socket_itself_and_a_second_one_is_refused(
    tmp_path: Path, manager: Manager
):
    """The runtime leaves core.sock to core; a socket in use ends the newcomer, not the first."""
    first = start("serves_core", tmp_path, NOTIFY_SOCKET=str(manager.path))
    assert manager.hear()["READY"] == "1"
    code, said = finish(start("serves_core", tmp_path))
    assert code == 2
    assert "core.sock" in said
    first.terminate()
    code, said = finish(first)
    assert code == 0, said


async def test_a_satellite_begins_anew_once_core_has_taken_up_another_site(
    tmp_path: Path, manager: Manager
):
    """Same process id, new site; files that core has not taken up make nobody begin anew."""
    site = tmp_path / "site"
    shutil.copytree(DEMO_SITE, site)
    before = load_site(site)
    hello = {"suian": "0", "world": "drill", "site_hash": before.hash}
    (tmp_path / "run").mkdir()
    async with ControlServer(tmp_path / "run" / "core.sock", hello, Handlers()) as core:
        arguments = ("--site", str(site), "--run", str(tmp_path / "run"))
        child = start("follows", tmp_path, *arguments, NOTIFY_SOCKET=str(manager.path))
        assert await asyncio.to_thread(manager.hear) == {"READY": "1", "STATUS": before.hash}
        with (site / "tags.csv").open("a", encoding="utf-8") as stream:
            stream.write("\n")
        after = load_site(site)
        core.renew(hello | {"site_hash": "somebody is still at work"})
        core.renew(hello | {"site_hash": after.hash})
        assert await asyncio.to_thread(manager.hear) == {"READY": "1", "STATUS": after.hash}
        child.terminate()
        code, said = await asyncio.to_thread(finish, child)
    assert code == 0, said
    assert said.count("beginning anew") == 1
