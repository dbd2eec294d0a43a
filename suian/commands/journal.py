"""`suian journal …`: whether the record is whole, and what it holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from suian.commands import call

app = typer.Typer(help="Look at a gateway's journal.", no_args_is_help=True)
PLACE = typer.Argument(help="journal.db, or the state folder it is in.")
JSON = typer.Option("--json", help="Say it as JSON.")
LANGUAGE = typer.Option("--lang", help="zh-CN or en.")


@app.callback()
def _group() -> None:
    """Look at a gateway's journal; core may be running."""


@app.command("verify")
def journal_verify(
    path: Annotated[Path, PLACE],
    samples: Annotated[bool, typer.Option(help="Unpack every sample as well.")] = True,
    as_json: Annotated[bool, JSON] = False,
    language: Annotated[str, LANGUAGE] = "zh-CN",
) -> None:
    """Check the chain of events, their numbers, the state table and the packed samples.

    Exit code 1 if something is not whole. Nothing is written.
    """
    from suian.journal.audit import verdict  # noqa: PLC0415 - see suian.cli

    def show() -> None:
        said = verdict(path, language, samples=samples, as_json=as_json)
        print(said.text)
        if not said.whole:
            raise typer.Exit(1)

    call(show)


@app.command("info")
def journal_info(
    path: Annotated[Path, PLACE],
    as_json: Annotated[bool, JSON] = False,
    language: Annotated[str, LANGUAGE] = "zh-CN",
) -> None:
    """Say whose journal it is, from when to when it goes, and how big it is."""
    from suian.journal.audit import facts  # noqa: PLC0415 - see suian.cli

    call(lambda: print(facts(path, language, as_json=as_json).text))
