"""The other side: a link that mends itself, and says when there is nobody at its end."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from edge.control import ControlClient, ControlServer, Json
from edge.control import client as client_module
from edge.errors import CommandError, ConfigError, WireError
from edge.tag import World
from tests.unit.control.kit import HELLO, PATIENCE_S, Core, sample


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "core.sock"


async def _until(messages, kind: str) -> list[Json]:
    """Return messages up to the first of `kind`."""
    seen: list[Json] = []
    async with asyncio.timeout(PATIENCE_S):
        async for message in messages:
            seen.append(message)
            if message["t"] == kind:
                return seen
    raise AssertionError


async def test_a_client_follows_core_through_a_restart(path: Path):
    """Core's death is a message; its return begins with hello and snapshot, report repeated."""
    core = Core()
    async with AsyncExitStack() as life, ControlClient(path, "hazard") as client:
        messages = client.messages(period_s=0.05)
        server = await life.enter_async_context(ControlServer(path, HELLO, core))
        client.report("running")
        assert [m["t"] for m in await _until(messages, "snapshot")][-2:] == ["hello", "snapshot"]
        assert client.core["site_hash"] == "h"
        server.push_values([sample("AT-1", 4.0)])
        while not (seen := await _until(messages, "values"))[-1]["values"]:
            pass
        assert seen[-1]["values"] == [["AT-1", 4.0, 0, "ok", 5, 6]]
        await life.aclose()
        await _until(messages, "down")
        assert client.core == {}
        again = Core()
        async with ControlServer(path, HELLO, again):
            kinds = [m["t"] for m in await _until(messages, "snapshot")]
            assert kinds[0] == "hello"
            assert await asyncio.wait_for(again.reports.get(), PATIENCE_S) == ("hazard", "running")


async def test_commands_come_back_as_result_or_error(path: Path):
    """A command's result is returned, core's refusal raised with its id and parameters."""
    async with ControlServer(path, HELLO, Core()), ControlClient(path, "cli") as client:
        result = await client.command("acknowledge", {"condition": "X"}, actor="wang")
        assert result == {"did": "acknowledge", "times": 1}
        with pytest.raises(CommandError) as caught:
            await client.command("refused")
        assert (caught.value.message_id, caught.value.params) == (
            "alarm.no-such",
            {"condition": "X"},
        )


async def test_a_command_asked_again_with_its_id_is_done_once(path: Path):
    """Who asks again after a lost answer names the same id, and gets the first answer."""
    core = Core()
    async with ControlServer(path, HELLO, core):
        for _ in range(2):
            async with ControlClient(path, "cli") as client:
                result = await client.command("silence", command_id="the-same")
                assert result == {"did": "silence", "times": 1}
    assert len(core.commands) == 1


async def test_a_command_without_core_or_without_answer_is_refused_soon(path: Path):
    """Nobody waits for ever: no core, a core that goes and a silent core are told apart."""
    async with ControlClient(path, "cli") as client:
        with pytest.raises(CommandError, match=r"control\.down"):
            await client.command("silence")
    core = Core()
    async with AsyncExitStack() as life, ControlClient(path, "cli") as client:
        await life.enter_async_context(ControlServer(path, HELLO, core))
        with pytest.raises(CommandError, match=r"control\.timeout"):
            await client.command("slow", timeout_s=0.05)
        asked = asyncio.create_task(client.command("slow"))
        for _ in range(2):
            await asyncio.wait_for(core.slow.acquire(), PATIENCE_S)
        await life.aclose()
        with pytest.raises(CommandError, match=r"control\.down"):
            await asked


async def test_publishing_says_whether_core_was_there(path: Path):
    """Derived samples go to core; without one the sender is told."""
    core = Core()
    async with ControlClient(path, "hazard") as client:
        assert not client.publish([sample("PRED-1", 1.0)], World.TEST)
        async with ControlServer(path, HELLO, core):
            await _until(client.messages(), "snapshot")
            assert client.publish([sample("PRED-1", 1.0)], World.TEST)
            await client.command("silence")  # comes after it on the same line
            assert [[one.tag for one in batch] for batch, _ in core.published] == [["PRED-1"]]


async def test_a_core_of_another_world_ends_the_link(path: Path):
    """A satellite of a drill never works with a live core: it is told, once, for good."""
    live = {**HELLO, "world": "live"}
    async with ControlServer(path, live, Core()), ControlClient(path, "h", World.TEST) as client:
        with pytest.raises(WireError, match="world live"):
            await _until(client.messages(), "snapshot")
        with pytest.raises(WireError, match="world live"):
            await client.command("silence")


async def test_a_core_of_another_version_ends_the_link(path: Path):
    """A client that does not know core's protocol says upgrade, and does not guess."""

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b'{"t":"hello","v":2}\n')
        await reader.read()
        writer.close()

    other = await asyncio.start_unix_server(greet, str(path))
    async with ControlClient(path, "cli") as client:
        with pytest.raises(WireError, match="upgrade Suian"):
            await _until(client.messages(), "snapshot")
    other.close()


async def test_a_socket_that_closes_at_once_is_not_asked_in_a_storm(path: Path):
    """A core that dies while it greets is tried again with growing waits, not in a storm."""
    calls = 0

    async def die(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal calls
        calls += 1
        writer.close()

    other = await asyncio.start_unix_server(die, str(path))
    async with ControlClient(path, "cli") as client:
        with pytest.raises(CommandError, match=r"control\.down"):
            await client.command("silence")
        assert calls <= 4
    other.close()


async def test_a_reader_that_does_not_keep_up_starts_afresh(
    path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Messages that nobody takes do not fill the memory: the link is made anew, and says so."""
    monkeypatch.setattr(client_module, "QUEUE_LIMIT", 50)
    server = ControlServer(path, HELLO, Core())
    async with server, ControlClient(path, "console") as client:
        messages = client.messages()
        await _until(messages, "snapshot")
        for number in range(200):
            server.push_event({"seq": number}, None)
        kinds = [m["t"] for m in await _until(messages, "snapshot")]
        assert kinds[-3:] == ["down", "hello", "snapshot"]


async def test_a_path_too_long_is_told_before_anything_is_tried(tmp_path: Path):
    """The remedy is a shorter folder; trying again would never help."""
    with pytest.raises(ConfigError, match="shorter run folder"):
        async with ControlClient(tmp_path / ("x" * 120), "cli"):
            pass
