"""The limits of one tag row: set-points in order, inside the range, and able to clear again."""

from __future__ import annotations

from itertools import pairwise
from sys import intern
from typing import TYPE_CHECKING

from edge.site.model import ConditionClass, LimitKind, LimitSpec
from edge.site.quantities import CONCENTRATION
from edge.site.standing import LEVELS, levels_of, standing_points
from edge.tag import Tag

if TYPE_CHECKING:
    from edge.site.tags_csv import Row

VALUE_KINDS = (LimitKind.LOW_LOW, LimitKind.LOW, LimitKind.HIGH, LimitKind.HIGH_HIGH)
_YES = frozenset({"1", "yes", "true", "y", "是"})
_NO = frozenset({"", "0", "no", "false", "n", "否"})
OFF = frozenset({"off", "不设"})  # in a set-point's cell: not even the rule's own


def limits_of(row: Row, tag: Tag) -> list[LimitSpec]:
    """Return the limits that `row` states for `tag`, and its bad-quality limit, always.

    A gas or oxygen tag has the standing rule's set-points where its row says none (`standing`).
    """
    off = [kind for kind in VALUE_KINDS if row.text(kind.value).casefold() in OFF]
    asked = [kind for kind in VALUE_KINDS if kind not in off]
    points = {kind: value for kind in asked if (value := row.number(kind.value)) is not None}
    deadband = row.at_least("deadband", 0.0, 0.0)
    on_delay = row.at_least("on_delay_s", 0.0, 0.0)
    off_delay = row.at_least("off_delay_s", 0.0, 0.0)
    latch = _latch(row)
    source = intern(row.text("limit_source"))
    gas, levels = tag.quantity == CONCENTRATION, levels_of(tag)
    _check_order(row, points)
    for kind, value in points.items():
        _check_point(row, tag, kind, value, deadband)
    if gas and points and not source:
        remedy = "Say where they are from: standard and clause"
        row.fault("set-points without limit_source", remedy, "limit_source")
    sources = dict.fromkeys(points, source)
    for kind, (value, rule) in standing_points(tag, points).items():
        if kind not in off and deadband < abs(value - tag.background):
            points[kind], sources[kind] = value, intern(rule)
    found = [
        LimitSpec(
            id=f"{tag.name}/{kind.value}",
            tag=tag.name,
            kind=kind,
            limit=value,
            priority=_priority(row, f"{kind.value}_priority"),
            level=levels.get(kind, 0),
            deadband=deadband,
            on_delay_s=on_delay,
            off_delay_s=off_delay,
            latch=latch,
            area=tag.area,
            source=sources[kind],
        )
        for kind in VALUE_KINDS
        if (value := points.get(kind)) is not None
    ]
    found.append(_bad(row, tag, off_delay))
    return found


def _bad(row: Row, tag: Tag, off_delay_s: float) -> LimitSpec:
    return LimitSpec(
        id=f"{tag.name}/bad",
        tag=tag.name,
        kind=LimitKind.BAD_QUALITY,
        limit=None,
        priority=_priority(row, "bad_priority"),
        off_delay_s=off_delay_s,
        klass=ConditionClass.SYSTEM,
        area=tag.area,
    )


def _priority(row: Row, column: str) -> int:
    """Return the priority that the row states, 0 where its guidance is to make it."""
    text = row.text(column)
    if not text:
        return 0
    if text not in {"1", "2", "3", "4"}:
        remedy = "Write 1 (urgent), 2 (high), 3 (medium) or 4 (low)"
        row.fault(f"{column} is {text!r}", remedy, column)
        return 0
    return int(text)


def _latch(row: Row) -> bool:
    text = row.text("latch").casefold()
    if text not in _YES and text not in _NO:
        row.fault(f"latch is {text!r}", "Write yes, or leave it empty", "latch")
    return text in _YES


def _check_order(row: Row, points: dict[LimitKind, float]) -> None:
    kinds = list(points)
    for lower, upper in pairwise(kinds):
        if points[lower] >= points[upper]:
            problem = (
                f"{lower.value} {points[lower]:g} is not below {upper.value} {points[upper]:g}"
            )
            row.fault(problem, "Order them ll < l < h < hh", upper.value)


def _check_point(row: Row, tag: Tag, kind: LimitKind, value: float, deadband: float) -> None:
    high = kind in LEVELS
    inside = (
        tag.range_low < value <= tag.range_high if high else tag.range_low <= value < tag.range_high
    )
    if not inside:
        problem = (
            f"{kind.value} {value:g} is outside the range {tag.range_low:g} to {tag.range_high:g}"
        )
        remedy = "A set-point beyond the range can never be reached: correct one of them"
        row.fault(problem, remedy, kind.value)
        return
    # It clears at limit - deadband (high) or limit + deadband (low): air must be able to get there.
    rest = max(tag.range_low, tag.background) if high else tag.range_high
    if high and value <= tag.background:
        row.fault(
            f"{kind.value} {value:g} is not above the background {tag.background:g}",
            "It would stand for ever: raise the set-point",
            kind.value,
        )
    elif deadband and deadband >= abs(value - rest):
        problem = f"deadband {deadband:g} lets {kind.value} {value:g} never clear"
        row.fault(problem, f"Write less than {abs(value - rest):g}", "deadband")
