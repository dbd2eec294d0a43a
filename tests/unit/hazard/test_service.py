"""The hazard daemon's loop against a link, a keeper and clocks of the test's own."""

import asyncio
import contextlib

import pytest

from edge.clock import ManualClock
from edge.dispersion.passive.plume import briggs
from edge.errors import JournalError, WireError
from edge.hazard.service import HazardService
from edge.tag import Quality
from tests.unit.hazard.yard import DETECTORS, NIGHT, WIND, readings, row, scene_of

YARD = scene_of()
QUIET = dict.fromkeys((d[0] for d in DETECTORS), 0.0)


class FakeLink:
    def __init__(self):
        self.queue = asyncio.Queue()
        self.published = asyncio.Queue()
        self.reports = []

    async def messages(self, period_s=0.2):
        while True:
            message = await self.queue.get()
            if isinstance(message, Exception):
                raise message
            yield message

    def publish(self, samples, world):
        self.published.put_nowait({sample.tag: sample for sample in samples})
        return True

    def report(self, state):
        self.reports.append(state)

    def say(self, kind, **fields):
        self.queue.put_nowait({"t": kind, **fields})

    def core(self, values, kind="snapshot"):
        self.say(kind, values=[row(name, value) for name, value in values.items()])


class FakeKeeper:
    def __init__(self):
        self.rows = asyncio.Queue()
        self.full = False

    def write(self, estimate, inputs):
        if self.full:
            raise JournalError("disk full")
        self.rows.put_nowait((dict(estimate), dict(inputs)))
        return self.rows.qsize()


class FakeFigures:
    def __init__(self):
        self.found = {}

    def add(self, name, count: float = 1):
        self.found[name] = self.found.get(name, 0) + count

    def set(self, name, value):
        self.found[name] = value


class Bench:
    """A running service whose kernels warm when the test says so."""

    def __init__(self, scene=YARD):
        self.link, self.keeper, self.figures = FakeLink(), FakeKeeper(), FakeFigures()
        self.clock = ManualClock(*NIGHT)
        self.warm = asyncio.Event()
        self.cycles = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self.broken: Exception | None = None
        self.service = HazardService(
            scene, self.link, self.keeper, self.figures, self.clock, self._load,
            on_cycle=lambda: self.cycles.put_nowait(1),
        )  # fmt: skip

    def _load(self):
        asyncio.run_coroutine_threadsafe(self.warm.wait(), self._loop).result()
        if self.broken:
            raise self.broken
        return briggs

    async def row(self):
        return (await asyncio.wait_for(self.keeper.rows.get(), 5))[0]

    async def tags(self):
        return await asyncio.wait_for(self.link.published.get(), 5)

    async def tags_until(self, test):
        while True:
            found = await self.tags()
            if test(found):
                return found

    async def row_until(self, state):
        while True:
            found = await self.row()
            if found["state"] == state:
                return found


@contextlib.asynccontextmanager
async def bench(scene=YARD, hello=True):
    one = Bench(scene)
    task = asyncio.create_task(one.service.run())
    if hello:
        one.link.say("hello", site_hash=scene.site.hash)
    try:
        yield one
    finally:
        one.warm.set()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def raised(tag, value, level=1, klass="process"):
    alarm = {"tag": tag, "value": value, "level": level, "klass": klass}
    return {"event": {"kind": "alarm.raised"}, "alarm": alarm}


async def test_it_says_preparing_until_its_kernels_are_warm():
    """The first row and report say preparing; idle is said only when warm."""
    async with bench() as one:
        assert (await one.row())["state"] == "preparing"
        one.link.core(QUIET | WIND)
        assert (await one.tags())["HAZARD-OK"].value == 1.0  # the truth computes meanwhile
        assert set(one.link.reports) == {"preparing"}
        assert one.keeper.rows.empty()
        one.warm.set()
        assert (await one.row())["state"] == "idle"
        assert one.link.reports[-1] == "running"


async def test_an_estimate_wanted_before_the_kernels_are_warm_is_made_all_the_same():
    """A leak in the first second after a cold start gets its plume from the truth."""
    async with bench() as one:
        one.link.core(readings(YARD, "BAY", 0.5) | WIND)
        found = await one.row_until("estimate")
        assert found["candidates"][0]["asset"] == "BAY"
        assert not one.warm.is_set()


async def test_kernels_that_cannot_be_had_are_done_without():
    """A machine without a working numba predicts all the same, only slower."""
    async with bench() as one:
        one.broken = ImportError("no numba here")
        one.warm.set()
        one.link.core(readings(YARD, "BAY", 0.5) | WIND)
        await one.row_until("estimate")
        assert "running" in one.link.reports


