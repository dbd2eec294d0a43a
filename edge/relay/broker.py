"""paho-mqtt behind the few words the relay needs, on the relay's own event loop.

Only connecting (names, TCP, TLS) runs on a thread, for it may wait; everything after it is read
and written by the loop, which spares two thread changes a message. While the broker is away
nothing is queued here: what is in flight stays with paho, which sends it again, marked as a
duplicate, on reconnecting (QoS 1); everything else stays in the journal.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import structlog
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion

from edge.clock import NS, SystemClock
from edge.errors import ConfigError, Fault
from edge.relay.payload import Origin, status_message
from edge.site.model import Relay

log = structlog.get_logger(__name__)
PROTOCOLS = {"3.1.1": MQTTProtocolVersion.MQTTv311, "5": MQTTProtocolVersion.MQTTv5}
FIRST_RETRY_S, LONGEST_RETRY_S = 0.5, 15.0
KEEPALIVE_S = 15
LOOK_AFTER_S = 1.0  # paho's own clockwork: pings, and a broker that no longer answers them
FAREWELL_S = 1.0


class Broker:
    """One connection that keeps coming back, while `run` runs.

    `on_change` is called when the broker comes or goes. All of it belongs to one loop.
    Raises `ConfigError` for a password file that cannot be read.
    """

    def __init__(self, settings: Relay, origin: Origin, on_change: Callable[[], None]) -> None:
        self._settings, self._origin, self._on_change = settings, origin, on_change
        self._pace = SystemClock()
        self._in_flight: dict[int, Callable[[], None]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._home = 0  # the loop's thread
        self._socket: int | None = None
        self._gone = asyncio.Event()
        self._trouble = ""  # what was last said to be wrong: said once, not each retry
        self._leaving = False
        self._answered = False  # whether this connection's greeting was, with yes or no
        self._client = self._make_client()
        self.connected = False

    def _make_client(self) -> mqtt.Client:
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"suian-{self._origin.site}-{self._origin.gateway}",
            protocol=PROTOCOLS[self._settings.protocol],
        )
        if self._settings.username:
            client.username_pw_set(self._settings.username, _password(self._settings))
        if self._settings.tls:
            context = ssl.create_default_context()
            client.tls_set_context(context)  # pyright: ignore[reportUnknownMemberType]  # paho leaves its argument untyped
        # One more than ours, so that the status never waits behind the rows.
        client.max_inflight_messages_set(self._settings.window + 1)
        topic, body = status_message(self._origin, online=False)
        client.will_set(topic, body, qos=1, retain=True)
        client.on_connect = self._came_up
        client.on_disconnect = self._went_down
        client.on_publish = self._published
        client.on_socket_open = self._opened
        client.on_socket_close = self._closed
        client.on_socket_register_write = self._wants_to_write
        client.on_socket_unregister_write = self._has_written
        client.connect_async(self._settings.host, self._settings.port, keepalive=KEEPALIVE_S)
        return client

    async def run(self) -> None:
        """Connect, and connect again, until cancelled."""
        self._loop, self._home = asyncio.get_running_loop(), threading.get_ident()
        wait_s = FIRST_RETRY_S
        while True:
            self._gone.clear()
            self._answered = False
            try:
                await asyncio.to_thread(self._client.reconnect)
            except (OSError, ValueError) as error:  # ValueError: a name that cannot be encoded
                self._complain(str(error) or type(error).__name__)
            else:
                if await self._serve():
                    wait_s = FIRST_RETRY_S
            await self._pace.sleep_until(self._pace.now().mono_ns + round(wait_s * NS))
            wait_s = min(2 * wait_s, LONGEST_RETRY_S)

    async def _serve(self) -> bool:
        """Look after an open connection until it is gone; whether the broker ever took us."""
        taken = False
        while not self._gone.is_set():
            try:
                async with asyncio.timeout(LOOK_AFTER_S):
                    await self._gone.wait()
            except TimeoutError:
                self._client.loop_misc()
            taken = taken or self.connected
        return taken

    async def stop(self) -> None:
        """Say that we go, and disconnect; a broker that does not listen is left standing."""
        self._leaving = True
        if self.connected:
            said = asyncio.Event()
            topic, body = status_message(self._origin, online=False)
            self._send(topic, body, said.set, retain=True)
            await _at_most(FAREWELL_S, said)
        self._client.disconnect()
        if self._socket is not None:
            await _at_most(FAREWELL_S, self._gone)

    def publish(self, topic: str, body: bytes, on_acknowledged: Callable[[], None]) -> None:
        """Send at QoS 1, now or on the next connection; `on_acknowledged` is called in the loop."""
        self._send(topic, body, on_acknowledged)

    def _send(
        self, topic: str, body: bytes, on_acknowledged: Callable[[], None], *, retain: bool = False
    ) -> None:
        # Whatever the return code says of the connection, paho keeps a QoS 1 message until its
        # acknowledgement, and sends it again when the broker is back.
        info = self._client.publish(topic, body, qos=1, retain=retain)
        self._in_flight[info.mid] = on_acknowledged

    # --- what paho tells of the session --------------------------------------------------------

    def _came_up(self, _client: Any, _data: Any, _flags: Any, code: Any, *_: Any) -> None:  # noqa: ANN401 - paho's own signature
        self._answered = True
        if code.is_failure:
            self._complain(f"refused: {code}")
            return
        log.info("broker reached", broker=self._where)
        self._trouble = ""
        topic, body = status_message(self._origin, online=True)
        self._send(topic, body, _nothing, retain=True)
        self.connected = True
        self._on_change()

    def _went_down(self, _client: Any, _data: Any, _flags: Any, code: Any, *_: Any) -> None:  # noqa: ANN401 - paho's own signature
        if self.connected:
            self.connected = False
            if not self._leaving:
                self._complain(f"connection lost: {code}")
            self._on_change()
        elif not (self._answered or self._leaving):
            self._complain(f"what listens there did not answer as an MQTT broker: {code}")
        self._gone.set()

    def _published(self, _client: Any, _data: Any, mid: int, *_: Any) -> None:  # noqa: ANN401 - paho's own signature
        done = self._in_flight.pop(mid, None)
        if done is not None:
            done()

    def _complain(self, why: str) -> None:
        if why != self._trouble:
            self._trouble = why
            log.warning("no broker, trying on", broker=self._where, why=why)

    @property
    def _where(self) -> str:
        return f"{self._settings.host}:{self._settings.port}"

    # --- the socket: paho says what it waits for, the loop waits -------------------------------

    def _opened(self, _client: Any, _data: Any, sock: Any) -> None:  # noqa: ANN401 - paho's own signature
        self._hop(self._watch, sock)

    def _closed(self, *_: object) -> None:
        self._hop(self._unwatch)

    def _wants_to_write(self, _client: Any, _data: Any, sock: Any) -> None:  # noqa: ANN401 - paho's own signature
        self._hop(self._watch_writing, sock)

    def _has_written(self, _client: Any, _data: Any, sock: Any) -> None:  # noqa: ANN401 - paho's own signature
        self._hop(self._unwatch_writing, sock)

    def _hop(self, call: Callable[..., None], *arguments: object) -> None:
        """Call on the loop: now if this is its thread, soon if it is the connecting one."""
        assert self._loop is not None
        if threading.get_ident() == self._home:
            call(*arguments)
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call, *arguments)

    def _watch(self, sock: Any) -> None:  # noqa: ANN401 - a socket, or TLS around one
        if sock.fileno() < 0:
            return  # closed before we came to it
        assert self._loop is not None
        self._socket = number = int(sock.fileno())
        self._loop.add_reader(number, self._readable, sock)

    def _unwatch(self) -> None:
        if self._socket is not None and self._loop is not None:
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._socket = None

    def _watch_writing(self, sock: Any) -> None:  # noqa: ANN401 - as above
        if sock.fileno() >= 0 and self._loop is not None:
            self._loop.add_writer(sock.fileno(), self._client.loop_write)

    def _unwatch_writing(self, sock: Any) -> None:  # noqa: ANN401 - as above
        if sock.fileno() >= 0 and self._loop is not None:
            self._loop.remove_writer(sock.fileno())

    def _readable(self, sock: Any) -> None:  # noqa: ANN401 - as above
        code = self._client.loop_read()
        # TLS may hold what the kernel has already given: no readiness would tell of it.
        while code == MQTTErrorCode.MQTT_ERR_SUCCESS and _held(sock):
            code = self._client.loop_read()


def _held(sock: Any) -> int:  # noqa: ANN401 - as above
    return sock.pending() if isinstance(sock, ssl.SSLSocket) and sock.fileno() >= 0 else 0


async def _at_most(seconds: float, event: asyncio.Event) -> None:
    """Wait for `event`, but not longer than `seconds` [s]."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        log.debug("the broker did not answer the farewell")


def _nothing() -> None:
    """Acknowledge the status: nobody waits for it."""


def _password(settings: Relay) -> str:
    """Return the broker's password. Raises `ConfigError` naming the file."""
    try:
        return Path(settings.password_file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        remedy = "Name a file with the broker's password, readable for the user suian"
        fault = Fault("site.yaml", 0, "relay.password_file", str(error), remedy)
        raise ConfigError([fault]) from None
