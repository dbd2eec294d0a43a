"""paho-mqtt behind the few words the relay needs. Its callbacks come on a thread of paho's own.

While the broker is away nothing is queued here: what is in flight stays with paho, which sends it
again, marked as a duplicate, on reconnecting (QoS 1); everything else stays in the journal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import structlog
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from edge.errors import ConfigError, Fault
from edge.relay.payload import Origin, status_message
from edge.site.model import Relay

log = structlog.get_logger(__name__)
PROTOCOLS = {"3.1.1": MQTTProtocolVersion.MQTTv311, "5": MQTTProtocolVersion.MQTTv5}
FIRST_RETRY_S, LONGEST_RETRY_S = 1, 15
KEEPALIVE_S = 15


class Broker:
    """One connection that keeps coming back. `on_change` is called in the loop, up or down."""

    def __init__(self, settings: Relay, origin: Origin, on_change: Callable[[bool], None]) -> None:
        self._settings = settings
        self._origin = origin
        self._on_change = on_change
        self._loop: asyncio.AbstractEventLoop | None = None
        self._in_flight: dict[int, Callable[[], None]] = {}
        self._client = self._make_client()
        self.connected = False

    def _make_client(self) -> mqtt.Client:
        """Return paho's client, set up. Raises `ConfigError` for a password that is not there."""
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"suian-{self._origin.site}-{self._origin.gateway}",
            protocol=PROTOCOLS[self._settings.protocol],
        )
        if self._settings.username:
            client.username_pw_set(self._settings.username, _password(self._settings))
        if self._settings.tls:
            client.tls_set()
        client.max_inflight_messages_set(self._settings.window)
        client.reconnect_delay_set(FIRST_RETRY_S, LONGEST_RETRY_S)
        topic, body = status_message(self._origin, online=False)
        client.will_set(topic, body, qos=1, retain=True)
        client.on_connect = self._came_up
        client.on_connect_fail = self._stayed_down
        client.on_disconnect = self._went_down
        client.on_publish = self._published
        return client

    def start(self) -> None:
        """Connect in the background and keep trying."""
        self._loop = asyncio.get_running_loop()
        self._client.connect_async(self._settings.host, self._settings.port, keepalive=KEEPALIVE_S)
        self._client.loop_start()

    async def stop(self) -> None:
        """Say that we go, and disconnect."""
        if self.connected:
            topic, body = status_message(self._origin, online=False)
            info = self._client.publish(topic, body, qos=1, retain=True)
            await asyncio.to_thread(info.wait_for_publish, 1.0)
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)

    def publish(self, topic: str, body: bytes, on_acknowledged: Callable[[], None]) -> bool:
        """Send at QoS 1; `on_acknowledged` is called in the loop. False: not taken, try later."""
        info = self._client.publish(topic, body, qos=1)
        if info.rc not in {mqtt.MQTT_ERR_SUCCESS, mqtt.MQTT_ERR_NO_CONN}:
            log.warning("relay.not-taken", code=int(info.rc), topic=topic)
            return False
        # NO_CONN: paho has queued it all the same, and sends it when the broker is back.
        self._in_flight[info.mid] = on_acknowledged
        return True

    # --- paho's thread -------------------------------------------------------------------------

    def _hop(self, call: Callable[..., None], *arguments: object) -> None:
        """Call in the loop, unless it has ended meanwhile."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call, *arguments)

    def _came_up(self, client: mqtt.Client, _data: Any, _flags: Any, code: Any, *_: Any) -> None:  # noqa: ANN401 - paho's own signature
        if code.is_failure:
            log.warning("relay.refused", broker=self._where, code=str(code))
            return
        topic, body = status_message(self._origin, online=True)
        client.publish(topic, body, qos=1, retain=True)
        self._hop(self._set, True)

    def _stayed_down(self, *_: object) -> None:
        log.info("relay.no-broker", broker=self._where)

    def _went_down(self, *_: object) -> None:
        self._hop(self._set, False)

    def _published(self, _client: Any, _data: Any, mid: int, *_: Any) -> None:  # noqa: ANN401 - paho's own signature
        self._hop(self._acknowledge, mid)

    # --- the loop ------------------------------------------------------------------------------

    @property
    def _where(self) -> str:
        return f"{self._settings.host}:{self._settings.port}"

    def _set(self, connected: bool) -> None:
        if connected != self.connected:
            self.connected = connected
            log.info("relay.broker", broker=self._where, connected=connected)
            self._on_change(connected)

    def _acknowledge(self, mid: int) -> None:
        done = self._in_flight.pop(mid, None)
        if done is not None:  # None: the status message, which nobody waits for
            done()


def _password(settings: Relay) -> str:
    """Return the broker's password. Raises `ConfigError` naming the file."""
    try:
        return Path(settings.password_file).read_text(encoding="utf-8").strip()
    except OSError as error:
        remedy = "Put the broker's password there, readable for the user suian"
        fault = Fault("site.yaml", 0, "relay.password_file", str(error), remedy)
        raise ConfigError([fault]) from None
