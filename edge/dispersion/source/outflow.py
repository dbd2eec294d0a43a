"""What leaves a hole or a pipe at one moment, whatever is before it: liquid, boiling liquid, gas.

Between a sharp hole (length 0) and a pipe (from 0.1 m, the relaxation length of `twophase`)

    1/G^2 = (1 - l)/G_hole^2 + l/G_pipe^2,   l = length / 0.1 m, at most 1

so the rate has no step in length. A pipe's entrance costs half a velocity head beside friction.
A boiling liquid's pipe has `twophase.hem` times the omega pipe's share of the omega nozzle.
After the mouth the jet expands to the air's pressure and conserves momentum,

    u = u_e + (p_e - pa)/G_e:   CCPS, Guidelines for Consequence Analysis (1999), section 2.1.4;
    TNO, Methods for the calculation of physical effects (CPR 14E, 3rd ed. 2005), section 2.5.3.6.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from edge.dispersion.notes import RefusedError
from edge.dispersion.source import gas, liquid, omega, pipe, twophase
from edge.dispersion.source.check import checked, driven
from edge.dispersion.source.realgas import RealGas, clamped, real_gas
from edge.dispersion.source.saturation import Saturation, saturation
from edge.substance.fluid import Fluid

ENTRANCE_HEADS = 0.5  # a sharp pipe entrance: Perry's Chemical Engineers' Handbook, table 6-4


@dataclass(frozen=True)
class Matter:
    """A fluid with its equilibrium and its real gas, made once for a run."""

    fluid: Fluid

    @cached_property
    def table(self) -> Saturation:
        """Return the boiling equilibrium."""
        return saturation(self.fluid)

    @cached_property
    def gas(self) -> RealGas:
        """Return the gas."""
        return real_gas(self.fluid)

    def boils_at(self, pressure_pa: float) -> float | None:
        """Return the boiling temperature [K], None where the liquid's table does not reach."""
        try:
            return self.table.boiling_k(pressure_pa)
        except RefusedError:
            return None


@dataclass(frozen=True, slots=True)
class Opening:
    """A hole, or the pipe that has broken off.

    `diameter_m` [m] inside; `height_m` [m] above the vessel's inside bottom; `length_m` [m] of pipe
    before the mouth, `loss` its fittings in velocity heads, `roughness_m` [m]. `cd_liquid` and
    `cd_gas` are the discharge coefficients of the bare hole.
    """

    diameter_m: float
    height_m: float = 0.0
    length_m: float = 0.0
    loss: float = 0.0
    roughness_m: float = pipe.STEEL_M
    cd_liquid: float = liquid.SHARP_CD
    cd_gas: float = gas.GAS_CD

    def __post_init__(self) -> None:
        checked("hole", self.diameter_m)
        checked("height", self.height_m)
        checked("length", self.length_m)
        checked("loss", self.loss)
        checked("roughness", self.roughness_m)
        checked("cd", self.cd_liquid)
        checked("cd", self.cd_gas)

    @property
    def area_m2(self) -> float:
        """Return the opening's area [m2]."""
        return 0.25 * math.pi * self.diameter_m**2

    @property
    def relaxed(self) -> float:
        """Return l, how far the flow is a pipe's: 0 for a hole, 1 from 0.1 m on."""
        return min(self.length_m / twophase.RELAXATION_M, 1.0)

    def heads(self) -> float:
        """Return the velocity heads N that the entrance, the pipe and its fittings use up."""
        own = pipe.friction(self.length_m, self.diameter_m, self.loss, self.roughness_m)
        return ENTRANCE_HEADS + own


@dataclass(frozen=True, slots=True)
class Stream:
    """What leaves at one moment.

    `rate_kg_s`; `speed_m_s` [m/s] after expansion to the air's pressure; `enthalpy_j_kg` at rest
    inside, on the scale of `Saturation` where `boiling` and of `RealGas` where not;
    `temperature_k` inside; `model` names the law, as "source.liquid".
    """

    rate_kg_s: float
    speed_m_s: float
    enthalpy_j_kg: float
    temperature_k: float
    boiling: bool
    liquid: bool
    model: str


def of_liquid(
    matter: Matter, opening: Opening, temperature_k: float, pressure_pa: float, back_pa: float
) -> Stream:
    """Return what leaves of a liquid at rest under `pressure_pa` [Pa] (its head included).

    Raises `RefusedError` where it would not flow out, is above critical, or would be a vapour.
    """
    sat = matter.table.at(temperature_k)
    rho = 1.0 / sat.v_liquid
    frozen_speed = liquid.speed_m_s(rho, pressure_pa, back_pa, 0.0)
    frozen = opening.cd_liquid * rho * frozen_speed
    share = opening.relaxed
    if pressure_pa < sat.pressure_pa * (1.0 - 1e-6):
        raise RefusedError(
            "dispersion.refused.source-not-in-equilibrium",
            substance=matter.fluid.id,
            value_kpa=f"{pressure_pa / 1e3:.2f}",
            boiling_kpa=f"{sat.pressure_pa / 1e3:.2f}",
        )
    flux, speed, model = frozen, frozen_speed, "source.liquid"
    if share > 0.0:
        if sat.pressure_pa <= back_pa:
            speed_pipe = frozen_speed / math.sqrt(1.0 + opening.heads())
            flux_pipe = rho * speed_pipe
            model = "source.pipe"
        else:
            flux_pipe, speed_pipe = _boiling_pipe(
                matter, opening, temperature_k, pressure_pa, back_pa
            )
            model = "source.pipe-boiling" if share >= 1.0 else "source.short-pipe"
        flux = 1.0 / math.sqrt((1.0 - share) / frozen**2 + share / flux_pipe**2)
        speed = (1.0 - share) * frozen_speed + share * speed_pipe
    enthalpy = sat.h_liquid + sat.v_liquid * (pressure_pa - sat.pressure_pa)
    rate = flux * opening.area_m2
    return Stream(rate, speed, enthalpy, temperature_k, True, True, model)


