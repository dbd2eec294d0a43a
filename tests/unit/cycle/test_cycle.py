"""The data path: order, derived tags, staleness, and what a person may do."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from edge.alarm import engine_of
from edge.annunciate import Annunciator
from edge.clock import Instant, ManualClock, ScaledClock
from edge.control import Command
from edge.cycle import ControlHandlers, Cycle
from edge.errors import CommandError, DeviceError
from edge.event import Event, StateRow, Transition
from edge.site.model import ConditionClass
from edge.tag import Quality, Reason, Sample, World, bad_sample
from edge.words import catalogue
from tests.unit.poll.helpers import FakeDriver, make_limit, make_site, make_tag, settle

HORN = {"id": "horn", "kind": "horn", "point": "buzzer", "on": 2, "off": 0}
HAZARD = {"period_s": 5, "stale_s": 30}


class Log:
    """Journal and control server at once: what came, in order."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.transitions: list[Transition] = []
        self.events: list[tuple[Mapping[str, Any], Mapping[str, Any] | None]] = []
        self.kept: list[Sample] = []

    def offer_sample(self, sample: Sample) -> None:
        self.kept.append(sample)
        self.told.append(("journal", sample.tag))

    def offer(self, transitions: Iterable[Transition]) -> None:
        for transition in transitions:
            self.transitions.append(transition)
            self.told.append(("journal", transition.event.kind))

    def push_values(self, samples: Iterable[Sample]) -> None:
        self.told.extend(("push", sample.tag) for sample in samples)

    def push_event(self, event: Mapping[str, Any], alarm: Mapping[str, Any] | None) -> None:
        self.events.append((event, alarm))
        self.told.append(("push", event["kind"]))

    def push_calls(self, calls: Mapping[str, Any]) -> None:
        self.told.append(("push", "calls"))


class Bench:
    def __init__(self) -> None:
        predicted = make_tag("PRED-cl2-MP", "hazard", quantity="predicted", period_s=5.0, area="")
        health = make_tag("HAZARD-OK", "hazard", quantity="health", period_s=5.0, area="")
        limits = [
            *(make_limit("AT-1", "h", 0.3), make_limit("AT-1", "hh", 0.6)),
            make_limit("AT-1", "bad", klass=ConditionClass.SYSTEM),
            make_limit("PRED-cl2-MP", "h", 2.0, klass=ConditionClass.PREDICTED, level=0, area=""),
            make_limit("HAZARD-OK", "bad", klass=ConditionClass.SYSTEM, area=""),
        ]
        tower = {"id": "tower-1", "device": "t-1", "areas": ["cl2"], "outputs": [HORN]}
        devices = [
            {"id": name, "link": name[0], "template": "x", "world": "test"}
            for name in ("a-1", "t-1")
        ]
        self.site = make_site(
            [make_tag("AT-1", "a-1"), predicted, health],
            {"a": {}, "t": {}},
            limits,
            devices=devices,
            annunciators=[tower],
            hazard=HAZARD,
        )
        self.clock = ManualClock()
        self.driver = FakeDriver()
        self.log = Log()
        self.engine = engine_of(self.site)
        self.annunciator = Annunciator(self.site, {"t": self.driver}, self.clock, self.note)
        self.cycle = Cycle(self.site, self.engine, self.annunciator, self.log, self.clock)
        self.cycle.push = self.log
        self.handlers = ControlHandlers(
            self.cycle, lambda: "figures", lambda: {"a-1": {"requests": 3, "last_error": ""}}
        )
        self.cycle.tick()

    def note(self, event: Event) -> None:
        self.cycle.note(event)

    def sample(self, value: float, tag: str = "AT-1", **changes: Any) -> Sample:
        ns = self.clock.now().utc_ns
        sample = Sample(tag, value, Quality.GOOD, Reason.OK, ns, ns, World.TEST)
        return sample._replace(**changes)

    def feed(self, value: float) -> None:
        self.cycle.on_sample(self.sample(value))

    def command(self, name: str, args: dict[str, Any] | None = None, **changes: Any) -> Any:
        fields = {"actor": "王", "role": "operator", "place": "中控室", "reason": "看过", **changes}
        return self.handlers.on_command(
            {"name": "console"}, Command(id="c1", name=name, args=args or {}, **fields)
        )

    @property
    def kinds(self) -> list[str]:
        return [transition.event.kind for transition in self.log.transitions]

    def horn_demanded(self) -> bool:
        return bool(self.annunciator.outputs()[0]["on"])


