"""What a server offers and holds, for an engineer who writes a site's tag list."""

# asyncua annotates its generated types with text that pyright does not resolve:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

from asyncua.client.client import Client
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.uaprotocol_auto import (
    BrowseDescription,
    BrowseNextParameters,
    BrowseParameters,
    BrowseResult,
    BrowseResultMask,
    EndpointDescription,
    EUInformation,
    NodeClass,
    Range,
    ReadParameters,
    ReadValueId,
    ReferenceDescription,
)
from asyncua.ua.uatypes import DataValue, NodeId

from edge.drivers.opcua.nodes import node_id
from edge.drivers.opcua.refs import NodeRef
from edge.drivers.opcua.security import describe, plain_client

DEEPEST = 20
AT_ONCE = 100  # nodes in one request; every server takes so many
OBJECTS, SERVER = node_id(ObjectIds.ObjectsFolder, 0), node_id(ObjectIds.Server, 0)
HIERARCHY = node_id(ObjectIds.HierarchicalReferences, 0)
PROPERTY = node_id(ObjectIds.HasProperty, 0)
READABLE, WRITABLE = 1, 2  # bits of an access level (OPC 10000-3, 8.57)
LONGEST_VALUE = 40  # characters
ASKED = (AttributeIds.Value, AttributeIds.UserAccessLevel)


class Endpoint(NamedTuple):
    """One way to speak to a server; `users` are the kinds that it takes there."""

    url: str
    security: str  # policy and mode, as a site writes them
    users: tuple[str, ...]
    server: str  # its name and application URI
    certificate: bytes


class Variable(NamedTuple):
    """A variable, as a tag list refers to it, and what it reads now."""

    ref: str
    name: str
    path: str
    type: str
    value: str
    unit: str  # as the server calls it; "" where it does not say
    range_low: float | None  # of its engineering units
    range_high: float | None
    access: str


async def discover(url: str, timeout_s: float) -> list[Endpoint]:
    """Return the endpoints that the server at `url` offers.

    Raises `OSError`, `TimeoutError` or asyncua's `UaError`.
    """
    found = await plain_client(url, timeout_s).connect_and_get_server_endpoints()
    return [_endpoint(one) for one in found]


def _endpoint(one: EndpointDescription) -> Endpoint:
    kinds = (token.TokenType.name for token in one.UserIdentityTokens or ())
    server = f"{one.Server.ApplicationName.Text} ({one.Server.ApplicationUri})"
    users = tuple(sorted(set(kinds)))
    return Endpoint(
        str(one.EndpointUrl), describe(one), users, server, one.ServerCertificate or b""
    )


async def browse(client: Client, start: NodeRef | None, most: int) -> AsyncIterator[Variable]:
    """Yield the variables under `start` (None: all but the server's own), `most` at the most.

    Raises `ValueError` if `start` is in a namespace that the server does not have.
    """
    uris: list[str] = list(await client.get_namespace_array())
    root = OBJECTS if start is None else _resolve(start, uris)
    layer: list[tuple[NodeId, str]] = [(root, "")]
    seen, count = {root, SERVER} if start is None else {root}, 0
    if start is not None:
        alone = _Found(root, "", "", {})
        for variable in await _read(client, [alone], uris):
            if variable.type:
                yield variable
                count += 1
    for _ in range(DEEPEST):
        found = [one async for one in _children(client, layer, seen)]
        variables = [one for one in found if one.properties is not None]
        for first in range(0, len(variables), AT_ONCE):
            for variable in await _read(client, variables[first : first + AT_ONCE], uris):
                if count == most:
                    return
                yield variable
                count += 1
        layer = [(one.node, one.path) for one in found]
        if not layer:
            return


class _Found(NamedTuple):
    """A node met on the way; `properties` by name where it is a variable, else None."""

    node: NodeId
    name: str
    path: str
    properties: dict[str, NodeId] | None


def _resolve(ref: NodeRef, uris: Sequence[str]) -> NodeId:
    if ref.uri and ref.uri not in uris:
        raise ValueError(f"the server has no namespace {ref.uri!r}; it has: {', '.join(uris)}")
    return node_id(ref.identifier, uris.index(ref.uri) if ref.uri else 0)


