"""Rows of a journal that a test makes up: one alarm's story, or a crowd's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from edge.clock import NS
from edge.event import Param
from edge.kpi.figures import Figures
from edge.kpi.reckon import Reckoner
from edge.rules.alarm_kpi import kpi_rule
from edge.site.model import LimitKind, LimitSpec

T0_NS = 1_768_147_200 * NS  # Monday 2026-01-12 00:00, China standard time
HOUR = 3600.0
COUNTS = kpi_rule().counts


class Row(NamedTuple):
    kind: str
    subject: str
    utc_ns: int
    mono_ns: int
    boot: str
    clock_ok: bool
    params: Mapping[str, Param]


STATES = {
    "raised": "unack",
    "returned": "rtn-unack",
    "cleared": "normal",
    "latched": "latched",
    "reset": "rtn-unack",
    "shelved": "shelved",
    "suppressed": "suppressed",
    "out-of-service": "out-of-service",
    "unshelved": "normal",
    "unsuppressed": "normal",
    "in-service": "normal",
    "held-raised": "shelved",
    "held-returned": "shelved",
}


class Story:
    """Events `seconds` after the window's begin; a negative one is before it."""

    def __init__(self, hours: float = 24.0, limits: Mapping[str, LimitSpec] | None = None) -> None:
        self.hours = hours
        self.reckoner = Reckoner(COUNTS, T0_NS, T0_NS + round(hours * HOUR * NS), limits or {})
        self.boot = "boot-a"
        self.add("gateway.started", -10.0)

    def add(self, kind: str, seconds: float, params: Mapping[str, Param] | None = None, **row: Any):
        ns = round(seconds * NS)
        made = Row(kind, "x", T0_NS + ns, 10**15 + ns, self.boot, True, params or {})
        self.reckoner.add(made._replace(**row))

    def alarm(self, what: str, seconds: float, condition: str = "AT-1/h", **params: Any) -> None:
        state = params.pop("state", STATES.get(what, "acked"))
        fields: dict[str, Param] = {
            "condition": condition,
            "tag": condition.partition("/")[0],
            "kind": condition.partition("/")[2],
            "klass": "process",
            "priority": 2,
            "level": 1,
            "area": "a",
            "value": 1.0,
            "limit": 1.0,
            "unit": "ppm",
            "state": state,
        }
        self.add(f"alarm.{what}", seconds, fields | params)

    def end(self, newest_s: float | None = None) -> Figures:
        """Return the figures; core wrote until `newest_s`, or until the window's end."""
        seconds = self.hours * HOUR if newest_s is None else newest_s
        return self.reckoner.end(T0_NS + round(seconds * NS))


def limit(condition: str, **changes: Any) -> LimitSpec:
    """Return a condition of a site."""
    tag, _, kind = condition.partition("/")
    return LimitSpec(condition, tag, LimitKind(kind), 1.0, 2, **changes)
