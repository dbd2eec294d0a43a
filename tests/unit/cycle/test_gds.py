"""The GDS beside us, through core's whole path: mirrored at once, compared over ten seconds."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.alarm import engine_of
from edge.annunciate import Annunciator
from edge.clock import ManualClock
from edge.control import Command
from edge.cycle import Cycle
from edge.cycle.handlers import ControlHandlers
from edge.errors import CommandError
from edge.event import Event
from edge.site import load_site
from edge.tag import REASONS, Quality, Reason, Sample
from tests.unit.cycle.test_cycle import Log
from tests.unit.poll.helpers import FakeDriver

SITE = load_site(Path(__file__).parents[3] / "deploy/sites/demo")
GAS, A1, A2, S1, S2 = "AT-105", "XA-105A", "XA-105B", "AS-105A", "AS-105B"


class Bench:
    """Core's path over the example site, one detector with its GDS fed by hand."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.log = Log()
        self.driver = FakeDriver()
        drivers = {link.id: self.driver for link in SITE.file.links}
        self.annunciator = Annunciator(SITE, drivers, self.clock, self.note)
        self.cycle = Cycle(SITE, engine_of(SITE), self.annunciator, self.log, self.clock)
        self.cycle.push = self.log
        self.handlers = ControlHandlers(self.cycle, lambda: "", dict)
        self.now: dict[str, tuple[float, Reason]] = {A1: (0, Reason.OK), A2: (0, Reason.OK)}
        self.now |= {GAS: (0.0, Reason.OK), S1: (0.3, Reason.OK), S2: (0.6, Reason.OK)}
        self.run(1)
        self.log.transitions.clear()

    def note(self, event: Event) -> None:
        self.cycle.note(event)

    def set(self, **values: float) -> None:
        names = {"gas": GAS, "a1": A1, "a2": A2, "s1": S1, "s2": S2}
        for name, value in values.items():
            self.now[names[name]] = (value, Reason.OK)

    def run(self, seconds: int) -> None:
        """Poll once a second."""
        for _ in range(seconds):
            utc = self.clock.now().utc_ns
            for tag, (value, reason) in self.now.items():
                quality = REASONS[reason].quality
                shown = None if quality is Quality.BAD else value
                self.cycle.on_sample(Sample(tag, shown, quality, reason, utc, utc, SITE.world))
            for _ in range(10):
                self.clock.advance(0.1)
                self.cycle.tick()

    def command(self, name: str, **args: object) -> object:
        fields = {"actor": "王", "role": "operator", "place": "中控室", "reason": "看过"}
        command = Command(id="c1", name=name, args=args, **fields)
        return self.handlers.on_command({"name": "console"}, command)

    def said(self) -> list[str]:
        """Return what this detector's alarms did since it was last asked."""
        told = [f"{t.event.subject} {t.event.kind}" for t in self.log.transitions]
        self.log.transitions.clear()
        return [line for line in told if line.startswith(f"{GAS}/") and "alarm." in line]


def test_the_gds_is_mirrored_at_once_with_our_priority_and_horn():
    """Level 2 of the GDS is an alarm of level 2 here, though our reading says nothing yet."""
    bench = Bench()
    bench.set(a1=1, a2=1)
    bench.run(1)
    assert bench.said() == [f"{GAS}/gds1 alarm.raised", f"{GAS}/gds2 alarm.raised"]
    view = bench.cycle.engine.view(f"{GAS}/gds2")
    assert view is not None
    assert (view.kind, view.klass, view.level, view.priority) == ("gds2", "process", 2, 1)
    assert (view.area, view.tag) == ("cl2", A2)
    assert any(row["on"] for row in bench.annunciator.outputs())


def test_a_lost_gds_holds_what_it_said():
    """Its mirror stands while nobody knows, and the lost tag speaks for itself."""
    bench = Bench()
    bench.set(a1=1)
    bench.run(1)
    bench.now[A1] = (0, Reason.TIMEOUT)
    bench.run(5)
    assert bench.said() == [f"{GAS}/gds1 alarm.raised"]
    standing = {view.condition: view.state for view in bench.cycle.engine.alarms()}
    assert standing[f"{GAS}/gds1"] == "unack"
    assert standing[f"{A1}/bad"] == "unack"
    bench.set(a1=0)
    bench.run(1)
    assert bench.said() == [f"{GAS}/gds1 alarm.returned"]


