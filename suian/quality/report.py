"""What `suian quality report` does: read, reckon, show."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from edge.clock import Clock, SystemClock
from edge.errors import JournalError, SuianError
from edge.quality.page import make_page
from edge.site import load_site
from edge.words import LANGUAGES
from suian.quality.read import read_tallies
from suian.quality.show import as_csv, as_html, as_text
from suian.window import window_of

FORMATS = {"terminal": as_text, "csv": as_csv, "html": as_html}


class ReportOptions(NamedTuple):
    """A report as it is asked for; texts are as on the command line."""

    site: Path
    state: Path
    day: str = ""
    week: str = ""
    start: str = ""
    end: str = ""
    format: str = "terminal"
    language: str = "zh-CN"


def report(options: ReportOptions, clock: Clock | None = None) -> str:
    """Return the report. Raises `SuianError` with what is wrong with the options or the files."""
    if options.format not in FORMATS:
        raise SuianError(f"--format {options.format!r}: write one of {', '.join(FORMATS)}")
    if options.language not in LANGUAGES:
        raise SuianError(f"--lang {options.language!r}: write one of {', '.join(LANGUAGES)}")
    journal = options.state / "journal.db"
    if not journal.is_file():
        raise JournalError(
            f"{journal} is not there: --state is the folder of the gateway's journal"
        )
    site = load_site(options.site)
    now_ns = (clock or SystemClock()).now().utc_ns
    from_ns, to_ns = window_of(options.day, options.week, options.start, options.end, now_ns)
    tallies, window = read_tallies(site, journal, from_ns, to_ns, now_ns)
    return FORMATS[options.format](make_page(site, tallies, window, options.language))
