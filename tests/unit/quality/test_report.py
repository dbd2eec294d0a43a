"""The report as people get it: on a terminal, in a spreadsheet and on paper, in both languages."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from edge.clock import NS
from edge.errors import SuianError
from edge.quality.page import Page, make_page
from edge.quality.visits import KINDS, SOON
from edge.site import load_site
from edge.words import LANGUAGES, catalogue
from edge.words.wording import CHINA, percent
from suian.quality.read import read_tallies
from suian.quality.report import ReportOptions, report
from suian.quality.show import CSV_COLUMNS, as_csv, as_html, as_text, width
from suian.window import window_of
from tests.unit.quality.day import MIDNIGHT_NS, SITE, day_site, write_day

DAY_NS = 86_400 * NS
CHINESE = re.compile(r"[\u4e00-\u9fff]")
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the day's journal."""
    folder = tmp_path_factory.mktemp("day")
    write_day(folder, day_site())
    return folder


@pytest.fixture(scope="module")
def pages(state: Path) -> dict[str, Page]:
    """The day's report in every language."""
    site = day_site()
    end_ns = MIDNIGHT_NS + DAY_NS
    tallies, window = read_tallies(site, state / "journal.db", MIDNIGHT_NS, end_ns, end_ns)
    return {language: make_page(site, tallies, window, language) for language in LANGUAGES}


def test_the_engineer_is_told_where_to_go_first_and_why(pages: dict[str, Page]):
    """A silent gas detector first, then a frozen one; the clock of the DCS can wait."""
    visits = pages["en"].visits

    assert [visit.device for visit in visits] == [
        "AE-101", "AE-102", "AE-110", "AE-103", "MET-1", "AE-106", "AE-105", "DCS-1", "AE-210",
    ]  # fmt: skip
    first = visits[0].troubles[0]
    assert (first.what, first.state, first.tags) == ("No answer", "now", "AT-101")
    assert first.since == "since 01-10 21:00, 8 h 10 min in all, 2 times"
    assert first.do.startswith("Check power")
    assert "Multimeter" in first.bring
    frozen = visits[1].troubles[0]
    assert frozen.since == "since 01-10 06:00, 17 h 14 min in all"  # the outage did not end it
    overdue, soon = visits[2].troubles[1:]
    assert (overdue.what, overdue.since) == ("Calibration overdue", "overdue by 10 days")
    assert (soon.what, soon.since, soon.state) == ("Calibration due soon", "due in 21 days", "")


def instruments() -> set[str]:
    """The devices that measure; horns and diallers do not."""
    site = day_site()
    return {tag.device for tag in site.tags.values()} & site.devices.keys()


def test_scores_and_strips_tell_the_day(pages: dict[str, Page]):
    """Figures of the day are those that were journalled; the gateway's outage costs nobody."""
    page = pages["en"]
    tags = {row.facts.tag: row for row in page.tags}

    assert len(tags) == 38
    assert (tags["AT-104"].score, tags["AT-104"].facts.worked_on_s) == ("100", 40 * 60)
    assert tags["AT-101"].silent == "35.2%"
    assert "".join(cell.mark for cell in tags["AT-101"].strip) == "   ××××××            ×××"
    assert all(row.strip[12].kind == "off" for row in page.tags)
    assert tags["AT-102"].frozen == "17 h 14 min"
    assert tags["AT-106"].facts.jumps == 69
    assert page.facts[0].grade == "fair"
    assert page.worst[0].startswith("06:00–07:00: 3 tags hit")
    assert {row.device for row in page.devices} == instruments()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_terminal_of_80_columns_is_enough(pages: dict[str, Page], language: str):
    """No line is wider, Chinese characters counted twice, and every table's columns stand."""
    text = as_text(pages[language])
    lines = text.splitlines()

    assert max(map(width, lines)) <= 80
    ends = {width(line) for line in lines if line.endswith("|")}
    assert len(ends) == 1
    assert "quality." not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_html_stands_alone_and_speaks_one_language(pages: dict[str, Page], language: str):
    """Nothing is fetched or run, no id shows for a text, nothing is left untranslated."""
    html = as_html(pages[language])

    assert html.startswith("<!doctype html>")
    assert f'<html lang="{language}">' in html
    for absent in ("<script", "http", "url(", "@import", "quality.", "site.world", "{{", "None"):
        assert absent not in html
    shown = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    if language == "en":
        assert not CHINESE.search(shown)
    else:
        titles = re.findall(r"<h[12]>(.*?)</h", shown)
        assert len(titles) == 7
        assert all(CHINESE.search(title) for title in titles)
    for device in instruments():
        assert device in shown


def test_html_shows_what_people_wrote_as_text(pages: dict[str, Page]):
    """A title with markup in it stays a title."""
    page = pages["en"]._replace(site="<b>&amp; park</b>")

    assert "&lt;b&gt;&amp;amp; park" in as_html(page)


def test_csv_is_a_row_per_tag_with_plain_numbers(pages: dict[str, Page]):
    """A spreadsheet can add it up: shares make one, and findings name the tag's own."""
    rows = list(csv.DictReader(io.StringIO(as_csv(pages["zh-CN"]))))

    assert len(rows) == 38
    assert tuple(rows[0]) == CSV_COLUMNS
    for row in rows:
        shares = [float(row[key]) for key in ("good", "uncertain", "bad", "missing")]
        assert sum(shares) == pytest.approx(1.0, abs=1e-3)
    by_tag = {row["tag"]: row for row in rows}
    assert (by_tag["AT-102"]["visit"], by_tag["AT-102"]["findings"]) == ("2", "stuck")
    assert (by_tag["AT-201"]["findings"], by_tag["AT-203"]["findings"]) == ("calibration-soon", "")
    assert float(by_tag["AT-102"]["frozen_min"]) == 1034.0