def test_horn_is_told_first_then_the_journal_then_the_screens() -> None:
    """In one plain call: demand, events, alarm states, and the sample itself to everybody."""
    bench = Bench()
    heard: list[str] = []
    bench.annunciator.demand = lambda alarms: heard.append(f"horn after {len(bench.log.told)}")
    bench.feed(0.4)
    assert heard == ["horn after 0"]
    assert bench.log.told == [
        ("journal", "alarm.raised"),
        ("push", "alarm.raised"),
        ("journal", "AT-1"),
        ("push", "AT-1"),
    ]
    event, alarm = bench.log.events[0]
    assert event["seq"] is None
    assert (event["kind"], event["subject"], event["world"]) == ("alarm.raised", "AT-1/h", "test")
    assert alarm is not None
    assert alarm["state"] == "unack"


def test_normal_alarm_is_sent_once_with_its_event() -> None:
    """The last event carries the alarm as normal, and the snapshot no longer has it."""
    bench = Bench()
    bench.feed(0.4)
    bench.command("acknowledge", {"condition": "AT-1/h"})
    bench.feed(0.0)
    event, alarm = bench.log.events[-1]
    assert event["kind"] == "alarm.cleared"
    assert alarm is not None
    assert alarm["state"] == "normal"
    assert bench.handlers.snapshot()["alarms"] == []


def test_snapshot_has_every_tag_from_the_start() -> None:
    """A tag that nobody has read yet is there, Bad, and says so."""
    bench = Bench()
    bench.feed(0.1)
    rows = {row[0]: row[1:4] for row in bench.handlers.snapshot()["values"]}
    assert rows == {
        "AT-1": [0.1, 0, "ok"],
        "PRED-cl2-MP": [None, 2, "not-yet-read"],
        "HAZARD-OK": [None, 2, "not-yet-read"],
    }
    assert bench.handlers.snapshot()["outputs"][0]["output"] == "horn"


def test_sample_that_cannot_be_taken_costs_no_other_tag() -> None:
    """Whatever goes wrong with one tag of a device, the others are judged and kept."""
    bench = Bench()
    wrong = bench.sample(0.0, world=World.LIVE)
    bench.cycle.on_samples([wrong, bench.sample(0.4)])
    assert "alarm.raised" in bench.kinds


def test_fault_in_the_engine_still_records_and_shows_the_sample_and_is_said_once() -> None:
    """A mistake of ours is an event and never a lost sample."""
    bench = Bench()

    def broken(sample: Sample, now: Instant) -> list[Transition]:
        raise RuntimeError("ours")

    bench.engine.evaluate = broken
    for _ in range(2):
        bench.feed(0.4)
    assert bench.kinds == ["core.fault"]
    assert (bench.cycle.faults, len(bench.log.kept)) == (2, 2)


def test_silent_tag_becomes_a_stale_sample_and_its_alarm() -> None:
    """What the engine finds silent is also seen by journal and screens as Bad, once."""
    bench = Bench()
    bench.feed(0.1)
    bench.clock.advance(3.1)
    bench.cycle.tick()
    bench.cycle.tick()
    assert bench.kinds == ["alarm.raised"]
    assert [(s.tag, s.reason) for s in bench.log.kept[1:]] == [("AT-1", Reason.STALE)]
    assert bench.cycle.latest["AT-1"].quality is Quality.BAD


def test_derived_tags_pass_the_same_engine_and_never_sound_the_field_s_horn() -> None:
    """A predicted concentration raises its own alarm, of class predicted, and no horn."""
    bench = Bench()
    rows = [
        bench.sample(5.0, "PRED-cl2-MP", quality=Quality.UNCERTAIN, reason=Reason.ESTIMATED),
        bench.sample(1.0, "HAZARD-OK", receive_ns=0),
    ]
    bench.handlers.on_publish(rows, World.TEST)
    assert bench.kinds == ["alarm.raised"]
    assert bench.log.transitions[0].event.params["klass"] == "predicted"
    assert not bench.horn_demanded()
    assert bench.cycle.latest["HAZARD-OK"].receive_ns == bench.clock.now().utc_ns


