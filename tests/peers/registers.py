"""The field's side of the acquisition bench: holding registers that move a little at each answer.

Run as a process of its own, so that its cost is not the reader's: `python -m tests.peers.registers
--ports 8 --share 0.1` prints its ports as one JSON line and serves until its input closes. Every
port answers any unit; each unit has registers of its own, and before each answer the given share
of them takes another value: a base of its own plus noise, of which some is within a journal's
deadband and some beyond it (`NOISE`, of 1000 counts).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

REGISTERS = 125
NOISE = 5  # counts: with a deadband of 5 counts about one change in four is news


class Unit:
    """One unit's registers as bytes."""

    def __init__(self, seed: int, share: float) -> None:
        self._random = random.Random(seed)
        self._share = share
        self._base = [self._random.randrange(50, 250) for _ in range(REGISTERS)]
        self._data = bytearray(struct.pack(f">{REGISTERS}H", *self._base))

    def read(self, address: int, count: int) -> bytes:
        """Move the share of the registers that are asked for, and return their data bytes."""
        for at in self._random.sample(range(address, address + count), round(self._share * count)):
            (old,) = struct.unpack_from(">H", self._data, 2 * at)
            new = self._base[at] + self._random.randint(-NOISE, NOISE)
            struct.pack_into(">H", self._data, 2 * at, new if new != old else old + 1)
        return bytes(self._data[2 * address : 2 * (address + count)])


class Connection(asyncio.Protocol):
    """One reader's connection; it is sent nothing but reads of holding registers."""

    def __init__(self, units: dict[int, Unit], share: float) -> None:
        self._units, self._share = units, share
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every whole request."""
        self._buffer += data
        while len(self._buffer) >= 12:
            head, unit = self._buffer[:4], self._buffer[6]
            address, count = struct.unpack_from(">HH", self._buffer, 8)
            self._buffer = self._buffer[12:]
            known = self._units.get(unit)
            if known is None:
                known = self._units[unit] = Unit(1000 * id(self._units) + unit, self._share)
            answer = struct.pack(">HBBB", 3 + 2 * count, unit, 3, 2 * count)
            self._transport.write(head + answer + known.read(address, count))


async def serve(ports: int, share: float) -> None:
    """Serve `ports` ports until standard input closes."""
    loop = asyncio.get_running_loop()
    banks: list[dict[int, Unit]] = [{} for _ in range(ports)]
    servers = [
        await loop.create_server(lambda bank=bank: Connection(bank, share), "127.0.0.1", 0)
        for bank in banks
    ]
    numbers = [server.sockets[0].getsockname()[1] for server in servers]
    sys.stdout.write(json.dumps(numbers) + "\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)
    for server in servers:
        server.close()


@contextmanager
def serving(ports: int, share: float) -> Iterator[list[int]]:
    """Serve in another process; yields the ports."""
    command = [sys.executable, "-m", "tests.peers.registers"]
    command += ["--ports", str(ports), "--share", str(share)]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdin
    assert child.stdout
    try:
        yield json.loads(child.stdout.readline())
    finally:
        child.stdin.close()
        child.wait(10)


def arguments() -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(description="holding registers that move")
    parser.add_argument("--ports", type=int, default=1)
    parser.add_argument("--share", type=float, default=0.1)
    return parser.parse_args()


def entry() -> None:
    """Serve as the command line says."""
    given = arguments()
    asyncio.run(serve(given.ports, given.share))


if __name__ == "__main__":
    entry()
