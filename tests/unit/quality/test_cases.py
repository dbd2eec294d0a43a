"""Checks as data: `tests/cases/quality/<slug>/case.yaml`, series in, verdicts out."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.unit.quality.bench import Bench

CASES = sorted((Path(__file__).parents[2] / "cases/quality").glob("*/case.yaml"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
def test_case(path: Path) -> None:
    """The series leads to exactly the expected verdicts and alarms, and to no other."""
    case = YAML(typ="safe").load(path)
    bench = Bench(case)

    bench.run(case["steps"])

    assert bench.said == case["expect"], case["what"]
    assert bench.raised == case.get("alarms", []), case["what"]
