"""What every test is held to: leave nothing running, warn of nothing, and in CI skip nothing."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path
from typing import Any, TypeVar

import hypothesis
import psutil
import pytest
import pytest_asyncio
from xdist.scheduler import LoadScopeScheduling, Scheduling

ROOT = Path(__file__).resolve().parent.parent
CI = os.environ.get("CI") == "true"
Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)
GRACE_S = 3.0  # what a thread or child that was told to end may take to be gone

# Derandomized: the same tree gives the same answer, on any machine. Campaigns search further.
hypothesis.settings.register_profile(
    "suian", derandomize=True, deadline=None, print_blob=True, max_examples=50 if CI else 100
)
hypothesis.settings.load_profile("suian")


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder of reference data; the test skips where there is none."""
    path = Path(os.environ.get("SUIAN_REFERENCE") or ROOT / ".." / "shared" / "reference").resolve()
    if not path.is_dir():
        pytest.skip(f"no reference data at {path}: set SUIAN_REFERENCE to its folder")
    return path


@pytest.fixture
def free_port() -> int:
    """A TCP port of the loopback that nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture(autouse=True)
def nothing_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a thread or a child process behind, and end the child."""
    threads, children = set(threading.enumerate()), set(_children())
    yield
    late = [one for one in threading.enumerate() if one not in threads]
    if _own_loop(request.node) is None:  # a longer-lived loop keeps its executor's threads
        late = [one for one in late if not one.name.startswith("asyncio_")]
    deadline = time.monotonic() + GRACE_S
    for thread in late:
        thread.join(max(0.0, deadline - time.monotonic()))
    left = [f"thread {one.name!r}" for one in late if one.is_alive()]
    orphans = [psutil.Process(pid) for pid in set(_children()) - children if psutil.pid_exists(pid)]
    for orphan in psutil.wait_procs(orphans, timeout=GRACE_S if orphans else 0)[1]:
        left.append(f"process {orphan.pid} {_command(orphan.pid)[:120]!r}")
        orphan.kill()
    if left:
        pytest.fail(f"left behind: {', '.join(left)}")


@pytest_asyncio.fixture
async def no_task_left() -> AsyncIterator[None]:
    """Fail a test whose loop still has tasks after its own fixtures are gone; put on by a hook."""
    before = asyncio.all_tasks()
    yield
    late = asyncio.all_tasks() - before - {asyncio.current_task()}
    if not late:
        return
    _, pending = await asyncio.wait(late, timeout=GRACE_S)
    left = [f"{one.get_name()}: {one.get_coro()}" for one in pending]
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    if left:
        pytest.fail(f"tasks left behind: {', '.join(left)}")


class OneSystemAtATime(LoadScopeScheduling):
    """Deal out test by test, but all of tests/system to one worker: they start whole gateways.

    The mark `xdist_group` does not do it: xdist 3.8 does not get it across to pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "system" if nodeid.startswith("tests/system/") else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling | None:
    """Use the scheduler above where nobody asked for another one."""
    return OneSystemAtATime(config, log) if config.getoption("dist") == "load" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each async test that has a loop of its own the check of its tasks."""
    for item in items:
        if not isinstance(item, pytest.Function) or not _own_loop(item):
            continue
        names = item.fixturenames  # one list for all variants of a parametrized test
        if "no_task_left" not in names:
            names.insert(names.index("nothing_left") + 1, "no_task_left")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI nothing is skipped: what a test needs is installed, or the test has failed."""
    report = yield
    return _no_skip(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a whole module that skips itself."""
    report = yield
    return _no_skip(report)


def _no_skip(report: Report) -> Report:
    if CI and report.skipped and not hasattr(report, "wasxfail"):
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} may not skip in CI: {why}"
    return report


def _own_loop(item: pytest.Item) -> bool | None:
    """Whether an async test runs on a loop of its own; None for a shared loop, False for sync."""
    if not pytest_asyncio.is_async_test(item):
        return False
    scope = getattr(item, "_loop_scope", "function")
    return True if scope == "function" else None


def _children() -> list[int]:
    """Return this process's children; multiprocessing's own tracker lives on and is left out."""
    pids: list[int] = []
    for task in Path("/proc/self/task").iterdir():
        try:
            pids += map(int, (task / "children").read_text(encoding="ascii").split())
        except FileNotFoundError:  # the thread has ended since
            continue
    return [pid for pid in pids if b"resource_tracker" not in _command(pid)]


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""
