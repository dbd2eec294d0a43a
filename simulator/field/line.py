"""A simulated serial line: a pseudo terminal that stands where the site file names its port."""

from __future__ import annotations

import asyncio
import os
import tty
from pathlib import Path

from edge.drivers.modbus.port import SerialTransport, open_port
from edge.site.link import Serial

_PSEUDO = "/dev/pts/"


class Line:
    """The instruments' end of `serial`: of a pseudo terminal, or of a real port that is there.

    A name that does not exist, or is left over from an earlier pseudo terminal, becomes a link to a
    new one; any other device is opened as it is (the far end of a null modem cable).
    """

    def __init__(self, serial: Serial) -> None:
        self._serial = serial
        self._path = Path(serial.port)
        self._kept = -1  # the gateway's end, held open so that its closing is no hang-up to us
        self._transport: SerialTransport | None = None
        self._linked = False

    def plug_in(self, protocol: asyncio.Protocol) -> None:
        """Have `protocol` served on the line. Raises `OSError`."""
        if self._path.exists() and not self._pseudo():
            port = open_port(self._serial)
        else:
            port, self._kept = os.openpty()
            tty.setraw(self._kept)
            os.set_blocking(port, False)
            self._link(os.ttyname(self._kept))
        self._transport = SerialTransport(port, protocol)
        protocol.connection_made(self._transport)

    def unplug(self) -> None:
        """Let go of the line; whoever has it open sees it go. May be called twice."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()
        if self._kept >= 0:
            os.close(self._kept)
            self._kept = -1
        if self._linked:
            self._path.unlink(missing_ok=True)
            self._linked = False

    def _pseudo(self) -> bool:
        return self._path.is_symlink() and str(self._path.readlink()).startswith(_PSEUDO)

    def _link(self, name: str) -> None:
        if self._path.is_symlink():
            self._path.unlink()
        self._path.symlink_to(name)
        self._linked = True
