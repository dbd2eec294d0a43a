"""suian-core as a process: what it refuses, how it starts, sounds, stops and comes back."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest

from edge.control import ControlClient
from edge.drivers.base import Reading
from edge.errors import CommandError
from edge.journal import JournalReader
from edge.tag import Quality, Reason, Sample, World
from tests.gateway import GOOD, Gateway, gateway, let_go, until_good
from tests.sites import edit, write_site

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]
OVER = Reading(12.0, *GOOD)
ROOT = Path(__file__).parents[2]


def run_core(site: Path, state: Path, run: Path) -> tuple[int, str]:
    """Run core until it gives up; return its exit code and what it said."""
    core = start_core(site, state, run)
    said = core.communicate(timeout=60)[1]
    return core.returncode, said


def start_core(site: Path, state: Path, run: Path) -> subprocess.Popen[str]:
    """Start core; what it says comes on its standard error."""
    command = [sys.executable, "-m", "edge.daemons.core", "--site", str(site)]
    command += ["--state", str(state), "--run", str(run)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return write_site(tmp_path / "site", detectors=3)


def test_live_core_refuses_a_drill_device_naming_it_its_line_and_the_remedy(
    tmp_path: Path, site: Path
) -> None:
    """Worlds do not mix: the message says which device, where it stands and what to do."""
    text = (site / "site.yaml").read_text().replace('"world": "test"', '"world": "live"')
    text = re.sub(r'("id": "AE-0001".*?"world": )"live"', r'\1"drill"', text, flags=re.DOTALL)
    (site / "site.yaml").write_text(text)
    line = next(i for i, row in enumerate(text.splitlines(), 1) if '"world": "drill"' in row)
    code, said = run_core(site, tmp_path / "state", tmp_path / "run")
    assert code == 2
    assert f"site.yaml:{line}: AE-0001: a drill device in a live gateway" in said
    assert "gateway with its own site file" in said
    assert not (tmp_path / "state/journal.db").exists()


def test_bad_site_and_unknown_template_end_with_every_fault_and_code_2(
    tmp_path: Path, site: Path
) -> None:
    """Nothing is half started on a site that cannot be understood."""
    devices = orjson.loads((site / "site.yaml").read_bytes())["devices"]
    for device in devices[:2]:
        device["template"] = "no-such-thing"
    edit(site, {"devices": devices})
    code, said = run_core(site, tmp_path / "state", tmp_path / "run")
    assert code == 2
    assert said.count("no-such-thing") == 2
    assert "Traceback" not in said


async def test_core_alarms_without_a_journal_and_writes_all_once_it_can(tmp_path: Path) -> None:
    """A journal that cannot be opened is said; the horn sounds; what waited is written later."""
    site = write_site(tmp_path / "site", detectors=2)
    blocked = tmp_path / "state/journal.db"
    blocked.mkdir(parents=True)
    async with gateway(tmp_path, site, ("core",)) as built:
        await until_good(built, 1.0)
        horn = built.horn_written()
        built.field.set_tag("AT-0001", Reading(12.0, *GOOD))
        await asyncio.wait_for(horn, 5)
        assert str(blocked) in built.processes.last_words("core", 50)
        blocked.rmdir()
        kinds: list[str] = []
        async with asyncio.timeout(15), built.client("test") as client:
            async for message in client.messages():
                kinds += [message["event"]["kind"]] if message["t"] == "event" else []
                if "journal.healthy" in kinds:
                    break
        subjects = {row.subject for row in JournalReader(blocked).events(0, 1000)}
        assert {"AT-0001/h", "AT-0001/hh"} <= subjects


def test_state_folder_that_cannot_be_made_is_said_and_core_runs(tmp_path: Path) -> None:
    """A state folder under a file: core asks its devices all the same, and ends cleanly."""
    site = write_site(tmp_path / "site", detectors=1)
    (tmp_path / "file").write_text("")
    state = tmp_path / "file/state"
    core = start_core(site, state, tmp_path / "run")
    try:
        said = ""
        assert core.stderr
        while '"ready"' not in said:
            said += (line := core.stderr.readline())
            assert line, said
    finally:
        core.terminate()
        rest = core.communicate(timeout=20)[1]
    assert (core.returncode, "Traceback" in said + rest) == (0, False)
    assert str(state) in said


async def test_second_core_on_the_same_state_is_refused(tmp_path: Path) -> None:
    """One file, one writer: the running core is not disturbed, whatever socket folder is given."""
    site = write_site(tmp_path / "site", detectors=1)
    async with gateway(tmp_path, site, ("core",)) as built:
        await until_good(built, 1.0)
        code, said = await asyncio.to_thread(run_core, site, tmp_path / "state", tmp_path / "run2")
        assert code == 2
        assert "another suian-core writes here" in said
        await until_good(built, 1.0)


def test_core_is_light(tmp_path: Path) -> None:
    """Importing the core daemon brings no numerics, no front end and no command line."""
    probe = (
        "import sys, edge.daemons.core as _; print([name for name in ('numpy', 'numba', 'typer',"
        "'rich', 'pygame', 'openpyxl', 'asyncua', 'fastapi', 'alembic') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"


@dataclass
class Manager:
    """What systemd hears."""

    sock: socket.socket

    async def hear(self, wanted: str) -> list[str]:
        """Return every datagram up to and with the one that has `wanted` in it."""
        heard: list[str] = []
        while not heard or wanted not in heard[-1]:
            heard.append((await asyncio.get_running_loop().sock_recv(self.sock, 4096)).decode())
        return heard


@asynccontextmanager
async def manager(folder: Path, watchdog_s: float) -> AsyncIterator[Manager]:
    """Be systemd for the daemons that are started meanwhile."""
    with contextlib.ExitStack() as stack:
        sock = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        sock.setblocking(False)
        sock.bind(str(folder / "notify"))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("NOTIFY_SOCKET", str(folder / "notify"))
        patch.setenv("WATCHDOG_USEC", str(round(watchdog_s * 1e6)))
        yield Manager(sock)


async def test_ready_comes_after_the_first_full_cycle_and_the_watchdog_is_fed(
    tmp_path: Path,
) -> None:
    """Readiness means that every device was asked; devices that fail are still a full cycle."""
    site = write_site(tmp_path / "site", detectors=3)
    async with manager(tmp_path, 1.0) as systemd, gateway(tmp_path, site, ("core",)) as built:
        async with asyncio.timeout(30):
            await systemd.hear("READY=1")
            async with built.client("test") as client:
                async for message in client.messages():
                    if message["t"] == "snapshot":
                        reasons = {row[0]: row[3] for row in message["values"]}
                        devices, tags = built.site.devices, built.site.tags
                        polled = {n for n, t in tags.items() if t.device in devices}
                        assert "not-yet-read" not in {reasons[name] for name in polled}
                        break
            await built.field.stop()
            for _ in range(5):
                await systemd.hear("WATCHDOG=1")


async def test_burst_sounds_the_horn_and_a_person_can_answer_it(tmp_path: Path) -> None:
    """Register, sample, alarm, horn; silence, acknowledge, return: all of it in the journal."""
    site = write_site(tmp_path / "site", detectors=3)
    async with gateway(tmp_path, site, ("core",)) as built:
        await until_good(built, 1.0)
        horn = built.horn_written()
        built.field.set_tag("AT-0001", OVER)
        await asyncio.wait_for(horn, 10)
        await _until_output(built, 2)
        await built.command("silence", {})
        await _until_output(built, 0)
        for kind in ("h", "hh"):
            await built.command("acknowledge", {"condition": f"AT-0001/{kind}"})
        with pytest.raises(CommandError, match="still-active"):
            await built.command("reset", {"condition": "AT-0001/hh", "reading": 0})
        await built.command("test_output", {"annunciator": "tower", "output": "horn"})
        await _until_output(built, 2)
    events = JournalReader(tmp_path / "state/journal.db").events(0, 1000)
    kinds = [event.kind for event in events]
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert kinds[0] == "gateway.started"
    assert kinds[-1] == "gateway.stopped"
    story = ["alarm.raised", "command.silence", "command.acknowledge", "alarm.acknowledged"]
    assert [kind for kind in kinds if kind in story][:3] == story[:1] * 2 + story[1:2]
    assert {*story, "annunciator.set", "command.reset", "command.test_output"} <= set(kinds)


async def test_stop_leaves_the_horn_sounding_and_the_next_start_goes_on(tmp_path: Path) -> None:
    """An alarm that stands sounds through a restart of core, with no gap in the output."""
    site = write_site(tmp_path / "site", detectors=3)
    async with gateway(tmp_path, site, ("core",)) as built:
        await until_good(built, 1.0)
        built.field.set_tag("AT-0001", OVER)
        await _until_output(built, 2)
        await built.processes.stop("core")
        assert _buzzer(built) == 2
        wrote: list[tuple[int, ...]] = []
        built.field.on_write = lambda _device, _at, values, _ns: wrote.append(values)
        await built.start("core")
        await until_good(built, 0.8)  # the one in gas is over range
        assert _buzzer(built) == 2
        assert all(any(word & 0xFF for word in words) for words in wrote)


async def test_predictions_come_in_are_judged_and_sound_no_horn(tmp_path: Path) -> None:
    """A hazard daemon's values raise predicted alarms; another world's are refused."""
    site = write_site(tmp_path / "site", detectors=3)
    muster = {"id": "MP-1", "title": {"zh": "集合点", "en": "muster"}, "kind": "muster"}
    point = {"x_m": 5, "y_m": 5}
    edit(site, {"places": [muster | {"position": point}], "hazard": {"stale_s": 5}})
    async with gateway(tmp_path, site, ("core",)) as built:
        await until_good(built, 1.0)
        tag = next(t for t in built.site.tags.values() if t.quantity == "predicted")
        rows = [Sample(tag.name, 50.0, Quality.UNCERTAIN, Reason.ESTIMATED, 1, 1, World.TEST)]
        async with asyncio.timeout(20), built.client("hazard") as client:
            seen = asyncio.create_task(built.alarm(f"{tag.name}/h", "unack"))
            listening = asyncio.create_task(_drain(client))
            await client.command("metrics")
            assert client.publish(rows, World.TEST)
            alarm = await seen
            await let_go([listening])
        assert (alarm["klass"], alarm["value"]) == ("predicted", 50.0)
        assert _buzzer(built) == 0
        await built.alarm("HAZARD-OK/bad", "unack")


async def test_core_s_memory_stays_small(tmp_path: Path) -> None:
    """Fifty detectors over Modbus: resident memory as core's own metrics say."""
    site = write_site(tmp_path / "site", detectors=50)
    async with gateway(tmp_path, site, ("core",)) as built:
        await until_good(built, 1.0)
        text = (await built.command("metrics", {}))["text"]
    figures = dict(line.split() for line in text.splitlines() if not line.startswith("#"))
    assert float(figures["suian_core_reads_total"]) >= 50
    assert float(figures["suian_core_faults_total"]) == 0
    assert float(figures["suian_core_process_resident_memory_bytes"]) < 90e6


def _buzzer(built: Gateway) -> int:
    return built.field.outputs("TOWER")["buzzer[1]"]


async def _until_output(built: Gateway, code: int) -> None:
    """Wait until core has said that the horn is at `code`, and see that the device shows it."""
    async with asyncio.timeout(10), built.client("test") as client:
        async for message in client.messages():
            states = [item["shown"] for item in message.get("outputs", [])]
            event = message.get("event") or {}
            if event.get("kind") == "annunciator.set":
                states.append(event["params"]["state"])
            if code in states:
                break
    assert _buzzer(built) == code


async def _drain(client: ControlClient) -> None:
    async for _ in client.messages():
        pass
