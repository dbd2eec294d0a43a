"""A seat's side of the socket, for a program that draws frames: it never waits."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

from edge.errors import WireError
from simulator.seat.protocol import VERSION, pack, unpack


class SeatClient:
    """Reads what has come since the last look. `connected` turns False when the field is gone."""

    def __init__(self, path: Path, seat: str) -> None:
        self._path = path
        self._seat = seat
        self._socket: socket.socket | None = None
        self._buffer = b""
        self._commands = 0

    @property
    def connected(self) -> bool:
        """Whether the field is there."""
        return self._socket is not None

    def connect(self) -> bool:
        """Try to reach the field; return whether it is there."""
        self.close()
        fresh = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            fresh.connect(str(self._path))
        except OSError:  # not there yet, or gone: the caller shows that and tries again
            fresh.close()
            return False
        fresh.setblocking(False)
        self._socket = fresh
        return True

    def receive(self) -> list[dict[str, Any]]:
        """Return the messages that have come. Raises `WireError` for another version."""
        while self._socket is not None:
            try:
                chunk = self._socket.recv(1 << 20)
            except BlockingIOError:
                break
            except OSError:
                chunk = b""
            if not chunk:
                self.close()
                break
            self._buffer += chunk
        *lines, self._buffer = self._buffer.split(b"\n")
        messages = [unpack(line) for line in lines]
        for message in messages:
            if message["t"] == "hello" and message.get("v") != VERSION:
                raise WireError(f"the field speaks version {message.get('v')}, not {VERSION}")
        return messages

    def send(self, action: dict[str, Any]) -> bool:
        """Ask for an action; return whether it went out."""
        if self._socket is None:
            return False
        self._commands += 1
        identity = f"{self._seat}-{self._commands}"
        message = {"t": "command", "id": identity, "seat": self._seat, "action": action}
        try:
            self._socket.sendall(pack(message))
        except OSError:  # gone, or not reading: shown as lost
            self.close()
            return False
        return True

    def close(self) -> None:
        """Let go; may be called twice."""
        if self._socket is not None:
            self._socket.close()
        self._socket, self._buffer = None, b""
