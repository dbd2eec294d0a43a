"""One page, three ways: a terminal of 80 columns, CSV for spreadsheets, HTML for paper."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from edge.quality.page import Page, TagRow, VisitRow
from edge.quality.strip import Cell
from edge.report import render
from edge.report.text import COLUMNS, cut, pad, right, width, wrap
from edge.words.wording import Wording

SHOWN_VISITS = 10
WORDS = {
    "gateway": "gateway",
    "world": "world",
    "time": "strip",
    "visits": "visits",
    "visits_none": "visits.none",
    "do": "do",
    "bring": "bring",
    "worst_hours": "worst-hours",
    "worst_none": "worst-hours.none",
    "all": "all",
    "devices": "devices",
    "device": "device",
    "place": "place",
    "score": "score",
    "tags": "tags",
    "tag": "tag",
    "worst_tag": "worst-tag",
    "good": "col.good",
    "uncertain": "col.uncertain",
    "bad": "col.bad",
    "missing": "col.missing",
    "silent": "col.silent",
    "changes": "col.changes",
    "jumps": "col.jumps",
    "frozen": "col.frozen",
    "range": "col.range",
    "noise": "col.noise",
    "span": "col.span",
    "calibration": "col.calibration",
    "unit": "col.unit",
    "details": "details",
    "noise_note": "noise.note",
    "formula": "formula",
    "formula_text": "formula.text",
    "disclaimer": "disclaimer",
}


def as_html(page: Page) -> str:
    """Return the page as one self-contained HTML file. Raises `SuianError` without Jinja2."""
    wording = Wording("quality", page.language, 0.0)
    words = {key: wording.say(message) for key, message in WORDS.items()}
    words["strip_note"] = _strip_note(page, wording, "off.html")
    return render("quality", {"page": page, "words": words})


def as_csv(page: Page) -> str:
    """Return a row per tag with plain numbers; shares are 0 to 1, times minutes."""
    ranks = {visit.device: visit for visit in page.visits}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for row in page.tags:
        writer.writerow(_csv_row(row, ranks.get(row.facts.device)))
    return out.getvalue()


CSV_COLUMNS = (
    "device", "tag", "title", "score", "observed_min", "good", "uncertain", "bad", "missing",
    "silent", "frozen_min", "out_of_range_min", "worked_on_min", "changes", "jumps", "expected",
    "heard", "noise", "lowest", "highest", "unit", "calibration_days", "visit", "findings",
)  # fmt: skip


def _csv_row(row: TagRow, visit: VisitRow | None) -> list[object]:
    facts = row.facts
    mine = [] if visit is None else [t for t in visit.troubles if facts.tag in t.of_tags]
    return [
        facts.device, facts.tag, row.title, facts.score, round(facts.observed_s / 60, 1),
        *(round(share, 5) for share in (facts.good, facts.uncertain, facts.bad)),
        round(facts.missing, 5), round(facts.silent, 5), round(facts.frozen_s / 60, 1),
        round(facts.out_of_range_s / 60, 1), round(facts.worked_on_s / 60, 1), facts.changes,
        facts.jumps, facts.expected, facts.heard, facts.noise, facts.lowest, facts.highest,
        row.unit, facts.calibration_days, visit.rank if mine and visit else None,
        " ".join(trouble.kind for trouble in mine),
    ]  # fmt: skip


def as_text(page: Page) -> str:
    """Return the page for a terminal of 80 columns; a Chinese character takes two."""
    wording = Wording("quality", page.language, 0.0)
    say = wording.say
    lines = [f"{page.title}  {page.site} ({page.gateway})", f"{page.window}  [{page.world}]", ""]
    lines += [_fact(fact.label, fact.value, fact.note) for fact in page.facts]
    lines += ["", *_heading(say("visits"))]
    if not page.visits:
        lines.append(say("visits.none"))
    for visit in page.visits[:SHOWN_VISITS]:
        lines += _visit(visit, wording)
    if len(page.visits) > SHOWN_VISITS:
        lines += ["", say("visits.more", count=len(page.visits) - SHOWN_VISITS)]
    lines += ["", *_heading(say("worst-hours"))]
    lines += page.worst or [say("worst-hours.none")]
    lines += ["", *_heading(say("devices")), *_devices(page, wording)]
    lines += ["", *_heading(say("tags")), *_tags(page, wording)]
    lines += ["", *wrap(_strip_note(page, wording, "off.text")), *wrap(say("disclaimer"))]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _fact(label: str, value: str, note: str) -> str:
    return f"{pad(label, 24)}{pad(value, 10)}{note}"


def _heading(text: str) -> list[str]:
    return [text, "─" * COLUMNS]


def _visit(visit: VisitRow, wording: Wording) -> list[str]:
    head = f"{visit.rank:>2}  {visit.device}  {visit.place}"
    lines = ["", pad(head, COLUMNS - 6) + visit.score.rjust(5)]
    for trouble in visit.troubles:
        state = f"[{trouble.state}] " if trouble.state else ""
        lines += wrap(state + trouble.what, 4, 4)
        lines += wrap(f"{trouble.tags} · {trouble.since}", 6, 6)
        for key, text in (("do", trouble.do), ("bring", trouble.bring)):
            label = f"{wording.say(key)}: "
            lines += wrap(label + text, 6, 6 + width(label))
    return lines


def _devices(page: Page, wording: Wording) -> Iterable[str]:
    say = wording.say
    head = (say("device"), say("score"), say("tags"), say("col.good"), say("col.silent"))
    yield _cells((pad(head[0], 18), *(right(text, 8) for text in head[1:]), say("place")))
    for row in page.devices:
        figures = (row.score, str(row.tags), row.good, row.silent)
        cells = (pad(row.device, 18), *(right(text, 8) for text in figures))
        yield cut(_cells((*cells, row.place)), COLUMNS)


def _tags(page: Page, wording: Wording) -> Iterable[str]:
    say = wording.say
    names = ("score", "col.good", "col.uncertain", "col.bad", "col.missing")
    head = (pad(say("tag"), 13), *(right(say(name), 6) for name in names))
    yield f"{_cells(head)} {_axis(page.ticks)}"
    empty = (pad(say("all"), 13), *(" " * 6 for _ in names))
    yield f"{_cells(empty)}  {_marks(page.strip)}|"
    for row in page.tags:
        shares = (row.score, row.good, row.uncertain, row.bad, row.missing)
        cells = (pad(cut(row.facts.tag, 13), 13), *(right(text, 6) for text in shares))
        yield f"{_cells(cells)}  {_marks(row.strip)}|"


def _axis(ticks: Iterable[str]) -> str:
    """Return labels over their cells, as far as one leaves room for the next."""
    line = ""
    for place, tick in enumerate(ticks):
        if tick and len(line) <= place + 1:
            line = line.ljust(place + 1) + tick
    return line


def _marks(strip: Iterable[Cell]) -> str:
    return "".join("·" if cell.kind == "off" else cell.mark for cell in strip)


def _strip_note(page: Page, wording: Wording, off: str) -> str:
    return wording.say("strip.note", time=page.cell, off=wording.say(off))


def _cells(cells: Iterable[str]) -> str:
    return " ".join(cells)
