"""What a simulated device answers to a request. MODBUS Application Protocol V1.1b3, section 6."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence

from edge.drivers.codec import pack_bits, pack_words
from edge.drivers.template import Area
from simulator.field.registers import FieldDevice

READS = {1: Area.COIL, 2: Area.DISCRETE, 3: Area.HOLDING, 4: Area.INPUT}
WRITES = {5: Area.COIL, 6: Area.HOLDING, 15: Area.COIL, 16: Area.HOLDING}
WRITE_READ = 23
ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE = 1, 2, 3
DEVICE_FAILURE, BUSY, NO_TARGET = 4, 6, 11

# device id, zero-based address, words or bits from there, mono_ns [ns] at which the request came in
WriteHeard = Callable[[str, int, tuple[int, ...], int], None]


class RefusedError(Exception):
    """A request that is answered with an exception code."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"exception {code}")


def perform(
    device: FieldDevice, pdu: bytes, came_ns: int, served: list[str], heard: WriteHeard
) -> bytes:
    """Do what `pdu` asks of `device` and return the answer's PDU. Raises `RefusedError`.

    Tags whose change the answer carries are added to `served`; `heard` is told of a write.
    """
    function = pdu[0]
    if function not in READS and function not in WRITES and function != WRITE_READ:
        raise RefusedError(ILLEGAL_FUNCTION)
    if len(pdu) < 5:
        raise RefusedError(ILLEGAL_VALUE)
    address, number = struct.unpack_from(">HH", pdu, 1)
    if function in WRITES:
        _write(device, WRITES[function], address, _written(function, number, pdu), came_ns, heard)
        return pdu[:5]
    if function == WRITE_READ:
        if len(pdu) < 10:
            raise RefusedError(ILLEGAL_VALUE)
        where, count = struct.unpack_from(">HH", pdu, 5)
        values = _words(pdu[9:], count, 121)
        _write(device, Area.HOLDING, where, values, came_ns, heard)
    area = READS.get(function, Area.HOLDING)
    if not 1 <= number <= (2000 if area.bitwise else 125):
        raise RefusedError(ILLEGAL_VALUE)
    words = device.read(area, address, number, came_ns)
    if words is None:
        raise RefusedError(ILLEGAL_ADDRESS)
    served += device.served(area, address, number)
    data = pack_bits(words) if area.bitwise else pack_words(words)
    return bytes([function, len(data)]) + data


def _write(
    device: FieldDevice,
    area: Area,
    address: int,
    values: Sequence[int],
    came_ns: int,
    heard: WriteHeard,
) -> None:
    if not device.write(area, address, values, came_ns):
        raise RefusedError(ILLEGAL_ADDRESS)
    heard(device.device.id, address, tuple(values), came_ns)


def _written(function: int, number: int, pdu: bytes) -> Sequence[int]:
    """Return the words or bits that a write request carries."""
    if function == 5:
        if number not in {0x0000, 0xFF00}:
            raise RefusedError(ILLEGAL_VALUE)
        return [number >> 8 & 1]
    if function == 6:
        return [number]
    if function == 16:
        return _words(pdu[5:], number, 123)
    data = pdu[6:]
    if not 1 <= number <= 1968 or len(data) != (number + 7) // 8:
        raise RefusedError(ILLEGAL_VALUE)
    return [data[index >> 3] >> (index & 7) & 1 for index in range(number)]


def _words(counted: bytes, number: int, most: int) -> Sequence[int]:
    """Return `number` words that follow their byte count."""
    if not 1 <= number <= most or len(counted) != 1 + 2 * number or counted[0] != 2 * number:
        raise RefusedError(ILLEGAL_VALUE)
    return struct.unpack(f">{number}H", counted[1:])
