"""Gas that the ground takes up: resistances in series, and what is left of the plume.

    v_d(z) = 1 / (r_a(z) + r_b + r_c)
    r_a = [0.95 ln(z / z0) - psi_h(z / L)] / (k u*),  r_b = 2 / (k u*) (Sc / Pr)^2/3

The flux is the same at all heights near the ground, so the shape D of a plume that loses gas is
D (r_a + r_b + r_c) / <r>, <r> the mean of the sum over D (Horst 1983, the surface-corrected source
depletion, in: Precipitation Scavenging, Dry Deposition and Resuspension, vol. 2, 1101-1118), and

    d ln Q / dx = -D(0) / (U <r>)

References: Wesely and Hicks (1977), J. Air Pollut. Control Assoc. 27, 1110-1116 (r_b); Garland
(1977), Proc. R. Soc. London A 354, 245-268 (SO2 on short grass: r_c some 100 s/m, v_d near 1 cm/s);
psi_h is phi_h of `upward` integrated. Without a known r_c nothing is deposited: gas that stays
in the air is the careful side. Domain: flat ground of one kind; no rain.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge.dispersion.arrays import Floats
from edge.dispersion.notes import RefusedError
from edge.dispersion.passive.similarity.upward import HEAT_NEUTRAL, HEAT_STABLE, HEAT_UNSTABLE
from edge.dispersion.weather.similarity import KARMAN
from edge.dispersion.weather.weather import Weather

PRANDTL, AIR_VISCOSITY_M2_S = 0.72, 1.5e-5
SO2_OVER_GRASS_S_M = 100.0


@dataclass(frozen=True, slots=True)
class Uptake:
    """What the ground does to a gas: r_c [s/m], and the gas's diffusivity in air [m2/s]."""

    surface_s_m: float
    diffusivity_m2_s: float = 1.2e-5

    def __post_init__(self) -> None:
        if not (self.surface_s_m >= 0 and self.diffusivity_m2_s > 0):
            raise RefusedError("dispersion.refused.plume-uptake", surface_s_m=self.surface_s_m)


def resistance(weather: Weather, uptake: Uptake, z_m: Floats) -> Floats:
    """Return r_a + r_b + r_c [s/m] at heights `z_m` [m], taken as 3 z0 below it; same shape."""
    z = np.maximum(z_m, 3 * weather.roughness_m)
    zeta = z * weather.inverse_length_1_m
    if weather.inverse_length_1_m < 0:
        y = np.sqrt(1 - HEAT_UNSTABLE * zeta)
        bend = -2 * HEAT_NEUTRAL * np.log((1 + y) / 2)
    else:
        bend = HEAT_STABLE * zeta
    pace = KARMAN * weather.friction_m_s
    film = 2 / pace * (AIR_VISCOSITY_M2_S / uptake.diffusivity_m2_s / PRANDTL) ** (2 / 3)
    return (
        (HEAT_NEUTRAL * np.log(z / weather.roughness_m) + bend) / pace + film + uptake.surface_s_m
    )