async def _children(
    client: Client, layer: Sequence[tuple[NodeId, str]], seen: set[NodeId]
) -> AsyncIterator[_Found]:
    """Yield the children of `layer`'s nodes that are not in `seen`; they are put there."""
    for first in range(0, len(layer), AT_ONCE):
        part = layer[first : first + AT_ONCE]
        below = await _references(client, [node for node, _ in part])
        for (_, path), references in zip(part, below, strict=True):
            for reference in references:
                node = NodeId(reference.NodeId.Identifier, reference.NodeId.NamespaceIndex)
                if node in seen or reference.ReferenceTypeId == PROPERTY:
                    continue
                seen.add(node)
                name = str(reference.DisplayName.Text or reference.BrowseName.Name or "")
                where = f"{path}/{name}" if path else name
                is_variable = reference.NodeClass == NodeClass.Variable
                yield _Found(node, name, where, {} if is_variable else None)


async def _references(client: Client, nodes: Sequence[NodeId]) -> list[list[ReferenceDescription]]:
    """Return each node's references to what is below it: objects, variables and properties."""
    wanted = [
        BrowseDescription(
            node,
            ReferenceTypeId=HIERARCHY,
            NodeClassMask=NodeClass.Object | NodeClass.Variable,
            ResultMask=BrowseResultMask.All,
        )
        for node in nodes
    ]
    results = await client.uaclient.browse(BrowseParameters(NodesToBrowse=wanted))
    return [await _whole(client, result) for result in results]


async def _whole(client: Client, result: BrowseResult) -> list[ReferenceDescription]:
    """Return all references of one answer, of which the server may give a part at a time."""
    found: list[ReferenceDescription] = list(result.References or ())
    while result.ContinuationPoint:
        more = BrowseNextParameters(
            ReleaseContinuationPoints=False, ContinuationPoints=[result.ContinuationPoint]
        )
        (result,) = await client.uaclient.browse_next(more)
        found += result.References or ()
    return found


async def _read(client: Client, found: Sequence[_Found], uris: Sequence[str]) -> list[Variable]:
    """Return what is to be known of variables: their properties are looked up, and all is read."""
    below = await _references(client, [one.node for one in found])
    wanted: list[tuple[NodeId, AttributeIds]] = []
    for one, references in zip(found, below, strict=True):
        wanted += [(one.node, attribute) for attribute in ASKED]
        names = {str(r.BrowseName.Name): r for r in references if r.ReferenceTypeId == PROPERTY}
        for name in ("EngineeringUnits", "EURange"):
            reference = names.get(name)
            node = NodeId() if reference is None else reference.NodeId
            wanted.append((NodeId(node.Identifier, node.NamespaceIndex), AttributeIds.Value))
    values: list[DataValue] = []
    for first in range(0, len(wanted), AT_ONCE):
        asked = [ReadValueId(*pair) for pair in wanted[first : first + AT_ONCE]]
        values += await client.uaclient.read(ReadParameters(NodesToRead=asked))
    rows = [values[first : first + 4] for first in range(0, len(values), 4)]
    return [_variable(one, row, uris) for one, row in zip(found, rows, strict=True)]


def _variable(found: _Found, row: Sequence[DataValue], uris: Sequence[str]) -> Variable:
    value, access, units, limits = (data.Value.Value if data.Value else None for data in row)
    index = found.node.NamespaceIndex
    ref = NodeRef(uris[index] if index else "", found.node.Identifier)
    variant = row[0].Value
    kind = variant.VariantType.name if variant is not None and value is not None else ""
    known = isinstance(limits, Range)
    return Variable(
        str(ref),
        found.name,
        found.path,
        f"{kind}[]" if isinstance(value, list) else kind,
        _shown(row[0]),
        str(units.DisplayName.Text or "") if isinstance(units, EUInformation) else "",
        float(limits.Low) if known else None,
        float(limits.High) if known else None,
        _access(access),
    )


def _shown(data: DataValue) -> str:
    """Return a value as a line of a list can show it, or why there is none."""
    if data.StatusCode is not None and not data.StatusCode.is_good():
        return str(data.StatusCode.name)
    value: object = None if data.Value is None else data.Value.Value
    text = f"{value:g}" if isinstance(value, float) else str(value)
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_VALUE else f"{line[: LONGEST_VALUE - 1]}…"


def _access(level: object) -> str:
    if not isinstance(level, int):
        return ""
    words = [word for bit, word in ((READABLE, "read"), (WRITABLE, "write")) if level & bit]
    return "+".join(words) or "none"
