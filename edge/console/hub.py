"""The hub: every open page gets the same bytes, and a page that cannot keep up is let go."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

import orjson

from edge.clock import NS, Clock

BEHIND_S = 3.0  # a page this far behind would show the past as the present
MOST_CLIENTS = 50


class Socket(Protocol):
    """What the hub needs of a WebSocket."""

    async def send_text(self, data: str) -> None:
        """Send one message; waits while the peer does not read."""
        ...


class Client:
    """One page: messages wait here for its own sender task."""

    def __init__(self, socket: Socket, may_view: Callable[[], bool]) -> None:
        self.socket = socket
        self.may_view = may_view
        self.waiting: deque[tuple[int, str]] = deque()  # (since [monotonic ns], message)
        self.news = asyncio.Event()
        self.dropped = ""  # why it is let go

    def drop(self, why: str) -> None:
        """Let the page go: its sender ends, and the page will connect anew."""
        self.dropped = self.dropped or why
        self.news.set()

    async def send_all(self) -> str:
        """Send what waits until the page is let go; return why it was."""
        while not self.dropped:
            await self.news.wait()
            self.news.clear()
            while self.waiting and not self.dropped:
                await self.socket.send_text(self.waiting[0][1])
                self.waiting.popleft()
        return self.dropped


class Hub:
    """All open pages. A message is encoded once, whatever their number."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.clients: set[Client] = set()
        self.sent = 0
        self.let_go = 0

    def send(self, message: dict[str, Any]) -> None:
        """Queue a message for every page. Never waits."""
        if not self.clients:
            return
        text = orjson.dumps(message).decode()
        for client in self.clients:
            self.queue(client, text)

    def send_one(self, client: Client, message: dict[str, Any]) -> None:
        """Queue a message for one page."""
        self.queue(client, orjson.dumps(message).decode())

    def queue(self, client: Client, text: str) -> None:
        """Queue encoded text, letting the page go if it is too far behind."""
        if client.dropped:
            return
        now_ns = self._clock.now().mono_ns
        if client.waiting and now_ns - client.waiting[0][0] > BEHIND_S * NS:
            self.let_go += 1
            client.drop("slow")
            return
        client.waiting.append((now_ns, text))
        client.news.set()
        self.sent += 1

    def check_doors(self) -> None:
        """Let go of every page whose login has ended."""
        for client in self.clients:
            if not client.may_view():
                client.drop("login")

    def close(self) -> None:
        """Let everybody go: the server stops."""
        for client in self.clients:
            client.drop("stopping")
