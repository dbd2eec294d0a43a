"""RTU frames for tests."""

from __future__ import annotations

from edge.drivers.modbus.crc import crc_of


def rtu(text: str | bytes) -> bytes:
    """Return the frame of unit and PDU (hexadecimal, or bytes) with its checksum."""
    body = bytes.fromhex(text) if isinstance(text, str) else text
    return body + crc_of(body)
