"""A stage and an alarm engine on a clock that is moved, fed by a case's series."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from edge.alarm import AlarmEngine
from edge.alarm.heard import NEVER_NS
from edge.clock import NS, ManualClock
from edge.quality import QualityStage
from edge.site.model import Checks, LimitSpec, Site
from edge.tag import REASONS, Quality, Reason, Sample, Tag, World
from edge.units import Unit
from tests.unit.poll.helpers import TITLE, make_limit, make_site, make_tag

TICK_S = 1.0
MONO0_NS = 1000 * NS
DEFAULTS: dict[str, dict[str, Any]] = {
    "wind_speed": {"unit": Unit.METRE_PER_SECOND, "range_high": 60.0, "device": "met-1"},
    "wind_from": {"unit": Unit.DEGREE, "range_high": 360.0, "device": "met-1"},
    "temperature": {
        "unit": Unit.CELSIUS,
        "range_low": -50.0,
        "range_high": 60.0,
        "device": "met-1",
    },
    "level": {"unit": Unit.METRE, "range_high": 4.0, "device": "lt-1"},
    "pressure": {"unit": Unit.MEGAPASCAL, "range_high": 2.5, "device": "dcs-1"},
    "concentration": {"device": "ae-1"},
    "oxygen": {"unit": Unit.PERCENT_VOL, "range_high": 25.0, "device": "ae-1"},
}
WEATHER = {"wind_speed", "wind_from", "temperature"}


def build_tag(name: str, facts: Mapping[str, Any]) -> Tag:
    quantity = str(facts.get("quantity", "concentration"))
    fields = {"quantity": quantity, "world": World(facts.get("world", "test"))}
    fields |= DEFAULTS[quantity] | {k: v for k, v in facts.items() if k not in {"checks", "limits"}}
    if quantity in WEATHER:
        fields |= {"asset": facts.get("asset", "MAST"), "substance": ""}
    return make_tag(name, str(fields.pop("device")), **fields)


def build_site(case: Mapping[str, Any]) -> Site:
    """Return the site of a case: devices named `dcs-…` stand on an OPC UA link."""
    tags, checks, limits = [], {}, list[LimitSpec]()
    for name, facts in case["tags"].items():
        tags.append(build_tag(name, facts))
        if facts.get("checks"):
            given = dict(facts["checks"])
            if isinstance(day := given.get("calibration_due"), str):
                given["calibration_due"] = date.fromisoformat(day)
            checks[name] = Checks(**given)
        for kind, value in facts.get("limits", {}).items():
            limits.append(make_limit(name, kind, value))
    mast = {"id": "MAST", "title": TITLE, "kind": "mast", "area": "cl2"}
    mast |= {"position": {"x_m": 0, "y_m": 0}}
    links = {tag.device.split("-")[0]: {} for tag in tags}
    if "dcs" in links:
        links["dcs"] = {"kind": "opcua"}
    ambient = {"quality": {"ambient_tag": case["ambient"]}} if "ambient" in case else {}
    world = {"world": case["world"]} if "world" in case else {}
    site = make_site(tags, links, limits, assets=[mast], **ambient, **world)
    return dataclasses.replace(site, checks=checks)


class Bench:
    """Runs a case; `said` is [s, tag, reason] at each change of a tag's reason from OK."""

    def __init__(self, case: Mapping[str, Any]) -> None:
        self.site = build_site(case)
        start = datetime.fromisoformat(case.get("start", "2026-01-10T00:00:00")).replace(tzinfo=UTC)
        self.clock = ManualClock(round(start.timestamp()) * NS, MONO0_NS)
        self.said: list[list[Any]] = []
        self.raised: list[list[Any]] = []
        self.out: dict[str, Sample] = {}
        self.came: dict[str, float | None] = {}
        self._restart()

    @property
    def at_s(self) -> float:
        return round((self.clock.now().mono_ns - MONO0_NS) / NS, 3)

    def run(self, steps: list[dict[str, Any]]) -> None:
        """Do every step at its time, with a tick each second between them."""
        due = sorted(moments(steps), key=lambda moment: moment[0])
        for at, step, value in due:
            while self.at_s + TICK_S <= at:
                self.tick()
                self.clock.advance(TICK_S)
            self.clock.advance(at - self.at_s)
            self._do(step, value)
        self.tick()

    def tick(self) -> None:
        now = self.clock.now()
        for sample in self.stage.tick(now):
            self._take(sample)
        self._note(self.engine.tick(now))

    def feed(self, tag: str, value: float | None, reason: str = "ok", age_s: float = 0.0) -> Sample:
        """Take one reading through stage and engine, as the cycle does."""
        utc_ns = self.clock.now().utc_ns
        code = Reason(reason)
        quality = REASONS[code].quality
        shown = None if quality is Quality.BAD else value
        source_ns = utc_ns - round(age_s * NS)
        self.came[tag] = shown
        sample = Sample(tag, shown, quality, code, source_ns, utc_ns, self.site.world)
        return self._take(self.stage.check(sample, self.clock.now(), NEVER_NS))

    def _do(self, step: dict[str, Any], value: float | None) -> None:
        if "utc" in step:
            self.clock.step_utc(step["utc"])
        elif "stall" in step:
            self.clock.advance(step["stall"])
            self.stage.forgive(step["stall"])
        elif "restart" in step:
            self._restart()
        elif "same" in step:  # as the poller says "still the same"
            self.feed(step["same"], self.came[step["same"]])
        else:
            age = self._age(step)
            self.feed(step["tag"], value, step.get("reason", "ok"), age)

    def _age(self, step: dict[str, Any]) -> float:
        if "stamp" in step:  # the device's own clock, as UTC
            stamp = datetime.fromisoformat(step["stamp"]).replace(tzinfo=UTC)
            return self.clock.now().utc_ns / NS - stamp.timestamp()
        return float(step.get("age", 0.0))

    def _restart(self) -> None:
        self.stage = QualityStage(self.site)
        self.engine = AlarmEngine(self.site.limits, self.site.tags, self.site.world)

    def _take(self, sample: Sample) -> Sample:
        before = self.out.get(sample.tag)
        reason = Reason.OK if before is None else before.reason
        if sample.reason is not reason:
            self.said.append([self.at_s, sample.tag, str(sample.reason)])
        self.out[sample.tag] = sample
        self._note(self.engine.evaluate(sample, self.clock.now()))
        return sample

    def _note(self, changed: list[Any]) -> None:
        self.raised += [
            [self.at_s, item.event.subject] for item in changed if item.event.kind == "alarm.raised"
        ]


def moments(steps: list[dict[str, Any]]) -> Iterator[tuple[float, dict[str, Any], float | None]]:
    """Yield (at [s], step, value): a series takes its values in turn, over and over."""
    for step in steps:
        values = step.get("value")
        turn = values if isinstance(values, list) else [values]
        at, end = float(step["at"]), float(step.get("to", step["at"]))
        count = 0
        while at <= end + 1e-9:
            yield at, step, turn[count % len(turn)]
            count += 1
            at = float(step["at"]) + count * float(step.get("every", 1.0))
