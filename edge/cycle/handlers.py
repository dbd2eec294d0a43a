"""What core does for the control socket: the snapshot, and a person's commands, each journalled.

A command says who gave it (`actor`, never empty), in what role, where and why; its event is
written with its effect in one transaction, and refused commands are written too. A command id is
answered once: the control server sees to that.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from edge.control.protocol import Command, Json, value_row
from edge.cycle.acting import LONGEST_TEXT, Acting, Acts, subject_of
from edge.cycle.alarm_commands import AlarmCommands
from edge.cycle.callout_commands import READ, callout_commands
from edge.cycle.cycle import Cycle
from edge.cycle.horn_commands import SILENCE, HornCommands
from edge.errors import CommandError
from edge.event import Param
from edge.tag import Sample, World

KIOSK = "kiosk"  # nobody in particular, at the gateway's own screen
ONLY_LOOKS = frozenset({KIOSK, "viewer"})  # roles that may not act


class ControlHandlers:
    """`edge.control`'s handlers, over one cycle.

    `metrics` returns core's Prometheus text, `statistics` how each device answers, by its id;
    `apply` takes up the site's files anew.
    """

    def __init__(
        self,
        cycle: Cycle,
        metrics: Callable[[], str],
        statistics: Callable[[], dict[str, dict[str, object]]] = dict,
        apply: Callable[[], Awaitable[Json]] | None = None,
    ) -> None:
        self._cycle = cycle
        self._metrics = metrics
        self._statistics = statistics
        self._apply = apply
        self._acting = Acting(cycle)
        self._acts: Acts = {
            "apply_site": self._apply_site,
            **AlarmCommands(self._acting).acts(),
            **callout_commands(self._acting),
            **HornCommands(self._acting).acts(),
        }

    def snapshot(self) -> Json:
        """Return every latest value, standing alarm and output."""
        return {
            "values": [value_row(sample) for sample in self._cycle.latest.values()],
            "alarms": [view.as_dict() for view in self._cycle.engine.alarms()],
            "outputs": self._cycle.annunciator.outputs(),
            "calibrations": self._cycle.calibration.views(),
            "flood": self._cycle.engine.flood,
            "annunciation": self._cycle.horns.view(self._cycle.clock.now()),
            **self._cycle.callouts.views(),
        }

    def on_publish(self, samples: list[Sample], world: World) -> None:
        """Take the hazard daemon's samples. Raises `CommandError`."""
        self._cycle.on_derived(samples, world)

    def on_report(self, name: str, state: str) -> None:
        """Record how a satellite says it is."""
        self._cycle.say("daemon.state", name, {"daemon": name, "state": state[:LONGEST_TEXT]})

    def on_command(self, hello: Json, command: Command) -> Any:  # noqa: ANN401  # a result, or what will be one
        """Do what a person wants, or raise `CommandError` and record that as well."""
        if command.name == "metrics":  # a question, not an act
            return {"text": self._metrics()}
        if command.name == "statistics":
            return {"devices": self._statistics()}
        act = self._acts.get(command.name)
        if act is None:
            raise CommandError("control.unknown-command", {"name": command.name[:64]})
        try:
            self._check(command)
            return act(command)
        except CommandError as error:
            refused: dict[str, Param] = {"ok": False, "refused": error.message_id}
            client = str(hello.get("name", ""))[:64]
            event = self._acting.event(command, subject_of(command), refused | {"client": client})
            self._cycle.note(event)
            raise

    def _check(self, command: Command) -> None:
        if not command.actor.strip():
            raise CommandError("command.refused.no-actor", {"name": command.name})
        reads = command.name == READ and command.role != KIOSK  # an owner may be one who looks
        free = reads or command.name == SILENCE  # one touch, without a login
        if command.role in ONLY_LOOKS and not free:
            raise CommandError("command.refused.role", {"name": command.name, "role": command.role})

    def _apply_site(self, command: Command) -> Awaitable[Json]:
        """Take up the site's files anew; who asked is recorded, whatever comes of it."""
        if self._apply is None:
            raise CommandError("control.unknown-command", {"name": command.name})
        self._acting.do(command, [])
        return self._apply()
