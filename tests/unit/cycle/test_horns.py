"""What people and time do with horns through the cycle: tests, trouble, evacuation, facts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from edge.alarm import engine_of
from edge.annunciate import Annunciator
from edge.clock import ManualClock
from edge.control import Command
from edge.cycle import ControlHandlers, Cycle
from edge.errors import CommandError, DeviceError
from edge.event import StateRow
from edge.site.model import Site, SiteFile
from edge.site.own_tags import own_tags
from edge.tag import Quality, Reason, Sample, World
from edge.units import Unit
from edge.words import catalogue
from tests.unit.cycle.test_cycle import Log
from tests.unit.poll.helpers import FakeDriver, make_limit, make_site, make_tag, settle

OUTPUTS = [
    {"id": "horn", "kind": "horn", "point": "buzzer", "on": 2, "off": 0},
    {"id": "evacuation", "kind": "evacuation", "point": "buzzer", "on": 3, "off": 0},
    {"id": "trouble", "kind": "trouble", "point": "tier[5]", "on": "on", "off": "off"},
]
QUIET = {"buzzer": 0, "tier[5]": "off"}
EIGHT_UTC_NS = 1_799_971_200 * 1_000_000_000  # a midnight in UTC, eight in the morning in China


def two_towers() -> Site:
    """Two towers for one area; the first has a button."""
    towers = [
        {"id": f"tower-{n}", "device": f"t-{n}", "areas": ["cl2"], "outputs": OUTPUTS}
        for n in (1, 2)
    ]
    towers[0]["silence_input"] = "HS-1"
    devices = [
        {"id": name, "link": name, "template": "x", "world": "test"}
        for name in ("a-1", "t-1", "t-2")
    ]
    site = make_site(
        [make_tag("AT-1", "a-1"), make_tag("HS-1", "a-1", quantity="state", unit=Unit.BOOL)],
        {"a-1": {}, "t-1": {}, "t-2": {}},
        [make_limit("AT-1", "h", 0.3)],
        devices=devices,
        annunciators=towers,
        shifts=["08:00", "20:00"],
    )
    tags, limits = own_tags(site.file)
    site.tags.update((tag.name, tag) for tag in tags)
    site.limits.update((limit.id, limit) for limit in limits)
    return site


class Bench:
    def __init__(self, site: Site | None = None) -> None:
        self.site = site or two_towers()
        self.clock = ManualClock(EIGHT_UTC_NS)
        self.drivers = {"t-1": FakeDriver(), "t-2": FakeDriver()}
        self.log = Log()
        self.horns = Annunciator(
            self.site,
            self.drivers,
            self.clock,
            lambda event: self.cycle.note(event),  # noqa: PLW0108  # the cycle is made after it
        )
        self.cycle = Cycle(self.site, engine_of(self.site), self.horns, self.log, self.clock)
        self.handlers = ControlHandlers(self.cycle, str)

    @property
    def kinds(self) -> list[str]:
        return [transition.event.kind for transition in self.log.transitions]

    def shown(self, tower: int) -> dict[str, int | str]:
        return self.drivers[f"t-{tower}"].wrote[-1][1]

    def feed(self, tag: str, value: float, quality: Quality = Quality.GOOD) -> None:
        ns = self.clock.now().utc_ns
        reason = Reason.OK if quality is Quality.GOOD else Reason.TIMEOUT
        self.cycle.on_sample(Sample(tag, value, quality, reason, ns, ns, World.TEST))

    def command(self, name: str, args: dict[str, Any] | None = None, **changes: Any) -> Any:
        fields = {"actor": "王", "role": "operator", "place": "中控室", "reason": "泄漏", **changes}
        command = Command(id="c1", name=name, args=args or {}, **fields)
        return self.handlers.on_command({"name": "console"}, command)

    async def go_on(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.cycle.tick()
        await settle()

    def standing(self) -> dict[str, str]:
        return {view.condition: view.state for view in self.cycle.engine.alarms()}

    def word(self) -> Any:
        return self.handlers.snapshot()["annunciation"]


@asynccontextmanager
async def running(bench: Bench) -> AsyncIterator[Bench]:
    task = asyncio.create_task(bench.horns.run())
    await settle()
    try:
        yield bench
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    for transition in bench.log.transitions:
        event = transition.event
        assert catalogue()[event.kind]["zh-CN"].format_map(event.params)


async def test_one_touch_without_a_login_silences_and_does_nothing_else() -> None:
    """The kiosk may silence every tower; it may not order, test or acknowledge anything."""
    async with running(Bench()) as bench:
        bench.feed("AT-1", 0.4)
        await settle()
        assert bench.command("silence", actor="kiosk", role="kiosk") == {"silenced": 1}
        await settle()
        assert [bench.shown(n)["buzzer"] for n in (1, 2)] == [0, 0]
        word = bench.word()
        assert (word["incident"], word["silenced"]) == (True, True)
        until_ns = bench.clock.now().utc_ns + 300 * 1_000_000_000
        assert [row["until_ns"] for row in word["tones"]] == [until_ns] * 2
        event = next(t.event for t in bench.log.transitions if t.event.kind == "command.silence")
        assert event.params["until_ns"] == until_ns
        for name in ("evacuate_arm", "evacuate_end", "test_all", "test_output"):
            with pytest.raises(CommandError, match=r"refused\.role"):
                bench.command(name, {"area": "cl2"}, role="kiosk")


async def test_a_button_that_was_silent_and_comes_back_on_silences_nothing() -> None:
    """Nobody knows when it was pressed, or whether: it may be stuck."""
    async with running(Bench()) as bench:
        bench.feed("HS-1", 0.0)
        await bench.go_on(1.0)
        await bench.go_on(9.0)
        bench.feed("AT-1", 0.4)
        bench.feed("HS-1", 1.0)
        await settle()
        assert [bench.shown(n)["buzzer"] for n in (1, 2)] == [2, 2]


async def test_button_stills_its_own_tower_only() -> None:
    """The other one goes on; the event says which button; a button that sticks is told."""
    async with running(Bench()) as bench:
        bench.feed("HS-1", 0.0)
        bench.feed("AT-1", 0.4)
        bench.feed("HS-1", 1.0)
        await settle()
        assert [bench.shown(n)["buzzer"] for n in (1, 2)] == [0, 2]
        event = next(t.event for t in bench.log.transitions if t.event.kind.endswith(".silenced"))
        expected = {"annunciator": "tower-1", "actor": "button", "place": "HS-1", "count": 1}
        assert expected.items() <= event.params.items()
        for _ in range(130):
            bench.feed("HS-1", 1.0)
            await bench.go_on(1.0)
        assert bench.kinds.count("annunciator.button-stuck") == 1


async def test_nothing_but_the_order_drives_the_evacuation_sound() -> None:
    """No alarm, test, trouble or reload; the order does, over the horn, and its end ends it."""
    async with running(Bench()) as bench:
        bench.feed("AT-1", 0.4)
        await bench.command("test_all", {"annunciator": "tower-1"})
        with pytest.raises(CommandError, match=r"refused\.evacuation"):
            bench.command("test_output", {"annunciator": "tower-1", "output": "evacuation"})
        bench.cycle.horns.stalled(bench.clock.now())
        await bench.go_on(0.1)
        await bench.go_on(3.0)
        assert not [w for d in bench.drivers.values() for _, w in d.wrote if w["buzzer"] == 3]
        token = bench.command("evacuate_arm", {"area": "cl2"})["token"]
        with pytest.raises(CommandError, match="other-person"):
            bench.command("evacuate", {"area": "cl2", "token": token}, actor="李")
        order = {"area": "cl2", "token": token}
        assert bench.command("evacuate", order) == {"evacuating": ["cl2"]}
        await settle()
        assert [bench.shown(n)["buzzer"] for n in (1, 2)] == [3, 3]
        rows = {row["output"]: row for row in bench.horns.outputs()[:3]}
        assert (rows["evacuation"]["shown"], rows["horn"]["shown"]) == (3, 0)
        assert (rows["horn"]["on"], rows["evacuation"]["on"]) == (True, True)
        assert not any(token in str(t.event.params) for t in bench.log.transitions)
        bench.command("silence")
        await settle()
        assert bench.shown(1)["buzzer"] == 3
        bench.command("evacuate_end", {"area": "cl2"}, actor="李")
        await settle()
        assert bench.shown(1)["buzzer"] == 0


async def test_evacuation_sounds_from_the_first_write_after_a_restart() -> None:
    """The row of a running order brings it back before any device is written."""
    before = Bench()
    token = before.command("evacuate_arm", {"area": "cl2"})["token"]
    before.command("evacuate", {"area": "cl2", "token": token})
    rows = [t.row for t in before.log.transitions if t.row is not None]
    bench = Bench()
    bench.cycle.restore([*rows, StateRow("GONE/h", "acked", {})])
    async with running(bench):
        assert bench.drivers["t-1"].wrote[0][1]["buzzer"] == 3
        assert bench.word()["evacuating"] == ["cl2"]
    assert [k for k in bench.kinds if k.startswith(("evacuation", "alarm"))] == ["alarm.removed"]


async def test_dead_annunciator_is_an_alarm_and_lights_the_trouble_beacon_of_the_others() -> None:
    """Its own tag goes to 0; the tower that still answers says so, and stops once all is well."""
    async with running(Bench()) as bench:
        assert bench.cycle.latest["tower-1-OK"].value == 1.0
        bench.drivers["t-1"].refuse = DeviceError("t-1", "timeout", "silent")
        bench.feed("AT-1", 0.4)
        await settle()
        assert bench.cycle.latest["tower-1-OK"].value == 0.0
        assert bench.standing()["tower-1-OK/state"] == "unack"
        assert bench.shown(2) == {"buzzer": 2, "tier[5]": "on"}
        trouble = [{"reason": "annunciator-failed", "subject": "tower-1"}]
        assert bench.word()["trouble"] == trouble
        bench.drivers["t-1"].refuse = None
        for _ in range(4):
            await bench.go_on(0.5)
        assert bench.standing()["tower-1-OK/state"] == "rtn-unack"
        assert bench.shown(2)["tier[5]"] == "off"
        assert bench.kinds.count("trouble.began") == bench.kinds.count("trouble.ended") == 1


async def test_blind_or_stalled_core_lights_the_trouble_beacon() -> None:
    """No device read for ten seconds, or a standstill of core: every tower shows it."""
    async with running(Bench()) as bench:
        bench.feed("AT-1", 0.0)
        await bench.go_on(1.0)
        assert bench.shown(1) == QUIET
        for tag in ("AT-1", "HS-1"):
            bench.feed(tag, 0.0, Quality.BAD)
        await bench.go_on(1.0)
        assert bench.shown(1) == QUIET
        await bench.go_on(10.0)
        assert bench.shown(1)["tier[5]"] == bench.shown(2)["tier[5]"] == "on"
        bench.feed("AT-1", 0.0)
        await bench.go_on(0.1)
        assert bench.shown(1) == QUIET
        bench.cycle.horns.stalled(bench.clock.now())
        await bench.go_on(0.1)
        assert bench.shown(1)["tier[5]"] == "on"
        bench.feed("AT-1", 0.0)
        await bench.go_on(60.0)
        began = [t.event.params["reason"] for t in bench.log.transitions if "began" in t.event.kind]
        assert began == ["no-device", "core-stalled"]


async def test_untested_shift_is_a_low_alarm_until_every_tower_was_tested() -> None:
    """An hour after the shift's beginning; a tower that did not take the test was not tested."""
    async with running(Bench()) as bench:
        bench.feed("AT-1", 0.0)
        await bench.go_on(3599.0)
        assert "SHIFT-TEST-OK/state" not in bench.standing()
        await bench.go_on(2.0)
        bench.feed("AT-1", 0.0)
        assert bench.standing()["SHIFT-TEST-OK/state"] == "unack"
        assert bench.word()["test_due"] is True
        bench.drivers["t-2"].refuse = DeviceError("t-2", "timeout", "silent")
        await bench.command("test_all", {"annunciator": "tower-1"})
        with pytest.raises(CommandError, match="not-taken"):
            await bench.command("test_all", {"annunciator": "tower-2"})
        assert bench.word()["untested"] == ["tower-2"]
        bench.drivers["t-2"].refuse = None
        await bench.command("test_all", {"annunciator": "tower-2"})
        await bench.go_on(0.1)
        assert bench.standing()["SHIFT-TEST-OK/state"] == "rtn-unack"
        assert bench.word()["test_due"] is False
        assert bench.shown(1) == {"buzzer": 2, "tier[5]": "on"}
        assert {row["output"] for row in bench.horns.outputs() if row["testing"]} == {
            "horn",
            "trouble",
        }
        await bench.go_on(3.0)
        assert bench.shown(1) == QUIET


