"""The poller's schedule, and what becomes of every kind of answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from edge.clock import NS, ManualClock, ScaledClock
from edge.drivers.base import Reading
from edge.errors import ConfigError, DeviceError, Fault
from edge.poll import Poller
from edge.tag import Quality, Reason, Sample, World
from tests.unit.poll.helpers import (
    GOOD,
    FakeBatch,
    FakeDriver,
    Taken,
    make_site,
    make_tag,
    settle,
)


class Bench:
    def __init__(self, tags: list[Any], drivers: dict[str, FakeDriver], **site: Any) -> None:
        self.clock = ManualClock(mono_ns=1000 * NS)
        self.samples = Taken()
        for driver in drivers.values():
            driver.time = lambda: self.clock.now().mono_ns / NS - 1000
        self.poller = Poller(make_site(tags, **site), drivers, self.clock, self.samples)

    async def until(self, seconds: float, step_s: float = 0.125) -> None:
        """Move the clock on in small steps, letting tasks run at each."""
        for _ in range(round(seconds / step_s)):
            self.clock.advance(step_s)
            await settle()

    def last(self) -> dict[str, tuple[float | None, Reason]]:
        return {s.tag: (s.value, s.reason) for s in self.samples}


@asynccontextmanager
async def running(poller: Poller) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(poller.run())
    await settle()
    try:
        yield task
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def times(driver: FakeDriver, device: str) -> list[float]:
    return [round(at, 3) for name, at in driver.asked if name == device]


async def test_first_round_is_at_once_and_then_slots_are_absolute_and_spread() -> None:
    """Every device is asked at the start; after that each has its own place in the period."""
    driver = FakeDriver()
    tags = [make_tag(f"T{i}", f"a-{i}") for i in range(4)]
    bench = Bench(tags, {"a": driver})
    async with running(bench.poller):
        await asyncio.wait_for(bench.poller.first_cycle(), 1)
        assert [name for name, _ in driver.asked] == ["a-0", "a-1", "a-2", "a-3"]
        await bench.until(2.0)
    assert times(driver, "a-0") == [0, 1.0, 2.0]
    assert times(driver, "a-1") == [0, 0.25, 1.25]
    assert times(driver, "a-3") == [0, 0.75, 1.75]
    assert bench.poller.overruns == 0


async def test_periods_of_one_device_are_read_apart() -> None:
    """Tags of another period on the same device are another batch, never read more often."""
    driver = FakeDriver()
    bench = Bench([make_tag("FAST", "a-1"), make_tag("SLOW", "a-1", period_s=4.0)], {"a": driver})
    async with running(bench.poller):
        await bench.until(8.0)
    count = {name: sum(s.tag == name for s in bench.samples) for name in ("FAST", "SLOW")}
    assert count == {"FAST": 9, "SLOW": 3}


async def test_sample_carries_world_times_and_the_instrument_s_own_stamp() -> None:
    """Source time is the instrument's where it gives one, else the time of receipt."""
    stamped = Reading(1.5, Quality.UNCERTAIN, Reason.SPIKE, source_ns=42)
    driver = FakeDriver(lambda batch: [stamped, Reading(9.0, Quality.BAD, Reason.STUCK)])
    bench = Bench([make_tag("T1", "a-1"), make_tag("T2", "a-1")], {"a": driver})
    async with running(bench.poller):
        now = bench.clock.now().utc_ns
    assert bench.samples == [
        Sample("T1", 1.5, Quality.UNCERTAIN, Reason.SPIKE, 42, now, World.TEST),
        Sample("T2", None, Quality.BAD, Reason.STUCK, now, now, World.TEST),
    ]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (DeviceError("a-1", "not-connected", "nobody there"), Reason.NOT_CONNECTED),
        (DeviceError("a-1", "a reason of the future", "?"), Reason.BAD_REPLY),
        (RuntimeError("a bug"), Reason.BAD_REPLY),
        ([Reading(0.0, *GOOD)], Reason.BAD_REPLY),  # one reading for two tags
    ],
)
async def test_device_that_gives_nothing_is_bad_for_every_tag_and_polling_goes_on(
    answer: Any, reason: Reason
) -> None:
    """No failure of a device or a driver ends a task, skips a tag or leaves an old value."""
    driver = FakeDriver(lambda _: answer)
    bench = Bench([make_tag("T1", "a-1"), make_tag("T2", "a-1")], {"a": driver})
    async with running(bench.poller):
        await asyncio.wait_for(bench.poller.first_cycle(), 1)
        await bench.until(1.0)
        assert bench.last() == {"T1": (None, reason), "T2": (None, reason)}
        driver.answer = lambda batch: [Reading(0.5, *GOOD) for _ in batch.tags]
        await bench.until(1.0)
    assert bench.last() == {"T1": (0.5, Reason.OK), "T2": (0.5, Reason.OK)}
    assert (bench.poller.reads, bench.poller.failures) == (3, 2)


async def test_silent_device_is_timed_out_below_its_period() -> None:
    """A read that never ends is given up within 0.9 of the period, and the next one is tried."""
    never = asyncio.Event()

    async def wait(_: FakeBatch) -> list[Reading]:
        await never.wait()
        return []

    driver = FakeDriver(wait)
    bench = Bench([make_tag("T1", "a-1", period_s=0.05)], {"a": driver})
    async with asyncio.timeout(1), running(bench.poller):
        await bench.poller.first_cycle()
    assert bench.last() == {"T1": (None, Reason.TIMEOUT)}


