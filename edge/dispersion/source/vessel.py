"""A vessel and what it holds: liquid, vapour over it, or gas alone. `blowdown` empties it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from edge.dispersion.notes import RefusedError
from edge.dispersion.source.check import checked
from edge.dispersion.source.outflow import Matter, Stream
from edge.dispersion.source.tank import Shape, capacity_m3, level_m


@dataclass(frozen=True, slots=True)
class Vessel:
    """A vessel: `fill` is the liquid's share of its volume, `temperature_k` [K] of all it holds.

    `pressure_pa` [Pa, absolute] of the gas space, None for the liquid's own vapour pressure; more
    than that is a pad. `vented` holds the pressure (a breather, a supplied pad); `isothermal` keeps
    a gas's temperature.
    """

    matter: Matter
    shape: Shape
    temperature_k: float
    fill: float
    pressure_pa: float | None = None
    vented: bool = False
    isothermal: bool = False

    def __post_init__(self) -> None:
        checked("temperature", self.temperature_k)
        checked("fill", self.fill)
        if self.pressure_pa is not None:
            checked("pressure", self.pressure_pa)
        elif self.fill == 0.0:
            raise RefusedError("dispersion.refused.source-gas-pressure")

    @property
    def volume_m3(self) -> float:
        """Return the inside volume [m3]."""
        return capacity_m3(self.shape)


class Record(NamedTuple):
    """A stretch of a blow-down: `mass_kg` left between two times [s] as `stream` (mid-way)."""

    start_s: float
    end_s: float
    mass_kg: float
    stream: Stream


class State(NamedTuple):
    """What a vessel holds: mass [kg], energy [J], temperature [K], pressure [Pa], level [m].

    `liquid_kg` is the mass of liquid, `volume_m3_kg` the gas's specific volume.
    """

    mass_kg: float
    energy_j: float
    temperature_k: float
    pressure_pa: float
    level_m: float
    liquid_kg: float
    volume_m3_kg: float


@dataclass(frozen=True, slots=True)
class Blowdown:
    """How a vessel emptied: records in order, and the states at first and last."""

    records: tuple[Record, ...]
    first: State
    last: State

    @property
    def out_kg(self) -> float:
        """Return the mass that left [kg]."""
        return sum(record.mass_kg for record in self.records)


def start(vessel: Vessel) -> State:
    """Return what the vessel holds at first; refuses what cannot be."""
    t, volume = vessel.temperature_k, vessel.volume_m3
    if vessel.fill == 0.0:
        assert vessel.pressure_pa is not None
        return _gas_start(vessel, t, vessel.pressure_pa, volume)
    sat = vessel.matter.table.at(t)
    pressure = sat.pressure_pa if vessel.pressure_pa is None else vessel.pressure_pa
    if pressure < sat.pressure_pa * (1.0 - 1e-6):
        raise RefusedError(
            "dispersion.refused.source-not-in-equilibrium",
            substance=vessel.matter.fluid.id,
            value_kpa=f"{pressure / 1e3:.2f}",
            boiling_kpa=f"{sat.pressure_pa / 1e3:.2f}",
        )
    liquid = vessel.fill * volume / sat.v_liquid
    vapour = (1.0 - vessel.fill) * volume / sat.v_gas
    energy = liquid * sat.u_liquid + vapour * sat.u_gas
    level = level_m(vessel.shape, vessel.fill * volume)
    return State(liquid + vapour, energy, t, pressure, level, liquid, sat.v_gas)


def _gas_start(vessel: Vessel, t: float, pressure: float, volume: float) -> State:
    """Return a vessel full of gas; refuses a gas that would be a liquid."""
    matter = vessel.matter
    if t < matter.table.last_k:
        boiling = matter.table.at(max(t, matter.table.first_k)).pressure_pa
        if pressure > boiling * 1.001:
            raise RefusedError(
                "dispersion.refused.source-would-condense",
                substance=matter.fluid.id,
                value_kpa=f"{pressure / 1e3:.2f}",
                boiling_kpa=f"{boiling / 1e3:.2f}",
            )
    v = matter.gas.volume_m3_kg(t, pressure)
    mass = volume / v
    return State(mass, mass * matter.gas.energy(t, v), t, pressure, 0.0, 0.0, v)
