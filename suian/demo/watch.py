"""What the demo looks at from outside: the truth, the control socket, hazard, console and MQTT.

Every watcher only looks: none of them is needed for the chain to work.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any

import orjson
import paho.mqtt.client as mqtt
import websockets
from paho.mqtt.enums import CallbackAPIVersion

from edge.control import ControlClient
from edge.errors import JournalError
from edge.journal.hazard_file import HazardReader
from edge.site.model import LimitKind, Site
from edge.site.parts import Title
from suian.demo.chain import Chain
from suian.demo.story import Story
from suian.demo.workspace import Workspace

MUCH = 3.0  # an estimate whose rate is so many times another is told again
LOOK_AGAIN_S = 0.05  # how often a file is looked at for news


class Watch:
    """Turns what is seen into the chain's stamps and the story's lines."""

    def __init__(self, chain: Chain, story: Story, site: Site, place: Workspace) -> None:
        self._chain = chain
        self._story = story
        self._site = site
        self._place = place
        self._kernels = ""
        self._told: tuple[str, float] = ("", 0.0)  # the last estimate's best source and rate [kg/s]
        self.field_ready = asyncio.Event()
        self.field_failed = ""

    # --- the simulated field's truth -----------------------------------------------------------

    def on_truth(self, line: dict[str, Any]) -> None:
        """Take one line that the field process prints about what really happens."""
        kind = line.get("t")
        if kind == "ready":
            self._story.tell("field-ready", tone="good")
            self.field_ready.set()
        elif kind == "leak" and line["state"] == "start":
            self._chain.reach("leak", line["mono_ns"])
            self._story.tell("leak", {"asset": self._asset(line["asset"])}, "warn")
        elif kind == "leak":
            self._story.tell("leak-stop", {"asset": self._asset(line["asset"])})
        elif kind == "register" and self._chain.reach("register", line["mono_ns"]):
            self._story.tell("register", {"tag": line["tag"]}, "warn")
        elif kind == "coil" and self._is_first_horn(line):
            seconds = self._chain.between("register", "horn")
            self._story.tell("horn", {"seconds": seconds}, "alarm")

    def _is_first_horn(self, line: dict[str, Any]) -> bool:
        """Whether a write is the first that switches something on after a detector's change."""
        if not line.get("value") or "register" not in self._chain.stamps:
            return False
        return self._chain.reach("horn", line["mono_ns"])

    def _asset(self, asset: str) -> Title | str:
        """Return an asset's id with its name, as an operator knows it."""
        known = self._site.assets.get(asset)
        if known is None:
            return asset
        return Title(zh=f"{known.title.zh} {asset}", en=f"{known.title.en} {asset}")

    # --- core ----------------------------------------------------------------------------------

    async def control(self) -> None:
        """Follow the control socket: good samples, alarms, and how the satellites are."""
        async with ControlClient(self._place.run / "core.sock", "demo") as client:
            async for message in client.messages():
                kind = message["t"]
                if kind in {"snapshot", "values"}:
                    self._see_values(message["values"])
                if kind in {"snapshot", "daemons"}:
                    self._see_daemons(message.get("daemons") or {})
                if kind == "event":
                    self._see_event(message["event"], message.get("alarm"))

    def _see_values(self, rows: list[list[Any]]) -> None:
        good = sum(1 for row in rows if row[2] == 0)
        if good and self._chain.first_sample_ns is None:
            self._chain.first_sample_ns = time.monotonic_ns()
            self._story.tell("core-up", {"good": good}, "good")

    def _see_daemons(self, daemons: dict[str, str]) -> None:
        state = daemons.get("hazard", "")
        if state in {"", self._kernels}:  # another daemon's news says nothing of this one
            return
        self._kernels = state
        if state == "preparing":
            self._story.tell("kernels")
        elif state == "running":
            self._story.tell("kernels-warm", tone="good")

    def _see_event(self, event: dict[str, Any], alarm: dict[str, Any] | None) -> None:
        kind = event["kind"]
        if kind == "daemon.state":
            self._see_daemons({event["subject"]: str(event["params"].get("state"))})
        if alarm is None or alarm.get("klass") != "process" or not alarm.get("level"):
            return
        if kind == "alarm.raised":
            self._chain.raised += 1
            first = self._chain.reach("alarm")
            if first or self._chain.raised <= 12:
                mirrored = alarm.get("kind") in {LimitKind.GDS_1, LimitKind.GDS_2}
                self._story.tell("gds-alarm" if mirrored else "alarm", alarm, "alarm")
        elif kind in {"alarm.returned", "alarm.cleared", "alarm.latched"}:
            self._chain.cleared += kind != "alarm.latched"
            self._story.tell("cleared", {"condition": event["subject"]})

    # --- hazard --------------------------------------------------------------------------------

    async def hazard(self) -> None:
        """Follow the hazard file: its first estimate, and each one that says something else."""
        reader, seq = HazardReader(self._place.state / "hazard.db"), 0
        while True:
            with contextlib.suppress(JournalError):  # not there yet
                for body in reader.after(seq, 100):
                    seq = body["seq"]
                    if body["state"] == "estimate" and body["candidates"]:
                        self._see_estimate(body)
            await asyncio.sleep(LOOK_AGAIN_S)

    def _see_estimate(self, body: dict[str, Any]) -> None:
        best = body["candidates"][0]
        rate = best["rate_kg_s"]
        asset, told_rate = self._told
        much = max(rate, told_rate) > MUCH * min(rate, told_rate)
        if not (self._chain.reach("plume") or asset != best["asset"] or much):
            return
        self._told = (best["asset"], rate)
        self._story.tell("plume", {"asset": self._asset(best["asset"]), "rate": rate}, "warn")
        for place in body["places"]:
            if place["zone"] and place["place"] in self._site.places:
                title = self._site.places[place["place"]].title
                self._story.tell("predicted", {"place": title, "value": place["value_ppm"]}, "warn")

    # --- console -------------------------------------------------------------------------------

    async def console(self) -> None:
        """Be one open page, and note when it is told of the first good value and alarm."""
        url = f"ws://127.0.0.1:{self._place.console_port}/api/v1/live"
        while True:
            with contextlib.suppress(OSError, websockets.WebSocketException):
                async with websockets.connect(url, max_size=None) as socket:
                    async for raw in socket:
                        self._see_page(orjson.loads(raw))
            await asyncio.sleep(LOOK_AGAIN_S)

    def _see_page(self, message: dict[str, Any]) -> None:
        rows = message.get("values") or []
        if self._chain.console_first_good_ns is None and any(row[2] == 0 for row in rows):
            self._chain.console_first_good_ns = time.monotonic_ns()
        if _is_first_alarm(message):
            self._chain.reach("console")

    # --- MQTT ----------------------------------------------------------------------------------

    def mqtt(self, loop: asyncio.AbstractEventLoop) -> Callable[[], None]:
        """Subscribe at the broker; return what ends it. Its callbacks hop to `loop`."""
        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="suian-demo-watch")
        root = self._site.file.relay.topic_root if self._site.file.relay else "suian/v1"

        def subscribe(client: mqtt.Client, *_: object) -> None:
            client.subscribe(f"{root}/#", qos=1)

        def hand_over(_client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
            loop.call_soon_threadsafe(self._see_message, message.topic, bytes(message.payload))

        client.on_connect = subscribe
        client.on_message = hand_over
        client.reconnect_delay_set(min_delay=1, max_delay=5)
        client.connect_async(self._place.broker_host, self._place.broker_port)
        client.loop_start()

        def end() -> None:
            client.disconnect()
            client.loop_stop()

        return end

    def _see_message(self, topic: str, payload: bytes) -> None:
        self._chain.messages += 1
        if not topic.endswith("/event/alarm.raised") or "mqtt" in self._chain.stamps:
            return
        if _is_gas_condition(self._site, str(orjson.loads(payload).get("subject", ""))):
            self._chain.reach("mqtt")
            self._story.tell("mqtt", {"topic": topic}, "good")


def _is_first_alarm(message: dict[str, Any]) -> bool:
    """Whether a console message tells of a raised detector alarm."""
    alarm = message.get("alarm") or {}
    event = message.get("event") or {}
    return event.get("kind") == "alarm.raised" and bool(alarm.get("level"))


def _is_gas_condition(site: Site, condition: str) -> bool:
    """Whether a condition is a detector level of this site."""
    limit = site.limits.get(condition)
    return limit is not None and limit.level > 0
