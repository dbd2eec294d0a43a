"""`suian site …`: the files of a site."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from suian.commands import call

app = typer.Typer(help="Check the files of a site.", no_args_is_help=True)


@app.command("check")
def site_check(
    path: Annotated[Path, typer.Argument(help="site.yaml or its folder.")],
) -> None:
    """Say everything that is wrong with a site, with file and line, and what to do."""
    from suian.sites import advice, check, notes  # noqa: PLC0415 - see suian.cli's first lines

    faults = check(path)
    for fault in faults:
        print(fault)
    for advised in advice(path):
        print(f"advice: {advised}")
    for note in notes(path):
        print(f"note: {note}")
    if faults:
        raise typer.Exit(2)
    print(f"{path}: no faults")


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
    path: Annotated[Path, typer.Argument(help="site.yaml or its folder.")],
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
