"""The moving cloud: its limits, laws and symmetries, wind shifts, calm air, refusals."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.dispersion.emission import Kind, Step
from edge.dispersion.notes import RefusedError
from edge.dispersion.passive.plume import briggs
from edge.dispersion.passive.puff import clock
from edge.dispersion.passive.puff import cloud as readable
from edge.dispersion.passive.puff.ground import Grid
from edge.dispersion.passive.puff.winds import CALM_M_S
from edge.dispersion.passive.sigma.briggs import sigma_y, sigma_z
from edge.dispersion.solution import Solution
from edge.words import catalogue
from tests.evidence.puff import integrated
from tests.unit.dispersion.puffs import PLUME, PUFF, air, instant, lasting, solved

FEW = settings(max_examples=20, deadline=None)
LETTERS = st.sampled_from("ABCDEF")
SPEEDS = st.floats(1.0, 12.0)
HEIGHTS = st.floats(0.0, 20.0)


def spreads(letter):
    return lambda x: (sigma_y(x, letter), sigma_z(x, letter))


def steady(letter, speed, height, x, y, z=1.5, rate=1.0):
    sy, sz = sigma_y(x, letter), sigma_z(x, letter)
    return briggs.gaussian(rate, speed, height, y, np.full(x.shape, z), sy, sz)


@FEW
@given(LETTERS, SPEEDS, HEIGHTS)
def test_many_puffs_are_the_plume(letter, speed, height):
    """In a steady wind the train gives the plume, from near the source to a kilometre."""
    solution = solved(lasting(seconds=1500.0, height=height), air(letter, speed))
    x = np.array([10.0, 30.0, 100.0, 300.0, 900.0])
    y = 0.5 * sigma_y(x, letter)
    want = steady(letter, speed, height, x, y, z=0.0)
    t = 1.4 * 900 / speed + 100
    got = solution.concentration(x, y, 0.0, min(t, 1499.0))
    # puffs spread along the wind too, which a plume leaves out: (sigma / x)^2, most in class A,
    # and much where an elevated plume is only just coming down
    seen = height <= 1.5 * sigma_z(x, letter)
    assert got[seen] == pytest.approx(want[seen], rel=0.12 if letter in "AB" else 0.03)


@FEW
@given(LETTERS, SPEEDS, st.sampled_from([20.0, 120.0, 600.0]))
def test_the_dose_of_a_finite_release_is_that_of_its_mass(letter, speed, seconds):
    """All that passes gives rate x duration x the plume per unit rate, whatever the duration."""
    solution = solved(lasting(seconds=seconds), air(letter, speed), horizon_s=seconds + 3000.0)
    x, y = np.array([50.0, 200.0, 500.0]), np.array([0.0, 5.0, -20.0])
    want = seconds * steady(letter, speed, 2.0, x, y)
    assert solution.load(x, y, 1.5, 1.0) == pytest.approx(
        want, rel=0.12 if letter in "AB" else 0.03
    )


def test_a_finite_release_follows_the_closed_form():
    """Front, plateau and tail at 300 m as the integrated puff has them."""
    solution = solved(lasting(seconds=120.0, height=0.0), air("D", 3.0))
    x, y = np.array([300.0]), np.array([0.0])
    top = float(steady("D", 3.0, 0.0, x, y)[0])
    for t in (85.0, 100.0, 115.0, 160.0, 200.0, 220.0, 235.0):
        want = integrated(1.0, 0.0, (300.0, 0.0, 1.5), t, 3.0, 120.0, spreads("D"))
        assert solution.concentration(x, y, 1.5, t)[0] == pytest.approx(want, abs=0.03 * top)


@FEW
@given(st.floats(0.01, 100.0), st.floats(1.0, 3.0))
def test_twice_the_rate_is_twice_the_gas(factor, exponent):
    """Linear in the rate; a load with its power."""
    one = solved(lasting(rate=1.0, seconds=60.0), air())
    many = solved(lasting(rate=factor, seconds=60.0), air())
    x, y = np.array([40.0, 150.0]), np.array([3.0, -9.0])
    assert many.concentration(x, y, 1.5, 55.0) == pytest.approx(
        factor * one.concentration(x, y, 1.5, 55.0)
    )
    want = factor**exponent * one.load(x, y, 1.5, exponent)
    assert many.load(x, y, 1.5, exponent) == pytest.approx(want)


@FEW
@given(st.floats(-180.0, 180.0), st.floats(-500.0, 500.0), st.floats(0.0, 360.0))
def test_turning_and_moving_the_whole_world_changes_nothing(turn, shift, from_deg):
    """Source, winds and receptors turned and moved together see the same gas."""

    def run(turned, moved):
        series = [
            (0.0, air("D", 3.0, from_deg + turned)),
            (60.0, air("E", 2.0, from_deg + 60 + turned)),
        ]
        solution = solved(lasting(seconds=90.0, x=moved, y=-moved), series)
        a = -math.radians(turned)  # directions run clockwise
        s, c = math.sin(a), math.cos(a)
        east, north = np.array([30.0, 80.0, -60.0, 5.0]), np.array([10.0, -70.0, -30.0, 90.0])
        x, y = c * east - s * north + moved, s * east + c * north - moved
        return solution.concentration(x, y, 1.5, 85.0), solution.load(x, y, 1.5, 2.0)

    for got, want in zip(run(turn, shift), run(0.0, 0.0), strict=True):
        assert got == pytest.approx(want, rel=1e-5, abs=1e-7 * max(want.max(), 1e-30))


def test_left_is_right():
    """Across the axis of a steady wind the field is even."""
    solution = solved(lasting(), air())
    x, y = np.full(5, 200.0), np.array([0.0, 7.0, 20.0, 45.0, 80.0])
    left, right = (solution.peak(x, side * y, 1.5, 60.0) for side in (1, -1))
    assert left == pytest.approx(right, rel=1e-6, abs=1e-20)


@FEW
@given(st.floats(0.0, 500.0))
def test_later_is_the_same_later(shift):
    """A release and winds that come later give the same cloud later."""

    def run(later):
        series = [(0.0, air()), (30.0 + later, air("D", 3.0, 300.0))]
        solution = solved(lasting(seconds=60.0, start=later), series, horizon_s=later + 900)
        x, y = np.array([60.0, 110.0]), np.array([0.0, -30.0])
        return np.array([solution.concentration(x, y, 1.5, t + later) for t in (20.0, 50.0, 70.0)])

    want = run(0.0)
    assert run(shift) == pytest.approx(want, rel=0.03, abs=0.01 * want.max())


def test_a_shift_of_wind_bends_the_cloud():
    """Gas that went east goes north when the wind turns; a frozen puff would have gone on east."""
    series = [(0.0, air("D", 3.0, 270.0)), (100.0, air("D", 3.0, 180.0))]
    there, ahead = (np.array([250.0]), np.array([150.0])), (np.array([400.0]), np.array([0.0]))
    bent = solved(lasting(seconds=60.0), series)
    frozen = solved(lasting(seconds=60.0), series, frozen=True)
    assert bent.concentration(*there, 1.5, 150.0)[0] > 1e-5
    assert bent.peak(*ahead, 1.5, 0.0)[0] < 1e-3 * frozen.peak(*ahead, 1.5, 0.0)[0]
    assert frozen.concentration(*there, 1.5, 150.0)[0] == 0.0
    assert "dispersion.note.puff.frozen" in {note.id for note in frozen.notes}


def test_a_wind_that_turns_back_brings_the_gas_back():
    """What was blown away returns over the source when the wind reverses."""
    series = [(0.0, air("D", 3.0, 270.0)), (100.0, air("D", 3.0, 90.0))]
    solution = solved(instant(), series, PUFF)
    x, y = np.array([-100.0]), np.array([0.0])
    assert solution.concentration(x, y, 1.5, 90.0)[0] == 0.0
    assert solution.concentration(x, y, 1.5, 233.0)[0] > 1e-6


def test_calm_air_holds_and_spreads_the_gas():
    """Wind 0: the cloud stays, grows as at the floor, keeps its mass, and a note says so."""
    solution = solved(instant(), air("F", 0.0), PUFF)
    states = [readable.states(solution.cloud, solution.track, t)[0] for t in (10.0, 100.0, 1000.0)]
    assert [(s.x_m, s.y_m) for s in states] == [(0.0, 0.0)] * 3
    assert states[1].sigma_y_m == pytest.approx(0.02 * (CALM_M_S * 100) ** 0.89, rel=1e-3)
    x, y = np.array([0.0, 1.0]), np.zeros(2)
    for t in (0.0, 10.0, 1000.0):
        c = solution.concentration(x, y, 1.5, t)
        assert np.all(np.isfinite(c))
        assert c[0] > 0
    assert "dispersion.note.puff.calm" in {note.id for note in solution.notes}


def test_under_a_lid_the_gas_is_mixed_through():
    """Far downwind under a low lid the plume is a uniform layer."""
    solution = solved(lasting(seconds=3000.0, height=0.0), air("B", 3.0, lid=60.0))
    x = np.full(3, 2000.0)
    layer = 1 / (3.0 * 60.0 * math.sqrt(2 * math.pi) * float(sigma_y(x, "B")[0]))
    for z in (0.0, 30.0, 59.0):
        got = solution.concentration(x, np.zeros(3), z, 2500.0)
        assert got == pytest.approx(np.full(3, layer), rel=0.03)


def test_a_minutes_wind_takes_a_minutes_sigma():
    """Told the averaging time, sigma_y narrows by (60 / 600)^0.2; untold, a note warns."""
    series = [(60.0 * i, air()) for i in range(20)]
    whole, minute = solved(lasting(), series), solved(lasting(), series, averaging_s=60.0)
    ids = {note.id for note in whole.notes} - {note.id for note in minute.notes}
    assert ids == {"dispersion.note.puff.meander"}
    x, y = np.array([300.0]), np.array([0.0])
    ratio = minute.concentration(x, y, 1.5, 500.0) / whole.concentration(x, y, 1.5, 500.0)
    assert ratio[0] == pytest.approx(10**0.2, rel=0.01)


def test_a_wide_source_starts_wide():
    """A pool of 43 m is a cloud of sigma 10 m at its place, and thins from there."""
    solution = solved(lasting(area=43.0**2), air())
    states = readable.states(solution.cloud, solution.track, 30.0)
    assert min(s.sigma_y_m for s in states) >= 10.0
    x, y = np.array([100.0]), np.array([0.0])
    point = solved(lasting(), air())
    assert solution.peak(x, y, 1.5, 60.0) < point.peak(x, y, 1.5, 60.0)


def test_the_ground_field_is_what_receptors_see():
    """Dose, load and peak of grid points against the same points asked alone."""
    series = [(0.0, air("D", 3.0, 270.0)), (200.0, air("C", 4.0, 240.0))]
    solution = solved(lasting(seconds=300.0), series, horizon_s=900.0)
    grid = Grid(-100.0, -100.0, 40.0, 40.0, 12, 12)
    field = solution.ground(grid, 1.5, 2.0, 60.0, step_s=1.0)
    x, y = np.meshgrid(grid.x_m, grid.y_m)
    for name, alone, band in (
        ("dose", solution.load(x, y, 1.5, 1.0), 0.02),
        ("load", solution.load(x, y, 1.5, 2.0), 0.02),
        ("peak", solution.peak(x, y, 1.5, 60.0), 0.06),
    ):
        ours = getattr(field, name)
        assert ours == pytest.approx(alone, rel=band, abs=2e-3 * alone.max())


def test_a_field_chooses_its_own_step():
    """Asked without a step, a lasting and a sudden release give their doses."""
    x, y = np.array([100.0]), np.array([0.0])
    for emission, spreads in ((lasting(seconds=300.0), PLUME), (instant(), PUFF)):
        solution = solved(emission, air(), spreads, horizon_s=900.0)
        field = solution.ground(Grid(100.0, 0.0, 20.0, 20.0, 2, 2), 1.5, 2.0, 60.0)
        assert field.dose[0, 0] == pytest.approx(solution.load(x, y, 1.5, 1.0)[0], rel=0.02)
        assert field.load[0, 0] == pytest.approx(solution.load(x, y, 1.5, 2.0)[0], rel=0.02)


def test_a_long_release_is_resolved_from_further_out():
    """A day's release is not a million puffs; the note says from where it is resolved."""
    solution = solved(lasting(seconds=86_400.0), air("F", 4.0))
    assert len(solution.cloud.puffs) < 200_000
    near = next(note for note in solution.notes if note.id == "dispersion.note.puff.near")
    assert float(near.params["nearest"]) > 5.0
    x, y = np.array([500.0]), np.array([0.0])
    want = steady("F", 4.0, 2.0, x, y)
    assert solution.concentration(x, y, 1.5, 40_000.0) == pytest.approx(want, rel=0.03)


