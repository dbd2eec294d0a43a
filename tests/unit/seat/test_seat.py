"""The wire between field and seat, on a real socket."""

from __future__ import annotations

import asyncio
import socket
import stat
from pathlib import Path
from typing import Any

import pytest

from edge.errors import WireError
from edge.site import load_site
from simulator.plant import Action
from simulator.seat import FeedServer, SeatClient, hello, pack, unpack
from simulator.seat.protocol import parse_action

DEMO = Path(__file__).parents[3] / "deploy" / "sites" / "demo"


async def collected(client: SeatClient, count: int) -> list[dict[str, Any]]:
    """Return the next `count` messages; the loop turns until they are there."""
    found: list[dict[str, Any]] = []
    for _ in range(5000):
        found += client.receive()
        if len(found) >= count:
            return found
        await asyncio.sleep(0.001)
    raise AssertionError(f"only {found}")


async def test_a_seat_sees_hello_frames_and_facts_and_commands(tmp_path: Path):
    """Hello first, then frames and facts; a wrong command is refused with its reason."""
    taken: list[tuple[str, Action]] = []

    def command(seat: str, action: Action) -> str:
        taken.append((seat, action))
        return "no such valve" if getattr(action, "tag", "") == "XV-9" else ""

    site = load_site(DEMO)
    server = FeedServer(tmp_path / "s", hello(site, "plant", {"zh": "试", "en": "t"}), command)
    await server.start()
    server.tell({"t": "story", "event": "before-it-came"})
    client = SeatClient(tmp_path / "s", "seat-1")
    assert client.connect()
    greeting, earlier = await collected(client, 2)
    server.frame({"t": "state", "n": 1})
    server.tell({"t": "leak", "state": "start"})
    state, leak = await collected(client, 2)
    client.send({"do": "close_valve", "tag": "XV-101"})
    (accepted,) = await collected(client, 1)
    client.send({"do": "close_valve", "tag": "XV-9"})
    (refused,) = await collected(client, 1)
    client.send({"do": "explode"})
    (unknown,) = await collected(client, 1)

    assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o600
    assert greeting["site"]["id"] == "demo"
    assert len(greeting["site"]["tags"]) == 38
    assert earlier["event"] == "before-it-came"
    assert (state["n"], leak["state"]) == (1, "start")
    assert (accepted["ok"], refused["ok"], unknown["ok"]) == (True, False, False)
    assert refused["error"] == "no such valve"
    assert "explode" in unknown["error"]
    assert [seat for seat, _ in taken] == ["seat-1", "seat-1"]
    await server.stop()
    for _ in range(2000):
        client.receive()
        if not client.connected:
            break
        await asyncio.sleep(0.001)
    assert not client.connected
    assert not (tmp_path / "s").exists()


async def test_garbage_from_a_seat_is_answered_and_the_others_go_on(tmp_path: Path):
    """A line that is no message gets its answer; the server stands."""
    server = FeedServer(tmp_path / "s", {"t": "hello", "v": 1}, lambda *_: "")
    await server.start()
    reader, writer = await asyncio.open_unix_connection(str(tmp_path / "s"))
    await reader.readline()
    for line in (b"nonsense\n", b"[1]\n", b'{"t": "state"}\n'):
        writer.write(line)
        reply = unpack(await reader.readline())
        assert reply["ok"] is False
    writer.close()
    client = SeatClient(tmp_path / "s", "seat-2")
    assert client.connect()
    assert (await collected(client, 1))[0]["v"] == 1
    client.close()
    await server.stop()


async def test_a_dead_process_socket_is_taken_over(tmp_path: Path):
    """A socket file that nobody serves any more does not keep a new field from starting."""
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "s"))
    server = FeedServer(tmp_path / "s", {"t": "hello", "v": 1}, lambda *_: "")
    await server.start()
    await server.stop()


async def test_a_living_field_keeps_its_socket(tmp_path: Path):
    """A second field on the same socket is refused; the first one goes on."""
    first = FeedServer(tmp_path / "s", {"t": "hello", "v": 1}, lambda *_: "")
    second = FeedServer(tmp_path / "s", {"t": "hello", "v": 1}, lambda *_: "")
    await first.start()
    with pytest.raises(OSError, match="in use"):
        await second.start()
    await second.stop()
    client = SeatClient(tmp_path / "s", "seat-1")
    assert client.connect()
    client.close()
    await first.stop()


async def test_another_version_is_refused(tmp_path: Path):
    """A seat that meets a newer field says so instead of guessing."""
    server = FeedServer(tmp_path / "s", {"t": "hello", "v": 2}, lambda *_: "")
    await server.start()
    client = SeatClient(tmp_path / "s", "seat-1")
    client.connect()
    with pytest.raises(WireError, match="version 2"):
        await collected(client, 1)
    client.close()
    await server.stop()


def test_no_field_is_no_error(tmp_path: Path):
    """A seat that starts first waits: connecting just says no."""
    client = SeatClient(tmp_path / "none", "seat-1")

    assert not client.connect()
    assert client.receive() == []
    assert client.send({"do": "plug"}) is False


def test_lines_and_actions_are_checked():
    """Packing is unpacking's inverse; an action is checked like one in a scenario."""
    assert unpack(pack({"t": "a", "n": 1})) == {"t": "a", "n": 1}
    with pytest.raises(WireError, match="hole_mm"):
        parse_action({"do": "rupture", "asset": "CL2-BAY", "hole_mm": -1})
