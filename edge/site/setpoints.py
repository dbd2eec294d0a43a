"""Gas set-points against the standing rule: a site may set its levels lower, never higher."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from edge.rules import Maximum, set_point_rule
from edge.site.faults import Faults
from edge.site.tags_csv import Known
from edge.substance import Substance
from edge.tag import Tag
from edge.units import GAS_UNITS, Unit


def check_set_points(known: Known, table: Mapping[str, Substance], faults: Faults) -> None:
    """Note each gas set-point above the maximum of its level; unknown maxima are no fault."""
    rule = set_point_rule()
    unchecked = "not checked against the printed standard"

    @cache  # hundreds of tags share a substance, unit and level
    def maximum(
        substance: str, level: int, unit: Unit, channel_lel: float | None, use_idlh: bool
    ) -> Maximum | None:
        facts = table[substance]
        lel = channel_lel if channel_lel is not None else facts.lel_fraction
        molar_mass = facts.molar_mass_kg_mol
        return rule.maximum(substance, level, unit, molar_mass, lel, facts.idlh_ppm, use_idlh)

    for limit in known.limits.values():
        tag = known.tags[limit.tag]
        if not limit.level or limit.limit is None or not _judged(tag, table):
            continue
        use_idlh = "IDLH" in limit.source.upper()
        most = maximum(tag.substance, limit.level, tag.unit, tag.lel_fraction, use_idlh)
        if most is None or limit.limit <= most.value * (1 + rule.levels.rounding):
            continue
        checked = "" if most.confidence == "verified" else f"; {most.confidence}, {unchecked}"
        rounded = float(f"{most.value:.3g}")
        problem = (
            f"{limit.kind.value} {limit.limit:g} is above {rounded:g} {tag.unit}:"
            f" level {limit.level} is at most {most.basis} ({most.source}{checked})"
        )
        file, line = known.lines[limit.tag]
        remedy = f"Lower it; a site may only go below {rule.levels.standard}"
        faults.add(file, line, limit.tag, problem, remedy, limit.kind.value)


def _judged(tag: Tag, table: Mapping[str, Substance]) -> bool:
    return tag.substance in table and tag.unit in GAS_UNITS
