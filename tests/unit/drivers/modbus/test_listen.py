"""Another master's conversation, heard over a line and taken apart."""

from __future__ import annotations

import asyncio
import os
import tty
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.drivers.modbus.listen import Decoder, Frame, listen
from edge.errors import ConfigError, DeviceError
from edge.site.link import Link, Serial
from tests.conformance.field import free_ports
from tests.unit.drivers.modbus.frames import rtu

TALK = [
    (rtu("05 03 006B 0003"), ("request", 5, 3, 0x6B, 3, "")),
    (rtu("05 03 06 022B 0000 0064"), ("response", 5, 3, 0x6B, 3, "022b00000064")),
    (rtu("01 02 00C4 0016"), ("request", 1, 2, 0xC4, 22, "")),
    (rtu("01 02 03 ACDB35"), ("response", 1, 2, 0xC4, 22, "acdb35")),
    (rtu("07 06 0001 0003"), ("request", 7, 6, 1, 1, "0003")),
    (rtu("07 06 0001 0003"), ("response", 7, 6, 1, 1, "0003")),
    (rtu("07 10 0001 0002 04 000A 0102"), ("request", 7, 16, 1, 2, "000a0102")),
    (rtu("07 10 0001 0002"), ("response", 7, 16, 1, 2, "")),
    (rtu("07 0F 0013 000A 02 CD01"), ("request", 7, 15, 0x13, 10, "cd01")),
    (rtu("07 8F 02"), ("exception", 7, 15, 0x13, 10, "")),
    (rtu("01 17 0003 0006 000E 0003 06 00FF00FF00FF"), ("request", 1, 23, 3, 6, "00ff00ff00ff")),
    (rtu("01 17 04 00FE0ACD"), ("response", 1, 23, 3, 6, "00fe0acd")),
    (rtu("09 04 0000 0001"), ("request", 9, 4, 0, 1, "")),  # nobody answers
    (rtu("05 04 0000 0001"), ("request", 5, 4, 0, 1, "")),
    (rtu("05 04 02 1234"), ("response", 5, 4, 0, 1, "1234")),
]
STREAM = b"".join(raw for raw, _ in TALK)


def told(frame: Frame) -> tuple[object, ...]:
    """Return what `TALK` says of a frame."""
    return (
        frame.kind,
        frame.unit,
        frame.function,
        frame.address,
        frame.count,
        frame.data.hex(),
    )


@given(st.lists(st.integers(0, len(STREAM)), max_size=40))
def test_a_conversation_is_understood_however_it_is_cut(cuts: list[int]):
    """Requests and responses are told apart and joined, wherever the bytes are cut."""
    decoder = Decoder()
    frames: list[Frame] = []
    edges = [0, *sorted(cuts), len(STREAM)]
    for number, (low, high) in enumerate(pairwise(edges)):
        frames += decoder.feed(STREAM[low:high], number * 0.001)
    frames += decoder.flush(1.0)
    assert [told(frame) for frame in frames] == [expected for _, expected in TALK]
    assert b"".join(frame.raw for frame in frames) == STREAM


@given(st.binary(max_size=30), st.integers(0, len(TALK) - 1))
def test_noise_costs_no_frame_after_a_rest(noise: bytes, start: int):
    """Bytes that are no frame are shown as damaged and lost to nothing once the line rests."""
    decoder = Decoder()
    frames = decoder.feed(noise, 0.0)
    for number, (raw, _) in enumerate(TALK[start:]):
        frames += decoder.feed(raw, 1.0 + 0.1 * number)
    frames += decoder.flush(100.0)
    assert b"".join(frame.raw for frame in frames) == noise + b"".join(r for r, _ in TALK[start:])
    sound = [frame.raw for frame in frames if frame.crc_ok]
    assert {raw for raw, _ in TALK[start:]} <= set(sound)


