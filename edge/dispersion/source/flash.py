"""What a liquid or gas becomes when it reaches the air's pressure.

Isenthalpic flash fraction: x = (h_l(T) - h_l(Tb)) / L(Tb); isentropic: x = (s_l(T) - s_l(Tb)) Tb/L.
A jet conserves energy and momentum while it expands (`outflow` gives its speed u):

    h_jet = h_0 - u^2/2,   area = rate v_jet / u

with h of the boiling mixture at the air's pressure, or of the warmer gas or colder liquid.
References: CCPS, Guidelines for Consequence Analysis (1999), sections 2.1.4 and 2.2; TNO, CPR 14E
(3rd ed. 2005), section 2.5.3.6. Domain: equilibrium, no air yet mixed in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from edge.dispersion.source.check import checked
from edge.dispersion.source.outflow import Matter, Stream
from edge.dispersion.source.realgas import clamped
from edge.dispersion.source.saturation import Saturation

SLOWEST_M_S = 0.1  # a stream that barely runs: its area stays finite


@dataclass(frozen=True, slots=True)
class Expanded:
    """A jet at the air's pressure: rate [kg/s], temperature [K], speed [m/s], area [m2], droplets."""

    rate_kg_s: float
    temperature_k: float
    speed_m_s: float
    area_m2: float
    liquid_fraction: float


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
    speed = max(stream.speed_m_s, SLOWEST_M_S)
    enthalpy = stream.enthalpy_j_kg - 0.5 * stream.speed_m_s**2
    state = _boiling if stream.boiling else _gas
    temperature, volume, liquid_fraction = state(matter, stream, enthalpy, pressure_pa)
    area = stream.rate_kg_s * volume / speed
    return Expanded(stream.rate_kg_s, temperature, speed, area, liquid_fraction)


def _boiling(
    matter: Matter, stream: Stream, enthalpy: float, pressure_pa: float
) -> tuple[float, float, float]:
    """Return temperature, volume and liquid fraction; enthalpy on the scale of `Saturation`."""
    table = matter.table
    here = table.at(stream.temperature_k)
    if stream.liquid and here.pressure_pa <= pressure_pa:  # no boiling: it stays what it was
        return stream.temperature_k, here.v_liquid, 1.0
    at = table.at(table.boiling_k(pressure_pa))
    x = (enthalpy - at.h_liquid) / at.latent
    if x <= 1.0:
        x = max(x, 0.0)
        return at.temperature_k, at.v_liquid + x * (at.v_gas - at.v_liquid), 1.0 - x
    cp = clamped(matter.fluid.gas_cp, at.temperature_k)
    warmer = at.temperature_k + (enthalpy - at.h_gas) / cp
    return warmer, at.v_gas * warmer / at.temperature_k, 0.0


def _gas(
    matter: Matter, stream: Stream, enthalpy: float, pressure_pa: float
) -> tuple[float, float, float]:
    """Return temperature, volume and liquid fraction; enthalpy on the scale of `RealGas`."""
    real = matter.gas
    t = real.temperature_of_enthalpy(enthalpy, pressure_pa, stream.temperature_k)
    dew = matter.boils_at(pressure_pa)
    if dew is None or t >= dew:
        return t, real.volume_m3_kg(t, pressure_pa), 0.0
    at = matter.table.at(dew)
    liquid = (real.enthalpy(dew, pressure_pa) - enthalpy) / at.latent
    liquid = min(max(liquid, 0.0), 1.0)
    return dew, at.v_gas + liquid * (at.v_liquid - at.v_gas), liquid


def sphere_radius_m(volume_m3: float) -> float:
    """Return the radius [m] of the half sphere on the ground that holds `volume_m3`."""
    return (1.5 * volume_m3 / math.pi) ** (1.0 / 3.0)
