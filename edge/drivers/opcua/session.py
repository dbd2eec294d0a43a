"""One connection to an OPC UA server, through asyncua: the heavy module of the driver.

It is imported when the first connection is made, away from the event loop: asyncua takes half a
second to load, which nobody else's first sample should wait for. asyncua opens the channel and the
session; requests for values go out here and their answers are read by `wire`.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, cast

from asyncua.client.client import Client
from asyncua.crypto import uacrypto
from asyncua.ua.status_codes import StatusCodes
from asyncua.ua.uaerrors import UaError, UaStatusCodeError
from asyncua.ua.uatypes import NodeId
from cryptography.exceptions import InvalidSignature

from edge.drivers.opcua.batch import OpcUaBatch
from edge.drivers.opcua.faults import RefusedError
from edge.drivers.opcua.gates import Gating, Governed
from edge.drivers.opcua.nodes import node_id
from edge.drivers.opcua.pki import Pki
from edge.drivers.opcua.refs import NodeRef, parse_ref
from edge.drivers.opcua.security import client_of
from edge.drivers.opcua.services import Request, found_below, paths_below, read_values
from edge.drivers.opcua.wire import NodeValue, read_response
from edge.drivers.template import NodeGate
from edge.site.model import Link

CONNECT_TIMEOUTS = 5  # connecting is five requests, each of which may take the link's time-out
PATHS_AT_ONCE = 100
NAMESPACES, MOST_PER_READ, MOST_PER_MONITOR = (node_id(i, 0) for i in (2255, 11705, 11714))
TOO_MUCH = {  # codes by which a server says that it was asked for too much at once
    StatusCodes.BadTooManyOperations,
    StatusCodes.BadRequestTooLarge,
    StatusCodes.BadResponseTooLarge,
    StatusCodes.BadEncodingLimitsExceeded,
}
# asyncua has an InvalidSignature of its own beside cryptography's, and raises either.
_ITS_OWN = uacrypto.InvalidSignature  # pyright: ignore[reportPrivateImportUsage]
UNREADABLE = (UaError, InvalidSignature, _ITS_OWN)
GONE = {  # codes by which a server says that it no longer knows us, or is about to go
    StatusCodes.BadSessionIdInvalid,
    StatusCodes.BadSessionClosed,
    StatusCodes.BadSessionNotActivated,
    StatusCodes.BadSecureChannelClosed,
    StatusCodes.BadSecureChannelIdInvalid,
    StatusCodes.BadSecureChannelTokenUnknown,
    StatusCodes.BadConnectionClosed,
    StatusCodes.BadServerHalted,
    StatusCodes.BadServerNotConnected,
    StatusCodes.BadShutdown,
    StatusCodes.BadSubscriptionIdInvalid,
    StatusCodes.BadNoSubscription,
}
_OURS = "the server does not take our certificate; have its administrator trust the one in {own}"
_USER = "the server does not take this user; check user name and password, or certificate"
REFUSALS = {  # by which a server says that a person has to change something, and what
    StatusCodes.BadSecurityChecksFailed: _OURS,
    StatusCodes.BadCertificateUntrusted: _OURS,
    StatusCodes.BadCertificateInvalid: _OURS,
    StatusCodes.BadCertificateTimeInvalid: _OURS,
    StatusCodes.BadCertificateUriInvalid: _OURS,
    StatusCodes.BadCertificateUseNotAllowed: _OURS,
    StatusCodes.BadIdentityTokenInvalid: _USER,
    StatusCodes.BadIdentityTokenRejected: _USER,
    StatusCodes.BadUserAccessDenied: _USER,
    StatusCodes.BadUserSignatureInvalid: _USER,
    StatusCodes.BadSecurityPolicyRejected: "the server does not take this policy",
    StatusCodes.BadSecurityModeRejected: "the server does not take this mode",
}


class ServiceError(ValueError):
    """A request that the server refused as a whole, with status `code`."""

    def __init__(self, code: int, text: str) -> None:
        self.code = code
        super().__init__(text)


class Limits(NamedTuple):
    """How many nodes a server takes in one request; None where it does not say."""

    read: int | None
    monitor: int | None


class Gated(NamedTuple):
    """A batch's nodes in one session, those of its gates last, and what makes its readings."""

    nodes: list[NodeId | None]
    gating: Gating