async def test_changed_site_keeps_silence_and_ends_an_evacuation_that_cannot_sound() -> None:
    """A tower with another refresh goes on silent; one without the sound says that it ended."""
    async with running(Bench()) as bench:
        bench.feed("AT-1", 0.4)
        bench.command("silence")
        token = bench.command("evacuate_arm", {"area": "cl2"})["token"]
        bench.command("evacuate", {"area": "cl2", "token": token})
        body = bench.site.file.model_dump(mode="json", exclude_unset=True)
        for tower in body["annunciators"]:
            tower["outputs"] = tower["outputs"][:1]
        site = Site(SiteFile.model_validate(body), bench.site.root, "n", bench.site.tags, {})
        site.limits.update(bench.site.limits)
        bench.cycle.apply(site, engine_of(site), None)
        assert bench.horns.apply(site, bench.drivers) == ["tower-1", "tower-2"]
        await settle()
        assert bench.shown(1) == {"buzzer": 0}
        assert bench.word()["silenced"] is True
        assert bench.kinds[-1] != "evacuation.begun"
        assert "evacuation.ended" in bench.kinds


ROWS = [
    ("AT-1/calibration", "calibrating"),
    ("cl2/evacuation", "evacuating"),
    ("annunciators/shift-test", "kept"),
    ("/notice", "notice"),
    ("/call", "calling"),
    ("/of-tomorrow", "running"),
    ("AT-1/h", "of-tomorrow"),
    ("AT-1/h", "shelved"),
    ("AT-1/h", "suppressed"),
]
STRANGE = [
    {},
    {"since_ns": "x", "until_ns": "x", "shift_ns": "x", "sent_ns": "x", "held_until_ns": "x"},
    {"since_ns": [1], "until_ns": 1.5, "shift_ns": {}, "tested": 3, "held_by": 3},
]


