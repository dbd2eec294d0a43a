"""Indoor concentration: exact on every stretch, with windows that close and open."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.dispersion.consequence.indoor import Airing, indoors
from edge.dispersion.notes import RefusedError
from tests.evidence import indoor as evidence
from tests.evidence.case import REFERENCE

STEP = ([0.0, 600.0, 600.0, 3600.0], [1.0, 1.0, 0.0, 0.0])


@pytest.mark.skipif(not REFERENCE.is_dir(), reason="no reference folder (SUIAN_REFERENCE)")
def test_the_reference_step_is_met_to_every_printed_digit():
    """Concentration and dose of the closed form, all air changes, cloud lengths and times."""
    cases = evidence.cases()
    assert len(cases) >= 50
    assert max(case.error for case in cases) < 1e-9
    assert evidence.figures() == {"indoor_max_rel": max(case.error for case in cases)}


@settings(max_examples=20, deadline=None)
@given(
    values=st.lists(st.floats(0, 10), min_size=2, max_size=6),
    step=st.floats(0.1, 3e3),
    ach=st.floats(0, 100),
)
def test_the_answer_solves_the_equation(values, step, ach):
    """Against a fine Runge-Kutta integration of dCi/dt = k (Co - Ci)."""
    times = [step * k for k in range(len(values))]
    found = indoors(times, values, [Airing(0.0, ach)])
    rate = ach / 3600
    fine = max(60, math.ceil(20 * rate * step))
    inside, dose = 0.0, 0.0
    h = step / fine
    for k in range(len(values) - 1):
        outdoor = np.linspace(values[k], values[k + 1], 2 * fine + 1)
        for j in range(fine):
            c0, c1, c2 = outdoor[2 * j : 2 * j + 3]
            k1 = rate * (c0 - inside)
            k2 = rate * (c1 - inside - 0.5 * h * k1)
            k3 = rate * (c1 - inside - 0.5 * h * k2)
            k4 = rate * (c2 - inside - h * k3)
            after = inside + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
            middle = inside + h / 2 * (k1 + k2) / 2
            dose += h / 6 * (inside + 4 * middle + after)
            inside = after
    scale = max(values) + 1e-12
    assert found.inside[-1] == pytest.approx(inside, abs=1e-6 * scale)
    assert found.dose[-1] == pytest.approx(dose, rel=1e-3, abs=1e-4 * scale * times[-1])


@given(
    values=st.lists(st.floats(0, 10), min_size=2, max_size=20),
    ach=st.lists(st.floats(0, 100), min_size=1, max_size=3),
)
def test_indoors_never_passes_the_outdoor_peak(values, ach):
    """Nor is any concentration, dose or load below 0, whatever the windows do."""
    times = [100.0 * k for k in range(len(values))]
    found = indoors(times, values, [Airing(250.0 * k, a) for k, a in enumerate(ach)])
    most = max(values)
    assert 0 <= found.peak <= most * (1 + 1e-9) + 1e-12
    assert np.all(found.inside >= 0)
    assert np.all(found.inside <= found.peak * (1 + 1e-9) + 1e-12)
    assert np.all(np.diff(found.dose) >= 0)
    assert found.outdoor_dose == pytest.approx(np.trapezoid(values, times))
    assert found.load(1.0) == pytest.approx(found.dose[-1], rel=1e-6, abs=1e-9)


def test_a_load_indoors_is_less_than_outdoors():
    """What a closed house takes off grows with n: the peak is cut."""
    found = indoors(*STEP, [Airing(0.0, 0.5)])
    assert found.load(2.75) < found.load(1.0) < found.outdoor_dose
    tenfold = indoors(*STEP, [Airing(0.0, 100.0)])
    assert tenfold.load(2.75) == pytest.approx(600, rel=0.1)


def test_windows_closed_when_the_cloud_comes_and_opened_when_it_is_gone():
    """Both save dose; either alone saves less."""

    def dose(*airing):
        return indoors(*STEP, list(airing)).dose[-1]

    always_open = dose(Airing(0, 5))
    closed = dose(Airing(0, 0.5))
    both = dose(Airing(0, 0.5), Airing(600, 5))
    late = dose(Airing(0, 5), Airing(300, 0.5))
    assert both < closed < always_open
    assert late > closed


def test_closing_windows_on_gas_keeps_it_in():
    """A house closed after the cloud has passed breathes it longer than one left open."""
    shut_late = indoors(*STEP, [Airing(0, 5), Airing(600, 0.5)])
    left_open = indoors(*STEP, [Airing(0, 5)])
    assert shut_late.dose[-1] > left_open.dose[-1]


def test_the_peak_within_a_stretch_is_found():
    """A falling outdoor concentration is met in the middle: the top is no grid point."""
    found = indoors([0.0, 3600.0], [1.0, 0.0], [Airing(0, 2.0)])
    fine = [found.at(t) for t in np.linspace(0, 3600, 3601)]
    assert found.peak == pytest.approx(max(fine), rel=1e-6)
    assert found.peak_s == pytest.approx(float(np.argmax(fine)), abs=1.5)


@pytest.mark.parametrize(
    ("times", "values", "airing", "text"),
    [
        ([0, 1], [1, math.nan], [Airing(0, 1)], "below 0 or none"),
        ([0, 1], [1, -1], [Airing(0, 1)], "below 0 or none"),
        ([1, 0], [1, 1], [Airing(0, 1)], "times must be numbers that rise"),
        ([0, 0], [1, 1], [Airing(0, 1)], "times must be numbers that rise"),
        ([0], [1], [Airing(0, 1)], "two lists of one length"),
        ([0, 1], [1, 1, 1], [Airing(0, 1)], "two lists of one length"),
        ([0, 1], [1, 1], [], "no air changes"),
        ([0, 1], [1, 1], [Airing(0, -1)], "0 to 100 per hour"),
        ([0, 1], [1, 1], [Airing(0, 1000)], "0 to 100 per hour"),
        ([0, 1], [1, 1], [Airing(5, 1), Airing(2, 1)], "must rise"),
    ],
)
def test_a_broken_series_is_refused(times, values, airing, text):
    """The text says what is wrong with it."""
    with pytest.raises(RefusedError, match=text):
        indoors(times, values, airing)


def test_a_time_outside_the_series_is_refused():
    """Nothing is said of what was not computed."""
    with pytest.raises(RefusedError, match="outside the series"):
        indoors(*STEP, [Airing(0, 1)]).at(4000.0)
