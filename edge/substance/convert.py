"""ppm to mg/m3 and back for one substance, at the actual temperature and pressure.

`edge.units.gas_to_density` does it for every unit of a reading; nothing else in the house may. What
AEGL and ERPG give in ppm is a share of the air, and the same mg/m3 is fewer ppm in cold air.
"""

from __future__ import annotations

import math

from edge.substance import Substance
from edge.units import STANDARD_PRESSURE_PA, Unit, density_to_gas, gas_to_density


def mg_m3(
    ppm: float,
    substance: Substance,
    temperature_k: float,
    pressure_pa: float = STANDARD_PRESSURE_PA,
) -> float:
    """Return the mass concentration [mg/m3] of `ppm`; `ValueError` where there is no such air."""
    _check(ppm, temperature_k, pressure_pa)
    molar = substance.molar_mass_kg_mol
    return 1e6 * gas_to_density(ppm, Unit.PPM, molar, temperature_k, None, pressure_pa)


def ppm(
    mg_m3: float,
    substance: Substance,
    temperature_k: float,
    pressure_pa: float = STANDARD_PRESSURE_PA,
) -> float:
    """Return the share [ppm] of a mass concentration [mg/m3]; `ValueError` as `mg_m3` has it."""
    _check(mg_m3, temperature_k, pressure_pa)
    molar = substance.molar_mass_kg_mol
    return density_to_gas(1e-6 * mg_m3, Unit.PPM, molar, temperature_k, None, pressure_pa)


def _check(concentration: float, temperature_k: float, pressure_pa: float) -> None:
    if not (
        0 <= concentration < math.inf
        and 0 < temperature_k < math.inf
        and 0 < pressure_pa < math.inf
    ):
        raise ValueError(
            f"no concentration {concentration} in air of {temperature_k} K and {pressure_pa} Pa"
        )