@pytest.mark.parametrize("params", STRANGE)
@pytest.mark.parametrize(("name", "state"), ROWS)
def test_no_row_of_another_version_keeps_core_from_starting(
    name: str, state: str, params: dict[str, Any]
) -> None:
    """Nobody would watch for as long as it is there; an evacuation goes on all the same."""
    bench = Bench()
    bench.cycle.restore([StateRow(name, state, params)])
    bench.cycle.tick()
    assert bench.cycle.horns.evacuation.running == ({"cl2"} if state == "evacuating" else set())
    assert "calibration" not in name or not bench.cycle.calibration.running


async def test_a_tower_that_breaks_leaves_the_others_theirs() -> None:
    """A fault of ours in one costs no other area its horn."""
    async with running(Bench()) as bench:
        aim = bench.horns.aim

        def breaks(tower: Any) -> None:
            if tower.spec.id == "tower-1":
                raise RuntimeError("ours")
            aim(tower)

        bench.horns.aim = breaks
        bench.feed("AT-1", 0.4)
        await settle()
        assert bench.shown(2)["buzzer"] == 2
        assert "core.fault" in bench.kinds
        bench.horns.aim = aim
        bench.cycle.tick()
        await settle()
        assert bench.shown(1)["buzzer"] == 2


def test_a_token_in_another_script_is_a_wrong_token() -> None:
    """It is refused with its reason like every other."""
    bench = Bench()
    bench.command("evacuate_arm", {"area": "cl2"})
    with pytest.raises(CommandError) as refused:
        bench.command("evacuate", {"area": "cl2", "token": "令牌"})
    assert refused.value.message_id == "evacuation.refused.not-armed"