def test_peaks_fall_with_the_averaging_time():
    """A longer mean is never higher; one longer than all is the dose over it."""
    solution = solved(lasting(seconds=60.0), air())
    x, y = np.array([150.0]), np.array([0.0])
    times = (0.0, 10.0, 60.0, 600.0, 3600.0)
    peaks = [float(solution.peak(x, y, 1.5, averaging)[0]) for averaging in times]
    assert peaks == sorted(peaks, reverse=True)
    assert peaks[-1] == pytest.approx(float(solution.load(x, y, 1.5, 1.0)[0]) / 3600.0, rel=1e-6)


def test_a_rate_that_changes_is_the_sum_of_its_steps():
    """Two steps of different rates give what each gives alone."""
    whole = replace(
        lasting(),
        steps=(Step(0.0, 100.0, 1.0, 288.15, 0.0), Step(100.0, 300.0, 0.2, 288.15, 0.0)),
    )
    parts = [lasting(seconds=100.0), lasting(rate=0.2, seconds=200.0, start=100.0)]
    x, y = np.array([100.0, 300.0]), np.array([0.0, 10.0])
    for t in (90.0, 150.0, 290.0):
        one, two = (solved(part, air()).concentration(x, y, 1.5, t) for part in parts)
        want = one + two
        got = solved(whole, air()).concentration(x, y, 1.5, t)
        assert got == pytest.approx(want, rel=0.03, abs=0.01 * want.max())
    assert solved(whole, air()).load(x, y, 1.5, 1.0) == pytest.approx(
        sum(solved(part, air()).load(x, y, 1.5, 1.0) for part in parts), rel=0.01
    )


