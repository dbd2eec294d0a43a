"""The plume to expect where the weather is not known: the mean over equally likely weathers.

A zone is drawn with the careful side of what is not known (`weather.station.Appraisal`), while the
best estimate of a concentration is the mean: under unknown clouds over every cloud cover, 0 to 8
eighths (`weather.station.appraise` with each). Of peaks and loads it is the mean of peaks and
loads, which is never below the peak of the mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge.dispersion.arrays import Floats
from edge.dispersion.emission import Emission
from edge.dispersion.notes import ModelUse, Note, RefusedError
from edge.dispersion.passive.plume.similarity_plume import Terms
from edge.dispersion.passive.plume.steady import SIMILARITY, SteadyPlume, solve
from edge.dispersion.weather.weather import Weather


@dataclass(frozen=True, slots=True)
class ExpectedPlume:
    """Equally likely plumes of one emission; the face is `Solution`'s."""

    plumes: tuple[SteadyPlume, ...]

    @property
    def substance(self) -> str:
        """Return the id of the gas."""
        return self.plumes[0].substance

    @property
    def origin_m(self) -> tuple[float, float]:
        """Return the source's place in site metres."""
        return self.plumes[0].origin_m

    @property
    def heading_deg(self) -> float:
        """Return where the first plume goes [deg, clockwise from north]."""
        return self.plumes[0].heading_deg

    @property
    def horizon_s(self) -> float:
        """Return until when [s] all plumes hold."""
        return min(plume.horizon_s for plume in self.plumes)

    @property
    def models(self) -> tuple[ModelUse, ...]:
        """Return the models of the first plume; all have the same."""
        return self.plumes[0].models

    @property
    def notes(self) -> tuple[Note, ...]:
        """Return the notes of all plumes, each once, and that this is a mean."""
        mean = Note("dispersion.note.mean-of-weathers", {"count": len(self.plumes)})
        kept: list[Note] = [mean]
        for plume in self.plumes:
            kept += [note for note in plume.notes if note not in kept]
        return tuple(kept)

    def concentration(self, x_m: Floats, y_m: Floats, z_m: float, t_s: float) -> Floats:
        """As `Solution.concentration`."""
        return np.mean([p.concentration(x_m, y_m, z_m, t_s) for p in self.plumes], axis=0)

    def peak(self, x_m: Floats, y_m: Floats, z_m: float, averaging_s: float) -> Floats:
        """As `Solution.peak`, the mean of the plumes' peaks."""
        return np.mean([p.peak(x_m, y_m, z_m, averaging_s) for p in self.plumes], axis=0)

    def load(self, x_m: Floats, y_m: Floats, z_m: float, exponent: float) -> Floats:
        """As `Solution.load`, the mean of the plumes' loads."""
        return np.mean([p.load(x_m, y_m, z_m, exponent) for p in self.plumes], axis=0)


def expected(
    emission: Emission,
    weathers: Sequence[Weather],
    molar_mass_kg_mol: float,
    sigmas: str = SIMILARITY,
    terms: Terms | None = None,
) -> ExpectedPlume:
    """Return the mean plume over `weathers`; refuses as `steady.solve` does, and an empty list."""
    if not weathers:
        raise RefusedError("dispersion.refused.plume-no-weather")
    plumes = (solve(emission, air, molar_mass_kg_mol, sigmas, terms) for air in weathers)
    return ExpectedPlume(tuple(plumes))
