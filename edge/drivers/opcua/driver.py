"""The OPC UA driver: connects when first needed, reads in batches, lets a silent server go.

It polls. `_Session` holds everything that belongs to one connection, so that a subscription
can live beside the batches later; the security policy is likewise an argument of `_connect` alone.
asyncua's own reconnecting is not used: it keeps a connection that looks alive and brings nothing.
"""

from __future__ import annotations

import asyncio
import logging
import struct
from collections.abc import Mapping, Sequence

import structlog
from asyncua.client.client import Client
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.uaerrors import UaError
from asyncua.ua.uatypes import DataValue, NodeId

from edge.drivers.base import Batch, Reading
from edge.drivers.judgement import bad
from edge.drivers.opcua.nodes import node_id, utc_ns
from edge.drivers.opcua.refs import NodeRef, parse_ref
from edge.drivers.opcua.status import Statuses, reading
from edge.drivers.template import OpcUaTemplate, Template
from edge.errors import ConfigError, DeviceError, Fault, WriteRefusedError
from edge.site.model import Device, Link
from edge.tag import Reason, Tag

FIRST_RETRY_S = 0.1
RETRY_CAP_S = (
    2.0  # knocking at a closed port costs nothing, and a restarted server is wanted back soon
)
CONNECT_TIMEOUTS = 5  # connecting is five requests, each of which may take the link's time-out
WATCHDOG_S = 60.0  # asyncua's own look at the server; ours is every read
_log = structlog.get_logger(__name__)
# A failure becomes a Bad reading and is told by us; asyncua would log each one with a traceback.
logging.getLogger("asyncua").setLevel(logging.CRITICAL)


class OpcUaBatch:
    """Some tags of one server and the nodes they are read from."""

    def __init__(self, device: Device, tags: Sequence[Tag], statuses: Statuses, most: int) -> None:
        self.device = device
        self.tags = tuple(tags)
        self.refs = tuple(parse_ref(tag.ref) for tag in tags)
        self.statuses = statuses
        self.most = most  # nodes per request


class _Session:
    """One connection, and the nodes as this session of the server numbers them."""

    def __init__(self, client: Client, namespaces: Sequence[str]) -> None:
        self.client = client
        self._namespaces = {uri: index for index, uri in enumerate(namespaces)} | {"": 0}
        self._nodes: dict[NodeRef, NodeId | None] = {}

    def node(self, ref: NodeRef) -> NodeId | None:
        """Return the node of `ref`, None if the server has no such namespace."""
        if ref not in self._nodes:
            index = self._namespaces.get(ref.uri)
            self._nodes[ref] = None if index is None else node_id(ref.identifier, index)
        return self._nodes[ref]

    async def read(self, nodes: Sequence[NodeId], most: int) -> list[DataValue]:
        """Return the nodes' values, `most` to a request."""
        values: list[DataValue] = []
        for start in range(0, len(nodes), most):
            part = list(nodes[start : start + most])
            values += await self.client.uaclient.read_attributes(part, AttributeIds.Value)
        return values


