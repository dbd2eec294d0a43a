"""The OPC UA driver: connects when first needed, reads in batches, lets a silent server go.

It polls; `session.Session` holds everything that belongs to one connection, so that a subscription
can live beside the batches later. asyncua's own reconnecting is not used: it keeps a connection
that looks alive and brings nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

import structlog

from edge.drivers.base import Batch, Reading
from edge.drivers.judgement import bad
from edge.drivers.opcua.refs import parse_ref
from edge.drivers.opcua.status import Statuses, reading
from edge.drivers.template import OpcUaTemplate, Template
from edge.errors import ConfigError, DeviceError, Fault, WriteRefusedError
from edge.site.model import Device, Link
from edge.tag import Reason, Tag

if TYPE_CHECKING:
    from edge.drivers.opcua.session import NodeValue, Session

FIRST_RETRY_S = 0.1
RETRY_CAP_S = 2.0  # knocking at a closed port is cheap, and a restarted server is wanted back soon
_log = structlog.get_logger(__name__)


class OpcUaBatch:
    """Some tags of one server and the nodes they are read from."""

    def __init__(self, device: Device, tags: Sequence[Tag], statuses: Statuses, most: int) -> None:
        self.device = device
        self.tags = tuple(tags)
        self.refs = tuple(parse_ref(tag.ref) for tag in tags)
        self.statuses = statuses
        self.most = most  # nodes per request


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
        self._session: Session | None = None
        self._connecting: asyncio.Task[Session] | None = None
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
        session: Session | None = None
        try:
            async with asyncio.timeout(self._link.timeout_s):
                session = await self._connected()
                values = await session.read(batch.refs, batch.most)
        except TimeoutError:
            detail = f"no answer within {self._link.timeout_s:g} s"
            raise await self._failed(batch, session, Reason.TIMEOUT, detail) from None
        except OSError as error:
            raise await self._failed(batch, session, Reason.NOT_CONNECTED, str(error)) from None
        except ValueError as error:
            raise await self._failed(batch, session, Reason.BAD_REPLY, str(error)) from None
        return [_reading(batch, tag, value) for tag, value in zip(batch.tags, values, strict=True)]

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
        if session is not None and not await session.close(self._link.timeout_s):
            _log.info("server did not say goodbye", link=self._link.id)

    async def _connected(self) -> Session:
        """Return the session; connecting outlives the read that began it; some take long."""
        if self._session is not None:
            return self._session
        if self._connecting is None:
            if asyncio.get_running_loop().time() < self._retry_at:
                raise ConnectionError("not connected, and not yet due to try again")
            self._connecting = asyncio.create_task(_connect(self._link))
            self._connecting.add_done_callback(self._connect_done)
        return await asyncio.shield(self._connecting)

    def _connect_done(self, task: asyncio.Task[Session]) -> None:
        if self._connecting is task:
            self._connecting = None
        if task.cancelled():
            return
        error = task.exception()  # asked for here, because the read may have gone
        if error is None:
            self._session, self._refusals = task.result(), 0
        else:
            self._later()

    def _later(self) -> None:
        pause = FIRST_RETRY_S * 2 ** min(self._refusals, 16)
        self._refusals += 1
        self._retry_at = asyncio.get_running_loop().time() + min(
            pause, RETRY_CAP_S, self._link.retry_s
        )

    async def _failed(
        self, batch: Batch, session: Session | None, reason: Reason, detail: str
    ) -> DeviceError:
        if session is not None and session is self._session:
            self._session = None
            _log.info("server let go", link=self._link.id, reason=str(reason), detail=detail)
            await session.drop()
        return DeviceError(batch.device.id, reason, detail or str(reason))


async def _connect(link: Link) -> Session:
    await asyncio.to_thread(import_module, "edge.drivers.opcua.session")
    from edge.drivers.opcua.session import connect  # noqa: PLC0415  # loaded a line above

    return await connect(link)


def _reading(batch: OpcUaBatch, tag: Tag, value: NodeValue | None) -> Reading:
    if value is None:
        return bad(Reason.CONFIGURATION)  # the server has no such namespace
    return reading(batch.statuses, tag, value.code, value.value, value.source_ns)
