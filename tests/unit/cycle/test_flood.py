"""An answer of many changes: the horns hear of it at once, and not of each change anew."""

from __future__ import annotations

from edge.clock import ManualClock
from edge.tag import Quality, Reason, Sample, World
from suian.alarms.core import Core, Record
from tests.unit.poll.helpers import make_limit, make_site, make_tag

HORN = {"id": "horn", "kind": "horn", "point": "buzzer", "on": 2, "off": 0}
MANY = 50


def flooded() -> tuple[Core, list[str]]:
    """A core whose horn's demands are told in order with what is recorded."""
    tags = [make_tag(f"AT-{i}", "a-1") for i in range(MANY)]
    limits = [make_limit(tag.name, "h", 0.3) for tag in tags]
    devices = [
        {"id": name, "link": "l", "template": "t", "world": "test"} for name in ("a-1", "t-1")
    ]
    tower = {"id": "tower", "device": "t-1", "areas": ["cl2"], "outputs": [HORN]}
    site = make_site(tags, {"l": {}}, limits, devices=devices, annunciators=[tower])
    told: list[str] = []
    record = Record()
    core = Core(site, ManualClock(), record)
    demand, offer = core.annunciator.demand, record.offer

    def demanded(alarms):
        told.append(f"horn {len(alarms)}")
        demand(alarms)

    def offered(transitions):
        told.append("event")
        offer(transitions)

    core.annunciator.demand, record.offer = demanded, offered
    return core, told


def answer(core: Core, value: float, count: int = MANY) -> None:
    utc_ns = core.cycle.clock.now().utc_ns
    core.cycle.on_samples(
        [
            Sample(f"AT-{i}", value, Quality.GOOD, Reason.OK, utc_ns, utc_ns, World.TEST)
            for i in range(count)
        ]
    )


def test_the_horn_is_told_of_the_first_change_and_of_all_at_the_end() -> None:
    """Before anything is recorded, and when the answer has been judged: twice, not fifty times."""
    core, told = flooded()
    answer(core, 0.4)
    assert told == ["horn 1", *["event"] * MANY, f"horn {MANY}"]
    assert core.sounding() == ["tower"]


def test_one_change_is_told_once() -> None:
    """There is nothing to add at the end of an answer that changed one thing."""
    core, told = flooded()
    answer(core, 0.4, count=1)
    assert told == ["horn 1", "event"]
    told.clear()
    answer(core, 0.0, count=2)
    assert told == ["horn 1", "event"]


def test_horns_that_fail_cost_no_sample() -> None:
    """A fault in telling them is said, and everything else goes its way."""
    core, _ = flooded()

    def broken(alarms):
        raise RuntimeError("no horn")

    core.annunciator.demand = broken
    answer(core, 0.4)
    assert core.cycle.faults
    assert len(core.alarms()) == MANY
    assert any(event.kind == "core.fault" for event in core.record.events)
