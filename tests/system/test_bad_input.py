"""A malicious or clumsy user at the processes: a clear message or a Bad sample, never a trace."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from edge.clock import open_clock
from edge.errors import ClockError
from suian.demo.options import sites_folder
from suian.demo.workspace import copy_site

pytestmark = [pytest.mark.system, pytest.mark.timeout(60)]
ROOT = Path(__file__).parents[2]
DEMO = sites_folder() / "demo"


def run(module: str, *arguments: str, within_s: float = 30) -> tuple[int, str]:
    """Run a process until it gives up; return its exit code and all it said."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=within_s, cwd=ROOT
    )
    said = done.stdout + done.stderr
    assert "Traceback" not in said, said
    return done.returncode, said


@pytest.mark.parametrize("module", ["edge.daemons.core", "simulator.field"])
def test_a_site_that_is_not_there_is_named_with_its_whole_path(tmp_path: Path, module: str):
    """On a box with two gateways' files, "site.yaml cannot be read" says too little."""
    own = ["--scenario", "none.yaml"] if "field" in module else ["--state", str(tmp_path)]
    own += [] if "field" in module else ["--run", str(tmp_path)]
    code, said = run(module, "--site", str(tmp_path / "nowhere"), *own)
    assert code == 2
    assert str(tmp_path / "nowhere") in said
    assert "cannot be read" in said


@pytest.mark.parametrize("spec", ["scaled:0:0:inf", "scaled:0:0:1e300", f"scaled:0:{10**26}:1"])
def test_a_clock_that_no_journal_can_follow_is_refused(spec: str):
    """Numbers that are none for a clock end with the reason, not where a stamp overflows."""
    with pytest.raises(ClockError, match=r"at most|no time"):
        open_clock(spec, "replay")


def test_the_demo_s_broker_says_that_its_port_is_in_use():
    """The answer of amqtt itself is a page of trace."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, said = run("suian.demo.broker", "--port", port)
    assert code == 2
    assert port in said
    assert "in use" in said


@pytest.mark.parametrize("text", ["suian: 1\nfoo: bar\n"])
def test_a_demo_whose_scenario_is_broken_ends_with_its_faults_and_code_2(tmp_path: Path, text: str):
    """The story cannot be told; that is no success, though everything was stopped cleanly."""
    path = tmp_path / "story.yaml"
    path.write_text(text)
    code, said = run("suian", "demo", "--headless", "--for", "30", "--scenario", str(path))
    assert code == 2
    assert "story.yaml:" in said
    assert "ended early" in said


def test_a_feed_socket_that_cannot_be_is_named(tmp_path: Path):
    """A seat's socket under a file, or with a path too long for one, ends with its path."""
    (tmp_path / "file").touch()
    scenario = str(DEMO / "scenarios" / "quiet.yaml")
    copy_site(DEMO, tmp_path / "site")
    arguments = ["--site", str(tmp_path / "site"), "--scenario", scenario]
    feed = tmp_path / "file" / "seat.sock"
    code, said = run("simulator.field", *arguments, "--feed", str(feed))
    assert code == 2
    assert f"--feed: {feed}: cannot be served" in said
