"""`suian opcua …`: look at OPC UA servers, and decide whom this gateway trusts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from suian.commands import call

app = typer.Typer(help="Look at OPC UA servers, and trust them.", no_args_is_help=True)
SITE = typer.Option("--site", metavar="PATH", help="site.yaml or its folder.")
SERVER = typer.Argument(metavar="LINK|URL", help="A link of the site, or opc.tcp://HOST:PORT/PATH.")


@app.command("discover")
def opcua_discover(
    url: Annotated[str, typer.Argument(help="opc.tcp://HOST:PORT")],
) -> None:
    """Show what a server offers: policies, modes, kinds of user, its certificate."""

    def work() -> None:
        from suian.opcua import show_endpoints  # noqa: PLC0415 - see suian.cli's first lines

        show_endpoints(url)

    call(work)


@app.command("browse")
def opcua_browse(
    server: Annotated[str, SERVER],
    start: Annotated[
        str, typer.Option("--from", metavar="NODE", help="Only what is under nsu=URI;s=NAME.")
    ] = "",
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a table for the tag list.")] = False,
    most: Annotated[int, typer.Option(help="Stop after so many variables.")] = 5000,
    site: Annotated[Path, SITE] = Path(),
) -> None:
    """List a server's variables with the references that tags.csv takes, and what they read."""

    def work() -> None:
        from suian.opcua import show_nodes, target  # noqa: PLC0415 - see suian.cli's first lines

        show_nodes(target(server, site), start, most, as_csv)

    call(work)


@app.command("certificate")
def opcua_certificate(site: Annotated[Path, SITE] = Path()) -> None:
    """Show the gateway's own certificate for servers to trust; make it if there is none."""

    def work() -> None:
        from suian.opcua import show_certificate  # noqa: PLC0415 - see suian.cli's first lines

        show_certificate(site)

    call(work)


@app.command("trust")
def opcua_trust(
    server: Annotated[str, SERVER],
    fingerprint: Annotated[
        str, typer.Option(metavar="SHA-256", help="Trust without asking if it is this one.")
    ] = "",
    site: Annotated[Path, SITE] = Path(),
) -> None:
    """Show a server's certificate, and trust it once somebody has compared it."""

    def work() -> None:
        from suian.opcua import target, trust  # noqa: PLC0415 - see suian.cli's first lines

        trust(target(server, site), fingerprint, typer.confirm)

    call(work)