def test_dead_hazard_daemon_is_one_alarm_and_clears_nothing() -> None:
    """After stale_s every derived tag is Bad; one system alarm says so; the prediction stands."""
    bench = Bench()
    raised = bench.sample(5.0, "PRED-cl2-MP")
    bench.handlers.on_publish([raised, bench.sample(1.0, "HAZARD-OK")], World.TEST)
    for _ in range(31):
        bench.clock.advance(1.0)
        bench.feed(0.0)
        bench.cycle.tick()
    assert bench.kinds == ["alarm.raised", "alarm.raised"]
    assert bench.log.transitions[1].event.subject == "HAZARD-OK/bad"
    assert bench.cycle.latest["PRED-cl2-MP"].reason is Reason.STALE
    assert {view.condition for view in bench.engine.alarms()} == {"PRED-cl2-MP/h", "HAZARD-OK/bad"}


@pytest.mark.parametrize(
    ("tag", "world", "refused"),
    [
        ("AT-1", World.TEST, "derived.refused.tag"),  # a detector is nobody's to publish
        ("NOBODY", World.TEST, "derived.refused.tag"),
        ("PRED-cl2-MP", World.DRILL, "derived.refused.world"),
        ("PRED-cl2-MP", World.LIVE, "derived.refused.world"),
    ],
)
def test_published_samples_are_refused_whole(tag: str, world: World, refused: str) -> None:
    """Another's tag or another world: nothing of the batch is taken."""
    bench = Bench()
    rows = [bench.sample(9.0, "PRED-cl2-MP", world=world), bench.sample(9.0, tag, world=world)]
    with pytest.raises(CommandError, match=refused):
        bench.handlers.on_publish(rows, world)
    assert bench.log.told == []


def test_acknowledge_and_reset_are_written_with_who_where_and_why() -> None:
    """The command's event stands before what it did, in the same offer."""
    bench = Bench()
    bench.cycle.on_sample(bench.sample(10, quality=Quality.UNCERTAIN, reason=Reason.OVER_RANGE))
    bench.feed(0.0)
    bench.command("acknowledge", {"condition": "AT-1/hh"})
    answer = bench.command("reset", {"condition": "AT-1/hh", "reading": 0, "instrument": "P-1"})
    assert answer["alarm"]["state"] == "normal"
    assert bench.kinds[-5:] == [
        "command.acknowledge",
        "alarm.acknowledged",
        "command.reset",
        "alarm.reset",
        "alarm.cleared",
    ]
    params = bench.log.transitions[-3].event.params
    expected = {"actor": "王", "role": "operator", "place": "中控室", "reason": "看过", "ok": True}
    assert expected.items() <= params.items()
    assert params["id"] == "c1"


@pytest.mark.parametrize(
    ("name", "args", "changes", "message"),
    [
        ("acknowledge", {"condition": "AT-1/h"}, {}, "alarm.refused.not-standing"),
        ("acknowledge", {"condition": "X"}, {}, "alarm.refused.unknown-condition"),
        ("acknowledge", {}, {}, "command.refused.arguments"),
        ("acknowledge", {"condition": ["AT-1/h"]}, {}, "command.refused.arguments"),
        ("acknowledge_all", {"conditions": []}, {}, "command.refused.arguments"),
        ("acknowledge_all", {"conditions": [1]}, {}, "command.refused.arguments"),
        ("silence", {}, {"actor": " "}, "command.refused.no-actor"),
        ("reset", {"condition": "AT-1/h"}, {"role": "kiosk"}, "command.refused.role"),
    ],
)
def test_refused_commands_are_written_too(name, args, changes, message) -> None:
    """A refusal has its message for the person and its event for the record."""
    bench = Bench()
    with pytest.raises(CommandError) as refused:
        bench.command(name, args, **changes)
    assert refused.value.message_id == message
    assert bench.kinds == [f"command.{name}"]
    assert bench.log.transitions[0].event.params["refused"] == message
    assert message in catalogue()


