"""One tower: which alarms its outputs answer to, and the heartbeat that its watchdog sees."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from edge.annunciate import Annunciator
from edge.clock import ManualClock
from edge.errors import DeviceError
from edge.site.model import Site
from tests.unit.alarm.standing import view
from tests.unit.annunciate.test_annunciate import OUTPUTS, running, tower_site
from tests.unit.poll.helpers import FakeDriver, settle


@pytest.mark.parametrize(
    ("output", "alarm", "drives"),
    [
        ({"priorities": [1]}, {"priority": 1, "level": 0}, True),
        ({"priorities": [1]}, {"priority": 2, "level": 2}, False),
        ({"levels": [2]}, {"priority": 1, "level": 1}, False),
        ({"levels": [2]}, {"priority": 2, "level": 2}, True),
        ({"priorities": [1]}, {"priority": 1, "state": "shelved"}, False),
        ({"priorities": [1]}, {"priority": 1, "klass": "predicted"}, False),
    ],
)
async def test_output_answers_to_its_levels_or_to_its_priorities(output, alarm, drives) -> None:
    """Where priorities are written they count, whatever the level; what is held never sounds."""
    horn = {"id": "horn", "kind": "horn", "point": "buzzer", "on": 2, "off": 0, **output}
    site = with_tower(outputs=[horn])
    driver = FakeDriver()
    horns = Annunciator(site, {"t": driver}, ManualClock(), lambda _: None)
    async with running(horns):
        horns.demand([view(**alarm)])
        await settle()
    assert driver.wrote[-1][1] == {"buzzer": 2 if drives else 0}


async def test_heartbeat_beats_beside_the_outputs_and_goes_first_after_a_loss() -> None:
    """Its values in turn, each period, nothing else written with them; before outputs always."""
    beat = {"point": "tier[4]", "values": ["on", "off"], "period_s": 2}
    trouble = {"id": "t", "kind": "trouble", "point": "tier[5]", "on": "on", "off": "off"}
    site = with_tower(outputs=[OUTPUTS[0], trouble], heartbeat=beat)
    driver, clock = FakeDriver(), ManualClock()
    horns = Annunciator(site, {"t": driver}, clock, lambda _: None)
    quiet = {"buzzer": 0, "tier[5]": "off"}
    async with running(horns):
        assert [wrote for _, wrote in driver.wrote] == [{"tier[4]": "on"}, quiet]
        for _ in range(2):
            clock.advance(2.0)
            await settle()
        assert [w for _, w in driver.wrote[2:]] == [{"tier[4]": "off"}, {"tier[4]": "on"}]
        horns.demand([view()])
        await settle()
        assert driver.wrote[4:] == [("t-1", quiet | {"buzzer": 2})]
        driver.refuse = DeviceError("t-1", "timeout", "silent")
        clock.advance(2.0)
        await settle()
        assert horns.working() == {"tower-1": False}
        driver.refuse = None
        clock.advance(0.25)
        await settle()
        assert [w for _, w in driver.wrote[5:]] == [{"tier[4]": "off"}, quiet | {"buzzer": 2}]
        assert horns.working() == {"tower-1": True}


@pytest.mark.parametrize(
    ("before", "then", "sounds"),
    [
        ({"priority": 2, "level": 1}, {"priority": 1, "level": 1}, True),
        ({"priority": 3, "level": 0}, {"priority": 1, "level": 0}, True),
        ({"priority": 1, "level": 0}, {"priority": 1, "level": 2}, True),
        ({"priority": 1, "level": 2}, {"priority": 1, "level": 0}, False),
        ({"priority": 1, "level": 1}, {"priority": 2, "level": 1}, False),
    ],
)
async def test_after_silence_only_what_is_worse_sounds_again_in_an_area(
    before: dict[str, Any], then: dict[str, Any], sounds: bool
) -> None:
    """A level 2 is worse than an urgent alarm of less, and that than all others."""
    site = with_tower(outputs=[{**OUTPUTS[0], "priorities": [1, 2, 3]}])
    driver, clock = FakeDriver(), ManualClock()
    horns = Annunciator(site, {"t": driver}, clock, lambda _: None)
    async with running(horns):
        horns.demand([view(**before)])
        clock.advance(60)
        horns.silence()
        horns.demand([view(**before), view("AT-2/h", **then)])
        await settle()
    assert driver.wrote[-1][1] == {"buzzer": 2 if sounds else 0}


async def test_a_tone_that_waits_for_its_minute_comes_when_the_minute_is_over() -> None:
    """Nothing is written when it becomes due: its task must wake for it, however rare a refresh."""
    site = with_tower(outputs=[OUTPUTS[0]], refresh_s=600, areas=["cl2", "nh3"])
    driver, clock = FakeDriver(), ManualClock()
    horns = Annunciator(site, {"t": driver}, clock, lambda _: None)
    async with running(horns):
        horns.demand([view()])
        clock.advance(10)
        horns.silence()
        await settle()
        assert driver.wrote[-1][1] == {"buzzer": 0}
        horns.demand([view(), view("AT-2/h", area="nh3")])
        await settle()
        clock.advance(50)
        await settle()
    assert driver.wrote[-1][1] == {"buzzer": 2}


async def test_a_horn_sounds_though_nobody_can_be_told_of_it() -> None:
    """What breaks in who records its events ends no horn's task."""

    def breaks(*_: object) -> None:
        raise RuntimeError("ours")

    driver = FakeDriver()
    horns = Annunciator(with_tower(outputs=[OUTPUTS[0]]), {"t": driver}, ManualClock(), breaks)
    horns.on_news = breaks
    async with running(horns):
        for alarms, shown in (([view()], 2), ([], 0), ([view()], 2)):
            horns.demand(alarms)
            await settle()
            assert driver.wrote[-1][1] == {"buzzer": shown}


def with_tower(**changes: Any) -> Site:
    """The tower's site with something of the tower said otherwise."""
    body = tower_site().file.model_dump(mode="json", exclude_unset=True)
    body["annunciators"][0] |= changes
    site = tower_site()
    return replace(site, file=type(site.file).model_validate(body))
