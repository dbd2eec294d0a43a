"""The dense cloud as a solution: over the whole input space, its laws, its refusals."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.dispersion.dense import field, kernels_jit, march, plume
from edge.dispersion.dense.ambient import air_of, inverse_length_of, stability_of
from edge.dispersion.dense.record import record
from edge.dispersion.dense.solve import DenseCloud, solve
from edge.dispersion.dense.trace import trace
from edge.dispersion.emission import Emission, Kind, Step
from edge.dispersion.notes import RefusedError
from edge.dispersion.solution import Solution
from edge.dispersion.weather.weather import Weather
from edge.substance.fluid import Fluid
from tests.unit.dispersion.fluids import AMMONIA, CHLORINE

AIR = Weather(3.0, 10.0, 270.0, 293.0, 101_325.0, 0.6, 0.1, 0.27, 0.0, 3.5, math.inf)
POOL = Emission("chlorine", Kind.POOL, 100.0, -50.0, 0.0, (Step(0, 600, 10.0, 239.2, 100.0),))
JET = Emission("chlorine", Kind.JET, 0.0, 0.0, 1.0, (Step(0, 600, 10.0, 239.2, 0.2, 30.0, 0.8),))
BURST = Emission(
    "chlorine", Kind.INSTANT, 0.0, 0.0, 0.0, (Step(0, 0, 0.0, 239.2, 100.0),), mass_kg=1000.0
)
OUT_M = np.array([20.0, 50.0, 100.0, 300.0, 1000.0, 5000.0])


def downwind(cloud: Solution, z_m: float = 1.5, averaging_s: float = 600.0) -> np.ndarray:
    """Return the peak along the axis [kg/m3]; the wind of `AIR` goes east."""
    x, y = cloud.origin_m
    return cloud.peak(x + OUT_M, np.full(OUT_M.shape, y), z_m, averaging_s)


@st.composite
def emissions(draw: st.DrawFn) -> Emission:
    """Return any release that a source model may give of a gas that boils at 239 K."""
    kind = draw(st.sampled_from(list(Kind)))
    liquid = draw(st.floats(0.0, 0.9))
    drops = liquid > 0.0 and kind is not Kind.POOL
    warm = 239.2 if drops else draw(st.floats(239.2, 320.0))
    instant = kind is Kind.INSTANT
    step = Step(
        0.0,
        0.0 if instant else draw(st.floats(10.0, 7200.0)),
        0.0 if instant else draw(st.floats(0.01, 300.0)),
        warm,
        draw(st.floats(0.02, 2000.0)),
        draw(st.floats(0.0, 250.0)) if kind is Kind.JET else 0.0,
        liquid if drops else 0.0,
    )
    return Emission(
        "chlorine",
        kind,
        0.0,
        0.0,
        draw(st.floats(0.0, 60.0)),
        (step,),
        mass_kg=draw(st.floats(0.1, 50_000.0)) if instant else 0.0,
        air_fraction=draw(st.floats(0.0, 0.8)) if kind is Kind.VENT else 0.0,
        elevation_deg=draw(st.sampled_from([0.0, 30.0, 90.0])),
    )


@st.composite
def weathers(draw: st.DrawFn) -> Weather:
    """Return any weather in which there is wind."""
    stability = draw(st.floats(0.5, 6.0))
    roughness = draw(st.floats(1e-4, 1.0))
    length = inverse_length_of(min(max(stability + 0.5, 1.0), 6.0), roughness)
    return Weather(
        draw(st.floats(0.5, 20.0)),
        10.0,
        draw(st.floats(0.0, 360.0)),
        draw(st.floats(235.0, 315.0)),
        draw(st.floats(85_000.0, 105_000.0)),
        draw(st.floats(0.0, 1.0)),
        roughness,
        0.3,
        length,
        stability,
        draw(st.sampled_from([50.0, 300.0, math.inf])),
    )


@settings(max_examples=80, deadline=None)
@given(emissions(), weathers(), st.sampled_from([CHLORINE, AMMONIA]))
def test_never_a_nan_and_never_more_than_the_gas_itself(
    emission: Emission, weather: Weather, fluid: Fluid
) -> None:
    """Over the whole input space a cloud is solved within bounds, or refused with a note."""
    try:
        cloud = solve(emission, weather, fluid)
    except RefusedError as refused:
        assert str(refused)  # noqa: PT017 -- a refusal is one of the two right answers
        return
    x, y = np.meshgrid(np.linspace(-200, 4000, 15), np.linspace(-300, 300, 7))
    for t in (0.0, 1.0, 60.0, 900.0, 10_000.0):
        found = cloud.concentration(x, y, 1.5, t)
        assert np.isfinite(found).all()
        assert (found >= 0).all()
        assert (found <= cloud.pure_kg_m3 * (1 + 1e-9)).all()
    for found in (cloud.peak(x, y, 0.0, 60.0), cloud.load(x, y, 1.5, 2.75)):
        assert np.isfinite(found).all()
        assert (found >= 0).all()


@pytest.mark.parametrize("stability", [1.0, 3.5, 5.5])
@pytest.mark.parametrize("angle", [None, 0.0, 90.0])
def test_compiled_kernels_say_what_the_readable_ones_say(
    stability: float, angle: float | None
) -> None:
    """The compiled marches give the rows of the readable ones to the last digits."""
    length = inverse_length_of(stability + 0.5, AIR.roughness_m)
    air = air_of(replace(AIR, stability=stability, inverse_length_1_m=length))
    level = POOL if angle is None else replace(JET, elevation_deg=angle)
    for emission in (level, BURST):
        made = record(emission, CHLORINE, air, 600.0)
        slow = trace(made.gas, air, made.release, march)
        fast = trace(made.gas, air, made.release, kernels_jit)
        np.testing.assert_allclose(fast.plume, slow.plume, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(fast.puff, slow.puff, rtol=1e-9, atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(emissions(), weathers())
def test_gas_is_neither_lost_nor_made(emission: Emission, weather: Weather) -> None:
    """The plume's flux of gas is the source's; the puff holds what was released."""
    air = air_of(weather)
    try:
        made = record(emission, CHLORINE, air, 600.0)
    except RefusedError:
        return
    life = trace(made.gas, air, made.release, kernels_jit)
    release = made.release
    if len(life.plume):
        row = life.plume[-1]
        flux = row[march.DENSITY] * row[march.SPEED] * row[march.HALF] * row[march.DEPTH]
        carried = row[march.STATE + plume.Q]
        assert flux * row[march.MASS] == pytest.approx(carried, rel=1e-6)
        swept = release.shape != "pool" or row[march.T] < release.duration_s
        assert carried <= release.rate_kg_s / 2 * (1 + 1e-9)
        if not swept and row[march.X] > row[march.HALF]:
            assert 2 * carried == pytest.approx(release.rate_kg_s, rel=1e-6)
    if len(life.puff):
        row = life.puff[-1]
        sizes = row[march.HALF] * row[march.LONG] * row[march.DEPTH]
        whole = release.mass_kg or release.rate_kg_s * release.duration_s
        assert 4 * row[march.DENSITY] * sizes * row[march.MASS] == pytest.approx(whole, rel=1e-6)


def test_the_field_holds_the_mass() -> None:
    """Concentrations summed over space are the mass that was released."""
    x, y = np.meshgrid(np.linspace(-100, 1500, 641), np.linspace(-250, 250, 201))
    z = np.concatenate([np.linspace(0, 5, 41), np.linspace(5.5, 120, 120)])
    cloud = solve(BURST, AIR, CHLORINE)
    layers = [cloud.concentration(x, y, float(h), 200.0).sum() * 2.5 * 2.5 for h in z]
    assert np.trapezoid(layers, z) == pytest.approx(1000.0, rel=0.03)


def test_it_goes_with_the_wind_and_is_even_on_both_sides() -> None:
    """A west wind carries the cloud east; left and right of the axis are alike."""
    cloud = solve(POOL, AIR, CHLORINE)
    x, y = cloud.origin_m
    assert cloud.heading_deg == 90.0
    left, right = (
        cloud.peak(x + OUT_M, np.full(OUT_M.shape, y + side), 1.0, 60.0) for side in (12.0, -12.0)
    )
    np.testing.assert_allclose(left, right, rtol=1e-9)
    assert cloud.peak(np.array([x - 200.0]), np.array([y]), 1.0, 60.0)[0] == 0.0
    turned = solve(POOL, replace(AIR, from_deg=180.0), CHLORINE)
    north = turned.peak(np.full(OUT_M.shape, x), y + OUT_M, 1.5, 600.0)
    np.testing.assert_allclose(north, downwind(cloud), rtol=1e-9)


@pytest.mark.parametrize("emission", [POOL, JET, BURST])
def test_more_gas_is_never_less_anywhere_far(emission: Emission) -> None:
    """Twice and four times the release give more at every distance beyond the source."""
    last = np.zeros(4)
    for factor in (1.0, 2.0, 4.0):
        step = emission.steps[0]
        more = replace(
            emission,
            mass_kg=emission.mass_kg * factor,
            steps=(
                replace(step, rate_kg_s=step.rate_kg_s * factor, area_m2=step.area_m2 * factor),
            ),
        )
        now = downwind(solve(more, AIR, CHLORINE))[2:]
        assert (now > last).all()
        last = now


def test_it_thins_out_downwind_and_with_the_averaging_time() -> None:
    """Beyond the source the peak falls with distance, and a longer mean is never more."""
    for emission in (POOL, JET, BURST):
        cloud = solve(emission, AIR, CHLORINE)
        means = [downwind(cloud, averaging_s=t) for t in (10.0, 60.0, 600.0, 3600.0)]
        assert (np.diff(means[0]) < 0).all()
        for shorter, longer in pairwise(means):
            assert (longer <= shorter * (1 + 1e-9)).all()


def test_a_finite_release_passes() -> None:
    """Before the gas arrives and long after it has gone there is none; in between there is."""
    cloud = solve(POOL, AIR, CHLORINE)
    at = np.array([cloud.origin_m[0] + 300.0]), np.array([cloud.origin_m[1]])
    assert cloud.concentration(*at, 1.5, 10.0)[0] == 0.0
    lasting = cloud.concentration(*at, 1.5, 500.0)[0]
    assert lasting == pytest.approx(cloud.peak(*at, 1.5, 600.0)[0], rel=1e-6)
    assert cloud.concentration(*at, 1.5, 4000.0)[0] < 1e-3 * lasting
    assert cloud.load(*at, 1.5, 1.0)[0] == pytest.approx(600.0 * lasting, rel=0.05)


def test_a_dilute_cloud_drifts_as_any_other() -> None:
    """Far from a small source the gas moves with the wind and weighs nothing."""
    small = replace(JET, steps=(Step(0, 3600, 0.01, 239.2, 0.01, 5.0, 0.0),))
    cloud = solve(small, AIR, CHLORINE)
    assert isinstance(cloud, DenseCloud)
    life = cloud.life
    row = life.plume[-1]
    s = march.STATE
    assert row[march.DENSITY] == pytest.approx(life.air.density, rel=1e-4)
    assert row[s + plume.G] / row[s + plume.R] < 0.1 * row[march.SPEED]


def test_several_steps_are_taken_at_the_greatest_rate_and_said() -> None:
    """Steps of a release become one of the same mass, with a note."""
    steps = (Step(0, 100, 5.0, 239.2, 80.0), Step(100, 300, 10.0, 239.2, 80.0))
    cloud = solve(replace(POOL, steps=steps), AIR, CHLORINE)
    assert isinstance(cloud, DenseCloud)
    assert cloud.life.release.duration_s == pytest.approx(250.0)
    assert [note.id for note in cloud.notes if "steps" in note.id] == [
        "dispersion.note.dense-steps"
    ]


@pytest.mark.parametrize(
    ("emission", "weather", "note"),
    [
        (POOL, replace(AIR, speed_m_s=0.0), "dense-wind"),
        (POOL, replace(AIR, speed_m_s=math.nan), "dense-wind"),
        (POOL, replace(AIR, temperature_k=-5.0), "dense-weather"),
        (POOL, replace(AIR, humidity=60.0), "dense-weather"),
        (POOL, replace(AIR, roughness_m=0.0), "dense-weather"),
        (replace(POOL, steps=(replace(POOL.steps[0], rate_kg_s=0.0),)), AIR, "dense-amount"),
        (replace(POOL, steps=(replace(POOL.steps[0], rate_kg_s=-1.0),)), AIR, "dense-amount"),
        (replace(BURST, mass_kg=math.nan), AIR, "dense-amount"),
        (replace(POOL, steps=(replace(POOL.steps[0], area_m2=math.nan),)), AIR, "dense-state"),
        (replace(POOL, steps=(replace(POOL.steps[0], temperature_k=0.0),)), AIR, "dense-state"),
        (replace(POOL, x_m=math.inf), AIR, "dense-place"),
    ],
)
def test_nonsense_is_refused(emission: Emission, weather: Weather, note: str) -> None:
    """What cannot be is refused with a note that names it."""
    with pytest.raises(RefusedError) as refused:
        solve(emission, weather, CHLORINE)
    assert refused.value.note.id == f"dispersion.refused.{note}"


def test_gas_lighter_than_air_is_sent_to_the_passive_model() -> None:
    """Ammonia vapour alone is light and refused; as a jet of droplets it is dense."""
    vapour = replace(POOL, substance="ammonia", steps=(Step(0, 600, 5.0, 250.0, 80.0),))
    with pytest.raises(RefusedError, match="passive model"):
        solve(vapour, AIR, AMMONIA)
    drops = replace(JET, substance="ammonia", steps=(Step(0, 600, 10.0, 239.8, 0.2, 30.0, 0.8),))
    assert downwind(solve(drops, AIR, AMMONIA))[2] > 0


def test_a_receptor_out_of_bounds_is_refused() -> None:
    """A point, height, time, mean or exponent that is no number has no answer."""
    cloud, at = solve(POOL, AIR, CHLORINE), np.array([200.0])
    for ask in (
        lambda: cloud.concentration(np.array([math.nan]), at, 1.5, 10.0),
        lambda: cloud.concentration(at, at, -1.0, 10.0),
        lambda: cloud.concentration(at, at, 1.5, math.nan),
        lambda: cloud.peak(at, at, 1.5, -1.0),
        lambda: cloud.load(at, at, 1.5, 0.0),
    ):
        with pytest.raises(RefusedError):
            ask()


@given(st.floats(1.0, 6.0), st.floats(1e-4, 1.0))
def test_stability_and_length_are_each_others_inverse(stability: float, roughness: float) -> None:
    """From a stability to 1/L and back is the same stability, but for the end of the scale."""
    back = stability_of(inverse_length_of(stability, roughness), roughness)
    if stability > 1.05:
        assert back == pytest.approx(stability, abs=1e-6)


@pytest.mark.parametrize("elevation_deg", [0.0, 90.0])
@pytest.mark.parametrize("kind", [Kind.JET, Kind.VENT])
def test_a_receptor_in_the_mouth_has_the_gas_itself(kind: Kind, elevation_deg: float) -> None:
    """No line of the field begins before the mouth: in it the answer is the gas, never zero."""
    emission = replace(JET, kind=kind, height_m=10.0, elevation_deg=elevation_deg)
    cloud, here = solve(emission, AIR, CHLORINE), np.zeros(1)
    assert isinstance(cloud, DenseCloud)
    assert cloud.peak(here, here, 10.0, 60.0)[0] == pytest.approx(cloud.pure_kg_m3)
    assert cloud.concentration(here, here, 10.0, 300.0)[0] == pytest.approx(cloud.pure_kg_m3)
    assert cloud.load(here, here, 10.0, 1.0)[0] == pytest.approx(600 * cloud.pure_kg_m3)


def test_a_shifts_mean_is_the_dose_over_it() -> None:
    """Eight hours hold all of a ten minutes' cloud, and of a lasting one the hour's mean."""
    short, long = (
        solve(replace(POOL, steps=(Step(0, s, 10.0, 239.2, 100.0),)), AIR, CHLORINE)
        for s in (600.0, 20 * 3600.0)
    )
    x, y = OUT_M + POOL.x_m, np.full(OUT_M.size, POOL.y_m)
    shift = short.peak(x, y, 1.5, 8 * 3600.0)
    assert shift == pytest.approx(short.load(x, y, 1.5, 1.0) / (8 * 3600.0))
    assert np.all(shift < short.peak(x, y, 1.5, 3600.0))
    assert long.peak(x, y, 1.5, 8 * 3600.0) == pytest.approx(long.peak(x, y, 1.5, 3600.0), rel=0.02)


@pytest.mark.parametrize("averaging_s", [0.0, 60.0, 600.0])
def test_upwind_of_a_burst_no_line_that_counts_is_passed_over(averaging_s: float) -> None:
    """The greatest mean upwind is that of all lines of the table, each asked."""
    cloud = solve(BURST, AIR, CHLORINE)
    assert isinstance(cloud, DenseCloud)
    table = cloud.table
    for x, y in ((-1.0, 0.0), (-15.0, 4.0), (-40.0, -30.0), (-90.0, 0.0), (-2000.0, 10.0)):
        all_of = [
            field.across(line, y, 1.5, 1.1)
            * field.along(line, x - line[field.F_X])
            * field.passing_mean(line, averaging_s)
            / math.erf(line[field.F_FLAT] / (math.sqrt(2.0) * line[field.F_SIGX]))
            for line in table
        ]
        found = field._upwind(table, averaging_s, 1.1, x, y, 1.5)
        assert found == pytest.approx(max(all_of), rel=1e-12, abs=1e-30)
