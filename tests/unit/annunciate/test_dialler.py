"""A dialler: the output that callout alone switches."""

from __future__ import annotations

from dataclasses import replace

from edge.annunciate import Annunciator
from edge.clock import ManualClock
from edge.site.annunciator import Output
from tests.unit.alarm.standing import view
from tests.unit.annunciate.test_annunciate import QUIET, running, tower_site
from tests.unit.poll.helpers import FakeDriver, settle


async def test_a_dialler_answers_to_no_alarm_and_goes_on_when_it_is_told() -> None:
    """It is on from one call of `contact` to the next, through any alarm and any silence."""
    dialler = {"id": "call", "kind": "dialler", "point": "tier[5]", "on": "on", "off": "off"}
    site = tower_site()
    (spec,) = site.file.annunciators
    wider = spec.model_copy(update={"outputs": (*spec.outputs, Output.model_validate(dialler))})
    file = site.file.model_copy(update={"annunciators": (wider,)})
    driver = FakeDriver()
    horns = Annunciator(replace(site, file=file), {"t": driver}, ManualClock(), lambda _: None)
    async with running(horns):
        horns.demand([view("AT-1/hh", level=2)])
        await settle()
        assert driver.wrote[-1][1]["tier[5]"] == "off"
        horns.contact("tower-1", "call", on=True)
        horns.contact("nowhere", "call", on=True)
        await settle()
        assert driver.wrote[-1][1]["tier[5]"] == "on"
        count = len(driver.wrote)
        horns.contact("tower-1", "call", on=True)
        await settle()
        assert len(driver.wrote) == count
        horns.silence()
        horns.demand([])
        await settle()
        assert driver.wrote[-1][1] == QUIET | {"tier[5]": "on"}
        horns.contact("tower-1", "call", on=False)
        await settle()
        assert driver.wrote[-1][1]["tier[5]"] == "off"
