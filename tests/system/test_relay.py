"""The relay's own process against a real MQTT 5 broker: nothing lost, little cost."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from edge.control import ControlClient, ControlServer, Handlers
from edge.journal import EventRow
from edge.journal.writer import JournalWriter
from tests.unit.relay.kit import event, open_journal, sample

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]
ROOT = Path(__file__).resolve().parents[2]
MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
PATIENCE_S = 60.0
RSS_LIMIT_MB = 50
LATENCY_S = 0.1


class Mosquitto:
    """A broker of MQTT 5 that keeps its sessions through a restart."""

    def __init__(self, folder: Path, port: int) -> None:
        self._config = folder / "mosquitto.conf"
        lines = [
            f"listener {port} 127.0.0.1",
            "allow_anonymous true",
            "max_queued_messages 0",
            "persistence true",
            f"persistence_location {folder}/",
        ]
        if os.geteuid() == 0:
            lines.append("user root")  # or it could not write in our folder
        self._config.write_text("\n".join(lines) + "\n")
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        assert MOSQUITTO is not None
        self._child = subprocess.Popen(
            [MOSQUITTO, "-c", str(self._config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def stop(self) -> None:
        if self._child is not None:
            self._child.terminate()
            self._child.wait(PATIENCE_S)
            self._child = None


class Park:
    """A receiver as docs/wire.md wants it: a high-water mark per (gateway, epoch, stream)."""

    def __init__(self, port: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Condition()
        self.marks: dict[str, int] = {}
        self.gaps: list[tuple[str, int, int]] = []
        self.again = 0
        self.arrived: dict[int, float] = {}  # event seq -> monotonic s of its first arrival
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id="park", clean_session=False
        )
        self._client.on_connect = self._subscribe
        self._client.on_message = self._take
        self._client.reconnect_delay_set(1, 1)
        self._client.connect_async("127.0.0.1", port)
        self._client.loop_start()

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    async def until(self, done: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S), self._changed:
            await self._changed.wait_for(done)

    def _subscribe(self, client: mqtt.Client, *_: Any) -> None:
        client.subscribe("suian/v1/#", qos=1)

    def _take(self, _client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        at_s = time.monotonic()
        body = orjson.loads(message.payload)
        asyncio.run_coroutine_threadsafe(self._note(body, at_s), self._loop)

    async def _note(self, body: dict[str, Any], at_s: float) -> None:
        stream = body["stream"]
        if stream == "status":
            self.marks["online"] = int(body["online"])
        else:
            for row in body.get("samples", [body]):
                self._row(stream, row["seq"], at_s)
        async with self._changed:
            self._changed.notify_all()

    def _row(self, stream: str, seq: int, at_s: float) -> None:
        mark = self.marks.get(stream, 0)
        if seq <= mark:
            self.again += 1
            return
        if seq != mark + 1:
            self.gaps.append((stream, mark, seq))
        self.marks[stream] = seq
        if stream == "event":
            self.arrived[seq] = at_s


class Relay:
    """The relay's process."""

    def __init__(self, folder: Path, port: int, protocol: str) -> None:
        self.folder = folder
        site = folder / "site"
        shutil.copytree(ROOT / "deploy" / "sites" / "demo", site)
        text = (site / "site.yaml").read_text(encoding="utf-8")
        text = text.replace("port: 1883", f"port: {port}").replace('"3.1.1"', f'"{protocol}"')
        (site / "site.yaml").write_text(text, encoding="utf-8")
        for name in ("state", "run"):
            (folder / name).mkdir()
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        folders = [f"--{name}={self.folder / name}" for name in ("site", "state", "run")]
        command = [sys.executable, "-m", "edge.daemons.relay", *folders]
        log = (self.folder / "relay.log").open("ab")
        with log:
            self._child = subprocess.Popen(command, cwd=ROOT, stderr=log)

    def end(self, number: signal.Signals) -> int:
        """Send a signal and return the exit code."""
        assert self._child is not None
        self._child.send_signal(number)
        code = self._child.wait(PATIENCE_S)
        self._child = None
        return code

    def stop(self) -> None:
        if self._child is not None:
            self.end(signal.SIGKILL)

    async def figures(self) -> dict[str, float]:
        """Return the relay's metrics, once it answers."""
        async with asyncio.timeout(PATIENCE_S):
            async with ControlClient(self.folder / "run" / "relay.sock", "test") as client:
                async for message in client.messages():
                    if message["t"] == "snapshot":
                        break
                text: str = (await client.command("metrics"))["text"]
        lines = [line.split(" ") for line in text.splitlines() if not line.startswith("#")]
        return {name.removeprefix("suian_relay_"): float(value) for name, value in lines}


