"""A bad week through the real engine and journal: the report's figures against a plain count."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from edge.clock import NS
from edge.console.history import JournalHistory
from edge.journal import EventRow, JournalReader
from edge.journal.verify import verify
from edge.kpi.actors import actors
from edge.kpi.figures import Figures
from edge.kpi.judge import judge, values_of
from edge.kpi.page import Page, make_page
from edge.kpi.read import reckon
from edge.report.text import width
from edge.rules.alarm_kpi import kpi_rule
from edge.words import LANGUAGES, catalogue
from edge.words.wording import CHINA
from suian.cli import app
from suian.kpi.show import as_csv, as_html
from suian.kpi.terminal import as_text
from tests.unit.kpi.week import (
    DIP,
    MONDAY_NS,
    POPS,
    SWINGS,
    WEEK_NS,
    Week,
    week_site,
    write_week,
)

RULE = kpi_rule()
CHINESE = re.compile(r"[\u4e00-\u9fff]")
END_NS = MONDAY_NS + WEEK_NS
OFF_S = 3 * 3600 + 40 * 60  # stopped on Saturday, crashed on Sunday


def at(day: int, time: str) -> int:
    """Return a time of the week [ns UTC]; day 0 is Monday."""
    moment = datetime.fromisoformat(f"2026-01-{12 + day}T{time}").replace(tzinfo=CHINA)
    return round(moment.timestamp()) * NS


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the week's journal."""
    folder = tmp_path_factory.mktemp("week")
    write_week(folder)
    return folder


@pytest.fixture(scope="module")
def rows(state: Path) -> list[EventRow]:
    """Every event of the journal."""
    return JournalReader(state / "journal.db").events(0, 1_000_000)


@pytest.fixture(scope="module")
def found(state: Path) -> Figures:
    """The week's figures."""
    reader, site = JournalReader(state / "journal.db"), week_site()
    return reckon(reader, RULE.counts, site.limits, MONDAY_NS, END_NS)[0]


@pytest.fixture(scope="module")
def pages(found: Figures) -> dict[str, Page]:
    """The week's report in every language."""
    return {name: make_page(week_site(), found, RULE, END_NS, name) for name in LANGUAGES}


def _raises(rows: Iterable[EventRow], klass: str = "process") -> list[EventRow]:
    return [
        row
        for row in rows
        if row.kind == "alarm.raised"
        and row.params["klass"] == klass
        and MONDAY_NS <= row.utc_ns < END_NS
    ]


