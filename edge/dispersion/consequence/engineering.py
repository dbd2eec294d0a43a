"""For engineers only: the fraction of people that a toxic load kills, by probit.

    Pr = a + b ln(C^n t)    C in mg/m3, t in min        fraction = (1 + erf((Pr - 5) / sqrt 2)) / 2

Finney (1971), Probit Analysis, 3rd ed., Cambridge; TNO Green Book, CPR 16E (1992), chapter 5;
coefficients for mg/m3 and minutes (with ppm the same coefficients are wrong).

Most coefficients are recalled, not checked against print, and a probit says nothing of one person:
so nothing that an operator or a trainee sees may import this module (import-linter holds that).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from edge.dispersion.consequence.toxic import Fluctuation, Load, toxic_load
from edge.dispersion.notes import Note, RefusedError
from edge.dispersion.solution import Floats, Solution


class Probit(Protocol):
    """The coefficients of Pr = a + b ln(C^n t) for mg/m3 and minutes."""

    @property
    def a(self) -> float:
        """Return the constant."""
        ...

    @property
    def b(self) -> float:
        """Return the slope, above 0."""
        ...

    @property
    def n(self) -> float:
        """Return the toxic exponent."""
        ...


@dataclass(frozen=True, slots=True)
class EngineeringFraction:
    """The fraction of people killed at points, 0 to 1, for a report that an engineer signs."""

    values: Floats
    notes: tuple[Note, ...]


def death_fraction(
    solution: Solution,
    x_m: Floats,
    y_m: Floats,
    z_m: float,
    probit: Probit,
    fluctuation: Fluctuation | None = None,
) -> EngineeringFraction:
    """Return the fraction killed outdoors at points of site metres, `z_m` [m] above ground.

    Everybody stays for the whole cloud. Raises `RefusedError` as `toxic_load` does, and for a
    probit whose coefficients are no numbers or whose b is not above 0.
    """
    load = toxic_load(solution, x_m, y_m, z_m, probit.n, fluctuation)
    return of_load(load, probit)


def of_load(load: Load, probit: Probit) -> EngineeringFraction:
    """Return the fraction killed by a load, which must have the probit's own n."""
    if not (math.isfinite(probit.a) and 0 < probit.b < math.inf):
        raise RefusedError("dispersion.refused.probit", a=str(probit.a), b=str(probit.b))
    if load.exponent != probit.n:
        raise RefusedError("dispersion.refused.probit-n", load=load.exponent, probit=probit.n)
    amount = np.atleast_1d(load.in_mg_min())
    units = np.full(amount.shape, -np.inf)  # no load kills nobody
    some = amount > 0
    units[some] = probit.a + probit.b * np.log(amount[some])
    fraction = np.array([_share(value) for value in units.ravel()]).reshape(load.values.shape)
    said = Note("dispersion.note.probit", {"a": probit.a, "b": probit.b, "n": probit.n})
    return EngineeringFraction(fraction, (said, *load.notes))


def _share(probit_units: float) -> float:
    """Return the fraction that probit units stand for, 0 to 1."""
    return 0.5 * math.erfc((5.0 - probit_units) / math.sqrt(2))
