"""Scoring: the gateway's journal is read as an auditor would, against what really happened.

A score never trusts a screen: points come from events in the journal, and each mark carries the
numbers of the events it rests on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.clock import NS
from edge.errors import JournalError
from edge.journal import EventRow, JournalReader
from edge.site.model import ConditionClass
from edge.site.parts import Title
from edge.tag import World
from edge.words import say
from simulator.plant import Leak, Rupture
from simulator.scenario import Scenario, ScoreItem, load_scenario

RAISED, ACKNOWLEDGED = "alarm.raised", "alarm.acknowledged"
PAGE = 1000


@dataclass(frozen=True, slots=True)
class Evidence:
    """A journal event that a mark rests on; `after_s` [s] is counted from the leak's start."""

    seq: int
    kind: str
    subject: str
    after_s: float


@dataclass(frozen=True, slots=True)
class ItemScore:
    """One item's points and why, as a message of the word catalogue."""

    id: str
    title: Title
    points: int
    full: int
    message_id: str
    params: Mapping[str, str | int | float]
    evidence: tuple[Evidence, ...] = ()

    def said(self, language: str) -> str:
        """Return the mark's sentence in `language` ("zh-CN" or "en")."""
        title = self.title.zh if language == "zh-CN" else self.title.en
        params = {**self.params, "title": title, "points": self.points, "full": self.full}
        return say(self.message_id, language, params)


@dataclass(frozen=True, slots=True)
class ScoreReport:
    """A drill's score."""

    scenario: str
    title: Title
    items: tuple[ItemScore, ...]

    @property
    def points(self) -> int:
        """The points reached."""
        return sum(item.points for item in self.items)

    @property
    def full(self) -> int:
        """The points that could be reached."""
        return sum(item.full for item in self.items)


def score(journal: Path, truth: Sequence[Mapping[str, Any]], scenario: Path) -> ScoreReport:
    """Return the score of a drill.

    `journal` is the gateway's journal.db, `truth` the lines that the field process told, `scenario`
    the file that was played; truth and journal must be of one machine and boot (their monotonic
    stamps are compared). Raises `ConfigError` for the scenario, `JournalError` for the journal, and
    for one of a live gateway: a drill is never read out of a live record.
    """
    story = load_scenario(scenario)
    events = list(_alarm_events(journal)) if story.score else []
    if any(event.world is World.LIVE for event in events):
        raise JournalError(f"{journal} is the record of a live gateway; a drill has its own")
    items = tuple(_acknowledge(item, story, events, truth) for item in story.score)
    return ScoreReport(story.id, story.title, items)


def _alarm_events(journal: Path) -> Iterator[EventRow]:
    reader = JournalReader(journal)
    after = 0
    while rows := reader.events(after, PAGE):
        yield from (row for row in rows if row.kind in {RAISED, ACKNOWLEDGED})
        after = rows[-1].seq


def _acknowledge(
    item: ScoreItem,
    story: Scenario,
    events: Sequence[EventRow],
    truth: Sequence[Mapping[str, Any]],
) -> ItemScore:
    """Score the time from a leak's start to the acknowledgement of the first alarm it raised."""
    start_ns = _leak_start(story, item.event, truth)
    if start_ns is None:
        return _mark(item, "no-leak")
    raised = next((e for e in events if _raises(e, item.level) and e.mono_ns >= start_ns), None)
    if raised is None:
        return _mark(item, "no-alarm")
    seen = next((e for e in events if _answers(e, raised)), None)
    if seen is None:
        return _mark(item, "not-acknowledged", evidence=_evidence(start_ns, raised))
    seconds = (seen.mono_ns - start_ns) / NS
    points = max((step.points for step in item.steps if seconds <= step.within_s), default=0)
    evidence = _evidence(start_ns, raised, seen)
    return _mark(item, "acknowledged", points, seconds, evidence)


def _evidence(start_ns: int, *rows: EventRow) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(row.seq, row.kind, row.subject, round((row.mono_ns - start_ns) / NS, 3))
        for row in rows
    )


def _mark(
    item: ScoreItem,
    outcome: str,
    points: int = 0,
    seconds: float = 0.0,
    evidence: tuple[Evidence, ...] = (),
) -> ItemScore:
    """Return the item's mark with the message `training.<outcome>`."""
    params: dict[str, str | int | float] = {
        "level": item.level,
        "seconds": round(seconds, 1),
        "condition": evidence[0].subject if evidence else "",
        "events": ", ".join(f"#{event.seq}" for event in evidence),
    }
    message = f"training.{outcome}"
    return ItemScore(item.id, item.title, points, item.full, message, params, evidence)


def _leak_start(story: Scenario, event: str, truth: Sequence[Mapping[str, Any]]) -> int | None:
    """Return when the leak that `event` makes began [monotonic ns], None if it never did."""
    actions = next((e.actions for e in story.events if e.id == event), ())
    assets = {action.asset for action in actions if isinstance(action, Rupture | Leak)}
    for line in truth:
        if line.get("t") == "leak" and line["state"] == "start" and line["asset"] in assets:
            return int(line["mono_ns"])
    return None


def _raises(event: EventRow, level: int) -> bool:
    """Whether an event raises a detector alarm of `level`; predictions and systems do not count."""
    params = event.params
    return (
        event.kind == RAISED
        and params.get("level") == level
        and params.get("klass") == ConditionClass.PROCESS
    )


def _answers(event: EventRow, raised: EventRow) -> bool:
    """Whether an event is the acknowledgement of `raised`, comparable by its monotonic stamp."""
    return (
        event.kind == ACKNOWLEDGED
        and event.subject == raised.subject
        and event.seq > raised.seq
        and event.boot == raised.boot
    )
