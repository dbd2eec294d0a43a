"""A dense release whose rate changes much: cut into clouds one after the other."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.dispersion.dense.series import MOST_PARTS, DenseSeries, stretches
from edge.dispersion.dense.solve import DenseCloud, solve
from edge.dispersion.emission import Emission, Kind, Step
from edge.dispersion.weather.weather import Weather
from tests.unit.dispersion.fluids import CHLORINE

AIR = Weather(3.0, 10.0, 270.0, 293.0, 101_325.0, 0.6, 0.1, 0.27, 0.0, 3.5, math.inf)
BLOW_DOWN = (
    Step(0, 60, 10.0, 239.2, 0.2, 30.0, 0.8),
    Step(60, 180, 4.0, 239.2, 0.1, 30.0, 0.8),
    Step(180, 600, 1.0, 239.2, 0.03, 30.0, 0.8),
)
JET = Emission("chlorine", Kind.JET, 0.0, 0.0, 1.0, BLOW_DOWN)
AT = np.array([50.0, 200.0, 1000.0, 4000.0]), np.zeros(4)


def series() -> DenseSeries:
    """Return the blow-down solved."""
    found = solve(JET, AIR, CHLORINE)
    assert isinstance(found, DenseSeries)
    return found


@settings(max_examples=200)
@given(st.lists(st.floats(0.0, 100.0), min_size=1, max_size=30))
def test_stretches_keep_every_kilogram_and_are_few(rates: list[float]) -> None:
    """However the rate changes there are at most four parts, in order, of the same mass."""
    steps = tuple(Step(10.0 * n, 10.0 * n + 10.0, rate, 239.2, 1.0) for n, rate in enumerate(rates))
    whole = replace(JET, steps=steps)
    parts = stretches(whole)
    assert 1 <= len(parts) <= MOST_PARTS
    assert sum(part.total_kg for part in parts) == pytest.approx(whole.total_kg)
    starts = [part.steps[0].start_s for part in parts]
    assert starts == sorted(starts)


def test_like_rates_stay_one_cloud() -> None:
    """Rates within a factor of two are one cloud at the greatest rate, as before."""
    steps = (replace(BLOW_DOWN[0], rate_kg_s=6.0), BLOW_DOWN[1])
    assert isinstance(solve(replace(JET, steps=steps), AIR, CHLORINE), DenseCloud)


def test_the_dose_is_the_sum_and_near_the_one_clouds() -> None:
    """Gas is conserved: the dose is the parts' sum, beyond the near field about the one cloud's."""
    found = series()
    dose = found.load(*AT, 1.5, 1.0)
    assert dose == pytest.approx(sum(part.load(*AT, 1.5, 1.0) for part in found.parts))
    assert dose[2:] == pytest.approx(found.whole.load(*AT, 1.5, 1.0)[2:], rel=0.35)


def test_the_first_stretch_is_its_own_plume_and_the_last_still_blows() -> None:
    """While only the first part is under way it is that part; later there is what still leaks."""
    found = series()
    first = found.parts[0].concentration(*AT, 1.5, 50.0)
    assert found.concentration(*AT, 1.5, 50.0) == pytest.approx(first)
    late = found.concentration(*AT, 1.5, 590.0)[0]
    assert 0 < late < first[0]
    assert found.whole.concentration(*AT, 1.5, 590.0)[0] < late  # it has long passed


def test_a_peak_is_between_its_strongest_part_and_one_greatest_rate() -> None:
    """A short mean is the strongest part's; none exceeds the release at its greatest rate."""
    found = series()
    for averaging in (10.0, 60.0, 600.0, 3600.0):
        peak = found.peak(*AT, 1.5, averaging)
        strongest = np.max([part.peak(*AT, 1.5, averaging) for part in found.parts], axis=0)
        whole = found.whole.peak(*AT, 1.5, averaging)
        assert (peak <= whole * (1 + 1e-12)).all()
        assert (peak >= np.minimum(strongest, whole) * (1 - 1e-12)).all()
    least = sum(part.load(*AT, 1.5, 2.75) for part in found.parts)
    assert (found.load(*AT, 1.5, 2.75) >= least * (1 - 1e-12)).all()


def test_it_is_said() -> None:
    """The note tells how many clouds there are, in place of the one of a single rate."""
    ids = [note.id for note in series().notes]
    assert ids.count("dispersion.note.dense-series") == 1
    assert "dispersion.note.dense-steps" not in ids