def test_a_week_has_its_days(state: Path):
    """Six hours a cell, dates over them; days without a journal are the gateway's outage."""
    site = day_site()
    start_ns = MIDNIGHT_NS - 5 * DAY_NS  # Monday
    end_ns = start_ns + 7 * DAY_NS
    tallies, window = read_tallies(site, state / "journal.db", start_ns, end_ns, end_ns)
    page = make_page(site, tallies, window, "zh-CN")

    assert len(page.strip) == 28
    assert [tick for tick in page.ticks if tick][:2] == ["01-05", "01-06"]
    assert page.cell == "6 小时"
    assert [cell.kind for cell in page.strip[:20]] == ["off"] * 20
    assert page.facts[0].value == "89"
    assert max(map(width, as_text(page).splitlines())) <= 80


def test_an_empty_journal_is_said_as_such(tmp_path: Path):
    """Before anything was recorded there is no score and nobody to visit, and no error."""
    site = load_site(SITE)
    write_day(tmp_path, site, minutes=-2)
    end_ns = MIDNIGHT_NS + DAY_NS
    tallies, window = read_tallies(site, tmp_path / "journal.db", MIDNIGHT_NS, end_ns, end_ns)
    page = make_page(site, tallies, window, "en")

    assert (page.facts[0].value, page.facts[0].note) == ("–", "no data")
    assert page.visits == ()
    assert "No device needs a visit." in as_text(page)
    assert "No device needs a visit." in as_html(page)


def test_every_finding_has_its_words():
    """What it is, what to do, and what to bring."""
    for kind in (*KINDS, SOON):
        for part in ("find", "do", "bring"):
            assert f"quality.{part}.{kind.id}" in catalogue()


@pytest.mark.parametrize(
    ("share", "shown"),
    [(1.0, "100%"), (0.99999, ">99.9%"), (0.9985, "99.9%"), (0.00001, "<0.1%"), (0.0, "0%")],
)
def test_a_percentage_rounds_no_loss_away(share: float, shown: str):
    """Nearly all is not all, and nearly nothing is not nothing."""
    assert percent(share) == shown


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=CHINA).timestamp()) * NS


NOW_NS = at("2026-01-15T10:00:00")


@pytest.mark.parametrize(
    ("options", "start", "end"),
    [
        (("", "", "", ""), "2026-01-14T10:00:00", "2026-01-15T10:00:00"),
        (("2026-01-10", "", "", ""), "2026-01-10T00:00:00", "2026-01-11T00:00:00"),
        (("2026-01-15", "", "", ""), "2026-01-15T00:00:00", "2026-01-15T10:00:00"),
        (("", "2026-01-08", "", ""), "2026-01-05T00:00:00", "2026-01-12T00:00:00"),
        (("", "", "2026-01-10T08:00", ""), "2026-01-10T08:00:00", "2026-01-15T10:00:00"),
        (("", "", "2026-01-01", "2026-01-03"), "2026-01-01T00:00:00", "2026-01-03T00:00:00"),
    ],
)
def test_windows_are_what_people_mean(options: tuple[str, str, str, str], start: str, end: str):
    """Days and weeks are China's, a window ends now at the latest, and none is the last day."""
    assert window_of(*options, NOW_NS) == (at(start), at(end))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("2026-01-10", "2026-01-10", "", ""), "three windows"),
        (("10.1.2026", "", "", ""), "no day"),
        (("", "", "noon", ""), "no time"),
        (("", "", "", "2026-01-10"), "--to without --from"),
        (("2027-01-01", "", "", ""), "has not begun"),
        (("", "", "2026-01-03", "2026-01-02"), "ends before it begins"),
        (("", "", "2020-01-01", ""), "over 366 days"),
    ],
)
def test_windows_that_are_none_are_refused(options: tuple[str, str, str, str], said: str):
    """What is wrong is said with the option's name and how to write it."""
    with pytest.raises(SuianError, match=said):
        window_of(*options, NOW_NS)


def test_options_that_are_none_are_refused(state: Path, tmp_path: Path):
    """A wrong format, language or folder is said in a sentence."""
    for options, said in (
        (ReportOptions(SITE, state, format="pdf"), "terminal, csv, html"),
        (ReportOptions(SITE, state, language="de"), "zh-CN, en"),
        (ReportOptions(SITE, tmp_path), "is not there"),
    ):
        with pytest.raises(SuianError, match=said):
            report(options)


def test_the_command_prints_and_writes(state: Path, tmp_path: Path):
    """`suian quality report` on the example site, into the terminal and into a file for Excel."""
    command = [sys.executable, "-m", "suian", "quality", "report", str(SITE), "--state", str(state)]
    day = ["--day", "2026-01-10"]
    done = subprocess.run(
        [*command, *day, "--lang", "en"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Data quality report  Suian example park (gw-demo)")

    out = tmp_path / "day.csv"
    done = subprocess.run(
        [*command, *day, "--format", "csv", "--out", str(out)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert out.read_bytes().startswith(b"\xef\xbb\xbfdevice,tag")

    done = subprocess.run(
        [*command, "--day", "soon"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "no day" in done.stderr
