"""An OPC UA server for simulated process data: one variable per tag, at the tag list's node ids."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Callable, Sequence

from asyncua.server.server import Server
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.uatypes import DataValue, NodeId, SecurityPolicyType, Variant, VariantType

from edge.clock import Clock
from edge.drivers import OpcUaTemplate, Reading
from edge.drivers.opcua.nodes import node_id, stamp_of, status_code
from edge.drivers.opcua.refs import parse_ref
from edge.drivers.opcua.status import Statuses
from edge.site.model import Link
from edge.tag import Quality, Reason, Tag
from edge.units import Unit
from simulator.field.registers import FieldFault

DEVICE_FAILURE = 0x808B0000
HOLD_S = 0.02  # how often a silent server looks for connections to hold
logging.getLogger("asyncua").setLevel(logging.ERROR)
logging.getLogger("asyncua.server.server").setLevel(logging.CRITICAL)  # what it logs it also raises


class OpcUaServer:
    """Serves the tags of one link; a value is looked up when it is read, setting costs nothing."""

    def __init__(
        self,
        link: Link,
        template: OpcUaTemplate,
        tags: Sequence[Tag],
        clock: Clock,
        on_served: Callable[[str, int], None],
    ) -> None:
        self._link = link
        self._statuses = Statuses(template)
        self._tags = {tag.name: tag for tag in tags}
        self._clock = clock
        self._on_served = on_served
        self._server: Server | None = None
        self._holding: asyncio.Task[None] | None = None
        self.fault: FieldFault | None = None
        now_ns = clock.now().utc_ns
        self._values = {
            tag.name: self._data_value(
                tag, Reading(tag.background, Quality.GOOD, Reason.OK, now_ns)
            )
            for tag in tags
        }
        self._pending: set[str] = set()

    async def start(self) -> None:
        """Listen. Raises `OSError` if the port cannot be had."""
        server = Server()
        gc.disable()  # its six thousand standard nodes are no garbage; looking doubles the start
        try:
            await server.init()
        finally:
            gc.enable()
        server.set_endpoint(f"opc.tcp://{self._link.host}:{self._link.port}{self._link.path}")
        server.set_server_name("Suian field")
        server.set_security_policy([SecurityPolicyType.NoSecurity])
        for name, tag in self._tags.items():
            await self._add(server, name, tag)
        await server.start()
        self._server = server

    async def _add(self, server: Server, name: str, tag: Tag) -> None:
        ref = parse_ref(tag.ref)
        index = await server.register_namespace(ref.uri) if ref.uri else 0
        where = node_id(ref.identifier, index)
        kind = VariantType.Boolean if tag.unit is Unit.BOOL else VariantType.Double
        initial = bool(tag.background) if tag.unit is Unit.BOOL else tag.background
        variable = await server.nodes.objects.add_variable(where, name, initial, kind)

        def value(_node: NodeId, _attribute: AttributeIds) -> DataValue:
            return self._read(name)

        server.iserver.aspace.set_attribute_value_callback(
            variable.nodeid, AttributeIds.Value, value
        )

    def set(self, tag: str, reading: Reading) -> None:
        """Let `tag` show `reading` from the next request on, stamped now if it brings no time."""
        if self.fault is FieldFault.FROZEN:
            return
        before, now = self._values[tag], self._data_value(self._tags[tag], reading)
        self._values[tag] = now
        if (before.Value, before.StatusCode) != (now.Value, now.StatusCode):
            self._pending.add(tag)

    def inject(self, fault: FieldFault | None) -> None:
        """Let the server misbehave, or behave again (None).

        It cannot garble its answers: GARBAGE and CLOSE both hang up on whoever is connected.
        """
        self.fault = fault
        if self._holding is not None:
            self._holding.cancel()
            self._holding = None
        if fault is FieldFault.SILENT:
            self._holding = asyncio.create_task(self._hold())
        elif fault in {FieldFault.CLOSE, FieldFault.GARBAGE}:
            self._each(lambda transport: transport.abort())
        else:
            self._each(lambda transport: transport.resume_reading())

    async def stop(self) -> None:
        """Stop listening and let every connection go; may be called twice."""
        server, self._server = self._server, None
        self.inject(None)
        if server is not None:
            await server.stop()

    async def _hold(self) -> None:
        while True:  # connections made while it is silent are held as well
            self._each(lambda transport: transport.pause_reading())
            await asyncio.sleep(HOLD_S)

    def _each(self, act: Callable[[asyncio.Transport], None]) -> None:
        binary = self._server.bserver if self._server is not None else None
        for client in list(binary.clients) if binary is not None else []:
            if client.transport is not None and not client.transport.is_closing():
                act(client.transport)

    def _read(self, name: str) -> DataValue:
        if self.fault is FieldFault.EXCEPTION:
            return DataValue(StatusCode=status_code(DEVICE_FAILURE))
        if name in self._pending:
            self._pending.discard(name)
            self._on_served(name, self._clock.now().mono_ns)
        return self._values[name]

    def _data_value(self, tag: Tag, reading: Reading) -> DataValue:
        source_ns = reading.source_ns
        now_ns = self._clock.now().utc_ns
        value: Variant | None = None
        if reading.value is not None and tag.unit is Unit.BOOL:
            value = Variant(bool(reading.value), VariantType.Boolean)
        elif reading.value is not None:
            value = Variant(float(reading.value), VariantType.Double)
        return DataValue(
            Value=value,
            StatusCode=status_code(self._statuses.code(reading.reason)),
            SourceTimestamp=stamp_of(now_ns if source_ns is None else source_ns),
            ServerTimestamp=stamp_of(now_ns),
        )
