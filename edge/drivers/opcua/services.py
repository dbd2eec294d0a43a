"""The requests that go out beside asyncua's own, as its types; `wire` reads their answers."""

# asyncua annotates its generated types with text that pyright does not resolve:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
from __future__ import annotations

from collections.abc import Iterable, Sequence

from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.uaprotocol_auto import (
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
from asyncua.ua.uatypes import NodeId

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


def publish(acks: Iterable[tuple[int, int]]) -> PublishRequest:
    """Wait for news at the server; acknowledge (subscription, sequence) of what has come."""
    request = PublishRequest()
    request.Parameters.SubscriptionAcknowledgements = [
        SubscriptionAcknowledgement(subscription, sequence) for subscription, sequence in acks
    ]
    return request
