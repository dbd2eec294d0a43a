"""Answers read from their bytes: against asyncua's own encoder, and against bytes of any kind."""

from __future__ import annotations

import math
import struct
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.drivers.opcua.wire import (
    TICKS_1970,
    NodeValue,
    items_response,
    pace_response,
    publish_response,
    read_response,
    utc_ns,
)

ua: Any = pytest.importorskip("asyncua").ua
binary: Any = pytest.importorskip("asyncua.ua.ua_binary")
NS_PER_TICK = 100
STAMP = ua.DateTime(2026, 3, 1, 4, 5, 6, 789_012)
STAMP_NS = 1_772_337_906_789_012_000
INTEGERS = {
    "SByte": (-128, 127),
    "Byte": (0, 255),
    "Int16": (-(2**15), 2**15 - 1),
    "UInt16": (0, 2**16 - 1),
    "Int32": (-(2**31), 2**31 - 1),
    "UInt32": (0, 2**32 - 1),
    "Int64": (-(2**63), 2**63 - 1),
    "UInt64": (0, 2**64 - 1),
}
OTHERS = {
    "Guid": uuid.UUID(int=7),
    "ByteString": b"\x00\xff",
    "DateTime": STAMP,
    "NodeId": ua.NodeId("a;b", 3),
    "ExpandedNodeId": ua.ExpandedNodeId(5, 0, NamespaceUri="urn:x", ServerIndex=2),
    "QualifiedName": ua.QualifiedName("name", 2),
    "LocalizedText": ua.LocalizedText("文字", "zh"),
    "StatusCode": ua.StatusCode(0x808C0000),
    "ExtensionObject": ua.EUInformation("urn:u", 5, ua.LocalizedText("ppm"), ua.LocalizedText("x")),
    "Variant": ua.Variant(3, ua.VariantType.Int16),
    "DataValue": ua.DataValue(ua.Variant(3.0, ua.VariantType.Double)),
}


def numbers() -> st.SearchStrategy[tuple[Any, Any]]:
    """Every kind of number, as (variant, value)."""
    kinds: list[st.SearchStrategy[Any]] = [
        st.integers(low, high).map(lambda v, k=kind: (ua.Variant(v, ua.VariantType[k]), v))
        for kind, (low, high) in INTEGERS.items()
    ]
    kinds.append(st.booleans().map(lambda v: (ua.Variant(v, ua.VariantType.Boolean), v)))
    doubles = st.floats(allow_nan=False)
    kinds.append(doubles.map(lambda v: (ua.Variant(v, ua.VariantType.Double), v)))
    floats = st.floats(allow_nan=False, width=32)
    kinds.append(floats.map(lambda v: (ua.Variant(v, ua.VariantType.Float), v)))
    return st.one_of(kinds)


def others() -> st.SearchStrategy[tuple[Any, Any]]:
    """Everything that is no number, as (variant, what we keep of it)."""
    scalars = [(ua.Variant(v, ua.VariantType[kind]), None) for kind, v in OTHERS.items()]
    arrays = [(ua.Variant([v, v], ua.VariantType[kind]), None) for kind, v in OTHERS.items()]
    texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    return st.one_of(
        st.sampled_from([*scalars, *arrays, (ua.Variant(None), None)]),
        texts.map(lambda v: (ua.Variant(v, ua.VariantType.String), v)),
        st.lists(texts, min_size=1, max_size=3).map(
            lambda v: (ua.Variant(v, ua.VariantType.String), v)
        ),
        st.lists(st.integers(0, 9), min_size=1, max_size=3).map(
            lambda v: (ua.Variant(v, ua.VariantType.Int32), None)
        ),
    )


def data_values() -> st.SearchStrategy[tuple[Any, NodeValue]]:
    """A DataValue with any of its parts, and what is to be read of it."""

    def make(kept: tuple[Any, Any], code: int, source: bool, server: bool) -> tuple[Any, NodeValue]:
        variant, value = kept
        data = ua.DataValue(
            variant,
            ua.StatusCode(code) if code else None,
            SourceTimestamp=STAMP if source else None,
            ServerTimestamp=STAMP if server else None,
        )
        return data, NodeValue(code, value, STAMP_NS if source or server else None)

    codes = st.sampled_from([0, 0x808C0000, 0x40900000, 0x00000480])
    return st.builds(make, st.one_of(numbers(), others()), codes, st.booleans(), st.booleans())


def published(items: list[Any], **more: Any) -> bytes:
    """A PublishResponse with one notification for each DataValue, handles counting from 0."""
    change = ua.DataChangeNotification()
    change.MonitoredItems = [
        ua.MonitoredItemNotification(handle, value) for handle, value in enumerate(items)
    ]
    response = ua.PublishResponse()
    response.Parameters.SubscriptionId = 7
    response.Parameters.AvailableSequenceNumbers = [3, 4]
    response.Parameters.NotificationMessage.SequenceNumber = 5
    parts = more.get("parts", [change] if items else [])
    response.Parameters.NotificationMessage.NotificationData = parts
    return bytes(binary.struct_to_binary(response))


@given(st.lists(data_values(), max_size=5))
def test_values_are_what_asyncua_encodes(pairs: list[tuple[Any, NodeValue]]):
    """Whatever nodes hold, value, code and stamp are read; the next begins where one ends."""
    response = ua.ReadResponse()
    response.Results = [data for data, _ in pairs]
    assert read_response(bytes(binary.struct_to_binary(response))) == [want for _, want in pairs]


