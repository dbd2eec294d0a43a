"""What core calculates: its tags go the way of every sample, and a fault costs nobody else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from edge.alarm import engine_of
from edge.alarm.calc import MAKERS, Voice, reading
from edge.annunciate import Annunciator
from edge.clock import Instant, ManualClock
from edge.cycle import Cycle
from edge.event import Event
from edge.site.alarms.calculated import CORE, CalcSpec
from edge.site.model import LimitKind, LimitSpec, Site
from edge.tag import Quality, Reason, Sample, Tag, World, bad_sample
from edge.units import Unit
from tests.unit.cycle.test_cycle import Log
from tests.unit.poll.helpers import FakeDriver, make_limit, make_site, make_tag

TWICE = "TWICE"


class Doubled:
    """Twice its input; `timed`: with the seconds since the first sample added."""

    timed = False

    def __init__(self, spec: CalcSpec, tags: Any) -> None:
        self.spec, self.tag = spec, tags[spec.tag]
        self.voice = Voice(self.tag)
        self.offered: list[Sample] = []
        self.ticks = 0

    def offer(self, sample: Sample, now: Instant) -> Sample | None:
        self.offered.append(sample)
        value, reason = reading(sample, self.tag)
        return self.voice.say(None if value is None else 2 * value, reason, now)

    def tick(self, now: Instant) -> Sample | None:
        self.ticks += 1
        return None


class Timed(Doubled):
    timed = True


@dataclass(frozen=True)
class DoubledSpec(CalcSpec):
    pass


@dataclass(frozen=True)
class TimedSpec(CalcSpec):
    pass


@dataclass(frozen=True)
class BrokenSpec(CalcSpec):
    pass


class Broken(Doubled):
    def offer(self, sample: Sample, now: Instant) -> Sample | None:
        raise ZeroDivisionError("no such thing")


@pytest.fixture(autouse=True)
def makers(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind, maker in ((DoubledSpec, Doubled), (TimedSpec, Timed), (BrokenSpec, Broken)):
        monkeypatch.setitem(MAKERS, kind, maker)


def own(name: str = TWICE) -> Tag:
    return make_tag(name, CORE, quantity="count", unit=Unit.COUNT, substance="")


def site_of(kind: type[CalcSpec] = DoubledSpec, **changes: Any) -> Site:
    limits = [
        make_limit("AT-1", "h", 5.0),
        LimitSpec(TWICE, TWICE, LimitKind.VOTE, 4.0, 2, off_delay_s=1.5, **changes),
    ]
    site = make_site([make_tag("AT-1", "a-1"), make_tag("AT-2", "a-1"), own()], None, limits)
    return replace(site, calculations={TWICE: kind(TWICE, ("AT-1",))})


class Bench:
    def __init__(self, site: Site) -> None:
        self.site = site
        self.clock = ManualClock()
        self.log = Log()
        engine = engine_of(site)
        horns = Annunciator(site, {"a": FakeDriver()}, self.clock, self.note)
        self.cycle = Cycle(site, engine, horns, self.log, self.clock)
        self.cycle.push = self.log

    def note(self, event: Event) -> None:
        self.cycle.note(event)

    def feed(self, value: float | None, tag: str = "AT-1", reason: Reason = Reason.OK) -> None:
        utc = self.clock.now().utc_ns
        if value is None:
            self.cycle.on_sample(bad_sample(self.site.tags[tag], reason, utc))
        else:
            self.cycle.on_sample(Sample(tag, value, Quality.GOOD, reason, utc, utc, World.TEST))

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds * 10)):
            self.clock.advance(0.1)
            self.cycle.tick()

    def kinds(self) -> list[str]:
        return [f"{t.event.subject} {t.event.kind}" for t in self.log.transitions]

    def calculation(self) -> Any:
        return self.cycle._own._made._all[TWICE]


def test_a_calculated_sample_goes_every_way():
    """It is judged, journalled, kept and pushed, after the sample that it was made of."""
    bench = Bench(site_of())
    bench.feed(2.5)
    assert bench.cycle.latest[TWICE].value == 5.0
    assert bench.kinds() == ["TWICE alarm.raised"]
    assert [s.tag for s in bench.log.kept] == ["AT-1", TWICE]
    assert ("push", TWICE) in bench.log.told


def test_an_off_delay_of_a_calculated_tag_ends_by_itself():
    """Core says its own tags again each second while one is restless: no input has to change."""
    bench = Bench(site_of())
    bench.feed(2.5)
    bench.run(1)
    bench.feed(1.0)
    bench.run(1.2)
    assert bench.kinds() == ["TWICE alarm.raised"]
    bench.run(1.3)
    assert bench.kinds() == ["TWICE alarm.raised", "TWICE alarm.returned"]


def test_a_calculated_tag_never_goes_stale_by_itself():
    """Its input does, and makes it Bad with the input's reason."""
    bench = Bench(site_of())
    bench.feed(1.0)
    bench.run(10)
    latest = bench.cycle.latest
    assert latest["AT-1"].reason is Reason.STALE
    assert latest[TWICE].reason is Reason.STALE
    assert bench.kinds() == []