def test_air_already_mixed_in_is_not_gas():
    """A room's air that carries a tenth of gas gives a tenth of the concentration."""
    mixed = replace(lasting(), air_fraction=0.9)
    x, y = np.array([100.0]), np.array([0.0])
    ours = solved(mixed, air()).concentration(x, y, 1.5, 300.0)
    assert ours == pytest.approx(0.1 * solved(lasting(), air()).concentration(x, y, 1.5, 300.0))


def test_it_has_the_face_of_every_solution():
    """Substance, origin, heading, horizon, models and notes; all ids are in the catalogue."""
    solution: Solution = solved(lasting(x=5.0, y=7.0), air("D", 0.2, 250.0))
    assert (solution.substance, solution.origin_m) == ("gas", (5.0, 7.0))
    assert solution.heading_deg == pytest.approx(70.0)
    assert solution.horizon_s > 600.0
    assert [use.id for use in solution.models] == ["passive.puff"]
    jet = replace(lasting(), kind=Kind.JET)
    seen = [*solution.notes, *solved(instant(), air()).notes, *solved(jet, air(), PUFF).notes]
    ids = {note.id for note in seen} | {solution.models[0].validity.id}
    assert ids <= set(catalogue())
    assert {"dispersion.note.puff.plume-spreads", "dispersion.note.puff.puff-spreads"} <= ids
    shape = np.zeros((2, 3))
    assert solution.concentration(shape, shape, 1.5, 10.0).shape == (2, 3)
    assert solution.concentration(shape, shape, 1.5, -5.0).max() == 0.0