@given(st.lists(data_values(), max_size=5))
def test_notifications_are_what_asyncua_encodes(pairs: list[tuple[Any, NodeValue]]):
    """Notifications carry our handles, in their order, with the same values."""
    answer = publish_response(published([data for data, _ in pairs]))
    assert (answer.subscription, answer.sequence, answer.status) == (7, 5, None)
    assert answer.empty == (not pairs)
    assert [item.handle for item in answer.items] == list(range(len(pairs)))
    assert [NodeValue(*item[1:]) for item in answer.items] == [want for _, want in pairs]


def test_picoseconds_stand_where_the_standard_puts_them():
    """Each stamp is followed by its own picoseconds (OPC 10000-6, 5.2.2.17); asyncua differs."""
    mask, kind = 0x3F, 11
    ticks = TICKS_1970 + STAMP_NS // NS_PER_TICK
    body = struct.pack("<BBdIqHqH", mask, kind, 2.5, 0x40900000, ticks, 999, 1, 77)
    response = ua.ReadResponse()
    response.Results = [ua.DataValue(ua.Variant(0.0, ua.VariantType.Double), None)]
    whole = bytes(binary.struct_to_binary(response))
    plain = struct.pack("<BBd", 1, kind, 0.0)
    assert plain in whole
    expected = NodeValue(0x40900000, 2.5, STAMP_NS)
    assert read_response(whole.replace(plain, body)) == [expected]
    item = published(response.Results).replace(plain, body)
    assert NodeValue(*publish_response(item).items[0][1:]) == expected


def test_a_change_of_status_is_read():
    """The end of a subscription is told by a notification of its own."""
    change = ua.StatusChangeNotification(Status=ua.StatusCode(0x800A0000))
    answer = publish_response(published([], parts=[change]))
    assert answer.status == 0x800A0000
    assert not answer.empty


def test_answers_about_subscriptions_and_items():
    """Pace and item codes are read from the answers to making them."""
    made = ua.CreateSubscriptionResponse()
    made.Parameters.SubscriptionId = 9
    made.Parameters.RevisedPublishingInterval = 250.0
    made.Parameters.RevisedMaxKeepAliveCount = 3
    assert pace_response(bytes(binary.struct_to_binary(made))) == (9, 0.25, 0.75)
    changed = ua.ModifySubscriptionResponse()
    changed.Parameters.RevisedPublishingInterval = 1000.0
    changed.Parameters.RevisedMaxKeepAliveCount = 1
    assert pace_response(bytes(binary.struct_to_binary(changed)), 9) == (9, 1.0, 1.0)
    items = ua.CreateMonitoredItemsResponse()
    items.Results = [
        ua.MonitoredItemCreateResult(ua.StatusCode(code), i)
        for i, code in enumerate((0, 0x80340000))
    ]
    assert items_response(bytes(binary.struct_to_binary(items))) == [0, 0x80340000]


@given(st.lists(data_values(), min_size=1, max_size=3), st.data())
def test_truncated_answers_are_a_value_error(
    pairs: list[tuple[Any, NodeValue]], data: st.DataObject
):
    """An answer that ends anywhere before its end is refused as a whole, by one kind of error."""
    whole = published([value for value, _ in pairs])
    end = data.draw(st.integers(0, len(whole) - 9))  # diagnostics come last and are not read
    with pytest.raises(ValueError, match="answer"):
        publish_response(whole[:end])


@given(st.lists(data_values(), max_size=3), st.data())
def test_garbled_answers_raise_nothing_else(
    pairs: list[tuple[Any, NodeValue]], data: st.DataObject
):
    """Bytes that have changed on their way are some values or a ValueError, never a crash."""
    whole = bytearray(published([value for value, _ in pairs]))
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        answer = publish_response(bytes(whole))
    except ValueError:
        return
    assert all(item.source_ns is None or item.source_ns >= 0 for item in answer.items)


def test_values_within_values_end_somewhere():
    """A variant in a variant in a variant … is refused before the stack is."""
    response = ua.ReadResponse()
    response.Results = [ua.DataValue(ua.Variant(0.0, ua.VariantType.Double), None)]
    whole = bytes(binary.struct_to_binary(response))
    plain = struct.pack("<BBd", 1, 11, 0.0)
    deep = b"\x01" + b"\x18" * 5000 + b"\x01\x01"
    with pytest.raises(ValueError, match="deeply"):
        read_response(whole.replace(plain, deep))


def test_a_refusal_is_said_with_its_code():
    """An answer whose header says Bad has no values."""
    response = ua.ReadResponse()
    response.ResponseHeader.ServiceResult = ua.StatusCode(0x80020000)
    with pytest.raises(ValueError, match="0x80020000"):
        read_response(bytes(binary.struct_to_binary(response)))
    with pytest.raises(ValueError, match="was due"):
        publish_response(bytes(binary.struct_to_binary(response)))


@given(st.integers(-(2**63), 2**63 - 1))
def test_every_stamp_fits_a_journal(ticks: int):
    """Whatever 64 bits say, a stamp is none or nanoseconds since 1970 that 64 bits hold."""
    stamp = utc_ns(ticks)
    assert stamp is None or 0 <= stamp < 2**63


def test_not_a_number_comes_through():
    """NaN is a number on the wire; whoever judges values refuses it."""
    response = ua.ReadResponse()
    response.Results = [ua.DataValue(ua.Variant(math.nan, ua.VariantType.Double))]
    (found,) = read_response(bytes(binary.struct_to_binary(response)))
    assert isinstance(found.value, float)
    assert math.isnan(found.value)
