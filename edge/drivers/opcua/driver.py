"""The OPC UA driver: connects when first needed, subscribes or reads, lets a silent server go.

Everything that belongs to one connection is a `session.Session` and goes with it: whatever goes
wrong, the next one begins afresh, resolves its nodes anew and reads every value once. asyncua's own
reconnecting is not used: it keeps a connection that looks alive and brings nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from edge.drivers.base import READ_BUDGET, Batch, Deliver, Reading
from edge.drivers.opcua.batch import OpcUaBatch
from edge.drivers.opcua.faults import RefusedError
from edge.drivers.opcua.refs import parse_ref
from edge.drivers.opcua.status import Statuses
from edge.drivers.template import OpcUaTemplate, Template
from edge.errors import ConfigError, DeviceError, Fault, WriteRefusedError
from edge.site.model import Device, Link
from edge.tag import Reason, Tag

if TYPE_CHECKING:
    from edge.drivers.opcua.publish import Publisher
    from edge.drivers.opcua.session import Session

FIRST_RETRY_S = 0.1
RETRY_CAP_S = 1.0  # knocking at a closed port is cheap, and a restarted server is wanted back soon
PERSON_S = 5.0  # where a person has to change something, knocking every second is no use
STEADY_S = 10.0  # a session that lived so long was sound: the next failure is the first again
_log = structlog.get_logger(__name__)


class OpcUaDriver:
    """One OPC UA link's way to its server (see `edge.drivers.base.Driver`)."""

    def __init__(
        self,
        link: Link,
        devices: Sequence[Device],  # noqa: ARG002  # one server per link; a node needs no unit
        templates: Mapping[str, Template],
        writable: frozenset[str],
        root: Path = Path(),
        pki: str = "pki",
    ) -> None:
        self._link = link
        self._site, self._pki = root, root / pki
        self._templates = templates
        self._writable = writable
        self._session: Session | None = None
        self._publisher: Publisher | None = None  # of this session
        self._since = 0.0  # loop time at which the session began
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
        return OpcUaBatch(
            device,
            tags,
            Statuses(template),
            template.max_nodes_per_read,
            template.gates,
            READ_BUDGET * self._link.timeout_s,
        )

    async def read(self, batch: Batch) -> list[Reading]:
        """Return one reading per tag of `batch`. Raises `DeviceError` if nothing could be read."""
        assert isinstance(batch, OpcUaBatch)  # a batch belongs to the driver that made it
        session: Session | None = None
        try:
            async with asyncio.timeout(self._link.timeout_s):
                session = await self._connected()
                gated = await session.gated(batch)
                values = await session.read(gated.nodes, batch.most)
        except (OSError, ValueError) as error:
            raise await self._failed(batch, session, error) from None
        count, gating = len(batch.tags), gated.gating
        for number, state in enumerate(values[count:]):
            gating.take(number, state)
        return [gating.of_node(*pair) for pair in enumerate(values[:count])]

    def streams(self, batch: Batch) -> bool:  # noqa: ARG002  # one link, one way
        """Return whether the link subscribes (the default) instead of polling."""
        return self._link.mode == "subscribe"

    async def stream(self, batch: Batch, deliver: Deliver, heard: Callable[[], None]) -> None:
        """Hand on what the server tells of `batch`. Raises `DeviceError` when it is lost."""
        assert isinstance(batch, OpcUaBatch)  # a batch belongs to the driver that made it
        session: Session | None = None
        try:
            wait_s = self._retry_at - asyncio.get_running_loop().time()
            if self._session is None and self._connecting is None and wait_s > 0:
                await asyncio.sleep(wait_s)
            session = await self._connected()
            await self._feed(session, batch, deliver, heard)
        except (OSError, ValueError) as error:
            raise await self._failed(batch, session, error) from None

    async def _feed(
        self, session: Session, batch: OpcUaBatch, deliver: Deliver, heard: Callable[[], None]
    ) -> None:
        from edge.drivers.opcua.publish import Publisher  # noqa: PLC0415  # loaded with the session
        from edge.drivers.opcua.subscriber import Subscriber  # noqa: PLC0415

        if self._publisher is None or self._publisher.session is not session:
            self._publisher = Publisher(session)
        await Subscriber(self._link, batch, self._publisher, deliver, heard).run()

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
        await self._unsubscribe()
        if session is not None and not await session.close(self._link.timeout_s):
            _log.info("server did not say goodbye", link=self._link.id)

    async def _connected(self) -> Session:
        """Return the session; connecting outlives the read that began it; some take long."""
        if self._session is not None:
            return self._session
        if self._connecting is None:
            if asyncio.get_running_loop().time() < self._retry_at:
                raise ConnectionError("not connected, and not yet due to try again")
            self._connecting = asyncio.create_task(_connect(self._link, self._pki, self._site))
            self._connecting.add_done_callback(self._connect_done)
        return await asyncio.shield(self._connecting)

    def _connect_done(self, task: asyncio.Task[Session]) -> None:
        if self._connecting is task:
            self._connecting = None
        if task.cancelled():
            return
        error = task.exception()  # asked for here, because the read may have gone
        if error is None:
            self._session, self._since = task.result(), asyncio.get_running_loop().time()
        else:
            self._later(PERSON_S if isinstance(error, RefusedError) else 0.0)

    def _later(self, least_s: float = 0.0) -> None:
        pause = FIRST_RETRY_S * 2 ** min(self._refusals, 16)
        self._refusals += 1
        pause = min(max(least_s, min(pause, RETRY_CAP_S)), self._link.retry_s)
        self._retry_at = asyncio.get_running_loop().time() + pause

    async def _unsubscribe(self) -> None:
        publisher, self._publisher = self._publisher, None
        if publisher is not None:
            await publisher.close()

    async def _failed(
        self, batch: OpcUaBatch, session: Session | None, error: Exception
    ) -> DeviceError:
        """Let go of the session that `error` came from; return what the poller is told."""
        reason, detail = _reason(error, self._link)
        if session is not None and session is self._session:
            self._session = None
            if asyncio.get_running_loop().time() - self._since > STEADY_S:
                self._refusals = 0
            self._later()
            _log.info("server let go", link=self._link.id, reason=str(reason), detail=detail)
            await self._unsubscribe()
            await session.drop()
        return DeviceError(batch.device.id, reason, detail)


def _reason(error: Exception, link: Link) -> tuple[Reason, str]:
    """Return the reason of a lost server, and words for the log."""
    if isinstance(error, TimeoutError):
        return Reason.TIMEOUT, str(error) or f"no answer within {link.timeout_s:g} s"
    detail = str(error) or type(error).__name__
    if isinstance(error, RefusedError):
        return Reason.CONFIGURATION, detail
    return Reason.NOT_CONNECTED if isinstance(error, OSError) else Reason.BAD_REPLY, detail


async def _connect(link: Link, pki: Path, site: Path) -> Session:
    for module in ("session", "publish", "subscriber"):
        await asyncio.to_thread(import_module, f"edge.drivers.opcua.{module}")
    from edge.drivers.opcua.session import connect  # noqa: PLC0415  # loaded a line above

    return await connect(link, pki, site)
