"""OPC UA references and status codes, without a server."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from edge.drivers.opcua.nodes import stamp_of, utc_ns
from edge.drivers.opcua.refs import NodeRef, check_ref, parse_ref
from edge.drivers.opcua.status import Statuses, reading
from edge.tag import REASONS, Quality, Reason
from tests.unit.drivers.points import OPCUA, make_tag

STATUSES = Statuses(OPCUA)


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("nsu=urn:suian:field;s=PT-101", NodeRef("urn:suian:field", "PT-101")),
        ('nsu=http://x/y;s=a.b "c";d=1', NodeRef("http://x/y", 'a.b "c";d=1')),
        ("nsu=urn:x;i=1001", NodeRef("urn:x", 1001)),
        ("i=2258", NodeRef("", 2258)),
        ("ns=0;i=2258", NodeRef("", 2258)),
    ],
)
def test_references(text: str, ref: NodeRef):
    """Identifiers are opaque: dots, quotes and semicolons stay in them."""
    assert parse_ref(text) == ref
    assert check_ref(text) == ""


@pytest.mark.parametrize(
    "text", ["ns=2;s=PT-101", "PT-101", "nsu=urn:x;i=abc", "nsu=urn:x;g=0", ""]
)
def test_wrong_references(text: str):
    """An index that may change, and what names no node, are refused with words."""
    assert check_ref(text)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (0, Reason.OK),
        (0x00960000, Reason.SIMULATED),
        (0x808C0000, Reason.SENSOR_FAULT),
        (0x808C0480, Reason.SENSOR_FAULT),  # info bits do not count
        (0x80000000, Reason.DEVICE_BAD),
        (0x80AB0000, Reason.DEVICE_BAD),
        (0x40000000, Reason.DEVICE_UNCERTAIN),
        (0x40900000, Reason.LATE),
    ],
)
def test_codes(code: int, reason: Reason):
    """Listed codes have their reason, others that of their severity."""
    assert STATUSES.reason(code) is reason


@pytest.mark.parametrize("reason", list(Reason))
def test_a_reason_survives_or_keeps_its_standing(reason: Reason):
    """As a status code and back, a reason keeps its quality and whether it judges."""
    back = STATUSES.reason(STATUSES.code(reason))
    assert REASONS[back] == REASONS[reason]


@pytest.mark.parametrize(
    ("value", "code", "reason"),
    [
        (5.0, 0, Reason.OK),
        (True, 0, Reason.OK),
        (500.0, 0, Reason.OVER_RANGE),
        (-500.0, 0x40940000, Reason.UNDER_RANGE),
        (float("nan"), 0, Reason.INVALID_VALUE),
        ("12", 0, Reason.INVALID_VALUE),
        (None, 0, Reason.INVALID_VALUE),
        (5.0, 0x808B0000, Reason.DEVICE_FAULT),
    ],
)
def test_values(value: object, code: int, reason: Reason):
    """A value is a finite number within its range, or there is a reason; its stamp stays."""
    found = reading(STATUSES, make_tag("T", "i=1"), code, value, 17)
    assert found.reason is reason
    assert found.source_ns == 17
    assert (found.value is None) == (REASONS[reason].quality is Quality.BAD)


def test_the_listed_numbers_are_the_librarys():
    """Every code of the template is the OPC Foundation's number for its name."""
    codes = pytest.importorskip("asyncua.ua.status_codes").StatusCodes
    for rule in OPCUA.statuses:
        assert getattr(codes, rule.name) == rule.code


def test_stamps_survive_to_the_microsecond():
    """Nanoseconds go out and come back without the error of a float."""
    assert utc_ns(stamp_of(1_764_000_000_123_456_789)) == 1_764_000_000_123_456_000
    assert utc_ns(None) is None


@pytest.mark.parametrize("year", [1, 1601, 1969, 2263, 9999])
def test_a_stamp_that_is_no_time_of_a_reading_counts_as_none(year: int):
    """Servers send DateTime.MinValue and .MaxValue for "none"; 64 bits do not hold them."""
    assert utc_ns(datetime(year, 1, 1, tzinfo=UTC)) is None
