"""Calculated tags: whatever core works out for itself is a tag of the device `core`.

Such a tag is judged, journalled, shown and trended like any other. What it is made of stands in a
`CalcSpec`; how, in `edge.alarm.calc`.
"""

from __future__ import annotations

from dataclasses import dataclass

from edge.site.parts import Title
from edge.tag import Position, Tag, World
from edge.units import Unit

CORE = "core"  # the device name of what the gateway itself says; no device may be called so
PERIOD_S = 1.0  # core says at least this often what its tags are


@dataclass(frozen=True)
class CalcSpec:
    """What makes one calculated tag: its name, and those of the tags that it is made of."""

    tag: str
    inputs: tuple[str, ...]


def core_tag(
    name: str,
    title: Title,
    unit: Unit,
    quantity: str,
    world: World,
    *,
    like: Tag | None = None,
    area: str = "",
    range_low: float = 0.0,
    range_high: float = 1.0,
) -> Tag:
    """Return a tag of the device `core`; it stands where `like` does, and is of `area` or its."""
    return Tag(
        name=name,
        title_zh=title.zh,
        title_en=title.en,
        device=CORE,
        ref=name,
        asset=like.asset if like is not None else "",
        area=area or (like.area if like is not None else ""),
        substance="",
        quantity=quantity,
        unit=unit,
        range_low=range_low,
        range_high=range_high,
        period_s=PERIOD_S,
        position=like.position if like is not None else Position(0.0, 0.0),
        space=like.space if like is not None else "outdoor",
        world=world,
    )
