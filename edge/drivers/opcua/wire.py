"""Answers with values, read straight from their bytes (OPC 10000-6, 5.2). Pure, without asyncua.

asyncua makes half a dozen objects of each notification; a number needs none of them. Numbers with
a status and stamps are unpacked at once, by one compiled layout per combination; whatever else a
node may hold is stepped over, for it is no value of ours. Senseless bytes are a `ValueError`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import wraps
from typing import NamedTuple, ParamSpec, TypeVar

READ_RESPONSE, PUBLISH_RESPONSE = 634, 829  # the types' ids in the binary encoding
CREATED_RESPONSE, MODIFIED_RESPONSE, ITEMS_RESPONSE = 790, 796, 754
DATA_CHANGE, STATUS_CHANGE = 811, 820
TICKS_1970 = 116_444_736_000_000_000  # of 100 ns, from 1601 to 1970
LAST_TICKS = TICKS_1970 + 106_751 * 86_400 * 10_000_000  # in 2262 nanoseconds leave 64 bits
DEEPEST = 20  # variants within variants
LONGEST_TEXT = 4096  # of a text that is kept [bytes]; what is longer is no namespace
STRING, VARIANT, DATA_VALUE, DIAGNOSTICS = 12, 24, 23, 25
_NUMBERS = dict(zip(range(1, 12), "?bBhHiIqQfd", strict=True))  # Boolean … Double
_FIXED = {13: 8, 14: 16, 19: 4} | {kind: struct.calcsize(f"<{c}") for kind, c in _NUMBERS.items()}
_U16, _U32, _I32 = struct.Struct("<H"), struct.Struct("<I"), struct.Struct("<i")
P = ParamSpec("P")
R = TypeVar("R")


class NodeValue(NamedTuple):
    """What a node answered: status code, value, and the server's stamp [UTC ns] or None.

    `value` is a number, a text, a list of texts, or None for anything that is none of these.
    """

    code: int
    value: object
    source_ns: int | None


class Pace(NamedTuple):
    """How a server means to serve a subscription: its id, and answers at these intervals [s]."""

    subscription: int
    interval_s: float  # with news
    alive_s: float  # without


class Item(NamedTuple):
    """A notification: whose it is (the handle we gave), and what a `NodeValue` says."""

    handle: int
    code: int
    value: object
    source_ns: int | None


class Published(NamedTuple):
    """One answer to a publish request; `status` is the code of a change of the subscription's."""

    subscription: int
    sequence: int
    items: list[Item]
    status: int | None

    @property
    def empty(self) -> bool:
        """Whether it only says that the server is alive and nothing has changed."""
        return not self.items and self.status is None


def utc_ns(ticks: int) -> int | None:
    """Return a stamp [100 ns since 1601] as UTC nanoseconds, None where it is no reading's time.

    Servers say "none" and "for ever" as 1601-01-01 and 9999-12-31 too (OPC 10000-6, 5.2.2.5): what
    no journal can hold counts as none.
    """
    return (ticks - TICKS_1970) * 100 if TICKS_1970 <= ticks < LAST_TICKS else None


