"""The WebSocket `/api/v1/live`: hello, snapshot, then whatever the hub sends."""

from __future__ import annotations

import asyncio
import contextlib

from starlette.websockets import WebSocket, WebSocketDisconnect

from edge.console.board import Board, Json
from edge.console.hub import MOST_CLIENTS, Client, Hub
from edge.web import Caller, Door
from edge.web.sessions import COOKIE

CLOSE_CODES = {"login": 4401, "slow": 1013, "stopping": 1012, "full": 1013}
CLOSE_PATIENCE_S = 1.0


class Live:
    """Serves open pages. `hello` is the first message each receives."""

    def __init__(self, hub: Hub, board: Board, door: Door, hello: Json) -> None:
        self._hub, self._board, self._door = hub, board, door
        self._hello = hello

    async def serve(self, socket: WebSocket) -> None:
        """Serve one page until it goes or is let go."""
        await socket.accept()
        client = Client(socket, lambda: self._door.may_view(self._caller(socket)))
        if not client.may_view():
            await _close(socket, "login")
        elif len(self._hub.clients) >= MOST_CLIENTS:
            await _close(socket, "full")
        else:
            await self._serve(socket, client)

    async def _serve(self, socket: WebSocket, client: Client) -> None:
        # No await between snapshot and membership: nothing is missed, nothing comes first.
        self._hub.send_one(client, self._hello)
        self._hub.send_one(client, self._board.snapshot())
        self._hub.clients.add(client)
        sender = asyncio.create_task(client.send_all())
        listener = asyncio.create_task(_listen(socket))
        try:
            await asyncio.wait({sender, listener}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._hub.clients.discard(client)
            for task in (sender, listener):
                task.cancel()
            await asyncio.gather(sender, listener, return_exceptions=True)
        if client.dropped:
            await _close(socket, client.dropped)

    def _caller(self, socket: WebSocket) -> Caller:
        """Return who looks. A wall page that only looks is no sign of a person's presence."""
        address = socket.client.host if socket.client else ""
        token = socket.cookies.get(COOKIE)
        return self._door.caller(address, socket.headers, token, touch=False)


async def _listen(socket: WebSocket) -> None:
    """Return when the page is gone. What a page says here is not listened to."""
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return


async def _close(socket: WebSocket, why: str) -> None:
    """Say why and close; a page that does not read is not waited for."""
    with contextlib.suppress(TimeoutError, WebSocketDisconnect, RuntimeError, OSError):
        await asyncio.wait_for(socket.close(CLOSE_CODES[why], why), CLOSE_PATIENCE_S)