def test_the_time_of_a_calculated_tag_at_rest_moves_on():
    """Screens are shown that core still stands by it."""
    bench = Bench(site_of())
    heard = bench.cycle.join(["AT-1"])
    for _ in range(8):
        utc = bench.clock.now().utc_ns
        good = Sample("AT-1", 1.0, Quality.GOOD, Reason.OK, utc, utc, World.TEST)
        bench.cycle.on_answer(heard, [good] if "AT-1" in heard.restless else [], utc)
        bench.run(1)
    assert len(bench.calculation().offered) <= 2  # the input came to rest
    assert bench.clock.now().utc_ns - bench.cycle.latest[TWICE].receive_ns <= 1e9


def test_an_input_of_a_timed_calculation_never_rests():
    """The same sample again is news where time is part of the result."""
    bench = Bench(site_of(TimedSpec))
    heard = bench.cycle.join(["AT-1", "AT-2"])
    for _ in range(5):
        utc = bench.clock.now().utc_ns
        due = [
            Sample(tag, 1.0, Quality.GOOD, Reason.OK, utc, utc, World.TEST)
            for tag in heard.tags
            if tag in heard.restless
        ]
        bench.cycle.on_answer(heard, due, utc)
        bench.run(1)
    assert len(bench.calculation().offered) == 5
    assert bench.calculation().ticks == 5
    assert heard.restless == {"AT-1"}


def test_a_calculation_that_failed_once_says_its_word_again():
    """The same as before the failure is news: a delay that ran goes on, and the alarm comes."""
    bench = Bench(site_of(on_delay_s=2.0))
    bench.feed(2.5)
    offer = bench.calculation().offer
    bench.calculation().offer = lambda *_: 1 / 0
    bench.feed(2.6)
    assert bench.cycle.latest[TWICE].reason is Reason.DEVICE_FAULT
    bench.calculation().offer = offer
    bench.feed(2.5)
    assert bench.cycle.latest[TWICE].value == 5.0
    bench.run(2.1)
    assert bench.kinds() == ["TWICE core.fault", "TWICE alarm.raised"]


def test_a_calculation_that_fails_is_told_and_costs_nobody_else():
    """One event with its tag; its own sample is Bad, the input is judged as ever."""
    bench = Bench(site_of(BrokenSpec))
    bench.feed(6.0)
    bench.feed(7.0)
    assert bench.kinds() == ["AT-1/h alarm.raised", "TWICE core.fault"]
    assert bench.cycle.latest[TWICE].quality is Quality.BAD
    assert bench.cycle.latest["AT-1"].value == 7.0
    assert bench.cycle.faults == 2


def test_a_changed_site_keeps_calculations_that_are_the_same():
    """What a calculation has gathered outlasts a reload, and goes where its tags have changed."""
    bench = Bench(site_of())
    bench.feed(2.5)
    kept = bench.calculation()
    same = site_of()
    bench.cycle.apply(same, engine_of(same), None)
    assert bench.calculation() is kept
    bench.run(2)
    bench.feed(1.0)
    bench.run(2.5)
    assert bench.kinds()[-1] == "TWICE alarm.returned"
    other = replace(same, tags=same.tags | {"AT-1": make_tag("AT-1", "a-1", range_high=20.0)})
    bench.cycle.apply(other, engine_of(other), None)
    assert bench.calculation() is not kept


def test_a_fact_of_core_is_a_tag_as_well():
    """A tag of the device core that nothing calculates is said by `on_samples`."""
    site = site_of()
    site = replace(site, calculations={})
    bench = Bench(site)
    bench.feed(5.0, TWICE)
    bench.run(10)
    assert bench.kinds() == ["TWICE alarm.raised"]
    assert bench.cycle.latest[TWICE].value == 5.0