@FEW
@given(
    st.floats(0.0, 15.0),
    st.floats(0.0, 360.0),
    LETTERS,
    st.floats(0.0, 40.0),
    st.floats(0.0, 30.0),
    st.booleans(),
)
def test_no_input_gives_a_nan(speed, from_deg, letter, height, z, at_once):
    """Any wind from 0 up, any class, at the source, upwind and far: finite, never below 0."""
    emission = instant(height=height) if at_once else lasting(seconds=120.0, height=height)
    spreads = PUFF if at_once else PLUME
    solution = solved(emission, air(letter, speed, from_deg), spreads, horizon_s=900.0)
    x, y = np.array([0.0, 1e-6, -50.0, 300.0, 1e5]), np.array([0.0, 0.0, 20.0, 0.0, -1e5])
    found = [
        solution.concentration(x, y, z, 60.0),
        solution.peak(x, y, z, 60.0),
        solution.load(x, y, z, 2.75),
    ]
    for values in found:
        assert np.all(np.isfinite(values))
        assert np.all(values >= 0)


NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("emission", "series", "options"),
    [
        (lasting(), [], {}),
        (lasting(), [(5.0, air())], {}),
        (lasting(), [(0.0, air()), (0.0, air())], {}),
        (lasting(), [(0.0, air()), (NAN, air())], {}),
        (lasting(), air("D", -1.0), {}),
        (lasting(), air("D", NAN), {}),
        (lasting(), air("D", 3.0, NAN), {}),
        (lasting(height=50.0), air(lid=40.0), {}),
        (lasting(), air(lid=NAN), {}),
        (lasting(), air(lid=200.0), {"reflects": False}),
        (lasting(rate=-1.0), air(), {}),
        (lasting(rate=NAN), air(), {}),
        (lasting(rate=0.0), air(), {}),
        (lasting(seconds=0.0), air(), {}),
        (lasting(height=-1.0), air(), {}),
        (lasting(x=INF), air(), {}),
        (replace(lasting(), steps=()), air(), {}),
        (replace(lasting(), air_fraction=1.0), air(), {}),
        (instant(mass=0.0), air(), {}),
        (lasting(), air(), {"nearest_m": 0.0}),
        (lasting(), air(), {"horizon_s": NAN}),
        (lasting(), air(), {"horizon_s": 0.0}),
        (lasting(), air(), {"deposition_m_s": -0.01}),
        (lasting(), replace(air(), stability=9.0), {}),
    ],
)
def test_bad_input_is_refused_with_the_reason(emission, series, options):
    """Each names what is wrong, in a sentence of the catalogue."""
    with pytest.raises(RefusedError) as refused:
        solved(emission, series, **options)
    assert refused.value.note.id in catalogue()
    assert "{" not in str(refused.value)


