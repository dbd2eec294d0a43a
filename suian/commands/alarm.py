"""`suian alarm …`: an engineer's own tables of what must be in alarm when."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from suian.commands import call

app = typer.Typer(help="Test a site's alarms.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Test a site's alarms."""


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
