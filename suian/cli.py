"""`suian`: the command line. Each command imports what it needs when it is called.

`suian --help` must answer at once on a Pi, so nothing heavy is imported at the top.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from suian.commands import alarm, call, device, journal, opcua, plume, quality, site

app = typer.Typer(
    name="suian",
    help="绥安 Suian: gateway and training simulator for chemical parks.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(site.app, name="site")
app.add_typer(alarm.app, name="alarm")
app.add_typer(quality.app, name="quality")
app.add_typer(journal.app, name="journal")
app.add_typer(opcua.app, name="opcua")
app.add_typer(device.app, name="device")
app.command()(plume.plume)

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
    call(lambda: run_demo(options))


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
    call(lambda: run_drill(options))


def main() -> None:
    """Be the console script."""
    app()


if __name__ == "__main__":
    main()
