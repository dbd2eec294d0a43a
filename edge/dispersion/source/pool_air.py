"""What the air does to a pool: takes vapour, brings heat, and shines on it. SI only."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from edge.dispersion.constants import dry_air_kg_m3
from edge.dispersion.notes import RefusedError
from edge.dispersion.weather.steam import water_pressure_pa
from edge.substance.fluid import diffusivity_m2_s

STEFAN_BOLTZMANN = 5.670374e-8  # W/m2/K4, CODATA 2018
AIR_CP = 1006.0  # J/kg/K, dry air near 0 C
AIR_PRANDTL = 0.71
POOL_ALBEDO = 0.14  # Kawamura and Mackay (1987), J. Hazardous Materials 15, 343-364
POOL_EMISSIVITY = 0.95  # the same


class Transfer(StrEnum):
    """A published law of how fast the wind takes vapour off a pool."""

    MACKAY_MATSUGU = "mackay-matsugu"
    HJ169 = "hj169"


@dataclass(frozen=True, slots=True)
class PoolAir:
    """The weather as a pool feels it: wind at 10 m [m/s], temperature [K], pressure [Pa].

    `humidity` is 0-1; `stability` is AFTOX's continuous scale, 0.5 (A) to 6 (F).
    """

    wind_m_s: float
    temperature_k: float
    pressure_pa: float = 101_325.0
    humidity: float = 0.5
    stability: float = 4.0


@dataclass(frozen=True, slots=True)
class Sky:
    """What shines on the pool: `solar_w_m2` [W/m2] on level ground, `cloud` 0-1 for long wave."""

    solar_w_m2: float = 0.0
    cloud: float = 0.0


def air_viscosity_m2_s(temperature_k: float, pressure_pa: float) -> float:
    """Return air's kinematic viscosity [m2/s].

    Sutherland's law, mu = 1.458e-6 T^1.5 / (T + 110.4) Pa s (US Standard Atmosphere 1976, eq.
    51), over the ideal gas's density.
    """
    dynamic = 1.458e-6 * temperature_k**1.5 / (temperature_k + 110.4)
    return dynamic / dry_air_kg_m3(temperature_k, pressure_pa)


def mackay_matsugu_m_s(wind_m_s: float, diameter_m: float, schmidt: float) -> float:
    """Return the mass transfer coefficient k [m/s] under a 10 m wind [m/s].

    k = 0.0048 U^(7/9) Z^(-1/9) Sc^(-2/3): Mackay and Matsugu (1973), Can. J. Chem. Eng. 51,
    434-439 (0.0292 U^0.78 X^-0.11 Sc^-0.67 in m and h), in SI as the TNO Yellow Book, section
    3.5, has it. Neutral air, Z from about 0.1 to 100 m.
    """
    return 0.0048 * wind_m_s ** (7 / 9) * diameter_m ** (-1 / 9) * schmidt ** (-2 / 3)


def hj169_constants(stability: float) -> tuple[float, float]:
    """Return HJ 169-2018's (alpha, n) for the continuous stability 0.5 (A) to 6 (F).

    Unstable (A, B) 3.846e-3, 0.2; neutral (D) 4.685e-3, 0.25; stable (E, F) 5.285e-3, 0.3. The
    table has no C: classes are rounded, and C counts as neutral.
    """
    if stability < 2.5:
        return 3.846e-3, 0.2
    return (4.685e-3, 0.25) if stability < 4.5 else (5.285e-3, 0.3)


def hj169_m_s(wind_m_s: float, radius_m: float, stability: float) -> float:
    """Return k [m/s] of HJ 169-2018 annex F, Q3 = pi r^2 k p M / (R T0).

    Q3 = alpha p M / (R T0) u^((2-n)/(2+n)) r^((4+n)/(2+n)), Sutton and Pasquill's law; the
    standard gives it for the wind at 10 m and the air's temperature T0.
    """
    alpha, n = hj169_constants(stability)
    return alpha / math.pi * wind_m_s ** ((2 - n) / (2 + n)) * radius_m ** (-n / (2 + n))


def long_wave_w_m2(temperature_k: float, humidity: float, cloud: float) -> float:
    """Return the long-wave radiation of the sky [W/m2].

    Brutsaert (1975), Water Resources Research 11, 742: emissivity 1.24 (e / T)^(1/7) with e in
    hPa, times 1 + 0.22 cloud^2.75 (Sugita and Brutsaert 1993, the same journal 29, 599), not
    above 1.
    """
    vapour_hpa = 0.01 * max(humidity, 0.01) * water_pressure_pa(temperature_k)
    clear = 1.24 * (vapour_hpa / temperature_k) ** (1 / 7)
    return min(1.0, clear * (1 + 0.22 * cloud**2.75)) * STEFAN_BOLTZMANN * temperature_k**4


@dataclass(frozen=True, slots=True)
class Above:
    """The air over one pool, ready to be asked: 10 m wind [m/s], temperature [K], pressure [Pa].

    `stability` is AFTOX's continuous scale; `shine_w_m2` [W/m2] what the pool takes up of sun and
    sky; `molar_mass_kg_mol` the vapour's [kg/mol] and `schmidt` its Schmidt number in this air.
    """

    wind_m_s: float
    temperature_k: float
    pressure_pa: float
    stability: float
    shine_w_m2: float
    molar_mass_kg_mol: float
    schmidt: float
    transfer: Transfer

    def transfer_m_s(self, area_m2: float) -> float:
        """Return the vapour's mass transfer coefficient [m/s] over a round pool."""
        radius = math.sqrt(area_m2 / math.pi)
        if self.transfer is Transfer.HJ169:
            return hj169_m_s(self.wind_m_s, radius, self.stability)
        return mackay_matsugu_m_s(self.wind_m_s, 2 * radius, self.schmidt)

    def relative(self, molar_mass_kg_mol: float) -> float:
        """Return another vapour's transfer coefficient over this one's.

        Sc^(-2/3) with the diffusivity going by M^(-1/2); HJ 169's law knows no Schmidt number.
        """
        if self.transfer is Transfer.HJ169:
            return 1.0
        return (self.molar_mass_kg_mol / molar_mass_kg_mol) ** (1 / 3)

    def film_w_m2_k(self, area_m2: float) -> float:
        """Return the air's heat transfer coefficient [W/m2/K].

        Kawamura and Mackay (1987), eq. 8: the mass transfer's with Pr in place of Sc.
        """
        diameter = 2 * math.sqrt(area_m2 / math.pi)
        density = dry_air_kg_m3(self.temperature_k, self.pressure_pa)
        return density * AIR_CP * mackay_matsugu_m_s(self.wind_m_s, diameter, AIR_PRANDTL)

    def heat_w_m2(self, film_w_m2_k: float, pool_k: float) -> float:
        """Return the heat that air, sun and sky give to a pool at `pool_k` [W/m2]."""
        glow = POOL_EMISSIVITY * STEFAN_BOLTZMANN * pool_k**4
        return film_w_m2_k * (self.temperature_k - pool_k) + self.shine_w_m2 - glow