@pytest.mark.parametrize(("seconds", "raised"), [(9, False), (11, True)])
def test_a_difference_of_ten_seconds_is_an_alarm(seconds: int, raised: bool):
    """Shorter, it is two readings of two moments."""
    bench = Bench()
    bench.set(gas=5.0)
    bench.run(seconds)
    told = bench.said()
    assert (f"{GAS}/gds-differs alarm.raised" in told) is raised
    bench.set(a1=1, a2=1)
    bench.run(2)
    assert (f"{GAS}/gds-differs alarm.returned" in bench.said()) is raised


def test_the_event_says_who_is_alone():
    """Its value is the code that the catalogue has words for."""
    bench = Bench()
    bench.set(a1=1)
    bench.run(12)
    event = bench.log.transitions[-1].event
    assert event.subject == f"{GAS}/gds-differs"
    assert event.params["value"] == 1.0
    assert (event.params["klass"], event.params["priority"]) == ("system", 2)


def test_a_flapping_gds_is_no_difference():
    """It never says the other thing for ten seconds; each time it comes is mirrored."""
    bench = Bench()
    for _ in range(10):
        bench.set(a1=1)
        bench.run(4)
        bench.set(a1=0)
        bench.run(1)
    told = bench.said()
    assert f"{GAS}/gds-differs alarm.raised" not in told
    assert told.count(f"{GAS}/gds1 alarm.raised") == 10


def test_a_burst_leaves_a_gds_that_waits_for_its_reset():
    """Ours returns, the mirror stands, and that is told as it is: no difference."""
    bench = Bench()
    bench.set(gas=0.9, a1=1, a2=1)
    bench.run(20)
    bench.set(gas=0.0)
    bench.run(40)
    assert bench.cycle.latest[f"{GAS}.gds"].value == -1
    assert not [line for line in bench.said() if "differs" in line]
    assert bench.cycle.engine.view(f"{GAS}/gds1").state == "unack"  # pyright: ignore[reportOptionalMemberAccess]


def test_a_set_point_that_was_moved_is_an_alarm():
    """Nobody is in gas, and the two would not alarm at the same."""
    bench = Bench()
    bench.set(s2=0.9)
    bench.run(12)
    assert bench.said() == [f"{GAS}/gds-differs alarm.raised"]
    bench.set(s2=0.6)
    bench.run(2)
    assert bench.said() == [f"{GAS}/gds-differs alarm.returned"]


def test_test_gas_is_nobodys_alarm_though_the_gds_alarms():
    """A detector in calibration is set aside with what its GDS says of it, and never differs."""
    bench = Bench()
    bench.command("calibrate", tag=GAS, permit="DH-1")
    bench.set(gas=9.0, a1=1, a2=1)
    bench.run(15)
    assert bench.cycle.latest[A1].reason is Reason.CALIBRATING
    bench.set(gas=0.0, a1=0, a2=0)
    bench.run(2)
    bench.command("calibrate_end", tag=GAS)
    bench.run(15)
    assert bench.said() == []


def test_a_detector_whose_gds_is_in_alarm_is_not_set_aside():
    """The mirror is an alarm like our own: what stands would be held unseen."""
    bench = Bench()
    bench.set(a1=1)
    bench.run(1)
    with pytest.raises(CommandError):
        bench.command("calibrate", tag=GAS, permit="DH-1")


def test_acknowledging_a_mirror_is_our_record_only():
    """It is acknowledged here; no request goes to anything but the horn and beacons."""
    bench = Bench()
    bench.set(a1=1)
    bench.run(1)
    bench.command("acknowledge", condition=f"{GAS}/gds1")
    bench.run(3)
    view = bench.cycle.engine.view(f"{GAS}/gds1")
    assert view is not None
    assert (view.state, view.acked_by, view.active) == ("acked", "王", True)
    assert {device for device, _ in bench.driver.wrote} <= {"TOWER-1"}
