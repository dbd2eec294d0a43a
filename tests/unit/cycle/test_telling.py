"""Horns hear of what stands whatever breaks on the way: at once, or as soon as they can."""

from __future__ import annotations

from typing import Any

from edge.clock import Instant
from edge.event import Transition
from edge.tag import Sample
from tests.unit.cycle.test_cycle import Bench


def test_horns_that_could_not_be_told_are_told_again_until_they_could() -> None:
    """An alarm is not forgotten for a fault of ours, and core goes on; people hear of the fault."""
    bench = Bench()
    demand, broken = bench.annunciator.demand, [3]

    def flaky(alarms: Any) -> None:
        if broken[0]:
            broken[0] -= 1
            raise RuntimeError("ours")
        demand(alarms)

    bench.annunciator.demand = flaky
    bench.feed(0.4)  # at the change, and at the end of the answer
    assert not bench.horn_demanded()
    assert "core.fault" in bench.kinds
    assert "alarm.raised" in bench.kinds
    for demanded in (False, True):
        bench.cycle.tick()
        assert bench.horn_demanded() == demanded


def test_horns_hear_of_what_an_engine_changed_before_it_broke() -> None:
    """Its transitions are lost, and core says so; what stands sounds all the same."""
    bench = Bench()
    evaluate = bench.engine.evaluate

    def breaks(sample: Sample, now: Instant) -> list[Transition]:
        evaluate(sample, now)
        raise RuntimeError("ours")

    bench.engine.evaluate = breaks
    bench.feed(0.4)
    assert bench.horn_demanded()