@pytest.fixture
def broker(tmp_path: Path, free_port: int) -> Iterator[tuple[Mosquitto, int]]:
    if MOSQUITTO is None:
        pytest.skip("no mosquitto on this machine: the embedded broker speaks no MQTT 5")
    (tmp_path / "broker").mkdir()
    one = Mosquitto(tmp_path / "broker", free_port)
    one.start()
    yield one, free_port
    one.stop()


@contextlib.asynccontextmanager
async def relay_of(folder: Path, port: int, protocol: str = "5") -> AsyncIterator[Relay]:
    """Run the relay's process while the block runs."""
    one = Relay(folder, port, protocol)
    one.start()
    try:
        yield one
    finally:
        one.stop()


def _write(journal: JournalWriter, first: int, last: int) -> None:
    """Journal events `first` to `last`, each after ten samples."""
    for number in range(first, last + 1):
        for one in range(10):
            journal.offer_sample(sample(number * 10 + one))
        journal.offer([event(number)])


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_nothing_is_lost_when_broker_or_relay_die(
    tmp_path: Path, broker: tuple[Mosquitto, int], protocol: str
):
    """Through a broker's restart and a relay's kill -9 a receiver's numbers have no gap."""
    mosquitto, port = broker
    async with relay_of(tmp_path, port, protocol) as relay:
        journal, park = open_journal(tmp_path / "state"), Park(port)
        try:
            _write(journal, 1, 300)
            await park.until(lambda: park.marks.get("event", 0) >= 100)
            mosquitto.stop()
            _write(journal, 301, 600)
            mosquitto.start()
            await park.until(lambda: park.marks.get("event", 0) >= 310)
            assert relay.end(signal.SIGKILL) == -signal.SIGKILL
            _write(journal, 601, 900)
            relay.start()
            await park.until(lambda: park.marks.get("event") == 900)
            await park.until(lambda: park.marks.get("sample") == 9000)
            figures = await relay.figures()
            assert figures["process_resident_memory_bytes"] / 2**20 <= RSS_LIMIT_MB
            assert (figures["events_behind"], figures["connected"]) == (0, 1)
            assert relay.end(signal.SIGTERM) == 0
            await park.until(lambda: park.marks["online"] == 0)
        finally:
            park.close()
            journal.close()
    assert park.gaps == []


async def test_an_event_is_out_within_a_tenth_of_a_second_of_its_commit(
    tmp_path: Path, broker: tuple[Mosquitto, int]
):
    """Core's push wakes the relay: from the journal's commit to the receiver in under 100 ms."""
    _, port = broker
    committed: dict[int, float] = {}

    def note(rows: list[EventRow]) -> None:
        committed.update((row.seq, time.monotonic()) for row in rows)

    hello = {"world": "drill", "gateway": "gw-demo", "site": "demo"}
    (tmp_path / "core").mkdir()
    async with relay_of(tmp_path, port) as relay:
        core = ControlServer(tmp_path / "run" / "core.sock", hello, Handlers())
        journal, park = open_journal(tmp_path / "state"), Park(port)
        journal.on_committed = note
        try:
            async with core:
                await park.until(lambda: park.marks.get("online") == 1)
                async with asyncio.timeout(PATIENCE_S):
                    while core.daemons.get("relay") != "running":  # noqa: ASYNC110 - core's own list
                        await asyncio.sleep(0.01)
                for number in range(1, 41):
                    core.push_event({"seq": None, "kind": "alarm.raised"}, None)
                    journal.offer([event(number)])
                    await park.until(lambda n=number: park.marks.get("event") == n)
        finally:
            park.close()
            journal.close()
        relay.end(signal.SIGTERM)
    delays = sorted(park.arrived[seq] - committed[seq] for seq in committed)
    assert statistics.median(delays) < LATENCY_S, delays


async def test_a_dead_broker_costs_next_to_nothing(tmp_path: Path, free_port: int):
    """With nobody at the other end the relay idles, says so to core, and stops when told."""
    states: asyncio.Queue[str] = asyncio.Queue()
    handlers = Handlers(on_report=lambda _name, state: states.put_nowait(state))
    async with relay_of(tmp_path, free_port) as relay:
        core = ControlServer(tmp_path / "run" / "core.sock", {"world": "drill"}, handlers)
        journal = open_journal(tmp_path / "state")
        try:
            async with core:
                _write(journal, 1, 100)
                assert await asyncio.wait_for(states.get(), PATIENCE_S) == "no-broker"
                before = await relay.figures()
                for _ in range(20):  # a busy core: an event every tenth of a second
                    await asyncio.sleep(0.1)
                    core.push_event({"seq": None, "kind": "alarm.raised"}, None)
                after = await relay.figures()
        finally:
            journal.close()
        began = time.monotonic()
        assert relay.end(signal.SIGTERM) == 0
        assert time.monotonic() - began < 5
    spent = after["process_cpu_seconds_total"] - before["process_cpu_seconds_total"]
    assert spent < 0.2, "of 2 s"
    assert (after["connected"], after["in_flight"]) == (0, 0)
