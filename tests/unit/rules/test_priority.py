"""The priority matrix: more time or less harm is never more urgent."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from edge.rules import Severity, priority_rule
from edge.rules.priority import PriorityFile


@pytest.mark.parametrize(
    ("severity", "respond_s", "priority"),
    [
        ("severe", 60, 1),
        ("severe", 600, 1),
        ("severe", 601, 2),
        ("major", 180, 1),
        ("major", 300, 2),
        ("moderate", 600, 3),
        ("moderate", 1800, 3),
        ("moderate", 1801, 4),
        ("minor", 60, 3),
        ("minor", 3600, 4),
    ],
)
def test_priority_from_consequence_and_time(severity: Severity, respond_s: float, priority: int):
    """A band of time ends with its figure: 600 s is still the second one."""
    assert priority_rule().priority(severity, respond_s) == priority


@pytest.mark.parametrize(
    ("severities", "problem"),
    [
        ({"severe": [1, 2], "minor": [2, 1]}, "none falling with time"),
        ({"severe": [2, 2], "minor": [1, 3]}, "lesser severity is more urgent"),
        ({"severe": [1], "minor": [2]}, "one priority for each band"),
    ],
)
def test_a_senseless_matrix_is_refused(severities: dict[str, list[int]], problem: str):
    """Where waiting makes an alarm more urgent, somebody has mistyped the file."""
    title = {"zh": "级", "en": "level"}
    rows = {name: {"title": title, "priorities": row} for name, row in severities.items()}
    with pytest.raises(ValidationError, match=problem):
        PriorityFile.model_validate(
            {
                "rule": "r",
                "version": 1,
                "standard": "own",
                "title": title,
                "source": "test",
                "confidence": "derived-rule",
                "bands_s": [60],
                "severities": rows,
            }
        )