def _checked(read: Callable[P, R]) -> Callable[P, R]:
    """Let truncated and senseless bytes raise `ValueError` alone."""

    @wraps(read)
    def inner(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return read(*args, **kwargs)
        except (struct.error, IndexError) as error:
            raise ValueError(f"answer cannot be read: {error}") from None

    return inner


@_checked
def read_response(data: bytes) -> list[NodeValue]:
    """Return the values in the bytes of a ReadResponse. Raises `ValueError`."""
    at = _after_header(data, READ_RESPONSE)
    (count,) = _I32.unpack_from(data, at)
    at += 4
    found: list[NodeValue] = []
    for _ in range(count):
        value, at = _data_value(data, at, 0)
        found.append(value)
    return found


@_checked
def publish_response(data: bytes) -> Published:
    """Return what the bytes of a PublishResponse say. Raises `ValueError`."""
    at = _after_header(data, PUBLISH_RESPONSE)
    subscription, known = struct.unpack_from("<Ii", data, at)
    at += 8 + 4 * max(known, 0) + 1  # sequence numbers to be had again, and "more to come"
    sequence, _, parts = struct.unpack_from("<Iqi", data, at)
    at += 16
    items: list[Item] = []
    status: int | None = None
    for _ in range(parts):
        kind, start, at = _extension(data, at)
        if kind == DATA_CHANGE:
            _items(data, start, items)
        elif kind == STATUS_CHANGE:
            (status,) = _U32.unpack_from(data, start)
    return Published(subscription, sequence, items, status)


@_checked
def pace_response(data: bytes, subscription: int | None = None) -> Pace:
    """Return the pace in the bytes of a CreateSubscriptionResponse.

    With the number of a `subscription` they are those of a ModifySubscriptionResponse. Raises
    `ValueError`.
    """
    at = _after_header(data, CREATED_RESPONSE if subscription is None else MODIFIED_RESPONSE)
    if subscription is None:
        (subscription,) = _U32.unpack_from(data, at)
        at += 4
    interval_ms, _, count = struct.unpack_from("<dII", data, at)
    return Pace(int(subscription or 0), interval_ms / 1000, interval_ms / 1000 * count)


@_checked
def items_response(data: bytes) -> list[int]:
    """Return the status code of each item of a CreateMonitoredItemsResponse."""
    at = _after_header(data, ITEMS_RESPONSE)
    (count,) = _I32.unpack_from(data, at)
    at += 4
    codes: list[int] = []
    for _ in range(count):
        codes += _U32.unpack_from(data, at)
        at = _extension(data, at + 20)[2]
    return codes


def _items(data: bytes, at: int, items: list[Item]) -> None:
    """Read a DataChangeNotification's items: the one place that is run thousands of times."""
    (count,) = _I32.unpack_from(data, at)
    at += 4
    handle_of, layouts = _U32.unpack_from, _LAYOUTS
    for _ in range(count):
        (handle,) = handle_of(data, at)
        layout = layouts.get(data[at + 4] << 8 | data[at + 5])
        if layout is None:
            value, at = _data_value(data, at + 4, 0)
            items.append(Item(handle, *value))
            continue
        fields = layout.packed.unpack_from(data, at + 6)
        at += 6 + layout.packed.size
        code = fields[layout.status] if layout.status else 0
        stamp = utc_ns(fields[layout.source]) if layout.source else None
        if stamp is None and layout.server:
            stamp = utc_ns(fields[layout.server])
        items.append(Item(handle, code, fields[0], stamp))


class _Layout(NamedTuple):
    """Where a number's status and stamps stand behind it; 0 where it brings none."""

    packed: struct.Struct
    status: int
    source: int
    server: int


def _layout(mask: int, number: str) -> _Layout:
    text = f"<{number}"
    places: dict[int, int] = {}
    for bit, code in ((2, "I"), (4, "q"), (0x10, "H"), (8, "q"), (0x20, "H")):
        if mask & bit:
            places[bit] = len(text) - 1
            text += code
    return _Layout(struct.Struct(text), places.get(2, 0), places.get(4, 0), places.get(8, 0))


# By the two bytes before a number: which parts a DataValue has, and of which type the number is.
_LAYOUTS = {
    mask << 8 | kind: _layout(mask, number)
    for mask in range(1, 64, 2)
    for kind, number in _NUMBERS.items()
}


def _data_value(data: bytes, at: int, depth: int) -> tuple[NodeValue, int]:
    mask = data[at]
    at += 1
    value: object = None
    if mask & 1:
        value, at = _variant(data, at, depth)
    code, source, server = 0, 0, 0
    if mask & 2:
        (code,) = _U32.unpack_from(data, at)
        at += 4
    if mask & 4:
        (source,) = struct.unpack_from("<q", data, at)
        at += 8
    at += 2 if mask & 0x10 else 0
    if mask & 8:
        (server,) = struct.unpack_from("<q", data, at)
        at += 8
    at += 2 if mask & 0x20 else 0
    stamp = utc_ns(source)
    return NodeValue(code, value, utc_ns(server) if stamp is None else stamp), at


def _variant(data: bytes, at: int, depth: int) -> tuple[object, int]:
    if depth > DEEPEST:
        raise ValueError("answer cannot be read: values nested too deeply")
    encoding = data[at]
    at += 1
    kind = encoding & 0x3F
    value: object = None
    if encoding & 0x80:
        value, at = _array(data, at, kind, depth)
        if encoding & 0x40:
            (dimensions,) = _I32.unpack_from(data, at)
            at += 4 + 4 * max(dimensions, 0)
        return value, at
    if kind in _NUMBERS:
        (value,) = struct.unpack_from(f"<{_NUMBERS[kind]}", data, at)
        return value, at + _FIXED[kind]
    if kind == STRING:
        return _text(data, at)
    return None, _skip(data, at, kind, depth)


def _array(data: bytes, at: int, kind: int, depth: int) -> tuple[object, int]:
    (count,) = _I32.unpack_from(data, at)
    at += 4
    if kind == 0 or count <= 0:
        return None, at
    if kind in _FIXED:
        return None, _within(data, at + count * _FIXED[kind])
    texts: list[object] = []
    for _ in range(count):
        if kind == STRING:
            text, at = _text(data, at)
            texts.append(text)
        else:
            at = _skip(data, at, kind, depth)
    return texts or None, at


def _skip(data: bytes, at: int, kind: int, depth: int) -> int:
    """Return where the value of built-in type `kind` that begins at `at` ends."""
    if kind == 0:
        return at
    if kind in _FIXED:
        return _within(data, at + _FIXED[kind])
    if kind in {17, 18}:
        return _node(data, at)[1]
    if kind == 20:
        return _past_bytes(data, at + 2)
    if kind == 21:
        mask, at = data[at], at + 1
        at = _past_bytes(data, at) if mask & 1 else at
        return _past_bytes(data, at) if mask & 2 else at
    if kind == 22:
        return _extension(data, at)[2]
    if kind == DATA_VALUE:
        return _data_value(data, at, depth + 1)[1]
    if kind == VARIANT:
        return _variant(data, at, depth + 1)[1]
    if kind == DIAGNOSTICS:
        return _diagnostics(data, at, depth + 1)
    return _past_bytes(data, at)  # ByteString, XmlElement, and what is reserved


def _text(data: bytes, at: int) -> tuple[str | None, int]:
    end = _past_bytes(data, at)
    if end - at > LONGEST_TEXT or data[at : at + 4] == b"\xff\xff\xff\xff":
        return None, end
    return data[at + 4 : end].decode("utf-8", "replace"), end


def _past_bytes(data: bytes, at: int) -> int:
    (length,) = _I32.unpack_from(data, at)
    return _within(data, at + 4 + max(length, 0))


def _within(data: bytes, at: int) -> int:
    if at > len(data):
        raise ValueError("answer cannot be read: it ends too early")
    return at


def _node(data: bytes, at: int) -> tuple[int | None, int]:
    """Return a node id's number in namespace 0 (None where it is none) and where it ends."""
    encoding = data[at]
    kind = encoding & 0x3F
    number: int | None = None
    if kind == 0:
        number, end = data[at + 1], at + 2
    elif kind == 1:
        space, name = struct.unpack_from("<BH", data, at + 1)
        number, end = (None if space else name), at + 4
    elif kind == 2:
        space, name = struct.unpack_from("<HI", data, at + 1)
        number, end = (None if space else name), at + 7
    elif kind in {3, 5}:
        end = _past_bytes(data, at + 3)
    elif kind == 4:
        end = at + 19
    else:
        raise ValueError(f"answer cannot be read: {kind} is no kind of node id")
    if encoding & 0x80:
        end = _past_bytes(data, end)
    return number, _within(data, end + (4 if encoding & 0x40 else 0))


def _extension(data: bytes, at: int) -> tuple[int | None, int, int]:
    """Return an extension object's type, and where its body begins and ends."""
    kind, at = _node(data, at)
    coded = data[at]
    at += 1
    if not coded & 3:
        return kind, at, at
    return kind, at + 4, _past_bytes(data, at)


def _diagnostics(data: bytes, at: int, depth: int) -> int:
    if depth > DEEPEST:
        raise ValueError("answer cannot be read: diagnostics nested too deeply")
    mask, at = data[at], at + 1
    at += 4 * (mask & 0x0F).bit_count()
    at = _past_bytes(data, at) if mask & 0x10 else at
    at += 4 if mask & 0x20 else 0
    return _diagnostics(data, at, depth + 1) if mask & 0x40 else _within(data, at)


def _after_header(data: bytes, expected: int) -> int:
    """Return where an answer's own part begins, behind its type and ResponseHeader."""
    kind, at = _node(data, 0)
    if kind != expected:
        raise ValueError(f"answer of type {kind} where {expected} was due")
    (result,) = _U32.unpack_from(data, at + 12)
    if result & 0x80000000:
        raise ValueError(f"the server refuses with status 0x{result:08X}")
    at = _diagnostics(data, at + 16, 0)
    (texts,) = _I32.unpack_from(data, at)
    at += 4
    for _ in range(texts):
        at = _past_bytes(data, at)
    return _extension(data, at)[2]
