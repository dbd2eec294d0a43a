"""Flow out of a pipe so long that friction counts.

Mixture and liquid, on the omega line v(p) of `omega` (Leung and Grolmes, AIChE J. 33 (1987) 524):
the nozzle at the entrance takes p0 to p1, friction p1 to p2 at the mouth,

    G*^2 = 2 W(e1) / v1^2,    N + 2 ln(v2/v1) = 2 J(e1, e2) / G*^2,    N = 4 f L/D + K

W = integral of v dp, J = integral of dp/v, both in closed form; choked where G*^2 reaches the
speed of sound at e2. Gas: adiabatic flow with friction (Fanno),

    N = (1/M1^2 - 1/M2^2)/k + (k+1)/(2k) ln(M1^2 (2 + (k-1) M2^2) / (M2^2 (2 + (k-1) M1^2)))

with an isentropic entrance: CCPS, Guidelines for Consequence Analysis (1999), eq. 2.31-2.36.
The Fanning f is that of the fully rough pipe, 1/sqrt(f) = 4 log10(3.7 D/e) (von Karman). Domain:
level pipe of constant bore, steady flow, no heat taken up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from edge.dispersion.source.check import checked, driven
from edge.dispersion.source.omega import Omega, throat_ratio
from edge.dispersion.source.roots import crossing

STEEL_M = 4.6e-5  # roughness of commercial steel: Perry's Chemical Engineers' Handbook, table 6-1


@dataclass(frozen=True, slots=True)
class Mouth:
    """The pipe's end: flux [kg/m2/s], pressure [Pa]; `state` is v/v0, or a gas's Mach number."""

    flux_kg_m2_s: float
    pressure_pa: float
    state: float


def fanning(diameter_m: float, roughness_m: float = STEEL_M) -> float:
    """Return the Fanning friction factor of fully rough flow, at most 0.02."""
    diameter = checked("hole", diameter_m)
    rough = max(checked("roughness", roughness_m), 1e-7)
    return min(0.02, (4.0 * math.log10(max(3.7 * diameter / rough, 10.0))) ** -2)


def friction(
    length_m: float, diameter_m: float, loss: float = 0.0, roughness_m: float = STEEL_M
) -> float:
    """Return N = 4 f L/D + K, the velocity heads that a pipe and its fittings use up."""
    heads = 4.0 * fanning(diameter_m, roughness_m) * checked("length", length_m) / diameter_m
    return heads + checked("loss", loss)


def mixture(fluid: Omega, heads: float, back_pa: float) -> Mouth:
    """Return the flow of an omega fluid through a pipe of `heads` = N velocity heads.

    Raises `RefusedError` for impossible numbers and where nothing would flow out.
    """
    checked("loss", heads)
    entrance = throat_ratio(fluid, back_pa)
    back = back_pa / fluid.pressure_pa

    def spare(ratio: float) -> float:
        """Return how much of the push is left over if the entrance takes p0 to `ratio` p0."""
        flux2 = fluid.nozzle_flux2(ratio)
        mouth = min(max(_sonic(fluid, flux2), back), ratio)
        push = fluid.momentum(mouth) - fluid.momentum(ratio)
        spent = 2.0 * math.log(fluid.volume(mouth) / fluid.volume(ratio)) + heads
        return 2.0 * push - spent * flux2

    high = crossing(spare, entrance, 1.0) if heads > 0.0 else entrance
    flux2 = fluid.nozzle_flux2(high)
    mouth = min(max(_sonic(fluid, flux2), back), high)
    flux = math.sqrt(flux2 * fluid.pressure_pa * fluid.density_kg_m3)
    return Mouth(flux, mouth * fluid.pressure_pa, fluid.volume(mouth))


def _sonic(fluid: Omega, flux2: float) -> float:
    """Return the ratio at which a flow of `flux2` chokes."""
    return min(math.sqrt(flux2 * fluid.omega * fluid.boiling_ratio), fluid.boiling_ratio)


def gas(
    pressure_pa: float, density_kg_m3: float, gamma: float, heads: float, back_pa: float
) -> Mouth:
    """Return the flow of a gas at rest at `pressure_pa`, `density_kg_m3` through a pipe of N heads.

    Raises `RefusedError` for impossible numbers and where nothing would flow out.
    """
    k = checked("gamma", gamma)
    p0, rho0 = checked("pressure", pressure_pa), checked("density", density_kg_m3)
    driven(p0, checked("pressure", back_pa))
    checked("loss", heads)
    entrance = 1.0 if heads == 0.0 else _mach_before(k, heads)
    if _exit_pressure(k, p0, entrance, 1.0) >= back_pa:
        return Mouth(_flux(k, p0 * rho0, entrance), _exit_pressure(k, p0, entrance, 1.0), 1.0)

    def left(mach: float) -> float:
        """Return the heads left over at a mouth at the air's pressure, times M^2."""
        mouth = _mouth_mach(k, _flux(k, p0 * rho0, mach), p0 / rho0, back_pa)
        return (_to_choke(k, mach) - _to_choke(k, mouth) - heads) * mach * mach

    entrance = crossing(left, 1e-9, entrance, 1e-13)
    flux = _flux(k, p0 * rho0, entrance)
    return Mouth(flux, back_pa, _mouth_mach(k, flux, p0 / rho0, back_pa))


def _flux(k: float, p0_rho0: float, mach: float) -> float:
    """Return the mass flux [kg/m2/s] of an isentropic entrance at `mach`."""
    warmth = 1.0 + 0.5 * (k - 1.0) * mach * mach
    return mach * math.sqrt(k * p0_rho0) * warmth ** (-(k + 1.0) / (2.0 * (k - 1.0)))


def _mouth_mach(k: float, flux: float, rt0: float, pressure_pa: float) -> float:
    """Return the Mach number, at most 1, of a flux at a static pressure; `rt0` = p0/rho0 [J/kg]."""
    c2 = (flux / pressure_pa) ** 2 * rt0 / k  # = M^2 (1 + (k-1)/2 M^2)
    return min(math.sqrt(2.0 * c2 / (1.0 + math.sqrt(1.0 + 2.0 * (k - 1.0) * c2))), 1.0)


def _to_choke(k: float, mach: float) -> float:
    """Return the heads N from `mach` to the speed of sound."""
    m2 = mach * mach
    log = math.log((k + 1.0) * m2 / (2.0 + (k - 1.0) * m2))
    return (1.0 - m2) / (k * m2) + (k + 1.0) / (2.0 * k) * log


def _mach_before(k: float, heads: float) -> float:
    """Return the Mach number from which `heads` lead to the speed of sound."""
    # times M^2, or the low end's N = 1/(k M^2) would drown the rest
    return crossing(lambda m: (_to_choke(k, m) - heads) * m * m, 1e-9, 1.0, 1e-13)


def _exit_pressure(k: float, p0: float, entrance: float, exit_mach: float) -> float:
    """Return the static pressure [Pa] at the pipe's end, of adiabatic flow from rest at `p0`."""
    half = 0.5 * (k - 1.0)
    first = 1.0 + half * entrance * entrance
    last = 1.0 + half * exit_mach * exit_mach
    p1 = p0 * first ** (-k / (k - 1.0))
    return p1 * entrance / exit_mach * math.sqrt(first / last)
