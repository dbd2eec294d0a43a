"""The report as plain data: every text in its language, nothing left for a renderer to decide.

Terminal, CSV and HTML show the same page, so they cannot contradict each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from edge.clock import NS
from edge.quality.score import Score, device_scores, mean, score_of
from edge.quality.strip import Cell, cells_of, together, worst_stretches
from edge.quality.tally import Tally
from edge.quality.visits import SOON, Finding, Visit, visits
from edge.site.model import Site
from edge.words.wording import Wording, local, number, percent, stamp

GRADES = ((95, "good"), (85, "fair"), (60, "poor"), (0, "bad"))
SHOWN_TAGS = 4  # names in a finding, before it only counts


class Window(NamedTuple):
    """What the report is over [ns UTC], what the gateway did in it, and when it was made."""

    from_ns: int
    to_ns: int
    made_ns: int
    outage_s: float = 0.0
    starts: int = 0
    stalls: int = 0

    @property
    def seconds(self) -> float:
        """Return its length [s]."""
        return (self.to_ns - self.from_ns) / NS


class Trouble(NamedTuple):
    """One finding of a visit, in words."""

    kind: str
    what: str
    tags: str
    since: str
    standing: bool
    state: str  # whether it stands, in a word; "" where nothing has happened yet
    do: str
    bring: str
    of_tags: tuple[str, ...]


class VisitRow(NamedTuple):
    """One device to go to."""

    rank: int
    device: str
    place: str
    grade: str
    score: str
    troubles: tuple[Trouble, ...]


class DeviceRow(NamedTuple):
    """One device's line."""

    device: str
    place: str
    grade: str
    grade_word: str
    score: str
    tags: int
    worst_tag: str
    good: str
    silent: str


class TagRow(NamedTuple):
    """One tag's line; `facts` is its score as numbers."""

    facts: Score
    title: str
    unit: str
    grade: str
    grade_word: str
    score: str
    good: str
    uncertain: str
    bad: str
    missing: str
    silent: str
    changes: str
    jumps: str
    frozen: str
    out_of_range: str
    noise: str
    span: str
    calibration: str
    strip: tuple[Cell, ...]


class Fact(NamedTuple):
    """A figure of the summary."""

    label: str
    value: str
    note: str = ""
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
    facts: tuple[Fact, ...]
    visits: tuple[VisitRow, ...]
    devices: tuple[DeviceRow, ...]
    tags: tuple[TagRow, ...]
    strip: tuple[Cell, ...]
    ticks: tuple[str, ...]
    cell: str
    worst: tuple[str, ...]


def make_page(site: Site, tallies: Mapping[str, Tally], window: Window, language: str) -> Page:
    """Return the report over `window` in `language`: devices and tags in the site's own order."""
    wording = Wording("quality", language, window.seconds)
    today = local(window.to_ns - NS).date()  # of the last second
    scores: dict[str, Score] = {}
    for name, tally in tallies.items():
        checks = site.checks.get(name)
        due = None if checks is None else checks.calibration_due
        tag = site.tags[name]
        scores[name] = score_of(tag, tally, window.seconds, window.outage_s, due, today)
    limited = frozenset(spec.tag for spec in site.limits.values() if spec.limit is not None)
    found = visits(site.tags, tallies, scores.values(), limited)
    by_device = device_scores(scores.values())
    make = _Maker(site, window, wording)
    cells = max((len(tally.strip) for tally in tallies.values()), default=0)
    cell_s = window.seconds / cells if cells else 0.0
    strips = {name: cells_of(tally.strip, cell_s) for name, tally in tallies.items()}
    return Page(
        language=language,
        title=wording.say("title"),
        site=site.file.title.zh if language == "zh-CN" else site.file.title.en,
        gateway=site.file.gateway.id,
        world=wording.word(f"site.world.{site.world.value}"),
        live=site.world.value == "live",
        window=wording.say("window", start=stamp(window.from_ns), end=stamp(window.to_ns)),
        made=wording.say("made", at=stamp(window.made_ns)),
        facts=make.facts(list(scores.values()), len(found), len(by_device)),
        visits=tuple(make.visit(i, v, by_device) for i, v in enumerate(found, start=1)),
        devices=make.devices(list(scores.values()), by_device),
        tags=tuple(make.tag(scores[name], strips[name]) for name in tallies),
        strip=together(list(tallies.values()), cell_s),
        ticks=make.ticks(cells),
        cell=wording.lasting(cell_s),
        worst=make.worst(tallies, cells),
    )


