"""A small Modbus TCP server for simulated devices: several units on one port, faults on demand.

Its own, because it must say at which nanosecond the answer with a change left and a write came in,
and must be able to misbehave as real devices do. MODBUS Application Protocol V1.1b3; functions
1-6, 15 and 16.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable, Sequence

from edge.clock import Clock
from edge.drivers.codec import pack_bits, pack_words
from edge.drivers.template import Area
from simulator.field.registers import FieldDevice, FieldFault

READS = {1: Area.COIL, 2: Area.DISCRETE, 3: Area.HOLDING, 4: Area.INPUT}
WRITES = {5: Area.COIL, 6: Area.HOLDING, 15: Area.COIL, 16: Area.HOLDING}
ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE, DEVICE_FAILURE, NO_TARGET = 1, 2, 3, 4, 11
GARBAGE = bytes(range(0xA0, 0xB4))


# device id, zero-based address, words or bits from there, mono_ns [ns] at which the request came in
WriteHeard = Callable[[str, int, tuple[int, ...], int], None]
# tag, mono_ns [ns] at which the answer with its change left
ServedHeard = Callable[[str, int], None]


class RefusedError(Exception):
    """A request that is answered with an exception code."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"exception {code}")


class ModbusServer:
    """Serves the devices of one link, by unit id.

    `on_write` hears of each write as it came in, `on_served` of each changed tag as the answer that
    carries the change leaves: (tag, mono_ns).
    """

    def __init__(
        self,
        host: str,
        port: int,
        units: dict[int, FieldDevice],
        clock: Clock,
        on_write: WriteHeard,
        on_served: ServedHeard,
    ) -> None:
        self._host, self._port = host, port
        self.units = units
        self.clock = clock
        self.on_write = on_write
        self.on_served = on_served
        self._server: asyncio.Server | None = None
        self.connections: set[_Connection] = set()

    async def start(self) -> None:
        """Listen. Raises `OSError` if the port cannot be had."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Connection(self), self._host, self._port, reuse_address=True
        )

    async def stop(self) -> None:
        """Stop listening and let every connection go; may be called twice."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        for connection in list(self.connections):
            connection.close()
        await server.wait_closed()


class _Connection(asyncio.Protocol):
    """One client's connection."""

    def __init__(self, server: ModbusServer) -> None:
        self._server = server
        self._transport: asyncio.Transport | None = None
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # TCP always is one
        self._transport = transport
        self._server.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        self._server.connections.discard(self)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        came_ns = self._server.clock.now().mono_ns
        self._buffer += data
        while len(self._buffer) >= 8:
            length = int.from_bytes(self._buffer[4:6])
            if self._buffer[2:4] != b"\0\0" or not 2 <= length <= 254:
                self.close()  # no Modbus; a real device hangs up as well
                return
            if len(self._buffer) < 6 + length:
                return
            frame, self._buffer = self._buffer[: 6 + length], self._buffer[6 + length :]
            self._answer(frame, came_ns)

    def _answer(self, frame: bytes, came_ns: int) -> None:
        assert self._transport is not None  # data only comes on a connection
        tid, unit, pdu = frame[:2], frame[6], frame[7:]
        device = self._server.units.get(unit)
        fault = device.fault if device is not None else None
        if fault is FieldFault.SILENT:
            return
        if fault is FieldFault.CLOSE:
            self.close()
            return
        if fault is FieldFault.GARBAGE:
            self._transport.write(GARBAGE)
            return
        served: list[str] = []
        try:
            if device is None:
                raise RefusedError(NO_TARGET)
            if fault is FieldFault.EXCEPTION:
                raise RefusedError(DEVICE_FAILURE)
            reply = self._perform(device, pdu, came_ns, served)
        except RefusedError as refused:
            reply = bytes([pdu[0] | 0x80, refused.code])
        if fault is FieldFault.SHORT and reply[0] in READS:
            reply = bytes([reply[0], len(reply) - 4]) + reply[2:-2]
        self._transport.write(tid + struct.pack(">HHB", 0, len(reply) + 1, unit) + reply)
        if served:
            sent_ns = self._server.clock.now().mono_ns
            for tag in served:
                self._server.on_served(tag, sent_ns)

    def _perform(self, device: FieldDevice, pdu: bytes, came_ns: int, served: list[str]) -> bytes:
        function = pdu[0]
        if function not in READS and function not in WRITES:
            raise RefusedError(ILLEGAL_FUNCTION)
        if len(pdu) < 5:
            raise RefusedError(ILLEGAL_VALUE)
        address, number = struct.unpack_from(">HH", pdu, 1)
        if function in READS:
            area = READS[function]
            if not 1 <= number <= (2000 if area.bitwise else 125):
                raise RefusedError(ILLEGAL_VALUE)
            words = device.read(area, address, number, came_ns)
            if words is None:
                raise RefusedError(ILLEGAL_ADDRESS)
            served += device.served(area, address, number)
            data = pack_bits(words) if area.bitwise else pack_words(words)
            return bytes([function, len(data)]) + data
        values = _written(function, number, pdu)
        if not device.write(WRITES[function], address, values):
            raise RefusedError(ILLEGAL_ADDRESS)
        self._server.on_write(device.device.id, address, tuple(values), came_ns)
        return pdu[:5]


def _written(function: int, number: int, pdu: bytes) -> Sequence[int]:
    """Return the words or bits that a write request carries."""
    if function == 5:
        if number not in {0x0000, 0xFF00}:
            raise RefusedError(ILLEGAL_VALUE)
        return [number >> 8 & 1]
    if function == 6:
        return [number]
    data = pdu[6:]
    wanted = (number + 7) // 8 if function == 15 else 2 * number
    if not 1 <= number <= (1968 if function == 15 else 123) or len(data) != wanted != 0:
        raise RefusedError(ILLEGAL_VALUE)
    if function == 15:
        return [data[index >> 3] >> (index & 7) & 1 for index in range(number)]
    return struct.unpack(f">{number}H", data)
