"""Ensembles: even draws, probabilities that are shares, bands, the same every time."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.dispersion.ensemble import (
    Choice,
    LogNormal,
    Normal,
    Uniform,
    latin_hypercube,
    peak_over,
    run,
    weighted_quantiles,
)
from edge.dispersion.notes import RefusedError
from tests.unit.dispersion.analytic import Shape, bell

PEAK = peak_over(60.0, 1.5)
INPUTS = {"from_deg": Normal(270.0, 15.0), "rate": LogNormal(1.0, 2.0)}


def blob(sample):
    """Return a member: a spot 500 m downwind, as thick as its rate."""
    heading = sample["from_deg"] + 180.0
    turn = math.radians(heading)
    field = bell(500 * math.sin(turn), 500 * math.cos(turn), 80, 80, top=sample.get("rate", 1.0))
    return Shape(field, heading_deg=heading)


def test_a_latin_hypercube_uses_each_part_once():
    """Of 50 members one lies in each fiftieth of each input, and they are not in step."""
    samples = latin_hypercube({"a": Uniform(0, 1), "b": Uniform(10, 20)}, 50, seed=3)
    a = np.array([s["a"] for s in samples])
    b = np.array([(s["b"] - 10) / 10 for s in samples])
    for column in (a, b):
        assert sorted(np.floor(column * 50).astype(int)) == list(range(50))
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.4


def test_the_same_seed_draws_the_same_and_one_more_input_changes_no_other():
    """Reproducible, input by input."""
    one = latin_hypercube(INPUTS, 20, seed=7)
    two = latin_hypercube({**INPUTS, "more": Uniform(0, 1)}, 20, seed=7)
    assert one == latin_hypercube(INPUTS, 20, seed=7)
    assert [s["rate"] for s in one] == [s["rate"] for s in two]
    assert one != latin_hypercube(INPUTS, 20, seed=8)


def test_the_draws_have_their_distributions():
    """Medians and spreads of 400 draws."""
    wanted = {**INPUTS, "s": Normal(4.0, 1.0, 0.5, 6.0), "model": Choice((1, 3))}
    samples = latin_hypercube(wanted, 400, seed=1)
    column = {name: np.array([s[name] for s in samples]) for name in wanted}
    assert column["from_deg"].mean() == pytest.approx(270, abs=0.2)
    assert column["from_deg"].std() == pytest.approx(15, rel=0.02)
    assert np.median(column["rate"]) == pytest.approx(1, rel=0.02)
    assert np.log(column["rate"]).std() == pytest.approx(math.log(2), rel=0.02)
    assert (column["s"].min(), column["s"].max()) >= (0.5, 5.9)
    assert column["s"].max() == 6.0
    assert column["model"].mean() == pytest.approx(0.75)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), threshold=st.floats(0.05, 3), workers=st.integers(1, 4))
def test_probabilities_are_shares_of_the_members(seed, threshold, workers):
    """0 to 1, the same for any number of threads, falling with the threshold."""
    ensemble = run(blob, latin_hypercube(INPUTS, 30, seed), workers=workers)
    x, y = np.meshgrid(np.linspace(-100, 800, 12), np.linspace(-400, 400, 11))
    found = ensemble.exceedance(PEAK, threshold, x, y)
    counted = np.mean([m.peak(x, y, 1.5, 60.0) >= threshold for m in ensemble.members], axis=0)
    assert found == pytest.approx(counted)
    assert np.all((found >= 0) & (found <= 1))
    assert np.all(ensemble.exceedance(PEAK, 2 * threshold, x, y) <= found + 1e-12)
    alone = run(blob, latin_hypercube(INPUTS, 30, seed), workers=1)
    assert np.array_equal(found, alone.exceedance(PEAK, threshold, x, y))


def test_a_symmetric_uncertainty_gives_a_symmetric_map():
    """Winds that turn left as likely as right are as likely to bring gas there."""
    samples = [{"from_deg": 270.0 + turn} for turn in np.linspace(-30, 30, 61)]
    ensemble = run(blob, samples)
    x, y = np.meshgrid(np.linspace(300, 600, 7), np.linspace(-300, 300, 21))
    found = ensemble.exceedance(PEAK, 0.5, x, y)
    assert found == pytest.approx(found[::-1])
    assert ensemble.frame.heading_deg == pytest.approx(90.0)


def test_zones_of_rising_probability_are_nested():
    """Where half of the members agree lies within where a twentieth do."""
    ensemble = run(blob, latin_hypercube({"from_deg": Normal(270, 6)}, 60, seed=2))
    likely, possible = (ensemble.zone(PEAK, 0.5, share) for share in (0.5, 0.05))
    assert 0 < likely.area_m2 < possible.area_m2
    assert likely.holds(500, 0)
    with pytest.raises(RefusedError, match="share"):
        ensemble.zone(PEAK, 0.5, 1.0)


def test_the_band_of_distances_is_the_members():
    """Spots that fade with distance by a known law, against their own closed form."""

    def member(sample):
        return Shape(lambda x, y: sample["rate"] * np.exp(-np.hypot(x, y) / 300))

    samples = latin_hypercube({"rate": LogNormal(2.0, 1.5)}, 101, seed=5)
    band = run(member, samples).distances(PEAK, 0.1)
    exact = sorted(300 * math.log(s["rate"] / 0.1) for s in samples)
    assert band.distances_m == pytest.approx((exact[5], exact[50], exact[95]), rel=0.01)
    assert band.reached == pytest.approx(1.0)
    assert not band.beyond
    few = run(member, samples).distances(PEAK, 2.0)
    assert few.distances_m[0] is None
    assert 0.3 < few.reached < 0.7
    assert run(member, samples).distances(PEAK, 0.1, max_distance_m=200).beyond


def test_receptors_have_quantiles():
    """5, 50 and 95 % of what the members bring to a place."""
    samples = latin_hypercube({"from_deg": Uniform(270, 270.001), "rate": LogNormal(1, 2)}, 200, 1)
    found = run(blob, samples).quantiles(PEAK, np.array([500.0]), np.array([0.0]))
    assert found.shape == (3, 1)
    assert found[:, 0] == pytest.approx([2**-1.645, 1.0, 2**1.645], rel=0.06)


def test_weights_count():
    """A member with three times the weight is three times as likely."""
    samples = [{"from_deg": 270.0}, {"from_deg": 90.0}]
    ensemble = run(blob, samples, weights=[3, 1])
    at = (np.array([500.0, -500.0]), np.zeros(2))
    assert ensemble.exceedance(PEAK, 0.5, *at) == pytest.approx([0.75, 0.25])
    values = np.array([1.0, 2.0, 3.0])
    assert weighted_quantiles(values, np.array([0.8, 0.1, 0.1]), [0.5, 0.85, 1.0]) == pytest.approx(
        [1, 2, 3]
    )


def test_members_that_refuse_are_left_out_and_said():
    """A few refusals are a note with their reason; most of them refuse the whole."""

    def picky(sample):
        if sample["from_deg"] > limit:
            raise RefusedError("dispersion.refused.direction-calm", value=0)
        return blob(sample)

    samples = latin_hypercube({"from_deg": Uniform(0, 100)}, 20, seed=1)
    limit = 80
    ensemble = run(picky, samples)
    assert len(ensemble.members) == len(ensemble.samples) == 16
    assert len(ensemble.refused) == 4
    assert float(np.sum(ensemble.weights)) == pytest.approx(1.0)
    assert "calm air" in str(ensemble.notes[1])
    limit = 20
    with pytest.raises(RefusedError, match="80 % of the members"):
        run(picky, samples)


@pytest.mark.parametrize(
    ("count", "seed", "inputs", "text"),
    [
        (1, 1, INPUTS, "2 to 100,000"),
        (10, -1, INPUTS, "seed"),
        (10, 1, {"a": Normal(math.nan, 1)}, "draws no number"),
    ],
)
def test_draws_that_are_none_are_refused(count, seed, inputs, text):
    """Too few members, no seed, an input without a value."""
    with pytest.raises(RefusedError, match=text):
        latin_hypercube(inputs, count, seed)


@pytest.mark.parametrize("weights", [[1.0], [0, 0], [1, -1], [1, math.nan]])
def test_weights_that_are_none_are_refused(weights):
    """One weight a member, none below 0."""
    with pytest.raises(RefusedError, match="weights"):
        run(blob, [{"from_deg": 0.0}, {"from_deg": 1.0}], weights)