def _boiling_pipe(
    matter: Matter, opening: Opening, temperature_k: float, pressure_pa: float, back_pa: float
) -> tuple[float, float]:
    """Return flux [kg/m2/s] and expanded speed [m/s] of a liquid that boils in a pipe."""
    sat = matter.table.at(temperature_k)
    hem = twophase.hem(matter.table, twophase.Inlet(temperature_k, pressure_pa), back_pa)
    own = omega.of_subcooled(sat, clamped(matter.fluid.liquid_cp, temperature_k), pressure_pa)
    nozzle = omega.flux_kg_m2_s(own, back_pa)
    mouth = pipe.mixture(own, opening.heads(), back_pa)
    flux = hem.flux_kg_m2_s * mouth.flux_kg_m2_s / nozzle
    speed = flux * mouth.state / own.density_kg_m3
    return flux, speed + (mouth.pressure_pa - back_pa) / flux


def of_mixture(
    matter: Matter, opening: Opening, temperature_k: float, quality: float, back_pa: float
) -> Stream:
    """Return what leaves of a boiling mixture at rest, `quality` its vapour's share of the mass.

    The bare hole's coefficient is `cd_gas`. Raises `RefusedError` as `twophase.hem`.
    """
    sat = matter.table.at(temperature_k)
    inlet = twophase.Inlet(temperature_k, sat.pressure_pa, quality)
    throat = twophase.hem(matter.table, inlet, back_pa)
    flux = opening.cd_gas * throat.flux_kg_m2_s
    speed = throat.speed_m_s + (throat.pressure_pa - back_pa) / throat.flux_kg_m2_s
    share = opening.relaxed
    if share > 0.0:
        own = omega.of_saturated(sat, clamped(matter.fluid.liquid_cp, temperature_k), quality)
        mouth = pipe.mixture(own, opening.heads(), back_pa)
        flux_pipe = throat.flux_kg_m2_s * mouth.flux_kg_m2_s / omega.flux_kg_m2_s(own, back_pa)
        exit_speed = flux_pipe * mouth.state / own.density_kg_m3
        exit_speed += (mouth.pressure_pa - back_pa) / flux_pipe
        flux = 1.0 / math.sqrt((1.0 - share) / flux**2 + share / flux_pipe**2)
        speed = (1.0 - share) * speed + share * exit_speed
    enthalpy = sat.h_liquid + quality * sat.latent
    rate = flux * opening.area_m2
    return Stream(rate, speed, enthalpy, temperature_k, True, quality < 1.0, "source.hem")


def of_gas(
    matter: Matter,
    opening: Opening,
    temperature_k: float,
    pressure_pa: float,
    back_pa: float,
    volume_m3_kg: float = 0.0,
) -> Stream:
    """Return what leaves of a gas at rest; `volume_m3_kg` where it is known better than p and T.

    Raises `RefusedError` where it would not flow out.
    """
    driven(checked("pressure", pressure_pa), checked("pressure", back_pa))
    real = matter.gas
    v = volume_m3_kg or real.volume_m3_kg(checked("temperature", temperature_k), pressure_pa)
    k = real.throat_exponent(temperature_k, v)
    throat = gas.flow(pressure_pa, 1.0 / v, temperature_k, k, back_pa, opening.cd_gas)
    flux = throat.flux_kg_m2_s
    speed = throat.speed_m_s + (throat.throat_pa - back_pa) / (flux / opening.cd_gas)
    share = opening.relaxed
    model = "source.gas"
    if share > 0.0:
        mouth = pipe.gas(pressure_pa, 1.0 / v, k, opening.heads(), back_pa)
        sound2 = k * pressure_pa * v / (1.0 + 0.5 * (k - 1.0) * mouth.state**2)
        exit_speed = mouth.state * math.sqrt(sound2)
        exit_speed += (mouth.pressure_pa - back_pa) / mouth.flux_kg_m2_s
        flux = 1.0 / math.sqrt((1.0 - share) / flux**2 + share / mouth.flux_kg_m2_s**2)
        speed = (1.0 - share) * speed + share * exit_speed
        model = "source.pipe-gas"
    enthalpy = real.energy(temperature_k, v) + pressure_pa * v
    return Stream(flux * opening.area_m2, speed, enthalpy, temperature_k, False, False, model)
