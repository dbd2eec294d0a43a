"""A command's answer waits for its record, and for nothing that does not come."""

from __future__ import annotations

import asyncio
import inspect
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.clock import Instant
from edge.control import Command
from edge.cycle import Recorded
from edge.errors import CommandError
from edge.journal import JournalReader
from tests.unit.cycle.test_cycle import Bench
from tests.unit.journal.kit import writer
from tests.unit.poll.helpers import settle

WHO = {"actor": "王", "role": "operator", "place": "中控室", "reason": "看过"}


class Slow:
    """A journal that commits when the test says so."""

    def __init__(self, bench: Bench) -> None:
        self._log = bench.log
        self.well = True
        self.waiting: list[Callable[[], None]] = []

    @property
    def offered(self) -> int:
        return len(self._log.transitions)

    def healthy(self, now: Instant) -> bool:
        return self.well

    def when_committed(self, told: Callable[[], None]) -> None:
        self.waiting.append(told)


class Desk:
    def __init__(self, patience_s: float = 60.0) -> None:
        self.bench = Bench()
        self.journal = Slow(self.bench)
        self.recorded = Recorded(self.bench.handlers, self.journal, self.bench.clock, patience_s)

    def command(self, name: str, args: dict[str, Any] | None = None) -> Any:
        return self.recorded.on_command({}, Command(id="c1", name=name, args=args or {}, **WHO))

    async def until_waiting(self) -> None:
        while not self.journal.waiting:
            await settle()


async def test_the_act_is_done_at_once_and_answered_when_it_is_on_the_disk() -> None:
    """The alarm is acknowledged before the answer; the answer comes with the commit."""
    desk = Desk()
    desk.bench.feed(0.4)
    answer = asyncio.ensure_future(desk.command("acknowledge", {"condition": "AT-1/h"}))
    assert desk.bench.engine.alarms()[0].state == "acked"
    await desk.until_waiting()
    assert not answer.done()
    desk.journal.waiting[0]()
    result = await answer
    assert (result["recorded"], result["alarm"]["state"]) == (True, "acked")


async def test_a_disk_that_does_not_take_it_is_said_after_the_patience() -> None:
    """Not committed in time: the act stands, and the answer says that its record does not."""
    desk = Desk(patience_s=0.0)
    desk.bench.feed(0.4)
    result = await desk.command("acknowledge", {"condition": "AT-1/h"})
    assert result["recorded"] is False
    desk.journal.waiting[0]()  # it comes late: nobody minds


async def test_a_failing_journal_is_not_waited_for() -> None:
    """Where the disk is known to refuse, the answer comes at once."""
    desk = Desk()
    desk.journal.well = False
    assert await desk.command("silence") == {"silenced": 0, "recorded": False}
    assert desk.journal.waiting == []


async def test_a_refusal_comes_with_its_record_as_well() -> None:
    """A refused command is an event too: the refusal waits for it."""
    desk = Desk()
    answer = asyncio.ensure_future(desk.command("acknowledge", {"condition": "AT-1/h"}))
    await desk.until_waiting()
    desk.journal.waiting[0]()
    with pytest.raises(CommandError, match="not-standing"):
        await answer


async def test_an_act_that_takes_time_is_answered_after_both() -> None:
    """A horn that is tested answers for the device, then for the record."""
    desk = Desk()
    task = asyncio.create_task(desk.bench.annunciator.run())
    names = {"annunciator": "tower-1", "output": "horn"}
    answer = asyncio.ensure_future(desk.command("test_output", names))
    await desk.until_waiting()
    desk.journal.waiting[0]()
    assert await answer == {**names, "recorded": True}
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_questions_wait_for_nothing() -> None:
    """What leaves no event is answered in the same call."""
    desk = Desk()
    result = desk.command("metrics")
    assert not inspect.isawaitable(result)
    with pytest.raises(CommandError, match="unknown-command"):
        desk.command("open_valve")


async def test_the_writer_s_own_thread_tells_of_the_commit(tmp_path: Path) -> None:
    """With the real journal: recorded is true only when a reader finds the event."""
    bench, path = Bench(), tmp_path / "journal.db"
    journal = writer(path)
    journal.open()
    bench.cycle._journal = journal
    recorded = Recorded(bench.handlers, journal, bench.clock, 20.0)
    for number in range(20):
        command = Command(id=f"c{number}", name="silence", args={}, **WHO)
        assert (await recorded.on_command({}, command))["recorded"] is True
        assert JournalReader(path).newest()[0] == number + 1
    journal.close()
    assert await recorded.recorded() is False, "a closed journal keeps nothing"


async def test_a_full_disk_answers_not_recorded_and_then_recorded_again(tmp_path: Path) -> None:
    """SQLite that says full: the first answer is late and false, those after it at once."""
    bench, path = Bench(), tmp_path / "journal.db"
    journal = writer(path)
    journal.open()
    bench.cycle._journal = journal
    recorded = Recorded(bench.handlers, journal, bench.clock, 0.3)

    async def silence(number: int) -> bool:
        command = Command(id=f"c{number}", name="silence", args={}, **{**WHO, "reason": "长" * 200})
        return (await recorded.on_command({}, command))["recorded"]

    assert await silence(0)
    journal._store._raw().execute("PRAGMA max_page_count = 1")
    answers = [await silence(number) for number in range(1, 100)]
    assert answers[-1] is False
    assert not journal.healthy(bench.clock.now())
    journal._store._raw().execute(f"PRAGMA max_page_count = {1 << 30}")
    while not journal.healthy(bench.clock.now()):
        os.sched_yield()
    assert await silence(100)
    journal.close()
    kinds = [row.kind for row in JournalReader(path).events(0, 1000)]
    assert kinds.count("command.silence") == 101, "what was not recorded at first is, later"
