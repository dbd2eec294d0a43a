"""Core's side of the socket, line by line as docs/wire.md has it."""

from __future__ import annotations

import asyncio
import errno
import socket
import stat
from pathlib import Path

import pytest

from edge.clock import ManualClock
from edge.control import ControlServer, Handlers
from edge.control import server as server_module
from edge.errors import ConfigError
from edge.tag import Quality, Reason, Sample, World
from tests.unit.control.kit import HELLO, PATIENCE_S, Core, line_to, sample


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "core.sock"


async def test_hello_snapshot_and_ticks_that_come_even_when_nothing_changed(path: Path):
    """A client learns who core is, how all stands, and then that core lives, at its own pace."""
    pace = ManualClock()
    async with ControlServer(path, HELLO, Core(), ManualClock(), pace), line_to(path) as line:
        line.say({"t": "subscribe", "period_s": 0.5})
        snapshot = await line.hear()
        assert snapshot["t"] == "snapshot"
        assert snapshot["values"] == [["AT-1", 1.5, 0, "ok", 1, 2]]
        assert snapshot["outputs"] == [{"id": "horn"}]
        assert snapshot["daemons"] == {}
        for tick in (1, 2, 3):
            await asyncio.sleep(0)
            pace.advance(0.5)
            message = await line.hear()
            assert (message["t"], message["tick"], message["values"]) == ("values", tick, [])


async def test_values_are_gathered_and_only_the_latest_of_a_tag_goes(path: Path):
    """Between two ticks a tag counts once, with its newest value, for each client's own period."""
    pace = ManualClock()
    server = ControlServer(path, HELLO, Core(), ManualClock(), pace)
    async with server, line_to(path) as quick, line_to(path) as slow:
        for line, period_s in ((quick, 0.5), (slow, 1.0)):
            line.say({"t": "subscribe", "period_s": period_s})
            assert (await line.hear())["t"] == "snapshot"
        server.push_values([sample("AT-1", 1.0)])
        server.push_values([sample("AT-1", 2.0)])
        server.push_values([Sample("AT-2", None, Quality.BAD, Reason.TIMEOUT, 7, 8, World.TEST)])
        pace.advance(0.5)
        rows = [["AT-1", 2.0, 0, "ok", 5, 6], ["AT-2", None, 2, "timeout", 7, 8]]
        assert (await quick.hear())["values"] == rows
        server.push_values([sample("AT-1", 3.0)])
        pace.advance(0.5)
        assert (await quick.hear())["values"] == [["AT-1", 3.0, 0, "ok", 5, 6]]
        assert (await slow.hear())["values"] == [["AT-1", 3.0, 0, "ok", 5, 6], rows[1]]


async def test_events_go_at_once_and_only_to_subscribers(path: Path):
    """An alarm does not wait for a tick; who only sends commands is not told."""
    server = ControlServer(path, HELLO, Core(), pace=ManualClock())
    async with server, line_to(path) as watcher, line_to(path) as caller:
        watcher.say({"t": "subscribe"})
        await watcher.hear_kind("snapshot")
        server.push_event({"seq": None, "kind": "alarm.raised"}, {"condition": "AT-1/h"})
        message = await watcher.hear()
        assert message == {
            "t": "event",
            "event": {"seq": None, "kind": "alarm.raised"},
            "alarm": {"condition": "AT-1/h"},
        }
        caller.say({"t": "command", "id": "c-1", "name": "silence"})
        assert (await caller.hear())["t"] == "reply"


async def test_calls_go_at_once_and_whole(path: Path):
    """Who is called and who was told comes as it stands now, not as changes."""
    server = ControlServer(path, HELLO, Core(), pace=ManualClock())
    async with server, line_to(path) as watcher:
        watcher.say({"t": "subscribe"})
        await watcher.hear_kind("snapshot")
        server.push_calls({"calls": [{"call": "call-1"}], "notices": []})
        assert await watcher.hear() == {"t": "calls", "calls": [{"call": "call-1"}], "notices": []}


