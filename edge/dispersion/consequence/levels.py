"""Levels: the concentrations that zones are drawn for, each with its own averaging time.

A published value says how long a person breathes it; the zone compares it with the greatest mean
over that time. What is published for several times (AEGL) is exceeded where it is for any of them
up to the exposure that is looked at, so a short burst counts by its short value.

| id | value | averaging time | reference |
|---|---|---|---|
| aegl-1 … aegl-3 | AEGL of 10, 30 min … up to the exposure | the same | NRC (2001), SOP |
| erpg-1 … erpg-3 | ERPG | 60 min | AIHA, ERPG/WEEL handbook |
| pac-1 … pac-3 | PAC | 60 min | US DOE, PAC data base |
| idlh | IDLH | 30 min | NIOSH (1994), NTIS PB-94-195047 |
| mac, stel, twa | GBZ 2.1 | short, 15 min, 8 h | GBZ 2.1-2019 |
| lel-60, lel-10 … | a share of the LEL [%] | short | ALOHA, NOAA TM NOS OR&R 43 (2013) |

Short is `SHORT_S`. The 60 % of ALOHA allows for gusts that burn where the mean does not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from edge.dispersion.consequence.toxic import scaled_ppm
from edge.dispersion.notes import RefusedError
from edge.dispersion.solution import Floats, Solution, peaks
from edge.dispersion.weather.weather import Weather
from edge.units import Unit, gas_to_density

# What flammable gas needs is there in a breath or two; 18.75 s is PHAST's averaging time for it:
# Witlox and Oke (2008), Process Safety Progress 27(1). SLAB and DEGADIS go as low as 10-20 s.
SHORT_S = 18.75
MINUTE_S = 60.0
HOUR_S = 3600.0
# GBZ 2.1's mg/m3 are of air at 20 °C and 101.3 kPa (GBZ 159-2004, section 6)
OEL_K, OEL_PA = 293.15, 101_300.0
OELS = {"mac": SHORT_S, "stel": 15 * MINUTE_S, "twa": 8 * HOUR_S}
ID = re.compile(r"(aegl|erpg|pac)-([123])|lel-(\d{1,2}|100)|idlh|mac|stel|twa")


class Gas(Protocol):
    """What is known of a gas's effects; `edge.substance.Substance` is one."""

    @property
    def id(self) -> str:
        """Return the gas's id."""
        ...

    @property
    def molar_mass_kg_mol(self) -> float:
        """Return its molar mass [kg/mol]."""
        ...

    @property
    def lel_fraction(self) -> float | None:
        """Return its LEL [mol/mol]."""
        ...

    @property
    def uel_fraction(self) -> float | None:
        """Return its UEL [mol/mol]."""
        ...

    @property
    def idlh_ppm(self) -> float | None:
        """Return its IDLH [ppm]."""
        ...

    @property
    def aegl_ppm(self) -> Mapping[tuple[int, int], float]:
        """Return its AEGLs by level and minutes [ppm]."""
        ...

    @property
    def aegl_mg_m3(self) -> Mapping[tuple[int, int], float]:
        """Return its AEGLs [mg/m3] where it is an aerosol."""
        ...

    @property
    def erpg_ppm(self) -> Mapping[int, float]:
        """Return its ERPGs by level [ppm]."""
        ...

    @property
    def pac_ppm(self) -> Mapping[int, float]:
        """Return its PACs by level [ppm]."""
        ...

    @property
    def oel_mg_m3(self) -> Mapping[str, float]:
        """Return "mac", "stel" and "twa" of GBZ 2.1 [mg/m3]."""
        ...

    @property
    def toxic_n(self) -> float | None:
        """Return the exponent of its toxic load."""
        ...


@dataclass(frozen=True, slots=True)
class Criterion:
    """A mean over `averaging_s` [s] that is at or above `threshold_kg_m3` [kg/m3]."""

    averaging_s: float
    threshold_kg_m3: float


@dataclass(frozen=True, slots=True)
class Level:
    """A level of harm: reached where any of its `criteria` is.

    `value` in `unit` is what a person reads beside the zone: that of the longest time.
    """

    id: str
    value: float
    unit: Unit
    criteria: tuple[Criterion, ...]

    def __post_init__(self) -> None:
        for criterion in self.criteria:
            if not (criterion.threshold_kg_m3 > 0 and np.isfinite(criterion.threshold_kg_m3)):
                raise RefusedError(
                    "dispersion.refused.threshold", value=str(criterion.threshold_kg_m3)
                )
            check_averaging(criterion.averaging_s)
        if not self.criteria:
            raise RefusedError("dispersion.refused.level-empty", level=self.id)

    def reached(self, solution: Solution, x_m: Floats, y_m: Floats, z_m: float) -> Floats:
        """Return the greatest mean over its threshold at each point: 1 is the level's edge."""
        return self.share(lambda times: peaks(solution, x_m, y_m, z_m, times))

    def share(self, means: Callable[[tuple[float, ...]], Floats]) -> Floats:
        """Return the greatest of `means` (of averaging times [s]: (times, ...)) over its threshold.

        Same shape as one of the means.
        """
        binding = self.binding()
        found = means(tuple(criterion.averaging_s for criterion in binding))
        shares = [m / c.threshold_kg_m3 for m, c in zip(found, binding, strict=True)]
        return shares[0] if len(shares) == 1 else np.max(shares, axis=0)

    def binding(self) -> list[Criterion]:
        """Return the criteria that may be the first reached.

        The greatest mean falls with its time, so a longer one only counts with a lower threshold.
        """
        found: list[Criterion] = []
        for criterion in sorted(self.criteria, key=lambda c: c.averaging_s):
            if not found or criterion.threshold_kg_m3 < found[-1].threshold_kg_m3:
                found.append(criterion)
        return found


