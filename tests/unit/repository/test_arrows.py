"""The import arrows are refused by a machine, and core stays light when it really runs."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = ("edge", "simulator", "training", "deploy", "suian")
LIGHT = ("numba", "numpy", "pygame", "typer", "openpyxl", "jinja2")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the packages' Python, with the contracts."""
    copy = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "pyproject.toml", copy)
    skip = shutil.ignore_patterns("node_modules", "web", "static", "__pycache__")
    for name in PACKAGES:
        ignore = skip if name == "edge" else shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, copy / name, ignore=ignore)
    # edge.web is a room, and edge/console/web is not Python
    shutil.copytree(ROOT / "edge" / "web", copy / "edge" / "web", dirs_exist_ok=True)
    return copy


def contracts(folder: Path) -> tuple[int, str]:
    """Check the contracts of a house; return the exit code and what was said, on one line."""
    lint = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run(
        [lint, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.returncode, " ".join((done.stdout + done.stderr).split())


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        (
            "edge/poll/poller.py",
            "import simulator.plant",
            "suian > training | deploy > simulator > edge",
        ),
        ("deploy/lock.py", "import simulator.field", "deploy does without the simulator"),
        ("edge/alarm/states.py", "import edge.journal.writer", "the rooms of edge"),
        ("edge/console/board.py", "import edge.dispersion.passive.plume.briggs_jit", "core, relay"),
        ("simulator/plant/plant.py", "import edge.alarm.engine", "the plant is not the estimator"),
        ("training/__init__.py", "import pygame", "pygame is simulator.view's alone"),
    ],
)
def test_a_planted_arrow_is_refused(house: Path, file: str, line: str, contract: str):
    """Each contract names the one import that breaks it, also through another module."""
    path = house / file
    before = path.read_text(encoding="utf-8")
    path.write_text(f"{before}\n\n{line}\n", encoding="utf-8")
    try:
        code, said = contracts(house)
    finally:
        path.write_text(before, encoding="utf-8")

    assert code == 1
    verdict = re.search(re.escape(contract) + ".*?(KEPT|BROKEN)", said)
    assert verdict
    assert verdict[1] == "BROKEN"
    assert file.removesuffix(".py").removesuffix("/__init__").replace("/", ".") in said


def test_the_house_as_it_stands_breaks_no_contract(house: Path):
    """Without a plant every contract holds."""
    code, said = contracts(house)

    assert code == 0, said


@pytest.mark.parametrize("daemon", ["core", "relay", "console"])
def test_a_light_daemon_loads_no_numerics(daemon: str):
    """Importing the daemon leaves numba, numpy and the tools out of the process."""
    code = f"import sys, edge.daemons.{daemon}; print(*sorted(set({LIGHT}) & sys.modules.keys()))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
