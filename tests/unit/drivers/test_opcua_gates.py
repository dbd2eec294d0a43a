"""Nodes that decide what values may be used for: PA-DIM's simulation, a device's health."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from edge.drivers.opcua.batch import OpcUaBatch
from edge.drivers.opcua.gates import Gating, Governed
from edge.drivers.opcua.status import Statuses
from edge.drivers.opcua.wire import NodeValue
from edge.site.model import Device
from edge.tag import REASONS, Quality, Reason
from tests.conformance.field import free_ports, make_tag
from tests.peers.opcua import link_to, reading, tags_of
from tests.peers.process import Peer, started
from tests.unit.drivers.points import OPCUA

HEALTH = next(gate for gate in OPCUA.gates if gate.setting == "health")


def gating(*governed: int) -> Gating:
    """Return two tags, of which `governed` stand under a device's health."""
    tags = [make_tag(name, "D", f"nsu=urn:x;s={name}") for name in ("A", "B")]
    device = Device(id="D", link="u", template="opcua")
    return Gating(OpcUaBatch(device, tags, Statuses(OPCUA), 10), [Governed(HEALTH, governed)])


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (NodeValue(0, 0, None), Reason.OK),
        (NodeValue(0, 1, None), Reason.DEVICE_FAULT),
        (NodeValue(0, 2, None), Reason.INHIBITED),
        (NodeValue(0, 3, None), Reason.DEVICE_UNCERTAIN),
        (NodeValue(0, 4, None), Reason.MAINTENANCE_DUE),
        (NodeValue(0, 77, None), Reason.OK),
        (NodeValue(0, "odd", None), Reason.INVALID_VALUE),
        (NodeValue(0x80340000, None, None), Reason.CONFIGURATION),
        (None, Reason.CONFIGURATION),
    ],
)
def test_what_a_health_makes_of_a_value(state: NodeValue | None, reason: Reason):
    """Each state has its reason; a health that cannot be read lets no value by."""
    gates = gating(0)
    assert gates.reading(0, 0, 5.0, 17).reason is Reason.NOT_YET_READ
    ((place, found),) = gates.take(0, state)
    assert (place, found.reason, found.source_ns) == (0, reason, 17)
    assert (found.value is None) == (REASONS[reason].quality is Quality.BAD)
    assert gates.reading(1, 0, 5.0, 17).reason is Reason.OK  # nobody's but those it governs
    assert gates.take(0, state) == []


def test_the_graver_counts():
    """A value's own fault is not mended by a gate, and over range is not hidden by a doubt."""
    gates = gating(0)
    gates.take(0, NodeValue(0, 4, None))
    assert gates.reading(0, 0x808C0000, None, None).reason is Reason.SENSOR_FAULT
    assert gates.reading(0, 0, 500.0, None).reason is Reason.OVER_RANGE
    gates.take(0, NodeValue(0, 2, None))
    assert gates.reading(0, 0, 500.0, None).reason is Reason.INHIBITED


@dataclass
class Bench:
    port: int
    peer: Peer


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench() -> AsyncIterator[Bench]:
    """A server whose v1 can be simulated, and that has a health."""
    pytest.importorskip("asyncua")
    (port,) = free_ports(1)
    async with started(port, simulations=["v1"]) as peer:
        await peer.do("add", "health", 0, "Int32")
        yield Bench(port, peer)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("mode", ["subscribe", "poll"])
async def test_a_simulated_value_is_set_aside(bench: Bench, mode: str):
    """The switch below a value is found by its name, and governs that value alone."""
    async with reading(link_to(bench.port, mode=mode), tags_of("v1", "v2")) as seen:
        await seen.reason("v1", Reason.OK)
        await bench.peer.do("set", "v1.simulation", True, "Boolean")
        sample = await seen.reason("v1", Reason.SIMULATED)
        assert sample.value == 1.0
        assert seen.latest["v2"].reason is Reason.OK
        await bench.peer.do("set", "v1.simulation", False, "Boolean")
        await seen.reason("v1", Reason.OK)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_devices_health_governs_all_its_values(bench: Bench):
    """A device in check function has no measurements, one that fails has no values."""
    tags = tags_of("v0", "v2")
    async with reading(link_to(bench.port), tags, health="nsu=urn:suian:peer;s=health") as seen:
        for state, reason in ((2, Reason.INHIBITED), (1, Reason.DEVICE_FAULT), (0, Reason.OK)):
            await bench.peer.do("set", "health", state, "Int32")
            await seen.reason("v0", reason)
            await seen.reason("v2", reason)
    async with reading(link_to(bench.port), tags, health="nsu=urn:suian:peer;s=nowhere") as seen:
        await seen.reason("v0", Reason.CONFIGURATION)
