"""What is known of a unit: waits, silences, pauses, and the figures an engineer reads. No wire."""

from __future__ import annotations

import pytest

from edge.drivers.modbus.requests import RequestError, read_request
from edge.drivers.modbus.statistics import REMEMBERED, DeviceStatistics
from edge.drivers.modbus.unit import FULL_PROBE, Unit, rest_s
from edge.drivers.template import Area
from edge.site.link import Link, Serial
from edge.site.model import Device
from edge.tag import Reason

TCP = Link(id="l", kind="modbus-tcp", timeout_s=1.0, retry_s=5.0)
LINE = Link(id="l", kind="modbus-rtu", serial=Serial(port="/dev/x", baud=9600))
DEVICE = Device(id="D", link="l", template="x", unit_id=1)
ASK = read_request(Area.HOLDING, 0, 2)
BLOCK = read_request(Area.HOLDING, 0, 125)


def unit(link: Link = TCP, *, shared: bool = True, **facts: object) -> Unit:
    """Return a unit of `link` of which nothing is known."""
    device = Device.model_validate({**DEVICE.model_dump(), **facts})
    return Unit(link, device, shared=shared)


def test_neighbours_are_spared_by_what_a_unit_is_known_to_take():
    """Alone it gets its time-out; shared, as much as it is known to need; silent, a short probe."""
    assert unit(shared=False).wait_s(ASK, urgent=False) == 1.0
    state = unit()
    assert state.wait_s(ASK, urgent=False) == 1.0  # nothing is known of it
    state.asked_at = 10.0
    state.answered(10.01)
    assert state.wait_s(ASK, urgent=False) == pytest.approx(0.4)
    state.slowest_s = 0.08
    assert state.wait_s(ASK, urgent=False) == pytest.approx(0.8)
    state.slowest_s = 0.01
    state.silent(11.0, lambda: 0.0)
    assert state.wait_s(ASK, urgent=False) == pytest.approx(0.25)
    assert state.wait_s(ASK, urgent=True) == 1.0  # a horn is worth waiting for
    state.silences = FULL_PROBE
    assert state.wait_s(ASK, urgent=False) == 1.0


def test_the_bytes_time_on_the_line_comes_on_top():
    """At 9600 baud 125 registers take over a quarter of a second, which is no silence."""
    line = unit(LINE).wait_s(BLOCK, urgent=False)
    assert line - 1.0 == pytest.approx((8 + 255) * 10 / 9600)


@pytest.mark.parametrize(
    ("link", "rest"),
    [
        (TCP, 0.0),
        (TCP.model_copy(update={"gap_s": 0.1}), 0.1),
        (LINE, 3.5 * 10 / 9600),
        (LINE.model_copy(update={"gap_s": 0.1}), 0.1 + 3.5 * 10 / 9600),
        (LINE.model_copy(update={"serial": Serial(port="x", baud=115200)}), 0.00175),
        (
            LINE.model_copy(update={"serial": Serial(port="x", parity="even", stop_bits=2)}),
            3.5 * 12 / 9600,
        ),
        (Link(id="l", kind="modbus-rtu-tcp"), 3.5 * 10 / 9600),
    ],
)
def test_a_line_rests_between_requests(link: Link, rest: float):
    """3.5 characters on a line, 1.75 ms on a fast one, and the engineer's gap on top."""
    assert rest_s(link) == pytest.approx(rest)


def test_probes_of_a_silent_unit_become_rarer_and_never_in_step():
    """The pause doubles up to the link's longest, less a share of chance; an answer ends it."""
    state, pauses = unit(), list[float]()
    state.asked_at = 99.5
    assert state.silent(100.0, lambda: 0.5)
    assert not state.rests(100.0)  # the next poll is its retry
    for _ in range(5):
        assert not state.silent(100.0, lambda: 0.5)
        pauses.append(state.probe_at - 100.0)
    assert pauses == pytest.approx([0.875, 1.75, 3.5, 4.375, 4.375])
    assert state.rests(104.0)
    state.asked_at = 110.0
    assert state.answered(110.1) == pytest.approx(10.6)
    assert state.statistics.silences == 1
    assert not state.rests(110.1)


def test_what_is_asked_again_and_what_is_not():
    """Busy is waited for within the time-out, damage retried, silence only where it may be."""
    busy, damaged = (
        RequestError(Reason.DEVICE_EXCEPTION, "", 6),
        RequestError(Reason.BAD_REPLY, ""),
    )
    silent, refused = (
        RequestError(Reason.TIMEOUT, ""),
        RequestError(Reason.DEVICE_EXCEPTION, "", 2),
    )
    shared, alone, own = unit(), unit(shared=False), unit(retries=2)
    assert [shared.pause_s(busy, tries) for tries in range(6)] == [0.05, 0.1, 0.2, 0.4, 0.8, None]
    assert [shared.pause_s(damaged, tries) for tries in range(2)] == [0.0, None]
    assert shared.pause_s(silent, 0) is None
    assert [alone.pause_s(silent, tries) for tries in range(2)] == [0.0, None]
    assert [own.pause_s(silent, tries) for tries in range(3)] == [0.0, 0.0, None]
    assert shared.pause_s(refused, 0) is None


def test_a_late_answer_teaches_patience():
    """A unit that answers after it was given up is alive: it is waited for longer."""
    state = unit(LINE)
    state.asked_at = 10.0
    state.owes(10.2)
    state.silent(10.25, lambda: 0.0)
    state.strayed(10.3)
    assert state.owed == 0
    assert state.doubted(11.2)  # there may be more where that came from
    assert not state.doubted(11.31)
    assert state.wait_s(ASK, urgent=False) > 0.9
    tcp = unit()
    tcp.owes(10.2)
    assert (tcp.owed, tcp.doubted(10.2)) == (0, False)  # TCP's answers carry numbers


def test_figures_of_the_latest_answers():
    """Least, mean, 95th percentile and most are of the latest answers; none are None."""
    figures = DeviceStatistics()
    assert figures.as_dict()["latency_p95_ms"] is None
    figures.answered(9.0)
    for number in range(REMEMBERED):
        figures.answered(0.001 * (number % 100 + 1))
    told = figures.as_dict()
    assert told["answers"] == REMEMBERED + 1
    assert (told["latency_min_ms"], told["latency_max_ms"]) == (1.0, 100.0)
    assert told["latency_p95_ms"] == pytest.approx(94.0, abs=2)
