"""A small Modbus server for simulated devices: several units on one link, faults on demand.

Its own, because it must say at which nanosecond the answer with a change left and a write came in,
and must be able to misbehave as real devices do. It serves each kind of Modbus link; functions 1-6,
15, 16 and 23.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edge.clock import Clock
from edge.drivers.modbus.unit import character_s
from edge.site.model import Link
from simulator.field.line import Line
from simulator.field.modbus_answer import (
    BUSY,
    DEVICE_FAILURE,
    NO_TARGET,
    READS,
    RefusedError,
    WriteHeard,
    perform,
)
from simulator.field.modbus_frames import Asked, Frames, MbapFrames, NoModbusError, RtuFrames
from simulator.field.registers import FieldDevice, FieldFault

GARBAGE = bytes(range(0xA0, 0xB4))
LATE_SHARE = 1.3  # of the link's time-out, after which a late answer comes
AGAIN_S = 0.005  # after which a doubled answer comes once more
CERTIFICATE, KEY = "field.pem", "field.key"  # of the simulated server, beside the link's CA file

# tag, mono_ns [ns] at which the answer with its change left
ServedHeard = Callable[[str, int], None]


class ModbusServer:
    """Serves the devices of one link, by unit id. `folder` is the site's.

    `on_write` hears of each write as it came in, `on_served` of each changed tag as the answer that
    carries the change leaves: (tag, mono_ns).
    """

    def __init__(
        self,
        link: Link,
        units: dict[int, FieldDevice],
        clock: Clock,
        on_write: WriteHeard,
        on_served: ServedHeard,
        folder: Path,
    ) -> None:
        self.link = link
        self.units = units
        self.clock = clock
        self.on_write = on_write
        self.on_served = on_served
        self._folder = folder
        self._server: asyncio.Server | None = None
        self._line: Line | None = None
        self.asked = 0  # requests so far
        self.connections: set[_Connection] = set()

    async def start(self) -> None:
        """Serve. Raises `OSError` if the port cannot be had."""
        if self.link.kind == "modbus-rtu" and self.link.serial is not None:
            self._line = Line(self.link.serial)
            self._line.plug_in(_Connection(self))
            return
        loop = asyncio.get_running_loop()
        context = self._context() if self.link.kind == "modbus-tls" else None
        self._server = await loop.create_server(
            lambda: _Connection(self),
            self.link.host,
            self.link.port,
            reuse_address=True,
            ssl=context,
        )

    async def stop(self) -> None:
        """Stop serving and let every connection go; may be called twice."""
        server, self._server = self._server, None
        line, self._line = self._line, None
        if server is not None:
            server.close()
        for connection in list(self.connections):
            connection.close()
        if line is not None:
            line.unplug()
        if server is not None:
            await server.wait_closed()

    def hang_up(self, connection: _Connection) -> None:
        """End a connection; a serial line is unplugged and plugged in again."""
        connection.close()
        if self._line is not None:
            self._line.unplug()
            self._line.plug_in(_Connection(self))

    def _context(self) -> ssl.SSLContext:
        """Return how the server shows who it is, and believes only whom the site's CA signed."""
        assert self.link.tls is not None  # the site's check has seen to it
        authority = self._folder / self.link.tls.ca
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(authority))
        context.load_cert_chain(authority.parent / CERTIFICATE, authority.parent / KEY)
        context.verify_mode = ssl.CERT_REQUIRED
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context


class _Connection(asyncio.Protocol):
    """One client's connection."""

    def __init__(self, server: ModbusServer) -> None:
        self._server = server
        self._transport: Any = None
        self._frames: Frames = RtuFrames() if server.link.on_line else MbapFrames()
        # A pseudo terminal knows no speed, so the bytes' time is waited for.
        self._octet_s = character_s(server.link) if server.link.kind == "modbus-rtu" else 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._server.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        self._server.connections.discard(self)

    def close(self) -> None:
        self._server.connections.discard(self)
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        came_ns = self._server.clock.now().mono_ns
        try:
            for asked in self._frames.feed(data):
                self._answer(asked, came_ns)
        except NoModbusError:
            self.close()

    def _answer(self, asked: Asked, came_ns: int) -> None:
        server = self._server
        server.asked += 1
        device = server.units.get(asked.unit)
        fault = device.fault if device is not None else None
        if fault is FieldFault.SILENT or (device is None and server.link.on_line):
            return  # on a line nobody answers for a unit that is not there
        if fault is FieldFault.CLOSE or (
            fault is FieldFault.RESET_EVERY_THIRD and server.asked % 3 == 0
        ):
            server.hang_up(self)
            return
        served: list[str] = []
        reply = self._reply(device, fault, asked.pdu, came_ns, served)
        unit = (asked.unit + 1) % 248 if fault is FieldFault.WRONG_UNIT else asked.unit
        frame = self._frames.answer(asked, unit, reply)
        self._misbehave(fault, frame, served, (len(asked.pdu) + 3 + len(frame)) * self._octet_s)

    def _reply(
        self,
        device: FieldDevice | None,
        fault: FieldFault | None,
        pdu: bytes,
        came_ns: int,
        served: list[str],
    ) -> bytes:
        try:
            if device is None:
                raise RefusedError(NO_TARGET)
            if fault is FieldFault.EXCEPTION:
                raise RefusedError(DEVICE_FAILURE)
            if fault is FieldFault.BUSY and self._server.asked % 3:
                raise RefusedError(BUSY)
            reply = perform(device, pdu, came_ns, served, self._server.on_write)
        except RefusedError as refused:
            return bytes([pdu[0] | 0x80, refused.code])
        if fault is FieldFault.SHORT and reply[0] in READS:
            return bytes([reply[0], len(reply) - 4]) + reply[2:-2]
        return reply

    def _misbehave(
        self, fault: FieldFault | None, frame: bytes, served: list[str], after_s: float
    ) -> None:
        """Send the answer as the fault has it, `after_s` [s] from now."""
        if fault is FieldFault.GARBAGE:
            self._send(GARBAGE, [], after_s)
        elif fault is FieldFault.WRONG_CRC:
            self._send(self._frames.spoil(frame), [], after_s)
        elif fault is FieldFault.TRUNCATED:
            self._send(frame[: len(frame) // 2], [], after_s)
        elif fault is FieldFault.LATE:
            self._send(frame, served, after_s + LATE_SHARE * self._server.link.timeout_s)
        else:
            self._send(frame, served, after_s)
            if fault is FieldFault.DUPLICATE:
                self._send(frame, [], after_s + AGAIN_S)

    def _send(self, frame: bytes, served: list[str], after_s: float) -> None:
        if after_s:
            asyncio.get_running_loop().call_later(after_s, self._leave, frame, served)
        else:
            self._leave(frame, served)

    def _leave(self, frame: bytes, served: list[str]) -> None:
        if self._transport.is_closing():
            return
        self._transport.write(frame)
        if served:
            sent_ns = self._server.clock.now().mono_ns
            for tag in served:
                self._server.on_served(tag, sent_ns)
