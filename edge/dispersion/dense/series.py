"""A release whose rate changes much, as a few dense clouds one after the other.

A dense cloud is not linear in its rate, so each stretch is solved by itself, for its own mass; that
a later one meets air which an earlier one has already changed is left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from edge.dispersion.arrays import Floats
from edge.dispersion.emission import Emission, Kind, Step
from edge.dispersion.notes import ModelUse, Note
from edge.dispersion.solution import Solution

UNEQUAL = 2.0  # times: rates this far apart are not one stretch
MOST_PARTS = 4


def stretches(emission: Emission) -> tuple[Emission, ...]:
    """Return the emission cut into at most `MOST_PARTS` of rates within a factor of each other.

    The factor is `UNEQUAL`, doubled until the parts are few enough; steps without gas are left out.
    """
    steps = tuple(step for step in emission.steps if step.rate_kg_s > 0)
    if emission.kind is Kind.INSTANT or len(steps) < 2:
        return (emission,)
    factor = UNEQUAL
    parts = _cut(steps, factor)
    while len(parts) > MOST_PARTS:
        factor *= 2.0
        parts = _cut(steps, factor)
    if len(parts) == 1:
        return (emission,)
    return tuple(replace(emission, steps=part) for part in parts)


def _cut(steps: tuple[Step, ...], factor: float) -> list[tuple[Step, ...]]:
    parts: list[tuple[Step, ...]] = []
    own: list[Step] = []
    for step in steps:
        rates = [one.rate_kg_s for one in (*own, step)]
        if own and max(rates) > factor * min(rates):
            parts.append(tuple(own))
            own = []
        own.append(step)
    return [*parts, tuple(own)]


@dataclass(frozen=True, slots=True)
class DenseSeries:
    """Dense clouds of one release, each from its own `starts_s` [s] on; the face is `Solution`'s.

    `whole` is the release at its greatest rate for the same mass: what a peak cannot exceed;
    `pure_kg_m3` [kg/m3] the concentration of undiluted gas.
    """

    parts: tuple[Solution, ...]
    starts_s: tuple[float, ...]
    whole: Solution
    pure_kg_m3: float

    @property
    def substance(self) -> str:
        """Return the id of the gas."""
        return self.whole.substance

    @property
    def origin_m(self) -> tuple[float, float]:
        """Return the source's place in site metres."""
        return self.whole.origin_m

    @property
    def heading_deg(self) -> float:
        """Return where the clouds go [deg, clockwise from north]."""
        return self.whole.heading_deg

    @property
    def horizon_s(self) -> float:
        """Return until when [s] all of them hold."""
        pairs = zip(self.starts_s, self.parts, strict=True)
        return min(start + part.horizon_s for start, part in pairs)

    @property
    def models(self) -> tuple[ModelUse, ...]:
        """Return the models that were used."""
        return self.whole.models

    @property
    def notes(self) -> tuple[Note, ...]:
        """Return the notes of all, each once; that of one greatest rate gives way to our own."""
        every = (self.whole, *self.parts)
        found = {(note.id, str(note)): note for one in every for note in one.notes}
        kept = [note for note in found.values() if note.id != "dispersion.note.dense-steps"]
        return (*kept, Note("dispersion.note.dense-series", {"parts": len(self.parts)}))

    def concentration(self, x_m: Floats, y_m: Floats, z_m: float, t_s: float) -> Floats:
        """As `Solution.concentration`: the sum of the clouds that are under way."""
        pairs = zip(self.starts_s, self.parts, strict=True)
        return np.sum([one.concentration(x_m, y_m, z_m, t_s - at) for at, one in pairs], axis=0)

    def peak(self, x_m: Floats, y_m: Floats, z_m: float, averaging_s: float) -> Floats:
        """As `Solution.peak`: the sum of the peaks, at most the peak of one greatest rate.

        They come one after the other: a mean over all of them is the sum, a short one is less.
        """
        peaks = [one.peak(x_m, y_m, z_m, averaging_s) for one in self.parts]
        return np.minimum(np.sum(peaks, axis=0), self.whole.peak(x_m, y_m, z_m, averaging_s))

    def load(self, x_m: Floats, y_m: Floats, z_m: float, exponent: float) -> Floats:
        """As `Solution.load`: the sum for n = 1; else what one greatest rate brings, within bounds.

        For n > 1 the sum is the least, of clouds that never meet, and (sum load^(1/n))^n the most
        (Minkowski).
        """
        loads = np.array([one.load(x_m, y_m, z_m, exponent) for one in self.parts])
        if exponent <= 1.0:
            return np.sum(loads, axis=0)
        bound = np.sum(loads ** (1.0 / exponent), axis=0) ** exponent
        least = np.sum(loads, axis=0)
        whole = self.whole.load(x_m, y_m, z_m, exponent)
        return np.clip(whole, least, bound)
