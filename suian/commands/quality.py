"""`suian quality …`: what the journal says of the instruments."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from suian.commands import call

app = typer.Typer(help="Judge the quality of what was measured.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Judge the quality of what was measured."""


@app.command("report")
def quality_report(
    path: Annotated[Path, typer.Argument(help="site.yaml or its folder.")],
    state: Annotated[Path, typer.Option(metavar="DIR", help="Where the journal is.")],
    day: Annotated[str, typer.Option(metavar="DATE", help="A day, as 2026-01-31.")] = "",
    week: Annotated[str, typer.Option(metavar="DATE", help="The week of a day.")] = "",
    start: Annotated[str, typer.Option("--from", metavar="TIME", help="From a time.")] = "",
    end: Annotated[str, typer.Option("--to", metavar="TIME", help="To a time; else now.")] = "",
    form: Annotated[str, typer.Option("--format", help="terminal, csv or html.")] = "terminal",
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it here.")] = None,
    language: Annotated[str, typer.Option("--lang", help="zh-CN or en.")] = "zh-CN",
) -> None:
    """Say which instruments to visit first and why, then score each device and tag.

    Without a window: the last 24 hours. Days are China standard time.
    """
    from suian.quality.report import ReportOptions, report  # noqa: PLC0415 - see suian.cli

    options = ReportOptions(path, state, day, week, start, end, form, language)

    def show() -> None:
        text = report(options)
        if out is None:
            print(text, end="")
            return
        # Excel takes a CSV for UTF-8 only with a mark at its start.
        out.write_text(text, encoding="utf-8-sig" if form == "csv" else "utf-8")
        print(f"{out}: written")

    call(show)
