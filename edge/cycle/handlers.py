"""What core does for the control socket: the snapshot, and a person's commands, each journalled.

A command says who gave it (`actor`, never empty), in what role, where and why; its event is
written with its effect in one transaction, and refused commands are written too. A command id is
answered once: the control server sees to that.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast

from edge.control.protocol import Command, Json, value_row
from edge.cycle.calibration import LONGEST_S
from edge.cycle.cycle import Cycle
from edge.errors import CommandError
from edge.event import Event, Param, Transition
from edge.site.model import LimitKind
from edge.tag import Sample, World

ONLY_LOOKS = frozenset({"kiosk", "viewer"})  # roles that may not act
MOST_CONDITIONS = 2000  # in one acknowledge_all
LONGEST_TEXT = 200  # of what a person may write into a command


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
        self._acts: dict[str, Callable[[Command], Any]] = {
            "acknowledge": self._acknowledge,
            "acknowledge_all": self._acknowledge_all,
            "reset": self._reset,
            "silence": self._silence,
            "test_output": self._test_output,
            "apply_site": self._apply_site,
            "calibrate": self._calibrate,
            "calibrate_end": self._calibrate_end,
        }

    def snapshot(self) -> Json:
        """Return every latest value, standing alarm and output."""
        return {
            "values": [value_row(sample) for sample in self._cycle.latest.values()],
            "alarms": [view.as_dict() for view in self._cycle.engine.alarms()],
            "outputs": self._cycle.annunciator.outputs(),
            "calibrations": self._cycle.calibration.views(),
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
            self._cycle.note(self._event(command, _subject(command), refused | {"client": client}))
            raise

    def _check(self, command: Command) -> None:
        if not command.actor.strip():
            raise CommandError("command.refused.no-actor", {"name": command.name})
        if command.role in ONLY_LOOKS:
            raise CommandError("command.refused.role", {"name": command.name, "role": command.role})

    def _acknowledge(self, command: Command) -> Json:
        condition = _text(command, "condition")
        now = self._cycle.clock.now()
        self._do(command, self._cycle.engine.acknowledge(condition, command.actor, now))
        return self._alarm(condition)

    def _reset(self, command: Command) -> Json:
        condition = _text(command, "condition")
        now = self._cycle.clock.now()
        self._do(command, self._cycle.engine.reset(condition, command.actor, now))
        return self._alarm(condition)

    def _acknowledge_all(self, command: Command) -> Json:
        """Acknowledge the named ones, each for itself: what cannot be is said, the rest is done."""
        given: object = command.args.get("conditions")
        named = cast("list[object]", given) if isinstance(given, list) else []
        conditions = [item for item in named if isinstance(item, str)]
        if not conditions or len(conditions) != len(named) or len(named) > MOST_CONDITIONS:
            raise CommandError("command.refused.arguments", {"name": command.name})
        now = self._cycle.clock.now()
        done: list[str] = []
        refused: dict[str, str] = {}
        changed: list[Transition] = []
        for condition in dict.fromkeys(conditions):
            try:
                changed += self._cycle.engine.acknowledge(condition, command.actor, now)
                done.append(condition)
            except CommandError as error:
                refused[condition] = error.message_id
        self._do(command, changed, {"count": len(done), "not_done": len(refused)})
        return {"acknowledged": done, "refused": refused}

    def _silence(self, command: Command) -> Json:
        count = self._cycle.annunciator.silence()
        self._do(command, [], {"count": count})
        return {"silenced": count}

    def _test_output(self, command: Command) -> Awaitable[Json]:
        """Record that somebody tests a horn before it sounds; the result says whether it did."""
        names = _text(command, "annunciator"), _text(command, "output")
        self._do(command, [])
        return self._tested(*names)

    async def _tested(self, annunciator: str, output: str) -> Json:
        await self._cycle.annunciator.test(annunciator, output)
        return {"annunciator": annunciator, "output": output}

    def _apply_site(self, command: Command) -> Awaitable[Json]:
        """Take up the site's files anew; who asked is recorded, whatever comes of it."""
        if self._apply is None:
            raise CommandError("control.unknown-command", {"name": command.name})
        self._do(command, [])
        return self._apply()

    def _calibrate(self, command: Command) -> Json:
        """Set a detector aside. Not one that is in gas: its alarm would be held as it stands."""
        tag, cycle = _text(command, "tag"), self._cycle
        standing = cycle.engine.alarms()
        if any(a.tag == tag and a.active and a.kind != LimitKind.BAD_QUALITY for a in standing):
            raise CommandError("calibration.refused.in-alarm", {"tag": tag[:64]})
        seconds = 60.0 * _number(command, "minutes", LONGEST_S / 60)
        permit = str(command.args.get("permit") or "")[:64]
        begun = cycle.calibration.begin(tag, command.actor, cycle.clock.now(), seconds, permit)
        self._do(command, begun)
        cycle.set_aside(tag)
        return {"calibrations": cycle.calibration.views()}

    def _calibrate_end(self, command: Command) -> Json:
        tag, cycle = _text(command, "tag"), self._cycle
        self._do(command, cycle.calibration.end(tag, cycle.clock.now()))
        return {"calibrations": cycle.calibration.views()}

    def _do(
        self,
        command: Command,
        changed: list[Transition],
        extra: dict[str, Param] | None = None,
    ) -> None:
        """Announce a command and what it changed, together."""
        event = self._event(command, _subject(command), {"ok": True, **(extra or {})})
        self._cycle.announce([Transition(event, None), *changed])

    def _event(self, command: Command, subject: str, extra: dict[str, Param]) -> Event:
        params: dict[str, Param] = {
            "id": command.id[:LONGEST_TEXT],
            "subject": subject,
            "actor": command.actor[:LONGEST_TEXT],
            "role": command.role[:LONGEST_TEXT],
            "place": command.place[:LONGEST_TEXT],
            "reason": command.reason[:LONGEST_TEXT],
            **extra,
        }
        now, world = self._cycle.clock.now(), self._cycle.site.world
        return Event(f"command.{command.name}", subject, now, world, params)

    def _alarm(self, condition: str) -> Json:
        view = self._cycle.engine.view(condition)
        return {"alarm": None if view is None else view.as_dict()}


def _text(command: Command, key: str) -> str:
    value: object = command.args.get(key)
    if not isinstance(value, str) or not value:
        raise CommandError("command.refused.arguments", {"name": command.name})
    return value


def _number(command: Command, key: str, default: float) -> float:
    value: object = command.args.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise CommandError("command.refused.arguments", {"name": command.name})
    return float(value)


def _subject(command: Command) -> str:
    """Return what a command is about: a condition, an output, a tag, or the gateway's horns."""
    names = [command.args.get(key) for key in ("condition", "annunciator", "output", "tag")]
    return "/".join(name[:64] for name in names if isinstance(name, str)) or command.name