async def test_a_command_id_is_answered_once_and_done_once(path: Path):
    """The same id gets the first answer again, from any client, and core is not asked again."""
    core = Core()
    async with ControlServer(path, HELLO, core), line_to(path) as one, line_to(path) as two:
        command = {
            "t": "command",
            "id": "c-1",
            "name": "acknowledge",
            "actor": "wang",
            "role": "operator",
            "place": "console",
            "reason": "",
            "args": {"condition": "AT-1/h"},
        }
        for line in (one, one, two):
            line.say(command)
            reply = await line.hear()
            assert reply == {
                "t": "reply",
                "id": "c-1",
                "ok": True,
                "result": {"did": "acknowledge", "times": 1},
            }
        ((name, seen),) = core.commands
        assert (name, seen.actor, seen.args) == ("tester", "wang", {"condition": "AT-1/h"})


async def test_a_command_that_takes_time_is_answered_when_done_and_blocks_nobody(path: Path):
    """A slow command's repeat waits for the same answer; other commands pass it by."""
    core = Core()
    async with ControlServer(path, HELLO, core), line_to(path) as line, line_to(path) as other:
        line.say({"t": "command", "id": "s", "name": "slow"})
        line.say({"t": "command", "id": "s", "name": "slow"})
        line.say({"t": "command", "id": "r", "name": "slow", "args": {"refuse": 1}})
        line.say({"t": "command", "id": "q", "name": "silence"})
        assert (await line.hear())["id"] == "q"
        other.say({"t": "command", "id": "s", "name": "slow"})
        other.say({"t": "command", "id": "o", "name": "silence"})
        assert (await other.hear())["id"] == "o"
        core.gate.set()
        answers = [await line.hear() for _ in range(3)] + [await other.hear()]
        assert sorted((one["id"], one["ok"]) for one in answers) == [
            ("r", False),
            ("s", True),
            ("s", True),
            ("s", True),
        ]
        assert len([c for _, c in core.commands if c.name == "slow"]) == 2


async def test_refusals_and_our_own_mistakes_are_answered_and_core_goes_on(path: Path):
    """A refused command gets core's message id; one that broke core's code is answered as well."""
    async with ControlServer(path, HELLO, Core()) as server:
        async with line_to(path) as line:
            line.say({"t": "command", "id": "1", "name": "refused"})
            error = (await line.hear())["error"]
            assert error == {"id": "alarm.no-such", "params": {"condition": "X"}}
            line.say({"t": "command", "id": "2", "name": "broken"})
            assert (await line.hear())["error"]["id"] == "control.command-failed"
        async with line_to(path) as line:
            line.say({"t": "subscribe"})
            assert (await line.hear())["t"] == "snapshot"
            server.push_event({}, None)
            await line.hear_kind("event")


async def test_published_samples_reach_core_with_its_own_receive_time(path: Path):
    """A derived tag's sample keeps its source time, gets core's clock, and may be refused."""
    core, clock = Core(), ManualClock()
    async with ControlServer(path, HELLO, core, clock), line_to(path) as line:
        rows = [["PRED-1", 2.5, 1, "estimated", 7], ["HAZARD-OK", None, 2, "stale", 8]]
        line.say({"t": "publish", "samples": rows, "world": "test"})
        line.say({"t": "publish", "samples": rows, "world": "live"})
        error = (await line.hear())["error"]
        assert error == {"id": "core.other-world", "params": {"world": "live"}}
        now_ns = clock.now().utc_ns
        ((samples, world),) = core.published
        assert world is World.TEST
        assert samples == [
            Sample("PRED-1", 2.5, Quality.UNCERTAIN, Reason.ESTIMATED, 7, now_ns, World.TEST),
            Sample("HAZARD-OK", None, Quality.BAD, Reason.STALE, 8, now_ns, World.TEST),
        ]