class OpcUaDriver:
    """One OPC UA link's way to its server (see `edge.drivers.base.Driver`)."""

    def __init__(
        self,
        link: Link,
        devices: Sequence[Device],  # noqa: ARG002  # one server per link; a node needs no unit
        templates: Mapping[str, Template],
        writable: frozenset[str],
    ) -> None:
        self._link = link
        self._templates = templates
        self._writable = writable
        self._session: _Session | None = None
        self._connecting: asyncio.Task[_Session] | None = None
        self._refusals = 0
        self._retry_at = 0.0  # loop time

    def plan(self, device: Device, tags: Sequence[Tag]) -> OpcUaBatch:
        """Return the batch that reads `tags` of `device`. Raises `ConfigError`."""
        template = self._templates.get(device.template)
        if not isinstance(template, OpcUaTemplate):
            problem = f"{device.template!r} is no OPC UA template"
            raise ConfigError([Fault("site.yaml", 0, device.id, problem, "Name one that is there")])
        faults: list[Fault] = []
        for tag in tags:
            try:
                parse_ref(tag.ref)
            except ValueError as error:
                remedy = "Write nsu=<namespace uri>;s=<identifier>"
                faults.append(Fault("tags", 0, tag.name, str(error), remedy))
        if faults:
            raise ConfigError(faults)
        return OpcUaBatch(device, tags, Statuses(template), template.max_nodes_per_read)

    async def read(self, batch: Batch) -> list[Reading]:
        """Return one reading per tag of `batch`. Raises `DeviceError` if nothing could be read."""
        assert isinstance(batch, OpcUaBatch)  # a batch belongs to the driver that made it
        session: _Session | None = None
        try:
            async with asyncio.timeout(self._link.timeout_s):
                session = await self._connected()
                nodes = [session.node(ref) for ref in batch.refs]
                known = [node for node in nodes if node is not None]
                found = await session.read(known, batch.most)
                if len(found) != len(known):
                    raise ValueError(f"{len(found)} values came for {len(known)} nodes")
        except TimeoutError:
            detail = f"no answer within {self._link.timeout_s:g} s"
            raise await self._failed(batch, session, Reason.TIMEOUT, detail) from None
        except OSError as error:
            raise await self._failed(batch, session, Reason.NOT_CONNECTED, str(error)) from None
        except (UaError, ValueError, struct.error) as error:
            raise await self._failed(batch, session, Reason.BAD_REPLY, str(error)) from None
        values = iter(found)
        return [
            bad(Reason.CONFIGURATION) if node is None else _reading(batch, tag, next(values))
            for tag, node in zip(batch.tags, nodes, strict=True)
        ]

    async def write(self, device: Device, values: Mapping[str, int | str]) -> None:
        """Refuse: a server of process data is never written. Raises `WriteRefusedError`."""
        why = "has no outputs" if device.id in self._writable else "is no annunciator"
        raise WriteRefusedError(f"{device.id} {why}; {', '.join(values)} not written")

    async def close(self) -> None:
        """Let go of the server; may be called at any time and twice."""
        connecting, self._connecting = self._connecting, None
        if connecting is not None:
            connecting.cancel()
            await asyncio.wait([connecting])
        session, self._session = self._session, None
        self._refusals, self._retry_at = 0, 0.0
        if session is not None:
            try:
                async with asyncio.timeout(self._link.timeout_s):
                    await session.client.disconnect()
            except TimeoutError:
                _log.info("server did not say goodbye", link=self._link.id)
            finally:
                session.client.disconnect_socket()

    async def _connected(self) -> _Session:
        """Return the session; connecting outlives the read that began it; some take long."""
        if self._session is not None:
            return self._session
        if self._connecting is None:
            if asyncio.get_running_loop().time() < self._retry_at:
                raise ConnectionError("not connected, and not yet due to try again")
            self._connecting = asyncio.create_task(self._connect())
            self._connecting.add_done_callback(self._connect_done)
        return await asyncio.shield(self._connecting)

    def _connect_done(self, task: asyncio.Task[_Session]) -> None:
        if self._connecting is task:
            self._connecting = None
        if task.cancelled():
            return
        error = task.exception()  # asked for here, because the read may have gone
        if error is None:
            self._session, self._refusals = task.result(), 0
        else:
            self._later()

    async def _connect(self) -> _Session:
        link = self._link
        url = f"opc.tcp://{link.host}:{link.port}{link.path}"
        client = Client(url, timeout=link.timeout_s, watchdog_intervall=WATCHDOG_S)
        client.name = "Suian gateway"
        client.application_uri = "urn:suian:gateway"
        try:
            async with asyncio.timeout(CONNECT_TIMEOUTS * link.timeout_s):
                await client.connect()
                return _Session(client, await client.get_namespace_array())
        except BaseException:
            await _drop(client)
            raise

    def _later(self) -> None:
        pause = FIRST_RETRY_S * 2 ** min(self._refusals, 16)
        self._refusals += 1
        self._retry_at = asyncio.get_running_loop().time() + min(
            pause, RETRY_CAP_S, self._link.retry_s
        )

    async def _failed(
        self, batch: Batch, session: _Session | None, reason: Reason, detail: str
    ) -> DeviceError:
        if session is not None and session is self._session:
            self._session = None
            _log.info("server let go", link=self._link.id, reason=str(reason), detail=detail)
            await _drop(session.client)
        return DeviceError(batch.device.id, reason, detail or str(reason))


async def _drop(client: Client) -> None:
    """Let go of a server that may never answer again: its socket first, then asyncua's tasks."""
    client.disconnect_socket()
    await client.disconnect()  # nothing is sent any more, so this does not wait


def _reading(batch: OpcUaBatch, tag: Tag, data: DataValue) -> Reading:
    code = 0 if data.StatusCode is None else data.StatusCode.value
    value: object = None if data.Value is None else data.Value.Value
    return reading(batch.statuses, tag, code, value, utc_ns(data.SourceTimestamp))
