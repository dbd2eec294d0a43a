"""Streams: what becomes of news, of silence, of losses, and of drivers that break."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
import structlog

from edge.alarm import Heard
from edge.clock import NS, ManualClock, ScaledClock
from edge.drivers.base import Batch, Reading
from edge.errors import DeviceError
from edge.poll import Poller
from edge.tag import Quality, Reason, Sample
from tests.unit.poll.helpers import GOOD, FakeDriver, Taken, make_site, make_tag, settle

TAGS = [make_tag("A", "a-1"), make_tag("B", "a-1")]


@dataclass
class FakeStream(FakeDriver):
    """Hands on what the test pushes; `fail` ends the present call with an error."""

    calls: int = 0
    deliver: Callable[[Sequence[int], Sequence[Reading]], None] = field(default=lambda *_: None)
    heard: Callable[[], None] = field(default=lambda: None)
    failing: asyncio.Future[None] | None = None

    def streams(self, batch: Batch) -> bool:
        return True

    async def stream(
        self,
        batch: Batch,
        deliver: Callable[[Sequence[int], Sequence[Reading]], None],
        heard: Callable[[], None],
    ) -> None:
        self.calls += 1
        self.deliver, self.heard = deliver, heard
        self.failing = asyncio.get_running_loop().create_future()
        await self.failing

    def push(self, *pairs: tuple[int, float]) -> None:
        """Deliver good values, as (place, value)."""
        self.deliver([place for place, _ in pairs], [Reading(v, *GOOD) for _, v in pairs])

    def fail(self, error: Exception | None = None) -> None:
        """End the present call, with `error` if there is one."""
        assert self.failing is not None
        if error is None:
            self.failing.set_result(None)
        else:
            self.failing.set_exception(error)


class Sink(Taken):
    """Keeps samples, when answers were told, and rests the tags that a test does not keep awake."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[float] = []
        self.awake: set[str] = set()
        self.time: Callable[[], float] = lambda: 0.0

    def on_answer(self, heard: Heard, samples: Sequence[Sample], utc_ns: int) -> None:
        self.answers.append(self.time())
        self.extend(samples)
        heard.restless.clear()
        heard.restless |= self.awake | {s.tag for s in samples if s.quality is Quality.BAD}


class Bench:
    """A poller with one stream, its clock and its sink."""

    def __init__(self) -> None:
        self.clock = ManualClock(mono_ns=1000 * NS)
        self.driver, self.sink = FakeStream(), Sink()
        self.sink.time = lambda: self.clock.now().mono_ns / NS - 1000
        self.poller = Poller(make_site(TAGS), {"a": self.driver}, self.clock, self.sink)

    async def step(self, seconds: float) -> None:
        """Move the clock on at once and let tasks run."""
        self.clock.advance(seconds)
        await settle()


@asynccontextmanager
async def running() -> AsyncIterator[Bench]:
    bench = Bench()
    task = asyncio.create_task(bench.poller.run())
    await settle()
    try:
        yield bench
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def values(samples: Sequence[Sample]) -> list[tuple[str, float | None]]:
    return [(sample.tag, sample.value) for sample in samples]


async def test_all_news_of_one_answer_become_samples_in_order():
    """Several values of one tag in one answer all get there, as they came."""
    async with running() as bench:
        bench.driver.push((0, 1.0), (1, 5.0), (0, 2.0), (0, 3.0))
        assert values(bench.sink) == [("A", 1.0), ("B", 5.0), ("A", 2.0), ("A", 3.0)]
        assert {sample.quality for sample in bench.sink} == {Quality.GOOD}
        assert bench.driver.asked == []  # it is not polled as well


async def test_the_first_cycle_is_over_with_the_first_news_or_the_first_loss():
    """Core is ready once every device was heard of, whatever it said."""
    for good in (True, False):
        async with running() as bench:
            waiting = asyncio.create_task(bench.poller.first_cycle())
            await settle()
            assert not waiting.done()
            if good:
                bench.driver.push((0, 1.0), (1, 1.0))
            else:
                bench.driver.fail(DeviceError("a-1", Reason.NOT_CONNECTED, "refused"))
            await settle()
            assert waiting.done()


