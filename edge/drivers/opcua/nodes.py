"""Our references and stamps in asyncua's types; driver and simulated server share it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from asyncua.ua.uatypes import DateTime, Int16, Int32, NodeId, StatusCode, String, UInt32

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST_DAYS = 106_751  # in the year 2262, where nanoseconds leave 64 bits
_UA_EPOCH = DateTime(1970, 1, 1, tzinfo=UTC)


def node_id(identifier: str | int, index: int) -> NodeId:
    """Return the node of namespace `index` that `identifier` names."""
    name = Int32(identifier) if isinstance(identifier, int) else String(identifier)
    return NodeId(name, Int16(index))


def status_code(code: int) -> StatusCode:
    """Return status `code`."""
    return StatusCode(UInt32(code))


def utc_ns(stamp: datetime | None) -> int | None:
    """Return an OPC UA stamp as UTC nanoseconds, exactly; None where the server gives none.

    Servers say "none" and "for ever" as 1601-01-01 and 9999-12-31 too (OPC 10000-6, 5.2.2.5): what
    is no time of a reading, and no journal can hold, counts as none.
    """
    if stamp is None:
        return None
    since = stamp.replace(tzinfo=stamp.tzinfo or UTC) - EPOCH
    if not 0 <= since.days < LAST_DAYS:
        return None
    return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1000


def stamp_of(utc: int) -> DateTime:
    """Return `utc` [ns since 1970 UTC] as an OPC UA stamp, to the microsecond."""
    return _UA_EPOCH + timedelta(microseconds=utc // 1000)
