"""Modbus frames from the instrument's side: requests out of bytes, answers into bytes. Pure."""

from __future__ import annotations

import struct
from typing import NamedTuple, Protocol

from edge.drivers.modbus.crc import crc_of, sound
from edge.drivers.modbus.decode import request_size


class Asked(NamedTuple):
    """One request: who is asked, what, and the number that its answer must carry (TCP)."""

    unit: int
    pdu: bytes
    number: bytes = b""


class NoModbusError(Exception):
    """What came in is no Modbus; a real device hangs up."""


class Frames(Protocol):
    """One connection's frames."""

    def feed(self, data: bytes) -> list[Asked]:
        """Return the requests that are whole by now. Raises `NoModbusError`."""
        ...

    def answer(self, asked: Asked, unit: int, pdu: bytes) -> bytes:
        """Return the frame that answers a request."""
        ...

    def spoil(self, frame: bytes) -> bytes:
        """Return the frame with what protects it made wrong."""
        ...


class MbapFrames:
    """The frames of Modbus TCP and TLS."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> list[Asked]:
        """Return the requests that are whole by now. Raises `NoModbusError`."""
        found: list[Asked] = []
        self._buffer += data
        while len(self._buffer) >= 8:
            length = int.from_bytes(self._buffer[4:6])
            if self._buffer[2:4] != b"\0\0" or not 2 <= length <= 254:
                raise NoModbusError
            if len(self._buffer) < 6 + length:
                break
            frame, self._buffer = self._buffer[: 6 + length], self._buffer[6 + length :]
            found.append(Asked(frame[6], frame[7:], frame[:2]))
        return found

    def answer(self, asked: Asked, unit: int, pdu: bytes) -> bytes:
        """Return the frame that answers a request."""
        return asked.number + struct.pack(">HHB", 0, len(pdu) + 1, unit) + pdu

    def spoil(self, frame: bytes) -> bytes:
        """Return the frame of another protocol: there is no checksum to make wrong."""
        return frame[:2] + b"\x5a\xa5" + frame[4:]


class RtuFrames:
    """The frames of a serial line. What is no sound request is passed over, byte by byte."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> list[Asked]:
        """Return the requests that are whole by now."""
        found: list[Asked] = []
        self._buffer += data
        while len(self._buffer) >= 4:
            size = request_size(self._buffer)
            if size < 0 or size > len(self._buffer):
                break
            if size >= 4 and sound(self._buffer[:size]):
                found.append(Asked(self._buffer[0], self._buffer[1 : size - 2]))
                self._buffer = self._buffer[size:]
            else:
                self._buffer = self._buffer[1:]
        return found

    def answer(self, asked: Asked, unit: int, pdu: bytes) -> bytes:  # noqa: ARG002  # RTU has no numbers
        """Return the frame that answers a request."""
        body = bytes([unit]) + pdu
        return body + crc_of(body)

    def spoil(self, frame: bytes) -> bytes:
        """Return the frame with a wrong checksum."""
        return frame[:-1] + bytes([frame[-1] ^ 0x55])
