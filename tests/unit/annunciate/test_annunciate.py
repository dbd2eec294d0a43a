"""Horns and beacons: what is demanded, when it is written, and what happens when it cannot be."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.alarm import AlarmView
from edge.annunciate import Annunciator, wanted
from edge.clock import ManualClock, SystemClock
from edge.drivers import load_templates, open_driver
from edge.errors import CommandError, DeviceError, WriteRefusedError
from edge.event import Event
from edge.site.annunciator import Output
from edge.site.model import Device, Site
from simulator.field import FieldFault, FieldServers
from suian.demo.workspace import free_ports
from tests.unit.alarm.standing import view
from tests.unit.poll.helpers import FakeDriver, make_site, settle

OUTPUTS = [
    {"id": "horn", "kind": "horn", "point": "buzzer", "on": 2, "off": 0},
    {
        "id": "red",
        "kind": "beacon",
        "point": "tier[1]",
        "on": "flashing",
        "acked": "on",
        "off": "off",
        "levels": [2],
    },
    {
        "id": "amber",
        "kind": "beacon",
        "point": "tier[2]",
        "on": "flashing",
        "acked": "on",
        "off": "off",
        "levels": [1],
    },
]
QUIET = {"buzzer": 0, "tier[1]": "off", "tier[2]": "off"}


ACKED: dict[str, Any] = {"state": "acked", "acked_by": "王"}


def tower_site(port: int = 1000, **link: Any) -> Site:
    """A tower with a horn and two beacons for the area cl2."""
    annunciator = {"id": "tower-1", "device": "t-1", "areas": ["cl2"], "outputs": OUTPUTS}
    device = {"id": "t-1", "link": "t", "template": "patlite-la6-poe", "world": "test"}
    links = {"t": {"port": port, "timeout_s": 0.2, **link}}
    return make_site([], links, annunciators=[annunciator], devices=[device])


class Bench:
    def __init__(self) -> None:
        self.driver = FakeDriver()
        self.clock = ManualClock()
        self.events: list[Event] = []
        site = tower_site()
        self.annunciator = Annunciator(site, {"t": self.driver}, self.clock, self.events.append)

    @property
    def shown(self) -> dict[str, int | str]:
        return self.driver.wrote[-1][1]

    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]


@asynccontextmanager
async def running(annunciator: Annunciator) -> AsyncIterator[None]:
    task = asyncio.create_task(annunciator.run())
    await settle()
    try:
        yield
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize(
    ("alarms", "states"),
    [
        ([], (0, "off", "off")),
        ([view()], (2, "off", "flashing")),
        ([view(), view("AT-1/hh", level=2)], (2, "flashing", "flashing")),
        ([view(**ACKED), view("AT-1/hh", level=2)], (2, "flashing", "on")),
        ([view(**ACKED)], (0, "off", "on")),
        ([view(state="rtn-unack")], (2, "off", "flashing")),
        ([view(state="latched")], (2, "off", "flashing")),
        ([view(state="latched", acked_by="王")], (0, "off", "on")),
        ([view(level=0)], (0, "off", "off")),  # a level gauge is no detector level
        ([view(klass="predicted")], (0, "off", "off")),
        ([view(klass="system")], (0, "off", "off")),
        ([view(area="nh3")], (0, "off", "off")),
        ([view(world="live")], (0, "off", "off")),
        ([view(state="normal")], (0, "off", "off")),
    ],
)
async def test_outputs_follow_the_standing_alarms(alarms, states) -> None:
    """What each output shows for each kind of alarm: class, area, world, level, acknowledged."""
    bench = Bench()
    async with running(bench.annunciator):
        bench.annunciator.demand(alarms)
        await settle()
    assert tuple(bench.shown.values()) == states


async def test_start_drives_the_outputs_to_what_is_demanded() -> None:
    """A restart in mid-alarm sounds at once; one in peace switches off what another left on."""
    bench = Bench()
    async with running(bench.annunciator):
        assert bench.shown == QUIET
    bench = Bench()
    bench.annunciator.demand([view()])
    async with running(bench.annunciator):
        assert len(bench.driver.wrote) == 1
        assert bench.shown["buzzer"] == 2


async def test_stop_leaves_the_outputs_as_demanded() -> None:
    """A clean stop of core writes nothing: the horn of a standing alarm goes on."""
    bench = Bench()
    bench.annunciator.demand([view()])
    async with running(bench.annunciator):
        pass
    assert len(bench.driver.wrote) == 1


async def test_change_is_written_without_waiting_and_the_same_demand_is_not_repeated() -> None:
    """No time passes between demand and write, and only a change is written before the refresh."""
    bench = Bench()
    async with running(bench.annunciator):
        bench.annunciator.demand([view()])
        await settle()
        assert bench.shown["buzzer"] == 2
        bench.annunciator.demand([view(), view("AT-2/h")])
        await settle()
        assert len(bench.driver.wrote) == 2
        bench.clock.advance(10.0)
        await settle()
        assert len(bench.driver.wrote) == 3
    assert bench.kinds() == ["annunciator.set", "annunciator.set"]


async def test_silence_is_no_acknowledge_and_the_tone_comes_again_by_the_rules() -> None:
    """The horn rests, the beacon still flashes; more alarms of the area do not sound, others do."""
    bench = Bench()
    horn: list[int | str] = []

    async def show(alarms: list[AlarmView]) -> None:
        bench.annunciator.demand(alarms)
        await settle()
        horn.append(bench.shown["buzzer"])

    async with running(bench.annunciator):
        await show([view()])
        assert bench.annunciator.silence() == 1
        assert bench.annunciator.silence() == 0
        await settle()
        assert (bench.shown["buzzer"], bench.shown["tier[2]"]) == (0, "flashing")
        await show([view(state="rtn-unack")])
        await show([view(count=2), view("AT-2/h")])
        bench.clock.advance(30.0)
        await show([view(), view("AT-1/hh", level=2)])
        bench.clock.advance(30.0)
        await show([view(), view("AT-1/hh", level=2)])
        bench.annunciator.silence()
        await show([view(), view("AT-1/hh", level=2)])
        bench.clock.advance(299.0)
        await settle()
        horn.append(bench.shown["buzzer"])
        bench.clock.advance(1.0)
        await settle()
        horn.append(bench.shown["buzzer"])
        await show([view(**ACKED), view("AT-1/hh", level=2, **ACKED)])
        await show([view()])
    assert horn == [2, 0, 0, 0, 2, 0, 0, 2, 0, 2]
    again = [e.params["why"] for e in bench.events if e.kind == "annunciator.resounded"]
    assert again == ["level", "unanswered"]


@given(
    acked=st.lists(st.booleans(), max_size=6),
    levels=st.lists(st.sampled_from((0, 1, 2)), min_size=6, max_size=6),
    tone=st.booleans(),
)
def test_horn_sounds_exactly_while_something_is_unseen_and_there_is_a_tone(
    acked: list[bool], levels: list[int], tone: bool
) -> None:
    """For any set of alarms, the horn is on if and only if one is unseen and the tone is on."""
    alarms = [
        view(f"T{i}/h", level=levels[i], acked_by="王" if seen else None)
        for i, seen in enumerate(acked)
    ]
    loud = tone and any(not seen and levels[i] in {1, 2} for i, seen in enumerate(acked))
    assert wanted(Output.model_validate(OUTPUTS[0]), alarms, tone=tone) == (2 if loud else 0)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (DeviceError("t-1", "timeout", "silent"), "timeout"),
        (WriteRefusedError("no"), "configuration"),
        (RuntimeError("a bug"), "bad-reply"),
    ],
)
async def test_failed_output_is_said_once_retried_and_brought_to_the_present_demand(
    error: Exception, reason: str
) -> None:
    """One event when it fails, one when it is back, and then it shows what is demanded now."""
    bench = Bench()
    async with running(bench.annunciator):
        bench.driver.refuse = error
        bench.annunciator.demand([view()])
        await settle()
        for _ in range(40):
            bench.clock.advance(0.25)
            await settle()
        assert bench.kinds() == ["annunciator.failed"]
        assert bench.events[0].params["reason"] == reason
        assert bench.annunciator.outputs()[0]["failed"] is True
        bench.annunciator.demand([view("AT-1/hh", level=2)])
        bench.driver.refuse = None
        for _ in range(40):
            bench.clock.advance(0.25)
            await settle()
        assert bench.shown == {"buzzer": 2, "tier[1]": "flashing", "tier[2]": "off"}
    kinds = bench.kinds()
    assert kinds.count("annunciator.failed") == kinds.count("annunciator.recovered") == 1
    assert bench.annunciator.outputs()[0]["failed"] is False


async def test_new_demand_does_not_wait_for_the_back_off() -> None:
    """A device that was away is tried at once when an output is to change."""
    bench = Bench()
    async with running(bench.annunciator):
        bench.driver.refuse = DeviceError("t-1", "timeout", "silent")
        bench.annunciator.demand([view()])
        await settle()
        bench.driver.refuse = None
        bench.annunciator.demand([view(), view("AT-1/hh", level=2)])
        await settle()
        assert bench.shown["tier[1]"] == "flashing"


async def test_demand_that_changes_during_a_write_is_written_right_after_it() -> None:
    """An alarm that comes while the tower is being refreshed does not wait for the next refresh."""
    bench = Bench()
    gate = asyncio.Event()
    taken: list[int | str] = []

    async def slow(device: Device, values: Mapping[str, int | str]) -> None:
        taken.append(values["buzzer"])
        await gate.wait()

    bench.driver.write = slow
    async with running(bench.annunciator):
        bench.annunciator.demand([view()])
        await settle()
        assert taken == [0]
        gate.set()
        await settle()
        assert taken == [0, 2]


async def test_back_off_ends_at_the_link_s_own_limit() -> None:
    """However long a tower was away, it is tried again within the link's `retry_s`."""
    bench = Bench()
    async with running(bench.annunciator):
        bench.driver.refuse = DeviceError("t-1", "timeout", "silent")
        bench.annunciator.demand([view()])
        for _ in range(120):
            bench.clock.advance(1.0)
            await settle()
        bench.driver.refuse = None
        bench.clock.advance(5.0)
        await settle()
        assert bench.shown["buzzer"] == 2


