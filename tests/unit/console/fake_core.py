"""A core that says what a test tells it to: the real control server over invented values.

It keeps alarms as core does, so far as a page can tell: acknowledge, reset, and what goes with
them. What a real core does with a sample is tested where core is.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Self

from edge.clock import SystemClock
from edge.control import Command, ControlServer, Handlers, Json
from edge.cycle.calibration import Calibration
from edge.cycle.telling import wire_event
from edge.errors import CommandError
from edge.site import Site
from edge.tag import Quality, Reason, Sample


def sample(site: Site, tag: str, value: float | None, reason: Reason = Reason.OK) -> Sample:
    """Return a sample of one of the site's tags, stamped now."""
    now_ns = time.time_ns()
    bad = value is None
    doubtful = reason is not Reason.OK
    quality = Quality.BAD if bad else Quality.UNCERTAIN if doubtful else Quality.GOOD
    return Sample(tag, value, quality, reason, now_ns, now_ns, site.world)


class FakeCore:
    """Serves a control socket in a run folder. `commands` is what it was told to do."""

    def __init__(self, site: Site, run: Path) -> None:
        self.site = site
        self.samples: dict[str, Sample] = {}
        self.alarms: dict[str, Json] = {}
        self.commands: list[Command] = []
        self.calibration = Calibration(site.tags, site.world)
        self._seq = 0
        hello = {
            "suian": "0",
            "gateway": site.file.gateway.id,
            "site": site.file.id,
            "world": str(site.world),
            "site_hash": site.hash,
            "epoch": "e",
            "boot": "b",
        }
        handlers = Handlers(snapshot=self._snapshot, on_command=self._command)
        self.server = ControlServer(run / "core.sock", hello, handlers)

    async def __aenter__(self) -> Self:
        await self.server.__aenter__()
        return self

    async def __aexit__(self, *error) -> None:
        await self.server.__aexit__(*error)

    def say(self, *samples: Sample) -> None:
        """Push values, as the poller's samples would be."""
        for one in samples:
            marked = self.samples[one.tag] = self.calibration.mark(one)
            self.server.push_values([marked])

    def raise_alarm(self, limit: str, value: float | None, **changes) -> Json:
        """Raise an alarm of the site's own limits and push its event."""
        spec = self.site.limits[limit]
        now_ns = time.time_ns()
        alarm = {
            "condition": limit,
            "tag": spec.tag,
            "kind": str(spec.kind),
            "klass": str(spec.klass),
            "priority": spec.priority,
            "level": spec.level,
            "area": spec.area,
            "state": "unack",
            "latched": False,
            "since_ns": now_ns,
            "raised_ns": now_ns,
            "acked_by": None,
            "value": value,
            "limit": spec.limit,
            "unit": str(self.site.tags[spec.tag].unit),
            "count": 1,
            "world": str(self.site.world),
            **changes,
        }
        self._push("alarm.raised", alarm)
        return alarm

    def _push(self, kind: str, alarm: Json) -> None:
        self._seq += 1
        if alarm["state"] == "normal":
            self.alarms.pop(alarm["condition"], None)
        else:
            self.alarms[alarm["condition"]] = alarm
        event = {
            "seq": self._seq,
            "kind": kind,
            "subject": alarm["condition"],
            "utc_ns": time.time_ns(),
            "world": str(self.site.world),
            "params": {},
        }
        self.server.push_event(event, alarm)

    def _snapshot(self) -> Json:
        rows = [[*s[:2], int(s[2]), str(s[3]), s[4], s[5]] for s in self.samples.values()]
        spells = self.calibration.views()
        alarms = list(self.alarms.values())
        return {"values": rows, "alarms": alarms, "outputs": [], "calibrations": spells}

    def _command(self, hello: Json, command: Command) -> Json:
        del hello
        self.commands.append(command)
        if command.name.startswith("calibrate"):
            return self._calibrate(command)
        if command.name == "metrics":
            return {"text": "suian_core_process_resident_memory_bytes 1\n"}
        conditions = command.args.get("conditions") or [command.args.get("condition")]
        for condition in conditions if command.name.startswith("acknowledge") else []:
            alarm = self.alarms.get(str(condition))
            if alarm is None:
                raise CommandError("control.unknown-condition", {"condition": str(condition)})
            state = "acked" if alarm["state"] == "unack" else "normal"
            self._push("alarm.acknowledged", {**alarm, "state": state, "acked_by": command.actor})
        return {}

    def _calibrate(self, command: Command) -> Json:
        tag, now = str(command.args["tag"]), SystemClock().now()
        if command.name == "calibrate_end":
            changed = self.calibration.end(tag, now)
        else:
            permit = str(command.args.get("permit"))
            changed = self.calibration.begin(tag, command.actor, now, permit=permit)
        for transition in changed:
            self.server.push_event(wire_event(transition.event), None)
        self.say(self.samples[tag]._replace(quality=Quality.GOOD, reason=Reason.OK))
        return {"calibrations": self.calibration.views()}
