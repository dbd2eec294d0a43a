"""What we need of pymodbus and nothing more, so that a new version of it is met in one file.

Replies keep their data as bytes (the codec unpacks a block at once), and a reply that is no
Modbus is told apart from silence: pymodbus would raise inside the event loop or wait on.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Awaitable
from typing import Any, cast

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ConnectionException, ModbusIOException
from pymodbus.pdu import ModbusPDU
from pymodbus.pdu.bit_message import ReadCoilsResponse, ReadDiscreteInputsResponse
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersResponse,
    ReadInputRegistersResponse,
)

from edge.drivers.template import Area
from edge.tag import Reason

# A failure becomes a Bad reading and is counted by us; pymodbus would log each one of them again.
logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)

READ_FUNCTIONS = {Area.COIL: 1, Area.DISCRETE: 2, Area.HOLDING: 3, Area.INPUT: 4}


class RequestError(Exception):
    """A request that brought no usable answer; `code` is the device's exception code, else 0."""

    def __init__(self, reason: Reason, detail: str, code: int = 0) -> None:
        self.reason = reason
        self.detail = detail
        self.code = code
        super().__init__(detail)


class _Raw(ModbusPDU):
    """A read reply that keeps its data as it travelled."""

    payload: bytes = b""

    def decode(self, data: bytes) -> None:
        """Keep the data bytes; `Connection` has checked their number already."""
        self.payload = data[1:]

    def __str__(self) -> str:
        return type(self).__name__  # pymodbus formats every reply for its log, wanted or not


class _Coils(_Raw, ReadCoilsResponse):
    pass


class _Discretes(_Raw, ReadDiscreteInputsResponse):
    pass


class _Holdings(_Raw, ReadHoldingRegistersResponse):
    pass


class _Inputs(_Raw, ReadInputRegistersResponse):
    pass


class Connection:
    """One TCP connection to a Modbus server; one request at a time is the caller's duty."""

    def __init__(self, host: str, port: int, timeout_s: float) -> None:
        # pymodbus' own time-out stays above ours: the caller decides how long to wait.
        self._client = AsyncModbusTcpClient(
            host,
            port=port,
            timeout=timeout_s * 2,
            retries=0,
            reconnect_delay=0,  # the link reconnects, with its own back-off
            trace_packet=self._packet,
            trace_connect=self._connected,
        )
        self._client.set_max_no_responses(1 << 30)  # the link decides when silence means dead
        for reply in (_Coils, _Discretes, _Holdings, _Inputs):
            self._client.register(reply)
        self._sent = b""  # the request that waits for its answer; empty while none does

    @property
    def open(self) -> bool:
        """Whether the socket is up as far as we know."""
        return self._client.connected

    async def connect(self) -> bool:
        """Open the socket; False if nobody is there."""
        if not await self._client.connect():
            return False
        sock = cast("Any", self._client.ctx.transport).get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return True

    def close(self) -> None:
        """Close the socket; may be called at any time and twice. Who waits is told."""
        self._fail(ConnectionException("the connection was closed"))
        self._client.close()

    async def read(self, unit: int, area: Area, address: int, count: int) -> bytes:
        """Return the data bytes of `count` registers or bits. Raises `RequestError`."""
        ask = {
            Area.COIL: self._client.read_coils,
            Area.DISCRETE: self._client.read_discrete_inputs,
            Area.HOLDING: self._client.read_holding_registers,
            Area.INPUT: self._client.read_input_registers,
        }[area]
        reply = await self._ask(ask(address, count=count, device_id=unit))
        payload = cast("_Raw", reply).payload
        wanted = (count + 7) // 8 if area.bitwise else 2 * count
        if len(payload) != wanted:
            self.close()
            detail = f"{len(payload)} bytes came where {wanted} were asked for"
            raise RequestError(Reason.BAD_REPLY, detail)
        return payload

    async def write(self, unit: int, area: Area, address: int, words: tuple[int, ...]) -> None:
        """Write words to registers, or bits to coils. Raises `RequestError`."""
        client = self._client
        if area is Area.COIL:
            bits = [bool(word) for word in words]
            if len(bits) == 1:
                await self._ask(client.write_coil(address, bits[0], device_id=unit))
            else:
                await self._ask(client.write_coils(address, bits, device_id=unit))
        elif len(words) == 1:
            await self._ask(client.write_register(address, words[0], device_id=unit))
        else:
            await self._ask(client.write_registers(address, list(words), device_id=unit))

    async def _ask(self, request: Awaitable[ModbusPDU]) -> ModbusPDU:
        try:
            reply = await request
        except ConnectionException as error:
            raise RequestError(Reason.NOT_CONNECTED, str(error)) from None
        except ModbusIOException as error:
            raise RequestError(Reason.BAD_REPLY, str(error)) from None
        finally:
            self._sent = b""
        if reply.isError():
            code = reply.exception_code
            raise RequestError(Reason.DEVICE_EXCEPTION, f"exception {code}", code)
        return reply

    def _connected(self, up: bool) -> None:
        if not up:
            self._fail(ConnectionException("the device closed the connection"))

    def _packet(self, sending: bool, data: bytes) -> bytes:
        if sending:
            self._sent = data
        elif not self._sent:
            return b""  # nobody asked: a late answer, or noise
        elif wrong := wrong_reply(self._sent, data):
            self._fail(RequestError(Reason.BAD_REPLY, wrong))
            self._client.close()  # where the next answer starts is anybody's guess
            return b""
        return data

    def _fail(self, error: Exception) -> None:
        waiting = cast("Any", self._client.ctx).response_future
        if self._sent and not waiting.done():
            waiting.set_exception(error)


def wrong_reply(sent: bytes, data: bytes) -> str:
    """Say what makes the received `data` no answer to the frame `sent`; "" while nothing does.

    A late answer to an older request is passed over (by its transaction number) and so is a frame
    that has not wholly come. MODBUS Messaging on TCP/IP Implementation Guide V1.0b, section 3.1.3.
    """
    at = 0
    while len(data) - at >= 8:
        length = int.from_bytes(data[at + 4 : at + 6])
        if data[at + 2 : at + 4] != b"\0\0" or not 3 <= length <= 254:
            return "what came is no Modbus"
        frame = data[at : at + 6 + length]
        if frame[:2] == sent[:2]:
            return _wrong_frame(sent, frame, length)
        at += 6 + length
    return ""


def _wrong_frame(sent: bytes, frame: bytes, length: int) -> str:
    asked, got = sent[7], frame[7]
    if sent[6] and frame[6] != sent[6]:  # who is asked as unit 0 may answer by his own number
        return f"unit {frame[6]} answered where unit {sent[6]} was asked"
    if got == asked | 0x80:
        return "" if length == 3 else "an exception of the wrong length"
    if got != asked:
        return f"function {got} answered function {asked}"
    if asked > 4:
        return "" if length == 6 else "a write answered with the wrong length"
    if len(frame) > 8 and frame[8] != length - 3:
        return "the number of bytes does not fit the frame"
    return ""
