"""The field's side of a bench: holding registers on many ports, answered as cheaply as can be.

Run as a process of its own, so that its cost is not the reader's: `python -m tests.peers.responder
--ports 100 --changing 0.1` prints its ports as one JSON line and serves until its input closes.
Any unit is answered. Each second a share of the registers takes another value near its own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import struct
import sys

REGISTERS = 125
READ = 3


class Registers:
    """One port's registers as bytes; `step` changes a share of them by a little noise."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._base = [self._random.randrange(100, 900) for _ in range(REGISTERS)]
        self.data = bytearray(struct.pack(f">{REGISTERS}H", *self._base))

    def step(self, share: float) -> None:
        """Give about `share` of the registers a new value within 1 % of 1000 of their own."""
        for at in self._random.sample(range(REGISTERS), round(share * REGISTERS)):
            noisy = self._base[at] + self._random.randrange(-10, 11)
            struct.pack_into(">H", self.data, 2 * at, noisy)


class Connection(asyncio.Protocol):
    """One reader's connection."""

    def __init__(self, registers: Registers) -> None:
        self._registers = registers
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every whole request; the bench sends nothing but reads of holding registers."""
        self._buffer += data
        while len(self._buffer) >= 12:
            head, function = self._buffer[:7], self._buffer[7]
            address, count = struct.unpack_from(">HH", self._buffer, 8)
            self._buffer = self._buffer[12:]
            if function != READ or address + count > REGISTERS:
                self._transport.write(head[:4] + b"\0\3" + head[6:] + bytes([function | 0x80, 2]))
                continue
            length = struct.pack(">H", 3 + 2 * count)
            body = self._registers.data[2 * address : 2 * (address + count)]
            self._transport.write(
                head[:4] + length + head[6:] + bytes([function, 2 * count]) + bytes(body)
            )


async def serve(ports: int, changing: float) -> None:
    """Serve `ports` ports until standard input closes."""
    loop = asyncio.get_running_loop()
    banks = [Registers(number) for number in range(ports)]
    servers = [
        await loop.create_server(lambda bank=bank: Connection(bank), "127.0.0.1", 0)
        for bank in banks
    ]
    numbers = [server.sockets[0].getsockname()[1] for server in servers]
    sys.stdout.write(json.dumps(numbers) + "\n")
    sys.stdout.flush()
    closed = loop.run_in_executor(None, sys.stdin.read)
    while not closed.done():
        for bank in banks:
            bank.step(changing)
        await asyncio.wait([closed], timeout=1.0)
    for server in servers:
        server.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="holding registers on many ports")
    parser.add_argument("--ports", type=int, default=100)
    parser.add_argument("--changing", type=float, default=0.1)
    given = parser.parse_args()
    asyncio.run(serve(given.ports, given.changing))