async def test_tested_output_is_driven_for_a_while_and_then_follows_the_demand_again() -> None:
    """A test sounds the horn for three seconds and changes no demand."""
    bench = Bench()
    async with running(bench.annunciator):
        test = asyncio.create_task(bench.annunciator.test("tower-1", "horn"))
        await settle()
        assert test.done()
        assert bench.shown == QUIET | {"buzzer": 2}
        bench.clock.advance(2.9)
        await settle()
        assert bench.shown["buzzer"] == 2
        bench.clock.advance(0.2)
        await settle()
        assert bench.shown == QUIET


async def test_test_is_refused_for_an_unknown_output_and_fails_if_the_device_does() -> None:
    """Who tests a horn is told that it did not sound."""
    bench = Bench()
    async with running(bench.annunciator):
        for names in (("tower-9", "horn"), ("tower-1", "siren")):
            with pytest.raises(CommandError, match="unknown-output"):
                await bench.annunciator.test(*names)
        bench.driver.refuse = DeviceError("t-1", "timeout", "silent")
        with pytest.raises(CommandError, match="not-taken"):
            await bench.annunciator.test("tower-1", "horn")


async def test_stop_that_a_library_swallows_still_ends_the_task() -> None:
    """A cancellation that is lost under an arriving answer (3.11's wait_for) is not lost on us."""
    bench = Bench()

    async def swallow(device: Device, values: Mapping[str, int | str]) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()

    bench.driver.write = swallow
    task = asyncio.create_task(bench.annunciator.run())
    await settle()
    task.cancel()
    await asyncio.wait((task,), timeout=2)
    assert task.done()


