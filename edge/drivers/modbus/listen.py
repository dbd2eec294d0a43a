"""Listening to a line on which another master talks: nothing is ever sent.

A second master on an RS-485 pair destroys both conversations, so an engineer listens before he
asks, and where another master polls the instrument already, its values can be read from that.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from edge.drivers.modbus.decode import Decoder, Frame
from edge.drivers.modbus.port import open_port
from edge.errors import ConfigError, DeviceError, Fault
from edge.site.link import Link, Serial
from edge.tag import Reason

__all__ = ["Decoder", "Frame", "Traffic", "listen"]

Hear = Callable[[Frame], None]


@dataclass(frozen=True, slots=True)
class Traffic:
    """What was heard in `seconds` [s]: every frame, and how many bytes there were in all."""

    seconds: float
    octets: int = 0
    frames: tuple[Frame, ...] = field(default=())

    @property
    def quiet(self) -> bool:
        """Whether nobody spoke at all, not even in another language or at another speed."""
        return self.octets == 0

    @property
    def masters_talk(self) -> bool:
        """Whether sound Modbus frames went over the line: somebody asks here already."""
        return any(frame.crc_ok for frame in self.frames)


class _Ear:
    """Gathers what comes in."""

    def __init__(self, character_s: float, hear: Hear | None) -> None:
        self._decoder = Decoder(character_s)
        self._hear = hear
        self._loop = asyncio.get_running_loop()
        self.octets = 0
        self.frames: list[Frame] = []

    def take(self, data: bytes) -> None:
        self.octets += len(data)
        self._keep(self._decoder.feed(data, self._loop.time()))

    def end(self) -> None:
        self._keep(self._decoder.flush(self._loop.time()))

    def _keep(self, frames: list[Frame]) -> None:
        self.frames += frames
        if self._hear is not None:
            for frame in frames:
                self._hear(frame)


async def listen(link: Link, seconds: float, hear: Hear | None = None) -> Traffic:
    """Return what went over `link`'s line in `seconds` [s]; `hear` is told of each frame at once.

    For the kinds modbus-rtu and modbus-rtu-tcp (a serial server that passes on what it hears).
    Raises `ConfigError` for other kinds, `DeviceError` if the port or the server cannot be had or
    goes away.
    """
    if link.kind == "modbus-rtu" and link.serial is not None:
        ear = _Ear(link.serial.character_s, hear)
        await _listen_serial(link, link.serial, seconds, ear)
    elif link.kind == "modbus-rtu-tcp":
        ear = _Ear(10 / 9600, hear)
        await _listen_tcp(link, seconds, ear)
    else:
        remedy = "Name a link of kind modbus-rtu (with its serial section) or modbus-rtu-tcp"
        problem = f"a link of kind {link.kind} has no line to listen to"
        raise ConfigError([Fault("site.yaml", 0, link.id, problem, remedy)])
    ear.end()
    return Traffic(seconds, ear.octets, tuple(ear.frames))


async def _listen_tcp(link: Link, seconds: float, ear: _Ear) -> None:
    try:
        async with asyncio.timeout(link.timeout_s):
            reader, writer = await asyncio.open_connection(link.host, link.port)
    except (OSError, TimeoutError) as error:
        raise _gone(link, f"nobody answers at {link.where}: {_why(error)}") from None
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while data := await reader.read(4096):
                    ear.take(data)
                raise _gone(link, f"{link.where} closed the connection while we listened")
    except OSError as error:
        raise _gone(link, f"{link.where}: {_why(error)}") from None
    finally:
        writer.close()


async def _listen_serial(link: Link, serial: Serial, seconds: float, ear: _Ear) -> None:
    loop = asyncio.get_running_loop()
    try:
        port = open_port(serial, os.O_RDONLY)
    except OSError as error:
        raise _gone(link, f"cannot listen at {serial.port}: {_why(error)}") from None
    ended: asyncio.Future[None] = loop.create_future()

    def ready() -> None:
        try:
            data = os.read(port, 4096)
        except BlockingIOError:
            return
        except OSError as error:
            data, why = b"", _why(error)
        else:
            why = "it was unplugged"
        if data:
            ear.take(data)
        elif not ended.done():
            ended.set_exception(_gone(link, f"{serial.port} went away: {why}"))

    loop.add_reader(port, ready)
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await ended
    finally:
        loop.remove_reader(port)
        os.close(port)


def _gone(link: Link, detail: str) -> DeviceError:
    return DeviceError(link.id, Reason.NOT_CONNECTED, detail)


def _why(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
