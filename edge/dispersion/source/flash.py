"""What a liquid or gas becomes when it reaches the air's pressure.

Isenthalpic flash fraction: x = (h_l(T) - h_l(Tb)) / L(Tb); isentropic: x = (s_l(T) - s_l(Tb)) Tb/L.
A jet conserves momentum while it expands (`outflow` gives its speed u) and energy as it mixes:

    h_jet = h_0,   area = rate v_jet / u

with h of the boiling mixture at the air's pressure, or of the warmer gas or colder liquid. The
jet's u^2/2 is not taken off: it is heat again as soon as air has slowed the jet, and no model of
dispersion that takes this state would give it back.
References: CCPS, Guidelines for Consequence Analysis (1999), sections 2.1.4 and 2.2; TNO, CPR 14E
(3rd ed. 2005), section 2.5.3.6. Domain: equilibrium, no air yet mixed in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from edge.dispersion.source.check import checked
from edge.dispersion.source.outflow import Matter, Stream
from edge.dispersion.source.realgas import clamped
from edge.dispersion.source.saturation import Saturation

SLOWEST_M_S = 0.1  # a stream that barely runs: its area stays finite


@dataclass(frozen=True, slots=True)
class Expanded:
    """A jet at the air's pressure: rate [kg/s], temperature [K], speed [m/s], volumes [m3/kg].

    `liquid_fraction` is the droplets' share of the mass.
    """

    rate_kg_s: float
    temperature_k: float
    speed_m_s: float
    v_gas: float
    v_liquid: float
    liquid_fraction: float

    @property
    def area_m2(self) -> float:
        """Return the jet's area [m2]."""
        return self.rate_kg_s * self.volume_m3_kg / self.speed_m_s

    @property
    def volume_m3_kg(self) -> float:
        """Return the mixture's specific volume [m3/kg]."""
        return self.v_gas + self.liquid_fraction * (self.v_liquid - self.v_gas)

    def without(self, landed: float) -> Expanded:
        """Return the jet after the share `landed` of its mass has fallen out as liquid."""
        stays = 1.0 - landed
        return replace(
            self,
            rate_kg_s=self.rate_kg_s * stays,
            liquid_fraction=min(max((self.liquid_fraction - landed) / stays, 0.0), 1.0),
        )


def isenthalpic_fraction(table: Saturation, temperature_k: float, pressure_pa: float) -> float:
    """Return the share 0-1 of a saturated liquid at `temperature_k` that boils at `pressure_pa`.

    0 where it is not above its boiling point. Raises `RefusedError` outside the fluid's table.
    """
    hot = table.at(checked("temperature", temperature_k))
    if hot.pressure_pa <= checked("pressure", pressure_pa):
        return 0.0
    cold = table.at(table.boiling_k(pressure_pa))
    return min(max((hot.h_liquid - cold.h_liquid) / cold.latent, 0.0), 1.0)


def isentropic_fraction(table: Saturation, temperature_k: float, pressure_pa: float) -> float:
    """Return the same share if the liquid expands without losses, as in a burst vessel."""
    hot = table.at(checked("temperature", temperature_k))
    if hot.pressure_pa <= checked("pressure", pressure_pa):
        return 0.0
    cold = table.at(table.boiling_k(pressure_pa))
    entropy = (hot.s_liquid - cold.s_liquid) * cold.temperature_k
    return min(max(entropy / cold.latent, 0.0), 1.0)


def expand(matter: Matter, stream: Stream, pressure_pa: float) -> Expanded:
    """Return the jet that `stream` is at the air's `pressure_pa` [Pa], before air mixes in."""
    state = _boiling if stream.boiling else _gas
    temperature, v_gas, v_liquid, liquid_fraction = state(matter, stream, pressure_pa)
    speed = max(stream.speed_m_s, SLOWEST_M_S)
    return Expanded(stream.rate_kg_s, temperature, speed, v_gas, v_liquid, liquid_fraction)


def _boiling(
    matter: Matter, stream: Stream, pressure_pa: float
) -> tuple[float, float, float, float]:
    """Return temperature, both volumes and liquid fraction; enthalpy as of `Saturation`."""
    table = matter.table
    here = table.at(stream.temperature_k)
    if stream.liquid and here.pressure_pa <= pressure_pa:  # no boiling: it stays what it was
        return stream.temperature_k, here.v_gas, here.v_liquid, 1.0
    at = table.at(table.boiling_k(pressure_pa))
    x = (stream.enthalpy_j_kg - at.h_liquid) / at.latent
    if x <= 1.0:
        return at.temperature_k, at.v_gas, at.v_liquid, 1.0 - max(x, 0.0)
    cp = clamped(matter.fluid.gas_cp, at.temperature_k)
    warmer = at.temperature_k + (stream.enthalpy_j_kg - at.h_gas) / cp
    return warmer, at.v_gas * warmer / at.temperature_k, at.v_liquid, 0.0


def _gas(matter: Matter, stream: Stream, pressure_pa: float) -> tuple[float, float, float, float]:
    """Return temperature, both volumes and liquid fraction; enthalpy as of `RealGas`."""
    real, enthalpy = matter.gas, stream.enthalpy_j_kg
    t = real.temperature_of_enthalpy(enthalpy, pressure_pa, stream.temperature_k)
    dew = matter.boils_at(pressure_pa)
    if dew is None or t >= dew:
        v = real.volume_m3_kg(t, pressure_pa)
        return t, v, v, 0.0
    at = matter.table.at(dew)
    liquid = (real.enthalpy(dew, pressure_pa) - enthalpy) / at.latent
    return dew, at.v_gas, at.v_liquid, min(max(liquid, 0.0), 1.0)


def sphere_radius_m(volume_m3: float) -> float:
    """Return the radius [m] of the half sphere on the ground that holds `volume_m3`."""
    return (1.5 * volume_m3 / math.pi) ** (1.0 / 3.0)