def test_a_wrong_checksum_is_damaged_and_the_next_frame_is_heard():
    """A frame with a wrong bit is no frame; how long an answer took is told of sound ones."""
    decoder = Decoder()
    spoilt = bytearray(TALK[1][0])
    spoilt[4] ^= 1
    frames = decoder.feed(TALK[0][0], 0.0) + decoder.feed(bytes(spoilt), 0.02)
    frames += decoder.feed(TALK[0][0], 1.0) + decoder.feed(TALK[1][0], 1.03)
    assert [frame.kind for frame in frames] == ["request", "damaged", "request", "response"]
    assert [frame.crc_ok for frame in frames] == [True, False, True, True]
    assert frames[1].raw == bytes(spoilt)
    assert frames[3].took_s == pytest.approx(0.03)


@given(st.lists(st.binary(max_size=60), max_size=20))
def test_no_noise_breaks_the_decoder(chunks: list[bytes]):
    """Whatever is heard, every byte comes out once, in order."""
    decoder = Decoder()
    frames: list[Frame] = []
    for number, chunk in enumerate(chunks):
        frames += decoder.feed(chunk, number * 0.03)
    frames += decoder.flush(1000.0)
    assert b"".join(frame.raw for frame in frames) == b"".join(chunks)


async def test_listening_to_a_serial_line_sends_nothing_and_hears_all():
    """What goes over a serial port for the given time comes back as frames; nothing is sent."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    os.set_blocking(ours, False)
    serial = Serial(port=os.ttyname(theirs), baud=19200, parity="even")
    link = Link(id="line", kind="modbus-rtu", serial=serial)
    heard: list[Frame] = []
    listening = asyncio.create_task(listen(link, 0.6, heard.append))
    await asyncio.sleep(0)  # it opens the port at once
    for raw, _ in TALK[:4]:
        os.write(ours, raw)
    traffic = await listening
    assert [told(frame) for frame in traffic.frames] == [expected for _, expected in TALK[:4]]
    assert list(traffic.frames) == heard
    assert traffic.masters_talk
    assert not traffic.quiet
    with pytest.raises(BlockingIOError):
        os.read(ours, 1)
    os.close(ours)
    os.close(theirs)


async def test_a_quiet_line_is_quiet_and_an_unplugged_one_is_said():
    """Nothing heard is told from a port that goes away."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    link = Link(id="line", kind="modbus-rtu", serial=Serial(port=os.ttyname(theirs)))
    traffic = await listen(link, 0.05)
    assert traffic.quiet
    assert not traffic.masters_talk
    os.close(theirs)
    listening = asyncio.create_task(listen(link, 30))
    await asyncio.sleep(0)
    os.close(ours)
    with pytest.raises(DeviceError, match="went away"):
        await listening


async def test_a_port_in_use_or_missing_is_refused(tmp_path: Path):
    """A port that another program holds is not listened to behind its back."""
    ours, theirs = os.openpty()
    link = Link(id="line", kind="modbus-rtu", serial=Serial(port=os.ttyname(theirs)))
    first = asyncio.create_task(listen(link, 0.4))
    await asyncio.sleep(0)  # it opens the port at once
    with pytest.raises(DeviceError, match="another program"):
        await listen(link, 0.1)
    await first
    os.close(ours)
    os.close(theirs)
    missing = link.model_copy(update={"serial": Serial(port=str(tmp_path / "ttyNone"))})
    with pytest.raises(DeviceError, match="No such file"):
        await listen(missing, 0.1)
    with pytest.raises(ConfigError, match="no line"):
        await listen(Link(id="x", kind="modbus-tcp"), 0.1)


async def test_listening_through_a_serial_server():
    """What a serial server passes on is understood the same way."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for raw, _ in TALK[:2]:
            writer.write(raw)
        await writer.drain()
        assert await reader.read() == b""  # we say nothing
        writer.close()

    (port,) = free_ports(1)
    server = await asyncio.start_server(serve, "127.0.0.1", port)
    link = Link(id="line", kind="modbus-rtu-tcp", port=port)
    traffic = await listen(link, 0.3)
    assert [told(frame) for frame in traffic.frames] == [expected for _, expected in TALK[:2]]
    server.close()
    await server.wait_closed()
    with pytest.raises(DeviceError, match="nobody answers"):
        await listen(link, 0.3)
