"""The closed list of engineering units, and their way to SI.

A sample, set-point and journal row are in the tag's engineering unit; dispersion, hazard and
plant are SI. Conversion happens at their doors, through this file and nowhere else.

Gas constant: CODATA 2018, 8.314462618 J/(mol K). Standard atmosphere: 101 325 Pa.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

GAS_CONSTANT_J_MOL_K = 8.314462618
STANDARD_PRESSURE_PA = 101_325.0


class Unit(StrEnum):
    """An engineering unit as it is written in tag lists, journal, API and screens."""

    PPM = "ppm"
    PPB = "ppb"
    PERCENT_LEL = "%LEL"
    PERCENT_VOL = "%vol"
    MG_M3 = "mg/m3"
    METRE = "m"
    MILLIMETRE = "mm"
    METRE_PER_SECOND = "m/s"
    DEGREE = "deg"
    CELSIUS = "degC"
    PASCAL = "Pa"
    KILOPASCAL = "kPa"
    MEGAPASCAL = "MPa"
    HECTOPASCAL = "hPa"
    PERCENT = "%"
    PERCENT_RH = "%RH"
    KG_PER_SECOND = "kg/s"
    KG_PER_HOUR = "kg/h"
    TONNE = "t"
    CUBIC_METRE = "m3"
    CUBIC_METRE_PER_HOUR = "m3/h"
    VOLT = "V"
    MILLIAMPERE = "mA"
    HERTZ = "Hz"
    SECOND = "s"
    DAY = "d"
    BOOL = "bool"
    COUNT = "count"


class Linear(NamedTuple):
    """SI value = engineering value * `factor` + `offset`."""

    dimension: str
    factor: float
    offset: float = 0.0


# Concentrations that need a substance (mg/m3, %LEL) are not linear on their own: see below.
LINEAR: dict[Unit, Linear] = {
    Unit.PPM: Linear("mole fraction", 1e-6),
    Unit.PPB: Linear("mole fraction", 1e-9),
    Unit.PERCENT_VOL: Linear("mole fraction", 1e-2),
    Unit.METRE: Linear("length", 1.0),
    Unit.MILLIMETRE: Linear("length", 1e-3),
    Unit.METRE_PER_SECOND: Linear("speed", 1.0),
    Unit.DEGREE: Linear("angle", 0.017453292519943295),
    Unit.CELSIUS: Linear("temperature", 1.0, 273.15),
    Unit.PASCAL: Linear("pressure", 1.0),
    Unit.HECTOPASCAL: Linear("pressure", 1e2),
    Unit.KILOPASCAL: Linear("pressure", 1e3),
    Unit.MEGAPASCAL: Linear("pressure", 1e6),
    Unit.PERCENT: Linear("ratio", 1e-2),
    Unit.PERCENT_RH: Linear("relative humidity", 1e-2),
    Unit.KG_PER_SECOND: Linear("mass flow", 1.0),
    Unit.KG_PER_HOUR: Linear("mass flow", 1 / 3600),
    Unit.TONNE: Linear("mass", 1e3),
    Unit.CUBIC_METRE: Linear("volume", 1.0),
    Unit.CUBIC_METRE_PER_HOUR: Linear("volume flow", 1 / 3600),
    Unit.VOLT: Linear("voltage", 1.0),
    Unit.MILLIAMPERE: Linear("current", 1e-3),
    Unit.HERTZ: Linear("frequency", 1.0),
    Unit.SECOND: Linear("time", 1.0),
    Unit.DAY: Linear("time", 86_400.0),
    Unit.BOOL: Linear("boolean", 1.0),
    Unit.COUNT: Linear("count", 1.0),
}
GAS_UNITS = frozenset({Unit.PPM, Unit.PPB, Unit.PERCENT_VOL, Unit.PERCENT_LEL, Unit.MG_M3})


def to_si(value: float, unit: Unit) -> float:
    """Return `value` [`unit`] in SI; `KeyError` for mg/m3 and %LEL: they need a substance."""
    linear = LINEAR[unit]
    return value * linear.factor + linear.offset


def from_si(value: float, unit: Unit) -> float:
    """Return the SI `value` in `unit`. Raises `KeyError` for mg/m3 and %LEL."""
    linear = LINEAR[unit]
    return (value - linear.offset) / linear.factor


def molar_volume(temperature_k: float, pressure_pa: float = STANDARD_PRESSURE_PA) -> float:
    """Return an ideal gas's molar volume [m3/mol] at `temperature_k` [K], `pressure_pa` [Pa]."""
    return GAS_CONSTANT_J_MOL_K * temperature_k / pressure_pa


def gas_to_density(
    value: float,
    unit: Unit,
    molar_mass_kg_mol: float,
    temperature_k: float,
    lel_fraction: float | None = None,
    pressure_pa: float = STANDARD_PRESSURE_PA,
) -> float:
    """Return a gas reading as mass concentration [kg/m3] (ideal gas at the actual temperature).

    `lel_fraction` [mol/mol] is the channel's own LEL basis; raises `ValueError` where %LEL comes
    without one, or where `unit` is not a gas concentration.
    """
    if unit is Unit.MG_M3:
        return value * 1e-6
    if unit is Unit.PERCENT_LEL:
        if lel_fraction is None:
            raise ValueError("%LEL means nothing without the channel's LEL basis")
        fraction = value * 1e-2 * lel_fraction
    elif unit in GAS_UNITS:
        fraction = to_si(value, unit)
    else:
        raise ValueError(f"{unit} is not a gas concentration")
    return fraction * molar_mass_kg_mol / molar_volume(temperature_k, pressure_pa)


def density_to_gas(
    density_kg_m3: float,
    unit: Unit,
    molar_mass_kg_mol: float,
    temperature_k: float,
    lel_fraction: float | None = None,
    pressure_pa: float = STANDARD_PRESSURE_PA,
) -> float:
    """Return a mass concentration [kg/m3] as a reading in `unit`: `gas_to_density` backwards."""
    one = gas_to_density(1.0, unit, molar_mass_kg_mol, temperature_k, lel_fraction, pressure_pa)
    return density_kg_m3 / one
