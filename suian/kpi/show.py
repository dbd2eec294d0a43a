"""One page, four ways: a terminal, HTML for paper, CSV for spreadsheets, JSON for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import NamedTuple

import orjson

from edge.kpi.actors import Actor
from edge.kpi.figures import Figures
from edge.kpi.judge import Judged
from edge.kpi.page import Page
from edge.report import render
from edge.words import say

WORDS = (
    "gateway", "world", "time", "figures", "col.figure", "col.value", "col.target", "col.limit",
    "col.source", "hours", "hours.note", "day", "total", "floods", "floods.none", "flood.from",
    "flood.lasted", "flood.alarms", "flood.most", "flood.first", "top", "top.none", "actors",
    "actors.none", "actors.note", "alarm", "priority", "count", "share", "stood", "wrong", "do",
    "waits", "holds", "hold.times", "hold.time", "hold.now", "hold.overdue", "hold.by",
    "hold.note", "classes", "class", "class.announced", "class.per-day", "class.standing",
    "class.most", "disclaimer",
)  # fmt: skip
CSV_COLUMNS = ("section", "subject", "figure", "value", "target", "limit", "grade")


def words_of(language: str) -> dict[str, str]:
    """Return the page's own words, by the names under which the template asks for them."""
    return {key.replace(".", "_").replace("-", "_"): say(f"kpi.{key}", language) for key in WORDS}


def as_html(page: Page) -> str:
    """Return the page as one self-contained HTML file. Raises `SuianError` without Jinja2."""
    return render("alarm", {"page": page, "words": words_of(page.language)})


def as_csv(figures: Figures, judged: Iterable[Judged]) -> str:
    """Return a row a number: shares are 0 to 1, times seconds, stamps UTC ns."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    writer.writerow(("window", "", "from_ns", figures.from_ns, "", "", ""))
    writer.writerow(("window", "", "to_ns", figures.to_ns, "", "", ""))
    writer.writerow(("window", "", "watched_s", round(figures.rates.watched_s, 1), "", "", ""))
    for one in judged:
        value = round(one.value, 6)
        writer.writerow(("figure", "", one.id, value, one.aim.target, one.aim.limit, one.grade))
    for name, value in figures.waits._asdict().items():
        writer.writerow(("response", "", name, value, "", "", ""))
    for hold in figures.holds:
        for name in ("times", "seconds", "now", "overdue"):
            writer.writerow(("held", hold.kind, name, hold._asdict()[name], "", "", ""))
        for who, times in hold.by:
            writer.writerow(("held by", hold.kind, who, times, "", "", ""))
    for flood in figures.rates.floods:
        for name in ("to_ns", "alarms", "most", "first"):
            writer.writerow(("flood", flood.from_ns, name, flood._asdict()[name], "", "", ""))
    for condition in figures.conditions:
        for name, value in condition._asdict().items():
            if name != "condition":
                writer.writerow(("alarm", condition.condition, name, value, "", "", ""))
    return out.getvalue()


def as_json(figures: Figures, judged: Iterable[Judged], found: Iterable[Actor]) -> str:
    """Return everything as one JSON object."""
    body = {
        **_plain(figures),
        "figures": [
            {
                "id": one.id,
                "value": one.value,
                "target": one.aim.target,
                "limit": one.aim.limit,
                "grade": one.grade,
                "source": one.aim.source,
                "confidence": one.aim.confidence,
            }
            for one in judged
        ],
        "bad_actors": [
            {
                "rank": one.rank,
                "condition": one.figures.condition,
                "share": one.share,
                "faults": [fault._asdict() for fault in one.faults],
            }
            for one in found
        ],
    }
    return orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode() + "\n"


def _plain(value: NamedTuple) -> dict[str, object]:
    """Return a named tuple as a dictionary, and what is in it as well."""
    return {name: _each(item) for name, item in value._asdict().items()}


def _each(value: object) -> object:
    if isinstance(value, tuple):
        # A tuple's type checker does not know that it may be a named one.
        return _plain(value) if hasattr(value, "_asdict") else [_each(one) for one in value]  # type: ignore[arg-type]
    return value
