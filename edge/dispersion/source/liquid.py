"""A liquid that leaves through a hole and does not boil before it is out.

    G = Cd sqrt(2 rho (p + rho g h - pa))        [kg/m2/s of hole]

Reference: Bernoulli with Torricelli's contraction, as CCPS, Guidelines for Consequence Analysis of
Chemical Releases (1999), eq. 2.12-2.16 and its example on p. 40. Domain: incompressible, turbulent
(Re > 1e4), pressure outside above the liquid's own vapour pressure or hole too short to boil in.
"""

from __future__ import annotations

import math

from edge.dispersion.constants import GRAVITY
from edge.dispersion.source.check import checked, driven

SHARP_CD = 0.61  # a sharp-edged hole at Re > 3e4: CCPS (1999), section 2.1.1


def speed_m_s(density_kg_m3: float, pressure_pa: float, back_pa: float, head_m: float) -> float:
    """Return the speed [m/s] of the contracted stream, without Cd.

    `pressure_pa` is absolute over the liquid, `back_pa` outside, `head_m` the liquid's height
    over the hole. Raises `RefusedError` for impossible numbers and where nothing would flow out.
    """
    density = checked("density", density_kg_m3)
    inside = checked("pressure", pressure_pa) + density * GRAVITY * checked("head", head_m)
    driven(inside, checked("pressure", back_pa))
    return math.sqrt(2.0 * (inside - back_pa) / density)


def flux_kg_m2_s(
    density_kg_m3: float, pressure_pa: float, back_pa: float, head_m: float, cd: float = SHARP_CD
) -> float:
    """Return the mass flux [kg/m2/s] of hole; arguments and refusals as of `speed_m_s`."""
    speed = speed_m_s(density_kg_m3, pressure_pa, back_pa, head_m)
    return checked("cd", cd) * density_kg_m3 * speed
