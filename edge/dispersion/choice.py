"""Which family of models a release belongs to: dense, passive, or near enough to be both.

The source's Richardson number is that of Britter and McQuaid (1988), Workbook on the Dispersion of
Dense Gases, HSE Contract Research Report 17/1988, section 3 (eq. 3.1 and 3.2, there as roots):

    continuous     Ri = g' q / (U^3 D)         dense where Ri^(1/3) >= 0.15
    instantaneous  Ri = g' V^(1/3) / U^2       dense where Ri^(1/2) >= 0.2
    g' = g (rho - rho_a) / rho_a

with q [m3/s] and V [m3] of what enters the air *after* flash, rain-out and expansion, rho its
mixture density with droplets [kg/m3], D [m] the source's width and U [m/s] the wind at 10 m. Within
a factor `NEAR` of the threshold neither family may be trusted alone: both are solved, zones show
their union and inference their mean. Within one incident the family changes only where Ri has
passed the threshold by the factor `STICKY`, so that a zone does not flicker.

Beside it stands the regulator's rule, HJ 169-2018 annex G, on the same numbers: `hj169`.
Domain: U > 0; in calm air no family is chosen (see `weather.calm`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from edge.dispersion.constants import AIR_KG_MOL, GRAVITY, dry_air_kg_m3
from edge.dispersion.emission import Emission, Kind, Step
from edge.dispersion.notes import Note, RefusedError
from edge.dispersion.weather.weather import Weather
from edge.substance.fluid import GAS_CONSTANT, Fluid, OutOfRangeError

CRITICAL = {False: 0.15**3, True: 0.2**2}  # by instant or not
NEAR = 3.0
STICKY = 1.5
HJ_CONTINUOUS, HJ_INSTANT = 1 / 6, 0.04
LEAST_WIND_M_S = 1e-6


class Family(StrEnum):
    """What a release behaves like."""

    DENSE = "dense"
    PASSIVE = "passive"


@dataclass(frozen=True, slots=True)
class Choice:
    """The family, its Richardson number over the threshold, and whether both are to be solved.

    `ratio` is Ri over its critical value (below 0: lighter than air); `density_kg_m3` [kg/m3] the
    mixture's at the source; `regulator` what HJ 169-2018 annex G says of the same release.
    """

    family: Family
    both: bool
    ratio: float
    density_kg_m3: float
    air_kg_m3: float
    regulator: Family

    @property
    def note(self) -> Note:
        """Return the choice in words."""
        name = "both" if self.both else self.family.value
        params = {
            "ratio": round(self.ratio, 3),
            "rho": round(self.density_kg_m3, 3),
            "air": round(self.air_kg_m3, 3),
        }
        return Note(f"dispersion.note.choice.{name}", params)


def choose(
    emission: Emission,
    fluid: Fluid,
    weather: Weather,
    wind_10m_m_s: float,
    standing: Family | None = None,
) -> Choice:
    """Return the family of `emission` in `weather`, whose wind at 10 m is `wind_10m_m_s` [m/s].

    `standing` is the family that this incident has so far, which only a clear change replaces.
    Raises `RefusedError` where the wind is not above 0 or the emission has no step.
    """
    if not (math.isfinite(wind_10m_m_s) and wind_10m_m_s > LEAST_WIND_M_S):
        raise RefusedError("dispersion.refused.choice.wind", value=wind_10m_m_s)
    step = strongest(emission)
    density = mixture_density(step, emission.air_fraction, fluid, weather.pressure_pa)
    air = air_density(weather)
    excess = (density - air) / air
    volume = _volume(emission, step, density)
    width = 2 * math.sqrt(step.area_m2 / math.pi)
    instant = emission.kind is Kind.INSTANT
    ratio = richardson(excess, volume, width, wind_10m_m_s, instant) / CRITICAL[instant]
    return Choice(
        family=_family(ratio, standing),
        both=1 / NEAR < ratio < NEAR,
        ratio=ratio,
        density_kg_m3=density,
        air_kg_m3=air,
        regulator=hj169(excess, volume, width, wind_10m_m_s, instant),
    )


def richardson(
    excess: float, volume: float, width_m: float, wind_m_s: float, instant: bool
) -> float:
    """Return the source's Ri; `excess` is (rho - rho_a) / rho_a, `volume` [m3/s], or [m3] at once.

    Below 0 for a gas lighter than air.
    """
    if instant:
        return GRAVITY * excess * volume ** (1 / 3) / wind_m_s**2
    return GRAVITY * excess * volume / (wind_m_s**3 * width_m)


def hj169(excess: float, volume: float, width_m: float, wind_m_s: float, instant: bool) -> Family:
    """Return the family by HJ 169-2018 annex G, eq. G.2 and G.3 (wind at 10 m).

    Continuous Ri = [g q / D (rho - rho_a) / rho_a]^(1/3) / U, dense from 1/6; instantaneous
    Ri = g V^(1/3) / U^2 (rho - rho_a) / rho_a, dense above 0.04; lighter than air is never dense.
    """
    if excess <= 0:
        return Family.PASSIVE
    ri = richardson(excess, volume, width_m, wind_m_s, instant)
    dense = ri > HJ_INSTANT if instant else ri ** (1 / 3) >= HJ_CONTINUOUS
    return Family.DENSE if dense else Family.PASSIVE


def strongest(emission: Emission) -> Step:
    """Return the step with the greatest rate (the one step of an instant emission)."""
    if not emission.steps:
        raise RefusedError("dispersion.refused.choice.empty", substance=emission.substance)
    return max(emission.steps, key=lambda step: step.rate_kg_s)


def mixture_density(step: Step, air_fraction: float, fluid: Fluid, pressure_pa: float) -> float:
    """Return the density [kg/m3] of vapour, droplets and air already mixed in, at `pressure_pa`.

    Volumes add; the vapour is an ideal gas. `Step.liquid_fraction` is the droplets' share of all.
    Raises `RefusedError` for shares that make no mixture, and for droplets where there is no
    liquid.
    """
    droplets = step.liquid_fraction
    vapour = 1.0 - droplets - air_fraction
    if not (0 <= droplets <= 1 and 0 <= air_fraction <= 1 and vapour >= -1e-12):
        raise RefusedError("dispersion.refused.choice.fractions", liquid=droplets, air=air_fraction)
    molar = GAS_CONSTANT * step.temperature_k / pressure_pa
    volume = max(vapour, 0.0) * molar / fluid.molar_mass_kg_mol + air_fraction * molar / AIR_KG_MOL
    if droplets > 0:
        volume += droplets / _liquid_density(fluid, step.temperature_k)
    return 1.0 / volume


def _liquid_density(fluid: Fluid, temperature_k: float) -> float:
    try:
        return fluid.liquid_density_kg_m3(temperature_k)
    except OutOfRangeError as error:
        raise RefusedError(
            "dispersion.refused.choice.droplets",
            substance=fluid.id,
            celsius=f"{temperature_k - 273.15:.0f}",
            low=f"{error.low - 273.15:.0f}",
            high=f"{error.high - 273.15:.0f}",
        ) from None


def air_density(weather: Weather) -> float:
    """Return the density of the air around [kg/m3], taken as dry."""
    return dry_air_kg_m3(weather.temperature_k, weather.pressure_pa)


def _volume(emission: Emission, step: Step, density: float) -> float:
    """Return what enters the air [m3/s], or at once [m3]."""
    mass = emission.mass_kg if emission.kind is Kind.INSTANT else step.rate_kg_s
    return mass / density


def _family(ratio: float, standing: Family | None) -> Family:
    """Return the family for Ri over its critical value; see `STICKY`."""
    if standing is Family.DENSE:
        return Family.DENSE if ratio > 1 / STICKY else Family.PASSIVE
    if standing is Family.PASSIVE:
        return Family.PASSIVE if ratio < STICKY else Family.DENSE
    return Family.DENSE if ratio >= 1 else Family.PASSIVE