def check_averaging(averaging_s: float) -> None:
    """Refuse an averaging time that is not a number of seconds from 0 (a moment) to a day."""
    if not 0 <= averaging_s <= 24 * HOUR_S:
        raise RefusedError("dispersion.refused.averaging", value=str(averaging_s))


def level(gas: Gas, level_id: str, air: Weather, exposure_min: float = 60.0) -> Level:
    """Return the level `level_id` of `gas` in `air` for people exposed for `exposure_min` [min].

    Raises `RefusedError` for an id that is none, and for a value that the gas does not have; it
    says which it has.
    """
    if not (ID.fullmatch(level_id)):
        raise RefusedError("dispersion.refused.level-unknown", level=level_id)
    if not (0 < exposure_min <= 24 * 60):
        raise RefusedError("dispersion.refused.exposure", value=str(exposure_min))
    kind, _, number = level_id.partition("-")
    if kind == "aegl":
        return _aegl(gas, level_id, int(number), air, exposure_min)
    value, unit, averaging_s = _published(gas, kind, number)
    if value is None:
        raise _lacking(gas, level_id)
    threshold = _density(gas, value, unit, air, kind in OELS)
    return Level(level_id, value, unit, (Criterion(averaging_s, threshold),))


def levels(
    gas: Gas, ids: Iterable[str], air: Weather, exposure_min: float = 60.0
) -> tuple[Level, ...]:
    """Return the levels `ids`; raises as `level` does."""
    return tuple(level(gas, level_id, air, exposure_min) for level_id in ids)


def known(gas: Gas) -> tuple[str, ...]:
    """Return the ids of the levels that `gas` has."""
    aegl = sorted({tier for tier, _ in (*gas.aegl_ppm, *gas.aegl_mg_m3)})
    found = [f"aegl-{tier}" for tier in aegl]
    found += [f"erpg-{tier}" for tier in sorted(gas.erpg_ppm)]
    found += [f"pac-{tier}" for tier in sorted(gas.pac_ppm)]
    found += ["idlh"] if gas.idlh_ppm is not None else []
    found += [kind for kind in OELS if kind in gas.oel_mg_m3]
    found += ["lel-60", "lel-10"] if gas.lel_fraction is not None else []
    return tuple(found)


def _lacking(gas: Gas, level_id: str) -> RefusedError:
    there = ", ".join(known(gas)) or "-"
    return RefusedError("dispersion.refused.level-lacking", gas=gas.id, level=level_id, known=there)


def _aegl(gas: Gas, level_id: str, tier: int, air: Weather, exposure_min: float) -> Level:
    """Return an AEGL with a criterion for each published time up to the exposure, and for that."""
    unit, table = Unit.PPM, gas.aegl_ppm
    if not any(t == tier for t, _ in table):
        unit, table = Unit.MG_M3, gas.aegl_mg_m3
    published = {float(minutes): value for (t, minutes), value in table.items() if t == tier}
    if not published:
        raise _lacking(gas, level_id)
    values = {minutes: v for minutes, v in published.items() if minutes <= exposure_min}
    values[exposure_min] = scaled_ppm(published, exposure_min, gas.toxic_n)
    criteria = tuple(
        Criterion(minutes * MINUTE_S, _density(gas, value, unit, air, oel=False))
        for minutes, value in sorted(values.items())
    )
    return Level(level_id, values[exposure_min], unit, criteria)


def _published(gas: Gas, kind: str, number: str) -> tuple[float | None, Unit, float]:
    """Return a value, its unit and its averaging time [s]; None where the gas has none."""
    if kind == "erpg":
        return gas.erpg_ppm.get(int(number)), Unit.PPM, HOUR_S
    if kind == "pac":
        return gas.pac_ppm.get(int(number)), Unit.PPM, HOUR_S
    if kind == "idlh":
        return gas.idlh_ppm, Unit.PPM, 30 * MINUTE_S
    if kind == "lel":
        share = float(number)
        if share == 0:
            raise RefusedError("dispersion.refused.level-unknown", level="lel-0")
        return (None if gas.lel_fraction is None else share), Unit.PERCENT_LEL, SHORT_S
    return gas.oel_mg_m3.get(kind), Unit.MG_M3, OELS[kind]


def _density(gas: Gas, value: float, unit: Unit, air: Weather, oel: bool) -> float:
    """Return a level [kg/m3] in this air."""
    density = gas_to_density(
        value, unit, gas.molar_mass_kg_mol, air.temperature_k, gas.lel_fraction, air.pressure_pa
    )
    if oel:  # the same moles of gas in a mole of air, in colder or thinner air
        return density * (OEL_K / air.temperature_k) * (air.pressure_pa / OEL_PA)
    return density