def test_the_load_is_what_a_plain_count_finds(rows: list[EventRow], found: Figures):
    """By day, by hour and by ten minutes, counted one by one from the journal."""
    raised = _raises(rows)
    assert found.rates.total == len(raised)
    assert found.rates.watched_s == pytest.approx(WEEK_NS / NS - OFF_S, abs=2)
    hours = WEEK_NS / NS / 3600 - OFF_S / 3600
    assert found.rates.per_hour == pytest.approx(len(raised) / hours, rel=1e-4)
    for width_s, worst in ((600, found.rates.worst_10min), (3600, found.rates.worst_hour)):
        bins = Counter(row.utc_ns // (width_s * NS) for row in raised)
        assert worst[1] == max(bins.values())
        full = sum(count > {600: 10, 3600: 30}[width_s] for count in bins.values())
        share = found.rates.busy_10min if width_s == 600 else found.rates.busy_hours
        periods = found.rates.periods if width_s == 600 else found.rates.hours
        assert share == pytest.approx(full / periods)
    assert found.rates.hours == 7 * 24 - 3 - 1  # the hour of the crash was not watched whole
    assert found.priorities == {
        n: sum(r.params["priority"] == n for r in raised) for n in range(1, 5)
    }
    assert found.rates.worst_day[0] == at(2, "00:00")
    system = next(one for one in found.classes if one.klass == "system")
    assert system.announced == len(_raises(rows, "system"))


def test_the_floods_are_those_of_the_story(rows: list[EventRow], found: Figures):
    """One after the power dip, one while the detector chatters; each from its eleventh alarm."""
    dip, chatter = found.rates.floods
    stamps = sorted(row.utc_ns for row in _raises(rows))
    for flood in (dip, chatter):
        assert sum(flood.from_ns - 600 * NS < one < flood.from_ns for one in stamps) <= 10
        assert sum(flood.from_ns - 600 * NS < one <= flood.from_ns for one in stamps) >= 11
        assert sum(flood.to_ns - 600 * NS < one <= flood.to_ns for one in stamps) < 5
        assert sum(flood.to_ns - 600 * NS <= one <= flood.to_ns for one in stamps) >= 5
    assert at(1, "03:12") < dip.from_ns < at(1, "03:30")
    assert chatter.first == "AT-106/h"
    assert at(2, "09:01") < chatter.from_ns < at(2, "09:04")
    assert chatter.to_ns == pytest.approx(
        at(2, "09:34"), abs=60 * NS
    )  # ten minutes after the shelf


def test_the_waits_are_those_of_the_people(rows: list[EventRow], found: Figures):
    """From raise to acknowledgement, paired by hand; the night's ammonia waited far too long."""
    since: dict[str, int] = {}
    waits: list[float] = []
    late_level_2 = 0
    for row in rows:
        name = row.params.get("condition")
        if row.params.get("klass") != "process" or row.utc_ns >= END_NS:
            continue
        if row.kind == "alarm.raised":
            since.setdefault(str(name), row.utc_ns)
        elif row.kind == "alarm.acknowledged":
            begun = since.pop(str(name))
            if begun >= MONDAY_NS:
                waits.append((row.utc_ns - begun) / NS)
                late_level_2 += row.params["level"] == 2 and waits[-1] > 60
        elif row.kind == "alarm.shelved":
            since.pop(str(name), None)
    waits.sort()
    assert found.waits.acknowledged == len(waits)
    assert found.waits.median_s == waits[-(-len(waits) // 2) - 1]
    assert found.waits.p90_s == waits[-int(-0.9 * len(waits) // 1) - 1]
    assert found.waits.longest_s == waits[-1]
    assert found.waits.over == sum(wait > 600 for wait in waits)
    assert (found.waits.level_2, found.waits.level_2_late) == (2, late_level_2) == (2, 1)
    assert found.waits.open == len(since) == 0
    assert found.waits.set_aside == 1


def test_the_nuisances_are_those_of_the_story(found: Figures):
    """What chatters, what pops, what stands, what was set aside: as it was staged."""
    one = {figures.condition: figures for figures in found.conditions}
    assert (one["AT-106/h"].bouts, one["AT-106/h"].chattered) == (1, SWINGS)
    assert (one["PT-201/h"].fleeting, one["PT-201/h"].bouts) == (POPS, 0)
    assert (found.chattering, found.fleeting, found.stale, found.stale_now) == (1, POPS, 1, 0)
    assert one["LI-101/h"].stood_s == pytest.approx((at(3, "15:00") - MONDAY_NS) / NS, abs=10)
    assert one["LI-101/h"].stale == 1
    holds = {hold.kind: hold for hold in found.holds}
    assert (holds["shelved"].times, holds["shelved"].seconds) == (1, pytest.approx(4 * 3600))
    assert holds["out-of-service"].by == (("赵工", 1),)
    assert (holds["out-of-service"].overdue, holds["shelved"].overdue) == (1, 0)
    assert holds["suppressed"].by == (("flood", holds["suppressed"].times),)
    assert sum(figures.announced > 0 for name, figures in one.items() if name[:4] == "TI-4") == DIP
    values = values_of(found, RULE)
    loudest = sorted((c.announced for c in found.conditions if c.klass == "process"), reverse=True)
    assert values["top_share"] == pytest.approx(sum(loudest[:10]) / found.rates.total)


def test_an_engineer_is_told_what_to_do(found: Figures, pages: dict[str, Page]):
    """The chatterer gets a deadband and a longer off-delay, no on-delay: it is a gas alarm."""
    site = week_site()
    by = {one.figures.condition: one for one in actors(found, RULE, site.limits)}
    (chatter,) = by["AT-106/h"].faults
    assert (chatter.id, chatter.delay_s, chatter.deadband) == ("chattering.gas", 10.0, 0.1)
    (pops,) = by["PT-201/h"].faults
    assert (pops.id, pops.delay_s) == ("fleeting", 10.0)
    assert by["PT-101/l"].faults[0].id == "late"
    assert by["LI-101/h"].faults[0].id == "stale"
    first = pages["en"].actors[0]
    assert first.name == "AT-106/h"
    assert "off-delay 5 → 10 s" in first.faults[0][1]
    assert "deadband 0.05 → 0.1 ppm" in first.faults[0][1]
    assert "先用便携仪核实附近有无微漏" in pages["zh-CN"].actors[0].faults[0][1]


def test_a_suggested_setting_would_have_ended_it(tmp_path: Path, found: Figures):
    """The same week with the settings that are suggested: the chatter and the pops are gone."""

    class Better(Week):
        def __init__(self, state: Path, seed: int = 7) -> None:
            super().__init__(state, seed)
            limits = dict(self.site.limits)
            for one in actors(found, RULE, limits):
                spec = limits[one.figures.condition]
                for fault in one.faults:
                    if fault.delay_s is not None:
                        name = "off_delay_s" if "chatter" in fault.id else "on_delay_s"
                        spec = dataclasses.replace(spec, **{name: fault.delay_s})
                    if fault.deadband is not None:
                        spec = dataclasses.replace(spec, deadband=fault.deadband)
                limits[spec.id] = spec
            self.site = dataclasses.replace(self.site, limits=limits)

    better = write_week(tmp_path, make=Better)
    reader = JournalReader(tmp_path / "journal.db")
    after, _ = reckon(reader, RULE.counts, better.site.limits, MONDAY_NS, END_NS)
    assert (after.chattering, after.fleeting) == (0, 0)
    assert after.rates.total < found.rates.total / 2


def test_grades_follow_targets_and_limits(found: Figures):
    """The load is small; what is wrong is named, and nothing else."""
    grades = {one.id: one.grade for one in judge(found, RULE)}
    assert set(grades) == set(RULE.figures)
    assert {name for name, grade in grades.items() if grade == "bad"} == {
        "top_share", "chattering", "fleeting", "priority_1", "level_2_late", "overdue",
    }  # fmt: skip
    assert grades["per_day"] == "good"
    assert grades["worst_10min"] == "fair"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_stands_alone_and_speaks_one_language(pages: dict[str, Page], language: str):
    """Nothing is fetched or run, no id shows for a text, nothing is left untranslated."""
    html = as_html(pages[language])
    for absent in ("<script", "http", "url(", "@import", "kpi.", "site.world", "{{", "None"):
        assert absent not in html
    shown = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    if language == "en":
        for name in ("赵工", "李明"):
            shown = shown.replace(name, "")
        assert not CHINESE.search(shown)
    else:
        assert all(CHINESE.search(title) for title in re.findall(r"<h[12]>(.*?)</h", shown))
    assert (
        len(re.findall(r'class="off"', shown)) == 3
    )  # the hour of the crash had no alarm of 40 min
    text = as_text(pages[language])
    assert max(map(width, text.splitlines())) <= 80
    assert "kpi." not in text
    assert all(one.name in text for one in pages[language].actors)


def test_every_fault_has_its_words():
    """What it is, what is wrong, what to do."""
    ids = ("failed", "chattering", "chattering.gas", "fleeting", "fleeting.gas", "stale")
    for name in (*ids, "standing", "late", "repeating"):
        for part in ("", ".what", ".do"):
            assert f"kpi.actor.{name}{part}" in catalogue()
    for name in RULE.figures:
        assert f"kpi.figure.{name}" in catalogue()


def test_the_command_prints_and_writes(state: Path, tmp_path: Path):
    """Terminal, HTML, CSV and JSON from one run, over the week that is named."""
    files = [tmp_path / "week.html", tmp_path / "week.csv"]
    command = ["alarm", "report", "deploy/sites/demo", "--state", str(state)]
    window = ["--from", "2026-01-12", "--to", "2026-01-19"]
    done = CliRunner().invoke(
        app, [*command, *window, "--lang", "en", "--html", str(files[0]), "--csv", str(files[1])]
    )
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("Alarm performance report  Suian example park (gw-demo)")
    assert files[0].read_text().startswith("<!doctype html>")
    assert files[1].read_bytes().startswith(b"\xef\xbb\xbfsection,subject,figure")
    assert "alarm,AT-106/h,bouts,1" in files[1].read_text()
    done = CliRunner().invoke(app, [*command, *window, "--json"])
    told = orjson.loads(done.stdout)
    assert told["bad_actors"][0]["condition"] == "AT-106/h"
    assert told["rates"]["total"] > 100
    for wrong in (["--days", "3", "--week"], ["--days", "0"], ["--from", "noon"]):
        assert CliRunner().invoke(app, [*command, *wrong]).exit_code == 2


def test_csv_holds_every_condition(found: Figures):
    """A row a number, for pivots: figures, response, holds, floods, alarms."""
    text = as_csv(found, judge(found, RULE))
    assert len({line.split(",")[1] for line in text.splitlines() if line[:6] == "alarm,"}) == len(
        found.conditions
    )


def test_a_page_of_the_console_sees_the_flood_while_it_is(state: Path, rows: list[EventRow]):
    """In the midst of the chatter: the rate of the last ten minutes, and that it is a flood."""
    history = JournalHistory(state / "journal.db", week_site().limits)
    during = history.kpi(at(2, "09:20"), 24)
    assert during["flood"] is True
    ago = at(2, "09:10")
    assert during["last_10min"] == sum(ago < r.utc_ns < at(2, "09:20") for r in _raises(rows)) > 40
    after = history.kpi(at(2, "20:00"), 24)
    assert (after["flood"], after["last_10min"], after["floods"]) == (False, 0, 1)
    assert after["announced"] == 127
    assert {one["id"] for one in after["figures"]} == set(RULE.figures)


def test_the_week_s_journal_is_whole(state: Path):
    """What the engine, restarts and people wrote passes the audit, state table and all."""
    assert verify(state / "journal.db").findings == ()
