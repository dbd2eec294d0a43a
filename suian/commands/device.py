"""`suian device …`: templates made, tested, and held against live devices. Never writes to one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from suian.commands import call

app = typer.Typer(help="Make, test and probe device templates.", no_args_is_help=True)
TARGET = typer.Argument(
    metavar="TARGET",
    help="tcp://HOST:PORT, rtu:///dev/ttyUSB0?baud=9600&parity=none, rtu+tcp://HOST:PORT, "
    "tls://HOST:PORT?ca=FILE&certificate=FILE&key=FILE; with --site a device's id.",
)
TEMPLATES = typer.Option("--templates", metavar="DIR", help="Also the templates in this folder.")
SITE = typer.Option("--site", metavar="PATH", help="site.yaml or its folder; TARGET is a device.")
TEMPLATE = typer.Option("--template", metavar="T", help="A template's id, or its YAML file.")
SET = typer.Option("--set", metavar="NAME=VALUE", help="A setting of the template. Repeat it.")
UNIT = typer.Option("--unit", metavar="N", help="The unit id; else the template's, else 1.")


@app.command("list")
def device_list(templates: Annotated[Path | None, TEMPLATES] = None) -> None:
    """List the templates that are at hand."""

    def work() -> None:
        from suian.device.shelf import listing  # noqa: PLC0415 - see suian.cli's first lines

        for line in listing(templates):
            print(line)

    call(work)


@app.command("show")
def device_show(
    template: Annotated[str, typer.Argument(metavar="TEMPLATE", help="An id, or a YAML file.")],
    templates: Annotated[Path | None, TEMPLATES] = None,
) -> None:
    """Show what a template says: settings, points, gates, sources."""

    def work() -> None:
        from suian.device.shelf import description, find  # noqa: PLC0415 - see suian.cli

        for line in description(find(template, templates)):
            print(line)

    call(work)


@app.command("schema")
def device_schema() -> None:
    """Print the template language as a JSON Schema, for editors."""
    import json  # noqa: PLC0415 - see suian.cli's first lines

    from edge.drivers.schema import template_schema  # noqa: PLC0415

    print(json.dumps(template_schema(), ensure_ascii=False, indent=2))


@app.command("new")
def device_new(
    template_id: Annotated[str, typer.Argument(metavar="ID", help="As acme-gd10.")],
    vendor: Annotated[str, typer.Option(help="Who makes it.")] = "",
    model: Annotated[str, typer.Option(help="What it is called.")] = "",
    source: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="A register table, .csv or .xlsx.")
    ] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where to write.")] = Path(),
) -> None:
    """Make a template and its first case from a register table. Overwrites nothing."""

    def work() -> None:
        from suian.device.new import new  # noqa: PLC0415 - see suian.cli's first lines

        for path in new(template_id, vendor or "vendor", model or template_id, source, out):
            print(f"{path}: written")
        print(f"Say what gates the value, then: suian device test {out}")

    call(work)


@app.command("test")
def device_test(
    folder: Annotated[Path, typer.Argument(help="Own templates, with cases/NAME/case.yaml.")],
) -> None:
    """Hold the templates of a folder against its cases; exit code 2 if one fails."""

    def work() -> None:
        from suian.device.check import hold_folder, lines_of  # noqa: PLC0415 - see suian.cli

        held = hold_folder(folder)
        for line in lines_of(held):
            print(line)
        if any(item.failed for item in held):
            raise typer.Exit(2)

    call(work)


@app.command("probe")
def device_probe(
    where: Annotated[str, TARGET],
    template: Annotated[str, TEMPLATE] = "",
    unit: Annotated[int | None, UNIT] = None,
    settings: Annotated[list[str] | None, SET] = None,
    channels: Annotated[int, typer.Option(help="Show so many of each kind.")] = 4,
    watch: Annotated[bool, typer.Option("--watch", help="Go on, showing what changes.")] = False,
    dump: Annotated[
        str, typer.Option("--raw", metavar="TABLE:ADDRESS:COUNT", help="Registers, untemplated.")
    ] = "",
    value: Annotated[
        str,
        typer.Option(
            "--scan", metavar="VALUE", help="Find where this value stands: 23.4, or 23.4±0.2."
        ),
    ] = "",
    tolerance: Annotated[
        float | None, typer.Option(help="How far from it counts; else its last digit or 0.5 %.")
    ] = None,
    around: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Look near this one, as printed.")
    ] = "",
    span: Annotated[int, typer.Option(help="So far on either side of it.")] = 20,
    listen_s: Annotated[
        float, typer.Option(min=5.0, help="Listen so long on a serial line first.")
    ] = 5.0,
    site: Annotated[Path | None, SITE] = None,
    templates: Annotated[Path | None, TEMPLATES] = None,
) -> None:
    """Read a live device and show raw and engineering values side by side. Never writes."""

    def work() -> None:
        from suian.device import run  # noqa: PLC0415 - see suian.cli's first lines

        job = run.Job(
            where=where,
            site=site,
            template=template,
            templates=templates,
            unit=unit,
            settings=tuple(settings or ()),
            listen_s=listen_s,
        )
        if dump:
            done = run.raw(job, dump)
        elif value:
            done = run.scan(job, value, tolerance, around, span)
        else:
            done = run.probe(job, channels, watch=watch)
        if not done:
            raise typer.Exit(2)

    call(work)


@app.command("sniff")
def device_sniff(
    where: Annotated[str, TARGET],
    seconds: Annotated[
        float, typer.Option("--for", metavar="SECONDS", help="Listen so long.")
    ] = 30.0,
    template: Annotated[str, TEMPLATE] = "",
    unit: Annotated[int | None, typer.Option("--unit", metavar="N", help="Only this one.")] = None,
    settings: Annotated[list[str] | None, SET] = None,
    site: Annotated[Path | None, SITE] = None,
    templates: Annotated[Path | None, TEMPLATES] = None,
) -> None:
    """Listen to another master on a serial line and decode what it is told. Sends nothing."""

    def work() -> None:
        from suian.device import run  # noqa: PLC0415 - see suian.cli's first lines

        job = run.Job(
            where=where,
            site=site,
            template=template,
            templates=templates,
            unit=unit,
            settings=tuple(settings or ()),
        )
        run.sniff(job, seconds)

    call(work)


@app.command("statistics")
def device_statistics(
    folder: Annotated[
        Path | None, typer.Option("--run", metavar="DIR", help="Where core's socket is.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show how each device answers the running gateway."""

    def work() -> None:
        import json  # noqa: PLC0415 - see suian.cli's first lines

        from suian.device import run  # noqa: PLC0415
        from suian.device.figures import RUN, figure_lines  # noqa: PLC0415

        devices = run.statistics(folder or RUN)
        if as_json:
            print(json.dumps({"devices": devices}, ensure_ascii=False))
            return
        for line in figure_lines(devices):
            print(line)

    call(work)
