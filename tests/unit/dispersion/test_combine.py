"""Solutions put together: sums, envelopes and means of what each says by itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.dispersion.combine import Envelope, Mean, Together
from edge.dispersion.notes import ModelUse, Note, RefusedError


@dataclass(frozen=True)
class Flat:
    """A cloud of one concentration everywhere, for `lasts_s`."""

    level: float
    lasts_s: float = 60.0
    substance: str = "chlorine"
    origin_m: tuple[float, float] = (0.0, 0.0)
    heading_deg: float = 90.0
    horizon_s: float = 3600.0
    models: tuple[ModelUse, ...] = (ModelUse("flat", Note("dispersion.model.flat")),)
    notes: tuple[Note, ...] = (Note("dispersion.note.flat"),)

    def concentration(self, x_m, y_m, z_m, t_s):
        return np.full(x_m.shape, self.level if t_s < self.lasts_s else 0.0)

    def peak(self, x_m, y_m, z_m, averaging_s):
        return np.full(x_m.shape, self.level * min(1.0, self.lasts_s / averaging_s))

    def load(self, x_m, y_m, z_m, exponent):
        return np.full(x_m.shape, self.level**exponent * self.lasts_s)


POINT = np.array([[1.0]])
LEVELS = st.lists(st.floats(1e-6, 1.0), min_size=1, max_size=4)


@given(LEVELS, st.floats(1.0, 3.0))
def test_emissions_add_up(levels: list[float], exponent: float):
    """The load of the sum is what one cloud of the summed concentration would give."""
    found = Together(tuple(Flat(level) for level in levels))
    assert found.concentration(POINT, POINT, 1.5, 1.0)[0, 0] == pytest.approx(sum(levels))
    assert found.peak(POINT, POINT, 1.5, 60.0)[0, 0] == pytest.approx(sum(levels))
    expected = Flat(sum(levels)).load(POINT, POINT, 1.5, exponent)
    assert found.load(POINT, POINT, 1.5, exponent) == pytest.approx(expected)


@given(LEVELS)
def test_a_zone_covers_what_either_model_says(levels: list[float]):
    """The envelope is the greatest, the mean lies between."""
    parts = tuple(Flat(level) for level in levels)
    worst = Envelope(parts).peak(POINT, POINT, 1.5, 60.0)[0, 0]
    middle = Mean(parts).peak(POINT, POINT, 1.5, 60.0)[0, 0]
    assert worst == max(levels)
    assert min(levels) * (1 - 1e-12) <= middle <= worst * (1 + 1e-12)


def test_models_and_notes_are_said_once():
    """Two parts by the same model are one line for the reader."""
    found = Envelope((Flat(1.0), Flat(2.0)))
    assert len(found.models) == len(found.notes) == 1
    assert found.horizon_s == 3600.0
    assert (found.substance, found.origin_m, found.heading_deg) == ("chlorine", (0.0, 0.0), 90.0)


def test_two_gases_do_not_add_up():
    """Concentrations of different gases have no sum; nor has nothing."""
    with pytest.raises(RefusedError, match="ammonia, chlorine"):
        Together((Flat(1.0), Flat(1.0, substance="ammonia")))
    with pytest.raises(RefusedError, match="at least one"):
        Mean(())
