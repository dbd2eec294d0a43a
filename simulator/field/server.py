"""The field: every device of a site served on its link's real socket, through its own template."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Protocol

from edge.clock import Clock, SystemClock
from edge.drivers import ModbusTemplate, OpcUaTemplate, Reading, Template, check_site
from edge.errors import ConfigError, Fault
from edge.site.model import Device, Link, Site
from edge.tag import Quality
from simulator.field.modbus_answer import WriteHeard
from simulator.field.modbus_server import ModbusServer, ServedHeard
from simulator.field.registers import FieldDevice, FieldFault
from simulator.field.watchdog import watchdog_of


class LinkServer(Protocol):
    """What serves one link."""

    async def start(self) -> None:
        """Listen. Raises `OSError`."""
        ...

    async def stop(self) -> None:
        """Let go."""
        ...


def _finite(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _ignore(*_: object) -> None:
    """Be told, and do nothing."""


class FieldServers:
    """Serves a site's devices. Readings go in by tag name; writes and served changes come out.

    `on_write(device, address, values, mono_ns)` hears of every write as it came in;
    `on_served(tag, mono_ns)` hears of each changed tag as the answer that carries the change
    leaves. Set them before `start`; both are plain calls on the event loop.
    Raises `ConfigError` if the site asks its devices for what their templates cannot do.
    """

    def __init__(
        self, site: Site, templates: Mapping[str, Template], clock: Clock | None = None
    ) -> None:
        faults = check_site(site, templates)
        if faults:
            raise ConfigError(faults)
        self.on_write: WriteHeard = _ignore
        self.on_served: ServedHeard = _ignore
        self._site = site
        self._clock = clock or SystemClock()
        self._templates = templates
        self._setters: dict[str, Callable[[str, Reading], None]] = {}
        self._injectors: dict[str, Callable[[FieldFault | None], None]] = {}
        self._modbus: dict[str, FieldDevice] = {}
        # registers first: an OPC UA server takes a second or two to start
        links = sorted(site.file.links, key=lambda link: link.kind == "opcua")
        made = {link.id: self._serve(link) for link in links}
        self._servers = {name: server for name, server in made.items() if server is not None}

    @property
    def tags(self) -> frozenset[str]:
        """The names of the tags that are served; derived tags are not."""
        return frozenset(self._setters)

    async def start(self) -> None:
        """Listen on every link. Raises `ConfigError` naming each link whose port cannot be had."""
        faults: list[Fault] = []
        for name, server in self._servers.items():
            try:
                await server.start()
            except OSError as error:
                link = self._site.links[name]
                problem = f"cannot serve {link.where}: {error.strerror or error}"
                remedy = "End what listens there, or give the link another port"
                faults.append(Fault("site.yaml", 0, f"link {name}", problem, remedy))
        if faults:
            await self.stop()
            raise ConfigError(faults)

    async def stop(self) -> None:
        """Stop serving; may be called twice, and `start` may follow."""
        for server in self._servers.values():
            await server.stop()

    async def stop_link(self, link: str) -> None:
        """Stop serving one link, as if its device had lost power."""
        await self._servers[link].stop()

    async def start_link(self, link: str) -> None:
        """Serve one link again. Raises `OSError`."""
        await self._servers[link].start()

    def set_tag(self, tag: str, reading: Reading) -> None:
        """Let `tag` show `reading` from its next poll on.

        Raises `KeyError` if the tag is not served, `ValueError` if a reading that is not Bad has no
        finite value: that is an error of the plant, and no device would make it.
        """
        setter = self._setters[tag]
        if reading.quality is not Quality.BAD and not _finite(reading.value):
            raise ValueError(f"{tag}: {reading.value} with quality {reading.quality.name}")
        setter(tag, reading)

    def inject(self, device: str, fault: FieldFault | None) -> None:
        """Let `device` misbehave, or behave again (None). Raises `KeyError` if it is not served."""
        self._injectors[device](fault)

    def outputs(self, device: str) -> dict[str, int]:
        """Return what each output of a Modbus `device` shows: "tier[2]" -> code."""
        return self._modbus[device].outputs(self._clock.now().mono_ns)

    def set_watchdog(
        self, device: str, after_s: float, safe: Mapping[str, int | str], clear: str = ""
    ) -> None:
        """Set the watchdog of a module as its maker's tool does: `safe` after `after_s` [s].

        `clear` is the output that clears its alarm. Raises `RefError`, and `KeyError` where the
        device is not served.
        """
        module = self._modbus[device]
        module.watchdog = watchdog_of(module.map, after_s, safe, clear)

    def _wrote(self, device: str, address: int, values: tuple[int, ...], mono_ns: int) -> None:
        self.on_write(device, address, values, mono_ns)

    def _was_served(self, tag: str, mono_ns: int) -> None:
        self.on_served(tag, mono_ns)

    def _serve(self, link: Link) -> LinkServer | None:
        devices = [device for device in self._site.file.devices if device.link == link.id]
        if link.kind != "opcua":
            units = {device.unit_id: self._add_modbus(device) for device in devices}
            return ModbusServer(
                link,
                units,
                self._clock,
                self._wrote,
                self._was_served,
                self._site.root,
            )
        return self._add_opcua(link, devices) if devices else None

    def _add_modbus(self, device: Device) -> FieldDevice:
        template = self._templates[device.template]
        assert isinstance(template, ModbusTemplate)  # check_site has seen to it
        tags = self._site.tags_of(device.id)
        served = self._modbus[device.id] = FieldDevice(device, template, tags)
        self._setters |= dict.fromkeys((tag.name for tag in tags), served.set)

        def inject(fault: FieldFault | None) -> None:
            served.fault = fault

        self._injectors[device.id] = inject
        return served

    def _add_opcua(self, link: Link, devices: list[Device]) -> LinkServer:
        # asyncua is heavy: only where the site has such a link
        from simulator.field.opcua_server import OpcUaServer  # noqa: PLC0415  # as said above

        tags = [tag for device in devices for tag in self._site.tags_of(device.id)]
        template = self._templates[devices[0].template]
        assert isinstance(template, OpcUaTemplate)  # check_site has seen to it
        server = OpcUaServer(
            link,
            template,
            tags,
            self._clock,
            self._was_served,
        )
        self._setters |= dict.fromkeys((tag.name for tag in tags), server.set)
        self._injectors |= dict.fromkeys((device.id for device in devices), server.inject)
        return server
