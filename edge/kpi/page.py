"""The report as plain data: every text in its language, nothing left for a renderer to decide."""

from __future__ import annotations

from typing import NamedTuple

from edge.kpi.actors import Actor, actors
from edge.kpi.figures import Figures
from edge.kpi.heat import HeatRow, heat
from edge.kpi.judge import FORMS, Judged, judge
from edge.kpi.said import Saying
from edge.rules.alarm_kpi import KpiRule
from edge.site.model import Site
from edge.words.wording import percent, stamp

SHORT_S = 30 * 86_400.0
DAY_S = 86_400.0  # a rate a day says nothing of less
SHOWN_FLOODS = 10
SHOWN_NAMES = 5
UNCHECKED = frozenset({"memory-high", "memory-medium"})


class Fact(NamedTuple):
    """A figure of the summary."""

    label: str
    value: str
    note: str = ""
    grade: str = ""


class FigureRow(NamedTuple):
    """A figure against its aim."""

    judged: Judged
    name: str
    value: str
    target: str
    limit: str
    grade: str
    grade_word: str
    source: str


class FloodRow(NamedTuple):
    """One flood."""

    start: str
    lasted: str
    alarms: str
    most: str
    first: str


class TopRow(NamedTuple):
    """One of the alarms that came most."""

    rank: int
    name: str
    title: str
    priority: str
    alarms: str
    share: str
    stood: str
    wrong: str


class ActorRow(NamedTuple):
    """One alarm to see to, and what to do about it: (what is wrong, what to do), gravest first."""

    rank: str  # among the most frequent; "–" where it only stands too long
    name: str
    title: str
    place: str
    priority: str
    often: str
    faults: tuple[tuple[str, str], ...]


class Row(NamedTuple):
    """A line of a small table."""

    cells: tuple[str, ...]
    grade: str = ""


class Page(NamedTuple):
    """The whole report."""

    language: str
    title: str
    site: str
    gateway: str
    world: str
    live: bool
    window: str
    made: str
    notes: tuple[str, ...]
    facts: tuple[Fact, ...]
    figures: tuple[FigureRow, ...]
    heat: tuple[HeatRow, ...]
    floods: tuple[FloodRow, ...]
    floods_more: str
    top: tuple[TopRow, ...]
    actors: tuple[ActorRow, ...]
    waits: tuple[Row, ...]
    holds: tuple[Row, ...]
    classes: tuple[Row, ...]


def make_page(site: Site, figures: Figures, rule: KpiRule, made_ns: int, language: str) -> Page:
    """Return the report over the figures' window in `language`."""
    saying = Saying(site, language, (figures.to_ns - figures.from_ns) / 1e9)
    make = _Maker(figures, rule, saying)
    found = actors(figures, rule, site.limits)
    say = saying.say
    start, end = stamp(figures.from_ns), stamp(figures.to_ns)
    return Page(
        language=language,
        title=say("title"),
        site=site.file.title.zh if language == "zh-CN" else site.file.title.en,
        gateway=site.file.gateway.id,
        world=saying.word(f"site.world.{site.world.value}"),
        live=site.world.value == "live",
        window=say("window", start=start, end=end),
        made=say("made", at=stamp(made_ns)),
        notes=make.notes(),
        facts=make.facts(found),
        figures=make.figures(),
        heat=heat(figures, rule.counts),
        floods=make.floods(),
        floods_more=make.floods_more(),
        top=tuple(make.top(one) for one in found if one.figures.announced),
        actors=tuple(make.actor(one) for one in found if one.faults),
        waits=make.waits(),
        holds=make.holds(),
        classes=make.classes(),
    )


