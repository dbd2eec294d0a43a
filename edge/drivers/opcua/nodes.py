"""Our references and stamps in asyncua's types; driver and simulated server share it."""

from __future__ import annotations

from datetime import UTC, timedelta
from uuid import UUID

from asyncua.ua.uatypes import (
    ByteString,
    DateTime,
    Guid,
    Int16,
    Int32,
    NodeId,
    StatusCode,
    String,
    UInt32,
)

_UA_EPOCH = DateTime(1970, 1, 1, tzinfo=UTC)


def node_id(identifier: str | int | UUID | bytes, index: int) -> NodeId:
    """Return the node of namespace `index` that `identifier` names."""
    if isinstance(identifier, int):
        return NodeId(Int32(identifier), Int16(index))
    if isinstance(identifier, UUID):
        return NodeId(Guid(int=identifier.int), Int16(index))
    if isinstance(identifier, bytes):
        return NodeId(ByteString(identifier), Int16(index))
    return NodeId(String(identifier), Int16(index))


def status_code(code: int) -> StatusCode:
    """Return status `code`."""
    return StatusCode(UInt32(code))


def stamp_of(utc: int) -> DateTime:
    """Return `utc` [ns since 1970 UTC] as an OPC UA stamp, to the microsecond."""
    return _UA_EPOCH + timedelta(microseconds=utc // 1000)
