"""A server that does anything at all, over real sockets: right values or none, and no end of it."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.drivers.modbus import wire
from edge.drivers.modbus.link import SharedLink
from edge.drivers.modbus.requests import RequestError
from edge.drivers.template import Area
from edge.site.model import Device, Link
from tests.conformance.field import free_ports
from tests.unit.drivers.modbus.frames import rtu

UNITS = [Device(id=f"D{n}", link="l", template="x", unit_id=n) for n in (1, 2)]
ACTS = (
    "good",
    "silent",
    "late",
    "double",
    "again",
    "spoilt",
    "half",
    "short",
    "long",
    "stranger",
    "refused",
    "busy",
    "other function",
    "hang up",
)
Script = list[tuple[str, bytes, int]]  # what is done, noise before it, where the bytes are cut
Body = Callable[[bytes, bytes], bytes]


def scripts(*without: str) -> st.SearchStrategy[Script]:
    """Return scripts of up to eight acts, some left out."""
    acts = st.sampled_from([act for act in ACTS if act not in without])
    noise = st.one_of(st.just(b""), st.binary(max_size=6))
    return st.lists(st.tuples(acts, noise, st.integers(0, 12)), max_size=8)


class Server:
    """Answers each request by the next line of `script`, then well for ever.

    A register's value is its address; the second one says how many requests there were.
    """

    def __init__(self, script: Script, *, on_line: bool) -> None:
        self.asked = 0
        self.serving: set[asyncio.Task[object] | None] = set()
        self._script = iter(script)
        self._on_line = on_line
        self._late: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self.serving.add(asyncio.current_task())
        try:
            while True:
                head = await reader.readexactly(8 if self._on_line else 12)
                self.asked += 1
                for late in self._late:
                    writer.write(late)
                self._late.clear()
                act, noise, cut = next(self._script, ("good", b"", 0))
                if act == "hang up":
                    break
                frame = self._frame(act, head)
                if act in {"late", "again"}:
                    self._late.append(frame)  # comes in front of the next answer
                if act == "late":
                    continue
                data = noise + frame
                writer.write(data[:cut])
                await asyncio.sleep(0)
                writer.write(data[cut:])
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        writer.transport.abort()
        await asyncio.sleep(0)

    def _frame(self, act: str, head: bytes) -> bytes:
        body = head[:-2] if self._on_line else head[6:]
        unit, function, address = body[0], body[1], int.from_bytes(body[2:4])
        values = struct.pack(">HH", address, self.asked)
        if act in {"short", "long"}:
            values = values[:2] if act == "short" else values + b"\0\0"
        if act == "stranger":
            unit += 1
        if act == "other function":
            function = 4
        answer = bytes([unit, function, len(values)]) + values
        if act in {"refused", "busy"}:
            answer = bytes([unit, function | 0x80, 2 if act == "refused" else 6])
        if act == "silent":
            return b""
        frame = rtu(answer) if self._on_line else head[:4] + len(answer).to_bytes(2) + answer
        if act == "spoilt":
            at = len(frame) - 3 if self._on_line else 2
            frame = frame[:at] + bytes([frame[at] ^ 0xFF]) + frame[at + 1 :]
        if act == "half":
            frame = frame[: len(frame) // 2]
        return frame * 2 if act == "double" else frame


async def play(script: Script, kind: str, units: int) -> None:
    """Read two blocks of each unit by turns until `script` is over and all is well."""
    (port,) = free_ports(1)
    link = Link.model_validate(
        {"id": "l", "kind": kind, "port": port, "timeout_s": 0.06, "retry_s": 0.05}
    )
    acts = Server(script, on_line=link.on_line)
    server = await asyncio.start_server(acts.serve, "127.0.0.1", port)
    shared = SharedLink(link, UNITS[:units], Path())
    good, turn = 0, 0
    async with asyncio.timeout(60):
        while good < 8:
            unit, address = 1 + turn % units, 10 * (1 + turn // units % 2)
            turn, before = turn + 1, acts.asked
            try:
                data = await shared.read(unit, Area.HOLDING, address, 2)
            except RequestError:
                good = 0
                await asyncio.sleep(0.005)
                continue
            found, number = struct.unpack(">HH", data)
            assert found == address
            assert number > before  # no answer to a request of an earlier read
            good += 1
    shared.close()
    server.close()
    await server.wait_closed()
    await asyncio.gather(*filter(None, acts.serving), return_exceptions=True)


@pytest.mark.parametrize("units", [1, 2])
@pytest.mark.parametrize("kind", ["modbus-tcp", "modbus-rtu-tcp"])
@settings(max_examples=20, deadline=None)
@given(
    # A line has no numbers: a device that is late *and* says things twice cannot be seen through.
    script=st.one_of(scripts("late"), scripts("again"))
)
def test_anything_may_come(kind: str, units: int, script: Script):
    """Whatever is done, in whatever order: each value is its register's own, the link recovers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wire, "SERVER_SETTLE_S", 0.02)
        asyncio.run(play(script, kind, units))