class _Maker:
    """Turns figures into a page's rows."""

    def __init__(self, figures: Figures, rule: KpiRule, saying: Saying) -> None:
        self._figures, self._rule, self._saying = figures, rule, saying
        self._judged = judge(figures, rule)

    def notes(self) -> tuple[str, ...]:
        say, lasting = self._saying.say, self._saying.lasting
        figures = self._figures
        whole_s, watched_s = (figures.to_ns - figures.from_ns) / 1e9, figures.rates.watched_s
        if not watched_s:
            return (say("note.nothing"),)
        window, off_s = lasting(whole_s), whole_s - watched_s
        if off_s >= 1.0:
            shown = {"window": window, "watched": lasting(watched_s), "off": lasting(off_s)}
            notes = [say("note.watched", **shown)]
        else:
            notes = [say("note.watched-all", window=window)]
        notes.append(say("note.class"))
        if whole_s < SHORT_S:
            notes.append(say("note.short"))
        if figures.doubted:
            notes.append(say("note.doubted", count=figures.doubted))
        return tuple(notes)

    def facts(self, found: list[Actor]) -> tuple[Fact, ...]:
        say, lasting, figures = self._saying.say, self._saying.lasting, self._figures
        rates, waits = figures.rates, figures.waits
        graded = [one for one in self._judged if one.grade != "none"]
        over = [one for one in graded if one.grade != "good"]
        first = next((one for one in found if one.faults), None)
        worst = say("fact.over.worst", alarm=first.figures.condition) if first else ""
        value = say("fact.over.value", over=len(over), all=len(graded)) if graded else "–"
        day_ns, most = rates.worst_day
        day = self._saying.day(day_ns) if most else "–"
        flood_s = lasting(rates.flood_s)
        floods = say("fact.floods.note", time=flood_s, share=percent(rates.flood_share))
        none = say("fact.none")
        held = sum(one.now for one in figures.holds)
        overdue = sum(one.overdue for one in figures.holds)
        ack = "–" if waits.median_s is None else lasting(waits.median_s)
        if waits.p90_s is None:
            ack_note = say("fact.ack.none", open=waits.open)
        else:
            ack_note = say("fact.ack.note", p90=lasting(waits.p90_s), open=waits.open)
        return (
            Fact(say("fact.over"), value, worst, _worst([one.grade for one in over])),
            Fact(
                say("fact.per-day"),
                f"{rates.per_day:.0f}" if rates.watched_s >= DAY_S else "–",
                say("fact.per-day.note", total=rates.total, most=most, day=day),
                self._grade("per_day"),
            ),
            Fact(
                say("fact.floods"),
                str(len(rates.floods)) if rates.floods else none,
                floods if rates.floods else "",
                self._grade("flood_share"),
            ),
            Fact(say("fact.ack"), ack, ack_note),
            Fact(
                say("fact.standing"),
                str(figures.standing),
                say("fact.standing.note", stale=figures.stale_now),
            ),
            Fact(say("fact.held"), str(held), say("fact.held.note", overdue=overdue)),
        )

    def figures(self) -> tuple[FigureRow, ...]:
        say = self._saying.say
        rows: list[FigureRow] = []
        for one in self._judged:
            form, aim = FORMS[one.id], one.aim
            target, limit = self._bound(form, aim.target), self._bound(form, aim.limit)
            source = "source.unchecked" if aim.confidence in UNCHECKED else "source.own"
            rows.append(
                FigureRow(
                    judged=one,
                    name=say(f"figure.{one.id}"),
                    value=self._number(form, one.value),
                    target=say("about" if aim.about else "most", value=target)
                    if aim.target
                    else target,
                    limit=limit,
                    grade=one.grade,
                    grade_word=say(f"grade.{one.grade}"),
                    source=say(source, source=aim.source),
                )
            )
        return tuple(rows)

    def floods(self) -> tuple[FloodRow, ...]:
        found = sorted(self._figures.rates.floods, key=lambda one: -one.alarms)[:SHOWN_FLOODS]
        return tuple(
            FloodRow(
                start=self._saying.moment(one.from_ns),
                lasted=self._saying.lasting((one.to_ns - one.from_ns) / 1e9),
                alarms=str(one.alarms),
                most=str(one.most),
                first=self._saying.alarm(one.first),
            )
            for one in sorted(found)
        )

    def floods_more(self) -> str:
        more = len(self._figures.rates.floods) - SHOWN_FLOODS
        return self._saying.say("floods.more", count=more) if more > 0 else ""

    def top(self, actor: Actor) -> TopRow:
        one, saying = actor.figures, self._saying
        return TopRow(
            rank=actor.rank,
            name=one.condition,
            title=saying.title(one),
            priority=saying.priority(one.priority),
            alarms=str(one.announced),
            share=percent(actor.share),
            stood=saying.lasting(one.stood_s),
            wrong=saying.comma.join(saying.say(f"actor.{fault.id}") for fault in actor.faults),
        )

    def actor(self, actor: Actor) -> ActorRow:
        one, saying = actor.figures, self._saying
        often = saying.say("announced.none")
        if one.announced:
            often = saying.say("announced", count=one.announced, share=percent(actor.share))
        return ActorRow(
            rank=str(actor.rank) if one.announced else "–",
            name=one.condition,
            title=saying.title(one),
            place=saying.area(one.area),
            priority=saying.priority(one.priority),
            often=often,
            faults=tuple(
                saying.fault(one, fault, self._figures.rates.watched_s) for fault in actor.faults
            ),
        )

    def waits(self) -> tuple[Row, ...]:
        say, lasting, waits = self._saying.say, self._saying.lasting, self._figures.waits

        def span(seconds: float | None) -> str:
            return "–" if seconds is None else lasting(seconds)

        shown = {"median": span(waits.median_s), "p90": span(waits.p90_s)}
        shown |= {"longest": span(waits.longest_s), "count": str(waits.acknowledged)}
        over = say("wait.over.unknown")
        if waits.judged:
            share = percent(waits.over / waits.judged)
            over = say("wait.over.text", over=waits.over, judged=waits.judged, share=share)
        level = {"count": waits.level_2, "late": waits.level_2_late}
        longest = lasting(waits.level_2_longest_s) if waits.level_2 else "–"
        level_2 = say("wait.level-2.text", **level, longest=longest)
        return (
            Row((say("wait.acknowledged"), say("wait.acknowledged.text", **shown))),
            Row((say("wait.over"), over)),
            Row((say("wait.level-2"), level_2), "bad" if waits.level_2_late else ""),
            Row((say("wait.open"), say("times", count=waits.open))),
            Row((say("wait.aside"), say("times", count=waits.set_aside))),
            Row((say("wait.rearmed"), say("times", count=self._figures.rearmed))),
        )

    def holds(self) -> tuple[Row, ...]:
        saying = self._saying
        rows: list[Row] = []
        for one in self._figures.holds:
            names = [f"{saying.holder(name)} {count}" for name, count in one.by[:SHOWN_NAMES]]
            more = len(one.by) - SHOWN_NAMES
            if more > 0:
                names.append(f"+{more}")
            time = saying.lasting(one.seconds) if one.seconds else "–"
            cells = (str(one.times), time, str(one.now), str(one.overdue))
            kind = saying.word(f"alarm.state.{one.kind}")
            row = (kind, *cells, saying.comma.join(names) or "–")
            rows.append(Row(row, "bad" if one.overdue else ""))
        return tuple(rows)

    def classes(self) -> tuple[Row, ...]:
        rows: list[Row] = []
        for one in self._figures.classes:
            mine = [c for c in self._figures.conditions if c.klass == one.klass and c.announced]
            most = [f"{c.condition} {c.announced}" for c in mine[:SHOWN_NAMES]]
            name = self._saying.word(f"alarm.class.{one.klass}")
            numbers = (str(one.announced), f"{one.per_day:.1f}", str(one.standing))
            rows.append(Row((name, *numbers, self._saying.comma.join(most) or "–")))
        return tuple(rows)

    def _grade(self, name: str) -> str:
        return next(one.grade for one in self._judged if one.id == name)

    @staticmethod
    def _bound(form: str, value: float | None) -> str:
        if value is None:
            return ""
        return f"{100 * value:g}%" if form == "share" else f"{value:g}"

    @staticmethod
    def _number(form: str, value: float) -> str:
        if form == "share":
            return percent(value)
        if form == "count" or value == round(value):
            return f"{value:.0f}"
        return f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def _worst(grades: list[str]) -> str:
    return "bad" if "bad" in grades else "fair" if grades else "good"
