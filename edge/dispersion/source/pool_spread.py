"""How far a pool runs: gravity against inertia, until the ground's roughness or a bund holds it.

    dr/dt = sqrt(2 g' (h - h_least)),   h = V / A

Shaw and Briscoe (1980), UKAEA SRD R100 (after Fay); least layer: TNO Yellow Book CPR 14E,
section 3.4. On water g' = g (1 - rho / rho_water). A pool never draws back: where it thins below
the least layer it stays as wide as it was, so the rate is rather over- than underrated.
"""

from __future__ import annotations

import math

from edge.dispersion.constants import GRAVITY
from edge.dispersion.source.ground import Ground

WATER_KG_M3 = 1000.0


def spread(
    area_m2: float,
    volume_m3: float,
    ground: Ground,
    density_kg_m3: float,
    bund_m2: float,
    dt_s: float,
) -> float:
    """Return the area [m2] that a pool of `volume_m3` [m3] has after `dt_s` [s] more.

    Exact while the volume stays: with w = V - h_least A the law above is
    d sqrt(w) / dt = -h_least sqrt(2 pi g'), so it needs no small steps and starts from no area.
    """
    least = ground.least_layer_m
    free = volume_m3 - least * area_m2
    if free <= 0 or area_m2 >= bund_m2:
        return area_m2
    gravity = GRAVITY * (1 - density_kg_m3 / WATER_KG_M3) if ground.is_water else GRAVITY
    root = max(0.0, math.sqrt(free) - least * math.sqrt(2 * math.pi * gravity) * dt_s)
    return min(bund_m2, max(area_m2, (volume_m3 - root * root) / least))