async def test_an_answer_without_news_is_told_with_what_must_not_rest():
    """All tags were heard of; only those that must not rest are sampled again, once a period."""
    async with running() as bench:
        bench.sink.awake = {"A"}
        bench.driver.push((0, 1.0), (1, 1.0))
        for _ in range(12):  # answers four times a second
            await bench.step(0.25)
            bench.driver.heard()
        assert bench.sink.answers[1:] == [0.25 * n for n in range(1, 13)]
        assert values(bench.sink[2:]) == [("A", 1.0)] * 3
        assert bench.sink[-1].receive_ns == bench.clock.now().utc_ns
        assert bench.sink[-1].source_ns == bench.sink[0].source_ns


async def test_a_burst_of_answers_without_news_is_told_once():
    """A device that answers a hundred times a second is no hundred answers for everybody."""
    async with running() as bench:
        bench.driver.push((0, 1.0), (1, 1.0))
        for _ in range(100):
            await bench.step(0.01)
            bench.driver.heard()
        assert len(bench.sink.answers) == 5


async def test_a_device_that_says_nothing_refreshes_nothing():
    """Time alone keeps no tag fresh: the engine must see it go stale."""
    async with running() as bench:
        bench.driver.push((0, 1.0), (1, 1.0))
        await bench.step(10)
        assert len(bench.sink.answers) == 1


async def test_a_lost_device_is_bad_at_once_and_once_a_period():
    """Every tag is Bad with the reason, again each period, and anew if the reason changes."""
    async with running() as bench:
        bench.driver.push((0, 1.0), (1, 1.0))
        bench.driver.fail(DeviceError("a-1", Reason.TIMEOUT, "silent"))
        await settle()
        assert [(s.tag, s.reason) for s in bench.sink[2:]] == [("A", "timeout"), ("B", "timeout")]
        await bench.step(0.5)
        bench.driver.fail(DeviceError("a-1", Reason.TIMEOUT, "silent"))
        await settle()
        assert len(bench.sink) == 4
        await bench.step(0.5)
        assert sorted((s.tag, s.reason) for s in bench.sink[4:]) == [
            ("A", "timeout"),
            ("B", "timeout"),
        ]
        bench.driver.heard()  # an answer that comes late brings nothing back
        bench.driver.fail(DeviceError("a-1", Reason.NOT_CONNECTED, "refused"))
        await settle()
        assert {s.reason for s in bench.sink[6:]} == {Reason.NOT_CONNECTED}
        assert bench.poller.figures()["read_failures_total"] == 3


async def test_the_gap_is_told_with_both_its_ends():
    """When the device is back the log says from when to when nothing is known of it."""
    with structlog.testing.capture_logs() as logged:
        async with running() as bench:
            bench.driver.push((0, 1.0), (1, 1.0))
            await bench.step(2)
            bench.driver.heard()
            await bench.step(2.5)
            bench.driver.fail(DeviceError("a-1", Reason.TIMEOUT, "silent"))
            await settle()
            await bench.step(1.5)
            bench.driver.push((0, 1.0), (1, 1.0))
    back = next(entry for entry in logged if entry["event"] == "device answers again")
    assert (back["gap_from"][17:23], back["gap_to"][17:23]) == ("22.000", "26.000")
    assert back["seconds"] == 4.0


@pytest.mark.parametrize("error", [RuntimeError("odd"), None], ids=["breaks", "ends"])
async def test_a_driver_that_breaks_or_ends_is_bad_samples_and_goes_on(error: Exception | None):
    """Neither ends the task; a stream that ends at once is not called in a busy loop."""
    with structlog.testing.capture_logs() as logged:
        async with running() as bench:
            bench.driver.fail(error)
            await settle()
            assert {sample.reason for sample in bench.sink} == {Reason.BAD_REPLY}
            assert bench.driver.calls == 1
            await bench.step(0.1)
            assert bench.driver.calls == 2
            bench.driver.push((0, 1.0), (1, 1.0))
            assert bench.sink[-1].quality is Quality.GOOD
    assert any(entry.get("exc_info") for entry in logged) == (error is not None)


async def test_a_replay_is_polled():
    """A scaled clock's periods are no device's own: nothing would come in time."""
    driver = FakeStream()
    clock = ScaledClock(0, 1_700_000_000 * NS, 10.0)
    poller = Poller(make_site(TAGS), {"a": driver}, clock, Sink())
    task = asyncio.create_task(poller.run())
    async with asyncio.timeout(10):
        await poller.first_cycle()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert driver.calls == 0
    assert driver.asked