async def test_a_satellites_state_is_told_to_all_and_ends_as_down(path: Path):
    """A report reaches core and subscribers at once; a satellite that goes is down."""
    core = Core()
    async with ControlServer(path, HELLO, core, pace=ManualClock()) as server:
        async with line_to(path) as watcher:
            watcher.say({"t": "subscribe"})
            await watcher.hear_kind("snapshot")
            async with line_to(path) as hazard:
                hazard.say({"t": "report", "state": "preparing"})
                assert (await watcher.hear())["daemons"] == {"tester": "preparing"}
            assert (await watcher.hear())["daemons"] == {"tester": "down"}
        assert [core.reports.get_nowait() for _ in range(2)] == [
            ("tester", "preparing"),
            ("tester", "down"),
        ]
        assert server.daemons == {"tester": "down"}


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"{not json", "not JSON"),
        (b"[1, 2]", "must be a JSON object"),
        (b'{"no": "t"}', "text 't'"),
        ({"t": "subscribe"}, "first line must be hello"),
        ({"t": "hello", "v": 2, "name": "x"}, "upgrade Suian"),
        ({"t": "hello", "v": 1}, "must have a name"),
        ({"t": "hello", "v": 1, "name": "x", "world": "live"}, "this is world test"),
    ],
)
async def test_a_bad_first_line_is_answered_and_ends_the_connection(path: Path, said, why):
    """Whoever does not say a proper hello is told why, and is let go."""
    async with ControlServer(path, HELLO, Core()), line_to(path, hello=False) as line:
        line.say(said)
        reply = await line.hear()
        assert (reply["t"], reply["ok"], reply["id"]) == ("reply", False, None)
        assert reply["error"]["id"] == "control.bad-line"
        assert why in reply["error"]["params"]["detail"]
        assert await line.hear() == {}


@pytest.mark.parametrize(
    "said",
    [
        b"\xff\xfe",
        {"t": "dance"},
        {"t": "subscribe", "period_s": "often"},
        {"t": "subscribe", "period_s": True},
        {"t": "command", "name": "silence"},
        {"t": "command", "id": "1"},
        {"t": "command", "id": 1, "name": "silence"},
        {"t": "command", "id": "1", "name": "silence", "args": []},
        {"t": "report"},
        {"t": "report", "state": 5},
        {"t": "publish", "samples": 5, "world": "test"},
        {"t": "publish", "samples": [["A", 1.0, 0]], "world": "test"},
        {"t": "publish", "samples": [["A", 1.0, 7, "ok", 1]], "world": "test"},
        {"t": "publish", "samples": [["A", 1.0, 0, "nonsense", 1]], "world": "test"},
        {"t": "publish", "samples": [["A", "x", 0, "ok", 1]], "world": "test"},
        {"t": "publish", "samples": [["A", "nan", 0, "ok", 1]], "world": "test"},
        {"t": "publish", "samples": [["A", True, 0, "ok", 1]], "world": "test"},
        {"t": "publish", "samples": [["A", None, 0, "ok", 1]], "world": "test"},
        {"t": "publish", "samples": [["A", 1.0, 2, "timeout", 1]], "world": "test"},
        {"t": "publish", "samples": [["A", 1.0, 0, "ok", 1 << 63]], "world": "test"},
        {"t": "publish", "samples": [["A", 1.0, 0, "ok", -1]], "world": "test"},
        {"t": "publish", "samples": [], "world": "nowhere"},
        b'{"t": "report", "state": "' + b"x" * (1 << 20) + b'"}',
    ],
)
async def test_a_bad_line_is_answered_and_ends_the_connection_alone(path: Path, said):
    """Garbage costs the client its own connection and nobody else's, whatever it is."""
    core = Core()
    async with ControlServer(path, HELLO, core), line_to(path) as good, line_to(path) as bad:
        bad.say(said)
        assert (await bad.hear())["error"]["id"] == "control.bad-line"
        assert await bad.hear() == {}
        good.say({"t": "command", "id": "1", "name": "silence"})
        assert (await good.hear())["ok"]
        assert not core.published


