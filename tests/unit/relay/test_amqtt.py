"""The whole way to a subscriber of a real MQTT 3.1.1 broker, in this process."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
import paho.mqtt.client as mqtt
import pytest
from amqtt.broker import Broker
from paho.mqtt.enums import CallbackAPIVersion

from edge.relay import Pump
from tests.unit.relay.kit import PATIENCE_S, demo_site, event, open_journal, pumping, sample


class Subscriber:
    """A park's receiver: everything of every gateway, at QoS 1."""

    def __init__(self, port: int) -> None:
        self.messages: asyncio.Queue[tuple[str, dict[str, Any], bool]] = asyncio.Queue()
        self.subscribed = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="park")
        self._client.on_connect = self._subscribe
        self._client.on_subscribe = lambda *_: self._hop(self.subscribed.set)
        self._client.on_message = self._take
        self._client.connect_async("127.0.0.1", port)
        self._client.loop_start()

    def _subscribe(self, client: mqtt.Client, *_: Any) -> None:
        client.subscribe("suian/v1/#", qos=1)

    def _take(self, _client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        got = (message.topic, orjson.loads(message.payload), message.retain)
        self._hop(self.messages.put_nowait, got)

    def _hop(self, call: Any, *arguments: Any) -> None:
        self._loop.call_soon_threadsafe(call, *arguments)

    async def next(self) -> tuple[str, dict[str, Any], bool]:
        return await asyncio.wait_for(self.messages.get(), PATIENCE_S)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@pytest.fixture
async def broker_port(free_port: int):
    """An amqtt broker on the loopback."""
    broker = Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{free_port}"}},
            "plugins": {
                "amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}
            },
        }
    )
    await broker.start()
    yield free_port
    await broker.shutdown()


async def test_a_subscriber_gets_status_events_and_samples(tmp_path: Path, broker_port: int):
    """What core journalled reaches a subscriber of a 3.1.1 broker, identity and all."""
    journal = open_journal(tmp_path)
    subscriber = Subscriber(broker_port)
    await asyncio.wait_for(subscriber.subscribed.wait(), PATIENCE_S)
    site = demo_site(port=broker_port, protocol="3.1.1", batch_s=0.1)
    async with pumping(Pump(site, tmp_path)) as pump:
        topic, body, _ = await subscriber.next()
        assert (topic, body["online"]) == ("suian/v1/demo/gw-demo/status", True)
        journal.offer_sample(sample(1))
        journal.offer([event(1)])
        pump.expect()
        topic, body, _ = await subscriber.next()
        assert topic == "suian/v1/demo/gw-demo/event/alarm.raised"
        assert (body["seq"], body["epoch"], body["world"]) == (1, journal.epoch, "drill")
        topic, body, _ = await subscriber.next()
        assert topic == "suian/v1/demo/gw-demo/sample"
        assert body["samples"][0]["tag"] == "AT-101"
    topic, body, _ = await subscriber.next()
    assert (topic, body["online"]) == ("suian/v1/demo/gw-demo/status", False)
    subscriber.close()
    late = Subscriber(broker_port)
    _, body, retained = await late.next()
    assert (body["online"], retained) == (False, True), "a later subscriber learns we are gone"
    late.close()
    journal.close()
