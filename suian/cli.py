"""`suian`: the command line. Each command imports what it needs when it is called.

`suian --help` must answer at once on a Pi, so nothing heavy is imported at the top.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="suian",
    help="绥安 Suian: gateway and training simulator for chemical parks.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
site_app = typer.Typer(help="Check the files of a site.", no_args_is_help=True)
app.add_typer(site_app, name="site")

SECONDS = typer.Option("--for", metavar="SECONDS", help="End by itself after so many real seconds.")


@app.command()
def demo(
    scenario: Annotated[str, typer.Option(help="A scenario's name or file.")] = "chlorine-hose",
    replay: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Replay a recorded field trial.")
    ] = None,
    speed: Annotated[float, typer.Option(help="Scale a replay's clock.")] = 1.0,
    start: Annotated[
        str, typer.Option("--from", metavar="TIME", help="Where a replay begins: UTC or leak:N.")
    ] = "",
    for_s: Annotated[float | None, SECONDS] = None,
    headless: Annotated[bool, typer.Option("--headless", help="Open no browser.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="End with one JSON object.")] = False,
    broker: Annotated[
        str, typer.Option(metavar="URL", help="Use this MQTT broker (mqtt://HOST:PORT).")
    ] = "",
    keep: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep site, journals and logs here.")
    ] = None,
) -> None:
    """Run the whole chain here: leak, register, alarm, horn, plume, console, MQTT."""
    from suian.demo.options import DemoOptions  # noqa: PLC0415 - see the module's first lines
    from suian.demo.report import run_demo  # noqa: PLC0415

    options = DemoOptions(
        scenario=scenario,
        replay=replay,
        speed=speed,
        start=start,
        for_s=for_s,
        headless=headless,
        as_json=as_json,
        broker=broker,
        keep=keep,
    )
    _call(lambda: run_demo(options))


@app.command()
def drill(
    scenario: Annotated[str, typer.Option(help="A scenario's name or file.")] = "chlorine-hose",
    for_s: Annotated[float | None, SECONDS] = None,
    headless: Annotated[bool, typer.Option("--headless", help="Open no window.")] = False,
    seed: Annotated[int | None, typer.Option(help="Another throw of the wind and noise.")] = None,
) -> None:
    """Drill a scenario with the park's window open, and score it from the journal."""
    from suian.demo.options import DemoOptions  # noqa: PLC0415
    from suian.demo.report import run_drill  # noqa: PLC0415

    options = DemoOptions(
        scenario=scenario, for_s=for_s, headless=headless, view=not headless, seed=seed
    )
    _call(lambda: run_drill(options))


@site_app.command("check")
def site_check(
    path: Annotated[Path, typer.Argument(help="site.yaml or its folder.")],
) -> None:
    """Say everything that is wrong with a site, with file and line, and what to do."""
    from suian.sites import check  # noqa: PLC0415

    faults = check(path)
    for fault in faults:
        print(fault)
    if faults:
        raise typer.Exit(2)
    print(f"{path}: no faults")


def _call(command: object) -> None:
    """Run a command; an error made for people is printed as such, with exit code 2."""
    from edge.errors import SuianError  # noqa: PLC0415

    assert callable(command)
    try:
        command()
    except SuianError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None


def main() -> None:
    """Be the console script."""
    app()


if __name__ == "__main__":
    main()
