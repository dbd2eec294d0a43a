"""`suian site …`: the files of a site."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from suian.commands import call

app = typer.Typer(
    help="Begin, check and describe a site; point lists out and in.", no_args_is_help=True
)

SITE = typer.Argument(help="site.yaml or its folder.")
SHEETS = typer.Option("--sheet", metavar="NAME", help="Read this sheet only; may be repeated.")
MAP = typer.Option(
    "--map", metavar="HEADER=COLUMN", help="What a header means; HEADER= leaves it out."
)
DEFAULT = typer.Option(
    "--default", metavar="COLUMN=TEXT", help="What stands where a cell of the column is empty."
)


@app.command("check")
def site_check(
    path: Annotated[Path, SITE],
    xlsx: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Check a point list against the site.")
    ] = None,
    sheet: Annotated[list[str] | None, SHEETS] = None,
    mapped: Annotated[list[str] | None, MAP] = None,
    default: Annotated[list[str] | None, DEFAULT] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say everything that is wrong with a site, with file and line, and what to do."""
    from suian.points.check import Verdict, check_files, check_points  # noqa: PLC0415 - see suian.cli
    from suian.points.importing import Request  # noqa: PLC0415

    def run() -> None:
        verdict: Verdict
        if xlsx is None:
            verdict = check_files(path)
        else:
            verdict = check_points(
                Request(
                    path,
                    xlsx,
                    sheets=tuple(sheet or ()),
                    wanted=_pairs(mapped),
                    defaults=_pairs(default),
                    missing="keep",
                )
            )
        print(verdict.json() if as_json else verdict.text())
        if verdict.faults:
            raise typer.Exit(2)

    call(run)


@app.command("apply")
def site_apply(
    path: Annotated[Path, typer.Argument(help="site.yaml or its folder, as core was given it.")],
    run: Annotated[
        Path, typer.Option(envvar="RUNTIME_DIRECTORY", help="The folder of core's socket.")
    ] = Path("/run/suian"),
) -> None:
    """Check a changed site and have the running core take it up; a bad one changes nothing."""
    from suian.apply import apply_site  # noqa: PLC0415
    from suian.sites import check  # noqa: PLC0415

    if faults := check(path):
        for fault in faults:
            print(fault)
        raise typer.Exit(2)
    call(lambda: print(apply_site(run)))


@app.command("plan")
def site_plan(
    path: Annotated[Path, SITE],
    device: Annotated[str, typer.Option(metavar="DEVICE", help="Its link and requests only.")] = "",
    turnaround: Annotated[
        float | None,
        typer.Option(metavar="MS", help="How long instruments take to answer; else 20, TCP 5."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show every request, what each link has to carry, and what cannot be kept."""

    def work() -> None:
        from suian.plans import as_json as told  # noqa: PLC0415 - see suian.cli's first lines
        from suian.plans import as_text, make  # noqa: PLC0415

        plan = make(path, device, None if turnaround is None else turnaround / 1000)
        if as_json:
            print(json.dumps(told(plan), ensure_ascii=False))
        else:
            print("\n".join(as_text(plan, device)))
        if plan.misfits:
            raise typer.Exit(2)

    call(work)


@app.command("import")
def site_import(
    path: Annotated[Path, SITE],
    xlsx: Annotated[Path | None, typer.Option(metavar="FILE", help="An Excel point list.")] = None,
    csv: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A CSV of any make: GBK, semicolons, tabs.")
    ] = None,
    sheet: Annotated[list[str] | None, SHEETS] = None,
    mapped: Annotated[list[str] | None, MAP] = None,
    default: Annotated[list[str] | None, DEFAULT] = None,
    into: Annotated[str, typer.Option(metavar="LIST", help="The tag list of new tags.")] = "",
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave tags that are not in the file as they are.")
    ] = False,
    remove: Annotated[
        bool, typer.Option("--remove", help="Take tags that are not in the file out of the site.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change; write nothing.")
    ] = False,
) -> None:
    """Take a point list (点表) into the site's tag lists: all of it if sound, else nothing."""
    from suian.points.check import run_import  # noqa: PLC0415 - see suian.cli's first lines
    from suian.points.importing import Request  # noqa: PLC0415

    source = xlsx or csv
    if source is None or (xlsx and csv):
        raise typer.BadParameter("give one file: --xlsx FILE or --csv FILE")
    if keep and remove:
        raise typer.BadParameter("--keep and --remove: one of them")
    request = Request(
        path,
        source,
        delimited=csv is not None,
        sheets=tuple(sheet or ()),
        wanted=_pairs(mapped),
        defaults=_pairs(default),
        missing="keep" if keep else "remove" if remove else "refuse",
        into=into,
    )

    def run() -> None:
        faults = run_import(request, write_it=not dry_run, say=print)
        if faults:
            raise typer.Exit(2)

    call(run)


@app.command("export")
def site_export(
    path: Annotated[Path, SITE],
    xlsx: Annotated[Path, typer.Option(metavar="FILE", help="The workbook to write.")],
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
) -> None:
    """Write the site's tag lists as an Excel point list (点表), which import reads back."""
    from suian.points.exporting import export  # noqa: PLC0415 - see suian.cli's first lines

    call(lambda: print(export(path, xlsx, overwrite=force)))


@app.command("new")
def site_new(
    folder: Annotated[Path, typer.Argument(help="A folder that is empty or not there yet.")],
) -> None:
    """Begin a site: the smallest one that passes the check, with comments to go on from."""
    from suian.scaffold import scaffold  # noqa: PLC0415 - see suian.cli's first lines

    call(lambda: _print_lines(scaffold(folder)))


@app.command("schema")
def site_schema() -> None:
    """Print the JSON Schema of site.yaml, for editors that complete and check while one types."""
    from suian.scaffold import schema  # noqa: PLC0415 - see suian.cli's first lines

    print(schema())


def _print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)


def _pairs(given: list[str] | None) -> dict[str, str]:
    """Return KEY=TEXT options as a mapping."""
    pairs: dict[str, str] = {}
    for text in given or ():
        key, mark, value = text.rpartition("=") if text.endswith("=") else text.partition("=")
        if not mark or not key:
            raise typer.BadParameter(f"{text!r} is not KEY=TEXT")
        pairs[key.strip()] = value.strip()
    return pairs
