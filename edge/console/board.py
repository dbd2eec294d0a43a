"""The board: the latest of everything a page shows, as core and hazard last told it. No I/O."""

from __future__ import annotations

from typing import Any, cast

from edge.site.own_tags import SHIFT_TEST

Json = dict[str, Any]
CALIBRATION_OVER = frozenset({"calibration.ended", "calibration.expired"})
Row = list[Any]  # [tag, value, quality, reason, source_ns, receive_ns]


class Board:
    """Latest values, alarms, outputs, daemon states and hazard estimate.

    What core last said is kept when core goes: the page shows it as past, and an alarm list is
    never emptied by a lost connection.
    """

    def __init__(self) -> None:
        self.values: dict[str, Row] = {}
        self.alarms: dict[str, Json] = {}
        self.outputs: list[Json] = []
        self.calibrations: dict[str, Json] = {}
        self.calls: list[Json] = []
        self.notices: list[Json] = []
        self.evacuations: dict[str, Json] = {}  # by area
        self.flood = False
        self.annunciation: Json = _annunciation({})  # replaced, never changed in place
        self.daemons: dict[str, str] = {}
        self.hazard: Json | None = None
        self.hello: Json = {}
        self._changed: dict[str, Row] = {}

    def take_snapshot(self, message: Json) -> None:
        """Replace everything by what core says now: after a restart it alone knows."""
        self.values = {row[0]: row for row in cast("list[Row]", message.get("values") or [])}
        self._changed.clear()
        alarms = cast("list[Json]", message.get("alarms") or [])
        self.alarms = {alarm["condition"]: alarm for alarm in alarms if _active(alarm)}
        self.outputs = cast("list[Json]", message.get("outputs") or [])
        spells = cast("list[Json]", message.get("calibrations") or [])
        self.calibrations = {spell["tag"]: spell for spell in spells}
        self.take_calls(message)
        annunciation = cast("Json", message.get("annunciation") or {})
        orders = cast("list[Json]", annunciation.get("orders") or [])
        self.evacuations = {order["area"]: order for order in orders}
        self.annunciation = _annunciation(annunciation)
        self.flood = bool(message.get("flood"))
        self.daemons = dict(cast("dict[str, str]", message.get("daemons") or {}))

    def take_calls(self, message: Json) -> None:
        """Take who is called and who was told: always the whole of it."""
        self.calls = cast("list[Json]", message.get("calls") or [])
        self.notices = cast("list[Json]", message.get("notices") or [])

    def callout(self) -> Json:
        """Return calls and notices as a page receives them."""
        return {"t": "calls", "calls": self.calls, "notices": self.notices}

    def take_values(self, message: Json) -> None:
        """Take changed values; only the newest of each tag waits for the next tick."""
        for row in cast("list[Row]", message.get("values") or []):
            self.values[row[0]] = row
            self._changed[row[0]] = row
            if row[0] == SHIFT_TEST:
                self.annunciation = {**self.annunciation, "test_due": row[1] == 0}

    def take_event(self, message: Json) -> None:
        """Take an event and the alarm it left behind; a normal one is gone from the list."""
        alarm = cast("Json | None", message.get("alarm"))
        if alarm is not None:
            if _active(alarm):
                self.alarms[alarm["condition"]] = alarm
            else:
                self.alarms.pop(alarm["condition"], None)
        event = cast("Json", message.get("event") or {})
        kind, subject = str(event.get("kind")), str(event.get("subject"))
        params = cast("Json", event.get("params") or {})
        if kind == "daemon.state":
            self.daemons[subject] = str(params.get("state"))
        elif kind == "calibration.begun":
            self.calibrations[subject] = params
        elif kind in CALIBRATION_OVER:
            self.calibrations.pop(subject, None)
        elif kind == "evacuation.begun":
            self.evacuations[str(params.get("area"))] = params
        elif kind == "evacuation.ended":
            self.evacuations.pop(str(params.get("area")), None)
        elif kind == "alarm.flood-began":
            self.flood = True
        elif kind == "alarm.flood-ended":
            self.flood = False
        else:
            self._take_annunciation(kind, subject, params)

    def _take_annunciation(self, kind: str, subject: str, params: Json) -> None:
        """Take what a test, a new shift or a trouble changes."""
        known = self.annunciation
        if kind == "annunciator.tested":
            untested = [name for name in known["untested"] if name != subject]
            self.annunciation = {**known, "untested": untested}
        elif kind == "shift.begun":
            self.annunciation = {**known, "untested": str(params.get("untested") or "").split()}
        elif kind in {"trouble.began", "trouble.ended"}:
            trouble = {"reason": str(params.get("reason")), "subject": subject}
            others = [one for one in known["trouble"] if one != trouble]
            begun = [trouble] if kind == "trouble.began" else []
            self.annunciation = {**known, "trouble": others + begun}

    def horns(self) -> Json:
        """Return what is to be tested or mended, as a page receives it."""
        return {"t": "annunciation", "annunciation": self.annunciation}

    def take_daemons(self, message: Json) -> None:
        """Take how the satellites say they are."""
        self.daemons.update(cast("dict[str, str]", message.get("daemons") or {}))

    def take_hazard(self, estimate: Json | None) -> bool:
        """Keep the newest estimate; return whether it is another than before."""
        if _identity(estimate) == _identity(self.hazard):
            return False
        self.hazard = estimate
        return True

    def changes(self) -> list[Row]:
        """Return the rows that changed since the last call."""
        rows = list(self._changed.values())
        self._changed.clear()
        return rows

    @property
    def dirty(self) -> bool:
        """Whether a value changed since `changes` was last called."""
        return bool(self._changed)

    def snapshot(self) -> Json:
        """Return the whole board as a page receives it first."""
        return {
            "t": "snapshot",
            "values": list(self.values.values()),
            "alarms": list(self.alarms.values()),
            "outputs": self.outputs,
            "calibrations": list(self.calibrations.values()),
            "calls": self.calls,
            "notices": self.notices,
            "evacuations": list(self.evacuations.values()),
            "flood": self.flood,
            "annunciation": self.annunciation,
            "daemons": self.daemons,
            "hazard": self.hazard,
        }


def _annunciation(told: Json) -> Json:
    """Return the part of core's `annunciation` that is about tests and trouble."""
    return {
        "test_due": bool(told.get("test_due")),
        "untested": list(told.get("untested") or []),
        "trouble": list(told.get("trouble") or []),
    }


def _active(alarm: Json) -> bool:
    """Whether an alarm still belongs on the list."""
    return alarm.get("state") != "normal"


def _identity(estimate: Json | None) -> tuple[object, object] | None:
    """Return what tells one estimate from another: a new hazard file counts from 1 again."""
    return None if estimate is None else (estimate.get("seq"), estimate.get("id"))
