"""Ticks keep a person's time, whatever clock the site runs on."""

import asyncio

from edge.clock import ManualClock
from edge.console.board import Board
from edge.console.hub import BEHIND_S, Client, Hub
from edge.console.pulse import CORE_SILENT_S, SHORTEST_S, TICK_S, Pulse
from edge.errors import JournalError


class Sent(Hub):
    """A hub that keeps what it was given."""

    def __init__(self):
        super().__init__(ManualClock())
        self.messages = []

    def send(self, message):
        self.messages.append(message)


def parts(latest=lambda: None):
    site_clock, pace, board, hub = ManualClock(), ManualClock(), Board(), Sent()
    return site_clock, pace, board, hub, Pulse(board, hub, site_clock, pace, latest)


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


async def run_for(pace, seconds, step=0.05):
    """Move the pace on in small steps, letting the pulse run after each."""
    for _ in range(round(seconds / step)):
        pace.advance(step)
        await settle()


async def test_a_tick_comes_twice_a_second_with_nothing_to_say():
    """A quiet site's page still knows that it is seen."""
    _, pace, _, hub, pulse = parts()
    task = asyncio.create_task(pulse.run())
    await settle()
    hub.messages.clear()
    await run_for(pace, 10 * TICK_S)
    task.cancel()

    assert 9 <= len(hub.messages) <= 11
    assert all(message["values"] == [] for message in hub.messages)


async def test_changed_values_come_at_most_five_times_a_second():
    """A storm of values becomes five ticks a second, each with the newest."""
    _, pace, board, hub, pulse = parts()
    pulse.heard()
    task = asyncio.create_task(pulse.run())
    await settle()
    hub.messages.clear()
    for n in range(100):
        board.take_values({"values": [["A", n, 0, "ok", 1, 1]]})
        await run_for(pace, 0.02, 0.02)
    task.cancel()

    assert len(hub.messages) <= 2 / SHORTEST_S + 1
    assert len(hub.messages) >= 6
    assert [len(message["values"]) for message in hub.messages] == [1] * len(hub.messages)


async def test_the_stamp_is_the_site_clocks():
    """In a fast replay a tick carries the replay's time."""
    site_clock, _, _, _, pulse = parts()
    site_clock.advance(1000)

    assert pulse.tick()["at_ns"] == site_clock.now().utc_ns


def test_core_is_down_when_it_is_silent_or_gone_and_ticks_go_on():
    """A hung core and a dead one look the same; both are said."""
    _, pace, _, _, pulse = parts()
    assert pulse.tick()["core"] == "down"
    pulse.heard()
    assert pulse.tick()["core"] == "up"
    pace.advance(CORE_SILENT_S + 0.1)
    assert pulse.tick()["core"] == "down"
    pulse.heard()
    pulse.lost()
    assert pulse.tick()["core"] == "down"
    assert pulse.tick()["n"] == 5


async def test_a_hazard_file_that_cannot_be_read_stops_nothing():
    """The watch over the hazard file lives through its faults and sends what comes after."""
    answers = [JournalError("spoilt"), JournalError("spoilt"), {"seq": 3, "id": "c"}]

    def latest():
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    _, pace, board, hub, pulse = parts(latest)
    task = asyncio.create_task(pulse.watch_hazard())
    async with asyncio.timeout(5):
        while not hub.messages:
            await asyncio.sleep(0.005)
            pace.advance(0.6)
    task.cancel()

    assert hub.messages == [{"t": "hazard", "estimate": {"seq": 3, "id": "c"}}]
    assert board.hazard == {"seq": 3, "id": "c"}


class DeafSocket:
    """A page that reads nothing."""

    async def send_text(self, data):
        await asyncio.Event().wait()


async def test_a_page_that_does_not_read_is_let_go_and_others_are_not():
    """A slow page never holds up the rest, nor the server's memory."""
    clock = ManualClock()
    hub = Hub(clock)
    got = []

    class Reader:
        async def send_text(self, data):
            got.append(data)

    deaf, reader = Client(DeafSocket(), lambda: True), Client(Reader(), lambda: True)
    hub.clients |= {deaf, reader}
    tasks = [asyncio.create_task(one.send_all()) for one in (deaf, reader)]
    for _ in range(20):
        hub.send({"t": "tick"})
        await settle()
        clock.advance(BEHIND_S / 10)

    assert deaf.dropped == "slow"
    assert len(deaf.waiting) < 20
    assert len(got) == 20
    assert hub.let_go == 1
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_burst_of_events_drops_nobody():
    """Two thousand alarms at once reach a page that reads."""
    hub = Hub(ManualClock())
    got = []

    class Reader:
        async def send_text(self, data):
            got.append(data)

    client = Client(Reader(), lambda: True)
    hub.clients.add(client)
    task = asyncio.create_task(client.send_all())
    for n in range(2000):
        hub.send({"t": "event", "n": n})
    await settle()

    assert len(got) == 2000
    client.drop("stopping")
    assert await task == "stopping"
