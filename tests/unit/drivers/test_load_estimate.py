"""What reading a site costs its links is reckoned as the line will have it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from edge.drivers.load_estimate import LinkLoad, cautions, estimate, misfits
from edge.errors import ConfigError
from edge.site.model import Device, Link
from edge.tag import Tag
from edge.units import Unit
from tests.conformance.field import TEMPLATES, make_site, make_tag

CHARACTER_S = 10 / 9600


def line(baud: int = 9600) -> Link:
    """Return a serial line."""
    return Link.model_validate(
        {"id": "l", "kind": "modbus-rtu", "serial": {"port": "/dev/ttyUSB0", "baud": baud}}
    )


def detectors(count: int) -> tuple[list[Device], list[Tag]]:
    """Return XNX detectors of one tag each: one request of 11 registers each."""
    devices = [
        Device(id=f"D{n}", link="l", template="honeywell-xnx", unit_id=n)
        for n in range(1, count + 1)
    ]
    tags = [make_tag(f"T-{device.id}", device.id, "concentration") for device in devices]
    return devices, tags


def load_of(
    link: Link, devices: Sequence[Device], tags: Sequence[Tag], turnaround_s: float | None = None
) -> LinkLoad:
    """Return what a site of one link costs it."""
    (load,) = estimate(make_site([link], devices, tags), TEMPLATES, turnaround_s)
    return load


def test_a_request_takes_its_bytes_its_rest_and_the_answers_delay():
    """8 bytes asked and 5 + 22 answered, 3.5 characters of rest, 20 ms until the answer begins."""
    load = load_of(line(), *detectors(1))
    (batch,) = load.batches
    (request,) = batch.requests
    assert (request.function, request.address, request.count, request.unused) == (3, 0, 11, 3)
    assert request.printed == "40001"
    assert request.tags == ("T-D1",)
    assert request.wire_s == pytest.approx((8 + 5 + 22 + 3.5) * CHARACTER_S)
    assert request.takes_s == pytest.approx(request.wire_s + 0.02)
    assert load.line_share == pytest.approx(request.wire_s)
    assert load.registers_per_s == 11
    assert load.cycles == {1.0: pytest.approx(request.takes_s)}


def test_a_full_line_is_a_caution_and_an_overfull_one_a_misfit():
    """16 detectors fill 64 % of a 9600 baud line; 30 do not fit; at 115200 baud they do."""
    some = load_of(line(), *detectors(16), turnaround_s=0.0)
    assert not list(misfits(some))
    assert "64% full" in next(cautions(some))
    many = load_of(line(), *detectors(30))
    assert "180% of the link's time" in next(misfits(many))
    assert not list(cautions(many))
    fast = load_of(line(115200), *detectors(30))
    assert not list(misfits(fast))
    assert not list(cautions(fast))


def test_a_device_that_needs_longer_than_its_period_is_named():
    """Instruments that answer after 950 ms cannot be read every second."""
    load = load_of(line(), *detectors(1), turnaround_s=0.95)
    assert "reading D1 takes 0.99 s of its period of 1 s" in next(misfits(load))


def test_sockets_cost_no_line():
    """Over TCP no bytes are counted, only the answers' delay."""
    load = load_of(Link(id="l", kind="modbus-tcp"), *detectors(1))
    assert load.line_share == 0
    assert load.busy_share == pytest.approx(0.005)


@pytest.mark.parametrize(
    ("periods", "says"),
    [
        ([1.0, 1.0], "reading C takes"),
        ([4.0, 1.2], "C has to rest between requests, and all its tags together need"),
        ([10.0, 10.0], ""),
    ],
)
def test_a_controller_that_wants_rests_keeps_others_waiting_for_nothing(
    periods: list[float], says: str
):
    """A second between its requests counts against its own periods and not the link's time."""
    controller = Device(id="C", link="l", template="honeywell-touchpoint-pro")
    refs = ("value_float[1]", "channel_state[60]")
    tags = [
        replace(make_tag(f"T{n}", "C", ref, unit), period_s=period_s)
        for n, (ref, unit, period_s) in enumerate(
            zip(refs, (Unit.PPM, Unit.COUNT), periods, strict=True)
        )
    ]
    load = load_of(Link(id="l", kind="modbus-tcp"), [controller], tags)
    assert load.busy_share < 0.05
    found = list(misfits(load))
    assert len(found) == bool(says)
    assert not says or says in found[0]


def test_tags_of_two_periods_are_read_apart():
    """A slow tag has its own requests, and each period its own sum."""
    device = Device(id="W", link="l", template="gill-maximet")
    slow = replace(make_tag("B", "W", "wind_direction", Unit.DEGREE), period_s=10.0)
    tags = [make_tag("A", "W", "wind_speed", Unit.METRE_PER_SECOND), slow]
    load = load_of(line(), [device], tags)
    assert [batch.period_s for batch in load.batches] == [1.0, 10.0]
    assert set(load.cycles) == {1.0, 10.0}


def test_a_server_that_tells_by_itself_is_asked_nothing():
    """OPC UA subscriptions cost no requests; polled nodes cost one for each few hundred."""
    ref = "nsu=urn:x;s=n"
    device = Device(id="S", link="l", template="opcua")
    tags = [make_tag(f"N{n}", "S", ref) for n in range(501)]
    told = load_of(Link(id="l", kind="opcua"), [device], tags)
    assert told.batches[0].streamed
    assert told.requests_per_s == 0
    asked = load_of(Link(id="l", kind="opcua", mode="poll"), [device], tags)
    assert [request.count for request in asked.batches[0].requests] == [500, 1]


def test_a_device_that_cannot_be_planned_is_a_fault():
    """A wrong setting is said with the device's name, not reckoned with."""
    device = Device(id="D", link="l", template="msa-ultima-x3", settings={"base": 5})
    with pytest.raises(ConfigError, match="D: base is 5"):
        load_of(line(), [device], [make_tag("T", "D", "concentration[1]")])
