"""What a row of a site's alarms may name, and what is wrong with it: tags, units, set-points."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from edge.errors import ExpressionError
from edge.expr import compile_expression
from edge.site.alarms.calculated import ExpressionSpec
from edge.site.faults import Faults, suggest
from edge.site.quantities import UNIT_SPELLINGS
from edge.site.structure import Draft
from edge.site.tags_csv import Known
from edge.tag import Tag
from edge.units import LINEAR, Unit

LEAST_PERIODS = 5.0  # of its tag in the window of a rate
Path = tuple[str | int, ...]


@dataclass
class Inputs:
    """The tags that rows may name. A fault is of the row `subject`, at a path in `path`."""

    draft: Draft
    known: Known
    faults: Faults
    path: Path = ()
    subject: str = ""
    own: set[str] = field(default_factory=set[str])  # ids of the rows so far

    def fault(self, path: Path, problem: str, remedy: str) -> None:
        """Note a fault of the present row at `path` in it."""
        self.faults.add(*self.draft.place(*self.path, *path), self.subject, problem, remedy)

    def usable(self) -> dict[str, Tag]:
        """Return the tags that may be inputs: all but predictions."""
        hazard = self.known.hazard_device
        return {name: tag for name, tag in self.known.tags.items() if tag.device != hazard}

    def expression(self, path: Path, text: str, tag: str) -> ExpressionSpec | None:
        """Return what says in the tag named `tag` whether `text` holds; None with a fault noted."""
        units = {name: one.unit for name, one in self.usable().items()}
        try:
            found = compile_expression(text, units)
        except ExpressionError as error:
            self._refuse(path, error)
            return None
        problem = ""
        if not found.is_condition:
            problem = f"it gives a number ({found.kind}), not true or false"
        elif found.uses_time:
            problem = "t has no beginning here"
        elif not found.tags:
            problem = "it names no tag: it would be true, or false, for ever"
        if problem:
            self.fault(path, problem, "Compare tags, as in 'LI-101 > 2 m'")
            return None
        return ExpressionSpec(tag, found.tags, text)

    def _refuse(self, path: Path, error: ExpressionError) -> None:
        unknown = error.message_id.startswith(("expr.unknown-name", "expr.subtract"))
        if unknown and not self.known.whole:
            return  # it may stand in what could not be read
        told, remedy = error.problem, "Correct the expression"
        if near := error.params.get("near"):
            told, remedy = f"unknown tag {error.params['name']!r}", f"Did you mean {near!r}?"
        self.fault(path, f"character {error.position}: {told}", remedy)

    def tag(self, path: Path, name: str) -> Tag | None:
        """Return the input `name`, None with a fault noted where it cannot be one."""
        tag = self.known.tags.get(name)
        if tag is None:
            self._unknown(path, name)
            return None
        if tag.device == self.known.hazard_device:
            problem = f"{name} is a prediction: it never votes with what is measured"
            self.fault(path, problem, "Name tags that are measured")
            return None
        return tag

    def _unknown(self, path: Path, name: str) -> None:
        limit = self.known.limits.get(name)
        if name == self.subject:
            self.fault(path, "it is made of itself", "Name the tags that are measured")
        elif name in self.draft.ids["conditions"] - self.own:
            problem, remedy = f"{name} stands below this row", "Put that row above this one"
            self.fault(path, problem, remedy)
        elif limit is not None:
            problem = f"{name} is a condition, not a tag"
            self.fault(path, problem, f"Name the tag that it judges, {limit.tag}")
        elif name not in self.own and self.known.whole and name not in self.known.lines:
            self.fault(path, f"unknown tag {name!r}", suggest(name, self.usable(), "tag"))

    def number(self, path: Path, name: str) -> Tag | None:
        """Return the input `name` where it is a number, as `tag` does."""
        tag = self.tag(path, name)
        if tag is not None and tag.unit is Unit.BOOL:
            self.fault(path, f"{name} is on or off, not a number", "Name a tag that is measured")
            return None
        return tag

    def factor(self, path: Path, spelled: str, tag: Tag) -> float | None:
        """Return what turns a difference in the unit `spelled` into the unit of `tag`."""
        if not spelled:
            return 1.0
        unit = UNIT_SPELLINGS.get(spelled.strip().casefold())
        if unit is None:
            self.fault(path, f"unknown unit {spelled!r}", suggest(spelled, list(Unit)))
            return None
        factor = scale(unit, tag.unit)
        if factor is None:
            problem = f"{spelled} does not go with {shown(tag)}"
            self.fault(path, problem, f"Write it in {tag.unit}, or leave the unit out")
        return factor

    def reach(
        self, path: Path, limit: float, most: float, tag: Tag, least: float = -math.inf
    ) -> None:
        """Note a `limit` that no reading of `tag` can come to."""
        if not least < limit <= most:
            problem = f"{path[-1]} {limit:g} {tag.unit} can never be reached"
            remedy = f"It is at most {most:.6g} {tag.unit} by the range of {tag.name}"
            self.fault(path, problem, remedy)

    def band(self, path: Path, deadband: float, limit: float) -> float:
        """Return the deadband, noting one that never lets an alarm end."""
        if deadband >= limit:
            problem = f"deadband {deadband:g} lets {limit:g} never clear"
            self.fault(path, problem, f"Write less than {limit:g}")
        return deadband

    def window(self, test: str, window_s: float, tag: Tag) -> None:
        """Note a window [s] that holds too few readings of `tag` for a slope."""
        least = LEAST_PERIODS * tag.period_s
        if window_s < least:
            problem = f"window_s {window_s:g} holds too few readings of {tag.name}"
            self.fault((test, "window_s"), problem, f"Write {least:g} or more")


def scale(unit: Unit, into: Unit) -> float | None:
    """Return the factor from a difference in `unit` to one in `into`, None where there is none."""
    if unit is into:
        return 1.0
    here, there = LINEAR.get(unit), LINEAR.get(into)
    if here is None or there is None or here.dimension != there.dimension:
        return None
    return float(f"{here.factor / there.factor:.15g}")


def line_to(tag: Tag, into: Tag) -> tuple[float, float] | None:
    """Return factor and offset that bring a value of `tag` to the unit of `into`."""
    if tag.unit is into.unit:
        alike = tag.substance == into.substance and tag.lel_fraction == into.lel_fraction
        return (1.0, 0.0) if tag.unit is not Unit.PERCENT_LEL or alike else None
    factor = scale(tag.unit, into.unit)
    if factor is None:
        return None
    return factor, (LINEAR[tag.unit].offset - LINEAR[into.unit].offset) / LINEAR[into.unit].factor


def turn_of(tag: Tag) -> float:
    """Return the whole circle in the unit of a direction."""
    return float(f"{2 * math.pi / LINEAR[tag.unit].factor:.15g}")


def shown(tag: Tag) -> str:
    """Return a tag with its unit, for people."""
    return f"{tag.name} in {tag.unit}"


def range_of(tag: Tag) -> str:
    """Return a tag's range, for people."""
    return f"the range {tag.range_low:g} to {tag.range_high:g}"
