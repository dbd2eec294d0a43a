"""A table of alarm tests as plain data: what its file says, once it has been read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from edge.alarm import AlarmView
from edge.clock import NS
from edge.site import Site
from edge.site.yaml_doc import Plain
from suian.alarms.series import Given

SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|min|[smhd]))+")
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|min|[smhd])")
LONGEST_NS = 31 * 86_400 * NS
VIEW_FIELDS = tuple(name for name in AlarmView.__dataclass_fields__ if name != "condition")
Fields = Mapping[str, Plain]


def duration_ns(value: Plain) -> int | None:
    """Return `12s`, `1m30s`, `500ms`, `2h` or a number of seconds in ns; None for anything else."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        ns = round(value * NS) if abs(value) < LONGEST_NS / NS else -1
        return ns if ns >= 0 else None
    if not isinstance(value, str) or not _DURATION.fullmatch(value.replace(" ", "")):
        return None
    ns = sum(round(float(n) * SECONDS[unit] * NS) for n, unit in _PART.findall(value))
    return ns if ns <= LONGEST_NS else None


def shown_time(ns: int) -> str:
    """Return a time of a test as people write it: `5s`, `12m30s`, `1h0m5s`."""
    seconds = ns / NS
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    text = f"{rest:.3f}".rstrip("0").rstrip(".") + "s"
    if hours or minutes:
        text = f"{minutes:.0f}m{text}"
    return f"{hours:.0f}h{text}" if hours else text


@dataclass(frozen=True)
class Act:
    """What somebody does at a time: a command as the control socket takes it, or a restart."""

    at_ns: int
    name: str
    args: dict[str, Plain]
    who: dict[str, str]
    refused: str | None  # the message id that is expected; "" any; None: it is to be done
    line: int


@dataclass(frozen=True)
class Wanted:
    """One alarm that is to stand, with as much of it as the table says."""

    condition: str
    fields: Fields
    line: int


@dataclass(frozen=True)
class Check:
    """What is to be at a time; None: not asked."""

    at_ns: int
    line: int
    alarms: tuple[Wanted, ...] | None = None
    also: bool = False  # others may stand too
    sounding: tuple[str, ...] | None = None
    outputs: tuple[str, ...] | None = None
    values: Mapping[str, Plain] = field(default_factory=dict[str, Plain])


@dataclass(frozen=True)
class WantedEvent:
    """One event in its order; `kind` "" stands for any number of others."""

    kind: str
    subject: str
    at_ns: int | None
    fields: Fields
    line: int


@dataclass(frozen=True)
class Test:
    """One story: what the instruments read, what people do, and what is to come of it."""

    name: str
    line: int
    interval_ns: int
    series: Mapping[str, tuple[Given | None, ...]]
    acts: tuple[Act, ...]
    checks: tuple[Check, ...]
    events: tuple[WantedEvent, ...] | None

    @property
    def end_ns(self) -> int:
        """When it is over."""
        times = [act.at_ns for act in self.acts] + [check.at_ns for check in self.checks]
        times += [event.at_ns for event in self.events or () if event.at_ns is not None]
        longest = max((len(readings) for readings in self.series.values()), default=0)
        return max([*times, longest * self.interval_ns])


@dataclass(frozen=True)
class Table:
    """A file of tests on one site; `rest` is what tags read that a test says nothing of."""

    path: Path
    site: Site
    rest: Mapping[str, float]
    tests: tuple[Test, ...]
