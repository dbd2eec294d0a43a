"""Every act of a person is in the chained journal: who, when, in what role, where and why."""

from __future__ import annotations

import asyncio
import inspect
from pathlib import Path
from typing import Any

import pytest

from edge.control import Command
from edge.errors import CommandError
from edge.journal import EventRow, JournalReader
from edge.journal.verify import verify
from tests.unit.cycle.test_cycle import Bench
from tests.unit.journal.kit import Committed, writer

WHO = {"actor": "王", "role": "operator", "place": "console 10.0.0.7", "reason": "交班前检查"}
# What makes a command succeed where it takes arguments; the others are refused, and told as well.
ARGS: dict[str, dict[str, Any]] = {
    "acknowledge": {"condition": "AT-1/h"},
    "acknowledge_all": {"conditions": ["AT-1/h"]},
    "shelve": {"condition": "AT-1/h", "minutes": 10},
    "out_of_service": {"condition": "AT-1/h", "permit": "ZY-1"},
    "calibrate": {"tag": "AT-1", "permit": "ZY-2"},
    "test_output": {"annunciator": "tower-1", "output": "horn"},
}
SUCCEED = {"silence", "acknowledge", "acknowledge_all", "shelve", "out_of_service"}
FREE = {"silence", "read_call"}  # those who may only look may do these
NAMES = sorted(Bench().handlers._acts)


def test_the_list_of_commands_is_the_handlers_own():
    """All of them are here, whoever adds one: those of people's daily work by name."""
    daily = {"acknowledge", "acknowledge_all", "reset", "silence", "shelve", "unshelve"}
    rare = {"out_of_service", "in_service", "calibrate", "calibrate_end", "test_output"}
    assert daily | rare | {"apply_site"} <= set(NAMES)


async def _give(bench: Bench, command: Command) -> bool:
    """Give a command; return whether it was taken."""
    try:
        result = bench.handlers.on_command({"name": "console"}, command)
        if inspect.isawaitable(result):
            asyncio.ensure_future(result).cancel()  # what it does in the field is not asked here
    except CommandError:
        return False
    return True


@pytest.mark.parametrize("refuse", [False, True], ids=["as-it-may", "refused"])
@pytest.mark.parametrize("name", NAMES)
async def test_every_command_leaves_who_when_where_and_why(tmp_path: Path, name: str, refuse: bool):
    """Taken or refused, its event is in the chain, with its id, and with a time."""
    path, committed, bench = tmp_path / "journal.db", Committed(), Bench()
    journal = writer(path, committed, clock=bench.clock)
    journal.open()
    bench.cycle._journal = journal
    bench.feed(0.4)
    before = bench.clock.advance(5.0).utc_ns
    role = "viewer" if refuse else WHO["role"]
    fields = {**WHO, "role": role}
    command = Command(id="c-0042", name=name, args=ARGS.get(name, {}), **fields)
    taken = await _give(bench, command)
    assert not (taken and refuse) or name in FREE
    assert taken or refuse or name not in SUCCEED
    rows = committed.wait(lambda rows: any(row.kind == f"command.{name}" for row in rows))
    journal.close()
    told = _only(rows, f"command.{name}")
    assert {key: told.params[key] for key in WHO} == fields
    assert (told.params["id"], told.utc_ns, told.clock_ok) == ("c-0042", before, True)
    assert told.params["ok"] is taken
    if not taken:
        assert str(told.params["refused"]).count(".") >= 1
    assert verify(path).whole
    assert JournalReader(path).broken_at() is None


async def test_what_a_command_did_stands_after_it_in_the_same_chain(tmp_path: Path):
    """The act's own events follow the command's, name the same person, and cannot be cut out."""
    path, committed, bench = tmp_path / "journal.db", Committed(), Bench()
    journal = writer(path, committed, clock=bench.clock)
    journal.open()
    bench.cycle._journal = journal
    bench.feed(0.4)
    assert await _give(bench, Command(id="c1", name="shelve", args=ARGS["shelve"], **WHO))
    rows = committed.wait(lambda rows: bool(rows) and rows[-1].kind == "alarm.shelved")
    journal.close()
    command, act = rows[-2:]
    assert (command.kind, act.seq) == ("command.shelve", command.seq + 1)
    assert (act.params["held_by"], act.params["held_reason"]) == ("王", "交班前检查")


def _only(rows: list[EventRow], kind: str) -> EventRow:
    (found,) = [row for row in rows if row.kind == kind]
    return found
