"""Alarms, people and cures in words: what the report says of one condition."""

from __future__ import annotations

from edge.kpi.actors import Fault
from edge.kpi.figures import ConditionFigures
from edge.site.model import Site
from edge.units import Unit
from edge.words.wording import Wording, local, number, percent

FLOOD = "flood"  # who holds, where too many alarms come at once


class Saying(Wording):
    """The words of the report, over one site."""

    def __init__(self, site: Site, language: str, span_s: float) -> None:
        super().__init__("kpi", language, span_s)
        self._site = site
        self.comma = "、" if language == "zh-CN" else ", "

    def day(self, utc_ns: int) -> str:
        """Return a day, as 01-10."""
        return local(utc_ns).strftime("%m-%d")

    def title(self, one: ConditionFigures) -> str:
        """Return what a condition is about: its tag's title and its kind."""
        tag = self._site.tags.get(one.tag)
        kind = self.word(f"alarm.kind.{one.kind}") if one.kind else ""
        if tag is None:
            return kind
        name = tag.title_zh if self.language == "zh-CN" else tag.title_en
        if name.endswith(kind):  # a point that mirrors another controller's alarm is named after it
            return name
        return f"{name} {kind}"

    def alarm(self, condition: str) -> str:
        """Return a condition with its tag's title."""
        spec = self._site.limits.get(condition)
        tag = None if spec is None else self._site.tags.get(spec.tag)
        if tag is None:
            return condition
        return f"{condition} {tag.title_zh if self.language == 'zh-CN' else tag.title_en}"

    def area(self, area: str) -> str:
        """Return an area's title."""
        found = self._site.areas.get(area)
        if found is None:
            return area
        return found.title.zh if self.language == "zh-CN" else found.title.en

    def priority(self, priority: int) -> str:
        """Return a priority as digit and word."""
        return f"{priority} {self.word(f'alarm.priority.{priority}')}" if priority else "–"

    def holder(self, name: str) -> str:
        """Return who or what holds alarms back."""
        if name == FLOOD:
            return self.say("hold.flood")
        known = self._site.suppressions.get(name)
        return name if known is None else known.id

    def fault(self, one: ConditionFigures, fault: Fault, watched_s: float) -> tuple[str, str]:
        """Return what is wrong with an alarm, and what to do about it."""
        params: dict[str, object] = {
            "announced": one.announced,
            "bouts": one.bouts,
            "most": one.most_a_minute,
            "raises": one.chattered,
            "fleeting": one.fleeting,
            "late": one.late,
            "stood": self.lasting(one.stood_s),
            "part": percent(min(1.0, one.stood_s / watched_s)) if watched_s else "–",
            "ack": "–" if one.median_ack_s is None else self.lasting(one.median_ack_s),
            "settings": self._settings(one, fault),
        }
        what = self.say(f"actor.{fault.id}.what", **params)
        return what, self.say(f"actor.{fault.id}.do", **params)

    def _settings(self, one: ConditionFigures, fault: Fault) -> str:
        """Return the changes of settings that are suggested, each with what it is now."""
        spec = self._site.limits.get(one.condition)
        if spec is None:
            return ""
        found: list[str] = []
        if fault.delay_s is not None:
            chatters = fault.id.startswith("chattering")
            now = spec.off_delay_s if chatters else spec.on_delay_s
            which = "set.off" if chatters else "set.on"
            found.append(self.say(which, now=number(now), then=number(fault.delay_s)))
        if fault.deadband is not None and fault.deadband > spec.deadband:
            unit = self.word(f"unit.symbol.{one.unit}") if one.unit in set(Unit) else one.unit
            values = {"now": number(spec.deadband), "then": number(fault.deadband)}
            found.append(self.say("set.deadband", **values, unit=unit))
        return "".join(found)
