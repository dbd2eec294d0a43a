"""What a site asks of its devices, case by case: faults and advice, as `suian site check` tells."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from suian.cli import app

CASES = Path(__file__).parents[2] / "cases" / "site"
SLUGS = sorted(path.parent.name for path in CASES.glob("*/devices.txt"))


@pytest.mark.parametrize("slug", SLUGS)
def test_the_check_tells_what_devices_may_not_and_should_not(slug: str):
    """Faults refuse a site (code 2), advice does not; each has its file, line and remedy."""
    expected = (CASES / slug / "devices.txt").read_text(encoding="utf-8").splitlines()
    result = CliRunner().invoke(app, ["site", "check", str(CASES / slug)])
    told = [line.replace(f"{CASES / slug}/", "") for line in result.output.splitlines()]
    refused = any(not line.startswith("advice: ") for line in expected)
    assert result.exit_code == (2 if refused else 0)
    assert told[:-1] == expected
    assert told[-1].startswith(f"{CASES / slug}: ")
    assert (": no faults: " in told[-1]) is not refused
