"""`suian alarm …`: test a site's alarms, and see how they did."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from suian.commands import call

app = typer.Typer(help="Test a site's alarms, and see how they did.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Test a site's alarms, and see how they did."""


@app.command("test")
def alarm_test(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Tables of tests.")],
    site: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Run them on this site, not on their own.")
    ] = None,
    junit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the results as JUnit XML too.")
    ] = None,
    language: Annotated[str, typer.Option("--lang", help="zh-CN or en.")] = "zh-CN",
) -> None:
    """Run tables of readings and expected alarms in virtual time (docs/alarm-tests.md).

    Code 1 where something came otherwise than expected, 2 where a table has faults.
    """
    from suian.alarms.files import run_files  # noqa: PLC0415
    from suian.alarms.show import lines_of, write_junit  # noqa: PLC0415 - see suian.cli

    def run() -> None:
        ran = run_files(files, site)
        for line in lines_of(ran, language):
            print(line)
        if junit is not None:
            write_junit(junit, ran, language)
        if any(one.failed for one in ran):
            raise typer.Exit(1)

    call(run)


@app.command("report")
def alarm_report(
    path: Annotated[Path, typer.Argument(help="site.yaml or its folder.")],
    state: Annotated[Path, typer.Option(metavar="DIR", help="Where the journal is.")],
    start: Annotated[str, typer.Option("--from", metavar="TIME", help="From a time.")] = "",
    end: Annotated[str, typer.Option("--to", metavar="TIME", help="To a time; else now.")] = "",
    days: Annotated[int | None, typer.Option(help="The last so many days.")] = None,
    week: Annotated[bool, typer.Option("--week", help="The last whole week.")] = False,
    shift: Annotated[bool, typer.Option("--shift", help="The shift that runs.")] = False,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page.")] = None,
    table: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write a table.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    language: Annotated[str, typer.Option("--lang", help="zh-CN or en.")] = "zh-CN",
) -> None:
    """Say how the alarm system did (ISA-18.2, EEMUA 191), and which alarms to see to and how.

    Without a window: the last 7 days. Days are China standard time.
    """
    from suian.kpi.report import ReportOptions, report  # noqa: PLC0415 - see suian.cli
    from suian.window import Asked  # noqa: PLC0415

    asked = Asked(start, end, days, week, shift)
    colour = sys.stdout.isatty()
    options = ReportOptions(path, state, asked, language, html, table, as_json, colour)
    call(lambda: print(report(options), end=""))


@app.command("changes")
def alarm_changes(
    path: Annotated[Path, typer.Argument(help="site.yaml or its folder, as it is to be applied.")],
    state: Annotated[Path, typer.Option(metavar="DIR", help="Where the journal is.")],
) -> None:
    """Print the rows that changes.csv needs for this site's alarm settings to be taken up."""
    from suian.changes import rows_to_write  # noqa: PLC0415 - see suian.cli

    call(lambda: print(rows_to_write(path, state), end=""))
