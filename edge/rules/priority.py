"""How urgent an alarm is: from how bad it gets and how long people have (priority.yaml)."""

from __future__ import annotations

from bisect import bisect_left
from functools import cache
from typing import Annotated, Literal

from pydantic import Field, model_validator

from edge.rules.files import RuleFile, RuleModel, Title, read_rule

Severity = Literal["severe", "major", "moderate", "minor"]
Priority = Annotated[int, Field(ge=1, le=4)]


class SeverityRow(RuleModel):
    """One severity: its name, and its priority in each band of time."""

    title: Title
    priorities: tuple[Priority, ...]


class PriorityFile(RuleFile):
    """priority.yaml: `bands_s` are the longest times to respond [s] of all bands but the last."""

    bands_s: tuple[Annotated[float, Field(gt=0)], ...]
    severities: dict[Severity, SeverityRow]

    @model_validator(mode="after")
    def _orderly(self) -> PriorityFile:
        """Refuse a matrix in which more time, or less harm, makes an alarm more urgent."""
        if list(self.bands_s) != sorted(set(self.bands_s)):
            raise ValueError("bands_s do not rise")
        rows = [row.priorities for row in self.severities.values()]
        if any(len(row) != len(self.bands_s) + 1 or list(row) != sorted(row) for row in rows):
            raise ValueError("a severity needs one priority for each band, none falling with time")
        columns = list(zip(*rows, strict=True))
        if any(list(column) != sorted(column) for column in columns):
            raise ValueError("a lesser severity is more urgent than a greater one")
        return self

    def priority(self, severity: Severity, respond_s: float) -> int:
        """Return the priority 1-4 of `severity` where people have `respond_s` [s] to respond."""
        return self.severities[severity].priorities[bisect_left(self.bands_s, respond_s)]


@cache
def priority_rule() -> PriorityFile:
    """Return the matrix as its file says. Raises `ConfigError` if it is not sound."""
    return read_rule("priority.yaml", PriorityFile)
