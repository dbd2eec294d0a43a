"""Advice on gas read from a controller: only the very channel's alarm stands beside its value."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge.drivers import advise_site
from edge.site.model import Device, GdsTags, Link
from edge.tag import Tag
from edge.units import Unit
from tests.conformance.field import TEMPLATES, make_site, make_tag

LINK = Link(id="l", kind="modbus-tcp")
DEVICES = [
    Device(id="IGD", link="l", template="igd-toc635", unit_id=1),
    Device(id="TPP", link="l", template="honeywell-touchpoint-pro", unit_id=2),
]


def state(device: str, ref: str) -> Tag:
    """Return a tag of something that is or is not."""
    return replace(make_tag(f"XA-{ref}", device, ref, Unit.BOOL, 0, 1), quantity="state")


@pytest.mark.parametrize(
    ("device", "value", "beside", "told"),
    [
        ("IGD", "concentration[4]", [], True),
        ("IGD", "concentration[4]", ["sensor_status.al1[4]"], False),
        ("IGD", "concentration[4]", ["sensor_status.al2[4]"], False),
        ("IGD", "concentration[4]", ["sensor_status.al1[5]"], True),
        ("IGD", "concentration[4]", ["area_status.al1[4]"], True),
        ("IGD", "concentration[4]", ["sensor_status.al1_muted[4]"], True),
        ("IGD", "concentration[4]", ["sensor_status.fault[4]"], True),
        ("TPP", "value_float[2]", ["alarm_1[2]"], False),
        ("TPP", "value_float[2]", ["alarm_1[3]"], True),
        ("TPP", "value_float[2]", ["output_alarm_2[2]", "any_alarm_1"], True),
        ("TPP", "value_float[2]", ["acknowledged[2]"], True),
    ],
)
def test_a_value_wants_its_own_channels_alarm(
    device: str, value: str, beside: list[str], told: bool
):
    """Not a fault's, a muting's, an output's, an area's of the same number, or a neighbour's."""
    tags = [make_tag("AT", device, value), *(state(device, ref) for ref in beside)]
    site = make_site([LINK], DEVICES, tags)
    named = replace(site, gds={"AT": GdsTags(*(f"XA-{ref}" for ref in beside[:1]))})
    found = advise_site(named, TEMPLATES)
    assert [fault.subject for fault in found] == (["AT"] if told else [])


def test_alarm_states_that_no_row_names_are_proposed():
    """They are tags already; the detector's row has to say that they are its own."""
    tags = [make_tag("AT", "TPP", "value_float[2]"), state("TPP", "alarm_1[2]")]
    (fault,) = advise_site(make_site([LINK], DEVICES, tags), TEMPLATES)
    assert "XA-alarm_1[2]" in fault.problem
    assert "gds_alarm_1" in fault.remedy


def test_the_advice_names_points_of_gas_channels_only():
    """What is proposed are the channel's levels; those of an area of that number are another's."""
    tags = [make_tag("AT", "IGD", "concentration[4]")]
    (fault,) = advise_site(make_site([LINK], DEVICES, tags), TEMPLATES)
    assert "sensor_status.al1[4]" in fault.remedy
    assert "area_status" not in fault.remedy
