"""One folder of tests/cases/drivers held against its template: registers, texts and writes."""

from __future__ import annotations

from typing import Any

from edge.drivers import ModbusTemplate
from edge.drivers.cases import check_case as verdicts
from edge.drivers.cases import read_case


def check_case(data: dict[str, Any], template: ModbusTemplate) -> None:
    """Hold everything that a case says against `template`."""
    found = verdicts(read_case("case.yaml", data), template)
    assert [verdict for verdict in found if verdict.problem] == []
