"""The rule of alarm performance: what is counted how, and the figure that is aimed at."""

from __future__ import annotations

from functools import cache
from typing import Annotated

from pydantic import Field

from edge.rules.files import Evidence, RuleFile, RuleModel, read_rule

Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(gt=0, le=1)]


class Counts(RuleModel):
    """When alarms are too many, and when one is a nuisance; see the rule file."""

    busy_10min: Count
    busy_hour: Count
    flood_begin: Count
    flood_end: Count
    chatter_raises: Annotated[int, Field(ge=2)]
    chatter_s: Annotated[float, Field(gt=0)]
    fleeting_s: Annotated[float, Field(gt=0)]
    stale_h: Annotated[float, Field(gt=0)]
    standing_share: Share
    standing_least_h: Annotated[float, Field(gt=0)]
    level_2_s: Annotated[float, Field(gt=0)]
    top: Count
    shelf_h: Annotated[float, Field(gt=0)]
    out_of_service_h: Annotated[float, Field(gt=0)]
    watched_share: Share
    shift_starts: Annotated[tuple[Annotated[int, Field(ge=0, le=23)], ...], Field(min_length=1)]


class Aim(Evidence):
    """What a figure is held against; `about`: it should be near the target, else at most."""

    target: Annotated[float, Field(ge=0)]
    limit: Annotated[float, Field(ge=0)] | None = None
    about: bool = False


class KpiRule(RuleFile):
    """alarm_kpi.yaml."""

    counts: Counts
    figures: dict[str, Aim]


@cache
def kpi_rule() -> KpiRule:
    """Return the rule. Raises `ConfigError` if its file is not what it should be."""
    return read_rule("alarm_kpi.yaml", KpiRule)
