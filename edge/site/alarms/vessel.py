"""How much a vessel holds at each level, as `overfill` says it: walls, a factor, or a table."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from edge.site.alarms.conditions import OverfillTest
from edge.tag import Tag
from edge.units import LINEAR

Volumes = tuple[tuple[float, float], ...]
Fault = Callable[[tuple[str | int, ...], str, str], None]  # path in the test, problem, remedy
SHAPES = ("area_m2", "m3_per_unit", "table")


def volumes_of(test: OverfillTest, tag: Tag, fault: Fault) -> Volumes | None:
    """Return levels [the tag's unit] with their volumes [m3], rising; None where they are none."""
    given = [name for name in SHAPES if getattr(test, name)]
    if len(given) != 1:
        problem = f"{' and '.join(given)} both say how much it holds" if given else "no volumes"
        fault((), problem, f"Give exactly one of {', '.join(SHAPES)}")
        return None
    if test.table:
        return test.table if _check_table(test.table, test.full, tag, fault) else None
    m3_per_unit = test.m3_per_unit or 0.0
    if test.area_m2 is not None:
        linear = LINEAR.get(tag.unit)
        if linear is None or linear.dimension != "length":
            problem = f"{tag.name} is in {tag.unit}, which is no height"
            fault(("area_m2",), problem, "Give m3_per_unit or table instead")
            return None
        m3_per_unit = test.area_m2 * linear.factor
    width = tag.range_high - tag.range_low
    return (tag.range_low, 0.0), (tag.range_high, width * m3_per_unit)


def _check_table(table: Volumes, full: float, tag: Tag, fault: Fault) -> bool:
    if len(table) < 2:
        fault(("table",), "a table of one line", "Give two or more levels with their volumes")
        return False
    for index, (before, after) in enumerate(pairwise(table), start=1):
        if after[0] <= before[0] or after[1] <= before[1]:
            problem = f"{list(after)} does not rise from {list(before)}"
            fault(("table", index), problem, "Order it: levels and volumes both rise")
            return False
    if not table[0][0] < full <= table[-1][0]:
        problem = f"full {full:g} is outside the table, {table[0][0]:g} to {table[-1][0]:g}"
        fault(("full",), problem, f"Write levels in {tag.unit}, up to where it is full")
        return False
    return True
