"""What the alarm tests build tags, limits and samples with."""

from __future__ import annotations

from typing import Any

from edge.alarm import AlarmEngine, Reading
from edge.clock import ManualClock
from edge.event import Transition
from edge.site.model import ConditionClass, LimitKind, LimitSpec
from edge.tag import REASONS, Position, Quality, Reason, Sample, Tag, World
from edge.units import Unit

TAG = "AT-1"


def tag(name: str = TAG, **changes: Any) -> Tag:
    fields: dict[str, Any] = {
        "title_zh": "氯气",
        "title_en": "Chlorine",
        "device": "AE-1",
        "ref": "concentration",
        "asset": "CL2-BAY",
        "area": "cl2",
        "substance": "chlorine",
        "quantity": "concentration",
        "unit": Unit.PPM,
        "range_low": 0.0,
        "range_high": 10.0,
        "period_s": 1.0,
        "position": Position(0, 0),
        "world": World.TEST,
    }
    return Tag(name=name, **(fields | changes))


def limit(kind: str, value: float | None = None, name: str = TAG, **changes: Any) -> LimitSpec:
    fields: dict[str, Any] = {
        "limit": value,
        "priority": {"h": 2, "hh": 1, "l": 2, "ll": 1, "bad": 3}[kind],
        "level": {"h": 1, "hh": 2}.get(kind, 0),
        "area": "cl2",
    }
    return LimitSpec(id=f"{name}/{kind}", tag=name, kind=LimitKind(kind), **(fields | changes))


def sample(value: float | None, reason: Reason = Reason.OK, name: str = TAG) -> Sample:
    quality = REASONS[reason].quality
    shown = None if quality is Quality.BAD else value
    return Sample(name, shown, quality, reason, 0, 0, World.TEST)


class Bench:
    """An engine, a clock that stands still, and every transition so far."""

    def __init__(self, *limits: LimitSpec, tags: list[Tag] | None = None, **engine: Any) -> None:
        self.clock = ManualClock()
        self.limits = {spec.id: spec for spec in limits}
        self.tags = {item.name: item for item in tags or [tag()]}
        self.engine = AlarmEngine(self.limits, self.tags, World.TEST, **engine)
        self.seen: list[Transition] = []
        self.engine_arguments = engine

    def feed(self, value: float | None, reason: Reason = Reason.OK, name: str = TAG) -> list[str]:
        return self.keep(self.engine.evaluate(sample(value, reason, name), self.clock.now()))

    def tick(self) -> list[str]:
        return self.keep(self.engine.tick(self.clock.now()))

    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    def ack(self, condition: str, actor: str = "王") -> list[str]:
        return self.keep(self.engine.desk.acknowledge(condition, actor, self.clock.now()))

    def reset(self, condition: str, actor: str = "王", reading: float | None = 0.0) -> list[str]:
        """Reset with what a portable instrument reads at the place."""
        shown = None if reading is None else Reading(reading, "P-1")
        return self.keep(self.engine.desk.reset(condition, actor, self.clock.now(), shown))

    def shelve(self, condition: str, minutes: float = 30, *, once: bool = False) -> list[str]:
        desk, now = self.engine.desk, self.clock.now()
        return self.keep(desk.shelve(condition, "王", "探头进水", 60 * minutes, now, once=once))

    def unshelve(self, condition: str) -> list[str]:
        return self.keep(self.engine.desk.unshelve(condition, "王", self.clock.now()))

    def take_out(self, *conditions: str) -> list[str]:
        now = self.clock.now()
        return self.keep(self.engine.desk.take_out(conditions, "王", "换探头", "DH-7", now))

    def put_back(self, *conditions: str) -> list[str]:
        return self.keep(self.engine.desk.put_back(conditions, "王", self.clock.now()))

    def restart(self) -> None:
        """Start another engine from nothing but the journalled state rows."""
        rows = {item.row.condition: item.row for item in self.seen if item.row is not None}
        self.engine = AlarmEngine(self.limits, self.tags, World.TEST, **self.engine_arguments)
        assert self.engine.restore(rows.values(), self.clock.now()) == []

    def keep(self, changed: list[Transition]) -> list[str]:
        self.seen += changed
        return [f"{item.event.subject} {item.event.kind}" for item in changed]

    def state(self, condition: str) -> str:
        view = self.engine.view(condition)
        assert view is not None
        return view.state


def gas(**changes: Any) -> Bench:
    """A chlorine detector with both levels and its bad-quality condition, no delays."""
    return Bench(
        limit("h", 0.3, **changes),
        limit("hh", 0.6, **changes),
        limit("bad", klass=ConditionClass.SYSTEM),
    )
