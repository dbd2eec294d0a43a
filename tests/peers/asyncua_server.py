"""An OPC UA server in a process of its own, so that a test may freeze or kill it.

Run as `python -m tests.peers.asyncua_server PORT [JSON options]`; it writes `ready <monotonic s>`
once clients can connect, then answers each line of stdin (a JSON list: a word and its arguments)
with `ok`. `started` below is the other end.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import sys
import time
from datetime import UTC
from pathlib import Path
from typing import Any

from asyncua.common.utils import ServiceError
from asyncua.crypto.permission_rules import User, UserRole
from asyncua.server.server import Server
from asyncua.server.user_managers import UserManager
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.status_codes import StatusCodes
from asyncua.ua.uaprotocol_auto import EUInformation, Range
from asyncua.ua.uatypes import (
    DataValue,
    DateTime,
    LocalizedText,
    NodeId,
    QualifiedName,
    SecurityPolicyType,
    String,
    UInt16,
    Variant,
    VariantType,
)

from edge.drivers.opcua.nodes import node_id, stamp_of, status_code

URI = "urn:suian:peer"
STEP_S = 0.01  # between two bursts of changes
logging.getLogger("asyncua").setLevel(logging.CRITICAL)
ROOT = Path(__file__).resolve().parents[2]


class Users(UserManager):
    """The one user that the server knows, by password or by certificate."""

    def get_user(
        self, iserver: Any, username: Any = None, password: Any = None, certificate: Any = None
    ):
        """Return the user, or None if it is not he."""
        if username == "reader" and password == "secret":
            return User(role=UserRole.User)
        return User(role=UserRole.User) if certificate is not None and username is None else None


class Peer:
    """The server and what can be done to it; `items` variables v0, v1, … and those of `more`."""

    def __init__(self, port: int, options: dict[str, Any]) -> None:
        self._port, self._options = port, options
        self._server = Server(user_manager=Users() if options.get("users") else None)
        self._nodes: dict[str, NodeId] = {}
        self._index = 0
        self._changing: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Serve."""
        server = self._server
        await server.init()
        server.set_endpoint(f"opc.tcp://127.0.0.1:{self._port}/suian/peer")
        if uri := self._options.get("application_uri"):
            await server.set_application_uri(uri)
        policies = self._options.get("policies", ["NoSecurity"])
        server.set_security_policy([SecurityPolicyType[name] for name in policies])
        if "certificate" in self._options:
            await server.load_certificate(self._options["certificate"])
            await server.load_private_key(self._options["key"])
        for uri in self._options.get("namespaces_before", []):
            await server.register_namespace(uri)
        self._index = await server.register_namespace(self._options.get("uri", URI))
        for number in range(self._options.get("items", 3)):
            await self.add(f"v{number}", float(number))
        for name in self._options.get("simulations", []):
            space = await server.register_namespace("http://opcfoundation.org/UA/PADIM/")
            parent = server.get_node(self._nodes[name])
            child = node_id(f"{name}.simulation", space)
            title = QualifiedName(String("SimulationState"), UInt16(space))
            await parent.add_variable(child, title, False)
            self._nodes[f"{name}.simulation"] = child
        _weaken(server, self._options.get("weak", {}))
        await server.start()

    async def stop(self) -> None:
        """Stop serving."""
        if self._changing is not None:
            self._changing.cancel()
        await self._server.stop()

    async def add(self, name: str, value: Any, kind: str = "Double") -> None:
        """Add a variable."""
        where = node_id(name, self._index)
        initial = Variant(value, VariantType[kind])
        variable = await self._server.nodes.objects.add_variable(where, name, initial)
        self._nodes[name] = where
        if unit := self._options.get("units", {}).get(name):
            units = EUInformation(DisplayName=LocalizedText(unit))
            await variable.add_property(
                node_id(f"{name}.u", self._index), "EngineeringUnits", units
            )
            limits = Range(0.0, 100.0)
            await variable.add_property(node_id(f"{name}.r", self._index), "EURange", limits)

    async def set(
        self,
        name: str,
        value: Any,
        kind: str = "Double",
        code: int = 0,
        source: str = "now",
        server: str = "now",
    ) -> None:
        """Let `name` have a value; "nan" is one, stamps are a year, "now" or "none"."""
        if isinstance(value, str) and kind in {"Double", "Float"}:
            value = math.nan
        data = DataValue(
            Variant(value, VariantType[kind]),
            status_code(code),
            SourceTimestamp=_stamp(source),
            ServerTimestamp=_stamp(server),
        )
        node: Any = self._server.iserver.aspace._nodes[self._nodes[name]]
        node.attributes[AttributeIds.Value].value = None  # so that it may change its type
        await self._server.write_attribute_value(self._nodes[name], data)

    async def burst(self, name: str, values: list[float]) -> None:
        """Let `name` have one value after another, with no answer between."""
        for value in values:
            await self.set(name, value)

    async def text(self, name: str, length: int) -> None:
        """Let `name` hold a text of `length` characters."""
        await self.set(name, "x" * length, "String")

    async def delete(self, name: str) -> None:
        """Remove the node `name`."""
        await self._server.delete_nodes([self._server.get_node(self._nodes[name])])

    async def namespaces(self, uris: list[str]) -> None:
        """Let the list of namespaces be the standard's, and `uris`."""
        node = self._server.get_node(node_id(2255, 0))
        await node.write_value(["http://opcfoundation.org/UA/", *uris])

    async def forget(self) -> None:
        """Drop every subscription without a word."""
        await self._drop(self._subscriptions())

    async def end(self) -> None:
        """Tell every client that its subscription has timed out."""
        for subscription in self._subscriptions().subscriptions.values():
            await subscription.enqueue_statuschange(status_code(0x800A0000))

    async def change(self, rate: float) -> None:
        """Change values in turn, `rate` of them a second, from now on."""
        self._changing = asyncio.create_task(self._change(list(self._nodes.values()), rate))

    def _subscriptions(self) -> Any:
        return self._server.iserver.subscription_service

    async def _drop(self, service: Any) -> None:
        await service.delete_subscriptions(list(service.subscriptions))

    async def _change(self, nodes: list[NodeId], rate: float) -> None:
        began, done = time.monotonic(), 0
        while True:
            due = int((time.monotonic() - began) * rate)
            for number in range(done, due):
                value = DataValue(
                    Variant(float(number % 97), VariantType.Double),
                    SourceTimestamp=stamp_of(time.time_ns()),
                )
                await self._server.write_attribute_value(nodes[number % len(nodes)], value)
            done = due
            await asyncio.sleep(STEP_S)


