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
from edge.cycle.wire import wire_event
from edge.errors import CommandError
from edge.site import Site
from edge.tag import Quality, Reason, Sample

HOLDS = {  # command -> the state it leads to ("": as its condition stands), the event's kind
    "shelve": ("shelved", "alarm.shelved"),
    "unshelve": ("", "alarm.unshelved"),
    "out_of_service": ("out-of-service", "alarm.out-of-service"),
    "in_service": ("", "alarm.in-service"),
}
NOT_HELD = {
    "held_by": "",
    "held_reason": "",
    "held_until_ns": None,
    "permit": "",
    "once": False,
}
MINUTE_NS = 60_000_000_000


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
        self.flood = False
        self.calls: list[Json] = []
        self.notices: list[Json] = []
        self.annunciation: Json = {"test_due": False, "untested": [], "trouble": []}
        self.recorded = True  # what results say of the disk
        self.evacuations: list[Json] = []
        self.tokens: dict[str, str] = {}  # area -> what a second step has to bring
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
            "active": changes.get("state", "unack") in {"unack", "acked"},
            **NOT_HELD,
            "first_out": "",
            "guidance": spec.guidance,
            "respond_s": spec.respond_s,
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
        self.tell(kind, alarm["condition"], {}, alarm)

    def tell(self, kind: str, subject: str, params: Json, alarm: Json | None = None) -> None:
        """Push an event."""
        event = {
            "seq": self._seq,
            "kind": kind,
            "subject": subject,
            "utc_ns": time.time_ns(),
            "world": str(self.site.world),
            "params": params,
        }
        self.server.push_event(event, alarm)

    def set_flood(self, *, on: bool) -> None:
        """Let a flood begin or end."""
        self.flood = on
        self.tell(f"alarm.flood-{'began' if on else 'ended'}", "", {"count": 12})

    def call(self, **changes) -> None:
        """Begin a call to the duty desk, or change it."""
        now_ns = time.time_ns()
        call = {
            "call": "call-1",
            "step": "called",
            "person": "duty",
            "round": 1,
            "alarms": list(self.alarms)[:3],
            "count": len(self.alarms),
            "area": "cl2",
            "since_ns": now_ns - 2 * MINUTE_NS,
            "called_ns": now_ns,
            "read_by": None,
            "read_ns": None,
        }
        self.calls = [{**call, **changes}]
        self.push_calls()

    def push_calls(self) -> None:
        """Say who is called and who was told."""
        self.server.push_calls({"calls": self.calls, "notices": self.notices})

    def notify(self, hazard: str = "") -> None:
        """Tell the shift, or the owners of a major hazard source, of the alarms."""
        file = self.site.file
        told = [(person, "shift") for person in file.callout.shift]
        for source in file.major_hazards:
            if source.id == hazard:
                owners = source.owners.model_dump()
                told = [(person, role) for role, person in owners.items()]
        notice = {
            "notice": f"notice-{hazard or 'shift'}",
            "hazard": hazard,
            "people": [
                {"person": person, "role": role, "read_by": None, "read_ns": None}
                for person, role in told
            ],
            "alarms": list(self.alarms)[:50],
            "count": len(self.alarms),
            "area": "cl2",
            "sent_ns": time.time_ns(),
        }
        self.notices.append(notice)
        self.push_calls()

    def _snapshot(self) -> Json:
        rows = [[*s[:2], int(s[2]), str(s[3]), s[4], s[5]] for s in self.samples.values()]
        spells = self.calibration.views()
        alarms = list(self.alarms.values())
        return {
            "values": rows,
            "alarms": alarms,
            "outputs": [],
            "calibrations": spells,
            "flood": self.flood,
            "calls": self.calls,
            "notices": self.notices,
            "annunciation": {**self.annunciation, "orders": self.evacuations},
        }

    def _command(self, hello: Json, command: Command) -> Json:
        del hello
        self.commands.append(command)
        return {**self._done(command), "recorded": self.recorded}

    def _done(self, command: Command) -> Json:
        """Do what a command asks; return its result but for the record."""
        if command.name.startswith("calibrate"):
            return self._calibrate(command)
        if command.name == "metrics":
            return {"text": "suian_core_process_resident_memory_bytes 1\n"}
        if command.name.startswith("evacuate"):
            return self._evacuate(command)
        if command.name == "read_call":
            return self._read(command)
        if command.name in HOLDS:
            return self._hold(command)
        conditions = command.args.get("conditions") or [command.args.get("condition")]
        for condition in conditions if command.name.startswith("acknowledge") else []:
            alarm = self.alarms.get(str(condition))
            if alarm is None:
                raise CommandError("control.unknown-condition", {"condition": str(condition)})
            state = "acked" if alarm["state"] == "unack" else "normal"
            self._push("alarm.acknowledged", {**alarm, "state": state, "acked_by": command.actor})
        return {}

    def _read(self, command: Command) -> Json:
        """Take a receipt of the call, or of a notice by those whom it was for."""
        read = {"read_by": command.actor, "read_ns": time.time_ns()}
        notice = next((n for n in self.notices if n["notice"] == command.args["call"]), None)
        if notice is None:
            for call in list(self.calls):
                self.call(**{**call, "step": "read", **read})
            return {}
        users = {person.id: person.user for person in self.site.file.people}
        own = [one for one in notice["people"] if users[one["person"]] == command.actor]
        if not own:
            named = {"call": notice["notice"], "actor": command.actor}
            raise CommandError("callout.refused.not-yours", named)
        for one in own:
            one.update(read)
        self.push_calls()
        return {}

    def _evacuate(self, command: Command) -> Json:
        area, now_ns = str(command.args["area"]), time.time_ns()
        if command.name == "evacuate_arm":
            if any(one["area"] == area for one in self.evacuations):
                raise CommandError("evacuation.refused.running", {"area": area})
            self.tokens[area] = f"token-{now_ns}"
            return {"token": self.tokens[area], "until_ns": now_ns + MINUTE_NS // 4}
        if command.name == "evacuate":
            if self.tokens.pop(area, None) != command.args["token"]:
                raise CommandError("command.refused.arguments", {"name": command.name})
            self.evacuations = [{"area": area, "actor": command.actor, "since_ns": now_ns}]
            self.tell("evacuation.begun", area, self.evacuations[0])
        else:
            self.evacuations = []
            self.tell("evacuation.ended", area, {"area": area, "actor": command.actor})
        return {}

    def _hold(self, command: Command) -> Json:
        """Set an alarm aside or bring it back, refusing what core refuses."""
        alarm = self.alarms[str(command.args["condition"])]
        state, kind = HOLDS[command.name]
        if command.name == "shelve" and alarm["priority"] == 1:
            raise CommandError("alarm.refused.urgent", {"condition": alarm["condition"]})
        if not state:
            after = "unack" if alarm["active"] else "normal"
            self._push(kind, {**alarm, **NOT_HELD, "state": after})
            return {}
        minutes = command.args.get("minutes")
        until_ns = None if minutes is None else time.time_ns() + round(minutes * MINUTE_NS)
        held = {
            "state": state,
            "held_by": command.actor,
            "held_reason": command.reason,
            "held_until_ns": until_ns,
            "permit": command.args.get("permit", ""),
            "once": command.args.get("once", False),
        }
        self._push(kind, {**alarm, **held})
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
