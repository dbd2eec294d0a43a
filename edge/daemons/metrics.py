"""A daemon's figures as Prometheus text, by hand: names, numbers and its own process."""

from __future__ import annotations

import resource
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

Number = int | float
Facts = Mapping[str, Mapping[str, object]]  # figures of each device, by its id
_NEEDS_ESCAPE = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
# What a device's figures are called; those that only grow end in `_total` by Prometheus' custom.
_COUNTERS = (
    "requests",
    "answers",
    "timeouts",
    "bad_frames",
    "strays",
    "retries",
    "silences",
    "reconnects",
)
_GAUGES = (
    "connected",
    "silent",
    "latency_min_ms",
    "latency_mean_ms",
    "latency_p95_ms",
    "latency_max_ms",
)


class Metrics:
    """Counters and gauges of one daemon. Every name starts with `suian_<daemon>_`."""

    def __init__(self, daemon: str) -> None:
        self._prefix = f"suian_{daemon}_"
        self._values: dict[str, Number] = {}
        self._asked: dict[str, Callable[[], Number]] = {}
        self.devices: Callable[[], Facts] = dict  # asked each time; ids become labels

    def add(self, name: str, count: Number = 1) -> None:
        """Count `name` up; by Prometheus' custom such a name ends in `_total`."""
        self._values[name] = self._values.get(name, 0) + count

    def set(self, name: str, value: Number) -> None:
        """Set the gauge `name`."""
        self._values[name] = value

    def ask(self, name: str, source: Callable[[], Number]) -> None:
        """Have `name` read from `source` each time the figures are asked for."""
        self._asked[name] = source

    def values(self) -> dict[str, Number]:
        """Return every figure of this daemon by its full name, its process's among them."""
        asked = {name: source() for name, source in self._asked.items()}
        own = {self._prefix + name: value for name, value in {**self._values, **asked}.items()}
        return own | {self._prefix + name: value for name, value in process_figures().items()}

    def text(self) -> str:
        """Return the figures in Prometheus' text format."""
        lines: list[str] = []
        for name, value in sorted(self.values().items()):
            kind = "counter" if name.endswith("_total") else "gauge"
            lines += [f"# TYPE {name} {kind}", f"{name} {value}"]
        lines += device_lines(self._prefix + "device_", self.devices())
        return "\n".join(lines) + "\n"


def device_lines(prefix: str, devices: Facts) -> list[str]:
    """Return the figures of devices in Prometheus' text format, each name's rows together."""
    lines: list[str] = []
    for key in (*_COUNTERS, *_GAUGES):
        name = f"{prefix}{key}_total" if key in _COUNTERS else prefix + key
        rows = [
            f'{name}{{device="{_label(device)}"}} {_number(value)}'
            for device, facts in devices.items()
            if isinstance(value := facts.get(key), int | float)
        ]
        if rows:
            lines += [f"# TYPE {name} {'counter' if key in _COUNTERS else 'gauge'}", *rows]
    name, rows = f"{prefix}exceptions_total", list[str]()
    for device, facts in devices.items():
        codes = cast("Mapping[str, int]", facts.get("exceptions", {}))
        rows += [f'{name}{{device="{_label(device)}",code="{c}"}} {n}' for c, n in codes.items()]
    return [*lines, f"# TYPE {name} counter", *rows] if rows else lines


def _number(value: float) -> Number:
    return int(value) if isinstance(value, bool) else value


def _label(text: str) -> str:
    return text.translate(_NEEDS_ESCAPE)


def process_figures() -> dict[str, Number]:
    """Return resident memory [bytes], CPU time [s], threads and open files of this process."""
    figures: dict[str, Number] = {}
    for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").split("\n"):
        key, _, rest = line.partition(":")
        if key == "VmRSS":
            figures["process_resident_memory_bytes"] = int(rest.split()[0]) * 1024
        elif key == "Threads":
            figures["process_threads"] = int(rest)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    figures["process_cpu_seconds_total"] = round(usage.ru_utime + usage.ru_stime, 3)
    figures["process_open_fds"] = sum(1 for _ in Path("/proc/self/fd").iterdir())
    return figures
