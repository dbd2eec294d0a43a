"""The command log: the only way in for people. What they asked for, at which tick it happened.

Commands are applied at the next tick, ordered by seat and by each seat's own count, so that a log
played again gives the same plant.
"""

from __future__ import annotations

from typing import NamedTuple

from simulator.plant.actions import Action


class Command(NamedTuple):
    """One action that a seat asked for; `tick` is the plant's, 0 until it was applied."""

    tick: int
    seat: str
    number: int
    action: Action

    def as_dict(self) -> dict[str, object]:
        """Return it as it stands in a recording."""
        action = self.action.model_dump(exclude_none=True)
        return {"tick": self.tick, "seat": self.seat, "number": self.number, "action": action}


class CommandLog:
    """Takes commands as they come, gives them out at ticks, remembers them all."""

    def __init__(self) -> None:
        self._waiting: list[Command] = []
        self._counts: dict[str, int] = {}
        self.applied: list[Command] = []

    def add(self, seat: str, action: Action) -> Command:
        """Note that `seat` asks for `action`."""
        number = self._counts[seat] = self._counts.get(seat, 0) + 1
        command = Command(0, seat, number, action)
        self._waiting.append(command)
        return command

    def take(self, tick: int) -> list[Command]:
        """Return what is to be applied at `tick`, in its order, and remember it as applied."""
        if not self._waiting:
            return []
        ordered = sorted(self._waiting, key=lambda command: (command.seat, command.number))
        taken = [command._replace(tick=tick) for command in ordered]
        self._waiting.clear()
        self.applied += taken
        return taken
