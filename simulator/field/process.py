"""The field process: a source steps with the clock, its readings go into the registers, truth out.

Truth is one JSON object a line. `mono_ns` is always this machine's own monotonic clock, so that
other processes can compare it, also where the field runs on a scaled one; `utc_ns` is the world's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import structlog

from edge.clock import NS, Clock, Instant, ScaledClock
from edge.drivers import ModbusTemplate, Template, load_templates
from edge.drivers.base import Reading
from edge.drivers.layout import resolve
from edge.errors import ConfigError, Fault
from edge.site.model import Site
from simulator.field.server import FieldServers
from simulator.field.sources import Fact, PlantSource, Source, level_of
from simulator.seat import FeedServer, hello, tag_row

FRAME_S = 0.2
log = structlog.get_logger(__name__)
Tell = Callable[[Mapping[str, Any]], None]


class Point(NamedTuple):
    """An output: "tier[2]", and the word that leaves it as it is (None: there is none)."""

    name: str
    ignore: int | None


class Field:
    """One site's simulated field, from `start` to `stop`. `tell` takes each line of the truth."""

    def __init__(
        self, site: Site, source: Source, clock: Clock, tell: Tell, feed: Path | None = None
    ) -> None:
        self._site = site
        self._source = source
        self._clock = clock
        self._tell = tell
        templates = load_templates(_own_templates(site))
        self.servers = FieldServers(site, templates, clock)
        self.servers.on_write = self._on_write
        self.servers.on_served = self._on_served
        self._points = _output_points(site, templates)
        self._shown: Mapping[str, Reading] = {}
        self._above: set[str] = set()
        self._feed: FeedServer | None = None
        self._feed_path = feed
        if feed is not None:
            kind = "plant" if isinstance(source, PlantSource) else "replay"
            greeting = hello(site, kind, _title(site, source))
            self._feed = FeedServer(feed, greeting, source.command)

    async def start(self) -> None:
        """Fill the registers and listen. Raises `ConfigError` (ports, feed)."""
        self._source.advance(self._clock.now())
        self._show()
        await self.servers.start()
        if self._feed is not None:
            await self._start(self._feed)

    async def _start(self, feed: FeedServer) -> None:
        try:
            await feed.start()
        except OSError as error:
            await self.servers.stop()
            problem = f"cannot be served: {error.strerror or error}"
            remedy = "Name a short path (at most 107 bytes) in a folder that is there"
            raise ConfigError([Fault("--feed", 0, str(self._feed_path), problem, remedy)]) from None

    async def stop(self) -> None:
        """Let go of every socket."""
        if self._feed is not None:
            await self._feed.stop()
        await self.servers.stop()

    async def run(self) -> None:
        """Step until cancelled."""
        self._say("ready", self._clock.now(), {})
        async with asyncio.TaskGroup() as group:
            group.create_task(self._steps(), name="field-steps")
            if self._feed is not None:
                group.create_task(self._frames(self._feed), name="field-frames")

    async def _steps(self) -> None:
        while True:
            now = self._clock.now()
            for fact in self._source.advance(now):
                self._fact(fact)
            self._show()
            await self._clock.sleep_until(self._source.wake_ns(now))

    async def _frames(self, feed: FeedServer) -> None:
        """Send frames at a steady pace of real time: seats are looked at by people."""
        while True:
            if feed.seats:
                feed.frame(self._state())
            await asyncio.sleep(FRAME_S)

    def _show(self) -> None:
        """Put what the instruments show into the registers, each time they were refreshed."""
        if self._source.readings is self._shown:
            return
        self._shown = self._source.readings
        for tag, reading in self._shown.items():
            self.servers.set_tag(tag, reading)

    def _state(self) -> dict[str, Any]:
        rows = {
            tag: tag_row(reading, level_of(self._site, tag, reading))
            for tag, reading in self._shown.items()
        }
        outputs = {a.id: self.servers.outputs(a.device) for a in self._site.file.annunciators}
        now = self._clock.now().utc_ns
        return {
            "t": "state",
            "utc_ns": now,
            **self._source.frame(),
            "tags": rows,
            "outputs": outputs,
        }

    def _on_served(self, tag: str, mono_ns: int) -> None:
        """Tell of a detector whose served value has just gone over its level 1."""
        over = level_of(self._site, tag, self._shown[tag]) > 0
        if not over:
            self._above.discard(tag)
        elif tag not in self._above:
            self._above.add(tag)
            fields = {"tag": tag, "value": self._shown[tag].value}
            self._say("register", self._stamp(mono_ns), fields)

    def _on_write(self, device: str, address: int, values: tuple[int, ...], mono_ns: int) -> None:
        """Tell of each output point that a write reached, with what it shows since."""
        shown = self.servers.outputs(device)
        for offset, raw in enumerate(values):
            point = self._points.get((device, address + offset))
            if point is None or raw == point.ignore:
                continue  # nothing there, or passed over on the way to the next
            fields = {"device": device, "address": address + offset, "point": point.name}
            fields |= {"value": shown[point.name], "raw": raw}
            self._say("coil", self._stamp(mono_ns), fields)

    def _fact(self, fact: Fact) -> None:
        self._say(fact.kind, fact.at, fact.fields)

    def _say(self, kind: str, at: Instant, fields: Mapping[str, Any]) -> None:
        mono_ns = machine_ns(self._clock, at.mono_ns)
        line = {"t": kind, **fields, "mono_ns": mono_ns, "utc_ns": at.utc_ns}
        self._tell(line)
        if self._feed is not None and kind not in {"ready", "coil"}:
            self._feed.tell({**line, "t_s": round(self._source.story_s(at), 1)})

    def _stamp(self, mono_ns: int) -> Instant:
        """Return the moment that a server stamped on the field's clock."""
        now = self._clock.now()
        return now.plus((mono_ns - now.mono_ns) / NS)


def machine_ns(clock: Clock, mono_ns: int) -> int:
    """Return a monotonic stamp of `clock` on this machine's own monotonic clock [ns]."""
    if isinstance(clock, ScaledClock):
        return clock.mono0_ns + round((mono_ns - clock.mono0_ns) / clock.speed)
    return mono_ns


def _own_templates(site: Site) -> Path | None:
    return site.root / site.file.templates if site.file.templates else None


def _title(site: Site, source: Source) -> dict[str, str]:
    if isinstance(source, PlantSource):
        return source.scenario.title.model_dump()
    return site.file.title.model_dump()


def _output_points(site: Site, templates: Mapping[str, Template]) -> dict[tuple[str, int], Point]:
    """Return each output of the annunciators by device and address."""
    found: dict[tuple[str, int], Point] = {}
    for item in site.file.annunciators:
        device = site.devices[item.device]
        template = templates[device.template]
        if not isinstance(template, ModbusTemplate):
            continue
        device_map = resolve(template, device.settings)
        for name, spec in device_map.template.outputs.items():
            for channel in range(1, spec.channels + 1):
                point = Point(f"{name}[{channel}]", spec.ignore)
                found[device.id, device_map.output(point.name).address] = point
    return found
