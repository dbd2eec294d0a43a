"""The set-points that stand where a tag list says none: those of the standing rule.

A gas detector without a level would be silent in gas, so an empty cell means the rule's own
set-point, rounded down to two digits; who wants none writes so. A level beyond the instrument's
range is left out: it could never be reached.
"""

from __future__ import annotations

import math
from functools import cache

from edge.rules import Maximum, set_point_rule
from edge.site.model import LimitKind
from edge.site.quantities import CONCENTRATION, OXYGEN
from edge.substance import substances
from edge.tag import Tag
from edge.units import GAS_UNITS, Unit

LEVELS = {LimitKind.HIGH: 1, LimitKind.HIGH_HIGH: 2}  # of a gas tag: 报警一级, 二级
# Too little oxygen harms as too much of a gas does: horns and calls answer to detector levels.
OXYGEN_LEVELS = {**LEVELS, LimitKind.LOW: 1, LimitKind.LOW_LOW: 2}
HIGHS = (LimitKind.HIGH, LimitKind.HIGH_HIGH)
LOWS = (LimitKind.LOW, LimitKind.LOW_LOW)
Standing = tuple[float, str]  # value in the tag's unit, and where it is from


def levels_of(tag: Tag) -> dict[LimitKind, int]:
    """Return the detector level of each limit of `tag`; none where it is no gas detector."""
    if tag.quantity == OXYGEN:
        return OXYGEN_LEVELS
    return LEVELS if tag.quantity == CONCENTRATION else {}


@cache  # hundreds of tags share a substance, unit and level
def maximum(
    substance: str, level: int, unit: Unit, channel_lel: float | None, use_idlh: bool
) -> Maximum | None:
    """Return the most that `level` may be in `unit`; None where nothing is known of it.

    `channel_lel` [mol/mol] is what a channel was calibrated against, None: the substance's LEL.
    """
    facts = substances().get(substance)
    if facts is None or unit not in GAS_UNITS:
        return None
    lel = channel_lel if channel_lel is not None else facts.lel_fraction
    rule, molar_mass = set_point_rule(), facts.molar_mass_kg_mol
    return rule.maximum(substance, level, unit, molar_mass, lel, facts.idlh_ppm, use_idlh)


def standing_points(tag: Tag, said: dict[LimitKind, float]) -> dict[LimitKind, Standing]:
    """Return the rule's set-points of `tag` that fit beside those that its row has `said`."""
    if tag.quantity == OXYGEN:
        return _oxygen(tag, said)
    if tag.quantity != CONCENTRATION:
        return {}
    found: dict[LimitKind, Standing] = {}
    for kind, level in LEVELS.items():
        most = maximum(tag.substance, level, tag.unit, tag.lel_fraction, False)
        if kind in said or most is None:
            continue
        value = _down(most.value)
        if max(tag.range_low, tag.background) < value <= tag.range_high:
            found[kind] = value, f"{most.source}: {most.basis} ({most.confidence})"
    first = said.get(LimitKind.HIGH)
    second = said.get(LimitKind.HIGH_HIGH)
    if first is not None and found.get(LimitKind.HIGH_HIGH, (math.inf, ""))[0] <= first:
        del found[LimitKind.HIGH_HIGH]
    if second is not None and found.get(LimitKind.HIGH, (-math.inf, ""))[0] >= second:
        del found[LimitKind.HIGH]
    return found


def _oxygen(tag: Tag, said: dict[LimitKind, float]) -> dict[LimitKind, Standing]:
    rule = set_point_rule().levels
    source = f"{rule.standard} ({rule.oxygen.confidence})"
    found: dict[LimitKind, Standing] = {}
    if not said.keys() & set(HIGHS) and rule.oxygen.high_vol <= tag.range_high:
        found[LimitKind.HIGH] = rule.oxygen.high_vol, source
    if not said.keys() & set(LOWS) and rule.oxygen.low_vol >= tag.range_low:
        found[LimitKind.LOW] = rule.oxygen.low_vol, source
    return found


def _down(value: float) -> float:
    """Return `value` with two digits, never more than it is."""
    if value <= 0:
        return value
    step = 10.0 ** (math.floor(math.log10(value)) - 1)
    return float(f"{math.floor(value / step + 1e-9) * step:.2g}")
