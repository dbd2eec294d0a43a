"""A serial port of this machine: opened for us alone, and carried into the event loop.

Written on termios, because what matters here is what happens when an adapter is unplugged: every
error of the port ends the connection with its reason, once.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import termios

from edge.site.link import Serial

_READ_MOST = 4096
_BUSY = "another program has it; stop that first (the gateway itself?)"


def open_port(serial: Serial, way: int = os.O_RDWR) -> int:
    """Return the file descriptor of the port, set as the line is. Raises `OSError` saying why."""
    port = os.open(serial.port, way | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.flock(port, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _configure(port, serial)
    except BlockingIOError as error:
        os.close(port)
        raise OSError(error.errno, _BUSY) from None
    except termios.error as error:  # no child of OSError, though it carries the same
        os.close(port)
        raise OSError(*error.args) from None
    except OSError:
        os.close(port)
        raise
    return port


def _configure(port: int, serial: Serial) -> None:
    """Set the port to raw bytes at the line's speed. Raises `termios.error`."""
    speed = int(getattr(termios, f"B{serial.baud}"))
    flags = termios.CREAD | termios.CLOCAL | termios.CS8
    if serial.parity != "none":
        flags |= termios.PARENB | (termios.PARODD if serial.parity == "odd" else 0)
    if serial.stop_bits == 2:
        flags |= termios.CSTOPB
    characters = termios.tcgetattr(port)[6]
    characters[termios.VMIN], characters[termios.VTIME] = 1, 0
    termios.tcsetattr(port, termios.TCSANOW, [0, 0, flags, 0, speed, speed, characters])
    termios.tcflush(port, termios.TCIOFLUSH)


class SerialTransport(asyncio.Transport):
    """An open port as asyncio knows transports: bytes in go to `protocol`, errors end it."""

    def __init__(self, port: int, protocol: asyncio.Protocol) -> None:
        super().__init__()
        self._port = port
        self._protocol = protocol
        self._loop = asyncio.get_running_loop()
        self._unsent = b""
        self._loop.add_reader(port, self._ready)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send `data`; what the port does not take at once follows when it can."""
        if self._port < 0:
            return
        first = not self._unsent
        self._unsent += bytes(data)
        if first:
            self._send()

    def is_closing(self) -> bool:
        """Whether the port is closed."""
        return self._port < 0

    def close(self) -> None:
        """Let go of the port at once; what was not sent is lost."""
        port, self._port = self._port, -1
        if port >= 0:
            self._loop.remove_reader(port)
            self._loop.remove_writer(port)
            os.close(port)

    def abort(self) -> None:
        """Let go of the port at once."""
        self.close()

    def _send(self) -> None:
        try:
            sent = os.write(self._port, self._unsent)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            self._lost(error)
            return
        self._unsent = self._unsent[sent:]
        if self._unsent:
            self._loop.add_writer(self._port, self._send)
        else:
            self._loop.remove_writer(self._port)

    def _ready(self) -> None:
        try:
            data = os.read(self._port, _READ_MOST)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._lost(error)
            return
        if data:
            self._protocol.data_received(data)
        else:
            self._lost(OSError("the port was unplugged"))

    def _lost(self, error: OSError) -> None:
        self.close()
        self._loop.call_soon(self._protocol.connection_lost, error)
