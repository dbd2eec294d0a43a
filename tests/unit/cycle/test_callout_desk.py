"""Callout in core's own path: contact, journal, screens, commands, restart, and its own faults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from edge.alarm import engine_of
from edge.annunciate import Annunciator
from edge.clock import ManualClock
from edge.control import Command
from edge.cycle import ControlHandlers, Cycle
from edge.errors import CommandError
from edge.event import StateRow
from edge.site.model import Site
from edge.tag import Quality, Reason, Sample, World
from tests.unit.callout.rig import callout_site
from tests.unit.cycle.test_cycle import Log
from tests.unit.poll.helpers import FakeDriver, make_limit


class Screens(Log):
    """Journal and screens, with what was shown of calls."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[Mapping[str, Any]] = []

    def push_calls(self, calls: Mapping[str, Any]) -> None:
        self.shown.append(calls)


class Core:
    """A cycle over a site with a shift, a source and its owners; AT-1 has a level 2 at 0.6."""

    def __init__(
        self, clock: ManualClock | None = None, rows: list[StateRow] | None = None
    ) -> None:
        bare = callout_site()
        limit = make_limit("AT-1", "hh", 0.6)
        self.site = Site(bare.file, bare.root, "hash", bare.tags, {limit.id: limit})
        self.clock, self.log = clock or ManualClock(), Screens()
        driver = {"a": FakeDriver()}
        self.annunciator = Annunciator(self.site, driver, self.clock, lambda _: None)
        engine = engine_of(self.site)
        self.cycle = Cycle(self.site, engine, self.annunciator, self.log, self.clock)
        self.cycle.push = self.log
        self.cycle.restore(rows or [])
        self.handlers = ControlHandlers(self.cycle, str)

    def feed(self, value: float) -> None:
        ns = self.clock.now().utc_ns
        good = Quality.GOOD, Reason.OK
        self.cycle.on_sample(Sample("AT-1", value, *good, ns, ns, World.TEST))
        self.cycle.tick()

    def wait(self, seconds: int) -> None:
        for _ in range(seconds):
            self.clock.advance(1.0)
            self.feed(9.0)

    def command(self, name: str, args: dict[str, Any], **changes: Any) -> Any:
        fields = {"actor": "王", "role": "operator", "place": "中控室", "reason": ""} | changes
        return self.handlers.on_command({}, Command(id="c1", name=name, args=args, **fields))

    @property
    def contact(self) -> bool:
        (row,) = self.annunciator.outputs()
        return bool(row["on"])

    @property
    def kinds(self) -> list[str]:
        kinds = [transition.event.kind for transition in self.log.transitions]
        return [kind for kind in kinds if kind.startswith("callout.")]

    @property
    def rows(self) -> list[StateRow]:
        rows = [t.row for t in self.log.transitions if t.row is not None]
        return list({row.condition: row for row in rows}.values())


def test_contact_journal_and_screens_are_told_in_this_order() -> None:
    """Sample, alarm, 60 s: the output is on, the event is kept, the call is shown."""
    core = Core()
    core.feed(0.7)
    assert core.kinds == ["callout.notice", "callout.notice"]
    core.wait(61)
    assert core.contact
    assert core.kinds[-1] == "callout.began"
    assert core.log.shown[-1]["calls"][0]["alarms"] == ["AT-1/hh"]
    assert core.handlers.snapshot()["calls"] == core.log.shown[-1]["calls"]
    assert len(core.handlers.snapshot()["notices"]) == 2
    core.command("acknowledge", {"condition": "AT-1/hh"})
    core.cycle.tick()
    assert not core.contact
    assert (core.kinds[-1], core.log.shown[-1]["calls"]) == ("callout.ended", [])


def test_who_only_looks_may_say_that_they_have_read_and_a_kiosk_may_not() -> None:
    """A receipt is a named person's, whatever their role; it is journalled with its command."""
    core = Core()
    core.feed(0.7)
    core.wait(125)
    call = core.handlers.snapshot()["calls"][0]["call"]
    with pytest.raises(CommandError, match=r"command\.refused\.role"):
        core.command("read_call", {"call": call}, role="kiosk")
    with pytest.raises(CommandError, match="arguments"):
        core.command("read_call", {})
    answer = core.command("read_call", {"call": call}, role="viewer", actor="李")
    assert answer["calls"][0]["read_by"] == "李"
    assert core.log.shown[-1]["calls"] == answer["calls"]
    last = [transition.event for transition in core.log.transitions][-2:]
    assert [event.kind for event in last] == ["command.read_call", "callout.read"]
    assert last[0].params["subject"] == call


def test_a_restart_goes_on_with_contact_call_and_receipt() -> None:
    """What the journal holds is enough; the contact is on before any device is asked."""
    core = Core()
    core.feed(0.7)
    core.wait(125)
    core.command("read_call", {"call": core.handlers.snapshot()["calls"][0]["call"]})
    before = core.handlers.snapshot()
    again = Core(ManualClock(core.clock.now().utc_ns, 7), core.rows)
    assert again.contact
    for key in ("calls", "notices"):
        assert again.handlers.snapshot()[key] == before[key]


def test_a_fault_of_ours_in_callout_costs_no_alarm() -> None:
    """It is said once, and samples, alarms and horns go on."""
    core = Core()

    def broken(now: Any) -> Any:
        raise RuntimeError("ours")

    core.cycle.callouts.callout.tell = core.cycle.callouts.callout.call = broken
    core.feed(0.7)
    core.wait(5)
    kinds = [transition.event.kind for transition in core.log.transitions]
    assert kinds == ["alarm.raised", "core.fault"]


def test_notices_that_fail_keep_nobody_from_being_called() -> None:
    """The contact goes on in its time."""
    core = Core()

    def broken(now: Any) -> Any:
        raise RuntimeError("ours")

    core.cycle.callouts.callout.tell = broken
    core.feed(0.7)
    core.wait(121)
    assert core.contact
    assert core.kinds == ["callout.began", "callout.called"]
