"""Leung's omega: a boiling liquid, a mixture or a gas with one number for its expansion.

    v / v0 = 1 + omega (ps/p - 1)  below the pressure ps at which it boils, 1 above it

    omega = x0 v_fg0/v0 (1 - 2 ps v_fg/L) + cp T ps/v0 (v_fg/L)^2,   v_fg0 = v_g at the inlet
    G^2 / (p0 rho0) = 2 [1 - es + omega es ln(es/e) - (omega - 1)(es - e)] / (v/v0)^2
    choked where G^2 / (p0 rho0) = e^2 / (omega es);   e = p/p0, es = ps/p0

Reference: Leung, AIChE J. 32 (1986) 1743-1746 and J. Loss Prev. 3 (1990) 27-32; API 520-1 annex C;
pipe flow: Leung and Grolmes, AIChE J. 33 (1987) 524-527. Domain: equilibrium without slip, far
from the critical point (p below half of pc, T below 0.9 Tc). omega = 1 is the isothermal ideal
gas, 0 a liquid.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from edge.dispersion.notes import RefusedError
from edge.dispersion.source.check import checked, driven
from edge.dispersion.source.roots import crossing
from edge.dispersion.source.saturation import Sat

LEAST_OMEGA = 1e-6


@dataclass(frozen=True, slots=True)
class Omega:
    """A fluid at rest before the nozzle: p0 [Pa], rho0 [kg/m3], ps/p0 (at most 1) and omega."""

    pressure_pa: float
    density_kg_m3: float
    boiling_ratio: float
    omega: float

    def __post_init__(self) -> None:
        checked("pressure", self.pressure_pa)
        checked("density", self.density_kg_m3)
        if not (LEAST_OMEGA <= self.omega <= 1e6 and 0.0 < self.boiling_ratio <= 1.0):
            raise RefusedError("dispersion.refused.source-omega", value=f"{self.omega:g}")

    def volume(self, eta: float) -> float:
        """Return v/v0 at `eta` = p/p0."""
        if eta >= self.boiling_ratio:
            return 1.0
        return 1.0 + self.omega * (self.boiling_ratio / eta - 1.0)

    def work(self, eta: float) -> float:
        """Return the integral of v dp from `eta` to 1, over p0 v0: half the speed squared."""
        es = self.boiling_ratio
        if eta >= es:
            return 1.0 - eta
        flashed = self.omega * es * math.log(es / eta) - (self.omega - 1.0) * (es - eta)
        return 1.0 - es + flashed

    def momentum(self, eta: float) -> float:
        """Return the integral of dp/v from `eta` to 1, over p0/v0: what friction may use up."""
        es, w = self.boiling_ratio, self.omega
        if eta >= es:
            return 1.0 - eta
        c = w * es  # v/v0 = (1 - w) + c/eta, and its inverse is eta / (c + (1 - w) eta)
        slack = (1.0 - w) * (es - eta) / (c + (1.0 - w) * eta)
        if abs(slack) < 1e-4:  # the closed form loses its digits near w = 1
            middle = 0.5 * (es + eta)
            return 1.0 - es + (es - eta) * middle / (c + (1.0 - w) * middle)
        ratio = c / (1.0 - w) * math.log1p(slack)
        return 1.0 - es + ((es - eta) - ratio) / (1.0 - w)

    def choke_flux2(self, eta: float) -> float:
        """Return G^2/(p0 rho0) of the speed of sound at `eta`; infinite in the liquid."""
        if eta > self.boiling_ratio:
            return math.inf
        return eta**2 / (self.omega * self.boiling_ratio)

    def nozzle_flux2(self, eta: float) -> float:
        """Return G^2/(p0 rho0) that a frictionless nozzle gives at the throat ratio `eta`."""
        return 2.0 * self.work(eta) / self.volume(eta) ** 2


def throat_ratio(fluid: Omega, back_pa: float) -> float:
    """Return p/p0 in the throat of a nozzle; `back_pa` [Pa] outside. Refuses backward flow."""
    driven(fluid.pressure_pa, checked("pressure", back_pa))
    back = back_pa / fluid.pressure_pa
    if back >= fluid.boiling_ratio:
        return back
    if fluid.nozzle_flux2(fluid.boiling_ratio) >= fluid.choke_flux2(fluid.boiling_ratio):
        return fluid.boiling_ratio  # strongly subcooled: choked where it begins to boil
    # work against half the speed of sound squared: smooth, one crossing
    ws = fluid.omega * fluid.boiling_ratio

    def excess(eta: float) -> float:
        return fluid.work(eta) - 0.5 * (eta * fluid.volume(eta)) ** 2 / ws

    if excess(back) <= 0.0:
        return back
    return crossing(excess, back, fluid.boiling_ratio)


def flux_kg_m2_s(fluid: Omega, back_pa: float) -> float:
    """Return the mass flux [kg/m2/s] of a frictionless nozzle; refuses as `throat_ratio`."""
    eta = throat_ratio(fluid, back_pa)
    return math.sqrt(fluid.nozzle_flux2(eta) * fluid.pressure_pa * fluid.density_kg_m3)


def of_saturated(sat: Sat, liquid_cp: float, quality: float) -> Omega:
    """Return the omega fluid of a mixture at rest in equilibrium, `quality` its vapour share."""
    x = checked("quality", quality)
    v_fg = sat.v_gas - sat.v_liquid
    v0 = sat.v_liquid + x * v_fg
    ratio = v_fg / sat.latent
    p = sat.pressure_pa
    gas = x * sat.v_gas / v0 * (1.0 - 2.0 * p * ratio)
    omega = gas + liquid_cp * sat.temperature_k * p / v0 * ratio**2
    return Omega(p, 1.0 / v0, 1.0, omega)


def of_subcooled(sat: Sat, liquid_cp: float, pressure_pa: float) -> Omega:
    """Return the omega fluid of a liquid under more pressure [Pa] than `sat`, its own boiling."""
    p = max(pressure_pa, sat.pressure_pa)
    ratio = (sat.v_gas - sat.v_liquid) / sat.latent
    omega = liquid_cp * sat.temperature_k * sat.pressure_pa / sat.v_liquid * ratio**2
    return Omega(p, 1.0 / sat.v_liquid, sat.pressure_pa / p, omega)
