"""The console's line to core: live pushes onto the board and to the pages, commands out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from edge.console.board import Board, Json
from edge.console.hub import Hub
from edge.console.pulse import Pulse
from edge.control import ControlClient

GATHER_S = 0.1  # values are gathered this long in core; the pulse gathers again for the pages


class CoreLink:
    """Follows core for ever; the client mends its own connection. `follow` takes its hellos."""

    def __init__(
        self,
        client: ControlClient,
        board: Board,
        hub: Hub,
        pulse: Pulse,
        follow: Callable[[Json], Awaitable[None]],
    ) -> None:
        self._client = client
        self._board, self._hub, self._pulse = board, hub, pulse
        self._follow = follow

    async def run(self) -> None:
        """Take what core says. Raises `WireError` if it is another world's or version's core."""
        async for message in self._client.messages(GATHER_S):
            self.take(message)
            if message["t"] == "hello":
                await self._follow(message)

    def take(self, message: Json) -> None:
        """Take one message: alarms and events go to the pages at once, values with the tick."""
        kind = message["t"]
        if kind == "down":
            self._pulse.lost()
            return
        self._pulse.heard()
        before = self._board.annunciation
        if kind == "values":
            self._board.take_values(message)
        elif kind == "event":
            self._board.take_event(message)
            self._hub.send(
                {"t": "event", "event": message.get("event"), "alarm": message.get("alarm")}
            )
        elif kind == "snapshot":
            self._board.take_snapshot(message)
            self._hub.send(self._board.snapshot())
        elif kind == "calls":
            self._board.take_calls(message)
            self._hub.send(self._board.callout())
        elif kind == "daemons":
            self._board.take_daemons(message)
        if kind != "snapshot" and self._board.annunciation != before:
            self._hub.send(self._board.horns())

    async def command(self, command: Json) -> Any:  # noqa: ANN401  # whatever core answers, as JSON
        """Carry an operator's command to core; return its result. Raises `CommandError`."""
        return await self._client.command(
            command["name"],
            command["args"],
            actor=command["actor"],
            role=command["role"],
            place=command["place"],
            reason=command["reason"],
            command_id=command["id"],
        )
