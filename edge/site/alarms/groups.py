"""`alarm_groups:` and `suppressions:` of site.yaml, and when many alarms are a flood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from edge.site.parts import Model, Name, Title


class AlarmGroup(Model):
    """Conditions that belong together: of those that stand, the first to come is marked."""

    id: Name
    title: Title
    members: tuple[str, ...]  # conditions (LI-101/l) or patterns (LI-1*/l)


class Suppression(Model):
    """Conditions that mean nothing while `when` holds: suppressed by design, and listed so.

    `when` is an expression over tags. Where it is not known (a tag of it is Bad), nothing is
    suppressed.
    """

    id: Name
    title: Title
    members: tuple[str, ...]
    when: str
    on_delay_s: Annotated[float, Field(ge=0, le=3600)] = 0.0
    off_delay_s: Annotated[float, Field(ge=0, le=3600)] = 0.0


class Flood(Model):
    """More alarms than people can take in: those of the least priorities are held back."""

    begin: Annotated[int, Field(ge=2)] = 11  # raised within 10 minutes (ISA-18.2: more than 10)
    end: Annotated[int, Field(ge=1)] = 4  # it is over when no more are (fewer than 5)
    priorities: tuple[Literal[3, 4], ...] = (4,)  # whose alarms are held back meanwhile


@dataclass(frozen=True, slots=True)
class SuppressionSpec:
    """A suppression as it is used: `tag` is 1 while its expression holds, `members` conditions."""

    id: str
    tag: str
    members: frozenset[str]
    on_delay_s: float = 0.0
    off_delay_s: float = 0.0
