"""How a plume spreads sideways: Hay and Pasquill's theory over a measured or a reckoned spread.

    sigma_y = t [v_l^2 F(n0 t / beta) + v_m^2 f(t)^2]^1/2,   t: travel time of `upward.Track`

The variance of the lateral wind has two parts. v_l is what the ground itself stirs: Kaimal's
spectrum n S / u*^2 = 17 f / (1 + 9.5 f)^5/3, f = n z / (u phi_m), so v_l^2 = 2.68 u*^2. Its eddies
are soon outlived: what still spreads after t is what a vane smoothed over t / beta would see,
F(a) = integral of the spectrum times sinc^2(pi f a), n0 = u phi_m / z, beta = 0.6 u / v_l. v_m is
the rest of what the vane measured: big eddies and meander, f = 1 / (1 + (t / 2 T)^1/2), T = 600 s.
No vane is quick enough for the smallest eddies: a smaller measured spread than v_l does not count.

Where no vane's spread is known v_m is reckoned: by day v_m^2 = 0.71 u*^2 (zi / |L|)^2/3, the big
eddies of a mixed layer zi deep; altogether at least 0.2 m/s.

References: Hay and Pasquill (1959), Adv. Geophys. 6, 345-365; Kaimal, Wyngaard, Izumi and Cote
(1972), Q. J. R. Meteor. Soc. 98, 563-589; stable stretching f / phi_m: Olesen, Larsen and Hoejstrup
(1984), Boundary-Layer Meteor. 29, 285-312; the day's big eddies: Hoejstrup (1982), J. Atmos. Sci.
39, 2239-2248; beta: Hanna (1981), J. Appl. Meteor. 20, 242-249, in Hanna, Briggs and Hosker (1982),
DOE/TIC-11223, ch. 2; T: Draxler (1976), Atmos. Environ. 10, 99-105, as in Gryning et al. (1987),
Atmos. Environ. 21, 79-89; 0.2 m/s: Cimorelli et al. (2005), J. Appl. Meteor. 44, 682-693 (AERMOD).

Domain: 10 min means, x to about 10 km. Eddies larger than 2 m reach the ground, so z is at least
2 m (inactive motion, Townsend 1961, J. Fluid Mech. 11, 97-120).
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from edge.dispersion.arrays import Floats
from edge.dispersion.passive.similarity.upward import Track
from edge.dispersion.weather import similarity
from edge.dispersion.weather.weather import Weather

KAIMAL_LEVEL, KAIMAL_BEND, KAIMAL_POWER = 17.0, 9.5, 5 / 3
GROUND_VARIANCE = KAIMAL_LEVEL / (KAIMAL_BEND * (KAIMAL_POWER - 1))  # v_l^2 / u*^2: 2.68
BETA = 0.6
MEANDER_S = 600.0
LOWEST_EDDY_M = 2.0
BIG_EDDIES = 0.95 / (2.0 * (KAIMAL_POWER - 1))  # of (zi / |L|)^2/3 u*^2: 0.71
TYPICAL_LID_M = 1000.0  # where no lid is known
LEAST_V_M_S = 0.2


def variances(weather: Weather) -> tuple[float, float]:
    """Return v_l^2 and v_m^2 [m2/s2]."""
    ground = GROUND_VARIANCE * weather.friction_m_s**2
    if weather.sigma_theta_deg is not None:
        total = (math.radians(weather.sigma_theta_deg) * weather.speed_m_s) ** 2
    else:
        lid = min(weather.mixing_height_m, TYPICAL_LID_M)
        heated = max(-weather.inverse_length_1_m, 0.0) * lid
        total = ground + BIG_EDDIES * weather.friction_m_s**2 * heated ** (2 / 3)
        total = max(total, LEAST_V_M_S**2)
    return ground, max(total - ground, 0.0)


@cache
def _smoothing() -> tuple[Floats, Floats]:
    """Return ln a and F(a), by quadrature over the spectrum: within 1e-4."""
    ln_f = np.linspace(math.log(1e-5), math.log(1e4), 1500)
    f = np.exp(ln_f)
    density = f / (1 + KAIMAL_BEND * f) ** KAIMAL_POWER
    density = density / np.trapezoid(density, ln_f)
    ln_a = np.linspace(math.log(1e-4), math.log(1e5), 400)
    left = [np.trapezoid(density * np.sinc(f * math.exp(a)) ** 2, ln_f) for a in ln_a]
    return ln_a, np.array(left)


def smoothed(a: Floats) -> Floats:
    """Return F(a), the share of the ground's variance that still spreads after a / n0 seconds."""
    ln_a, left = _smoothing()
    return np.interp(np.log(np.maximum(a, 1e-4)), ln_a, left)


def sigma_y(weather: Weather, path: Track) -> Floats:
    """Return sigma_y [m] at the nodes of `path` (n,), 0 at the source; a 10 min mean's."""
    ground, meander = variances(weather)
    eddy = np.maximum(path.centre_m, LOWEST_EDDY_M)
    stretch = np.array(
        [similarity.phi_m(max(z * weather.inverse_length_1_m, 0.0)) for z in eddy.tolist()]
    )
    smoothing_s = path.time_s * math.sqrt(ground) / (BETA * path.speed_m_s)
    left = smoothed(path.speed_m_s * stretch / eddy * smoothing_s)
    outlived = 1 / (1 + np.sqrt(path.time_s / (2 * MEANDER_S)))
    spread = path.time_s * np.sqrt(ground * left + meander * outlived**2)
    return np.maximum.accumulate(spread)
