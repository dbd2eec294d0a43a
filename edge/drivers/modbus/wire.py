"""One connection to a line, whatever it is made of: TCP, TLS, a serial port, a serial server.

The sockets, their life and the requests are pymodbus'; frames, time-outs and what counts as an
answer are ours (`framing.py`): pymodbus would throw a whole buffer away for one wrong bit, lose a
TLS frame that comes in two parts, and make every unit of a line wait for a silent one.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from pathlib import Path
from typing import Any, cast

from pymodbus.transport import CommParams, CommType
from pymodbus.transport.transport import ModbusProtocol

from edge.drivers.modbus.framing import Framing, LostError, MbapFraming, RtuFraming, Stray
from edge.drivers.modbus.port import SerialTransport, open_port
from edge.drivers.modbus.requests import Request, RequestError
from edge.site.link import Link, Tls
from edge.tag import Reason

# A failure becomes a Bad reading and is counted by us; pymodbus would log each one of them again.
logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)

SETTLE_S = 0.1  # rest in the middle of an RTU frame after which the rest will not come
SERVER_SETTLE_S = 0.25  # the same, where a network lies between the line and us
DEAD_AFTER = 3  # time-outs without a sign of life of the peer's machine


class Connection(ModbusProtocol):
    """One connection of `link`; one request at a time is the caller's duty.

    `folder` is the site's, for certificates; `stray(unit)` hears of frames that answer no open
    request. Requests are numbered on from `number`, the last one of the connection before: what a
    gateway still sends from then is no answer to ours.
    """

    def __init__(self, link: Link, folder: Path, stray: Stray, number: int = 0) -> None:
        serial = link.kind == "modbus-rtu"
        params = CommParams(
            comm_name=link.id,
            comm_type=CommType.SERIAL if serial else CommType.TCP,
            host=link.where if serial else link.host,
            port=link.port,
            reconnect_delay=0,  # the link reconnects, with its own back-off
        )
        super().__init__(params, is_server=False)
        self._link = link
        self._folder = folder
        self._framing: Framing = (
            RtuFraming(stray, SETTLE_S if serial else SERVER_SETTLE_S)
            if link.on_line
            else MbapFraming(stray, number)
        )
        self._answer: asyncio.Future[bytes] | None = None
        self._deadline = 0.0  # loop time
        self._timer: asyncio.TimerHandle | None = None
        self._settling: asyncio.TimerHandle | None = None
        self.heard_at = 0.0  # loop time at which something came in last

    @property
    def open(self) -> bool:
        """Whether the connection is up as far as we know."""
        return self.transport is not None and not self.transport.is_closing()  # pyright: ignore[reportUnnecessaryComparison]  # pymodbus sets it to None

    @property
    def number(self) -> int:
        """The number of the last request."""
        return self._framing.number

    async def dial(self) -> None:
        """Connect. Raises `RequestError` saying why it cannot be."""
        try:
            async with asyncio.timeout(self._link.timeout_s):
                await self._open()
        except TimeoutError:
            why = f"nobody answers at {self._link.where}"
            raise RequestError(Reason.NOT_CONNECTED, why) from None
        except ssl.SSLCertVerificationError as error:
            why = f"{self._link.where} is not believed: {error.verify_message}"
            raise RequestError(Reason.NOT_CONNECTED, why) from None
        except OSError as error:
            why = f"{self._link.where}: {error.strerror or error}"
            raise RequestError(Reason.NOT_CONNECTED, why) from None

    async def _open(self) -> None:
        link, loop = self._link, self.loop
        if link.serial is not None and link.kind == "modbus-rtu":
            self.connection_made(SerialTransport(open_port(link.serial), cast("Any", self)))
            return
        context, name = None, None
        if link.tls is not None and link.kind == "modbus-tls":
            context = tls_context(link.tls, self._folder)
            name = link.tls.server_name or link.host
        transport, _ = await loop.create_connection(
            lambda: cast("asyncio.Protocol", self),
            link.host,
            link.port,
            ssl=context,
            server_hostname=name,
        )
        _watch_peer(transport.get_extra_info("socket"), link.timeout_s)

    async def ask(self, unit: int, request: Request, wait_s: float, owed: int = 0) -> bytes:
        """Send `request` and return its answer's data. Raises `RequestError`.

        `owed` is how many answers of that unit to older requests may still come.
        """
        transport: Any = self.transport
        if not self.open:
            raise RequestError(Reason.NOT_CONNECTED, "the connection was closed")
        loop = self.loop
        answer: asyncio.Future[bytes] = loop.create_future()
        self._answer = answer
        frame = self._framing.request(unit, request, owed)
        self._deadline = deadline = loop.time() + wait_s
        if self._timer is None or self._timer.when() > deadline:
            self._set_timer(deadline)
        transport.write(frame)
        try:
            return await answer
        finally:
            self._answer = None
            self._framing.done()

    def close(self, reconnect: bool = False) -> None:
        """Close; may be called at any time and twice. Who waits is told."""
        self._fail(RequestError(Reason.NOT_CONNECTED, "the connection was closed"))
        for timer in (self._timer, self._settling):
            if timer is not None:
                timer.cancel()
        self._timer = self._settling = None
        transport: Any = self.transport
        super().close(reconnect)
        if transport is not None and self._link.kind == "modbus-tls":
            transport.abort()  # a peer that is gone never takes leave

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport, unless we have been closed meanwhile."""
        if self.is_closing:
            cast("asyncio.Transport", transport).abort()
            return
        self.transport = transport

    def callback_disconnected(self, exc: Exception | None) -> None:
        """Hear from pymodbus that the peer or the port is gone."""
        detail = str(exc) if exc is not None and str(exc) else "the device closed the connection"
        self._fail(RequestError(Reason.NOT_CONNECTED, detail))

    def data_received(self, data: bytes) -> None:
        """Take what came in."""
        framing = self._framing
        try:
            answer = framing.feed(data)
        except LostError as lost:
            self._fail(RequestError(Reason.BAD_REPLY, str(lost)))
            self.close()  # where the next answer starts is anybody's guess
            return
        if framing.settle_s is not None:
            self._rest(framing.settle_s, settled=answer is not None)
        if answer is not None:
            self._take(answer)

    def _rest(self, settle_s: float, *, settled: bool) -> None:
        """Watch for the line coming to rest in the middle of an answer."""
        self.heard_at = self.loop.time()
        if self._settling is not None:
            self._settling.cancel()
            self._settling = None
        if not settled and self._answer is not None:
            self._settling = self.loop.call_later(settle_s, self._settled)

    def _settled(self) -> None:
        self._settling = None
        answer = self._framing.settled()
        if answer is not None:
            self._take(answer)

    def _take(self, answer: bytes | RequestError) -> None:
        if isinstance(answer, RequestError):
            self._fail(answer)
        elif self._answer is not None and not self._answer.done():
            self._answer.set_result(answer)

    def _fail(self, error: RequestError) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)

    def _set_timer(self, at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.loop.call_at(at, self._expired)

    def _expired(self) -> None:
        """Let the open request end in time; one timer serves all, moved on when it comes early."""
        self._timer = None
        if self._answer is None:
            return
        if self.loop.time() < self._deadline:
            self._set_timer(self._deadline)
            return
        answer = self._framing.settled()
        if answer is not None:
            self._take(answer)
        elif partial := self._framing.partial:
            self._fail(RequestError(Reason.BAD_REPLY, f"{partial} bytes came, no whole answer"))
            self.close()  # if the rest came later, it would be taken for a frame of its own
        else:
            self._fail(RequestError(Reason.TIMEOUT, "no answer"))


def _watch_peer(sock: socket.socket, timeout_s: float) -> None:
    """Have the kernel find out that the peer's machine is gone, though nobody said goodbye."""
    patience_ms = round(DEAD_AFTER * timeout_s * 1000)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, max(1, round(DEAD_AFTER * timeout_s)))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, max(1, round(timeout_s)))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, DEAD_AFTER)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, patience_ms)


def tls_context(tls: Tls, folder: Path) -> ssl.SSLContext:
    """Return how a peer is verified and how we show who we are. Raises `OSError` naming the file.

    Only the site's own authority is believed, and the server's name is always checked (MODBUS/TCP
    Security V2.1: TLS 1.2 or later, certificates on both sides).
    """
    name = tls.ca
    try:
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=str(folder / tls.ca))
        name = f"{tls.certificate} with {tls.key}"
        # Without the empty password OpenSSL would ask for one at the daemon's terminal.
        context.load_cert_chain(folder / tls.certificate, folder / tls.key, password="")
    except OSError as error:
        raise OSError(error.errno, f"{name} cannot be used: {error.strerror or error}") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
