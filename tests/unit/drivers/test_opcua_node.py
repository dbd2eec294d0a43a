"""The driver against a server of another make: node-opcua, with its own reading of the standard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from edge.site.link import Security
from edge.tag import Quality, Reason
from tests.conformance.field import free_ports
from tests.peers.certificates import Made, make
from tests.peers.node import installed, node_server
from tests.peers.opcua import link_to, reading, tags_of
from tests.peers.process import Peer

pytest.importorskip("asyncua")
from edge.drivers.opcua.pki import Pki

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(not installed(), reason="no node-opcua here: python -m tests.peers.node"),
]
URI = "urn:suian:peer:server"


@dataclass
class Bench:
    port: int
    peer: Peer
    server: Made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bench]:
    """A server with every policy that takes a user name, and None; it takes any client."""
    folder = tmp_path_factory.mktemp("node")
    made = make(folder, "server", URI)
    (port,) = free_ports(1)
    async with node_server(
        port,
        folder,
        modes=["None", "Sign", "SignAndEncrypt"],
        policies=["None", "Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"],
        certificate=str(made.file),
        key=str(made.key_file),
    ) as peer:
        yield Bench(port, peer, made)


async def test_it_tells_of_changes(bench: Bench):
    """Values, stamps and status codes of another maker's server come through subscriptions."""
    async with reading(link_to(bench.port), tags_of("v0", "v1", "v2")) as seen:
        await seen.until(lambda: len(seen.all) >= 6)
        await bench.peer.do("set", "v1", 42.5)
        sample = await seen.value("v1", 42.5)
        assert abs(sample.source_ns - sample.receive_ns) < 60 * 10**9
        await bench.peer.do("set", "v1", 1.0, "Double", 0x808C0000)
        await seen.reason("v1", Reason.SENSOR_FAULT)
        await bench.peer.do("set", "v1", "text", "String")
        await seen.reason("v1", Reason.INVALID_VALUE)
        await bench.peer.do("set", "v1", 7, "UInt32")
        await seen.value("v1", 7.0)
        answers = len(seen.heard_ns)
        await seen.until(lambda: len(seen.heard_ns) >= answers + 3)


@pytest.mark.parametrize("mode", ["Sign", "SignAndEncrypt"])
@pytest.mark.parametrize(
    "policy", ["Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"]
)
async def test_every_policy_carries_values(bench: Bench, tmp_path: Path, policy: str, mode: str):
    """Channels that another maker's cryptography opens carry values both read and told of."""
    Pki(tmp_path / "pki").trust(bench.server.certificate)
    link = link_to(bench.port, security=Security(policy=policy, mode=mode))  # pyright: ignore[reportArgumentType]
    async with reading(link, tags_of("v2"), tmp_path) as seen:
        await seen.value("v2", 2.0)
        await seen.until(lambda: len(seen.all) >= 2)


async def test_a_frozen_and_a_dropped_subscription(bench: Bench):
    """Silence is a time-out and over when the server is back; so is a subscription it ended."""
    async with reading(link_to(bench.port), tags_of("v2")) as seen:
        await seen.until(lambda: len(seen.all) >= 2)
        bench.peer.freeze()
        assert (await seen.reason("v2", Reason.TIMEOUT)).quality is Quality.BAD
        bench.peer.thaw()
        await seen.value("v2", 2.0)
        await seen.until(lambda: seen.all[-1].quality is Quality.GOOD)
        await bench.peer.do("forget")
        await seen.all_of(Quality.BAD)
        await seen.all_of(Quality.GOOD)


async def test_a_node_that_goes_and_one_that_comes(bench: Bench):
    """A node deleted under a subscription turns Bad alone; one that appears is found."""
    await bench.peer.do("add", "goes", 5.0)
    async with reading(link_to(bench.port), tags_of("goes", "comes", "v2")) as seen:
        await seen.value("goes", 5.0)
        await seen.reason("comes", Reason.CONFIGURATION)
        await bench.peer.do("delete", "goes")
        await seen.until(lambda: seen.latest["goes"].quality is Quality.BAD)
        await bench.peer.do("add", "comes", 6.0)
        await seen.value("comes", 6.0)
        assert seen.latest["v2"].quality is Quality.GOOD


async def test_a_server_that_must_trust_us_first(tmp_path: Path):
    """A server that does not know our certificate is a configuration fault that says what to do."""
    made = make(tmp_path, "server", URI)
    Pki(tmp_path / "site" / "pki").trust(made.certificate)
    (port,) = free_ports(1)
    facts = {
        "modes": ["SignAndEncrypt"],
        "policies": ["Basic256Sha256"],
        "certificate": str(made.file),
        "key": str(made.key_file),
        "users": True,
        "accepts": False,
    }
    async with node_server(port, tmp_path, **facts) as peer:
        (tmp_path / "site" / "password").write_text("secret")
        security = Security(username="reader", password_file="password")
        link = link_to(port, security=security)
        async with reading(link, tags_of("v1"), tmp_path / "site") as seen:
            await seen.reason("v1", Reason.CONFIGURATION)
            await peer.do("trust", str(tmp_path / "site" / "pki" / "own" / "certificate.der"))
            await seen.value("v1", 1.0)


async def test_small_limits_are_kept(tmp_path: Path):
    """A server that takes two nodes at a time is asked for two at a time, as it says itself."""
    (port,) = free_ports(1)
    limits = {"maxNodesPerRead": 4, "maxMonitoredItemsPerCall": 2}
    async with (
        node_server(port, tmp_path, items=9, limits=limits) as _,
        reading(link_to(port), tags_of(*(f"v{i}" for i in range(9)))) as seen,
    ):
        await seen.until(lambda: len(seen.all) >= 18)
        assert [seen.latest[f"v{i}"].value for i in range(9)] == list(range(9))