class Session:
    """One connection, and the nodes as this session of the server numbers them."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._namespaces: list[str] = []
        self._nodes: dict[NodeRef, NodeId | None] = {}
        self._gated: dict[OpcUaBatch, Gated] = {}
        self.limits = Limits(None, None)

    async def begin(self) -> None:
        """Learn the server's namespaces and limits. Raises as `ask` does."""
        names, *limits = await self._values([NAMESPACES, MOST_PER_READ, MOST_PER_MONITOR])
        found = _texts(names)
        if found is None:
            raise ValueError("the server has no list of namespaces")
        self._namespaces = found
        self.limits = Limits(*map(_limit, limits))

    async def ask(self, request: Request, timeout_s: float) -> bytes:
        """Return the bytes that answer `request` within `timeout_s` [s]; 0 waits for ever.

        Raises `ServiceError` if it is refused, `ValueError` if the answer is none, `OSError` if the
        connection is gone, `TimeoutError` if nothing comes.
        """
        protocol = self._client.uaclient.protocol
        if protocol is None:
            raise ConnectionError("the connection is closed")
        with _as_our_errors():
            return bytes(await protocol.send_request(request, timeout_s))

    async def gated(self, batch: OpcUaBatch) -> Gated:
        """Return the nodes of `batch` in this session, its gates' behind its tags'.

        Raises as `ask` does.
        """
        known = self._gated.get(batch)
        if known is not None:
            return known
        nodes = [self.node(ref) for ref in batch.refs]
        gates: list[Governed] = []
        extra: list[NodeId | None] = []
        for gate in batch.gates:
            if gate.setting:
                extra.append(self.node(parse_ref(str(batch.device.settings[gate.setting]))))
                gates.append(Governed(gate, range(len(nodes))))
                continue
            for place, node in (await self._below(gate, nodes)).items():
                extra.append(node)
                gates.append(Governed(gate, (place,)))
        found = self._gated[batch] = Gated([*nodes, *extra], Gating(batch, gates))
        return found

    async def _below(self, gate: NodeGate, nodes: Sequence[NodeId | None]) -> dict[int, NodeId]:
        """Return, by place, the gate's node below each of `nodes` that has one."""
        if gate.uri not in self._namespaces:
            return {}
        index = self._namespaces.index(gate.uri)
        known = [(place, node) for place, node in enumerate(nodes) if node is not None]
        found: dict[int, NodeId] = {}
        for start in range(0, len(known), PATHS_AT_ONCE):
            part = known[start : start + PATHS_AT_ONCE]
            paths = paths_below((node for _, node in part), index, gate.below)
            with _as_our_errors():
                results = await self._client.uaclient.translate_browsepaths_to_nodeids(paths)
            targets = zip(part, found_below(results), strict=True)
            found |= {place: node for (place, _), node in targets if node is not None}
        return found

    async def read(self, nodes: Sequence[NodeId | None], most: int) -> list[NodeValue | None]:
        """Return the nodes' values, asked `most` at a time; None where there is no node.

        The server's list of namespaces is read with them: if it has changed, an index means another
        node than before, and nothing is returned. Raises as `ask` does.
        """
        known = [node for node in nodes if node is not None]
        found: list[NodeValue] = []
        self.check_namespaces(await self._read([NAMESPACES, *known], most, found))
        values = iter(found)
        return [None if node is None else next(values) for node in nodes]

    async def _read(self, nodes: Sequence[NodeId], most: int, found: list[NodeValue]) -> NodeValue:
        """Put the values of all `nodes` but the first into `found`; return that of the first."""
        most = min(most, self.limits.read or most)
        start = 0
        while start < len(nodes):
            part = nodes[start : start + most]
            try:
                values = await self._values(part)
            except ServiceError as error:
                if error.code not in TOO_MUCH or most == 1:
                    raise
                most = max(1, most // 2)
                self.limits = self.limits._replace(read=most)
                continue
            found += values
            start += len(part)
        return found.pop(0)

    async def _values(self, nodes: Sequence[NodeId]) -> list[NodeValue]:
        values = read_response(await self.ask(read_values(nodes), 0))
        if len(values) != len(nodes):
            raise ValueError(f"{len(values)} values came for {len(nodes)} nodes")
        return values

    def node(self, ref: NodeRef) -> NodeId | None:
        """Return the node of `ref` in this session, None if the server has no such namespace."""
        if ref not in self._nodes:
            known = not ref.uri or ref.uri in self._namespaces
            index = self._namespaces.index(ref.uri) if ref.uri and known else 0
            self._nodes[ref] = node_id(ref.identifier, index) if known else None
        return self._nodes[ref]

    def check_namespaces(self, now: NodeValue) -> None:
        """Raise `ConnectionError` if `now` is a list of namespaces other than when we came."""
        found = _texts(now)
        if found is not None and found != self._namespaces:
            raise ConnectionError("the server has changed its list of namespaces")

    async def drop(self) -> None:
        """Let go of a server that may never answer again."""
        await _drop(self._client)

    async def close(self, patience_s: float) -> bool:
        """Say goodbye and let go; False if the server did not answer within `patience_s` [s]."""
        try:
            async with asyncio.timeout(patience_s):
                await self._client.disconnect()
        except TimeoutError:
            return False
        finally:
            self._client.disconnect_socket()
        return True


async def connect(link: Link, pki: Path, site: Path) -> Session:
    """Return a session with the server of `link`; `pki` and `site` are folders.

    Raises `RefusedError` where somebody has to change something first, else as `Session.ask` does.
    """
    async with asyncio.timeout(CONNECT_TIMEOUTS * link.timeout_s):
        with _as_our_errors(), _refusals(pki):
            client = await client_of(link, Pki(pki), site)
            try:
                await client.connect()
                session = Session(client)
                await session.begin()
            except BaseException:
                await _drop(client)
                raise
    return session


def _texts(value: NodeValue) -> list[str] | None:
    found = value.value
    return cast("list[str]", found) if isinstance(found, list) else None


def _limit(value: NodeValue) -> int | None:
    limit = value.value
    return limit if isinstance(limit, int) and limit > 0 else None


async def _drop(client: Client) -> None:
    client.disconnect_socket()  # the socket first, then asyncua's tasks
    await client.disconnect()  # nothing is sent any more, so this does not wait


@contextmanager
def _refusals(pki: Path) -> Generator[None]:
    """Say in words what a server means that refuses our certificate, policy or user."""
    try:
        yield
    except UaStatusCodeError as error:
        advice = REFUSALS.get(error.code)
        if advice is None:
            raise
        raise RefusedError(f"{type(error).__name__}: {advice.format(own=pki / 'own')}") from None
    except AssertionError:  # asyncua's, over an answer that opens no channel
        raise RefusedError(_OURS.format(own=pki / "own")) from None


@contextmanager
def _as_our_errors() -> Generator[None]:
    """Turn what asyncua raises over a refusal or a strange answer into our own errors."""
    try:
        yield
    except UaStatusCodeError as error:
        text = f"{type(error).__name__}: {error}"
        if error.code in GONE:
            raise ConnectionError(text) from None
        raise ServiceError(error.code, text) from None
    except (*UNREADABLE, struct.error, LookupError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from None
