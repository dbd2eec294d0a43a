"""The peer that people know: thingsboard-gateway from pip, in an environment of its own.

It reads the same registers as core, over the same kind of responder, and hands them to a broker
on this machine. Its rate limits are off (a stub answers its question for the session's limits, as
its own server would), its log says errors only, and `minPackSendDelayMS` is 10: 0 is a busy loop.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import paho.mqtt.client as mqtt
import psutil
from paho.mqtt.enums import CallbackAPIVersion

from suian.demo.workspace import free_ports

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / "build" / "peers" / "thingsboard-gateway"
WANTED = ("thingsboard-gateway==3.8.5", "pymodbus==3.9.2", "pyserial")
SETTLE_S, WINDOW_S, PATIENCE_S = 5.0, 15.0, 60.0
NO_LIMITS = {"maxInflightMessages": 100, "rateLimits": {}, "gatewayRateLimits": {}}


@dataclass(frozen=True)
class Run:
    """What the gateway did in the window: values a second, and what they cost."""

    tags_s: float
    cpu_s_per_1000: float
    rss_mb: float


def environment() -> Path:
    """Return the Python of the peer's own environment, made now if it is not there.

    Raises `RuntimeError` where it cannot be had: no venv, no package index.
    """
    python = HOME / "bin" / "python"
    stamp = HOME / "ready"
    if not stamp.is_file():
        for command in (
            [sys.executable, "-m", "venv", str(HOME)],
            [str(python), "-m", "pip", "install", "--quiet", *WANTED],
        ):
            done = subprocess.run(command, check=False, capture_output=True, text=True)
            if done.returncode:
                raise RuntimeError(f"thingsboard-gateway cannot be installed: {done.stderr[-300:]}")
        stamp.touch()
    return python


def measure(
    folder: Path, ports: Sequence[int], registers: int, *, ranges: bool, window_s: float = WINDOW_S
) -> Run:
    """Return what the gateway needs for `registers` of one device on each of `ports`, at 1 s.

    With `ranges` a device is one configured range; else each register is a request of its own.
    """
    python = environment()
    folder.mkdir(parents=True)
    (port,) = free_ports(1)
    _configure(folder, port, ports, registers, ranges=ranges)
    with broker(folder, port), _Platform(port) as platform, _gateway(python, folder) as process:
        deadline = time.monotonic() + PATIENCE_S
        while not platform.values:
            if time.monotonic() > deadline or process.poll() is not None:
                raise RuntimeError(f"it sends nothing; its log is in {folder}")
            time.sleep(0.2)
        time.sleep(SETTLE_S)
        peer = psutil.Process(process.pid)
        values, used, began = platform.values, _cpu_s(peer), time.monotonic()
        time.sleep(window_s)
        values, used = platform.values - values, _cpu_s(peer) - used
        took = time.monotonic() - began
        return Run(values / took, used / values * 1000, peer.memory_info().rss / 2**20)


def _cpu_s(process: psutil.Process) -> float:
    used = process.cpu_times()
    return used.user + used.system


def _configure(
    folder: Path, broker: int, ports: Sequence[int], registers: int, *, ranges: bool
) -> None:
    common = {"type": "16uint", "functionCode": 3}
    if ranges:
        span = {"address": f"0-{registers - 1}", "objectsCount": 1, "tag": "r${address}"}
        points = [common | span | {"maxRegistersPerRequest": 100}]
    else:
        points = [
            common | {"address": at, "objectsCount": 1, "tag": f"r{at}"} for at in range(registers)
        ]
    slaves: list[dict[str, Any]] = [
        {
            "host": "127.0.0.1",
            "port": port,
            "type": "tcp",
            "method": "socket",
            "unitId": 1,
            "deviceName": f"device-{number}",
            "deviceType": "default",
            "timeout": 5,
            "byteOrder": "BIG",
            "wordOrder": "BIG",
            "retries": 1,
            "pollPeriod": 1000,
            "connectAttemptTimeMs": 500,
            "connectAttemptCount": 5,
            "waitAfterFailedAttemptsMs": 30000,
            "attributes": [],
            "timeseries": points,
            "attributeUpdates": [],
            "rpc": [],
        }
        for number, port in enumerate(ports)
    ]
    logs = {"version": 1, "root": {"level": "ERROR", "handlers": []}}
    for name, body in (
        ("tb_gateway", _gateway_file(broker)),
        ("modbus", {"logLevel": "ERROR", "master": {"slaves": slaves}}),
        ("logs", logs),
    ):
        (folder / f"{name}.json").write_text(json.dumps(body), encoding="utf-8")


def _gateway_file(broker: int) -> dict[str, Any]:
    return {
        "thingsboard": {
            "host": "127.0.0.1",
            "port": broker,
            "remoteShell": False,
            "remoteConfiguration": False,
            "statistics": {"enable": False},
            "maxPayloadSizeBytes": 65536,
            "minPackSendDelayMS": 10,
            "minPackSizeToSend": 500,
            "checkConnectorsConfigurationInSeconds": 60,
            "security": {"type": "accessToken", "accessToken": "bench"},
            "qos": 1,
            "reportStrategy": {"type": "ON_RECEIVED"},
        },
        "storage": {"type": "memory", "read_records_count": 1000, "max_records_count": 100_000},
        "grpc": {"enabled": False},
        "connectors": [{"type": "modbus", "name": "field", "configuration": "modbus.json"}],
    }


@contextmanager
def broker(folder: Path, port: int) -> Iterator[None]:
    """Run a broker on this machine's `port`, with its files in `folder`."""
    settings = f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n"
    (folder / "mosquitto.conf").write_text(settings, encoding="utf-8")
    path = os.environ["PATH"] + os.pathsep + "/usr/sbin"
    command = ["mosquitto", "-c", str(folder / "mosquitto.conf")]
    try:
        process = subprocess.Popen(command, env={**os.environ, "PATH": path}, stderr=-3)
    except FileNotFoundError:
        raise RuntimeError("mosquitto is not installed") from None
    try:
        yield
    finally:
        process.terminate()
        process.wait()


