"""Toxic load, and AEGL values between their published times.

    load = integral C^n dt        equivalent steady concentration over t: (load / t)^(1/n)

ten Berge, Zwart and Appelman (1986), Journal of Hazardous Materials 13, 301-309, eq. 1.

The load of the mean field is less than the mean load wherever n > 1 (Jensen's inequality), for gas
comes in gusts: that is said every time. A `Fluctuation` may correct it, off unless it is given: for
a concentration that is lognormal with intensity i = std / mean while gas is there, and there for
the share g of the time,

    <C^n> / <C>^n = g^(1-n) (1 + i^2)^(n (n - 1) / 2)

the moments of the lognormal with intermittency; Wilson (1995), Concentration Fluctuations and
Averaging Time in Vapor Clouds, CCPS/AIChE, New York, chapters 3 and 7.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from edge.dispersion.notes import Note, RefusedError
from edge.dispersion.solution import Floats, Solution

MOST_EXPONENT = 6.0
MINUTE_S = 60.0
# NRC (2001), Standing Operating Procedures for Developing AEGLs, section 2.7: where n is not
# known, n = 1 from shorter to longer times and n = 3 from longer to shorter.
LONGER_N = 1.0


@dataclass(frozen=True, slots=True)
class Fluctuation:
    """How gusty a concentration is: `intensity` std / mean while gas is there, for `share` of time.

    `intensity` >= 0; 0 < `share` <= 1. Near the axis of a plume from a small source the intensity
    is about 1 and at its edges several times that (Wilson 1995).
    """

    intensity: float
    share: float = 1.0

    def factor(self, exponent: float) -> float:
        """Return the mean load over the load of the mean, >= 1 for n >= 1."""
        check_exponent(exponent)
        if not (self.intensity >= 0 and math.isfinite(self.intensity) and 0 < self.share <= 1):
            values = {"intensity": str(self.intensity), "share": str(self.share)}
            raise RefusedError("dispersion.refused.fluctuation", **values)
        gusts = (1 + self.intensity**2) ** (exponent * (exponent - 1) / 2)
        return self.share ** (1 - exponent) * gusts


@dataclass(frozen=True, slots=True)
class Load:
    """The toxic load at points [(kg/m3)^n s], for n = `exponent`, with what must be said of it."""

    values: Floats
    exponent: float
    notes: tuple[Note, ...]

    def equivalent(self, minutes: float) -> Floats:
        """Return the steady concentration [kg/m3] that gives the load in `minutes` [min]."""
        check_minutes(minutes)
        return (self.values / (minutes * MINUTE_S)) ** (1 / self.exponent)

    def in_mg_min(self) -> Floats:
        """Return the load in the units of probits, (mg/m3)^n min."""
        return self.values * 1e6**self.exponent / MINUTE_S


def toxic_load(
    solution: Solution,
    x_m: Floats,
    y_m: Floats,
    z_m: float,
    exponent: float,
    fluctuation: Fluctuation | None = None,
) -> Load:
    """Return the load at points of site metres, `z_m` [m] above ground; same shape.

    Raises `RefusedError` for an exponent that is not above 0 and at most 6, and for a solution
    that gives a load below 0 or none.
    """
    check_exponent(exponent)
    values = np.asarray(solution.load(x_m, y_m, z_m, exponent), dtype=np.float64)
    if not np.all(values >= 0):
        raise RefusedError("dispersion.refused.load-values")
    factor = 1.0 if fluctuation is None else fluctuation.factor(exponent)
    return Load(values * factor, exponent, load_notes(exponent, fluctuation))


def load_notes(exponent: float, fluctuation: Fluctuation | None) -> tuple[Note, ...]:
    """Return what must be said of a load: that the mean underrates it, or how it was corrected."""
    if fluctuation is not None:
        params = {
            "factor": round(fluctuation.factor(exponent), 2),
            "intensity": fluctuation.intensity,
            "share": fluctuation.share,
        }
        return (Note("dispersion.note.load-corrected", params),)
    if exponent > 1:
        return (Note("dispersion.note.load-underrated", {"n": exponent}),)
    return ()


def load_threshold(concentration_kg_m3: float, minutes: float, exponent: float) -> float:
    """Return C^n t [(kg/m3)^n s] of a steady concentration [kg/m3] breathed for `minutes`."""
    check_exponent(exponent)
    check_minutes(minutes)
    if not (concentration_kg_m3 > 0 and math.isfinite(concentration_kg_m3)):
        raise RefusedError("dispersion.refused.threshold", value=str(concentration_kg_m3))
    return concentration_kg_m3**exponent * minutes * MINUTE_S


def scaled_ppm(
    published: Mapping[float, float], minutes: float, exponent: float | None = None
) -> float:
    """Return a level at `minutes` [min] from its published times [min] and values, same unit.

    Between two published times it follows C^n t = const through both (log C over log t is
    straight); before the first it is the first's, which is careful and is what the AEGL committee
    holds to; after the last it follows C^n t with n = `exponent`, or n = 1 where that is not known.
    """
    check_minutes(minutes)
    if not published:
        raise RefusedError("dispersion.refused.level-empty", level="AEGL")
    times = sorted(published)
    if any(not (published[t] > 0 and t > 0) for t in times):
        raise RefusedError("dispersion.refused.threshold", value=str(dict(published)))
    if minutes > times[-1]:
        n = LONGER_N if exponent is None else exponent
        check_exponent(n)
        return published[times[-1]] * (times[-1] / minutes) ** (1 / n)
    if minutes in published:
        return published[minutes]
    logs = np.log([published[t] for t in times])
    return float(np.exp(np.interp(math.log(minutes), np.log(times), logs)))


def check_exponent(exponent: float) -> None:
    """Refuse a toxic exponent outside 0 < n <= 6."""
    if not 0 < exponent <= MOST_EXPONENT:
        raise RefusedError("dispersion.refused.exponent", value=str(exponent))


def check_minutes(minutes: float) -> None:
    """Refuse a time that is not above 0 and at most a day."""
    if not 0 < minutes <= 24 * 60:
        raise RefusedError("dispersion.refused.exposure", value=str(minutes))
