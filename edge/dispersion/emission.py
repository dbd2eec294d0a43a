"""The emission: what a source model gives and a dispersion model takes.

It is the state where the gas enters the open air at ambient pressure: after flash, rain-out and
the jet's expansion, or over a pool, or out of a building's door.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from edge.dispersion.notes import ModelUse, Note


class Kind(StrEnum):
    """How the gas enters the air."""

    POOL = "pool"  # evaporates from the ground over `area_m2`
    JET = "jet"  # through `area_m2` with `velocity_m_s`, rising by `elevation_deg`
    VENT = "vent"  # out of an opening of a building, without momentum
    INSTANT = "instant"  # all at once: `mass_kg`


@dataclass(frozen=True, slots=True)
class Step:
    """A stretch of an emission with constant state, times in s since the release began.

    `rate_kg_s` is all that enters the air [kg/s], air already mixed in (`Emission.air_fraction` of
    it) included; `liquid_fraction` the mass fraction of it that is droplets; `temperature_k` [K]
    its temperature, `area_m2` [m2] the source's area and `velocity_m_s` [m/s] its speed through it
    (0 but for a jet).
    """

    start_s: float
    end_s: float
    rate_kg_s: float
    temperature_k: float
    area_m2: float
    velocity_m_s: float = 0.0
    liquid_fraction: float = 0.0


@dataclass(frozen=True, slots=True)
class Emission:
    """What enters the air of `substance` (its id) at (`x_m`, `y_m`) site metres, `height_m` up.

    `steps` follow each other without a gap and are never empty but for an instant emission, whose
    whole mass is `mass_kg` [kg] in the state of its one step (`rate_kg_s` 0). `air_fraction` is
    the mass fraction of `rate_kg_s` and `mass_kg` that is air already mixed in (0 for a pure
    release): of the gas itself there is 1 - `air_fraction` of them.
    `elevation_deg` [deg] is a jet's angle above the horizontal, downwind.
    """

    substance: str
    kind: Kind
    x_m: float
    y_m: float
    height_m: float
    steps: tuple[Step, ...]
    mass_kg: float = 0.0
    air_fraction: float = 0.0
    elevation_deg: float = 0.0
    models: tuple[ModelUse, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def duration_s(self) -> float:
        """Return how long the emission lasts [s]; 0 for an instant one."""
        return 0.0 if self.kind is Kind.INSTANT else self.steps[-1].end_s

    @property
    def total_kg(self) -> float:
        """Return the mass that enters the air [kg], air already mixed in included."""
        if self.kind is Kind.INSTANT:
            return self.mass_kg
        return sum(step.rate_kg_s * (step.end_s - step.start_s) for step in self.steps)
