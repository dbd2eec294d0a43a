"""The commands: what `make` offers, what it says where something is missing, what is reported."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.run import benches, report

ROOT = Path(__file__).resolve().parents[3]
COMMANDS = {"help", "setup", "demo", "test", "bench", "campaign", "lint", "format"}


def fake_python(folder: Path, version: str, *, venv: bool) -> str:
    """Make an interpreter that answers for its version and for having venv; return its name."""
    name = f"python{version}"
    script = (
        f'#!/bin/sh\ncase "$2" in *ensurepip*) exit {int(not venv)};; *) echo {version};; esac\n'
    )
    (folder / name).write_text(script, encoding="ascii")
    (folder / name).chmod(0o755)
    return name


def find_python(folder: Path, *names: str) -> subprocess.CompletedProcess[str]:
    """Run the search among `names`, seeing nothing but `folder` and the shell's own tools."""
    return subprocess.run(
        ["/bin/sh", str(ROOT / "deploy" / "find-python.sh"), *names],
        env={**os.environ, "PATH": f"{folder}:/nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_first_usable_python_is_taken(tmp_path: Path):
    """Too old, too new and without venv are passed over."""
    names = [
        fake_python(tmp_path, "3.9", venv=True),
        fake_python(tmp_path, "3.14", venv=True),
        fake_python(tmp_path, "3.12", venv=False),
        fake_python(tmp_path, "3.11", venv=True),
    ]

    assert find_python(tmp_path, "nosuch", *names).stdout.strip() == "python3.11"


def test_a_missing_venv_is_named_with_its_debian_package(tmp_path: Path):
    """Where no interpreter will do, each is named with what it lacks."""
    names = fake_python(tmp_path, "3.9", venv=True), fake_python(tmp_path, "3.12", venv=False)
    done = find_python(tmp_path, *names)

    assert done.returncode == 1
    assert "apt-get install python3.12-venv" in done.stderr
    assert "python3.9 is 3.9" in done.stderr


def test_make_offers_what_the_readme_promises():
    """`make help` lists each command with a line of its own."""
    done = subprocess.run(
        ["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    offered = {line.split()[0] for line in done.stdout.splitlines() if line.startswith("  ")}

    assert offered >= COMMANDS


def test_ci_runs_what_the_readme_says():
    """CI's script is the README's two lines, with CI set so that nothing is skipped."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    commands = [line for line in script.splitlines() if line.startswith("make ")]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert commands == ["make setup", "make test"]
    assert all(f"\n    {command}\n" in readme for command in commands)
    assert "set -euo pipefail" in script
    assert "export CI=true" in script


def test_hooks_before_a_commit_fetch_nothing():
    """Every hook is local and uses what is installed."""
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")

    assert text.count("- repo:") == text.count("- repo: local") == 1
    assert text.count("- id:") == text.count("language: system")


def test_benches_are_the_modules_that_can_be_run():
    """Helpers and the runner itself are none."""
    names = benches(ROOT / "tests" / "bench")

    assert "chain" in names
    assert not {"kit", "run", "__init__"} & set(names)
    assert benches(ROOT / "tests" / "no-such") == []


def test_the_report_shows_figures_targets_gaps_and_failures():
    """A figure that was not measured says why; a bench that failed is not left out."""
    good = {
        "bench": "chain",
        "figures": {"horn_p99_s": 0.0123, "rss_core_mb": None},
        "baselines": {"bare": 3.0},
        "machine": {"cpu": "a processor"},
        "notes": {"rss_core_mb": "no core"},
        "took_s": 3.2,
        "failed": "",
    }
    bad = {"bench": "alarm", "machine": {}, "took_s": 1.0, "failed": "exit code 1"}
    text = report(
        [good, bad], {"chain": {"horn_p99_s": "<= 0.05"}}, datetime(2026, 3, 1, tzinfo=UTC)
    )

    assert "| horn_p99_s | 0.0123 | <= 0.05 |  |" in text
    assert "| rss_core_mb | not measured |  | no core |" in text
    assert "| *bare* | 3 | *baseline* |  |" in text
    assert "**Failed: exit code 1.**" in text
    assert "2026-03-01" in text
