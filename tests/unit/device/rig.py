"""An instrument that no template was made for, on loopback or a line; and the commands."""

from __future__ import annotations

import asyncio
import os
import tty
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from typer.testing import CliRunner

from edge.drivers.cells import Words, pack_bits, pack_words
from edge.drivers.template import Area
from simulator.field.modbus_frames import Frames, MbapFrames, RtuFrames
from suian.cli import app

READS = {1: Area.COIL, 2: Area.DISCRETE, 3: Area.HOLDING, 4: Area.INPUT}


@dataclass
class Instrument:
    """Answers reads of `words` and refuses all else; `asked` keeps (unit, function, at, count)."""

    words: Words
    asked: list[tuple[int, int, int, int]] = field(default_factory=list)
    after: Callable[[Instrument], None] = lambda _: None  # is called after each answer

    def answer(self, unit: int, pdu: bytes) -> bytes:
        """Return the answer to one request."""
        function, at, count = pdu[0], int.from_bytes(pdu[1:3]), int.from_bytes(pdu[3:5])
        self.asked.append((unit, function, at, count))
        area = READS.get(function)
        if area is None or not any(where is area for where, _ in self.words):
            return bytes([function | 0x80, 1])
        places = [(area, at + index) for index in range(count)]
        if not all(place in self.words for place in places):
            return bytes([function | 0x80, 2])
        values = [self.words[place] for place in places]
        data = pack_bits(values) if area.bitwise else pack_words(values)
        self.after(self)
        return bytes([function, len(data)]) + data


def holding(start: int, *words: int) -> Words:
    """Return words of the holding table from `start` on."""
    return {(Area.HOLDING, start + index): word for index, word in enumerate(words)}


@asynccontextmanager
async def on_tcp(
    instrument: Instrument, frames: Callable[[], Frames] = MbapFrames
) -> AsyncIterator[str]:
    """Serve on loopback; yields host and port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mine = frames()
        while data := await reader.read(4096):
            for asked in mine.feed(data):
                writer.write(
                    mine.answer(asked, asked.unit, instrument.answer(asked.unit, asked.pdu))
                )
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


@asynccontextmanager
async def on_line(instrument: Instrument | None) -> AsyncIterator[tuple[str, int]]:
    """Yield a serial port and the other end of its line, at which the instrument listens."""
    far, near = os.openpty()
    tty.setraw(near)
    os.set_blocking(far, False)
    loop = asyncio.get_running_loop()
    frames = RtuFrames()

    def ready() -> None:
        for asked in frames.feed(os.read(far, 4096)):
            if instrument is not None:
                pdu = instrument.answer(asked.unit, asked.pdu)
                os.write(far, frames.answer(asked, asked.unit, pdu))

    if instrument is not None:
        loop.add_reader(far, ready)
    try:
        yield os.ttyname(near), far
    finally:
        loop.remove_reader(far)
        os.close(far)
        os.close(near)


async def suian(*words: Any) -> tuple[int, str]:
    """Run `suian …` beside this loop; return its exit code and what it printed."""
    result = await asyncio.to_thread(CliRunner().invoke, app, [str(word) for word in words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output
