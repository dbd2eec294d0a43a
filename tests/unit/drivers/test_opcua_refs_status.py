"""OPC UA references and status codes, without a server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from edge.drivers.opcua.nodes import stamp_of
from edge.drivers.opcua.refs import NodeRef, check_ref, parse_ref
from edge.drivers.opcua.status import Statuses, reading
from edge.drivers.opcua.wire import utc_ns
from edge.tag import REASONS, Quality, Reason
from tests.unit.drivers.points import OPCUA, make_tag

STATUSES = Statuses(OPCUA)
GUID = "09087e75-8e5e-499b-954f-f2a9603db28a"
OPAQUE = bytes.fromhex("33f45b281b115647 8f09e3dcc76e2844")


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("nsu=urn:suian:field;s=PT-101", NodeRef("urn:suian:field", "PT-101")),
        ('nsu=http://x/y;s=a.b "c";d=1', NodeRef("http://x/y", 'a.b "c";d=1')),
        ("nsu=urn:x;i=1001", NodeRef("urn:x", 1001)),
        ("i=2258", NodeRef("", 2258)),
        ("ns=0;i=2258", NodeRef("", 2258)),
        ("nsu=urn:x;g=" + GUID, NodeRef("urn:x", UUID(GUID))),
        ("nsu=urn:x;b=M/RbKBsRVkePCePcx24oRA==", NodeRef("urn:x", OPAQUE)),
    ],
)
def test_references(text: str, ref: NodeRef):
    """Identifiers are opaque: dots, quotes and semicolons stay in them."""
    assert parse_ref(text) == ref
    assert check_ref(text) == ""
    assert parse_ref(str(ref)) == ref


@pytest.mark.parametrize(
    "text",
    [
        "ns=2;s=PT-101",
        "PT-101",
        "nsu=urn:x;i=abc",
        "nsu=urn:x;i=4294967296",
        "nsu=urn:x;i=²",
        "nsu=urn:x;g=0",
        "nsu=urn:x;b=M/Rb!",
        "nsu=urn:x;b=M",
        "",
    ],
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


def ticks(stamp: datetime) -> int:
    """Return a stamp as it travels: 100 ns since 1601."""
    return (stamp - datetime(1601, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 10


def test_stamps_survive_to_the_microsecond():
    """Nanoseconds go out and come back without the error of a float."""
    assert utc_ns(ticks(stamp_of(1_764_000_000_123_456_789))) == 1_764_000_000_123_456_000
    assert utc_ns(116_444_736_000_000_001) == 100


@pytest.mark.parametrize("year", [1601, 1969, 2263, 9999])
def test_a_stamp_that_is_no_time_of_a_reading_counts_as_none(year: int):
    """Servers send DateTime.MinValue and .MaxValue for "none"; 64 bits do not hold them."""
    assert utc_ns(ticks(datetime(year, 1, 1, tzinfo=UTC))) is None


@pytest.mark.parametrize("count", [0, -1, -(2**63), 2**63 - 1])
def test_a_count_that_is_no_time_counts_as_none(count: int):
    """Whatever 64 bits may hold, no stamp leaves the range of the journal."""
    assert utc_ns(count) is None
