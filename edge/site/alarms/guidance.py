"""`guidance:` of site.yaml: what an alarm means and what to do, for those who hear it.

The standard guidance of `edge/rules/guidance.yaml` is made of the same entries. Where several fit
an alarm, the narrowest counts: one that names conditions before one that names tags, each name
before a pattern, then assets, then all others; of two alike, the one that asks for more, then the
first. A site's own entry goes before the standard's, however narrow.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from edge.rules.files import RuleFile, read_rule
from edge.rules.priority import Severity
from edge.site.parts import Model, Name

LONGEST_RESPOND_S = 7 * 86400.0
STANDARD_PREFIX = "std-"  # begins the ids of the standard guidance
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class Words(Model):
    """A text for people, in both languages; neither may be empty."""

    zh: Text
    en: Text


class Fits(Model):
    """Which alarms an entry is for: those of which everything that is given is true."""

    conditions: tuple[str, ...] = ()  # ids (LI-101/hh) or patterns (LI-1*/hh)
    tags: tuple[str, ...] = ()  # names or patterns
    assets: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    substances: tuple[str, ...] = ()
    quantities: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()  # h, hh, l, ll, bad, …
    hazards: tuple[Literal["toxic", "combustible", "oxygen"], ...] = ()  # of a gas detector
    levels: tuple[Literal[1, 2], ...] = ()  # of a gas detector
    classes: tuple[Literal["process", "predicted", "system"], ...] = ()


class GuidanceRow(Model):
    """Cause, consequence, first actions and time to respond of the alarms that it fits.

    `respond_s` [s] is how long people have before the consequence; with `severity` it makes the
    alarm's priority (`edge/rules/priority.yaml`).
    """

    id: Name
    fits: Fits
    cause: Words
    consequence: Words
    actions: Annotated[tuple[Words, ...], Field(min_length=1, max_length=8)]
    respond_s: Annotated[float, Field(gt=0, le=LONGEST_RESPOND_S)]
    severity: Severity


class GuidanceFile(RuleFile):
    """guidance.yaml: what is the same at every park."""

    guidance: tuple[GuidanceRow, ...]


@cache
def standard_guidance() -> GuidanceFile:
    """Return the standard guidance. Raises `ConfigError` if its file is not sound."""
    return read_rule("guidance.yaml", GuidanceFile)