def test_acknowledge_all_does_what_it_can_and_says_what_it_could_not() -> None:
    """Only the named ones, each for itself."""
    bench = Bench()
    bench.feed(0.7)
    answer = bench.command("acknowledge_all", {"conditions": ["AT-1/h", "AT-1/bad"]})
    assert answer == {
        "acknowledged": ["AT-1/h"],
        "refused": {"AT-1/bad": "alarm.refused.not-standing"},
    }
    assert [view.state for view in bench.engine.alarms()] == ["unack", "acked"]


def test_silence_quiets_the_horn_and_acknowledges_nothing() -> None:
    """The alarm stays unacknowledged; the journal knows who wanted quiet."""
    bench = Bench()
    bench.feed(0.4)
    assert bench.horn_demanded()
    assert bench.command("silence") == {"silenced": 1}
    assert not bench.horn_demanded()
    assert bench.engine.alarms()[0].state == "unack"
    assert bench.kinds[-1] == "command.silence"


async def test_output_test_is_recorded_before_it_sounds_and_answers_for_the_device() -> None:
    """The event is there first; the answer says whether the horn was really driven."""
    bench = Bench()
    names = {"annunciator": "tower-1", "output": "horn"}
    answer = bench.command("test_output", names)
    assert bench.kinds == ["command.test_output"]
    task = asyncio.create_task(bench.annunciator.run())
    assert await answer == names
    assert bench.driver.wrote[-1] == ("t-1", {"buzzer": 2})
    bench.driver.refuse = DeviceError("t-1", "timeout", "silent")
    again = bench.command("test_output", names)
    with pytest.raises(CommandError, match="not-taken"):
        await again
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_metrics_are_a_question_and_unknown_commands_are_refused() -> None:
    """Asking for figures leaves no record; a command we do not know does nothing."""
    bench = Bench()
    assert bench.command("metrics", actor="") == {"text": "figures"}
    counted = {"a-1": {"requests": 3, "last_error": ""}}
    assert bench.command("statistics", actor="") == {"devices": counted}
    with pytest.raises(CommandError, match="unknown-command"):
        bench.command("open_valve")
    assert bench.log.told == []


def test_satellite_s_report_and_struck_alarms_are_events() -> None:
    """What a satellite says of itself is recorded; so is an alarm whose condition is gone."""
    bench = Bench()
    bench.handlers.on_report("hazard", "preparing")
    bench.cycle.strike([StateRow("GONE/h", "acked", {})])
    assert bench.kinds == ["daemon.state", "alarm.removed"]
    assert bench.log.transitions[1].row == StateRow("GONE/h", "normal", {})
    assert bench.log.events[1][1] is None
    for transition in bench.log.transitions:
        event = transition.event
        assert catalogue()[event.kind]["zh-CN"].format_map(event.params)


async def test_core_that_stood_still_says_so_and_blames_no_instrument() -> None:
    """After ten seconds in which core did not run, no tag is stale; a tag silent since then is."""
    bench = Bench()
    bench.feed(0.1)
    task = asyncio.create_task(bench.cycle.run())
    await settle()
    bench.clock.advance(10.0)
    await settle()
    assert bench.kinds == ["core.stalled"]
    assert bench.log.transitions[0].event.params == {"seconds": 9.9}
    for _ in range(40):
        bench.clock.advance(0.1)
        await settle()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert bench.kinds == ["core.stalled", "alarm.raised"]


def test_replay_s_tags_go_stale_by_the_machine_s_time_as_well() -> None:
    """At x120 a tag of a second's period is given three real seconds, not three of the replay."""
    site = make_site([make_tag("T1", "a-1")], limits=[make_limit("T1", "bad")])
    engine = engine_of(site, ScaledClock(0, 0, 120.0))
    start = ManualClock()
    engine.tick(start.now())
    assert engine.tick(start.advance(359.0)) == []
    assert len(engine.tick(start.advance(2.0))) == 1


async def test_ticks_go_on_by_the_clock() -> None:
    """The cycle's own task serves delays without any sample."""
    bench = Bench()
    task = asyncio.create_task(bench.cycle.run())
    for _ in range(40):
        bench.clock.advance(0.1)
        await settle()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert bench.kinds == ["alarm.raised"]
    assert bad_sample(bench.site.tags["AT-1"], Reason.STALE, 0).quality is Quality.BAD
