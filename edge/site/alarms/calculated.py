"""Calculated tags: whatever core works out for itself is a tag of the device `core`.

Such a tag is judged, journalled, shown and trended like any other. What it is made of stands in a
`CalcSpec`; how, in `edge.alarm.calc`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

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


@dataclass(frozen=True)
class RateSpec(CalcSpec):
    """How fast one tag rises (`sign` 1) or falls (-1), in its unit per minute, over `window_s`."""

    sign: float
    window_s: float


@dataclass(frozen=True)
class DeviationSpec(CalcSpec):
    """|a - (b * factor + offset)| of two inputs, in the unit of the first.

    `turn` [its unit] is the whole circle of a direction, 0 where it is none.
    """

    factor: float
    offset: float
    turn: float = 0.0


class Channel(NamedTuple):
    """One voice of a vote: a tag, and where it is beyond its limit [its unit]."""

    tag: str
    limit: float
    deadband: float
    falling: bool


@dataclass(frozen=True)
class VoteSpec(CalcSpec):
    """How many channels are beyond their limits; `bad` says what a lost one counts for."""

    channels: tuple[Channel, ...]
    votes: int
    bad: str  # vote, degrade, ignore


@dataclass(frozen=True)
class OverfillSpec(CalcSpec):
    """In how many seconds a vessel is full, at the rate at which it fills now; at most `far_s`.

    `volumes` is its table of level [the tag's unit] and volume [m3], rising; `full` a level.
    """

    full: float
    volumes: tuple[tuple[float, float], ...]
    least_m3_s: float  # slower than this it does not fill
    window_s: float
    far_s: float


@dataclass(frozen=True)
class ExpressionSpec(CalcSpec):
    """Whether a condition in `edge.expr`'s grammar holds."""

    text: str


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