async def test_one_link_s_silence_leaves_the_other_links_alone() -> None:
    """Each link has its own task: what waits on one is not waited for on another."""
    never = asyncio.Event()

    async def wait(_: FakeBatch) -> list[Reading]:
        await never.wait()
        return []

    drivers = {"a": FakeDriver(wait), "b": FakeDriver()}
    bench = Bench([make_tag("T1", "a-1"), make_tag("T2", "b-1")], drivers)
    async with running(bench.poller):
        await bench.until(3.0)
    assert len(drivers["a"].asked) == 1
    assert len(drivers["b"].asked) == 4


async def test_missed_slots_are_counted_and_skipped_never_caught_up() -> None:
    """A read that took 3.4 periods costs three slots; the next is on the old grid."""
    clock: list[ManualClock] = []

    def slow(batch: FakeBatch) -> list[Reading]:
        if len(driver.asked) == 2:
            clock[0].advance(3.375)
        return [Reading(0.0, *GOOD) for _ in batch.tags]

    driver = FakeDriver(slow)
    bench = Bench([make_tag("T1", "a-1")], {"a": driver})
    clock.append(bench.clock)
    async with running(bench.poller):
        await bench.until(3.0)
    assert times(driver, "a-1") == [0, 1.0, 5.0, 6.0]
    assert bench.poller.overruns == 3


async def test_slow_device_costs_its_neighbours_slots_not_their_turn() -> None:
    """On a link that cannot keep up, devices still come round one after the other."""
    clock: list[ManualClock] = []

    def slow(batch: FakeBatch) -> list[Reading]:
        clock[0].advance(0.5)
        return [Reading(0.0, *GOOD) for _ in batch.tags]

    driver = FakeDriver(slow)
    tags = [make_tag(f"T{i}", f"a-{i}") for i in range(4)]
    bench = Bench(tags, {"a": driver})
    clock.append(bench.clock)
    async with running(bench.poller):
        await bench.until(5.0)
    counts = [len(times(driver, f"a-{i}")) for i in range(4)]
    assert max(counts) - min(counts) <= 1
    assert bench.poller.overruns > 0


async def test_derived_tags_and_devices_without_tags_are_not_polled() -> None:
    """The hazard daemon's tags have no device on a link: nobody asks for them."""
    driver = FakeDriver()
    bench = Bench([make_tag("T1", "a-1"), make_tag("PRED", "hazard")], {"a": driver})
    async with running(bench.poller):
        await bench.until(1.0)
    assert {s.tag for s in bench.samples} == {"T1"}


async def test_stuck_link_is_told_apart_from_a_slow_one() -> None:
    """A driver that swallows its cancellation is found out; a device that fails is not stuck."""
    release = asyncio.Event()

    async def stubborn(_: FakeBatch) -> list[Reading]:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue
        return []

    drivers = {
        "a": FakeDriver(stubborn),
        "b": FakeDriver(lambda batch: DeviceError("b-1", "timeout", "silent")),
    }
    bench = Bench([make_tag("T1", "a-1", period_s=0.05), make_tag("T2", "b-1")], drivers)
    async with running(bench.poller):
        await bench.until(5.0)
        assert bench.poller.stuck(bench.clock.now().mono_ns) == []
        await bench.until(1.0)
        assert bench.poller.stuck(bench.clock.now().mono_ns) == ["a"]
        release.set()


async def test_plan_s_faults_come_all_at_once() -> None:
    """What a template does not know is a ConfigError at the start, with every device's faults."""

    class Picky(FakeDriver):
        def plan(self, device: Any, tags: Any) -> FakeBatch:
            raise ConfigError([Fault("tags.csv", 1, device.id, "no such point", "correct it")])

    with pytest.raises(ConfigError) as error:
        Bench([make_tag("T1", "a-1"), make_tag("T2", "b-1")], {"a": Picky(), "b": Picky()})
    assert [fault.subject for fault in error.value.faults] == ["a-1", "b-1"]


async def test_nothing_to_poll_is_a_full_cycle() -> None:
    """A site without devices is ready at once."""
    await asyncio.wait_for(Bench([], {}).poller.first_cycle(), 1)


def test_scaled_replay_s_read_is_given_the_machine_s_time() -> None:
    """At x120 a minute's reading may take 0.45 s of real time, and never less than 50 ms."""
    for period_s, limit_s in ((60.0, 0.45), (1.0, 0.05)):
        clock = ScaledClock(0, 0, 120.0)
        site = make_site([make_tag("T1", "a-1", period_s=period_s)])
        poller = Poller(site, {"a": FakeDriver()}, clock, Taken())
        assert poller._lines[0].jobs[0].limit_s == pytest.approx(limit_s)


async def test_stop_that_a_library_swallows_still_ends_the_task() -> None:
    """A cancellation that is lost under an arriving answer (3.11's wait_for) is not lost on us."""
    waits = asyncio.Event()

    async def swallow(batch: FakeBatch) -> list[Reading]:
        with suppress(asyncio.CancelledError):
            await waits.wait()
        return [Reading(0.0, *GOOD) for _ in batch.tags]

    bench = Bench([make_tag("T1", "a-1")], {"a": FakeDriver(swallow)})
    task = asyncio.create_task(bench.poller.run())
    await settle()
    task.cancel()
    await asyncio.wait((task,), timeout=2)
    assert task.done()
    assert bench.samples == []
