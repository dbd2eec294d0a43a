"""A malicious or clumsy user at the processes: a clear message or a Bad sample, never a trace."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.system, pytest.mark.timeout(60)]
ROOT = Path(__file__).parents[2]


def run(module: str, *arguments: str, within_s: float = 30) -> tuple[int, str]:
    """Run a process until it gives up; return its exit code and all it said."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=within_s, cwd=ROOT
    )
    said = done.stdout + done.stderr
    assert "Traceback" not in said, said
    return done.returncode, said


@pytest.mark.parametrize("module", ["edge.daemons.core", "simulator.field"])
def test_a_site_that_is_not_there_is_named_with_its_whole_path(tmp_path: Path, module: str):
    """On a box with two gateways' files, "site.yaml cannot be read" says too little."""
    own = ["--scenario", "none.yaml"] if "field" in module else ["--state", str(tmp_path)]
    own += [] if "field" in module else ["--run", str(tmp_path)]
    code, said = run(module, "--site", str(tmp_path / "nowhere"), *own)
    assert code == 2
    assert str(tmp_path / "nowhere") in said
    assert "cannot be read" in said
