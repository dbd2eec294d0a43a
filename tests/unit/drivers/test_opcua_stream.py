"""OPC UA subscriptions against a server in a process of its own: news, silence, loss and return."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
import structlog

from edge.tag import Quality, Reason
from tests.conformance.field import free_ports
from tests.peers.opcua import Seen, link_to, reading, tags_of
from tests.peers.process import Peer, start, started

pytest.importorskip("asyncua")
pytestmark = pytest.mark.asyncio(loop_scope="module")
NAMES = ("v0", "v1", "v2")
_numbers = itertools.count(1000)


def number() -> float:
    """Return a value that no test has used yet."""
    return float(next(_numbers))


@dataclass
class Bench:
    port: int
    peer: Peer


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench() -> AsyncIterator[Bench]:
    """One sound server for all tests that leave it sound."""
    (port,) = free_ports(1)
    async with started(port) as peer:
        yield Bench(port, peer)


@pytest_asyncio.fixture(loop_scope="module")
async def seen(bench: Bench) -> AsyncIterator[Seen]:
    """What a poller of the three variables sees, once all are good."""
    for name in NAMES:
        await bench.peer.do("set", name, 1.0)
    async with reading(link_to(bench.port), tags_of(*NAMES)) as seen:
        await seen.until(lambda: len(seen.all) >= 6)  # read once, and told of once
        await seen.all_of(Quality.GOOD)
        yield seen


async def test_changes_come_without_asking(bench: Bench, seen: Seen):
    """A new value arrives with the server's own stamp, which is none of ours."""
    value = number()
    await bench.peer.do("set", "v1", value, "Double", 0, "2024")
    sample = await seen.value("v1", value)
    assert sample.source_ns == 1_704_067_200 * 10**9
    assert sample.receive_ns > sample.source_ns


async def test_every_value_between_two_answers_is_handed_on(bench: Bench, seen: Seen):
    """A burst within one publishing interval loses nothing: alarms see every sample, in order."""
    values = [number() for _ in range(6)]
    await bench.peer.do("burst", "v0", values)
    await seen.value("v0", values[-1])
    assert [s.value for s in seen.all if s.tag == "v0" and s.value in values] == values


async def test_quiet_tags_stay_fresh(seen: Seen):
    """While nothing changes, answers go on coming."""
    began = len(seen.heard_ns)
    await seen.until(lambda: len(seen.heard_ns) >= began + 4)


async def test_an_overflowing_queue_is_marked(bench: Bench, seen: Seen):
    """A value before which others were lost is Uncertain, and still a value."""
    value = number()
    await bench.peer.do("set", "v0", value, "Double", 0x0480)
    sample = await seen.value("v0", value)
    assert (sample.quality, sample.reason) == (Quality.UNCERTAIN, Reason.DEVICE_UNCERTAIN)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("set", "v0", "nan"), Reason.INVALID_VALUE),
        (("set", "v0", "twelve", "String"), Reason.INVALID_VALUE),
        (("text", "v0", 5_000_000), Reason.INVALID_VALUE),
        (("set", "v0", [1.0, 2.0], "Double"), Reason.INVALID_VALUE),
        (("set", "v0", 7.0, "Double", 0x808C0000), Reason.SENSOR_FAULT),
        (("set", "v0", 1e12), Reason.OVER_RANGE),
    ],
    ids=["nan", "text", "huge text", "array", "sensor failure", "beyond range"],
)
async def test_what_is_no_value_is_never_good(
    bench: Bench, seen: Seen, words: tuple[object, ...], reason: Reason
):
    """Odd values have their reason, cost no neighbour, and pass."""
    await bench.peer.do(*words)
    await seen.reason("v0", reason)
    value = number()
    await bench.peer.do("set", "v1", value)
    await seen.value("v1", value)
    await bench.peer.do("set", "v0", value)
    assert (await seen.value("v0", value)).quality is Quality.GOOD


@pytest.mark.parametrize("year", ["1601", "9999", "none"])
async def test_a_stamp_that_is_none_falls_back(bench: Bench, seen: Seen, year: str):
    """Without a source time the server's counts; without that, the time of receiving."""
    value = number()
    await bench.peer.do("set", "v0", value, "Double", 0, year, "2024")
    assert (await seen.value("v0", value)).source_ns == 1_704_067_200 * 10**9
    value = number()
    await bench.peer.do("set", "v0", value, "Double", 0, year, year)
    sample = await seen.value("v0", value)
    assert sample.source_ns == sample.receive_ns


