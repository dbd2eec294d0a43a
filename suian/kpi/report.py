"""What `suian alarm report` does: read, reckon, show."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from edge.clock import Clock, SystemClock
from edge.errors import JournalError, SuianError
from edge.journal import JournalReader
from edge.kpi.actors import actors
from edge.kpi.judge import judge
from edge.kpi.page import make_page
from edge.kpi.read import reckon
from edge.rules.alarm_kpi import kpi_rule
from edge.site import load_site
from edge.words import LANGUAGES
from suian.kpi.show import as_csv, as_html, as_json
from suian.window import Asked, alarm_window


class ReportOptions(NamedTuple):
    """A report as it is asked for; texts are as on the command line."""

    site: Path
    state: Path
    asked: Asked = Asked()
    language: str = "zh-CN"
    html: Path | None = None
    csv: Path | None = None
    json: bool = False
    colour: bool = False


def report(options: ReportOptions, clock: Clock | None = None) -> str:
    """Write the files that are asked for; return what is to be printed.

    Raises `SuianError` with what is wrong with the options or the files.
    """
    if options.language not in LANGUAGES:
        raise SuianError(f"--lang {options.language!r}: write one of {', '.join(LANGUAGES)}")
    journal = options.state / "journal.db"
    if not journal.is_file():
        raise JournalError(
            f"{journal} is not there: --state is the folder of the gateway's journal"
        )
    site, rule = load_site(options.site), kpi_rule()
    now_ns = (clock or SystemClock()).now().utc_ns
    from_ns, to_ns = alarm_window(options.asked, now_ns, rule.counts.shift_starts)
    reader = JournalReader(journal)
    try:
        figures, _ = reckon(reader, rule.counts, site.limits, from_ns, to_ns)
    finally:
        reader.close()
    judged = judge(figures, rule)
    page = make_page(site, figures, rule, now_ns, options.language)
    written: list[str] = []
    if options.html is not None:
        written.append(_write(options.html, as_html(page), "utf-8"))
    if options.csv is not None:
        # Excel takes a CSV for UTF-8 only with a mark at its start.
        written.append(_write(options.csv, as_csv(figures, judged), "utf-8-sig"))
    if options.json:
        return as_json(figures, judged, actors(figures, rule, site.limits))
    from suian.kpi.terminal import as_text  # noqa: PLC0415 - rich only where it is shown

    return as_text(page, colour=options.colour) + "".join(written)


def _write(path: Path, text: str, encoding: str) -> str:
    try:
        path.write_text(text, encoding=encoding)
    except OSError as error:
        raise SuianError(f"{path} cannot be written: {error.strerror}") from None
    return f"{path}: written\n"
