"""A gas that leaves through a hole: choked, or below the speed of sound.

    G = Cd sqrt(p rho 2k/(k-1) (eta^(2/k) - eta^((k+1)/k))),   eta = pa/p, at least
    eta_c = (2/(k+1))^(k/(k-1))                                where the throat is choked

Reference: CCPS, Guidelines for Consequence Analysis of Chemical Releases (1999), eq. 2.17-2.21 and
its example on p. 47. Domain: isentropic to the throat, k constant; the density may be a real gas's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from edge.dispersion.source.check import checked, driven

GAS_CD = 1.0  # where the hole's shape is not known: the careful value (CCPS 1999, section 2.1.2)


@dataclass(frozen=True, slots=True)
class GasFlow:
    """A gas in the throat: mass flux of hole, and the throat's pressure, temperature and speed."""

    flux_kg_m2_s: float
    choked: bool
    throat_pa: float
    throat_k: float
    speed_m_s: float  # of the contracted stream, without Cd


def critical_ratio(gamma: float) -> float:
    """Return the greatest pressure ratio back / stagnation at which the throat is choked."""
    return (2.0 / (gamma + 1.0)) ** (gamma / (gamma - 1.0))


def flow(
    pressure_pa: float,
    density_kg_m3: float,
    temperature_k: float,
    gamma: float,
    back_pa: float,
    cd: float = GAS_CD,
) -> GasFlow:
    """Return the flow of a gas at rest at `pressure_pa` [Pa], `density_kg_m3`, `temperature_k`.

    `gamma` is cp/cv of the ideal gas, `back_pa` [Pa] the pressure outside. Raises `RefusedError`
    for impossible numbers and where nothing would flow out.
    """
    p0, rho0 = checked("pressure", pressure_pa), checked("density", density_kg_m3)
    t0, k = checked("temperature", temperature_k), checked("gamma", gamma)
    driven(p0, checked("pressure", back_pa))
    eta = max(critical_ratio(k), back_pa / p0)
    # speed from the ideal gas's enthalpy drop, written so that k near 1 loses no digits
    drop = -math.expm1((k - 1.0) / k * math.log(eta)) * k / (k - 1.0)
    speed = math.sqrt(2.0 * p0 / rho0 * drop)
    density = rho0 * eta ** (1.0 / k)
    return GasFlow(
        flux_kg_m2_s=checked("cd", cd) * density * speed,
        choked=back_pa / p0 <= critical_ratio(k),
        throat_pa=eta * p0,
        throat_k=t0 * eta ** ((k - 1.0) / k),
        speed_m_s=speed,
    )
