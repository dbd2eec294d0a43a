"""A daemon's figures as Prometheus text, by hand: names, numbers and its own process."""

from __future__ import annotations

import resource
from collections.abc import Callable
from pathlib import Path

Number = int | float


class Metrics:
    """Counters and gauges of one daemon. Every name starts with `suian_<daemon>_`."""

    def __init__(self, daemon: str) -> None:
        self._prefix = f"suian_{daemon}_"
        self._values: dict[str, Number] = {}
        self._asked: dict[str, Callable[[], Number]] = {}

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
        return "\n".join(lines) + "\n"


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