def _stamp(text: str) -> DateTime | None:
    if text == "none":
        return None
    return stamp_of(time.time_ns()) if text == "now" else DateTime(int(text), 1, 1, tzinfo=UTC)


def _weaken(server: Server, weak: dict[str, Any]) -> None:
    """Let the server be one of those that cannot do everything; `weak` says what it cannot."""
    service: Any = server.iserver.subscription_service
    create, make, read = (
        service.create_subscription,
        service.create_monitored_items,
        server.iserver.attribute_service.read,
    )

    async def create_subscription(params: Any, *args: Any, **kwargs: Any) -> Any:
        if "refuses" in weak:
            raise ServiceError(weak["refuses"])
        if "interval_ms" in weak:
            params.RequestedPublishingInterval = weak["interval_ms"]
        if "keep_alive" in weak:
            params.RequestedMaxKeepAliveCount = weak["keep_alive"]
        return await create(params, *args, **kwargs)

    async def create_monitored_items(params: Any) -> Any:
        if len(params.ItemsToCreate) > weak.get("items_per_call", 10**6):
            raise ServiceError(StatusCodes.BadTooManyOperations)
        results = await make(params)
        for result in results[weak.get("items", 10**6) :]:
            result.StatusCode = status_code(StatusCodes.BadTooManyMonitoredItems)
        return results

    def read_values(params: Any) -> Any:
        if len(params.NodesToRead) > weak.get("nodes_per_read", 10**6):
            raise ServiceError(StatusCodes.BadTooManyOperations)
        return read(params)

    service.create_subscription = create_subscription
    service.create_monitored_items = create_monitored_items
    server.iserver.attribute_service.read = read_values


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


async def main(port: int, options: dict[str, Any]) -> None:
    """Serve until stdin ends."""
    peer = Peer(port, options)
    await peer.start()
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    _say(f"ready {time.monotonic()}")
    while line := await reader.readline():
        word, *arguments = json.loads(line)
        await getattr(peer, word)(*arguments)
        _say("ok")
    await peer.stop()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), json.loads(sys.argv[2]) if len(sys.argv) > 2 else {}))
