"""One connection to an OPC UA server, through asyncua: the only heavy module of the driver.

It is imported when the first connection is made, away from the event loop: asyncua takes half a
second to load, which nobody else's first sample should wait for.
"""

from __future__ import annotations

import asyncio
import logging
import struct
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from asyncua.client.client import Client
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.uaerrors import UaError
from asyncua.ua.uatypes import DataValue, NodeId

from edge.drivers.opcua.nodes import node_id, utc_ns
from edge.drivers.opcua.refs import NodeRef
from edge.site.model import Link

CONNECT_TIMEOUTS = 5  # connecting is five requests, each of which may take the link's time-out
WATCHDOG_S = 60.0  # asyncua's own look at the server; ours is every read
# A failure becomes a Bad reading and is told by us; asyncua would log each one with a traceback.
logging.getLogger("asyncua").setLevel(logging.CRITICAL)


class NodeValue(NamedTuple):
    """What a node answered: status code, value, and the server's own stamp [UTC ns] or None."""

    code: int
    value: object
    source_ns: int | None


class Session:
    """One connection, and the nodes as this session of the server numbers them."""

    def __init__(self, client: Client, namespaces: Sequence[str]) -> None:
        self._client = client
        self._namespaces = {uri: index for index, uri in enumerate(namespaces)} | {"": 0}
        self._nodes: dict[NodeRef, NodeId | None] = {}

    async def read(self, refs: Sequence[NodeRef], most: int) -> list[NodeValue | None]:
        """Return the nodes' values, asked `most` at a time; None where a namespace is unknown.

        Raises `OSError` if the connection is gone, `TimeoutError` if nothing comes, `ValueError` if
        what comes makes no sense.
        """
        nodes = [self._node(ref) for ref in refs]
        known = [node for node in nodes if node is not None]
        found: list[DataValue] = []
        with _as_value_error():
            for start in range(0, len(known), most):
                part = known[start : start + most]
                found += await self._client.uaclient.read_attributes(part, AttributeIds.Value)
        if len(found) != len(known):
            raise ValueError(f"{len(found)} values came for {len(known)} nodes")
        values = iter(found)
        return [None if node is None else _value(next(values)) for node in nodes]

    def _node(self, ref: NodeRef) -> NodeId | None:
        if ref not in self._nodes:
            index = self._namespaces.get(ref.uri)
            self._nodes[ref] = None if index is None else node_id(ref.identifier, index)
        return self._nodes[ref]

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


async def connect(link: Link) -> Session:
    """Return a session with the server of `link`.

    The security policy is this function's matter alone; there is none yet. Raises `OSError`,
    `TimeoutError` or `ValueError`, as `Session.read` does.
    """
    url = f"opc.tcp://{link.host}:{link.port}{link.path}"
    client = Client(url, timeout=link.timeout_s, watchdog_intervall=WATCHDOG_S)
    client.name = "Suian gateway"
    client.application_uri = "urn:suian:gateway"
    try:
        async with asyncio.timeout(CONNECT_TIMEOUTS * link.timeout_s):
            with _as_value_error():
                await client.connect()
                return Session(client, await client.get_namespace_array())
    except BaseException:
        await _drop(client)
        raise


async def _drop(client: Client) -> None:
    client.disconnect_socket()  # the socket first, then asyncua's tasks
    await client.disconnect()  # nothing is sent any more, so this does not wait


@contextmanager
def _as_value_error() -> Generator[None]:
    """Turn what asyncua raises over a strange answer into `ValueError`."""
    try:
        yield
    except (UaError, struct.error, LookupError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from None


def _value(data: DataValue) -> NodeValue:
    code = 0 if data.StatusCode is None else data.StatusCode.value
    value: object = None if data.Value is None else data.Value.Value
    return NodeValue(code, value, utc_ns(data.SourceTimestamp))
