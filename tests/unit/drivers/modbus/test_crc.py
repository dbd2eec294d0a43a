"""The checksum, against its definition bit by bit and a published frame."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.drivers.modbus.crc import crc_of, sound


def by_the_book(data: bytes) -> bytes:
    """Return the checksum as MODBUS over Serial Line V1.02, section 6.2.2 says: bit by bit."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc.to_bytes(2, "little")


def test_a_printed_frame():
    """The specification's own example: 02 07 has the checksum 41 12."""
    assert crc_of(b"\x02\x07") == b"\x41\x12"


@given(st.binary(min_size=2, max_size=254))
def test_every_length_is_right(data: bytes):
    """Frames of every length have the checksum that the definition gives."""
    assert crc_of(data) == by_the_book(data)
    assert sound(data + crc_of(data))


@given(st.binary(min_size=2, max_size=254), st.data())
def test_a_flipped_bit_is_found(data: bytes, draw: st.DataObject):
    """No single wrong bit passes."""
    frame = data + crc_of(data)
    bit = draw.draw(st.integers(0, 8 * len(frame) - 1))
    wrong = bytearray(frame)
    wrong[bit >> 3] ^= 1 << (bit & 7)
    assert not sound(bytes(wrong))


@pytest.mark.parametrize("size", [0, 1, 3, 257, 300])
def test_what_is_no_frame_is_not_sound(size: int):
    """Too short or too long is refused, whatever it holds."""
    assert not sound(bytes(size))
