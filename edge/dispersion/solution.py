"""The solution: the one face that every dispersion model shows to zones, doses and screens."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np

from edge.dispersion.arrays import Floats
from edge.dispersion.emission import Emission
from edge.dispersion.notes import ModelUse, Note


class Solution(Protocol):
    """Where the gas is, in site metres (x east, y north), times in s since the release began.

    Concentrations are the mean over many like clouds [kg/m3]; arrays keep the shape of `x_m`.
    A point beside or upwind of the cloud is 0; a point inside the source has the source's value;
    nothing is ever NaN. What a model cannot answer it refuses with `RefusedError`.
    """

    @property
    def substance(self) -> str:
        """Return the id of the gas."""
        ...

    @property
    def origin_m(self) -> tuple[float, float]:
        """Return the source's place in site metres."""
        ...

    @property
    def heading_deg(self) -> float:
        """Return where the cloud mainly goes [deg, clockwise from north], for grids along it."""
        ...

    @property
    def horizon_s(self) -> float:
        """Return until when [s] the solution holds."""
        ...

    @property
    def models(self) -> tuple[ModelUse, ...]:
        """Return the models that were used, first in the chain first."""
        ...

    @property
    def notes(self) -> tuple[Note, ...]:
        """Return what a reader must know of this solution."""
        ...

    def concentration(self, x_m: Floats, y_m: Floats, z_m: float, t_s: float) -> Floats:
        """Return the concentration [kg/m3] at `z_m` [m] above ground at `t_s` [s]."""
        ...

    def peak(self, x_m: Floats, y_m: Floats, z_m: float, averaging_s: float) -> Floats:
        """Return the greatest mean over `averaging_s` [s] that ever comes [kg/m3]."""
        ...

    def load(self, x_m: Floats, y_m: Floats, z_m: float, exponent: float) -> Floats:
        """Return the toxic load, the integral of c^n over all time [(kg/m3)^n s]; n = `exponent`.

        n = 1 is the dose. The load of the mean concentration: where n > 1, less than the mean
        load, for gas comes in gusts.
        """
        ...


class OneEmission:
    """What a solution of one `emission` by one model says of itself, whatever the model."""

    __slots__ = ()
    emission: Emission
    use: ModelUse

    @property
    def substance(self) -> str:
        """Return the id of the gas."""
        return self.emission.substance

    @property
    def origin_m(self) -> tuple[float, float]:
        """Return the source's place in site metres."""
        return self.emission.x_m, self.emission.y_m

    @property
    def models(self) -> tuple[ModelUse, ...]:
        """Return the emission's models and this one."""
        return (*self.emission.models, self.use)

    @property
    def notes(self) -> tuple[Note, ...]:
        """Return the emission's notes and this model's."""
        return (*self.emission.notes, *self.use.notes)


@runtime_checkable
class ManyPeaks(Protocol):
    """A solution that has several averaging times from one look at its cloud."""

    def peaks(
        self, x_m: Floats, y_m: Floats, z_m: float, averagings_s: tuple[float, ...]
    ) -> Floats:
        """Return `peak` for each time [s]: (times, *shape of `x_m`) [kg/m3]."""
        ...


def peaks(
    solution: Solution, x_m: Floats, y_m: Floats, z_m: float, averagings_s: tuple[float, ...]
) -> Floats:
    """Return `solution.peak` for each of `averagings_s` [s]: (times, *shape of `x_m`) [kg/m3]."""
    if isinstance(solution, ManyPeaks):
        return solution.peaks(x_m, y_m, z_m, averagings_s)
    return np.stack([solution.peak(x_m, y_m, z_m, one) for one in averagings_s])
