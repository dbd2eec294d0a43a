"""A room from what a site knows of it: volume, air changes, one opening, a scrubber or none."""

from __future__ import annotations

import math

from edge.dispersion.notes import RefusedError
from edge.dispersion.room.openings import Duty, Fan, Opening
from edge.dispersion.room.room import Room
from edge.dispersion.room.wake import Building

TYPICAL_HEIGHT_M = 5.0
POOLING_SHARE = 0.2  # of the height: the lower layer
# Cracks of 5 cm2 per m2 of wall: a loose industrial envelope, ASHRAE Handbook Fundamentals (2017),
# ch. 16, Table 1 and the spread of its commercial buildings.
LEAKAGE_PER_WALL = 5e-4
DOOR_TALL_M, DOOR_MIDDLE_M = 2.0, 1.0
GRILLE_M = 0.3  # exhausts for heavy gas stand low


def room_of(
    name: str,
    volume_m3: float,
    temperature_k: float,
    opening_at: tuple[float, float],
    ventilation_ach: float,
    emergency_ach: float = 0.0,
    emergency_from_s: float = math.inf,
    scrubber_efficiency: float = 0.0,
    door_m2: float = 0.0,
    door_open_from_s: float = 0.0,
    facing_deg: float = 0.0,
    height_m: float = TYPICAL_HEIGHT_M,
) -> Room:
    """Return a square room whose fans give `ventilation_ach` and `emergency_ach` [1/h].

    Both leave at `opening_at` (site metres) beside a door of `door_m2` [m2], 0 for a shut one, that
    looks to `facing_deg` and opens at `door_open_from_s`; the emergency fan starts at
    `emergency_from_s` [s], and its air, not the normal fan's, passes the scrubber. Raises
    `RefusedError` for a volume, height or air change that is none.
    """
    checked = {"volume_m3": volume_m3, "height_m": height_m}
    for what, value in checked.items():
        if not 0 < value < 1e9:
            raise RefusedError("dispersion.refused.room.size", name=what, value=value)
    for what, value in {"ventilation_ach": ventilation_ach, "emergency_ach": emergency_ach}.items():
        if not 0 <= value < 1e4:
            raise RefusedError("dispersion.refused.room.size", name=what, value=value)
    side = math.sqrt(volume_m3 / height_m)
    x, y = opening_at
    fans = [
        Fan(fan, Duty.EXHAUST, rate * volume_m3 / 3600, GRILLE_M, x, y, height_m,
            efficiency=efficiency, runs_s=((start, math.inf),))
        for fan, rate, efficiency, start in (
            ("normal-fan", ventilation_ach, 0.0, -math.inf),
            ("emergency-fan", emergency_ach, scrubber_efficiency, emergency_from_s),
        )
        if rate > 0
    ]  # fmt: skip
    door = Opening("door", door_m2, DOOR_TALL_M, x, y, DOOR_MIDDLE_M, facing_deg,
                   ((door_open_from_s, math.inf),))  # fmt: skip
    return Room(
        name, volume_m3, height_m, temperature_k, Building(height_m, side, side, facing_deg),
        x, y, LEAKAGE_PER_WALL * 4 * side * height_m, (door,) if door_m2 > 0 else (), tuple(fans),
        border_m=POOLING_SHARE * height_m,
    )  # fmt: skip