@contextmanager
def _gateway(python: Path, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    variables = {**os.environ, "TB_GW_CONFIG_DIR": f"{folder}/", "TB_GW_LOGS_PATH": str(folder)}
    variables.pop("PYTHONPATH", None)
    with (folder / "output.log").open("wb") as log:
        code = "from thingsboard_gateway.tb_gateway import daemon; daemon()"
        process = subprocess.Popen(
            [str(python), "-c", code], cwd=folder, env=variables, stdout=log, stderr=log
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


class _Platform:
    """The server's side of the session: says that there are no limits, and counts values."""

    def __init__(self, port: int) -> None:
        self.values = 0
        self._port = port
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, "platform")
        self._client.on_message = self._take
        self._up = threading.Event()
        self._client.on_connect = lambda *_: self._connected()

    def _connected(self) -> None:
        for topic in ("v1/devices/me/rpc/request/+", "v1/gateway/telemetry"):
            self._client.subscribe(topic, qos=0)
        self._up.set()

    def __enter__(self) -> Self:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            with contextlib.suppress(ConnectionRefusedError):
                self._client.connect("127.0.0.1", self._port)
                break
            if time.monotonic() > deadline:
                raise RuntimeError("the broker does not start")
            time.sleep(0.1)
        self._client.loop_start()
        self._up.wait(PATIENCE_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _take(self, _client: object, _data: object, message: mqtt.MQTTMessage) -> None:
        if message.topic == "v1/gateway/telemetry":
            body = json.loads(message.payload)
            self.values += sum(
                len(entry.get("values", entry)) for device in body.values() for entry in device
            )
            return
        number = message.topic.rpartition("/")[2]
        answer = f"v1/devices/me/rpc/response/{number}"
        self._client.publish(answer, json.dumps(NO_LIMITS))
