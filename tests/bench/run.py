"""Run every bench and write one report: `make bench`, or the long ones: `make campaign`.

Each module of this folder (or of tests/campaign) that can be run as `python -m` is one bench; it
ends with one JSON object (see `tests.bench.kit`). Its object goes to build/bench/NAME.json, and
all of them to build/bench/report.md (campaigns: build/campaign/). A bench that fails is in the
report and fails the run.

    python -m tests.bench.run [--campaign] [NAME …]
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def benches(folder: Path) -> list[str]:
    """Return the names of the modules of `folder` that are benches: they end with `kit.main`."""
    if not folder.is_dir():
        return []
    own = Path(__file__).name
    return sorted(
        path.stem
        for path in folder.glob("*.py")
        if path.name != own and "    main(Bench(" in path.read_text(encoding="utf-8")
    )


def run_one(package: str, name: str) -> dict[str, Any]:
    """Run one bench in a process of its own; return its JSON object, or one that says it failed."""
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", f"{package}.{name}", "--json"],
        cwd=ROOT,
        check=False,
        stdout=subprocess.PIPE,
        text=True,
    )
    took_s = round(time.monotonic() - started, 1)
    lines = done.stdout.strip().splitlines()
    try:
        answer: dict[str, Any] = json.loads(lines[-1]) if done.returncode == 0 else {}
        failed = "" if done.returncode == 0 else f"exit code {done.returncode}"
    except (json.JSONDecodeError, IndexError):
        answer, failed = {}, "it did not end with a JSON object"
    body = {"bench": name, "figures": {}, "baselines": {}, "machine": {}, "notes": {}, **answer}
    return body | {"took_s": took_s, "failed": failed}


def report(bodies: list[dict[str, Any]], targets: dict[str, dict[str, str]], when: datetime) -> str:
    """Return the Markdown report of what the benches answered."""
    machine = next((body["machine"] for body in bodies if body["machine"]), {})
    lines = [f"# Figures of {when:%Y-%m-%d %H:%M} UTC", ""]
    lines += [f"{key}: {value}  " for key, value in machine.items()]
    for body in bodies:
        name = body["bench"]
        lines += ["", f"## {name} ({body['took_s']:.0f} s)", ""]
        if body["failed"]:
            lines += [f"**Failed: {body['failed']}.** What it said is above, where it was run.", ""]
            continue
        lines += ["| key | value | target | note |", "|---|---|---|---|"]
        for key, value in body["figures"].items():
            target = targets.get(name, {}).get(key, "")
            shown = "not measured" if value is None else f"{value:g}"
            lines.append(f"| {key} | {shown} | {target} | {body['notes'].get(key, '')} |")
        for key, value in body["baselines"].items():
            shown = "not measured" if value is None else f"{value:g}"
            lines.append(f"| *{key}* | {shown} | *baseline* | {body['notes'].get(key, '')} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run the benches that were named, or all; return 1 if one failed."""
    parser = argparse.ArgumentParser(description="run the benches and write their report")
    parser.add_argument("--campaign", action="store_true", help="the long runs of tests/campaign")
    parser.add_argument("names", nargs="*", help="only these")
    arguments = parser.parse_args()
    package = "tests.campaign" if arguments.campaign else "tests.bench"
    there = benches(ROOT.joinpath(*package.split(".")))
    unknown = [name for name in arguments.names if name not in there]
    if unknown:
        sys.stderr.write(f"no such bench: {', '.join(unknown)}; there are: {', '.join(there)}\n")
        return 2
    if not there:
        sys.stdout.write(f"{package}: there is none yet\n")
        return 0
    output = ROOT / "build" / package.split(".")[1]
    output.mkdir(parents=True, exist_ok=True)
    bodies: list[dict[str, Any]] = []
    targets: dict[str, dict[str, str]] = {}
    for name in arguments.names or there:
        sys.stdout.write(f"{name} …\n")
        sys.stdout.flush()
        body = run_one(package, name)
        bodies.append(body)
        if not body["failed"]:
            targets[name] = getattr(importlib.import_module(f"{package}.{name}"), "TARGETS", {})
        text = json.dumps(body, ensure_ascii=False, indent=1)
        (output / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    text = report(bodies, targets, datetime.now(UTC))
    (output / "report.md").write_text(text, encoding="utf-8")
    sys.stdout.write(text + f"\nwritten to {output.relative_to(ROOT)}/\n")
    return int(any(body["failed"] for body in bodies))


if __name__ == "__main__":
    sys.exit(main())
