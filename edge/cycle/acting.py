"""What every command of a person has in common: its arguments, its event, and its effect."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from edge.control.protocol import Command
from edge.cycle.cycle import Cycle
from edge.errors import CommandError
from edge.event import Event, Param, Transition

LONGEST_TEXT = 200  # of what a person may write into a command
NAMES = ("condition", "annunciator", "output", "tag", "area", "call")  # arguments, as a subject
Acts = dict[str, Callable[[Command], Any]]  # by command name; a result, or what will be one


class Acting:
    """Records a command and announces what it changed, in one transaction."""

    def __init__(self, cycle: Cycle) -> None:
        self.cycle = cycle

    def do(
        self, command: Command, changed: list[Transition], extra: dict[str, Param] | None = None
    ) -> None:
        """Announce a command and what it changed, together."""
        event = self.event(command, subject_of(command), {"ok": True, **(extra or {})})
        self.cycle.announce([Transition(event, None), *changed])

    def event(self, command: Command, subject: str, extra: dict[str, Param]) -> Event:
        """Return the event of a command: who gave it, in what role, where and why."""
        params: dict[str, Param] = {
            "id": command.id[:LONGEST_TEXT],
            "subject": subject,
            "actor": command.actor[:LONGEST_TEXT],
            "role": command.role[:LONGEST_TEXT],
            "place": command.place[:LONGEST_TEXT],
            "reason": command.reason[:LONGEST_TEXT],
            **extra,
        }
        now, world = self.cycle.clock.now(), self.cycle.site.world
        return Event(f"command.{command.name}", subject, now, world, params)


def text(command: Command, key: str) -> str:
    """Return a text argument. Raises `CommandError` where it is none or empty."""
    value: object = command.args.get(key)
    if not isinstance(value, str) or not value:
        raise refused(command)
    return value


def text_or(command: Command, key: str, default: str = "") -> str:
    """Return a text argument that may be left out. Raises `CommandError` for what is no text."""
    value: object = command.args.get(key, default)
    if not isinstance(value, str):
        raise refused(command)
    return value[:LONGEST_TEXT]


def number(command: Command, key: str, default: float) -> float:
    """Return a number. Raises `CommandError` for what is none."""
    value: object = command.args.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refused(command)
    return float(value)


def refused(command: Command) -> CommandError:
    """Return the error for arguments that are not what the command takes."""
    return CommandError("command.refused.arguments", {"name": command.name})


def subject_of(command: Command) -> str:
    """Return what a command is about: a condition, an output, a tag, or the gateway's horns."""
    names = [command.args.get(key) for key in NAMES]
    return "/".join(name[:64] for name in names if isinstance(name, str)) or command.name
