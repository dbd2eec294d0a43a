"""Data quality on the data path: what it finds reaches alarms and journal, and it stops nobody."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest

from edge.clock import Instant
from edge.cycle import ControlHandlers, Cycle
from edge.drivers.base import Reading
from edge.poll import Feed
from edge.quality import QualityStage
from edge.site.model import Checks
from edge.tag import Quality, Reason, Sample
from tests.unit.cycle.test_cycle import Bench
from tests.unit.poll.helpers import GOOD, settle

FROZEN_S = 600.0


class Judged(Bench):
    """The bench of the cycle with a stage in it; AT-1 may stand for ten minutes."""

    def __init__(self, stage: Any = None, **checks: Any) -> None:
        super().__init__()
        given = Checks(frozen_s=FROZEN_S, **checks)
        self.site = dataclasses.replace(self.site, checks={"AT-1": given})
        stage = stage or QualityStage(self.site)
        self.cycle = Cycle(self.site, self.engine, self.annunciator, self.log, self.clock, stage)
        self.cycle.push = self.log
        self.handlers = ControlHandlers(self.cycle, lambda: "figures")
        self.feeder = Feed([self.site.tags["AT-1"]], self.cycle)
        self.reading = Reading(0.1, *GOOD)
        self.cycle.tick()

    def answer(self, value: float | None = None) -> None:
        """Answer a poll: the very reading of the time before, or another."""
        if value is not None:
            self.reading = Reading(value, *GOOD)
        self.feeder.take([self.reading], self.clock.now().utc_ns)

    def stand(self, seconds: int) -> None:
        """Answer once a second with what was answered before."""
        for _ in range(seconds):
            self.answer()
            self.clock.advance(1.0)
            self.cycle.tick()

    @property
    def raised(self) -> list[str]:
        found = [t.event.subject for t in self.log.transitions if t.event.kind == "alarm.raised"]
        return [subject for subject in found if subject.startswith("AT-1")]

    @property
    def reason(self) -> Reason:
        return self.cycle.latest["AT-1"].reason


class Broken:
    """A stage that has a mistake in it."""

    def check(self, sample: Sample, now: Instant, heard_ns: int) -> Sample:
        raise ZeroDivisionError("a mistake")

    def restless(self, tag: str) -> bool:
        return False

    def tick(self, now: Instant) -> Sequence[Sample]:
        raise ZeroDivisionError("a mistake")

    def forgive(self, seconds: float) -> None:
        pass


def test_a_frozen_detector_is_bad_and_its_first_movement_raises() -> None:
    """Repeats are passed over, and yet it is found out; it is journalled, and rises at once."""
    bench = Judged()
    bench.answer(0.1)
    bench.stand(605)
    assert bench.reason is Reason.STUCK
    assert bench.cycle.latest["AT-1"].quality is Quality.BAD
    assert bench.raised == ["AT-1/bad"]
    assert bench.log.kept[-1].reason is Reason.STUCK
    bench.stand(5)
    assert bench.reason is Reason.STUCK

    bench.answer(0.5)
    assert bench.reason is Reason.OK
    assert bench.raised == ["AT-1/bad", "AT-1/h"]
    assert bench.horn_demanded()


def test_a_detector_that_died_is_silent_not_frozen() -> None:
    """Nothing is heard of it, so nothing can be said of its value; it stays stale."""
    bench = Judged()
    bench.answer(0.1)
    for _ in range(700):
        bench.clock.advance(1.0)
        bench.cycle.tick()
    assert bench.reason is Reason.STALE


def test_a_jump_is_marked_raises_and_is_good_when_it_stays() -> None:
    """The burst's first sample carries the mark and the alarm; the next repeat is clean."""
    bench = Judged(spike=2.0)
    bench.answer(0.0)
    bench.stand(5)
    bench.answer(5.0)
    assert bench.reason is Reason.SPIKE
    assert bench.horn_demanded()
    bench.clock.advance(1.0)
    bench.answer()
    assert bench.reason is Reason.OK


def test_a_rate_is_taken_over_the_last_second_not_over_a_long_rest() -> None:
    """After minutes of passed-over repeats a fast rise is still seen as fast."""
    bench = Judged(rate_max=0.5)
    bench.answer(0.0)
    bench.stand(300)
    bench.answer(2.0)
    assert bench.reason is Reason.RATE


def test_after_a_calibration_nothing_is_compared_with_what_was_before_it() -> None:
    """Test gas, then air: the first reading that counts again is no jump."""
    bench = Judged(spike=0.1)
    bench.answer(0.0)
    bench.command("calibrate", {"tag": "AT-1", "permit": "BD-7"})
    bench.clock.advance(1.0)
    bench.answer(5.0)
    assert bench.reason is Reason.CALIBRATING
    bench.command("calibrate_end", {"tag": "AT-1"})
    bench.clock.advance(1.0)
    bench.answer(0.2)
    assert bench.reason is Reason.OK


def test_a_mistake_in_the_stage_keeps_no_reading_from_its_alarms(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The reading is judged as it came; people are told once, and the ticks go on."""
    bench = Judged(stage=Broken())
    bench.answer(0.7)
    bench.clock.advance(1.0)
    bench.answer(0.8)
    bench.cycle.tick()
    assert bench.horn_demanded()
    assert bench.cycle.faults >= 2
    subjects = [t.event.subject for t in bench.log.transitions if t.event.kind == "core.fault"]
    assert sorted(subjects) == ["AT-1", "quality"]
    assert bench.cycle.latest["AT-1"].value == 0.8


async def test_core_that_stood_still_calls_nobody_frozen() -> None:
    """The time in which core did not run counts for no stillness."""
    bench = Judged()
    bench.answer(0.1)
    task = asyncio.create_task(bench.cycle.run())
    await settle()
    bench.clock.advance(FROZEN_S + 100.0)
    await settle()
    bench.answer()
    for _ in range(60):
        bench.clock.advance(0.1)
        await settle()
        bench.answer()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert bench.reason is Reason.OK