async def test_a_frozen_server_is_bad_and_comes_back(bench: Bench, seen: Seen):
    """A server that is connected and silent is a time-out on every tag, and is found again."""
    with structlog.testing.capture_logs() as logged:
        bench.peer.freeze()
        await seen.all_of(Quality.BAD)
        assert {sample.reason for sample in seen.latest.values()} == {Reason.TIMEOUT}
        bench.peer.thaw()
        await seen.all_of(Quality.GOOD)
    back = next(entry for entry in logged if entry["event"] == "device answers again")
    assert back["gap_from"] < back["gap_to"]
    value = number()
    await bench.peer.do("set", "v1", value)
    await seen.value("v1", value)


@pytest.mark.parametrize("how", ["forget", "end"])
async def test_a_dropped_subscription_is_made_anew(bench: Bench, seen: Seen, how: str):
    """Whether the server says so or not, a subscription that is gone is noticed and replaced."""
    await bench.peer.do(how)
    await seen.all_of(Quality.BAD)
    value = number()
    await bench.peer.do("set", "v1", value)
    await seen.value("v1", value)
    await seen.all_of(Quality.GOOD)


async def test_a_bad_node_costs_no_other_and_is_found_when_it_appears(bench: Bench):
    """A node that is not there is a configuration fault; once it is there it is read."""
    async with reading(link_to(bench.port), tags_of("late", *NAMES)) as seen:
        await seen.reason("late", Reason.CONFIGURATION)
        value = number()
        await bench.peer.do("set", "v1", value)
        await seen.value("v1", value)
        await bench.peer.do("add", "late", 5.0)
        await seen.value("late", 5.0)


async def test_a_server_that_is_killed_and_comes_back_otherwise():
    """After a restart indices and types may differ: nodes are found by their namespace's URI."""
    (port,) = free_ports(1)
    first = await start(port)
    try:
        async with reading(link_to(port), tags_of("v0", "v1")) as seen:
            await seen.value("v1", 1.0)
            await first.kill()
            await seen.reason("v1", Reason.NOT_CONNECTED)
            first = await start(port, namespaces_before=["urn:other", "urn:third"])
            await first.do("set", "v0", "text", "String")
            await seen.reason("v0", Reason.INVALID_VALUE)
            await first.do("set", "v1", 8.0)
            await seen.value("v1", 8.0)
    finally:
        await first.kill()


async def test_namespaces_that_change_meanwhile_are_resolved_anew():
    """A list of namespaces that changes under us ends the session: an index means another node."""
    (port,) = free_ports(1)
    async with started(port) as peer, reading(link_to(port), tags_of("v0")) as seen:
        await seen.value("v0", 0.0)
        await peer.do("namespaces", ["urn:freeopcua:python:server", "urn:new", "urn:suian:peer"])
        await seen.reason("v0", Reason.CONFIGURATION)  # what is ns=3 now has no such node
        await peer.do("namespaces", ["urn:freeopcua:python:server", "urn:suian:peer"])
        await seen.value("v0", 0.0)


@pytest.mark.parametrize(
    "weak",
    [
        {"refuses": 0x800B0000},  # BadServiceUnsupported
        {"refuses": 0x80770000},  # BadTooManySubscriptions
        {"interval_ms": 5000, "keep_alive": 10},
        {"items": 2},
        {"items_per_call": 1, "nodes_per_read": 4},
    ],
    ids=["no subscriptions", "no more", "too slow to prove itself", "few items", "small requests"],
)
async def test_a_server_that_cannot_do_everything_is_read_all_the_same(weak: dict[str, int]):
    """What cannot be subscribed is polled; requests become as small as the server wants them."""
    (port,) = free_ports(1)
    names = [f"v{i}" for i in range(6)]
    async with started(port, items=6, weak=weak) as peer:
        async with reading(link_to(port), tags_of(*names)) as seen:
            wanted = {name: number() for name in names}
            for name, value in wanted.items():
                await peer.do("set", name, value)
            await seen.until(lambda: {t: s.value for t, s in seen.latest.items()} == wanted)
        assert {sample.quality for sample in seen.latest.values()} == {Quality.GOOD}


async def test_a_link_may_poll(bench: Bench):
    """`mode: poll` asks at the tags' period and makes no subscription."""
    async with reading(link_to(bench.port, mode="poll"), tags_of(*NAMES)) as seen:
        value = number()
        await bench.peer.do("set", "v1", value)
        await seen.value("v1", value)
        answers = len(seen.heard_ns)
        await seen.until(lambda: len(seen.heard_ns) >= answers + 3)