@pytest.mark.parametrize("field", ["v", "name", "world"])
async def test_a_hello_with_a_list_in_it_is_answered_too(path: Path, field: str):
    """Whatever stands in a first line, its sender is told what is wrong with it."""
    async with ControlServer(path, HELLO, Core()), line_to(path, hello=False) as line:
        line.say({"t": "hello", "v": 1, "name": "tester", field: []})
        assert (await line.hear())["error"]["id"] == "control.bad-line"


async def test_a_client_that_does_not_read_is_dropped_and_the_others_go_on(
    path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A full buffer costs the slow client its connection; core neither waits nor grows."""
    monkeypatch.setattr(server_module, "BUFFER_LIMIT", 100_000)
    server = ControlServer(path, HELLO, Core(), pace=ManualClock())
    async with server, line_to(path) as slow, line_to(path) as good:
        for line in (slow, good):
            line.say({"t": "subscribe"})
            await line.hear_kind("snapshot")
        # Not reading: pause what asyncio would read for it.
        transport = slow.writer.transport
        assert isinstance(transport, asyncio.Transport)
        transport.pause_reading()
        for number in range(200):
            server.push_event({"seq": number, "params": {"x": "y" * 10_000}}, None)
            assert (await good.hear())["event"]["seq"] == number
        assert len(server._clients) == 1
        assert next(iter(server._clients)).group is not None


async def test_the_socket_is_the_owners_alone(path: Path):
    """Only the user that runs the daemons may open the socket, and it goes with the server."""
    async with ControlServer(path, HELLO, Core()):
        assert _mode(path) == 0o600
    assert _mode(path) is None


async def test_a_dead_daemons_socket_is_replaced_and_a_living_ones_is_not(path: Path):
    """What nobody listens on is removed; a second core is refused; other files are kept."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dead:
        dead.bind(str(path))
    async with ControlServer(path, HELLO, Core()):
        with pytest.raises(OSError, match=r"core\.sock") as caught:
            async with ControlServer(path, HELLO, Core()):
                pass
        assert caught.value.errno == errno.EADDRINUSE
        async with line_to(path) as line:
            line.say({"t": "command", "id": "1", "name": "silence"})
            assert (await line.hear())["ok"]
    _mode(path, "not a socket")
    with pytest.raises(OSError, match=r"core\.sock"):
        async with ControlServer(path, HELLO, Core()):
            pass
    assert _mode(path) is not None


async def test_a_path_too_long_for_a_socket_is_told(tmp_path: Path):
    """The kernel's limit of 107 bytes is said with the remedy, not as 'invalid argument'."""
    long = tmp_path / ("x" * 108) / "core.sock"
    with pytest.raises(ConfigError, match=r"107.*shorter run folder"):
        async with ControlServer(long, HELLO, Core()):
            pass


async def test_a_satellites_socket_knows_no_more_than_it_was_given(path: Path):
    """Handlers that were not given refuse: nothing is taken silently."""
    async with ControlServer(path, HELLO, Handlers()), line_to(path) as line:
        line.say({"t": "command", "id": "1", "name": "acknowledge"})
        assert (await line.hear())["error"]["id"] == "control.unknown-command"
        line.say({"t": "publish", "samples": [], "world": "test"})
        assert (await line.hear())["error"]["id"] == "control.no-publish"


async def test_ending_leaves_no_task_behind(path: Path):
    """A server that ends lets its clients go and stops its ticks."""
    before = asyncio.all_tasks()
    async with ControlServer(path, HELLO, Core()), line_to(path) as line:
        line.say({"t": "subscribe"})
        await line.hear_kind("snapshot")
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(*(asyncio.all_tasks() - before), return_exceptions=True)
    assert asyncio.all_tasks() == before


def _mode(path: Path, fill: str = "") -> int | None:
    """Return a file's permissions, None where there is no file; `fill` makes a plain one first."""
    if fill:
        path.write_text(fill)
    return stat.S_IMODE(path.stat().st_mode) if path.exists() else None
