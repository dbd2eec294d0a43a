"""What every bench shares: the form of its answer, its machine, medians and percentiles."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

Number = float | int | None


@dataclass(slots=True)
class Bench:
    """One bench's figures. A figure that could not be measured is None and has a note."""

    name: str
    targets: Mapping[str, str]
    figures: dict[str, Number] = field(default_factory=dict[str, Number])
    baselines: dict[str, Number] = field(default_factory=dict[str, Number])
    notes: dict[str, str] = field(default_factory=dict[str, str])

    def set(self, key: str, value: Number, note: str = "") -> None:
        """Set a figure that `benchmarks` asks for; a None without a note is a mistake."""
        assert key in self.targets, f"{key} is not a figure of {self.name}"
        assert value is not None or note, f"{key} is None and nothing says why"
        self.figures[key] = value if value is None else round(value, 4)
        if note:
            self.notes[key] = note

    def as_json(self) -> str:
        """Return the one line that the report reads."""
        for key in self.targets:
            if key not in self.figures:
                self.figures[key] = None
                self.notes.setdefault(key, "not measured in this run")
        body = {
            "bench": self.name,
            "figures": self.figures,
            "baselines": self.baselines,
            "machine": machine(),
            "notes": self.notes,
        }
        return json.dumps(body, ensure_ascii=False)

    def as_table(self) -> str:
        """Return the table for people."""
        lines = [f"{self.name}", f"{'figure':28} {'value':>12}  target"]
        for key, target in self.targets.items():
            value = self.figures.get(key)
            shown = "-" if value is None else f"{value:g}"
            lines.append(f"{key:28} {shown:>12}  {target}  {self.notes.get(key, '')}")
        lines += [f"{name:28} {value!s:>12}  baseline" for name, value in self.baselines.items()]
        return "\n".join(lines)


def machine() -> dict[str, str | int | None]:
    """Return what the figures were measured on."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith(("model name", "Model"))
        ),
        platform.processor(),
    )
    return {"cpu": model, "cores": os.cpu_count(), "python": platform.python_version()}


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the `percent`-th percentile of `values` (nearest rank, no interpolation)."""
    ordered = sorted(values)
    rank = max(1, -(-len(ordered) * percent // 100))
    return ordered[int(rank) - 1]


def median(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def main(bench: Bench, measure: Callable[[Bench], None]) -> None:
    """Run a bench as `python -m tests.bench.NAME [--json]`."""
    parser = argparse.ArgumentParser(description=f"the {bench.name} figures of the benchmarks")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    arguments = parser.parse_args()
    measure(bench)
    sys.stdout.write((bench.as_json() if arguments.json else bench.as_table()) + "\n")