async def test_an_alarm_is_answered_at_once_with_the_value_that_raised_it():
    """The estimate does not wait for its period nor for the gathered values."""
    async with bench() as one:
        one.warm.set()
        one.link.core(QUIET | WIND)
        await one.row_until("idle")
        one.link.say("event", **raised("AT-1", 6.0))
        found = await one.row_until("estimate")  # the clock has not moved
        assert found["evidence"] == [{"tag": "AT-1", "value": 6.0, "unit": "ppm"}]
        sample = (await one.tags_until(lambda tags: tags["PRED-chlorine-MP-1"].value != 0))[
            "PRED-chlorine-MP-1"
        ]
        assert sample.quality is Quality.UNCERTAIN


@pytest.mark.parametrize(
    "event",
    [
        raised("PRED-chlorine-MP-1", 9.0, level=0, klass="predicted"),
        raised("LT-1", 2.0, level=0),
        {"event": {"kind": "alarm.acknowledged"}, "alarm": {"tag": "AT-1", "value": 6.0}},
        {"event": {"kind": "operator.command"}, "alarm": None},
    ],
)
async def test_other_events_are_no_evidence(event):
    """Its own predicted alarms, level tags and commands start no estimate."""
    async with bench() as one:
        one.warm.set()
        one.link.core(QUIET | WIND)
        await one.row_until("idle")
        one.link.say("event", **event)
        one.link.core({}, "values")
        one.clock.advance(YARD.hazard.period_s)
        await asyncio.wait_for(one.cycles.get(), 5)
        assert one.keeper.rows.empty()


async def test_while_evidence_stands_every_period_has_its_estimate_and_then_idle_once():
    """A row a period during the leak; one idle row after it, and no more."""
    async with bench() as one:
        one.warm.set()
        one.link.core(readings(YARD, "BAY", 0.5) | WIND)
        stamps = []
        for _ in range(3):
            stamps.append((await one.row_until("estimate"))["at_ns"])
            while one.clock.now().utc_ns <= stamps[-1]:
                one.clock.advance(YARD.hazard.period_s)
        assert len(set(stamps)) == 3
        one.link.core(QUIET, "values")
        for _ in range(40):
            one.clock.advance(YARD.hazard.period_s)
            one.link.core({}, "values")
            await asyncio.wait_for(one.cycles.get(), 5)
            if not one.keeper.rows.empty() and (await one.row())["state"] == "idle":
                break
        else:
            pytest.fail("never idle again")
        one.clock.advance(YARD.hazard.period_s)
        await asyncio.wait_for(one.cycles.get(), 5)
        assert one.keeper.rows.empty()


async def test_core_gone_is_said_and_core_back_is_taken_up():
    """Old values are not judged when core is gone; a new snapshot starts afresh."""
    async with bench() as one:
        one.warm.set()
        one.link.core(QUIET | WIND)
        await one.row_until("idle")
        one.link.say("down")
        assert (await one.row())["problem"] == "hazard.problem.core-silent"
        one.link.say("hello", site_hash=YARD.site.hash)
        one.link.core(readings(YARD, "BAY", 0.5) | WIND)
        assert (await one.row_until("estimate"))["candidates"][0]["asset"] == "BAY"


async def test_a_core_with_another_site_file_is_not_predicted_for():
    """Positions and limits of one file and values of another make no estimate."""
    async with bench(hello=False) as one:
        one.warm.set()
        one.link.say("hello", site_hash="another")
        one.link.core(readings(YARD, "BAY", 0.5) | WIND)
        await asyncio.wait_for(one.cycles.get(), 5)
        one.clock.advance(YARD.hazard.period_s)
        await asyncio.wait_for(one.cycles.get(), 5)
        assert one.link.published.empty()
        assert one.link.reports[-1] == "other-site"


async def test_a_full_disk_does_not_stop_the_predictions():
    """What cannot be kept is counted and said; core still gets its tags."""
    async with bench() as one:
        await one.row()
        one.keeper.full = True
        one.link.core(readings(YARD, "BAY", 0.5) | WIND)
        found = await one.tags()
        assert found["HAZARD-OK"].value == 1.0
        while "not_kept_total" not in one.figures.found:
            await asyncio.wait_for(one.cycles.get(), 5)


async def test_without_core_the_cycle_still_turns():
    """A watchdog must not kill hazard because core is down."""
    async with bench(hello=False) as one:
        for _ in range(3):
            await asyncio.wait_for(one.cycles.get(), 5)
            one.clock.advance(YARD.hazard.period_s)
            await asyncio.sleep(0)
        assert one.link.published.empty()


async def test_a_core_of_another_kind_ends_the_daemon_with_its_own_words():
    """The error reaches the root as it is, so that the process says it and exits 2."""
    one = Bench()
    one.warm.set()
    one.link.queue.put_nowait(WireError("core is of world live, this is drill"))
    with pytest.raises(WireError, match="world live"):
        await asyncio.wait_for(one.service.run(), 5)
