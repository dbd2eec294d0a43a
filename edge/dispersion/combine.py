"""Several solutions as one: emissions that add up, families that disagree.

`Together` adds what the emissions of one release bring (a jet and the pool it rained into).
`Envelope` shows, point by point, the worse of two models of the same emission: what a zone must
cover. `Mean` is what inference uses of them: neither model's jump.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from edge.dispersion.notes import ModelUse, Note, RefusedError
from edge.dispersion.solution import Floats, Solution, peaks


@dataclass(frozen=True, slots=True)
class _Several:
    """Solutions of one gas; what is not a concentration is the first one's, or all of them."""

    parts: tuple[Solution, ...]

    def __post_init__(self) -> None:
        if not self.parts:
            raise RefusedError("dispersion.refused.combine.none")
        names = sorted({part.substance for part in self.parts})
        if len(names) > 1:
            raise RefusedError("dispersion.refused.combine.gases", gases=", ".join(names))

    @property
    def substance(self) -> str:
        """Return the id of the gas."""
        return self.parts[0].substance

    @property
    def origin_m(self) -> tuple[float, float]:
        """Return the first source's place in site metres."""
        return self.parts[0].origin_m

    @property
    def heading_deg(self) -> float:
        """Return where the first cloud mainly goes [deg]."""
        return self.parts[0].heading_deg

    @property
    def horizon_s(self) -> float:
        """Return until when all of them hold [s]."""
        return min(part.horizon_s for part in self.parts)

    @property
    def models(self) -> tuple[ModelUse, ...]:
        """Return the models of all, each once."""
        return tuple({use.id: use for part in self.parts for use in part.models}.values())

    @property
    def notes(self) -> tuple[Note, ...]:
        """Return the notes of all, each once."""
        found = {(note.id, str(note)): note for part in self.parts for note in part.notes}
        return tuple(found.values())

    def _all(self, value: Callable[[Solution], Floats]) -> Floats:
        return np.stack([value(part) for part in self.parts])


class Together(_Several):
    """The sum of emissions that leave at the same time.

    `peak` adds the parts' peaks, though they may come at different times: never too small.
    `load` with n != 1 is bounded from above by Minkowski's inequality, (sum load_i^(1/n))^n.
    """

    __slots__ = ()

    def concentration(self, x_m: Floats, y_m: Floats, z_m: float, t_s: float) -> Floats:
        """Return the sum of the concentrations [kg/m3]."""
        return self._all(lambda part: part.concentration(x_m, y_m, z_m, t_s)).sum(axis=0)

    def peak(self, x_m: Floats, y_m: Floats, z_m: float, averaging_s: float) -> Floats:
        """Return the sum of the peaks [kg/m3]."""
        return self._all(lambda part: part.peak(x_m, y_m, z_m, averaging_s)).sum(axis=0)

    def peaks(
        self, x_m: Floats, y_m: Floats, z_m: float, averagings_s: tuple[float, ...]
    ) -> Floats:
        """Return the sums of the peaks for each time: (times, *shape of `x_m`) [kg/m3]."""
        return self._all(lambda part: peaks(part, x_m, y_m, z_m, averagings_s)).sum(axis=0)

    def load(self, x_m: Floats, y_m: Floats, z_m: float, exponent: float) -> Floats:
        """Return the toxic load's upper bound [(kg/m3)^n s]; exact for n = 1."""
        if exponent < 1:
            return self._all(lambda part: part.load(x_m, y_m, z_m, exponent)).sum(axis=0)
        loads = self._all(lambda part: part.load(x_m, y_m, z_m, exponent))
        return (loads ** (1 / exponent)).sum(axis=0) ** exponent


class Envelope(_Several):
    """The worst of several models of the same emission, point by point."""

    __slots__ = ()

    def concentration(self, x_m: Floats, y_m: Floats, z_m: float, t_s: float) -> Floats:
        """Return the greatest concentration [kg/m3]."""
        return self._all(lambda part: part.concentration(x_m, y_m, z_m, t_s)).max(axis=0)

    def peak(self, x_m: Floats, y_m: Floats, z_m: float, averaging_s: float) -> Floats:
        """Return the greatest peak [kg/m3]."""
        return self._all(lambda part: part.peak(x_m, y_m, z_m, averaging_s)).max(axis=0)

    def peaks(
        self, x_m: Floats, y_m: Floats, z_m: float, averagings_s: tuple[float, ...]
    ) -> Floats:
        """Return the greatest peaks for each time: (times, *shape of `x_m`) [kg/m3]."""
        return self._all(lambda part: peaks(part, x_m, y_m, z_m, averagings_s)).max(axis=0)

    def load(self, x_m: Floats, y_m: Floats, z_m: float, exponent: float) -> Floats:
        """Return the greatest load [(kg/m3)^n s]."""
        return self._all(lambda part: part.load(x_m, y_m, z_m, exponent)).max(axis=0)


class Mean(_Several):
    """The mean of several models of the same emission: for inference, which must not jump."""

    __slots__ = ()

    def concentration(self, x_m: Floats, y_m: Floats, z_m: float, t_s: float) -> Floats:
        """Return the mean concentration [kg/m3]."""
        return self._all(lambda part: part.concentration(x_m, y_m, z_m, t_s)).mean(axis=0)

    def peak(self, x_m: Floats, y_m: Floats, z_m: float, averaging_s: float) -> Floats:
        """Return the mean of the peaks [kg/m3]."""
        return self._all(lambda part: part.peak(x_m, y_m, z_m, averaging_s)).mean(axis=0)

    def peaks(
        self, x_m: Floats, y_m: Floats, z_m: float, averagings_s: tuple[float, ...]
    ) -> Floats:
        """Return the means of the peaks for each time: (times, *shape of `x_m`) [kg/m3]."""
        return self._all(lambda part: peaks(part, x_m, y_m, z_m, averagings_s)).mean(axis=0)

    def load(self, x_m: Floats, y_m: Floats, z_m: float, exponent: float) -> Floats:
        """Return the mean of the loads [(kg/m3)^n s]."""
        return self._all(lambda part: part.load(x_m, y_m, z_m, exponent)).mean(axis=0)
