"""The whole chain as a user runs it: `suian demo`, its story, its figures, and what it leaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from suian.demo.chain import STAGES

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


def run_demo(*arguments: str, timeout_s: float = 150) -> tuple[dict, str]:
    """Run the demo to its end; return its JSON object and its story."""
    done = subprocess.run(
        [sys.executable, "-m", "suian", "demo", "--headless", "--json", *arguments],
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]), done.stderr


def test_every_stage_of_the_chain_is_reached_with_a_number():
    """A hose ruptures and each stage, from register to MQTT, reports its seconds."""
    report, story = run_demo("--for", "60")

    assert report["missing"] == [], story
    assert report["leak_to_alarm_s"] > 0
    assert 0 <= report["register_to_horn_s"] < 2.5  # one poll period, and what a busy CI adds
    assert report["register_to_plume_s"] is not None
    assert report["register_to_mqtt_s"] is not None
    assert report["rows_samples"] > 60  # by exception: what changed, and each tag once a minute
    assert report["messages_delivered"] > 10
    assert all(report[f"rss_{name}_mb"] for name in ("core", "hazard", "relay", "console"))
    assert "没有留下进程" in story


def test_a_recorded_leak_raises_and_clears_its_alarms(reference: Path):
    """One METEC leak, from 30 min before to 30 min after it, 120 times as fast."""
    trial = reference / "field" / "metec_aded2022"
    report, story = run_demo(
        "--replay", str(trial), "--speed", "120", "--from", "2022-05-09T17:19:55Z", "--for", "105"
    )

    assert report["alarms_raised"] >= 1, story
    assert report["alarms_cleared"] >= 1, story
    assert [stage for stage in report["missing"] if stage in STAGES[:4]] == [], story


def running_demo(folder: Path) -> tuple[subprocess.Popen[str], list[psutil.Process]]:
    """Start a demo; return it and its children once core runs."""
    child = subprocess.Popen(
        [sys.executable, "-m", "suian", "demo", "--headless", "--keep", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert child.stdout
    assert any("core is running" in line for line in child.stdout)
    return child, psutil.Process(child.pid).children(recursive=True)


def test_ctrl_c_stops_everything_and_leaves_no_process_behind(tmp_path: Path):
    """An interrupted demo ends its children itself, in good order."""
    child, family = running_demo(tmp_path / "run")

    child.send_signal(signal.SIGINT)
    rest, _ = child.communicate(timeout=30)

    assert child.returncode == 0, rest
    assert len(family) >= 6
    assert not any(one.is_running() for one in family)


def test_a_demo_killed_outright_takes_its_children_with_it(tmp_path: Path):
    """The kernel ends every daemon of a demo that could not end them itself."""
    child, family = running_demo(tmp_path / "run")

    child.kill()
    child.communicate()
    gone, alive = psutil.wait_procs(family, timeout=30)

    assert len(gone) >= 6
    assert alive == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--scenario", "no-such"], "chlorine-hose"),
        (["--speed", "10"], "real time"),
        (["--replay", "no/such/folder"], "no such folder"),
        (["--for", "-1"], "not above 0"),
        (["--broker", "localhost"], "mqtt://HOST:PORT"),
    ],
)
def test_what_cannot_be_run_is_said_before_anything_is_started(arguments: list[str], words: str):
    """A wrong option ends with exit code 2 and a sentence that says what to do."""
    done = subprocess.run(
        [sys.executable, "-m", "suian", "demo", "--headless", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert done.returncode == 2
    assert words in done.stderr


def test_a_dead_broker_does_not_touch_the_alarm_chain():
    """With no broker at all the horn still sounds and the plume is still drawn."""
    report, story = run_demo("--for", "45", "--broker", "mqtt://127.0.0.1:9")

    assert report["missing"] == ["mqtt"], story
    assert report["messages_delivered"] == 0


def test_help_answers_at_once():
    """`suian --help` imports nothing heavy."""
    started = time.monotonic()
    subprocess.run([sys.executable, "-m", "suian", "--help"], check=True, capture_output=True)

    assert time.monotonic() - started < 2.0  # the figure proper is the chain bench's
