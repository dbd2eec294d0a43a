"""What is asked, as it travels: a function code and its data, made by pymodbus and checked by it.

A request is made once per plan, not once per poll, so making it costs nothing that counts.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from pymodbus.pdu import ModbusPDU
from pymodbus.pdu.bit_message import (
    ReadCoilsRequest,
    ReadDiscreteInputsRequest,
    WriteMultipleCoilsRequest,
    WriteSingleCoilRequest,
)
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersRequest,
    ReadInputRegistersRequest,
    ReadWriteMultipleRegistersRequest,
    WriteMultipleRegistersRequest,
    WriteSingleRegisterRequest,
)

from edge.drivers.template import Area
from edge.tag import Reason

ECHO = -1
_READS: dict[Area, type[ModbusPDU]] = {
    Area.COIL: ReadCoilsRequest,
    Area.DISCRETE: ReadDiscreteInputsRequest,
    Area.HOLDING: ReadHoldingRegistersRequest,
    Area.INPUT: ReadInputRegistersRequest,
}


class RequestError(Exception):
    """A request that brought no usable answer; `code` is the device's exception code, else 0.

    `again_s` [s] says that it was not the unit's fault: after that rest it is to be asked again.
    """

    def __init__(
        self, reason: Reason, detail: str, code: int = 0, *, again_s: float | None = None
    ) -> None:
        self.reason = reason
        self.detail = detail
        self.code = code
        self.again_s = again_s
        super().__init__(detail)


class Request(NamedTuple):
    """A request without address and checksum. `size` is how many data bytes its answer carries.

    An answer that repeats the head of its request has the size `ECHO`.
    """

    pdu: bytes
    size: int

    @property
    def function(self) -> int:
        """The function code."""
        return self.pdu[0]

    @property
    def answer_octets(self) -> int:
        """How many bytes its answer is on a serial line."""
        return 8 if self.size == ECHO else 5 + self.size


@lru_cache(maxsize=4096)
def read_request(area: Area, address: int, count: int) -> Request:
    """Return the request that reads `count` registers or bits (functions 1 to 4)."""
    size = (count + 7) // 8 if area.bitwise else 2 * count
    return _made(_READS[area](address=address, count=count), size)


def write_request(
    area: Area, address: int, words: tuple[int, ...], function: int | None = None
) -> Request:
    """Return the request that writes words to registers or bits to coils.

    Without a `function` it is 5 or 6 for one, 15 or 16 for several; 23 reads what it has written.
    """
    if function == 23:
        return write_read_request(address, words, address, len(words))
    single = len(words) == 1 and function not in {15, 16}
    if area is Area.COIL:
        bits = [bool(word) for word in words]
        if single:
            return _made(WriteSingleCoilRequest(address=address, bits=bits), ECHO)
        return _made(WriteMultipleCoilsRequest(address=address, bits=bits), ECHO)
    if single:
        return _made(WriteSingleRegisterRequest(address=address, registers=list(words)), ECHO)
    return _made(WriteMultipleRegistersRequest(address=address, registers=list(words)), ECHO)


def write_read_request(address: int, words: tuple[int, ...], shown: int, count: int) -> Request:
    """Return the request that writes `words` and reads `count` registers at `shown` (23)."""
    pdu = ReadWriteMultipleRegistersRequest(
        read_address=shown, read_count=count, write_address=address, write_registers=words
    )
    return _made(pdu, 2 * count)


def _made(pdu: ModbusPDU, size: int) -> Request:
    return Request(bytes([pdu.function_code]) + pdu.encode(), size)
