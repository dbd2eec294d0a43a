"""Gas set-points against the standing rule: a site may set its levels lower, never higher.

Of oxygen, the first high limit lower and the first low limit higher.
"""

from __future__ import annotations

from edge.rules import LevelFile, set_point_rule
from edge.site.faults import Faults
from edge.site.quantities import OXYGEN
from edge.site.standing import HIGHS, LOWS, maximum
from edge.site.tags_csv import Known


def check_set_points(known: Known, faults: Faults) -> None:
    """Note each gas set-point above the maximum of its level; unknown maxima are no fault."""
    rule = set_point_rule()
    _check_oxygen(known, rule.levels, faults)

    for limit in known.limits.values():
        tag = known.tags[limit.tag]
        if not limit.level or limit.limit is None:
            continue
        use_idlh = "IDLH" in limit.source.upper()
        most = maximum(tag.substance, limit.level, tag.unit, tag.lel_fraction, use_idlh)
        if most is None or limit.limit <= most.value * (1 + rule.levels.rounding):
            continue
        checked = _checked(most.confidence)
        rounded = float(f"{most.value:.3g}")
        problem = (
            f"{limit.kind.value} {limit.limit:g} is above {rounded:g} {tag.unit}:"
            f" level {limit.level} is at most {most.basis} ({most.source}{checked})"
        )
        file, line = known.lines[limit.tag]
        remedy = f"Lower it; a site may only go below {rule.levels.standard}"
        faults.add(file, line, limit.tag, problem, remedy, limit.kind.value)


def _check_oxygen(known: Known, rule: LevelFile, faults: Faults) -> None:
    """Note each oxygen tag whose first high or low limit comes too late."""
    oxygen = rule.oxygen
    for tag in known.tags.values():
        if tag.quantity != OXYGEN:
            continue
        for kinds, bound, words in (
            (HIGHS, oxygen.high_vol, ("above", "Lower it; a site may only go below")),
            (LOWS, oxygen.low_vol, ("below", "Raise it; a site may only go above")),
        ):
            found = (known.limits.get(f"{tag.name}/{kind.value}") for kind in kinds)
            first = next((limit for limit in found if limit is not None), None)
            if first is None or first.limit is None:
                continue
            if (first.limit <= bound) if kinds is HIGHS else (first.limit >= bound):
                continue
            problem = (
                f"{first.kind.value} {first.limit:g} is {words[0]} {bound:g} {tag.unit}:"
                f" {rule.standard} ({oxygen.source}{_checked(oxygen.confidence)})"
            )
            remedy = f"{words[1]} {rule.standard}"
            faults.add(*known.lines[tag.name], tag.name, problem, remedy, first.kind.value)


def _checked(confidence: str) -> str:
    if confidence == "verified":
        return ""
    return f"; {confidence}, not checked against the printed standard"
