"""What a room lets air through: openings, cracks and fans, and the wind's pressure on them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

Spans = tuple[tuple[float, float], ...]  # [s] since the release began
ALWAYS: Spans = ((-math.inf, math.inf),)
DISCHARGE = 0.61  # of a sharp-edged opening: ASHRAE Handbook Fundamentals (2017), ch. 16
WALL_CP = 0.6  # Swami and Chandra (1988), ASHRAE Trans. 94(1), 243-266: mean of a low wall at 0 deg
ROOF_CP = -0.6  # ASHRAE Handbook Fundamentals (2017), ch. 24: flat roof, mean


@dataclass(frozen=True, slots=True)
class Opening:
    """A door, louvre, window or crack of `area_m2` [m2], `tall_m` [m] high, at site metres.

    `z_m` [m] is its middle above the room's floor; `facing_deg` [deg, clockwise from north] is
    where its outside looks, None for one in the roof. It is open in the spans `open_s`.
    """

    id: str
    area_m2: float
    tall_m: float
    x_m: float
    y_m: float
    z_m: float
    facing_deg: float | None
    open_s: Spans = ALWAYS
    discharge: float = DISCHARGE


class Duty(StrEnum):
    """What a fan does."""

    EXHAUST = "exhaust"
    SUPPLY = "supply"
    RECIRCULATE = "recirculate"  # through a scrubber and back into its zone


@dataclass(frozen=True, slots=True)
class Fan:
    """A fan of `flow_m3_s` [m3/s] whose grille is `z_m` [m] above the floor.

    An exhaust leaves at (`x_m`, `y_m`), `outlet_m` [m] above ground, through `area_m2` [m2].
    `efficiency` is the share that its scrubber takes, 0 where there is none or it failed. It runs
    in the spans `runs_s`: an emergency fan is one whose spans begin when the alarm does.
    """

    id: str
    duty: Duty
    flow_m3_s: float
    z_m: float
    x_m: float = 0.0
    y_m: float = 0.0
    outlet_m: float = 0.0
    area_m2: float = 0.25
    efficiency: float = 0.0
    runs_s: Spans = ALWAYS


def during(spans: Spans, at_s: float) -> bool:
    """Return whether `at_s` [s] lies in one of `spans` (its end does not)."""
    return any(start <= at_s < end for start, end in spans)


def wind_pressure_coefficient(
    facing_deg: float | None, wind_from_deg: float, side_ratio: float = 1.0
) -> float:
    """Return Cp of a wall that looks to `facing_deg` in wind from `wind_from_deg` [deg].

    Swami and Chandra (1988), eq. 4, low-rise walls, a the angle from the wall's normal, G the log
    of its width over the neighbour's:
    Cp = 0.6 ln[1.248 - 0.703 sin(a/2) - 1.175 sin^2 a + 0.131 sin^3(2 a G) + 0.769 cos(a/2)
    + 0.07 G^2 sin^2(a/2) + 0.717 cos^2(a/2)]. A roof has -0.6.
    """
    if facing_deg is None:
        return ROOF_CP
    a = math.radians(abs((wind_from_deg - facing_deg + 180) % 360 - 180))
    g = math.log(side_ratio)
    half = 0.5 * a
    inner = 1.248 - 0.703 * math.sin(half) - 1.175 * math.sin(a) ** 2
    inner += 0.131 * math.sin(2 * a * g) ** 3 + 0.769 * math.cos(half)
    inner += 0.07 * (g * math.sin(half)) ** 2 + 0.717 * math.cos(half) ** 2
    return WALL_CP * math.log(inner)
