"""What the satellites may load: a reader brings no SQLAlchemy, the journal brings no MQTT."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("module", "without"),
    [
        ("edge.journal", {"sqlalchemy", "pydantic"}),
        ("edge.journal.hazard_file", {"sqlalchemy", "pydantic"}),
        ("edge.control", {"sqlalchemy", "pydantic"}),
        ("edge.daemons.relay", {"sqlalchemy", "numpy", "numba", "typer", "pymodbus"}),
        ("edge.journal.writer", {"paho", "numpy", "numba", "typer"}),
    ],
)
def test_a_module_loads_no_more_than_its_memory_allows(module: str, without: set[str]):
    """Memory is counted per daemon: what only one needs is not loaded by the others."""
    code = f"import sys, {module}; print(*sorted({without!r} & sys.modules.keys()))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []
