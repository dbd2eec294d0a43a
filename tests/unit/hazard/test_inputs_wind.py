"""What core sent, remembered: values that hold, and the mean wind made of them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.clock import NS, Instant
from edge.errors import WireError
from edge.hazard.inputs import Inputs
from edge.hazard.wind import average, temperature_k
from edge.tag import Reason
from edge.units import Unit
from tests.unit.hazard.yard import NIGHT, row, scene_of, tag

SCENE = scene_of()


def fed(*steps):
    """Return inputs that took each (seconds before NIGHT, {tag: value or None})."""
    inputs = Inputs(SCENE.input_tags())
    for before_s, values in steps:
        now = NIGHT.plus(-before_s)
        inputs.take([row(name, value) for name, value in values.items()], now)
    return inputs


def test_a_value_holds_until_the_next():
    """Core sends changes only: the pieces of a window cover it without gaps."""
    inputs = fed((50, {"AT-1": 1.0}), (20, {"AT-1": 3.0}))
    pieces = list(inputs.pieces("AT-1", NIGHT.mono_ns - 40 * NS, NIGHT.mono_ns))
    assert [(p.seconds, p.entry.value) for p in pieces] == [(20.0, 1.0), (20.0, 3.0)]
    latest = inputs.latest("AT-1")
    assert latest is not None
    assert latest.value == 3.0


def test_a_value_that_came_this_moment_counts():
    """The alarm's own sample is evidence though it has held for no time yet."""
    inputs = fed((0, {"AT-1": 1.0}))
    assert [p.entry.value for p in inputs.pieces("AT-1", NIGHT.mono_ns - NS, NIGHT.mono_ns)] == [
        1.0
    ]


def test_an_alarms_value_is_taken_before_the_gathered_rows():
    """take_alarm adds the value once and only for tags that are followed."""
    inputs = fed((5, {"AT-1": 0.0}))
    inputs.take_alarm("AT-1", 8.0, NIGHT)
    inputs.take_alarm("AT-1", 8.0, NIGHT)
    inputs.take_alarm("PT-9", 8.0, NIGHT)
    assert len(list(inputs.pieces("AT-1", 0, NIGHT.mono_ns))) == 2
    assert inputs.latest("PT-9") is None


def test_losing_core_forgets_everything():
    """No value outlives the link it came over."""
    inputs = fed((5, {"AT-1": 0.0}))
    assert inputs.silent_s(NIGHT) == 5
    inputs.lose()
    assert inputs.latest("AT-1") is None
    assert inputs.silent_s(NIGHT) == math.inf


def test_the_past_is_bounded():
    """An hour at one row a second keeps the stated horizon, not the hour."""
    inputs = Inputs({"AT-1"}, keep_s=60)
    for second in range(3600):
        inputs.take([row("AT-1", float(second % 7))], NIGHT.plus(second))
    assert 60 <= len(list(inputs.pieces("AT-1", 0, NIGHT.plus(3600).mono_ns))) <= 62


@pytest.mark.parametrize("bad", [["AT-1"], ["AT-1", 1.0, 0, "no-such-reason", 0, 0]])
def test_a_row_that_is_none_is_an_error(bad):
    """A core that speaks otherwise is refused, not guessed at."""
    with pytest.raises(WireError, match="no sample"):
        Inputs({"AT-1"}).take([bad], NIGHT)


def test_a_copy_does_not_move_with_its_original():
    """The thread that judges sees one moment."""
    inputs = fed((5, {"AT-1": 1.0}))
    twin = inputs.copy()
    inputs.take([row("AT-1", 2.0)], NIGHT)
    latest = twin.latest("AT-1")
    assert latest is not None
    assert latest.value == 1.0


@given(middle=st.floats(0, 360), swing=st.floats(0, 40), speed=st.floats(0.6, 20))
def test_the_mean_direction_knows_that_north_is_one_place(middle, swing, speed):
    """A wind that swings around any direction, north too, has that mean and that spread."""
    steps = [
        (100 - second, {"WS": speed, "WD": (middle + swing * (-1) ** second) % 360})
        for second in range(100)
    ]
    found = average(SCENE, fed(*steps), NIGHT)
    assert found.problem == ""
    assert found.speed_m_s == pytest.approx(speed)
    assert found.from_deg is not None
    assert abs((found.from_deg - middle + 180) % 360 - 180) < 0.6
    assert found.sigma_deg == pytest.approx(swing, abs=0.04 * swing + 0.1)  # Yamartino: within 4 %


@pytest.mark.parametrize(
    ("steps", "problem", "reason"),
    [
        ([(30, {"WS": 0.3, "WD": 10.0})], "calm", Reason.DEVICE_BAD),
        ([(30, {"WS": 4.0})], "wind-missing", Reason.NOT_YET_READ),
        ([], "wind-missing", Reason.NOT_YET_READ),
        ([(999, {"WS": None, "WD": None})], "wind-bad", Reason.DEVICE_BAD),
        ([(99, {"WS": 4.0, "WD": 10.0}), (60, {"WD": None})], "wind-bad", Reason.STALE),
        ([(99, {"WS": 4.0, "WD": 10.0}), (20, {"WD": None})], "", Reason.OK),
    ],
)
def test_a_wind_that_carries_nothing_says_why(steps, problem, reason):
    """Calm, never read, Bad and Bad for too long are told apart; a short gap is bridged."""
    found = average(SCENE, fed(*steps), NIGHT)
    assert (found.problem, found.reason) == (problem, reason)


def test_readings_that_do_not_inform_are_no_wind():
    """An anemometer in simulation mode moves no plume."""
    inputs = Inputs(SCENE.input_tags())
    inputs.take([row("WS", 4.0, "simulated", 1), row("WD", 90.0)], NIGHT.plus(-10))
    assert average(SCENE, inputs, NIGHT).problem == "wind-bad"


def test_a_site_that_names_no_wind_tags_is_told_so():
    """The configuration is the reason, not the instrument."""
    scene = scene_of(weather=(tag("TT", "temperature", Unit.CELSIUS),))
    assert average(scene, fed(), NIGHT).reason is Reason.CONFIGURATION


def test_temperature_is_kelvin_or_unknown():
    """Only a usable thermometer gives a temperature."""
    assert temperature_k(SCENE, fed((5, {"TT": -30.0}))) == pytest.approx(243.15)
    assert temperature_k(SCENE, fed((5, {"TT": None}))) is None
    assert temperature_k(SCENE, fed()) is None


def test_a_stepped_wall_clock_moves_no_reading():
    """Windows are on the monotonic clock."""
    inputs = fed((50, {"AT-1": 1.0}))
    stepped = Instant(NIGHT.utc_ns - 3600 * NS, NIGHT.mono_ns)
    inputs.take([row("AT-1", 2.0)], stepped.plus(-10))
    pieces = list(inputs.pieces("AT-1", NIGHT.mono_ns - 30 * NS, NIGHT.mono_ns))
    assert [(p.seconds, p.entry.value) for p in pieces] == [(20.0, 1.0), (10.0, 2.0)]