def above(molar_mass_kg_mol: float, air: PoolAir, sky: Sky, transfer: Transfer) -> Above:
    """Return the air over a pool whose vapour weighs `molar_mass_kg_mol` [kg/mol].

    `RefusedError` where a number has no meaning.
    """
    _check(air, sky)
    diffusivity = diffusivity_m2_s(molar_mass_kg_mol, air.temperature_k, air.pressure_pa)
    down = long_wave_w_m2(air.temperature_k, air.humidity, sky.cloud)
    return Above(
        wind_m_s=air.wind_m_s,
        temperature_k=air.temperature_k,
        pressure_pa=air.pressure_pa,
        stability=air.stability,
        shine_w_m2=(1 - POOL_ALBEDO) * sky.solar_w_m2 + POOL_EMISSIVITY * down,
        molar_mass_kg_mol=molar_mass_kg_mol,
        schmidt=air_viscosity_m2_s(air.temperature_k, air.pressure_pa) / diffusivity,
        transfer=transfer,
    )


def _check(air: PoolAir, sky: Sky) -> None:
    """Raise `RefusedError` for weather that no pool can be worked out in."""
    if not 0.1 <= air.wind_m_s <= 60:
        raise RefusedError("dispersion.refused.pool-wind", wind_m_s=air.wind_m_s)
    if not 180 <= air.temperature_k <= 340:
        raise RefusedError("dispersion.refused.pool-air", temperature_k=air.temperature_k)
    if not 30_000 <= air.pressure_pa <= 120_000:
        raise RefusedError("dispersion.refused.pool-pressure", pressure_pa=air.pressure_pa)
    if not (0 <= air.humidity <= 1 and 0 <= sky.cloud <= 1 and 0 <= sky.solar_w_m2 <= 1500):
        raise RefusedError(
            "dispersion.refused.pool-sky",
            humidity=air.humidity,
            cloud=sky.cloud,
            solar_w_m2=sky.solar_w_m2,
        )