class _Maker:
    """Turns figures into a page's rows."""

    def __init__(self, site: Site, window: Window, wording: Wording) -> None:
        self._site, self._window, self._wording = site, window, wording

    def facts(self, scores: Sequence[Score], to_visit: int, devices: int) -> tuple[Fact, ...]:
        say, window = self._wording.say, self._window
        total = mean(scores)
        expected, heard = sum(s.expected for s in scores), sum(s.heard for s in scores)
        coverage = percent(heard / expected) if expected else "–"
        off = self._wording.lasting(window.outage_s) if window.outage_s else say("outage.none")
        note = say("coverage.note", expected=f"{expected:,}", heard=f"{heard:,}")
        of = say("to-visit.note", devices=devices, tags=len(scores))
        return (
            Fact(say("score.site"), _score(total), say(f"grade.{grade(total)}"), grade(total)),
            Fact(say("to-visit"), str(to_visit), of),
            Fact(say("coverage"), coverage, note),
            Fact(say("outage"), off),
            Fact(say("starts"), str(window.starts)),
            Fact(say("stalls"), str(window.stalls)),
        )

    def visit(self, rank: int, visit: Visit, scores: Mapping[str, int | None]) -> VisitRow:
        score = scores.get(visit.device)
        troubles = tuple(self._trouble(finding) for finding in visit.findings)
        place = self._place(visit.device)
        return VisitRow(rank, visit.device, place, grade(score), _score(score), troubles)

    def devices(
        self, scores: Sequence[Score], by_device: Mapping[str, int | None]
    ) -> tuple[DeviceRow, ...]:
        rows: list[DeviceRow] = []
        for device, score in by_device.items():
            mine = [s for s in scores if s.device == device]
            worst = min(mine, key=lambda s: 101 if s.score is None else s.score)
            shown = f"{worst.tag} {_score(worst.score)}" if len(mine) > 1 else worst.tag
            good, silent = (sum(part) / len(mine) for part in zip(*map(_ends, mine), strict=True))
            word = self._wording.say(f"grade.{grade(score)}")
            rows.append(
                DeviceRow(
                    device,
                    self._place(device),
                    grade(score),
                    word,
                    _score(score),
                    len(mine),
                    shown,
                    percent(good),
                    percent(silent),
                )
            )
        return tuple(rows)

    def tag(self, score: Score, strip: tuple[Cell, ...]) -> TagRow:
        tag, wording = self._site.tags[score.tag], self._wording
        symbol = wording.word(f"unit.symbol.{tag.unit.value}")
        low, high = score.lowest, score.highest
        span = "–" if low is None or high is None else f"{number(low)} … {number(high)}"
        return TagRow(
            facts=score,
            title=tag.title_zh if wording.language == "zh-CN" else tag.title_en,
            unit=symbol,
            grade=grade(score.score),
            grade_word=wording.say(f"grade.{grade(score.score)}"),
            score=_score(score.score),
            good=percent(score.good),
            uncertain=percent(score.uncertain),
            bad=percent(score.bad),
            missing=percent(score.missing),
            silent=percent(score.silent),
            changes=str(score.changes),
            jumps=str(score.jumps),
            frozen=wording.lasting(score.frozen_s) if score.frozen_s else "–",
            out_of_range=wording.lasting(score.out_of_range_s) if score.out_of_range_s else "–",
            noise="–" if score.noise is None else number(score.noise),
            span=span,
            calibration=self._calibration(score.calibration_days),
            strip=strip,
        )

    def ticks(self, cells: int) -> tuple[str, ...]:
        """Return a label for each cell, "" for most: hours of a day, days of a week."""
        window, labels = self._window, list[str]()
        last = ""
        for index in range(cells):
            at = local(window.from_ns + round(window.seconds * NS * index / cells))
            label = at.strftime("%m-%d") if window.seconds > 2 * 86_400 else str(at.hour)
            new = label != last and (window.seconds > 2 * 86_400 or at.hour % 3 == 0)
            labels.append(label if new else "")
            last = label
        return tuple(labels)

    def worst(self, tallies: Mapping[str, Tally], cells: int) -> tuple[str, ...]:
        if not cells:
            return ()
        width = (self._window.to_ns - self._window.from_ns) / cells
        start, say = self._window.from_ns, self._wording.say
        return tuple(
            say(
                "worst-hour",
                start=self._wording.hour(round(start + stretch.cell * width)),
                end=self._wording.hour(round(start + (stretch.cell + 1) * width)),
                count=stretch.tags,
                lost=percent(stretch.lost),
            )
            for stretch in worst_stretches(list(tallies.values()))
        )

    def _trouble(self, finding: Finding) -> Trouble:
        say, ahead = self._wording.say, finding.kind == SOON.id
        return Trouble(
            finding.kind,
            say(f"find.{finding.kind}"),
            self._names(finding.tags),
            self._since(finding),
            finding.standing and not ahead,
            "" if ahead else say("standing" if finding.standing else "passed"),
            say(f"do.{finding.kind}"),
            say(f"bring.{finding.kind}"),
            finding.tags,
        )

    def _since(self, finding: Finding) -> str:
        say, parts = self._wording.say, list[str]()
        if finding.days is not None:
            over = finding.days < 0
            parts.append(say("days.over" if over else "days.left", days=abs(finding.days)))
        elif finding.standing and finding.since_ns <= self._window.from_ns:
            parts.append(say("since.before"))
        elif finding.since_ns:
            at = self._wording.moment(finding.since_ns)
            parts.append(say("since.at" if finding.standing else "last.at", at=at))
        if finding.seconds and finding.days is None:
            parts.append(say("lasted", time=self._wording.lasting(finding.seconds)))
        if finding.times > 1 and finding.days is None:
            parts.append(say("times", count=finding.times))
        return ("，" if self._wording.language == "zh-CN" else ", ").join(parts)

    def _names(self, tags: Sequence[str]) -> str:
        comma = "、" if self._wording.language == "zh-CN" else ", "
        if len(tags) <= SHOWN_TAGS:
            return comma.join(tags)
        shown = comma.join(tags[: SHOWN_TAGS - 1])
        return self._wording.say("tags.more", tags=shown, count=len(tags))

    def _place(self, device: str) -> str:
        """Return where a device's first tag stands: area and asset."""
        tag = next((t for t in self._site.tags.values() if t.device == device), None)
        if tag is None:
            return ""
        titles = [self._site.areas.get(tag.area), self._site.assets.get(tag.asset)]
        chinese = self._wording.language == "zh-CN"
        shown = [t.title.zh if chinese else t.title.en for t in titles if t is not None]
        return " · ".join(dict.fromkeys(shown))

    def _calibration(self, days: int | None) -> str:
        if days is None:
            return self._wording.say("calibration.unknown")
        message = "calibration.over" if days < 0 else "calibration.left"
        return self._wording.say(message, days=abs(days))


def grade(score: int | None) -> str:
    """Return a score's grade: good, fair, poor, bad, or none."""
    if score is None:
        return "none"
    return next(name for least, name in GRADES if score >= least)


def _score(score: int | None) -> str:
    return "–" if score is None else str(score)


def _ends(score: Score) -> tuple[float, float]:
    return score.good, score.silent