def test_bad_questions_are_refused():
    """Places, heights, times, exponents and averaging times that make no sense."""
    solution = solved(lasting(), air())
    x, bad = np.zeros(1), np.array([NAN])
    questions = [
        lambda: solution.concentration(bad, x, 1.5, 1.0),
        lambda: solution.concentration(x, x, -1.0, 1.0),
        lambda: solution.concentration(x, x, 1.5, NAN),
        lambda: solution.concentration(x, x, 1.5, 1e9),
        lambda: solution.peak(x, x, 1.5, -1.0),
        lambda: solution.load(x, x, 1.5, 0.0),
        lambda: solution.ground(Grid(0.0, 0.0, 1.0, 1.0, 1, 1), 1.5, 1.0, 0.0, step_s=0.0),
        lambda: solution.ground(Grid(0.0, 0.0, 0.0, 1.0, 3, 1), 1.5, 1.0, 0.0),
    ]
    for question in questions:
        with pytest.raises(RefusedError):
            question()


def test_a_grid_of_one_cell_is_a_receptor():
    """One point as a field gives its dose."""
    solution = solved(lasting(seconds=60.0), air())
    field = solution.ground(Grid(100.0, 0.0, 1.0, 1.0, 1, 1), 1.5, 1.0, 0.0, step_s=0.5)
    x = np.array([100.0])
    want = solution.load(x, np.zeros(1), 1.5, 1.0)[0]
    assert field.dose[0, 0] == pytest.approx(want, rel=0.01)
    assert field.load[0, 0] == field.dose[0, 0]


def test_a_day_of_settled_wind_is_looked_at_seldom_and_seen_as_well(monkeypatch):
    """After the last change the looks thin out; peaks and loads stay within 1 % of even looks."""
    series = [(0.0, air("D", 3.0, 270.0)), (1800.0, air("E", 2.0, 300.0)), (5400.0, air("C", 4.0))]
    cloud = solved(lasting(1.0, 43_200.0), series)
    x, y = np.meshgrid(np.geomspace(200.0, 6000.0, 15), np.linspace(-1500.0, 500.0, 9))
    few = cloud.peaks(x, y, 1.5, (60.0, 3600.0)), cloud.load(x, y, 1.5, 2.0)
    place = np.array([2000.0]), np.array([-100.0]), 1.5
    seen = cloud.peak(*place, 600.0), cloud.load(*place, 2.0)
    looks = cloud._looks().size
    monkeypatch.setattr(clock, "SETTLED_S", clock.LONGEST_S)
    assert looks < 0.6 * cloud._looks().size
    many = cloud.peaks(x, y, 1.5, (60.0, 3600.0)), cloud.load(x, y, 1.5, 2.0)
    for quick, even in zip(few, many, strict=True):
        assert quick == pytest.approx(even, rel=0.01, abs=1e-6 * float(even.max()))
    assert seen[0] == pytest.approx(cloud.peak(*place, 600.0), rel=0.01)
    assert seen[1] == pytest.approx(cloud.load(*place, 2.0), rel=0.01)
