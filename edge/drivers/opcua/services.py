"""The requests that go out beside asyncua's own, as its types; `wire` reads their answers."""

# asyncua annotates its generated types with text that pyright does not resolve:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

from collections.abc import Iterable, Sequence

from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.uaprotocol_auto import (
    BrowsePath,
    BrowsePathResult,
    CreateMonitoredItemsRequest,
    CreateSubscriptionRequest,
    ModifySubscriptionRequest,
    MonitoredItemCreateRequest,
    MonitoringMode,
    MonitoringParameters,
    PublishRequest,
    ReadRequest,
    ReadValueId,
    SubscriptionAcknowledgement,
    TimestampsToReturn,
)
from asyncua.ua.uatypes import (
    Int16,
    Int32,
    NodeId,
    QualifiedName,
    RelativePath,
    RelativePathElement,
    String,
    UInt16,
)

LIFETIME_COUNT = 120  # intervals without a request from us after which the server may forget us
MOST_PER_ANSWER = 2000  # notifications
Request = (
    ReadRequest
    | PublishRequest
    | CreateSubscriptionRequest
    | ModifySubscriptionRequest
    | CreateMonitoredItemsRequest
)


def read_values(nodes: Iterable[NodeId]) -> ReadRequest:
    """Ask for the values of `nodes`, with their own stamps and the server's."""
    request = ReadRequest()
    request.Parameters.TimestampsToReturn = TimestampsToReturn.Both
    request.Parameters.NodesToRead = [ReadValueId(node, AttributeIds.Value) for node in nodes]
    return request


def create_subscription(interval_s: float, keep_alive_count: int) -> CreateSubscriptionRequest:
    """Ask to be answered every `interval_s` [s] with news, every `keep_alive_count` without."""
    request = CreateSubscriptionRequest()
    request.Parameters.RequestedPublishingInterval = interval_s * 1000
    request.Parameters.RequestedMaxKeepAliveCount = keep_alive_count
    request.Parameters.RequestedLifetimeCount = LIFETIME_COUNT
    request.Parameters.MaxNotificationsPerPublish = MOST_PER_ANSWER
    return request


def modify_subscription(
    subscription: int, interval_s: float, keep_alive_count: int
) -> ModifySubscriptionRequest:
    """Ask for another pace of `subscription`."""
    request = ModifySubscriptionRequest()
    request.Parameters.SubscriptionId = subscription
    request.Parameters.RequestedPublishingInterval = interval_s * 1000
    request.Parameters.RequestedMaxKeepAliveCount = keep_alive_count
    request.Parameters.RequestedLifetimeCount = LIFETIME_COUNT
    request.Parameters.MaxNotificationsPerPublish = MOST_PER_ANSWER
    return request


def create_items(
    subscription: int, wanted: Sequence[tuple[int, NodeId]], sampling_s: float, queue: int
) -> CreateMonitoredItemsRequest:
    """Ask to be told of the value of each (handle, node), sampled every `sampling_s` [s]."""
    items: list[MonitoredItemCreateRequest] = []
    for handle, node in wanted:
        parameters = MonitoringParameters()
        parameters.ClientHandle = handle
        parameters.SamplingInterval = sampling_s * 1000
        parameters.QueueSize = queue
        value = ReadValueId(node, AttributeIds.Value)
        items.append(MonitoredItemCreateRequest(value, MonitoringMode.Reporting, parameters))
    request = CreateMonitoredItemsRequest()
    request.Parameters.SubscriptionId = subscription
    request.Parameters.TimestampsToReturn = TimestampsToReturn.Both
    request.Parameters.ItemsToCreate = items
    return request


def paths_below(nodes: Iterable[NodeId], index: int, name: str) -> list[BrowsePath]:
    """Ask for the child with browse name `name` of namespace `index` of each node."""
    paths: list[BrowsePath] = []
    for node in nodes:
        step = RelativePathElement()
        step.ReferenceTypeId = NodeId(Int32(ObjectIds.HierarchicalReferences), Int16(0))
        step.IsInverse = False  # pyright: ignore[reportAttributeAccessIssue]  # asyncua's Boolean
        step.TargetName = QualifiedName(String(name), UInt16(index))
        paths.append(BrowsePath(node, RelativePath([step])))
    return paths


def found_below(results: Iterable[BrowsePathResult]) -> list[NodeId | None]:
    """Return the node that each path led to, None where there is none."""
    found: list[NodeId | None] = []
    for result in results:
        target = result.Targets[0].TargetId if result.StatusCode.is_good() else None
        found.append(target and NodeId(target.Identifier, target.NamespaceIndex))
    return found


def publish(acks: Iterable[tuple[int, int]]) -> PublishRequest:
    """Wait for news at the server; acknowledge (subscription, sequence) of what has come."""
    request = PublishRequest()
    request.Parameters.SubscriptionAcknowledgements = [
        SubscriptionAcknowledgement(subscription, sequence) for subscription, sequence in acks
    ]
    return request