async def test_real_tower_on_a_real_socket() -> None:
    """Burst, loss of the tower, return: the registers of a Patlite over Modbus TCP end up right."""
    site = tower_site(free_ports(1)[0], retry_s=0.3)
    templates = load_templates(None)
    field = FieldServers(site, templates)
    taken: asyncio.Queue[tuple[int, ...]] = asyncio.Queue()
    field.on_write = lambda _device, _at, values, _ns: taken.put_nowait(tuple(values))
    driver = open_driver(site.links["t"], site.file.devices, templates, frozenset({"t-1"}))
    events: asyncio.Queue[str] = asyncio.Queue()
    clock = SystemClock()
    annunciator = Annunciator(site, {"t": driver}, clock, lambda e: events.put_nowait(e.kind))
    await field.start()
    try:
        async with asyncio.timeout(20), running(annunciator):
            await taken.get()
            annunciator.demand([view(), view("AT-1/hh", level=2)])
            await _until(events, "annunciator.set", 3)
            assert _lit(field) == {"tier[1]": 2, "tier[2]": 2, "buzzer[1]": 2}
            field.inject("t-1", FieldFault.SILENT)
            annunciator.demand([view(**ACKED), view("AT-1/hh", level=2, **ACKED)])
            await _until(events, "annunciator.failed", 1)
            field.inject("t-1", None)
            await _until(events, "annunciator.recovered", 1)
            assert _lit(field) == {"tier[1]": 1, "tier[2]": 1}
    finally:
        await driver.close()
        await field.stop()


async def _until(events: asyncio.Queue[str], kind: str, count: int) -> None:
    while count:
        count -= await events.get() == kind


def _lit(field: FieldServers) -> dict[str, int]:
    return {point: code for point, code in field.outputs("t-1").items() if code}
